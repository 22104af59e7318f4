"""The diagram properties that the engine reads; the modeler's panel edits exactly these."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        "statute",
    }
)

PROPERTIES: dict[str, frozenset[str]] = {
    "bpmn:UserTask": frozenset(
        {
            "form",
            "statute",
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
    "bpmn:MessageEventDefinition": frozenset({"correlation", "brings"}),
    "bpmn:SignalEventDefinition": frozenset({"brings"}),
    "bpmn:ReceiveTask": frozenset({"correlation", "brings"}),
    "bpmn:BusinessRuleTask": frozenset({"resultVariable"}),
    "bpmn:CallActivity": frozenset({"restartable", "lane.*", "in.*", "out.*"}),
    "bpmn:SubProcess": frozenset({"restartable", "survives"}),
    "bpmn:Process": frozenset({"ownerRole", "unit", "startData", "parameter.*"}),
}
"""Element or event definition to property names; `x.*` is any name that starts with `x.`.

The properties of an event definition stand on the event that holds it.
"""


def declared_names(text: str | None) -> Iterator[tuple[str, str]]:
    """The names that `startData` or `brings` declares, as `alder: number, navn`.

    Each comes with FEEL's name of its kind, empty if none is given.
    """
    for part in (text or "").split(","):
        name, _, kind = part.partition(":")
        if name.strip():
            yield name.strip(), kind.strip()
