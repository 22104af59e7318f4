"""A pure BPMN engine on SpiffWorkflow: (definition, state, data, command, now) → step."""

from __future__ import annotations

from processes.engine.definition import Definition, load_definition
from processes.engine.engine import CaseRests, Engine
from processes.engine.feel import Feel, FeelError
from processes.engine.problems import BadDiagram, NotPossible, NotWaiting, Problem
from processes.engine.snapshot import BadSnapshot, NewerSnapshot

__all__ = [
    "BadDiagram",
    "BadSnapshot",
    "CaseRests",
    "Definition",
    "Engine",
    "Feel",
    "FeelError",
    "NewerSnapshot",
    "NotPossible",
    "NotWaiting",
    "Problem",
    "load_definition",
]
