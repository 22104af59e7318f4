"""Does every gateway have an answer for whatever can be, and none in vain?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processes.lint.answers import judged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from processes.engine.diagram import Flow, Node
    from processes.engine.feel import FeelCheck
    from processes.lint.answers import Verdict
    from processes.lint.findings import Findings
    from processes.lint.vocabulary import Vocabulary

ASKING = frozenset({"exclusiveGateway", "inclusiveGateway"})
COMPLEMENTS = (("=", "!="), ("<", ">="), (">", "<="))


def check_choices(
    findings: Findings, parsed: Mapping[str, FeelCheck], vocabulary: Vocabulary
) -> None:
    """The flows out of every gateway that asks; a condition that is no FEEL was found before."""
    for _, node in findings.process.walk():
        if node.kind in ASKING and len(node.outgoing) > 1:
            _check_plain(node, findings)
            asked = [flow for flow in node.outgoing if flow.condition and flow.id != node.default]
            texts = [str(flow.condition) for flow in asked]
            checks = [parsed[text] for text in texts if text in parsed]
            clear = len(checks) == len(asked) > 0 and not any(check.errors for check in checks)
            verdict = judged([check.tree for check in checks], vocabulary) if clear else None
            _check_open(node, verdict, findings)
            if verdict is not None:
                _tell(node, asked, verdict, findings)


def _check_plain(node: Node, findings: Findings) -> None:
    for flow in node.outgoing:
        plain = flow.condition is None and flow.id != node.default
        if plain and node.kind == "exclusiveGateway":
            findings.add("condition-missing", node, at=flow, flow=_named(flow))


def _check_open(node: Node, verdict: Verdict | None, findings: Findings) -> None:
    """Without a default, some condition must hold whatever can be."""
    if node.default is not None or any(flow.condition is None for flow in node.outgoing):
        return
    if verdict is not None and verdict.gap is not None:
        findings.add("answers-open", node, severity="warning", example=verdict.gap)
    elif verdict is None or not verdict.certain:
        conditions = [str(flow.condition) for flow in node.outgoing]
        if not opposite(conditions):
            findings.add("default-missing", node, severity="warning")


def _tell(node: Node, asked: list[Flow], verdict: Verdict, findings: Findings) -> None:
    if verdict.overlap is not None and node.kind == "exclusiveGateway":
        first, second, example = verdict.overlap
        findings.add(
            "answers-overlap",
            node,
            at=asked[second],
            severity="warning",
            first=_named(asked[first]),
            second=_named(asked[second]),
            example=example,
        )
    for number in verdict.vain:
        flow = asked[number]
        findings.add("answer-in-vain", node, at=flow, severity="warning", flow=_named(flow))


def _named(flow: Flow) -> str:
    return f"'{flow.name or flow.id}'"


def opposite(conditions: list[str]) -> bool:
    """Whether two conditions are plainly each other's opposite."""
    if len(conditions) != len(("yes", "no")):
        return False
    first, second = (re.sub(r"\s+", "", text.removeprefix("=")) for text in conditions)
    if f"not({first})" == second or f"not({second})" == first:
        return True
    if {first.replace("=true", "=?"), second.replace("=false", "=?")} == {first[:-4] + "?"}:
        return True
    if {first.replace("=false", "=?"), second.replace("=true", "=?")} == {second[:-4] + "?"}:
        return True
    return any(
        first.replace(a, b, 1) == second or second.replace(a, b, 1) == first
        for a, b in COMPLEMENTS
        if a in first or a in second
    )
