"""Every bad file is refused by the linter and at deployment: by its rule, at its element.

The rule and the element stand in the file's name, as `rule@element.what.bpmn`; `-` is no element.
What the tables beside them break is told in `test_tables.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import DiagramsRefused
from processes.access import OPERATOR
from processes.deploy import deploy
from processes.engine.statutes import STATUTES
from processes.forms.lint import SAYINGS as FORM_SAYINGS
from processes.lint import lint
from processes.lint.sayings import SAYINGS
from tests.processes.engine.notation import FEEL, definitions, end, flows, process, start, user

FILES = sorted((Path(__file__).parent / "bad").iterdir())
BAD = [path for path in FILES if "@" in path.name]
GOOD = {"god.bpmn": definitions(process(start() + user("a") + end() + flows("s>a a>e"), "god"))}
"""Beside tables and forms, which are not deployed alone."""

LAW = {STATUTES: (Path(__file__).parents[3] / "bpmn" / "faelles" / STATUTES).read_text("utf-8")}

ELSEWHERE = {"picture-missing", "process-twice"}
"""Rules of more than one file, or of what the small files lack anyway."""

USUAL = {"lane-missing", "picture-missing"}


def expected(path):
    rule, _, rest = path.name.partition("@")
    element = rest.split(".")[0]
    return rule, None if element == "-" else element


def findings(problems, rule):
    """The errors, or the warnings if there are none; without what all small files lack."""
    errors = [p for p in problems if p.severity == "error"]
    return errors or [p for p in problems if p.rule not in USUAL - {rule}]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_is_found_by_its_rule_at_its_element(path):
    rule, element = expected(path)
    text = path.read_text(encoding="utf-8")

    found = findings(lint({path.name: text}, FEEL, deployed=LAW), rule)

    assert {(p.rule, p.element) for p in found} == {(rule, element)}
    for problem in found:
        lines = text.split("\n")
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.message.strip()
        assert problem.message_da.strip()
        assert problem.message != problem.message_da


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_is_refused_at_deployment_with_the_same_words(turn, path):
    files = {path.name: path.read_text(encoding="utf-8")}
    found = lint(files, FEEL, deployed=LAW)
    refused = {problem for problem in found if problem.severity == "error"}

    if refused:
        with pytest.raises(DiagramsRefused) as refusal:
            deploy(turn, GOOD | LAW | files, "", OPERATOR)
        problems = refusal.value.problems
    else:
        problems = deploy(turn, GOOD | LAW | files, "", OPERATOR).warnings

    told = {problem for problem in problems if problem.file == path.name}
    assert told <= set(found)
    assert told & (refused or set(found))
    assert all(problem.line and problem.column for problem in told)


def test_there_is_a_bad_file_for_every_rule():
    broken = {expected(path)[0] for path in BAD}

    assert (SAYINGS.keys() | FORM_SAYINGS.keys()) - broken == ELSEWHERE
