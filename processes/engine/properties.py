"""The diagram properties that the engine reads; the modeler's panel edits exactly these."""

from __future__ import annotations

TIMER = frozenset(
    {
        "calendar",
        "countFrom",
        "deadlineFor",
        "follows",
        "legalBasis",
        "offset",
        "pausable",
        "roll",
    }
)

PROPERTIES: dict[str, frozenset[str]] = {
    "bpmn:UserTask": frozenset(
        {
            "form",
            "deadline",
            "calendar",
            "countFrom",
            "roll",
            "legalBasis",
            "pausable",
            "priority",
            "assign",
        }
    ),
    "bpmn:AdHocSubProcess": frozenset({"assign", "priority"}),
    "bpmn:TimerEventDefinition": TIMER,
    "bpmn:MessageEventDefinition": frozenset({"correlation"}),
    "bpmn:ReceiveTask": frozenset({"correlation"}),
    "bpmn:BusinessRuleTask": frozenset({"resultVariable"}),
    "bpmn:CallActivity": frozenset({"lane.*", "in.*", "out.*"}),
    "bpmn:Process": frozenset({"ownerRole", "parameter.*"}),
}
"""Element or event definition to property names; `x.*` is any name that starts with `x.`.

The properties of an event definition stand on the event that holds it.
"""
