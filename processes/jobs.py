"""Run service tasks outside the turn: claim, call the handler, finish in a second turn.

A claim is a lease by the real clock: a worker that dies leaves a job that another takes up
when the lease is over, with the same idempotency key.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, LiteralString

from handlers import handler_of
from handlers.contract import (
    AssignTeamMember,
    Done,
    JobContext,
    RegisterOutcome,
    ReleaseTeamMember,
    SetPhase,
)
from handlers.errors import Fault, TryAgain
from handlers.privacy import private_words
from models.errors import AccountNotFound, CaseStuck
from processes.advance import advance
from processes.case_lock import lock_case
from processes.engine.commands import FailJob, FinishJob, RaiseIncident
from processes.engine.step import Happening
from processes.outcomes import LONGEST_PAUSE, Broken, Faulted, PutOff, packed, unpacked
from processes.project import append_events
from processes.statements import ask

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from uuid import UUID

    from handlers.contract import Effect
    from handlers.ports import Ports
    from processes.case_lock import LockedCase
    from processes.outcomes import Outcome
    from processes.turn import Turn

LEASE = timedelta(seconds=30)
"""A dead worker's job waits this long; one that lives renews the leases of what it runs."""

LONGEST_RUN = timedelta(minutes=10)
"""A handler that takes longer is not waited for: another worker may take its job."""

MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=2)

CLAIM: LiteralString = """
WITH next AS (
    SELECT j.id
      FROM job j
      JOIN "case" c ON c.id = j.case_id
     WHERE j.state = 'queued' AND j.due_at <= now() AND c.state = 'active'
       AND c.stuck_until IS NULL
       AND (j.lease_until IS NULL OR j.lease_until < now())
     ORDER BY j.due_at, j.id
     LIMIT 1
       FOR UPDATE OF j SKIP LOCKED)
UPDATE job j
   SET lease_until = now() + %(lease)s, worker = %(worker)s, attempts = attempts + 1
  FROM next, "case" c
 WHERE j.id = next.id AND c.id = j.case_id
RETURNING j.id, j.case_id, j.element, j.name, j.operation, j.parameters, j.attempts, j.outcome,
          c.number, c.reference, c.unit_id, c.data, c.authority_data,
          ARRAY(SELECT day FROM closing_day k WHERE k.unit_id = c.unit_id) AS closing_days
"""

READ: LiteralString = """
SELECT state, attempts, instance_id FROM job WHERE id = %(job)s FOR UPDATE
"""

PUT_OFF: LiteralString = """
UPDATE job SET due_at = now() + %(pause)s, lease_until = NULL, worker = NULL, error = %(reason)s
 WHERE id = %(job)s AND state = 'queued' AND attempts = %(attempt)s
"""

KEEP: LiteralString = """
UPDATE job SET outcome = %(outcome)s::jsonb, lease_until = NULL, worker = NULL
 WHERE id = %(job)s AND outcome IS NULL
"""

NEXT_JOB: LiteralString = """
SELECT extract(epoch FROM min(greatest(j.due_at, j.lease_until)) - now())::float AS seconds
  FROM job j JOIN "case" c ON c.id = j.case_id
 WHERE j.state = 'queued' AND c.state = 'active' AND c.stuck_until IS NULL
"""

KEEP_FOR_LATER: LiteralString = """
UPDATE job SET outcome = %(outcome)s::jsonb, due_at = now() + %(pause)s, lease_until = NULL,
               worker = NULL, error = %(reason)s
 WHERE id = %(job)s AND state = 'queued'
"""

RENEW: LiteralString = """
UPDATE job SET lease_until = now() + %(lease)s
 WHERE id = ANY(%(jobs)s::uuid[]) AND worker = %(worker)s AND state = 'queued'
   AND lease_until IS NOT NULL
"""

LEAVE_TEAM: LiteralString = "DELETE FROM team_member WHERE case_id = %(case)s AND role = %(role)s"

JOIN_TEAM: LiteralString = """
INSERT INTO team_member (case_id, role, account_id)
SELECT %(case)s, %(role)s, id FROM account WHERE name = %(account)s AND active
"""


@dataclass(frozen=True)
class ClaimedJob:
    """A job that this worker alone may run until its lease is over."""

    id: UUID
    case_id: UUID
    element: str
    name: str
    operation: str
    parameters: dict[str, Any]
    attempt: int
    """1 at the first try."""

    context: JobContext
    kept: Outcome | None = None
    """How it went, when the case could not take it; it is not run again."""


def claim_job(turn: Turn, worker: str) -> ClaimedJob | None:
    """Lease the oldest job that is due and free; None if there is none.

    Raises:
        CaseStuck: its case's data cannot be read; the turn must be rolled back.
    """
    row = ask(turn.driver, CLAIM, {"lease": LEASE, "worker": worker}).fetchone()
    if row is None:
        return None
    context = JobContext(
        key=str(row["id"]),
        case_id=str(row["case_id"]),
        case_number=row["number"],
        case_reference=row["reference"],
        unit=row["unit_id"],
        element=row["element"],
        now=turn.now,
        closing_days=frozenset(row["closing_days"]),
        private=_private(row),
    )
    facts = {name: row[name] for name in ("id", "case_id", "element", "name", "operation")}
    return ClaimedJob(
        **facts,
        parameters=row["parameters"],
        attempt=row["attempts"],
        context=context,
        kept=unpacked(row["outcome"]),
    )


def run_job(job: ClaimedJob, ports: Ports) -> Outcome:
    """Call the handler, outside any transaction; whatever it does is an outcome."""
    if job.kept is not None:
        return job.kept
    if job.attempt > MOST_ATTEMPTS:
        return Broken(f"No worker lived to say how it went in {MOST_ATTEMPTS} attempts.")
    try:
        return handler_of(job.operation)(job.parameters, job.context, ports)
    except Fault as fault:
        return Faulted(fault.code, dict(fault.facts))
    except TryAgain as later:
        return PutOff(later.delay, later.reason)
    except Exception as failure:  # noqa: BLE001 - anything else is an incident, by contract
        return Broken(f"{type(failure).__name__}: {failure}")


def finish_job(turn: Turn, job: ClaimedJob, outcome: Outcome) -> None:
    """Give the case the outcome, effects and result together.

    An outcome that comes too late, because the task was cancelled or another worker took the
    job over, writes nothing but a line of history. One that comes while the case is suspended
    is kept until the case goes on.
    """
    if isinstance(outcome, PutOff) and job.attempt < MOST_ATTEMPTS:
        put_off(turn, job, outcome)
        return
    case = lock_case(turn.session, job.case_id)
    row = ask(turn.driver, READ, {"job": job.id}).fetchone()
    if row is None:
        return
    if row["state"] == "cancelled":
        line = _line(turn, job, "job.too_late", _told(job, outcome), row["instance_id"])
        append_events(turn, case, [line], None)
    elif row["state"] == "queued" and case.state == "suspended":
        _keep(turn, case, job, outcome, row["instance_id"])
    elif row["state"] == "queued" and case.state == "active":
        _apply(turn, case, job, outcome)


def _keep(turn: Turn, case: LockedCase, job: ClaimedJob, outcome: Outcome, instance: UUID) -> None:
    """Remember how it went; of two workers the first one counts."""
    if isinstance(outcome, PutOff):
        outcome = _given_up(job, outcome)
    facts = {"job": job.id, "outcome": json.dumps(packed(outcome), default=str)}
    if ask(turn.driver, KEEP, facts).rowcount == 1:
        line = _line(turn, job, "job.kept", _told(job, outcome), instance)
        append_events(turn, case, [line], None)


def keep_outcome(turn: Turn, job: ClaimedJob, outcome: Outcome, reason: str) -> None:
    """Remember how it went for a case that cannot take it now."""
    if isinstance(outcome, PutOff):
        outcome = _given_up(job, outcome)
    told = json.dumps(packed(outcome), default=str)
    facts = {"job": job.id, "pause": LONGEST_PAUSE, "reason": reason, "outcome": told}
    ask(turn.driver, KEEP_FOR_LATER, facts)


def renew_leases(turn: Turn, worker: str, jobs: Collection[UUID]) -> None:
    """Go on holding the jobs whose handlers are still at work."""
    ask(turn.driver, RENEW, {"jobs": list(jobs), "worker": worker, "lease": LEASE})


def seconds_to_next_job(turn: Turn) -> float | None:
    """How long until a queued job is due or its lease over, by the real clock."""
    row = ask(turn.driver, NEXT_JOB, {}).fetchone()
    seconds: float | None = row["seconds"] if row else None
    return seconds


def _apply(turn: Turn, case: LockedCase, job: ClaimedJob, outcome: Outcome) -> None:
    id_ = str(job.id)
    match outcome:
        case Done(result=result, effects=effects, kinds=kinds):
            lines = tuple(_effects(turn, case, job, effects))
            advance(turn, case, FinishJob(id_, result, kinds), extra=lines)
        case Faulted(code=code, facts=facts):
            advance(turn, case, FailJob(id_, code, _plain(facts)))
        case PutOff():
            advance(turn, case, RaiseIncident(id_, _given_up(job, outcome).message))
        case Broken(message=message):
            advance(turn, case, RaiseIncident(id_, message))


def _effects(
    turn: Turn, case: LockedCase, job: ClaimedJob, effects: tuple[Effect, ...]
) -> Iterator[Happening]:
    for effect in effects:
        match effect:
            case SetPhase(phase=phase):
                detail = {"from": case.phase, "to": phase}
                case.phase = phase
                yield _line(turn, job, "phase.changed", detail)
            case AssignTeamMember(role=role, account=account):
                _join_team(turn, case, role, account)
                yield _line(turn, job, "team.assigned", {"role": role, "account": account})
            case ReleaseTeamMember(role=role):
                ask(turn.driver, LEAVE_TEAM, {"case": case.id, "role": role})
                yield _line(turn, job, "team.released", {"role": role})
            case RegisterOutcome():
                yield _line(turn, job, "outcome.registered", vars(effect))


def _join_team(turn: Turn, case: LockedCase, role: str, account: str) -> None:
    connection = turn.driver
    facts = {"case": case.id, "role": role, "account": account}
    ask(connection, LEAVE_TEAM, facts)
    if ask(connection, JOIN_TEAM, facts).rowcount != 1:
        raise AccountNotFound(account)


def put_off(turn: Turn, job: ClaimedJob, outcome: PutOff) -> None:
    """Let the job wait for the time it asked for, or longer after many attempts."""
    pause = max(outcome.delay, back_off(job.attempt))
    facts = {"job": job.id, "pause": pause, "reason": outcome.reason, "attempt": job.attempt}
    ask(turn.driver, PUT_OFF, facts)


def back_off(attempt: int) -> timedelta:
    """The pause after an attempt: doubling from two seconds, a quarter of it by chance."""
    pause = min(FIRST_PAUSE * float(2 ** (attempt - 1)), LONGEST_PAUSE)
    return pause * random.uniform(0.75, 1.0)  # noqa: S311 - spreads load, guards nothing


def _given_up(job: ClaimedJob, outcome: PutOff) -> Broken:
    return Broken(f"Gave up after {job.attempt} attempts: {outcome.reason}")


def _told(job: ClaimedJob, outcome: Outcome) -> dict[str, Any]:
    return {"job": str(job.id), "outcome": type(outcome).__name__.lower()}


def _line(
    turn: Turn,
    job: ClaimedJob,
    kind: str,
    detail: dict[str, Any],
    instance: UUID | None = None,
) -> Happening:
    where = str(instance) if instance else None
    return Happening(kind, turn.now, job.element, job.name, where, detail)


def _private(row: Mapping[str, Any]) -> frozenset[str]:
    if not isinstance(row["data"], dict) or not isinstance(row["authority_data"], dict):
        raise CaseStuck(row["case_id"], "data_unreadable", "the data are not an object")
    return private_words({**row["data"], **row["authority_data"]})


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a fault as JSON."""
    told: dict[str, Any] = json.loads(json.dumps(facts, default=str))
    return told
