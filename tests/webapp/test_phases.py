from __future__ import annotations

from pathlib import Path

from processes.diagram_files import read_files
from tests import diagrams, make
from webapp.phases import phases_in, steps_of

PROGRAMME = Path(__file__).parents[2] / "bpmn" / "en_vej_ind"
LOOP = diagrams.diagram(
    "forloeb",
    diagrams.start(),
    diagrams.service_task("sidst", "case/SetPhase", phase='"Slut"'),
    diagrams.service_task("foerst", "case/SetPhase", phase='="Start"'),
    diagrams.service_task("regnet", "case/SetPhase", phase="fase_navn"),
    diagrams.end(),
    flow="begynd>foerst>regnet>sidst>slut",
    ownerRole="Koordinator",
)


class TestPhases:
    def test_of_the_programme_stand_in_the_order_of_its_course(self):
        phases = phases_in(read_files(PROGRAMME), "en_vej_ind.bpmn")

        assert phases[:4] == ("Modtagelse", "Samtykke", "Visitation", "Klar")
        assert phases[-3:] == ("Start", "Opfølgning", "Lukket")

    def test_follow_the_flow_and_not_the_file_and_name_only_what_is_literal(self):
        assert phases_in({"forloeb.bpmn": LOOP}, "forloeb.bpmn") == ("Start", "Slut")

    def test_are_done_up_to_the_present_one(self, session):
        definition = make.definition(session, files={"forloeb.bpmn": LOOP})

        steps = steps_of(definition, "Slut")

        assert [step.state for step in steps] == ["done", "current"]

    def test_are_all_done_when_the_case_is_over(self, session):
        definition = make.definition(session, files={"forloeb.bpmn": LOOP})

        steps = steps_of(definition, "Slut", is_over=True)

        assert [step.state for step in steps] == ["done", "done"]

    def test_of_an_event_stand_at_the_end(self, session):
        definition = make.definition(session, files={"forloeb.bpmn": LOOP})

        assert [step.name for step in steps_of(definition, "Flyttet")][-1] == "Flyttet"
