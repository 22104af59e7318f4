"""Deployed versions, compiled once and kept: what a turn needs to know of its diagram."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import undefer

from models.definition import Definition as DefinitionRow
from models.errors import DefinitionNotFound, DefinitionUnreadable
from processes.engine import load_definition
from processes.engine.diagram import read_diagram
from processes.forms import Form

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy.orm import Session

    from processes.engine import Definition
    from processes.engine.diagram import Node, Trigger

CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
log = logging.getLogger(__name__)
MOST_KEPT = 200
"""Versions in memory; a large programme takes about a megabyte."""

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
    forms: dict[str, Form | None] = field(default_factory=dict)
    """Those that somebody has asked for, by the name a task gives."""

    deadline_elements: frozenset[str] = frozenset()
    """The elements that a timer event elsewhere in the diagrams keeps the deadline for."""

    def form(self, name: str | None) -> Form | None:
        """A form of this version, read once; None without one."""
        if name is not None and name not in self.forms:
            spec = self.definition.form(name)
            self.forms[name] = Form.of(spec) if spec is not None else None
        return self.forms[name] if name is not None else None


class Definitions:
    """The versions this process has met; threads share them, nothing ever changes."""

    def __init__(self) -> None:
        self._known: dict[UUID, Deployed] = {}
        self._messages: dict[UUID, frozenset[str]] = {}
        self._lock = Lock()

    def known(self, definition_id: UUID) -> Deployed | None:
        """One version, if this process has met it."""
        return self._known.get(definition_id)

    def get(self, session: Session, definition_id: UUID) -> Deployed:
        """One version, compiled at its first use.

        Raises:
            DefinitionNotFound.
            DefinitionUnreadable: it is there, and what is stored of it is broken.
        """
        known = self._known.get(definition_id)
        if known is None:
            with self._lock:
                known = self._known.get(definition_id) or self._load(session, definition_id)
                self._keep(known)
        return known

    def _keep(self, met: Deployed) -> None:
        """Remember a version; the one met longest ago makes room, and is read again if need be."""
        while len(self._known) >= MOST_KEPT:
            del self._known[next(iter(self._known))]
        self._known[met.id] = met

    def message_names(self, session: Session) -> frozenset[str]:
        """The names of all messages that any deployed version waits for."""
        for id_ in session.scalars(select(DefinitionRow.id)):
            if id_ not in self._messages:
                row = session.get_one(DefinitionRow, id_, options=[undefer(DefinitionRow.bundle)])
                self._messages[id_] = _caught_messages_of(row)
        return frozenset().union(*self._messages.values())

    def _load(self, session: Session, definition_id: UUID) -> Deployed:
        row = session.get(DefinitionRow, definition_id, options=[undefer(DefinitionRow.bundle)])
        if row is None:
            raise DefinitionNotFound(str(definition_id))
        files, definition = _compiled(row)
        return Deployed(
            id=row.id,
            key=row.key,
            version=row.version,
            name=row.name,
            owner_role=row.owner_role,
            files=files,
            definition=definition,
            deadline_elements=frozenset(
                node.properties["deadlineFor"]
                for process in definition.processes.values()
                for _, node in process.walk()
                if node.properties.get("deadlineFor")
            ),
        )


def _compiled(row: DefinitionRow) -> tuple[dict[str, str], Definition]:
    """The files of a version and what they compile to.

    Raises:
        DefinitionUnreadable.
    """
    try:
        files = row.files
        return files, load_definition(row.key, files)
    except Exception as error:
        raise DefinitionUnreadable(row.label) from error


def _caught_messages_of(row: DefinitionRow) -> frozenset[str]:
    """The messages a version waits for; none where what is stored of it is broken."""
    try:
        return _caught_messages(row.files)
    except Exception:
        log.exception("The version %s cannot be read", row.label)
        return frozenset()


def _caught_messages(files: dict[str, str]) -> frozenset[str]:
    """The names of the messages that the diagrams among the files wait for."""
    return frozenset(
        trigger.name
        for name, text in files.items()
        if name.endswith(".bpmn")
        for process in read_diagram(name, text).processes
        for _, node in process.walk()
        for trigger in _caught_by(node)
        if trigger.kind == "message"
    )


def _caught_by(node: Node) -> Iterator[Trigger]:
    """The triggers a node waits for, those that start an event sub-process included."""
    if node.kind in CATCHING:
        yield from node.triggers


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
