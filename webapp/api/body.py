"""What a request may carry: JSON or files, of a reasonable size, that PostgreSQL can keep."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, ClassVar

from flask import abort, request

from models.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

JSON = "application/json"
LARGEST_JSON = 1024 * 1024
WRITES = frozenset({"POST", "PUT"})
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL keeps no NUL, and half of a surrogate pair is no character."""


class UnstorableText(Refused):
    """The body holds what no database can keep."""

    code: ClassVar[str] = "unstorable_text"

    def __init__(self) -> None:
        super().__init__("The body holds a character or a number that cannot be stored.")


class InvalidRequest(Refused):
    """Fields that cannot be taken, with what to write instead."""

    code: ClassVar[str] = "invalid_request"

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(f"These fields need another look: {', '.join(sorted(errors))}.")
        self.errors = errors


def limit(takes: str) -> None:
    """Read no more than a body of this kind may have."""
    if takes == JSON:
        request.max_content_length = LARGEST_JSON


def check(takes: str) -> None:
    """Refuse a body of another kind, or one that is not whole.

    Raises:
        HTTPException: 400, 413 or 415.
        UnstorableText.
    """
    if request.method not in WRITES or not _has_body():
        return
    if request.mimetype != takes:
        abort(415)
    if takes == JSON and holds_unstorable(_parsed()):
        raise UnstorableText


def holds_unstorable(value: Any) -> bool:
    """Whether a JSON value has a character or number in it that no database can keep."""
    return any(map(_is_unstorable, _leaves(value)))


def _has_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def _parsed() -> Any:
    try:
        return request.get_json()
    except RecursionError:
        abort(400)


def _leaves(value: Any) -> Iterator[Any]:
    """Every key and scalar in a JSON value, without recursion."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
        else:
            yield one


def _is_unstorable(leaf: Any) -> bool:
    if isinstance(leaf, float):
        return not math.isfinite(leaf)
    return isinstance(leaf, str) and UNSTORABLE.search(leaf) is not None
