"""Move, pause and resume a deadline, with a reason; what hangs on it moves along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.deadline import Deadline
from models.errors import CaseNotFound, DeadlineNotFound, NotAllowed
from processes.access import may, may_see_case, ties
from processes.advance import advance
from processes.case_lock import lock_active_case
from processes.cpr import refuse_cpr_text
from processes.engine import NotWaiting
from processes.engine.commands import MoveDeadline, PauseDeadline, ResumeDeadline

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from processes.access import Person
    from processes.case_lock import LockedCase
    from processes.engine.commands import Command
    from processes.turn import Turn


def move_deadline(
    turn: Turn, deadline_id: UUID, due: datetime, reason: str, by: Person
) -> Deadline:
    """Give an open deadline another due time, `due` aware.

    Raises:
        DeadlineNotFound, NotAllowed, CprNumber, CaseNotActive.
    """
    case, deadline = _lock(turn, deadline_id, by, "deadlines.move", "move this deadline")
    refuse_cpr_text(reason)
    _act(turn, case, deadline, MoveDeadline(str(deadline.id), due, reason), by)
    return deadline


def pause_deadline(turn: Turn, deadline_id: UUID, reason: str, by: Person) -> Deadline:
    """Stop an open deadline's clock; the time that is left is kept. Twice is once.

    Raises:
        DeadlineNotFound, DeadlineNotPausable, NotAllowed, CprNumber, CaseNotActive.
    """
    case, deadline = _lock(turn, deadline_id, by, "deadlines.pause", "pause this deadline")
    deadline.require_pausable()
    refuse_cpr_text(reason)
    if deadline.paused_at is None:
        _act(turn, case, deadline, PauseDeadline(str(deadline.id), reason), by)
    return deadline


def resume_deadline(turn: Turn, deadline_id: UUID, by: Person) -> Deadline:
    """Let a paused deadline run again; a running one stays as it is.

    Raises:
        DeadlineNotFound, NotAllowed, CaseNotActive.
    """
    case, deadline = _lock(turn, deadline_id, by, "deadlines.pause", "resume this deadline")
    if deadline.paused_at is not None:
        _act(turn, case, deadline, ResumeDeadline(str(deadline.id)), by)
    return deadline


def _lock(
    turn: Turn, deadline_id: UUID, by: Person, action: str, words: str
) -> tuple[LockedCase, Deadline]:
    deadline = turn.session.get(Deadline, deadline_id)
    if deadline is None:
        raise DeadlineNotFound(deadline_id)
    _refuse_strangers(turn, deadline, by, action, words)
    case = _lock_case(turn, deadline)
    turn.session.refresh(deadline)
    if deadline.state not in {"open", "missed"}:
        raise DeadlineNotFound(deadline_id)
    return case, deadline


def _act(turn: Turn, case: LockedCase, deadline: Deadline, command: Command, by: Person) -> None:
    """Carry it out; a missed deadline whose work is over has nothing left to move."""
    try:
        advance(turn, case, command, by.name)
    except NotWaiting as gone:
        raise DeadlineNotFound(deadline.id) from gone


def _lock_case(turn: Turn, deadline: Deadline) -> LockedCase:
    try:
        return lock_active_case(turn.session, deadline.case_id)
    except CaseNotFound as gone:
        raise DeadlineNotFound(deadline.id) from gone


def _refuse_strangers(turn: Turn, deadline: Deadline, by: Person, action: str, words: str) -> None:
    connection = ties(turn.session, by, deadline.case_id)
    if connection is None or not may_see_case(by, connection):
        raise DeadlineNotFound(deadline.id)
    if not may(by, action, connection):
        raise NotAllowed(by.name, words)
