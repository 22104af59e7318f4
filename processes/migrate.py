"""Move running cases to another version of their process, try what that would do, and go back.

Asking makes rows; a worker does the work, one turn a case (see `processes.migration_turns`), so
that it survives a restart and can be watched, stopped and undone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, LiteralString

from sqlalchemy import func, select

from models.errors import (
    DefinitionNotFound,
    MigrationNotFound,
    NotAllowed,
    NothingToMove,
    UnknownElement,
)
from models.migration import Migration, MigrationCase
from processes.access import may
from processes.cpr import refuse_cpr_text
from processes.definitions import find_definition
from processes.project import CHANNEL
from processes.statements import ask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from processes.access import Person
    from processes.definitions import Deployed
    from processes.turn import Turn

TAKE_RUNNING: LiteralString = """
INSERT INTO migration_case (migration_id, case_id, number, state)
SELECT %(migration)s, id, number, 'waiting' FROM "case"
 WHERE definition_id = %(old)s AND state IN ('active', 'suspended')
   AND (%(case)s::uuid IS NULL OR id = %(case)s::uuid)
"""

TAKE_MOVED: LiteralString = """
INSERT INTO migration_case (migration_id, case_id, number, state)
SELECT %(migration)s, case_id, number, 'waiting' FROM migration_case
 WHERE migration_id = %(undone)s AND state = 'moved'
"""

CALL: LiteralString = "SELECT pg_notify(%(channel)s, 'migration')"


@dataclass(frozen=True)
class Wish:
    """What somebody wants moved."""

    key: str
    old: int
    """The version where the cases are."""

    new: int
    renames: Mapping[str, str] = field(default_factory=dict)
    cancels: Sequence[str] = ()
    reason: str = ""
    dry_run: bool = False
    case: UUID | None = None
    """Only this one."""


@dataclass(frozen=True)
class Progress:
    """How far a migration is: numbers of cases."""

    waiting: int = 0
    moved: int = 0
    refused: int = 0
    skipped: int = 0

    @property
    def done(self) -> int:
        """Those that have had their turn."""
        return self.moved + self.refused + self.skipped


def begin_migration(turn: Turn, wish: Wish, by: Person) -> Migration:
    """Have running cases moved, or try what that would do.

    Raises:
        NotAllowed, DefinitionNotFound, UnknownElement, CprNumber, NothingToMove.
    """
    _require_right(by)
    refuse_cpr_text(wish.reason)
    old, new = (_version(turn, wish.key, number) for number in (wish.old, wish.new))
    if old.id == new.id:
        raise NothingToMove(f"{wish.key}:{wish.old}")
    _require_elements(old, [*wish.renames, *wish.cancels])
    _require_elements(new, list(wish.renames.values()))
    migration = _insert(turn, wish, old, new, by)
    facts = {"migration": migration.id, "old": old.id, "case": wish.case}
    return _take(turn, migration, ask(turn.driver, TAKE_RUNNING, facts).rowcount, old)


def undo_migration(turn: Turn, migration_id: UUID, reason: str, by: Person) -> Migration:
    """Have the cases that a migration moved go back, each that still can.

    Raises:
        NotAllowed, MigrationNotFound, CprNumber, NothingToMove.
    """
    _require_right(by)
    refuse_cpr_text(reason)
    undone = find_migration(turn.session, migration_id)
    old, new = turn.definition(undone.to_id), turn.definition(undone.from_id)
    if undone.dry_run:
        raise NothingToMove(f"{old.key}:{old.version}")
    renames = _inverse(undone.renames, new)
    wish = Wish(old.key, old.version, new.version, renames, (), reason)
    migration = _insert(turn, wish, old, new, by)
    migration.undoes = undone.id
    turn.session.flush()
    facts = {"migration": migration.id, "undone": undone.id}
    return _take(turn, migration, ask(turn.driver, TAKE_MOVED, facts).rowcount, old)


def stop_migration(turn: Turn, migration_id: UUID, by: Person) -> Migration:
    """Leave the cases that have not had their turn where they are; one that is over stays so.

    Raises:
        NotAllowed, MigrationNotFound.
    """
    _require_right(by)
    migration = find_migration(turn.session, migration_id, lock=True)
    if migration.state == "running":
        migration.state, migration.finished_at = "stopped", turn.now
        turn.session.flush()
    return migration


def find_migration(session: Session, migration_id: UUID, *, lock: bool = False) -> Migration:
    """One migration.

    Raises:
        MigrationNotFound.
    """
    query = select(Migration).where(Migration.id == migration_id)
    found = session.scalar(query.with_for_update(of=Migration) if lock else query)
    if found is None:
        raise MigrationNotFound(migration_id)
    return found


def progress(session: Session, migration_id: UUID) -> Progress:
    """How many cases have had their turn, and how it went."""
    query = select(MigrationCase.state, func.count()).group_by(MigrationCase.state)
    rows = session.execute(query.where(MigrationCase.migration_id == migration_id)).all()
    return Progress(**{str(state): count for state, count in rows})


def _require_right(by: Person) -> None:
    if not may(by, "definitions.migrate"):
        raise NotAllowed(by.name, "move cases between versions")


def _version(turn: Turn, key: str, number: int) -> Deployed:
    deployed = turn.definition(find_definition(turn.session, f"{key}:{number}"))
    if deployed.key != key:
        raise DefinitionNotFound(f"{key}:{number}")
    return deployed


def _require_elements(deployed: Deployed, wanted: list[str]) -> None:
    known = {name for spec in deployed.definition.specs.values() for name in _names(spec)}
    for name in wanted:
        if name not in known:
            raise UnknownElement(name, f"{deployed.key}:{deployed.version}")


def _names(spec: Any) -> list[str]:
    """The ids of a scope's elements and flows, alone and behind the scope's path."""
    watched = [node.id for node in spec.scope.event_sub_processes]
    ids = [*spec.nodes, *watched, *spec.scope.flows]
    return [*ids, *(f"{spec.name}/{id_}" for id_ in ids)]


def _inverse(renames: Mapping[str, str], old: Deployed) -> dict[str, str]:
    """New id to old one, where that is the only one and the new id means nothing there."""
    known = {name for spec in old.definition.specs.values() for name in _names(spec)}
    targets = list(renames.values())
    return {
        new: was.rpartition("/")[2]
        for was, new in renames.items()
        if targets.count(new) == 1 and new not in known
    }


def _insert(turn: Turn, wish: Wish, old: Deployed, new: Deployed, by: Person) -> Migration:
    migration = Migration(
        from_id=old.id,
        to_id=new.id,
        renames=dict(wish.renames),
        cancels=list(wish.cancels),
        reason=wish.reason.strip(),
        dry_run=wish.dry_run,
        created_at=turn.now,
        created_by=by.name,
    )
    turn.session.add(migration)
    turn.session.flush()
    return migration


def _take(turn: Turn, migration: Migration, taken: int, old: Deployed) -> Migration:
    """Note how many cases it is about, and call a worker.

    Raises:
        NothingToMove: none.
    """
    if not taken:
        raise NothingToMove(f"{old.key}:{old.version}")
    migration.total = taken
    turn.session.flush()
    ask(turn.driver, CALL, {"channel": CHANNEL})
    return migration
