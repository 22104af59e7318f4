"""One class an element of BPMN 2.0, on SpiffWorkflow's task specifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processes.engine.elements.activities import (
    Activity,
    BusinessRuleTask,
    ScriptTask,
    SendTask,
    ServiceTask,
    UserTask,
)
from processes.engine.elements.base import NodeSpec, Root
from processes.engine.elements.events import (
    BoundaryEvent,
    CatchEvent,
    EndEvent,
    EventStart,
    StartEvent,
    ThrowEvent,
)
from processes.engine.elements.gateways import (
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    ParallelGateway,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ELEMENTS", "Activity", "EventStart", "NodeSpec", "Root", "UserTask"]

ELEMENTS: Mapping[str, type[NodeSpec]] = {
    "startEvent": StartEvent,
    "endEvent": EndEvent,
    "intermediateThrowEvent": ThrowEvent,
    "intermediateCatchEvent": CatchEvent,
    "receiveTask": CatchEvent,
    "boundaryEvent": BoundaryEvent,
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventBasedGateway,
    "task": Activity,
    "userTask": UserTask,
    "manualTask": UserTask,
    "serviceTask": ServiceTask,
    "sendTask": SendTask,
    "scriptTask": ScriptTask,
    "businessRuleTask": BusinessRuleTask,
}
"""BPMN tag to the class that runs it; sub-processes and call activities also need their inside."""
