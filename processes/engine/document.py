"""The case's own document inside a turn: plain JSON outside, tagged FEEL values inside."""

from __future__ import annotations

from typing import Any

from processes.engine.step import CaseData

TAG = "@feel"
KINDS = frozenset({"date", "time", "date and time", "duration"})


class Document:
    """Reads and writes one key at a time, so that a large document costs nothing unread."""

    def __init__(self, data: CaseData) -> None:
        self._values = dict(data.values)
        self._kinds = dict(data.kinds)
        self._authority = set(data.authority)
        self.facts = data.facts
        self.changed: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> list[str]:
        """The top-level keys."""
        return list(self._values)

    def read(self, name: str) -> Any:
        """The tagged value of a top-level key; null if there is none."""
        return tag(self._values.get(name), _pointer(name), self._kinds)

    def plain(self, name: str) -> Any:
        """The JSON value of a top-level key; null if there is none."""
        return self._values.get(name)

    def compartment_of(self, name: str, new: str = "B") -> str:
        """The part of the case data a key lies in; a `new` one where it would go."""
        if name not in self._values:
            return new
        return "A" if name in self._authority else "B"

    def write(self, name: str, tagged: object, compartment: str | None = None) -> None:
        """Set a top-level key; a new key joins the compartment, a known one stays in its own."""
        pointer = _pointer(name)
        for known in [k for k in self._kinds if k == pointer or k.startswith(pointer + "/")]:
            del self._kinds[known]
        if compartment == "A" and name not in self._values:
            self._authority.add(name)
        self._values[name] = untag(tagged, pointer, self._kinds)
        self.changed.add(name)

    def freeze(self) -> CaseData:
        """The document to store."""
        return CaseData(self._values, self._kinds, frozenset(self._authority), self.facts)


def tag_all(values: dict[str, Any], kinds: dict[str, str]) -> dict[str, Any]:
    """Entries from outside, tagged; a kind's pointer may lack its leading slash."""
    pointers = {"/" + pointer.lstrip("/"): kind for pointer, kind in kinds.items()}
    return {name: tag(value, _pointer(name), pointers) for name, value in values.items()}


def is_tagged(value: object) -> bool:
    """Whether a value is one that JSON has no word for; anybody may send what looks like it."""
    if not isinstance(value, dict) or value.keys() != {TAG}:
        return False
    pair = value[TAG]
    if not isinstance(pair, list) or [type(part) for part in pair] != [str, str]:
        return False
    return pair[0] in KINDS


def tag(value: Any, pointer: str, kinds: dict[str, str]) -> Any:
    """A JSON value with its dates marked, as FEEL wants it."""
    if pointer in kinds and value is not None:
        return {TAG: [kinds[pointer], value]}
    if not isinstance(value, dict | list) or not _inside(pointer, kinds):
        return value
    if isinstance(value, dict):
        return {key: tag(entry, pointer + _pointer(key), kinds) for key, entry in value.items()}
    return [tag(entry, f"{pointer}/{index}", kinds) for index, entry in enumerate(value)]


def untag(value: Any, pointer: str = "", kinds: dict[str, str] | None = None) -> Any:
    """A tagged value as plain JSON; its dates are noted in `kinds` by JSON pointer."""
    if is_tagged(value):
        kind, text = value[TAG]
        if kinds is not None:
            kinds[pointer] = kind
        return text
    if isinstance(value, dict):
        return {key: untag(entry, pointer + _pointer(key), kinds) for key, entry in value.items()}
    if isinstance(value, list):
        return [untag(entry, f"{pointer}/{index}", kinds) for index, entry in enumerate(value)]
    return value


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _inside(pointer: str, kinds: dict[str, str]) -> bool:
    return any(known.startswith(pointer + "/") for known in kinds)
