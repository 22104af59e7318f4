"""Nothing that may be a CPR number enters a case: its history can never be changed again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from handlers.privacy import CPR_NUMBER
from models.errors import CprNumber, InvalidAnswers
from processes.forms.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NO_CPR = Sentence(
    "Holds what may be a CPR number; write the case's reference.",
    "Indeholder noget, der kan være et CPR-nummer; skriv sagens reference.",
)

OTHER_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""A UUID, which machines send by the thousand: now and then its digits look like a birthday."""


def refuse_cpr_text(*texts: str) -> None:
    """Let the words of a person pass if none of them may be a CPR number.

    Raises:
        CprNumber.
    """
    if any(CPR_NUMBER.search(text) for text in texts):
        raise CprNumber


def refuse_cpr_answers(answers: Mapping[str, Any]) -> None:
    """Let a form's answers, or a sender's facts, pass, or tell at which the number stands.

    Raises:
        CprNumber: a key itself may be one.
        InvalidAnswers.
    """
    refuse_cpr_text(*answers)
    found = [key for key, value in answers.items() if any(map(CPR_NUMBER.search, _texts(value)))]
    if found:
        raise InvalidAnswers({key: [NO_CPR] for key in found})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if not OTHER_ID.fullmatch(value):
            yield value
    elif isinstance(value, dict | list):
        for one in (*value.keys(), *value.values()) if isinstance(value, dict) else value:
            yield from _texts(one)
