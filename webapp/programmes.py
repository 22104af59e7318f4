"""The programmes: newest versions, their files with the drafts laid over, what runs on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import undefer

from models.case import Case
from models.definition import Definition
from models.draft import Draft
from models.errors import DefinitionNotFound
from processes.engine.statutes import STATUTES
from processes.statutes import statutes_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Programme:
    """One process's newest version and what hangs on all its versions."""

    newest: Definition
    is_part: bool
    """Another programme calls it, so people do not start cases with it."""

    running: int
    drafts: Sequence[Draft]
    statutes: str | None = None
    """The list of statutes in use, for a diagram that names one for the first time."""

    @property
    def key(self) -> str:
        return self.newest.key

    @property
    def files(self) -> dict[str, str]:
        """The newest version's files with the law as it stands and the drafts laid over."""
        law = {STATUTES: self.statutes} if self.statutes else {}
        drafts = {draft.file_name: draft.content for draft in self.drafts}
        return {**self.newest.files, **law, **drafts}

    def draft(self, file: str) -> Draft | None:
        return next((draft for draft in self.drafts if draft.file_name == file), None)


def programmes(session: Session) -> list[Programme]:
    """Every programme, by name; shared parts come last."""
    newest = _newest(session)
    running, drafts, statutes = _running(session), _drafts(session), statutes_of(newest)
    called = {name for one in newest for name in one.files if name != one.main_file}
    found = [
        Programme(
            one, one.main_file in called, running.get(one.key, 0), drafts.get(one.key, []), statutes
        )
        for one in newest
    ]
    return sorted(found, key=lambda one: (one.is_part, one.newest.name))


def programme(session: Session, key: str) -> Programme:
    """One programme.

    Raises:
        DefinitionNotFound.
    """
    found = next((one for one in programmes(session) if one.key == key), None)
    if found is None:
        raise DefinitionNotFound(key)
    return found


def around(session: Session, one: Programme) -> dict[str, str]:
    """The files of the programmes that call this one: what they write, a shared part may read."""
    if not one.is_part:
        return {}
    callers = [other for other in _newest(session) if one.newest.main_file in other.files]
    return {name: text for other in callers for name, text in other.files.items()}


def keep_draft(
    session: Session, one: Programme, file: str, text: str, *, seen: str, at: datetime, by: str
) -> Draft | None:
    """Keep a file as a draft; None if somebody saved it after `seen`, the draft's last time."""
    known = one.draft(file)
    if known is not None and known.updated_at.isoformat() != seen:
        return None
    draft = known or Draft(key=one.key, file_name=file, base_definition_id=one.newest.id)
    draft.content = text
    draft.updated_at = at
    draft.updated_by = by
    session.add(draft)
    session.flush()
    return draft


def versions(session: Session, key: str) -> list[tuple[Definition, int]]:
    """Every version, the newest first, with the open cases on it."""
    running = (
        select(func.count())
        .where(Case.definition_id == Definition.id, Case.state.in_(["active", "suspended"]))
        .correlate(Definition)
        .scalar_subquery()
    )
    query = select(Definition, running).where(Definition.key == key)
    return list(session.execute(query.order_by(Definition.version.desc())))


def _newest(session: Session) -> Sequence[Definition]:
    query = (
        select(Definition)
        .ext(distinct_on(Definition.key))
        .order_by(Definition.key, Definition.version.desc())
        .options(undefer(Definition.bundle))
    )
    return session.scalars(query).all()


def _running(session: Session) -> dict[str, int]:
    query = (
        select(Definition.key, func.count())
        .join(Case, Case.definition_id == Definition.id)
        .where(Case.state.in_(["active", "suspended"]))
        .group_by(Definition.key)
    )
    return dict(session.execute(query).all())


def _drafts(session: Session) -> dict[str, list[Draft]]:
    drafts: dict[str, list[Draft]] = {}
    for draft in session.scalars(select(Draft).order_by(Draft.file_name)):
        drafts.setdefault(draft.key, []).append(draft)
    return drafts
