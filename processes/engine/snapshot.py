"""A case's state as bytes: only the live tokens, because the definition is pinned elsewhere."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.util.task import TaskState

from processes.engine.workflow import CaseWorkflow, ScopeWorkflow, Token

if TYPE_CHECKING:
    from processes.engine.definition import Definition
    from processes.engine.workflow import Flat

FORMAT = 1
FASTEST = 1


UNREADABLE = (zlib.error, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What reading a damaged document can raise."""


class BadSnapshot(Exception):
    """A stored state is damaged, or does not fit its definition."""


class NewerSnapshot(BadSnapshot):
    """A stored state was written by a later program than this one."""


def dump(workflow: CaseWorkflow) -> bytes:
    """The bytes to store."""
    document = {"format": FORMAT, "scopes": entries(workflow)}
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), FASTEST)


def restore(definition: Definition, state: bytes | object) -> CaseWorkflow:
    """The workflow a snapshot was made of.

    Raises:
        BadSnapshot: it is damaged, or names elements the definition lacks.
        NewerSnapshot: it is of a later format.
    """
    if not isinstance(state, bytes):
        raise BadSnapshot(f"the state is {type(state).__name__}, not bytes")
    try:
        document = json.loads(zlib.decompress(state))
        if document["format"] != FORMAT:
            raise _other_format(document["format"])
        return build(definition, document["scopes"])
    except UNREADABLE as error:
        raise BadSnapshot(f"the stored state cannot be read: {error!r}") from error


def _other_format(found: object) -> BadSnapshot:
    newer = isinstance(found, int) and found > FORMAT
    kind = NewerSnapshot if newer else BadSnapshot
    return kind(f"the state has format {found!r}, not {FORMAT}")


def new_workflow(definition: Definition) -> CaseWorkflow:
    """A workflow without a root or tokens yet."""
    return CaseWorkflow(definition.main, deserializing=True)


def entries(workflow: CaseWorkflow) -> list[dict[str, Any]]:
    """One entry a scope, those around others first."""
    return [_scope_out(scope) for scope in workflow.scopes()]


def _scope_out(scope: Flat) -> dict[str, Any]:
    parent = scope.parent_task_id
    return {
        "spec": scope.spec.name,
        "parent": None if parent is None else parent.hex,
        "root": scope.task_tree.id.hex,
        "data": scope.data,
        "tasks": [
            [task.id.hex, task.task_spec.name, task.state, task.internal_data]
            for task in scope.live()
        ],
    }


def build(definition: Definition, scopes: list[dict[str, Any]]) -> CaseWorkflow:
    """The workflow that entries tell of.

    Raises:
        KeyError: the definition lacks an element.
    """
    workflow = new_workflow(definition)
    _fill(workflow, scopes[0])
    known = dict(workflow.tasks)
    for entry in scopes[1:]:
        parent = UUID(entry["parent"])
        scope = ScopeWorkflow(
            definition.specs[entry["spec"]],
            parent_task_id=parent,
            top_workflow=workflow,
            deserializing=True,
        )
        scope.host = known[parent]
        _fill(scope, entry)
        known |= scope.tasks
        workflow.subprocesses[parent] = scope
    return workflow


def _fill(scope: Flat, entry: dict[str, Any]) -> None:
    root = Token(scope, scope.spec.start, state=TaskState.COMPLETED, id=UUID(entry["root"]))
    scope.task_tree = root
    scope.data = entry["data"]
    for identity, spec, state, internal in entry["tasks"]:
        task = Token(
            scope, scope.spec.task_specs[spec], parent=root, state=state, id=UUID(identity)
        )
        task.internal_data = internal
