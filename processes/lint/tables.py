"""Are the decision tables complete and FEEL?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from processes.engine.decision_model import HIT_POLICIES, Decision, Literal, Table
from processes.engine.decisions import read_decisions
from processes.engine.problems import BadDiagram, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from processes.engine import Feel
    from processes.engine.feel import FeelCheck


def check_tables(files: Mapping[str, str], feel: Feel) -> list[Problem]:
    """Every finding in the DMN files; files that cannot be read were found before."""
    problems: list[Problem] = []
    for name, text in files.items():
        if not name.endswith(".dmn"):
            continue
        try:
            decisions = read_decisions({name: text}).by_id
        except BadDiagram:
            continue
        for decision in decisions.values():
            problems += _check_decision(decision, decisions, feel)
    return problems


def _needs_itself(decision: Decision, known: Mapping[str, Decision]) -> bool:
    seen: set[str] = set()
    ahead = list(decision.requires)
    while ahead:
        other = ahead.pop()
        if other in known and other not in seen:
            seen.add(other)
            ahead += known[other].requires
    return decision.id in seen


def _check_decision(
    decision: Decision, known: Mapping[str, Decision], feel: Feel
) -> Iterator[Problem]:
    for other in decision.requires:
        if other not in known:
            yield _problem(
                decision,
                decision.line,
                "unknown-decision",
                f"It needs the decision '{other}', which is not in the file. Add it.",
                f"Den kræver beslutningen '{other}', som ikke er i filen. Tilføj den.",
            )
    if _needs_itself(decision, known):
        yield _problem(
            decision,
            decision.line,
            "decision-cycle",
            "The decision needs itself, straight or by way of others. Remove one of the arrows.",
            "Beslutningen kræver sig selv, direkte eller gennem andre. Fjern en af pilene.",
        )
    if decision.table is not None:
        yield from _check_table(decision, decision.table, feel)
    elif isinstance(decision.logic, Literal):
        text = decision.logic.cell.text
        yield from _syntax(decision, [("", text, decision.line)], feel, unary=False)
    elif decision.logic is None:
        yield _problem(
            decision,
            decision.line,
            "decision-empty",
            "The decision has neither a table nor an expression. Draw one.",
            "Beslutningen har hverken tabel eller udtryk. Tegn en.",
        )


def _check_table(decision: Decision, table: Table, feel: Feel) -> Iterator[Problem]:
    if table.hit_policy not in HIT_POLICIES:
        yield _problem(
            decision,
            decision.line,
            "hit-policy",
            f"The hit policy '{table.hit_policy}' is unknown. Choose one of DMN's.",
            f"Hit policy '{table.hit_policy}' er ukendt. Vælg en af DMN's.",
        )
    inputs = [(f"input '{c.label}'", c.text, decision.line) for c in table.inputs]
    yield from _syntax(decision, inputs, feel, unary=False)
    tests, results = [], []
    for rule in table.rules:
        if len(rule.tests) != len(table.inputs) or len(rule.results) != len(table.outputs):
            yield _problem(
                decision,
                rule.line,
                "rule-width",
                f"Rule {rule.number} does not have one cell for each column. Fill it in.",
                f"Regel {rule.number} har ikke én celle for hver kolonne. Udfyld den.",
            )
        where = f"rule {rule.number}"
        tests += [(where, one.text, one.line) for one in rule.tests if not one.accepts_everything]
        results += [
            (where, one.text, one.line) for one in rule.results if not one.accepts_everything
        ]
    yield from _syntax(decision, tests, feel, unary=True)
    yield from _syntax(decision, results, feel, unary=False)


def _syntax(
    decision: Decision, cells: list[tuple[str, str, int]], feel: Feel, *, unary: bool
) -> Iterator[Problem]:
    checks: list[FeelCheck] = feel.check_all([text for _, text, _ in cells], unary=unary)
    for (where, text, line), check in zip(cells, checks, strict=True):
        if check.errors or not text:
            reason = check.errors[0] if check.errors else "it is empty"
            yield _problem(
                decision,
                line,
                "feel-syntax",
                f"{where}: '{text}' is not FEEL: {reason}.",
                f"{where}: '{text}' er ikke FEEL: {reason}.",
            )


def _problem(decision: Decision, line: int, rule: str, message: str, message_da: str) -> Problem:
    return Problem(decision.file, decision.id, line, rule, message, message_da, name=decision.name)
