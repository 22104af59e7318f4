"""Events that a version took off watch, kept in case a later one has them again.

Going back must not let a reminder ring twice or a period begin anew: the event comes back as it
was.
"""

from __future__ import annotations

import hashlib
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.util.task import TaskState

from processes.engine.placement import base_of
from processes.engine.workflow import Token

if TYPE_CHECKING:
    from SpiffWorkflow.task import Task

    from processes.engine.elements.base import NodeSpec
    from processes.engine.workflow import Flat

GONE = "gone"


def remember(task: Task) -> None:
    """Keep an event on watch with the activity it sits on, or with its scope."""
    host = task.internal_data.get("host")
    if task.state != TaskState.WAITING:
        return
    if host is None:
        _keep(task.workflow.data, task.task_spec, [task.id.hex, deepcopy(task.internal_data)])
    for other in task.workflow.live():
        if str(other.id) == host:
            told = [task.id.hex, deepcopy(task.internal_data)]
            _keep(other.internal_data, task.task_spec, told)


def remember_silent(scope: Flat, watch: NodeSpec) -> None:
    """Keep in mind that an event sub-process is not on watch: its timer has rung."""
    if base_of(watch.name) not in scope.data.get(GONE, {}):
        _keep(scope.data, watch, None)


def is_remembered(home: dict[str, Any], spec: NodeSpec) -> bool:
    """Whether this very event was on watch here before."""
    known = home.get(GONE, {}).get(base_of(spec.name))
    return known is not None and known["rule"] == _fingerprint(spec)


def bring_back(scope: Flat, home: dict[str, Any], spec: NodeSpec) -> Task | None:
    """Put a remembered event on watch again as it was; None if it had rung for good."""
    known = home[GONE].pop(base_of(spec.name))
    if not home[GONE]:
        del home[GONE]
    if known["token"] is None:
        return None
    identity, internal = known["token"]
    task = Token(scope, spec, parent=scope.task_tree, state=TaskState.WAITING, id=UUID(identity))
    task.internal_data = internal
    return task


def _keep(home: dict[str, Any], spec: NodeSpec, token: list[Any] | None) -> None:
    known = {"rule": _fingerprint(spec), "token": token}
    home.setdefault(GONE, {})[base_of(spec.name)] = known


def _fingerprint(spec: NodeSpec) -> str:
    """Equal for two drawings of an event that wait for the same thing in the same way."""
    node = spec.node
    triggers = [replace(trigger, line=0) for trigger in node.triggers]
    told = repr((node.kind, triggers, sorted(node.properties.items()), node.interrupting))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
