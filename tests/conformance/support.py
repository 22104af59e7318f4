"""The page `docs/bpmn-support.md`, made of what the diagrams here say of themselves."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.conformance.corpus import HERE, ROOT, proofs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.conformance.corpus import Proof

PAGE = ROOT / "docs" / "bpmn-support.md"
HEAD = """# What of BPMN runs

Made by `python -m tests.conformance > docs/bpmn-support.md`; change the diagrams, not this page.

Each construct has a small diagram of its own, and a scenario beside it that states which elements
are completed, in order. The tests play every scenario in memory, saved and restored at every wait,
with the diagram read anew for every command, a second time on what the first case has used, and
turn by turn through PostgreSQL. What is refused is refused when somebody deploys it, with a
sentence that says what to draw instead.
"""
LIBRARY = HERE / "spiffworkflow.yaml"
LIBRARY_HEAD = """## What SpiffWorkflow does otherwise

[SpiffWorkflow](https://github.com/sartography/SpiffWorkflow) executes the tokens here; the elements
are our own. The second column was measured on its version 3.2.0 with its own elements.

| Subject | There | Here | Proof |
|---|---|---|---|
"""
TABLE = "| Construct | Status | Diagram | What happens |\n|---|---|---|---|\n"


def page() -> str:
    """The whole page."""
    run, refused = proofs()
    parts = [HEAD, f"{len(run)} diagrams run, {len(refused)} are refused.\n"]
    parts += [_section(group, found) for group, found in groupby(run, lambda proof: proof.group)]
    if refused:
        parts.append(_section("refused", refused))
    parts.append(_library())
    return "\n".join(parts)


def library() -> dict[str, list[dict[str, Any]]]:
    """What SpiffWorkflow does otherwise, by subject: `was`, `now` and a list of proofs."""
    told: dict[str, list[dict[str, Any]]] = yaml.safe_load(LIBRARY.read_text(encoding="utf-8"))
    return told


def _section(group: str, proofs_: Iterable[Proof]) -> str:
    title = group.replace("_", " ").capitalize()
    rows = sorted(_row(proof) for proof in proofs_)
    return f"## {title}\n\n{TABLE}{''.join(rows)}"


def _row(proof: Proof) -> str:
    link = f"[{proof.path.stem}](../{proof.path.relative_to(ROOT)})"
    cells = (proof.construct, _status(proof), link, proof.note)
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n"


def _library() -> str:
    return LIBRARY_HEAD + "".join(
        _compared(subject, entry) for subject, entries in library().items() for entry in entries
    )


def _compared(subject: str, entry: dict[str, Any]) -> str:
    links = ", ".join(_link(proof) for proof in entry["proof"])
    return f"| {subject} | {entry['was']} | {entry['now']} | {links} |\n"


def _link(proof: str) -> str:
    """A link to a diagram, or to a test."""
    if proof.startswith("tests/"):
        return f"[{Path(proof).stem}](../{proof})"
    return f"[{proof}](../{(HERE / proof).relative_to(ROOT)}.bpmn)"


def _status(proof: Proof) -> str:
    if "refused" in proof.path.relative_to(HERE).parts:
        rule, _ = proof.refusal
        return f"refused (`{rule}`)"
    return "runs"
