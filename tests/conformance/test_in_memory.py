"""Every diagram here does what BPMN 2.0.2 says, however it is run, or is refused with a reason."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from lxml import etree

from models.errors import DiagramsRefused
from processes.access import OPERATOR
from processes.deploy import deploy
from processes.engine import load_definition
from processes.rehearsal import Run
from processes.simulate import follow
from tests.conformance.corpus import ROOT, proofs
from tests.conformance.support import PAGE, page

RUNNING, REFUSED = proofs()
every_running = pytest.mark.parametrize("proof", RUNNING, ids=lambda proof: proof.id)
every_refused = pytest.mark.parametrize("proof", REFUSED, ids=lambda proof: proof.id)


def played(scenario, definition, engine, kind=Run, **how):
    """The run, and the reasons why it is not as the scenario says."""
    days = frozenset(scenario.closing_days)
    run = kind(engine, definition, now=scenario.start, closing_days=days, **how)
    return run, [f"{failure['what']}: {failure['reason']}" for failure in follow(scenario, run)]


class Restarted(Run):
    """Each command meets a program that has just begun: a definition read anew, saved state."""

    def _step(self, command):
        self.definition = load_definition(self.definition.key, self.definition.files)
        return super()._step(command)


class TestInMemory:
    @every_running
    def test_runs_without_saving(self, proof, engine):
        definition = load_definition(proof.scenario.process, proof.files)

        run, wrong = played(proof.scenario, definition, engine, saving=False)

        assert wrong == []
        assert run.trace != []

    @every_running
    def test_runs_saved_at_every_wait(self, proof, engine):
        definition = load_definition(proof.scenario.process, proof.files)

        _, wrong = played(proof.scenario, definition, engine, saving=True)

        assert wrong == []

    @every_running
    def test_runs_on_after_a_restart(self, proof, engine):
        definition = load_definition(proof.scenario.process, proof.files)

        _, wrong = played(proof.scenario, definition, engine, Restarted, saving=True)

        assert wrong == []

    @every_running
    def test_leaves_nothing_in_the_definition_for_the_next_case(self, proof, engine):
        definition = load_definition(proof.scenario.process, proof.files)

        first, _ = played(proof.scenario, definition, engine, saving=False)
        second, wrong = played(proof.scenario, definition, engine, saving=True)

        assert wrong == []
        assert second.trace == first.trace

    @every_running
    def test_says_what_it_expects_at_the_end(self, proof):
        last = proof.scenario.steps[-1]

        assert last.action == "expect"
        assert "trace" in last.value


@pytest.fixture(scope="module")
def schema():
    """The schema of BPMN 2.0 that comes with SpiffWorkflow."""
    return etree.XMLSchema(file=str(files("SpiffWorkflow.bpmn.parser.schema") / "BPMN20.xsd"))


class TestEveryDiagram:
    @pytest.mark.parametrize("proof", [*RUNNING, *REFUSED], ids=lambda proof: proof.id)
    def test_is_valid_bpmn(self, proof, schema):
        for text in proof.diagrams:
            schema.assertValid(etree.fromstring(text.encode()))

    def test_has_a_process_of_its_own(self):
        keys = [load.process for load in (proof.scenario for proof in RUNNING)]

        assert sorted(set(keys)) == sorted(keys)


class TestRefused:
    @every_refused
    def test_is_not_deployed_and_it_is_told_why(self, proof, turn):
        with pytest.raises(DiagramsRefused) as refused:
            deploy(turn, proof.files, "", OPERATOR)

        found = [(p.rule, p.element) for p in refused.value.problems if p.severity == "error"]
        assert proof.refusal in found


class TestThePage:
    def test_is_the_one_in_docs(self):
        assert PAGE.read_text(encoding="utf-8") == page()

    def test_links_to_what_is_there(self):
        links = re.findall(r"\]\(\.\./([^)]+)\)", page())

        assert [link for link in links if not (ROOT / link).is_file()] == []
        assert len(links) > len(RUNNING) + len(REFUSED)
