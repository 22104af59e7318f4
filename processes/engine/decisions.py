"""DMN decisions: tables with every hit policy, expressions, decisions that need decisions.

The cells are FEEL, evaluated by the same interpreter as everything else; `decision_bridge.js`
walks the tables there, so that a decision costs one crossing with all that it needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from processes.engine.decision_model import Decision, Model, read_model
from processes.engine.feel import DecisionFailed, FeelError
from processes.engine.moment import ElementFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from processes.engine.feel import Feel

__all__ = ["Decision", "Decisions", "read_decisions"]


@dataclass
class Decisions:
    """The decisions of a bundle."""

    by_id: dict[str, Decision] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=dict)
    """By file: what a decision needs stands in its own file."""

    def evaluate(
        self,
        decision: Decision,
        names: Callable[[str], dict[str, Any]],
        feel: Feel,
        now: datetime,
    ) -> Any:
        """The tagged answer of a decision; null if no rule matches and nothing is the default.

        `names` gives the variables a text could mention.

        Raises:
            ElementFailed: a cell fails or the hit policy is broken; names decision, rule, cell.
        """
        model = self.models[decision.file]
        try:
            return feel.decide(model.plan, decision.id, names(model.words), now).value
        except FeelError as error:
            raise ElementFailed(f"decision '{decision.name}': {error.reason}") from error
        except DecisionFailed as error:
            raise ElementFailed(sentence(error)) from error


def read_decisions(files: Mapping[str, str]) -> Decisions:
    """The decisions of every DMN file of a bundle.

    Raises:
        BadDiagram: a file is not DMN, or uses what is not supported.
    """
    decisions = Decisions()
    for file, text in files.items():
        if file.endswith(".dmn"):
            model = read_model(file, text)
            decisions.models[file] = model
            decisions.by_id |= model.decisions
    return decisions


def sentence(error: DecisionFailed) -> str:
    """Where and why, such as "decision 'Afgør', rule 2, column 'alder': … (cell c_2: [15..18)"."""
    place = error.place
    parts = [f"decision '{place.get('decision', '')}'"]
    if "rule" in place:
        parts.append(f"rule {place['rule']}")
    if "what" in place:
        parts.append(str(place["what"]))
    where = ", ".join(parts)
    cell = " ".join(filter(None, ["cell", place.get("cell")]))
    shown = f" ({cell}: {place['text']})" if place.get("text") else ""
    return f"{where}: {error.reason}{shown}"
