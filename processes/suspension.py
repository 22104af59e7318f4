"""Let a case rest, and take it up again: both by a supervisor, both with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from models.errors import CaseNotSuspended
from processes.access import must_may
from processes.advance import act
from processes.case_lock import case_of, lock_active_case, lock_case
from processes.cpr import refuse_cpr_text
from processes.engine.commands import Resume, Suspend
from processes.messages import deliver_kept
from processes.project import Change, save_step

if TYPE_CHECKING:
    from uuid import UUID

    from models.case import Case
    from processes.access import Person
    from processes.engine.step import Step
    from processes.turn import Turn


def suspend_case(turn: Turn, case_id: UUID, reason: str, by: Person) -> Case:
    """Stop the case's clocks, and everybody's work on it; what the law keeps running runs on.

    Raises:
        CaseNotFound, NotAllowed, CprNumber, CaseSuspended, CaseNotActive.
    """
    must_may(turn.session, by, case_id, "cases.suspend", "suspend this case")
    refuse_cpr_text(reason)
    case = lock_active_case(turn.session, case_id)
    command = Suspend(reason)
    save_step(turn, case, act(turn, case, command), Change(command, by.name))
    return case_of(turn.session, case_id)


def resume_case(turn: Turn, case_id: UUID, reason: str, by: Person) -> Case:
    """Start the clocks again with the time that was left, and deliver what has come meanwhile.

    Jobs that were done meanwhile are finished by the next worker, without being run again.

    Raises:
        CaseNotFound, NotAllowed, CprNumber, CaseNotSuspended.
    """
    must_may(turn.session, by, case_id, "cases.suspend", "resume this case")
    refuse_cpr_text(reason)
    case = lock_case(turn.session, case_id)
    if case.state != "suspended":
        raise CaseNotSuspended(case_id, state=case.state)
    command = Resume(reason)
    step = act(turn, case, command)
    save_step(turn, case, step, Change(command, by.name))
    deliver_kept(turn, case, _since(step))
    return case_of(turn.session, case_id)


def _since(step: Step) -> datetime:
    resumed = next(line for line in step.happened if line.kind == "case.resumed")
    return datetime.fromisoformat(resumed.detail["since"])
