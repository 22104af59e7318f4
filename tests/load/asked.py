"""What an expression of a diagram comes to, for somebody who knows the case and the settings.

FEEL itself is asked of the product; the calendar is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from processes.engine.feel import FeelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from processes.engine import Feel
    from processes.engine.step import CaseData

NAME = re.compile(r"=\s*([^\W\d]\w*)\s*")
LENGTH = re.compile(r"-?P[\dT][\dYMDTHS]*")
EMPTY = "null"


class Asked:
    """Answers for one case at one moment."""

    def __init__(
        self,
        feel: Feel,
        settings: Mapping[str, str],
        data: CaseData,
        local: Mapping[str, Any],
        declared: Iterable[str],
        now: datetime,
    ) -> None:
        self.feel, self.settings, self.now = feel, settings, now
        known = {
            name: _tagged(value, data.kinds.get(f"/{name}")) for name, value in data.values.items()
        }
        self.names = {
            **dict.fromkeys(declared),
            **known,
            **{name: _typed(text) for name, text in settings.items()},
            **local,
        }

    def text(self, written: str) -> str | None:
        """A literal, a setting as it is written, or what FEEL says; None where FEEL cannot tell.

        The word `null` stands for null.
        """
        if not written.startswith("="):
            return written
        named = NAME.fullmatch(written)
        if named is not None and named[1] in self.settings:
            return self.settings[named[1]]
        try:
            [answer] = self.feel.evaluate_all([written], self.names, self.now)
        except FeelError:
            return None
        if isinstance(answer, dict) and "@feel" in answer:
            answer = answer["@feel"][1]
        return EMPTY if answer is None else str(answer)


def _tagged(value: Any, kind: str | None) -> Any:
    return {"@feel": [kind, value]} if kind and isinstance(value, str) else value


def _typed(text: str) -> Any:
    return {"@feel": ["duration", text]} if LENGTH.fullmatch(text) else text
