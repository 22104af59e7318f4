"""Answers that somebody might give to a form: random, and valid by the form's own rules."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from processes.forms.formulas import Formulas, Scope
from processes.forms.options import SEVERAL, SINGLE, options_of
from processes.forms.paths import put
from processes.forms.rules import broken_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from random import Random

    from processes.forms import Form
    from processes.forms.form import Part
    from processes.forms.formulas import Feel
    from processes.forms.paths import Path

TEXTS = ("aftalt med den unge", "ja", "T-17", "8000", "12345678", "mentor@kommune.example", "Ø")
MOST_ITEMS = 3
USUAL = 0.8
NEAR = (-3, -1, 0, 0, 1, 7, 30, 31, 60)
"""Days from now that people write."""


class Answerer:
    """Fills forms at random; where one is known to be usual, its choice often is."""

    def __init__(
        self, random: Random, feel: Feel, now: datetime, usual: Mapping[str, list[Any]]
    ) -> None:
        self.random, self.now, self.usual = random, now, usual
        self.ask = Formulas(feel, now)

    def answers(self, form: Form, context: Mapping[str, Any]) -> dict[str, Any]:
        """An answer to most questions; what turns out wrong is for the caller to draw anew."""
        answers: dict[str, Any] = {}
        self._fill(form.parts, (), answers, Scope.of(dict(context)))
        return answers

    def _fill(self, parts: Iterable[Part], at: Path, answers: dict[str, Any], scope: Scope) -> None:
        for part in parts:
            path = (*at, *part.path)
            if part.keyed and not part.locked:
                put(answers, path, self._usual(part, path) or self._one(part, scope))
            elif part.repeats:
                count = self.random.randint(1, MOST_ITEMS)
                put(answers, path, [{} for _ in range(count)])
                for number in range(count):
                    self._fill(part.parts, (*path, number), answers, scope)
            elif not part.keyed:
                self._fill(part.parts, path, answers, scope)

    def _usual(self, part: Part, path: Path) -> Any:
        """A choice or a tick that a scenario makes here too."""
        known = self.usual.get(".".join(map(str, path)))
        if not known or part.type not in {*SINGLE, "checkbox"} or self.random.random() > USUAL:
            return None
        return self.random.choice(known)

    def _one(self, part: Part, scope: Scope) -> Any:
        if part.type == "checkbox":
            return self.random.random() < 0.6
        if part.type in SINGLE | SEVERAL:
            return self._choice(part, scope)
        if part.type == "number":
            return self._number(part, scope)
        if part.type == "datetime":
            return self._moment(part)
        return self._text(part, scope) if part.type in {"textfield", "textarea"} else None

    def _choice(self, part: Part, scope: Scope) -> Any:
        options = options_of(part, scope, self.ask)
        if part.type in SINGLE:
            return self.random.choice(options) if options else None
        return self.random.sample(options, self.random.randint(min(1, len(options)), len(options)))

    def _number(self, part: Part, scope: Scope) -> Any:
        low, high = (
            _whole(part.rules.get(name), usual) for name, usual in (("min", 0), ("max", 9))
        )
        step = _whole(part.spec.get("increment"), 1) or 1
        value = self.random.randrange(low, max(high, low) + 1)
        value -= value % step
        return value if not broken_rules(part, value, scope, self.ask) else max(low, value)

    def _moment(self, part: Part) -> str:
        near = self.now + timedelta(
            days=self.random.choice(NEAR), minutes=30 * self.random.randrange(20)
        )
        if part.kind == "date":
            return near.date().isoformat()
        if part.kind == "time":
            return near.strftime("%H:%M")
        return near.strftime("%Y-%m-%dT%H:%M")

    def _text(self, part: Part, scope: Scope) -> str:
        for text in self.random.sample(TEXTS, len(TEXTS)):
            if not broken_rules(part, text, scope, self.ask):
                return text
        longest = _whole(part.rules.get("maxLength"), 200)
        return ("en tekst, der er lang nok " * 20)[:longest].strip()


def _whole(bound: Any, usual: int) -> int:
    return int(bound) if isinstance(bound, int | float) else usual
