"""The law travels with a version, and the one deployed last serves whoever brings none."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from models import Deadline
from models.errors import DeadlineNotPausable, DiagramsRefused
from processes.access import OPERATOR
from processes.deadline_moves import pause_deadline
from processes.deploy import deploy
from processes.engine.statutes import STATUTES
from processes.statutes import deployed_statutes
from tests import diagrams
from tests.processes.conftest import begun

LAW = (Path(__file__).parents[2] / "bpmn" / "faelles" / STATUTES).read_text("utf-8")


def named(statute, key="forloeb"):
    """A diagram with one task that names a statute."""
    return {
        f"{key}.bpmn": diagrams.diagram(
            key,
            diagrams.start(),
            diagrams.user_task("vurder", statute=statute),
            diagrams.end(),
            flow="begynd>vurder>slut",
            lanes={"Visitator": "vurder"},
        )
    }


FILES = {**named("L1", "underret"), STATUTES: LAW}
LAWLESS = {
    "andet.bpmn": diagrams.diagram("andet", diagrams.start(), diagrams.end(), flow="begynd>slut")
}
OTHER = LAW.replace("PT24H", "PT12H")


def deployed(turn, files):
    [definition] = deploy(turn, files, "", OPERATOR).definitions
    return definition


class TestTheLawOfAVersion:
    def test_is_in_the_bundle_of_what_names_it_and_of_nothing_else(self, turn):
        done = deploy(turn, {**FILES, **LAWLESS}, "", OPERATOR)

        carried = {one.key: STATUTES in one.files for one in done.definitions}
        assert carried == {"underret": True, "andet": False}

    def test_is_the_one_in_use_for_a_diagram_that_comes_alone(self, turn):
        deployed(turn, FILES)

        alone = deployed(turn, named("L2"))

        assert alone.files[STATUTES] == LAW == deployed_statutes(turn.session)

    def test_changes_with_the_next_deployment_and_not_before(self, turn):
        first = deployed(turn, FILES)

        second = deployed(turn, {**FILES, STATUTES: OTHER})

        assert (first.version, second.version) == (1, 2)
        assert first.files[STATUTES] == LAW
        assert second.files[STATUTES] == OTHER

    def test_is_missed_where_nobody_has_deployed_any(self, turn):
        with pytest.raises(DiagramsRefused) as refusal:
            deploy(turn, named("L2"), "", OPERATOR)

        errors = [one for one in refusal.value.problems if one.severity == "error"]
        assert [(one.rule, one.element) for one in errors] == [("unknown-statute", "vurder")]

    def test_stands_on_the_deadline_of_a_case_which_nobody_can_pause(self, turn, visitator, leader):
        begun(turn, files={**named("L1"), STATUTES: LAW}, by=visitator)
        deadline = turn.session.scalars(select(Deadline)).one()

        with pytest.raises(DeadlineNotPausable):
            pause_deadline(turn, deadline.id, "ferie", leader)

        assert deadline.duration == "PT24H"
        assert deadline.legal_basis.startswith("Barnets lov § 136")
