"""Move a case's position, or begin a part of it anew: a supervisor's last resort, with a reason."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.errors import CaseNotActive, DuplicateReference, NotPossible
from processes import engine
from processes.access import must_may
from processes.advance import advance, preview
from processes.case_lock import case_of, lock_active_case, lock_case
from processes.cases import hold_reference
from processes.cpr import refuse_cpr_text
from processes.engine.commands import Move, Restart
from processes.stuck import stuck_if_unreadable, version_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from models.case import Case
    from processes.access import Person
    from processes.case_lock import LockedCase
    from processes.engine.commands import Command
    from processes.engine.step import Preview, Standing, Step
    from processes.turn import Turn


KINDS = frozenset({"tasks", "deadlines", "timers", "subscriptions", "jobs", "incidents"})


@dataclass(frozen=True)
class Relocation:
    """Which positions go, and where new ones come."""

    cancel: Sequence[str]
    """Ids of positions."""

    create: Sequence[tuple[str, str]]
    """Scope and element; the scope is a position's id, or empty for the case's own process."""

    def because(self, reason: str) -> Move:
        """The engine's command."""
        return Move(tuple(self.cancel), tuple(self.create), reason)


@dataclass(frozen=True)
class Touched:
    """Something a case waits for that a command would cancel or create."""

    kind: str
    """`tasks`, `timers`, `deadlines`, `subscriptions`, `jobs` or `incidents`."""

    element: str
    name: str
    due_at: datetime | None = None
    role: str | None = None


def touched(step: Step) -> tuple[list[Touched], list[Touched]]:
    """What a step cancels, and what it creates; a deadline's own timer is not told apart."""
    before, after = step.before, step.waits
    return list(_touched(before.beyond(after))), list(_touched(after.beyond(before)))


def _touched(waits: Iterable[tuple[str, Any]]) -> Iterator[Touched]:
    for kind, wait in waits:
        if kind in KINDS and not (kind == "timers" and wait.role == "due"):
            yield _told(kind, wait)


def _told(kind: str, wait: Any) -> Touched:
    role = getattr(wait, "role", None) if kind == "tasks" else None
    return Touched(kind, wait.element, wait.name, getattr(wait, "due_at", None), role)


def standing_of(turn: Turn, case: LockedCase) -> Standing:
    """Where a case stands, and what could be done about it.

    Raises:
        CaseStuck.
    """
    definition = version_of(turn, case).definition
    with stuck_if_unreadable(case):
        return turn.engine.standing(definition, case.snapshot)


def case_to_move(turn: Turn, case_id: UUID, by: Person) -> LockedCase:
    """A case that somebody who may move it looks at.

    Raises:
        CaseNotFound, NotAllowed, CaseSuspended, CaseNotActive.
    """
    must_may(turn.session, by, case_id, "cases.move", "move this case")
    return lock_active_case(turn.session, case_id)


def preview_move(turn: Turn, case: LockedCase, relocation: Relocation) -> Preview:
    """What a move would cancel and create; nothing is written.

    Raises:
        NotPossible.
    """
    return previewed(turn, case, relocation.because(""))


def move_case(
    turn: Turn,
    case_id: UUID,
    relocation: Relocation,
    reason: str,
    by: Person,
    revision: int | None = None,
) -> Case:
    """Take tokens away and put new ones elsewhere, in one turn.

    `revision` is that of the view on which it was decided.

    Raises:
        CaseNotFound, NotAllowed, CprNumber, CaseSuspended, CaseNotActive, StaleRevision,
        NotPossible.
    """
    case = case_to_move(turn, case_id, by)
    refuse_cpr_text(reason)
    case.must_be_at(revision)
    _carry_out(turn, case, relocation.because(reason), by)
    return case_of(turn.session, case_id)


def case_to_restart(turn: Turn, case_id: UUID, by: Person) -> LockedCase:
    """A case, running or ended as it should, that somebody who may restart a part looks at.

    Raises:
        CaseNotFound, NotAllowed, CaseSuspended, CaseNotActive.
    """
    must_may(turn.session, by, case_id, "cases.restart", "begin a part of this case anew")
    case = lock_case(turn.session, case_id)
    if case.state == "cancelled":
        raise CaseNotActive(case_id, state=case.state)
    if case.state != "completed":
        case.must_be_active()
    return case


def preview_restart(turn: Turn, case: LockedCase, element: str) -> Preview:
    """What a restart would cancel and create; nothing is written.

    Raises:
        NotPossible.
    """
    return previewed(turn, case, Restart(element, ""))


def restart_part(
    turn: Turn, case_id: UUID, element: str, reason: str, by: Person, revision: int | None = None
) -> Case:
    """Begin an activity anew in place of whatever the case is at; an ended case is reopened.

    Raises:
        CaseNotFound, NotAllowed, CprNumber, CaseSuspended, CaseNotActive, StaleRevision,
        DuplicateReference, NotPossible.
    """
    case = case_to_restart(turn, case_id, by)
    refuse_cpr_text(reason)
    case.must_be_at(revision)
    if case.state == "completed":
        _refuse_duplicate(turn, case)
    _carry_out(turn, case, Restart(element, reason), by)
    return case_of(turn.session, case_id)


def _refuse_duplicate(turn: Turn, case: LockedCase) -> None:
    reference = str(case.data.facts["reference"])
    if hold_reference(turn, turn.definition(case.definition_id).key, reference):
        raise DuplicateReference(reference)


def previewed(turn: Turn, case: LockedCase, command: Command) -> Preview:
    """What a command would come to; nothing is written.

    Raises:
        NotPossible.
    """
    with _refused_in_words():
        return preview(turn, case, command)


def _carry_out(turn: Turn, case: LockedCase, command: Command, by: Person) -> None:
    with _refused_in_words():
        advance(turn, case, command, by.name)


@contextmanager
def _refused_in_words() -> Iterator[None]:
    """What the engine refuses, as the supervisor is told.

    Raises:
        NotPossible.
    """
    try:
        yield
    except engine.NotPossible as refused:
        raise NotPossible(refused.why, refused.name) from refused
    except engine.NotWaiting as gone:
        raise NotPossible("gone") from gone
