"""Where process owners move running cases to another version: map, try, move, take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_login import login_required
from sqlalchemy import select, text

from models.case import Case
from models.migration import Migration, MigrationCase
from processes import access
from processes.engine.reasons import sentence
from processes.matching import gaps, matched
from processes.migrate import (
    Wish,
    begin_migration,
    find_migration,
    progress,
    stop_migration,
    undo_migration,
)
from webapp.current import person, wiring
from webapp.programmes import versions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from models.definition import Definition
    from processes.migrate import Progress

bp = Blueprint("migrations", __name__, url_prefix="/studio/<key>/migrations")

CASES_A_PAGE = 50
CANCEL = "-"
"""In the mapping table: the element's work is cancelled."""

TOTALS = text("""
SELECT coalesce(sum(jsonb_array_length(report->'kept')), 0) AS kept,
       coalesce(sum(jsonb_array_length(report->'cancelled')), 0) AS cancelled,
       coalesce(sum(jsonb_array_length(report->'deadlines')), 0) AS deadlines
  FROM migration_case WHERE migration_id = :migration AND state = 'moved'
""")

REFUSALS = text("""
SELECT r->>'element' AS element, r->>'name' AS name, r->>'reason' AS reason, r->'facts' AS facts,
       count(*) AS cases
  FROM migration_case, jsonb_array_elements(report->'refused') r
 WHERE migration_id = :migration
 GROUP BY 1, 2, 3, 4 ORDER BY cases DESC, element LIMIT 50
""")

STANDING = text("""
SELECT w.element, count(DISTINCT w.case_id) AS cases
  FROM (SELECT case_id, element FROM user_task WHERE state = 'open'
         UNION ALL SELECT case_id, element FROM timer WHERE state = 'armed'
         UNION ALL SELECT case_id, element FROM subscription WHERE state = 'open'
         UNION ALL SELECT case_id, element FROM job WHERE state = 'queued'
         UNION ALL SELECT case_id, element FROM incident WHERE state = 'open') w
  JOIN "case" c ON c.id = w.case_id
 WHERE c.definition_id = :old AND c.state IN ('active', 'suspended')
 GROUP BY w.element
""")


@bp.get("/new")
@login_required
def prepare(key: str) -> ResponseReturnValue:
    """Choose the versions, and say what takes the place of what is gone."""
    _require_right()
    with wiring().turn() as turn:
        known = versions(turn.session, key)
        old, new = _chosen(known)
        definitions = [turn.definition(one.id).definition for one in (old, new)]
        standing = turn.session.execute(STANDING, {"old": old.id}).all()
        return render_template(
            "migrations/prepare.html",
            definition=new,
            versions=known,
            old=old,
            new=new,
            running=dict(known)[old],
            gaps=gaps(*definitions),
            matched=matched(*definitions),
            standing={row.element: row.cases for row in standing},
        )


@bp.post("")
@login_required
def attempt(key: str) -> ResponseReturnValue:
    """Try what moving would do; nothing is moved."""
    _require_right()
    chosen = {
        field.removeprefix("map:"): value
        for field, value in request.form.items()
        if field.startswith("map:") and value
    }
    wish = Wish(
        key,
        _number("old"),
        _number("new"),
        {element: new for element, new in chosen.items() if new != CANCEL},
        [element for element, new in chosen.items() if new == CANCEL],
        dry_run=True,
    )
    with wiring().turn() as turn:
        id_ = begin_migration(turn, wish, person()).id
    return _to(key, id_)


@bp.get("/<uuid:migration_id>")
@login_required
def show(key: str, migration_id: UUID) -> ResponseReturnValue:
    """How far it is; when it is over, what it did, or would do, to each case."""
    _require_right()
    with wiring().reading() as reading:
        found = _found(reading, key, migration_id)
        seen = progress(reading, found.id)
        rows = _cases(reading, found)
        return render_template(
            "migrations/show.html",
            migration=found,
            progress=seen,
            totals=reading.execute(TOTALS, {"migration": found.id}).one(),
            refusals=reading.execute(REFUSALS, {"migration": found.id}).all(),
            cases=rows[:CASES_A_PAGE],
            more=rows[CASES_A_PAGE - 1].number if len(rows) > CASES_A_PAGE else None,
            visible=_visible(reading, rows),
            undone_by=_undone_by(reading, found),
            said=_said,
        )


@bp.get("/<uuid:migration_id>/progress")
@login_required
def look(key: str, migration_id: UUID) -> ResponseReturnValue:
    """The bar alone, for a page that keeps itself fresh."""
    _require_right()
    with wiring().reading() as reading:
        found = _found(reading, key, migration_id)
        seen: Progress = progress(reading, found.id)
        page = render_template("migrations/progress.html", migration=found, progress=seen)
    response = make_response(page)
    response.add_etag()
    return response.make_conditional(request)


@bp.post("/<uuid:migration_id>/start")
@login_required
def start(key: str, migration_id: UUID) -> ResponseReturnValue:
    """Move the cases in the way that a dry run has tried."""
    _require_right()
    with wiring().turn() as turn:
        tried = _found(turn.session, key, migration_id)
        wish = Wish(
            key,
            tried.old.version,
            tried.new.version,
            tried.renames,
            tried.cancels,
            _reason(),
        )
        id_ = begin_migration(turn, wish, person()).id
    return _to(key, id_)


@bp.post("/<uuid:migration_id>/cancellation")
@login_required
def stop(key: str, migration_id: UUID) -> ResponseReturnValue:
    """Leave the rest of the cases where they are."""
    with wiring().turn() as turn:
        stop_migration(turn, migration_id, person())
    return _to(key, migration_id)


@bp.post("/<uuid:migration_id>/reversal")
@login_required
def undo(key: str, migration_id: UUID) -> ResponseReturnValue:
    """Take the moved cases back."""
    with wiring().turn() as turn:
        id_ = undo_migration(turn, migration_id, _reason(), person()).id
    return _to(key, id_)


def _require_right() -> None:
    if not access.may(person(), "definitions.migrate"):
        abort(403)


def _to(key: str, migration_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("migrations.show", key=key, migration_id=migration_id), code=303)


def _number(field: str) -> int:
    told = request.form.get(field, "")
    return int(told) if told.isdecimal() and len(told) < len("1000000") else abort(400)


def _reason() -> str:
    reason = request.form.get("reason", "").strip()
    return reason or abort(400)


def _chosen(known: Sequence[tuple[Definition, int]]) -> tuple[Definition, Definition]:
    """The versions that the address names; else the oldest with cases, and the newest."""
    if len(known) < 2:  # noqa: PLR2004  from one to another
        abort(404)
    by_number = {str(one.version): one for one, _ in known}
    new = by_number.get(request.args.get("to", ""), known[0][0])
    others = [one for one, cases in reversed(known) if cases and one is not new]
    others += [one for one, _ in known if one is not new]
    old = by_number.get(request.args.get("from", ""), others[0])
    return (old, new) if old is not new else (others[0], new)


def _found(session: Session, key: str, migration_id: UUID) -> Migration:
    found = find_migration(session, migration_id)
    if found.old.key != key:
        abort(404)
    return found


def _cases(session: Session, migration: Migration) -> Sequence[MigrationCase]:
    """A page of cases, one more than fits if there are more; the refused ones if asked for."""
    query = select(MigrationCase).where(MigrationCase.migration_id == migration.id)
    state = request.args.get("state", "")
    if state in {"refused", "skipped", "moved", "waiting"}:
        query = query.where(MigrationCase.state == state)
    after = request.args.get("after", "")
    if after.isdecimal() and len(after) < len("1000000000"):
        query = query.where(MigrationCase.number > int(after))
    return session.scalars(query.order_by(MigrationCase.number).limit(CASES_A_PAGE + 1)).all()


def _visible(session: Session, rows: Sequence[MigrationCase]) -> set[UUID]:
    """The cases that the reader may open."""
    ids = [row.case_id for row in rows]
    query = select(Case.id).where(Case.id.in_(ids), access.visible_cases(person()))
    return set(session.scalars(query))


def _undone_by(session: Session, migration: Migration) -> Migration | None:
    query = select(Migration).where(Migration.undoes == migration.id)
    return session.scalar(query.order_by(Migration.created_at.desc()).limit(1))


def _said(reason: str, facts: dict[str, str]) -> str:
    return sentence(reason, facts, danish=str(get_locale()) == "da")
