"""Put right what a case knows: with a reason, within what the person may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.errors import InvalidAnswers, NotPossible
from processes.access import compartments, must_may
from processes.advance import advance
from processes.case_lock import case_of, lock_active_case
from processes.cpr import refuse_cpr_answers, refuse_cpr_text
from processes.engine.commands import Correct
from processes.forms import Form, Sentence, check_answers
from processes.forms.moments import is_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from models.case import Case
    from processes.access import Person
    from processes.case_lock import LockedCase
    from processes.definitions import Deployed
    from processes.forms.form import Part
    from processes.turn import Turn

NO_SUCH_FIELD = Sentence(
    "The case knows nothing by this name.", "Sagen kender ingen oplysning med det navn."
)
NOT_YOURS = Sentence(
    "This belongs to a part of the case that is closed to you.",
    "Det hører til en del af sagen, som er lukket for dig.",
)
NOT_A_MOMENT = Sentence(
    "Must be a date or time as before.", "Skal være en dato eller et tidspunkt som før."
)
NEVER_TYPED = frozenset({"expression"})
"""Fields that a form computes."""

NOT_TAKEN_OVER = frozenset({"conditional", "disabled", "readonly"})
"""Rules that say when a field may be answered, not what its answer may be."""


@dataclass(frozen=True)
class Question:
    """The form's field behind a key of the case data."""

    part: Part
    compartment: str

    def as_form(self) -> Form:
        """A form that asks this one thing."""
        spec = {k: v for k, v in self.part.spec.items() if k not in NOT_TAKEN_OVER}
        return Form.of({"components": [spec]})


def correct_data(
    turn: Turn,
    case_id: UUID,
    values: Mapping[str, Any],
    reason: str,
    by: Person,
    revision: int | None = None,
) -> Case:
    """Change what the case knows; `values` maps top-level keys to JSON values.

    Each value obeys its form's field; null means not known. What waits for such a change
    reacts, nothing else moves.

    Raises:
        CaseNotFound, NotAllowed, CprNumber, CaseSuspended, CaseNotActive, StaleRevision,
        InvalidAnswers, NotPossible: nothing would change.
    """
    refuse_cpr_text(reason)
    case, commands = _prepared(turn, case_id, values, reason, by, revision)
    for command in commands:
        advance(turn, case, command, by.name)
    return case_of(turn.session, case_id)


def check_correction(
    turn: Turn, case_id: UUID, values: Mapping[str, Any], by: Person, revision: int | None = None
) -> dict[str, tuple[Any, Any]]:
    """What a correction would change, old and new by key; nothing is written.

    Raises:
        All that `correct_data` raises.
    """
    case, commands = _prepared(turn, case_id, values, "", by, revision)
    new = {key: value for command in commands for key, value in command.values.items()}
    return {key: (case.data.values.get(key), value) for key, value in new.items()}


def _prepared(
    turn: Turn,
    case_id: UUID,
    values: Mapping[str, Any],
    reason: str,
    by: Person,
    revision: int | None,
) -> tuple[LockedCase, list[Correct]]:
    connection = must_may(turn.session, by, case_id, "cases.correct", "correct this case")
    case = lock_active_case(turn.session, case_id)
    case.must_be_at(revision)
    known = questions(turn.definition(case.definition_id))
    changed = {k: v for k, v in values.items() if _differs(case, k, v)}
    if not changed:
        raise NotPossible("nothing")
    _refuse_closed(case, known, changed, compartments(by, connection))
    refuse_cpr_answers(changed)
    return case, list(_commands(turn, case, known, changed, reason))


def questions(deployed: Deployed) -> dict[str, Question]:
    """Top-level key to the first field of this version's forms that asks for it."""
    found: dict[str, Question] = {}
    for name in sorted(deployed.definition.forms):
        form = deployed.form(name)
        for part in _asked(form.parts) if form else ():
            found.setdefault(str(part.path[0]), Question(part, form.compartment if form else "B"))
    return found


def compartment_of(case: LockedCase, known: Mapping[str, Question], key: str) -> str:
    """Where a key's value lies, or would."""
    if key in case.data.values:
        return "A" if key in case.data.authority else "B"
    return known[key].compartment if key in known else ""


def _asked(parts: Sequence[Part]) -> Iterator[Part]:
    for part in parts:
        if not part.path:
            yield from _asked(part.parts)
        elif len(part.path) == 1 and part.type not in NEVER_TYPED:
            yield part


def _differs(case: LockedCase, key: str, value: Any) -> bool:
    old = case.data.values.get(key)
    return bool(old != value) or isinstance(old, bool) is not isinstance(value, bool)


def _refuse_closed(
    case: LockedCase,
    known: Mapping[str, Question],
    changed: Mapping[str, Any],
    mine: frozenset[str],
) -> None:
    """Only what the person sees may be put right, and nothing of the § 115 room.

    Raises:
        InvalidAnswers.
    """
    errors = {}
    for key in changed:
        part = compartment_of(case, known, key)
        if not part:
            errors[key] = [NO_SUCH_FIELD]
        elif part == "C" or part not in mine:
            errors[key] = [NOT_YOURS]
    if errors:
        raise InvalidAnswers(errors)


def _commands(
    turn: Turn,
    case: LockedCase,
    known: Mapping[str, Question],
    changed: Mapping[str, Any],
    reason: str,
) -> Iterator[Correct]:
    """One command; two if new keys go to both compartments.

    Raises:
        InvalidAnswers.
    """
    values: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    errors: dict[str, Any] = {}
    for key, value in changed.items():
        try:
            values[key], found = _checked(turn, case, known.get(key), key, value)
            kinds |= found
        except InvalidAnswers as refused:
            errors |= refused.errors
    if errors:
        raise InvalidAnswers(errors)
    for part in ("A", "B"):
        mine = {k: v for k, v in values.items() if compartment_of(case, known, k) == part}
        if mine:
            yield Correct(mine, reason, kinds, part)


def _checked(
    turn: Turn, case: LockedCase, question: Question | None, key: str, value: Any
) -> tuple[Any, dict[str, str]]:
    if value is None:
        return None, {}
    if question is not None:
        form = question.as_form()
        answers = {key: value}
        checked = check_answers(form, answers, case.data.values, turn.engine.feel, turn.now)
        kinds = {f"/{pointer}": kind for pointer, kind in checked.kinds.items()}
        return checked.answers.get(key, value), kinds
    kinds = turn.definition(case.definition_id).definition.kinds_of({key: value})
    if f"/{key}" in case.data.kinds and not _is_moment(value, case.data.kinds[f"/{key}"]):
        raise InvalidAnswers({key: [NOT_A_MOMENT]})
    before = {f"/{key}": case.data.kinds[f"/{key}"]} if f"/{key}" in case.data.kinds else {}
    return value, {**before, **kinds}


def _is_moment(value: Any, kind: str) -> bool:
    return isinstance(value, str) and (kind == "duration" or is_moment(value, kind))
