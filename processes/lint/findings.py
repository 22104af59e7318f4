"""Collects findings in one file, each with its element, line and sentence in both languages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from processes.engine.diagram import Node
from processes.engine.problems import Problem
from processes.lint.sayings import SAYINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from processes.engine.diagram import Flow, Process, Scope, Trigger
    from processes.engine.places import Place

MOST_SHOWN = 80


@dataclass
class Findings:
    """What was found in one process."""

    process: Process
    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        rule: str,
        node: Node | Scope,
        *,
        at: Flow | Trigger | Place | str | None = None,
        severity: str = "error",
        **facts: str,
    ) -> None:
        """Note a finding at an element; `at` is the part of it to show, or that part's name."""
        english, danish = SAYINGS[rule]
        spot = _spot(node, at)
        self.problems.append(
            Problem(
                file=self.process.file,
                element=node.id,
                line=spot.line or None,
                rule=rule,
                message=english.format(**facts),
                message_da=danish.format(**facts),
                severity=severity,
                name=node.name,
                column=spot.column or None,
            )
        )

    def scopes(self) -> Iterator[Scope]:
        """The process and every sub-process in it."""
        yield self.process
        for _, node in self.process.walk():
            if node.body is not None:
                yield node.body


def shown(node: Node | Scope) -> str:
    """How a sentence names an element."""
    return node.name or node.id


def _spot(
    node: Node | Scope, at: Flow | Trigger | Place | str | None
) -> Node | Scope | Flow | Trigger | Place:
    if isinstance(at, str):
        return node.places.get(at, node) if isinstance(node, Node) else node
    return at if at is not None and at.line else node


def shortened(text: str) -> str:
    """An expression on one line of a sentence."""
    flat = " ".join(text.split())
    return flat if len(flat) <= MOST_SHOWN else flat[: MOST_SHOWN - 1] + "…"
