"""What may leave the house in a mail: a case's reference, never a number or a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from handlers.errors import PrivateText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

CPR_NUMBER = re.compile(
    r"(?<!\d)(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])(?:0[1-9]|1[0-2])\d{2}"
    r"\s?[-–./]?\s?\d{4}(?!\d)"
)
"""Six digits that can be a birthday (a replacement number's day is 60 higher), then four."""

NAME_KEY = re.compile(r"(?:^|_)(?:for|efter)?navn$")
"""Keys of the case data that hold a name, such as `navn` and `foraelder_navn`."""

SHORTEST_NAME = 3


def refuse_private_text(where: str, text: str, private: Iterable[str] = ()) -> None:
    """Let a text pass if it names nobody.

    Raises:
        PrivateText: it holds what may be a CPR number, or one of the private words. The
            error does not repeat them.
    """
    if CPR_NUMBER.search(text):
        raise PrivateText(where, "what may be a CPR number")
    if any(_names(text, word) for word in private):
        raise PrivateText(where, "a person's name")


def private_words(data: Mapping[str, Any]) -> frozenset[str]:
    """The names in a case's data: whole, and each part that is long enough to tell."""
    names = set(_names_in(data))
    parts = {part for name in names for part in name.split()}
    return frozenset(word for word in names | parts if len(word) >= SHORTEST_NAME)


def _names(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def _names_in(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            if isinstance(value, str) and NAME_KEY.search(key):
                yield value.strip()
            else:
                yield from _names_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from _names_in(value)
