"""Write a step into rows: what the case waits for, what happened, where it stands.

The snapshot says what a case waits for; the rows repeat it for inboxes, timers and
workers. This module keeps the two equal: whatever a step added or changed is written,
whatever it dropped is closed, in one statement.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb
from sqlalchemy import select

from models.case import Case
from models.errors import StaleRevision
from processes.engine.commands import (
    Cancel,
    Complete,
    FailJob,
    FinishJob,
    Fire,
    MoveDeadline,
    PauseDeadline,
    RaiseIncident,
    Resume,
    ResumeDeadline,
    Retry,
    Skip,
    Suspend,
)
from processes.engine.step import Happening
from processes.statements import write_together
from processes.wait_rows import (
    APPEND,
    BROADCAST,
    CLOSE,
    CLOSE_MISSED,
    COUNT_EVENTS,
    KEEP_OCCURRENCE,
    LOG_MOVE,
    OPEN,
    ORDER,
    RECOVERED,
    SAVE_CASE,
    SAVE_POSITION,
    SEND,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from processes.case_lock import LockedCase
    from processes.engine.commands import Command
    from processes.engine.step import CaseData, Step, Waits
    from processes.statements import Statement
    from processes.turn import Turn

WAKE_WITHIN = timedelta(minutes=2)
"""A timer due sooner wakes the workers; for later ones they look often enough."""

SUPERVISOR = "Leder"
"""The role that a missed deadline escalates to."""

CHANNEL = "vejviser"
"""Where workers listen for new jobs and earlier timers."""


RECOVERY = "case.recovered"
"""The line of history that ends a time in which the case could not be moved."""


@dataclass(frozen=True)
class Change:
    """Why a step was taken."""

    command: Command
    actor: str | None = None
    """Account name; None is the system itself: timers, jobs, buffered messages."""

    extra: tuple[Happening, ...] = ()
    """Lines of history that the engine does not know of; they come first."""

    beside: tuple[Statement, ...] = ()
    """What else is to be written in the same round trip."""


def save_step(turn: Turn, case: LockedCase, step: Step, change: Change) -> None:
    """Write a step in one round trip, and let `case` stand where the step left it.

    Raises:
        StaleRevision: somebody moved the case since it was read.
    """
    recovery = (Happening(RECOVERY, turn.now),) if case.stumbles else ()
    happened = (*recovery, *change.extra, *_told(step))
    after = _moved(turn, case, step, change, len(happened))
    parts = _statements(turn, case, step, change, happened)
    call = _call(turn, step)
    if call == "job":
        turn.asked.add(case.id)
    statements = [_save_case(case, after), *parts, *change.beside]
    saved = write_together(turn.driver, statements, CHANNEL, call)
    if saved != 1:
        raise StaleRevision(case.id, expected=case.revision, found=_found(turn, case))
    turn.transaction.forget()
    _follow(case, after)


def append_events(
    turn: Turn, case: LockedCase, happened: Sequence[Happening], actor: str | None
) -> None:
    """Add lines to the history of a case that otherwise stays where it is."""
    count = (COUNT_EVENTS, {"case": case.id, "lines": len(happened)})
    lines = _history(case, happened, {"case": case.id, "actor": actor})
    write_together(turn.driver, [count, *lines])
    turn.transaction.forget()
    case.last_event += len(happened)


def _told(step: Step) -> Iterator[Happening]:
    """What the engine tells, and who hears of it."""
    for line in step.happened:
        yield line
        if line.kind == "deadline.missed":
            yield replace(line, kind="deadline.escalated", detail={**line.detail, "to": SUPERVISOR})


def _moved(turn: Turn, case: LockedCase, step: Step, change: Change, lines: int) -> LockedCase:
    return replace(
        case,
        state=_state(step, change),
        ended_at=turn.now if step.ended else None,
        data=step.data,
        snapshot=step.state,
        revision=case.revision + 1,
        last_event=case.last_event + lines,
        stumbles=0,
    )


def _state(step: Step, change: Change) -> str:
    if step.ended:
        return "cancelled" if isinstance(change.command, Cancel) else "completed"
    return "suspended" if step.waits.suspended else "active"


def _found(turn: Turn, case: LockedCase) -> int:
    found: int | None = turn.session.scalar(select(Case.revision).where(Case.id == case.id))
    return found or 0


def _follow(case: LockedCase, after: LockedCase) -> None:
    vars(case).update(vars(after))


def _save_case(before: LockedCase, after: LockedCase) -> Statement:
    position = {
        "case": after.id,
        "revision": before.revision,
        "snapshot": after.snapshot,
        "last_event": after.last_event,
        "state": after.state,
        "phase": after.phase,
        "ended_at": after.ended_at,
    }
    if after.data is before.data:
        return SAVE_POSITION, position
    return SAVE_CASE, {**position, **columns_of(after.data)}


def columns_of(data: CaseData) -> dict[str, Jsonb]:
    """The case's document as the three columns it lives in."""
    values, authority = data.values, data.authority
    return {
        "data": Jsonb({key: value for key, value in values.items() if key not in authority}),
        "authority": Jsonb({key: value for key, value in values.items() if key in authority}),
        "kinds": Jsonb(data.kinds),
    }


def _statements(
    turn: Turn, case: LockedCase, step: Step, change: Change, happened: Sequence[Happening]
) -> Iterator[Statement]:
    common = {
        "case": case.id,
        "unit": case.unit_id,
        "now": turn.now,
        "actor": change.actor,
        "revision": case.revision,
        "owner_role": turn.definition(case.definition_id).owner_role,
    }
    yield from _deadline_moves(step, change.command, common)
    yield from _occurrence(step, change.command, common)
    yield from _closings(step, change, common)
    yield from _ends_of_missed(turn, case, step, common)
    yield from _openings(step, common)
    if case.stumbles:
        yield RECOVERED, common
    yield from _history(case, happened, common)
    yield from _departures(step, common)


def _openings(step: Step, common: dict[str, Any]) -> Iterator[Statement]:
    for kind in ORDER:
        before, after = _pair(step, kind)
        rows = [vars(wait) for id_, wait in after.items() if before.get(id_) != wait]
        if rows:
            yield OPEN[kind], {**common, "rows": as_json(rows)}


def _closings(step: Step, change: Change, common: dict[str, Any]) -> Iterator[Statement]:
    own, outcome, error = _own(change.command)
    missed = _deadlines(step, "deadline.missed")
    ends: dict[str, Any] = {
        "own": own,
        "outcome": outcome,
        "error": error,
        "met": as_array(_deadlines(step, "deadline.met")),
        "missed": as_array(missed),
        "in_sight": as_array([id_ for id_ in missed if not _is_over(step, id_)]),
    }
    for kind in ORDER:
        before, after = _pair(step, kind)
        ids = [id_ for id_ in before if id_ not in after]
        if ids:
            yield CLOSE[kind], {**common, **ends, "ids": as_array(ids)}


def _ends_of_missed(
    turn: Turn, case: LockedCase, step: Step, common: dict[str, Any]
) -> Iterator[Statement]:
    """Deadlines that were missed before, and whose work the step brought to an end."""
    watched = turn.definition(case.definition_id).deadline_elements
    ids = list(_late_ends(step))
    elements = _ended_elements(step) & watched
    if ids or elements or step.ended:
        facts = {"ids": ids, "elements": list(elements), "all": step.ended}
        yield CLOSE_MISSED, {**common, **facts}


def _is_over(step: Step, deadline: str) -> bool:
    """Whether the work of a deadline ended in the step that missed it."""
    known = step.before.deadlines.get(deadline)
    ended = known is not None and known.element in _ended_elements(step)
    return step.ended or ended or deadline in set(_late_ends(step))


def _ended_elements(step: Step) -> set[str | None]:
    kinds = {"element.completed", "element.cancelled"}
    return {line.element for line in step.happened if line.kind in kinds}


def _late_ends(step: Step) -> Iterator[str]:
    """The missed deadlines of which the engine says that their work is over."""
    for line in step.happened:
        if line.kind in {"deadline.met", "deadline.cancelled"} and line.detail.get("late"):
            yield str(line.detail["deadline"])


def _pair(step: Step, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return getattr(step.before, kind), getattr(step.waits, kind)


def _own(command: Command) -> tuple[str | None, str, str | None]:
    """The wait that the command itself ends, how it ends, and with what error."""
    match command:
        case Complete(task=id_) | Fire(timer=id_) | FinishJob(job=id_):
            return id_, "done", None
        case FailJob(job=id_, code=code):
            return id_, "failed", code
        case RaiseIncident(job=id_, message=message):
            return id_, "failed", message
        case Retry(incident=id_) | Skip(incident=id_):
            return id_, "done", None
        case _:
            return None, "done", None


def _deadlines(step: Step, kind: str) -> list[str]:
    """The ids of the deadlines that the step met, or missed."""
    return [
        str(line.detail["deadline"])
        for line in step.happened
        if line.kind == kind and "deadline" in line.detail
    ]


def _history(
    case: LockedCase, happened: Sequence[Happening], common: dict[str, Any]
) -> Iterator[Statement]:
    rows = [
        {**vars(line), "number": number}
        for number, line in enumerate(happened, start=case.last_event + 1)
    ]
    if rows:
        yield APPEND, {**common, "rows": as_json(rows)}


def _departures(step: Step, common: dict[str, Any]) -> Iterator[Statement]:
    for query, outgoing in ((SEND, step.messages), (BROADCAST, step.signals)):
        rows = [
            {
                "sender_id": f"{common['case']}:{common['revision']}:{index}",
                **vars(sent),
            }
            for index, sent in enumerate(outgoing)
        ]
        if rows:
            yield query, {**common, "rows": as_json(rows)}


def _deadline_moves(step: Step, command: Command, common: dict[str, Any]) -> Iterator[Statement]:
    for id_, kind, reason in _moves(step, command):
        moved = step.waits.deadlines[id_]
        due = None if moved.paused_at else moved.due_at
        yield LOG_MOVE, {**common, "deadline": id_, "kind": kind, "reason": reason, "new_due": due}


def _moves(step: Step, command: Command) -> Iterator[tuple[str, str, str]]:
    """The deadlines whose clock somebody moved, stopped or started, how, and why."""
    match command:
        case MoveDeadline(deadline=id_, reason=reason):
            yield id_, "moved", reason
        case PauseDeadline(deadline=id_, reason=reason):
            yield id_, "paused", reason
        case ResumeDeadline(deadline=id_):
            yield id_, "resumed", ""
        case Suspend(reason=reason) | Resume(reason=reason):
            kind = "paused" if isinstance(command, Suspend) else "resumed"
            for id_, deadline in step.waits.deadlines.items():
                known = step.before.deadlines.get(id_)
                if known is not None and (known.paused_at is None) != (deadline.paused_at is None):
                    yield id_, kind, reason


def _occurrence(step: Step, command: Command, common: dict[str, Any]) -> Iterator[Statement]:
    if isinstance(command, Fire) and command.timer in step.waits.timers:
        yield KEEP_OCCURRENCE, {**common, "timer": command.timer}


def _call(turn: Turn, step: Step) -> str | None:
    """What to tell the workers at commit: only what they would otherwise find too late."""
    soon = turn.now + WAKE_WITHIN
    known = {} if step.before.suspended else step.before.jobs
    if step.messages or step.signals or step.waits.jobs.keys() - known.keys():
        return "job"
    return "timer" if any(timer.due_at <= soon for timer in _new_timers(step)) else None


def _new_timers(step: Step) -> Iterable[Any]:
    before: Waits = step.before
    return (
        timer
        for id_, timer in step.waits.timers.items()
        if id_ not in before.timers or before.timers[id_].due_at > timer.due_at
    )


def as_json(value: Any) -> str:
    """JSON for PostgreSQL: dates and times as ISO 8601."""
    return ENCODER.encode(value)


def as_array(ids: Iterable[str]) -> str:
    """An array of ids as PostgreSQL writes it: psycopg looks at every entry of a list."""
    return f"{{{','.join(ids)}}}"


def _plain(value: Any) -> str:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)


ENCODER = json.JSONEncoder(default=_plain, ensure_ascii=False)
"""Made once: `json.dumps` makes one a call."""
