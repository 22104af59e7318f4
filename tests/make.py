"""Builders: a valid row of everything, of which a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from sqlalchemy import select

from models import (
    Account,
    AccountRole,
    Case,
    ClosingDay,
    Deadline,
    Definition,
    Deployment,
    Event,
    Job,
    ProcessInstance,
    TeamMember,
    Timer,
    Unit,
    UserTask,
)
from models.definition import pack

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

Row = TypeVar("Row")
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def unit(session: Session, key: str = "aalborg") -> Unit:
    """The unit, made at first use."""
    return session.get(Unit, key) or add(session, Unit(id=key, name=key.capitalize()))


def closing_day(session: Session, day: date, unit_id: str = "aalborg") -> ClosingDay:
    """A day on which the unit is closed."""
    return add(session, ClosingDay(unit_id=unit(session, unit_id).id, day=day, name="Lukket"))


def account(
    session: Session,
    name: str = "mentor",
    *roles: str,
    unit_id: str | None = "aalborg",
    **facts: Any,
) -> Account:
    """An account that holds `roles` (its name with a capital if there are none) in the unit."""
    if unit_id:
        unit(session, unit_id)
    held = [AccountRole(role=role, unit_id=unit_id) for role in roles or (name.capitalize(),)]
    row = {"display_name": name.capitalize(), "created_at": NOON, "roles": held, **facts}
    return add(session, Account(name=name, **row))


def definition(
    session: Session, key: str = "forloeb", files: dict[str, str] | None = None, **facts: Any
) -> Definition:
    """The next version of a process whose files are not meant to run."""
    newest = select(Definition.version).where(Definition.key == key)
    version = max(session.scalars(newest), default=0) + 1
    deployment = Deployment(created_at=NOON, created_by="procesejer")
    row = {
        "version": version,
        "name": key.capitalize(),
        "owner_role": "Koordinator",
        "bundle": pack(files or {}),
        "main_file": f"{key}.bpmn",
        "created_at": NOON,
        **facts,
    }
    return add(session, Definition(deployment=deployment, key=key, **row))


def case(session: Session, **facts: Any) -> Case:
    """An active case, of a definition made for it unless one is given."""
    row = {
        "definition": facts.get("definition") or definition(session),
        "unit_id": unit(session, facts.get("unit_id", "aalborg")).id,
        "reference": "T-01",
        "created_at": NOON,
        "created_by": "visitator",
        **facts,
    }
    return add(session, Case(**row))


def user_task(session: Session, of: Case | None = None, **facts: Any) -> UserTask:
    """An open task in a queue."""
    of = of or case(session)
    row = {**_element(of, "samtale", "Samtale"), "role": "Mentor", "unit_id": of.unit_id}
    return add(session, UserTask(**{**row, "created_at": NOON, **facts}))


def timer(session: Session, of: Case | None = None, **facts: Any) -> Timer:
    """A timer that is due at noon."""
    row = _element(of or case(session), "efter_tre_dage", "Efter tre dage")
    return add(session, Timer(**{**row, "due_at": NOON, **facts}))


def deadline(session: Session, of: Case | None = None, **facts: Any) -> Deadline:
    """An open deadline of a week from noon."""
    due = facts.get("due_at", NOON + timedelta(days=7))
    row = {
        **_element(of or case(session), "samtale", "Samtale"),
        "started_at": NOON,
        "duration": "P7D",
        "calendar": "local",
        "roll": "none",
        "due_at": due,
        "original_due_at": due,
        **facts,
    }
    return add(session, Deadline(**row))


def job(session: Session, of: Case | None = None, **facts: Any) -> Job:
    """A queued job that is due."""
    row = _element(of or case(session), "send_brev", "Send brev")
    moments = {"due_at": NOON, "created_at": NOON}
    return add(session, Job(**{**row, "operation": "mail/Send", **moments, **facts}))


def event(session: Session, of: Case, **facts: Any) -> Event:
    """The next event of a case."""
    of.last_event += 1
    row = {"number": of.last_event, "at": NOON, "kind": "element.completed", **facts}
    return add(session, Event(case=of, **row))


def instance(session: Session, of: Case, **facts: Any) -> ProcessInstance:
    """A main instance."""
    row = {"id": uuid4(), "process": "forloeb", "name": "Forløb", "started_at": NOON, **facts}
    return add(session, ProcessInstance(case=of, **row))


def team_member(session: Session, of: Case, who: Account, role: str = "Mentor") -> TeamMember:
    return add(session, TeamMember(case=of, account=who, role=role))


def add(session: Session, row: Row) -> Row:
    """The row, flushed, so that defaults are filled in and constraints have spoken."""
    session.add(row)
    session.flush()
    return row


def _element(of: Case, element: str, name: str) -> dict[str, Any]:
    return {"id": uuid4(), "case": of, "instance_id": uuid4(), "element": element, "name": name}
