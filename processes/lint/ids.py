"""Can every element be called by its id, and is it the only one of that id?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from processes.engine.definition import IDENTITY

if TYPE_CHECKING:
    from processes.lint.findings import Findings


def check_ids(findings: Findings) -> None:
    """Every rule of ids."""
    if not IDENTITY.fullmatch(findings.process.id):
        findings.add("bad-id", findings.process, id=findings.process.id)
    seen: set[str] = set()
    for scope, node in findings.process.walk():
        if not IDENTITY.fullmatch(node.id):
            findings.add("bad-id", node, id=node.id)
        elif node.id in seen:
            findings.add("duplicate-id", node, id=node.id)
        seen.add(node.id)
        if node.body is not None:
            for flow in node.body.flows.values():
                if flow.id in scope.flows:
                    findings.add("duplicate-id", node, at=flow, id=flow.id)
