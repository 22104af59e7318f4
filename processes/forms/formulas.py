"""FEEL in forms, as lenient as in the browser: what is unknown is null, what fails is null."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from processes.engine.feel import FeelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from processes.engine.feel import FeelCheck
    from processes.forms.paths import Path


class Feel(Protocol):
    """What forms ask of `processes.engine.feel.Feel`."""

    def evaluate_all(
        self, expressions: Sequence[str], values: Mapping[str, Any], now: datetime | None = None
    ) -> list[Any]: ...

    def unary_all(
        self,
        tests: Sequence[tuple[str, object]],
        values: Mapping[str, Any],
        now: datetime | None = None,
    ) -> list[bool | None]: ...

    def check_all(
        self, expressions: Sequence[str], *, unary: bool = False
    ) -> Sequence[FeelCheck]: ...


@dataclass(frozen=True)
class Scope:
    """What an expression sees: the form's data and, in a repeated group, its own item."""

    data: Mapping[str, Any]
    this: Any
    parent: Any = None
    i: tuple[int, ...] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Scope:
        """The scope of a form's own parts."""
        return cls(data, data)

    def inside(self, item: Any, number: int) -> Scope:
        """The scope of one item, counted from 0."""
        around = Scope(self.this if isinstance(self.this, dict) else {}, *self._own())
        return Scope(self.data, item, around.values(), (*self.i, number + 1))

    def values(self) -> dict[str, Any]:
        """The names an expression may use; data win over special names, `_this_` never loses."""
        special = {"this": self.this, "parent": self.parent, "i": list(self.i)}
        sure = {f"_{name}_": value for name, value in special.items()}
        return {**special, **self.data, **sure}

    def _own(self) -> tuple[Any, Any, tuple[int, ...]]:
        return self.this, self.parent, self.i


@dataclass(frozen=True)
class Formulas:
    """Asks FEEL, many at a time."""

    feel: Feel
    now: datetime | None = None

    def tests(self, texts: Sequence[str], scope: Scope) -> list[bool]:
        """Whether each unary test is true; null is not."""
        if not texts:
            return []
        values = scope.values()
        try:
            said = self.feel.unary_all([(text, None) for text in texts], values, self.now)
        except FeelError:
            said = [self._test(text, values) for text in texts]
        return [one is True for one in said]

    def results(self, texts: Sequence[str], scope: Scope) -> list[Any]:
        """The tagged value of each expression."""
        if not texts:
            return []
        values = scope.values()
        try:
            return self.feel.evaluate_all(texts, values, self.now)
        except FeelError:
            return [self._result(text, values) for text in texts]

    def finds(self, pattern: str, text: str) -> bool | None:
        """Whether a regular expression finds something; null if the browser cannot read it.

        What takes too long finds nothing.
        """
        names = {"pattern": pattern, "text": text}
        try:
            found: bool | None = self.feel.evaluate_all(["matches(text, pattern)"], names)[0]
        except FeelError:
            return False
        return found

    def _test(self, text: str, values: Mapping[str, Any]) -> bool | None:
        try:
            known = self._completed(text, values, unary=True)
            return self.feel.unary_all([(text, None)], known, self.now)[0]
        except FeelError:
            return None

    def _result(self, text: str, values: Mapping[str, Any]) -> Any:
        try:
            known = self._completed(text, values, unary=False)
            return self.feel.evaluate_all([text], known, self.now)[0]
        except FeelError:
            return None

    def _completed(self, text: str, values: Mapping[str, Any], *, unary: bool) -> dict[str, Any]:
        """The values, with null for every name that nobody knows and nobody calls."""
        [checked] = self.feel.check_all([text], unary=unary)
        unknown = [name for name in checked.names if name not in values and not _called(name, text)]
        return {**dict.fromkeys(unknown), **values}


def untagged(value: Any, at: Path) -> tuple[Any, dict[Path, str]]:
    """Plain JSON for a FEEL result, and where in it dates and durations stand."""
    if isinstance(value, dict) and "@feel" in value:
        kind, text = value["@feel"]
        return text, {at: kind}
    if isinstance(value, dict):
        return _untagged_all({}, value.items(), at)
    if isinstance(value, list):
        plain, kinds = _untagged_all({}, enumerate(value), at)
        return list(plain.values()), kinds
    return value, {}


def _untagged_all(plain: dict[Any, Any], entries: Any, at: Path) -> tuple[Any, dict[Path, str]]:
    kinds: dict[Path, str] = {}
    for step, entry in entries:
        plain[step], inner = untagged(entry, (*at, step))
        kinds |= inner
    return plain, kinds


def _called(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}\s*\(", text) is not None
