"""Move running cases to another version: try it, do it, watch it, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import get_locale
from sqlalchemy import select

from models.errors import NotAllowed
from models.migration import Migration, MigrationCase
from processes.access import may
from processes.engine.reasons import sentence
from processes.migrate import (
    Wish,
    begin_migration,
    find_migration,
    progress,
    stop_migration,
    undo_migration,
)
from webapp.api.blueprint import Part
from webapp.api.lists import Order
from webapp.api.migration_schemas import (
    MigrationRequest,
    MigrationSchema,
    MovedCaseQuery,
    MovedCaseSchema,
)
from webapp.api.schemas import ListQuery, ReasonRequest, page_of
from webapp.current import person, wiring

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

bp = Part("migrations", "Move running cases to another version of their process")

OLDEST_FIRST = Order(Migration.id, Migration.created_at)
BY_NUMBER = Order(MigrationCase.number)


@bp.post("")
@bp.needs("deploy")
@bp.arguments(MigrationRequest)
@bp.response(201, MigrationSchema)
def create(asked: dict[str, Any]) -> Any:
    """Have the running cases of a version moved, or with `dry_run` try what that would do

    A worker does the work, one case at a time; look at the answer's address for how far it is.
    """
    wish = Wish(
        asked["definition"],
        asked["old"],
        asked["new"],
        asked["rename"],
        asked["cancel"],
        asked["reason"],
        asked["dry_run"],
        asked["case"],
    )
    with wiring().turn() as turn:
        shown = _shown(turn.session, begin_migration(turn, wish, person()))
    return _created(shown)


@bp.get("")
@bp.needs("deploy")
@bp.arguments(ListQuery, location="query")
@bp.response(200, page_of(MigrationSchema))
def index(asked: dict[str, Any]) -> dict[str, Any]:
    """Every migration and dry run, the oldest first"""
    _require_right()
    with wiring().reading() as reading:
        rows, following = OLDEST_FIRST.page(reading, select(Migration), asked)
        return {"items": [_shown(reading, row) for row in rows], "next": following}


@bp.get("/<uuid:migration_id>")
@bp.needs("deploy")
@bp.response(200, MigrationSchema)
def show(migration_id: UUID) -> dict[str, Any]:
    """One migration and how far it is"""
    _require_right()
    with wiring().reading() as reading:
        return _shown(reading, find_migration(reading, migration_id))


@bp.get("/<uuid:migration_id>/cases")
@bp.needs("deploy")
@bp.arguments(MovedCaseQuery, location="query")
@bp.response(200, page_of(MovedCaseSchema))
def cases(asked: dict[str, Any], migration_id: UUID) -> dict[str, Any]:
    """What it did, or would do, to each case"""
    _require_right()
    with wiring().reading() as reading:
        found = find_migration(reading, migration_id)
        query = select(MigrationCase).where(MigrationCase.migration_id == found.id)
        if asked["state"] != "all":
            query = query.where(MigrationCase.state == asked["state"])
        rows, following = BY_NUMBER.page(reading, query, asked)
    return {"items": [_case(row) for row in rows], "next": following}


@bp.post("/<uuid:migration_id>/cancellation")
@bp.needs("deploy")
@bp.response(200, MigrationSchema)
def cancel(migration_id: UUID) -> dict[str, Any]:
    """Leave the cases that have not been moved yet where they are"""
    with wiring().turn() as turn:
        return _shown(turn.session, stop_migration(turn, migration_id, person()))


@bp.post("/<uuid:migration_id>/reversal")
@bp.needs("deploy")
@bp.arguments(ReasonRequest)
@bp.response(201, MigrationSchema)
def reverse(asked: dict[str, Any], migration_id: UUID) -> Any:
    """Have the cases that it moved go back, each that still can"""
    with wiring().turn() as turn:
        back = undo_migration(turn, migration_id, asked["reason"], person())
        shown = _shown(turn.session, back)
    return _created(shown)


def _require_right() -> None:
    if not may(person(), "definitions.migrate"):
        raise NotAllowed(person().name, "look at the moves of cases")


def _created(shown: dict[str, Any]) -> Any:
    address = url_for("api_migrations.show", migration_id=shown["id"])
    return shown, 201, {"Location": address}


def _shown(session: Session, migration: Migration) -> dict[str, Any]:
    return {
        "id": migration.id,
        "definition": migration.old.key,
        "old": migration.old.version,
        "new": migration.new.version,
        "rename": migration.renames,
        "cancel": migration.cancels,
        "reason": migration.reason,
        "dry_run": migration.dry_run,
        "undoes": migration.undoes,
        "state": migration.state,
        "progress": {"total": migration.total, **vars(progress(session, migration.id))},
        "created_at": migration.created_at,
        "created_by": migration.created_by,
        "finished_at": migration.finished_at,
    }


def _case(row: MigrationCase) -> dict[str, Any]:
    report = row.report or {}
    lists = ("kept", "cancelled", "added", "deadlines", "timers")
    return {
        "case": row.case_id,
        "number": row.number,
        "state": row.state,
        **{name: report.get(name, []) for name in lists},
        "refused": [_refusal(refusal) for refusal in report.get("refused", [])],
        "done_at": row.done_at,
    }


def _refusal(refusal: dict[str, Any]) -> dict[str, Any]:
    danish = str(get_locale()) == "da"
    return {**refusal, "message": sentence(refusal["reason"], refusal["facts"], danish=danish)}
