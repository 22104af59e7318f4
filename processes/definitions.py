"""Deployed versions, compiled once and kept: what a turn needs to know of its diagram."""

from __future__ import annotations

import re
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from lxml.etree import fromstring
from sqlalchemy import select
from sqlalchemy.orm import undefer

from models.definition import Definition as DefinitionRow
from models.errors import DefinitionNotFound
from processes.engine import load_definition

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from processes.engine import Definition

MESSAGE = "{http://www.omg.org/spec/BPMN/20100524/MODEL}message"
LABEL = re.compile(r"(?P<key>.+):(?P<version>\d+)\Z")


@dataclass(frozen=True)
class Deployed:
    """One immutable version, ready to run."""

    id: UUID
    key: str
    version: int
    name: str
    owner_role: str
    files: dict[str, str]
    """File name to text: diagrams, decisions and forms."""

    definition: Definition


class Definitions:
    """The versions this process has met; threads share them, nothing ever changes."""

    def __init__(self) -> None:
        self._known: dict[UUID, Deployed] = {}
        self._messages: dict[UUID, frozenset[str]] = {}
        self._lock = Lock()

    def get(self, session: Session, definition_id: UUID) -> Deployed:
        """One version, compiled at its first use.

        Raises:
            DefinitionNotFound.
        """
        known = self._known.get(definition_id)
        if known is None:
            with self._lock:
                known = self._known.get(definition_id) or self._load(session, definition_id)
                self._known[definition_id] = known
        return known

    def message_names(self, session: Session) -> frozenset[str]:
        """The names of all messages that any deployed version declares."""
        for id_ in session.scalars(select(DefinitionRow.id)):
            if id_ not in self._messages:
                row = session.get_one(DefinitionRow, id_, options=[undefer(DefinitionRow.bundle)])
                self._messages[id_] = _declared_messages(row.files)
        return frozenset().union(*self._messages.values())

    def _load(self, session: Session, definition_id: UUID) -> Deployed:
        row = session.get(DefinitionRow, definition_id, options=[undefer(DefinitionRow.bundle)])
        if row is None:
            raise DefinitionNotFound(str(definition_id))
        return Deployed(
            id=row.id,
            key=row.key,
            version=row.version,
            name=row.name,
            owner_role=row.owner_role,
            files=row.files,
            definition=load_definition(row.key, row.files),
        )


def _declared_messages(files: dict[str, str]) -> frozenset[str]:
    return frozenset(
        message.get("name") or message.get("id") or ""
        for name, text in files.items()
        if name.endswith(".bpmn")
        for message in fromstring(text.encode()).iter(MESSAGE)
    )


def find_definition(session: Session, definition: str) -> UUID:
    """The version that `id` (the newest) or `id:version` names.

    Raises:
        DefinitionNotFound.
    """
    label = LABEL.match(definition)
    newest = select(DefinitionRow.id).order_by(DefinitionRow.version.desc()).limit(1)
    query = newest.where(DefinitionRow.key == (label["key"] if label else definition))
    if label:
        query = query.where(DefinitionRow.version == int(label["version"]))
    found = session.scalar(query)
    if found is None:
        raise DefinitionNotFound(definition)
    return found
