"""What a failed step says may quote the case: only those who see all of the case read it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models import Case, Incident
from processes.access import OPERATOR
from processes.deploy import deploy
from tests import diagrams, make
from tests.processes.engine.dmn import decision, dmn, table

SECRET = "anbragt uden for hjemmet"
RULE = (
    '<bpmn:businessRuleTask id="afgoer"><bpmn:extensionElements><spiffworkflow:calledDecisionId>d'
    "</spiffworkflow:calledDecisionId></bpmn:extensionElements></bpmn:businessRuleTask>"
)
FILES = {
    "forloeb.bpmn": diagrams.diagram(
        "forloeb",
        diagrams.start(),
        diagrams.user_task("vurder"),
        RULE,
        diagrams.end(),
        flow="begynd>vurder>afgoer>slut",
        lanes={"Visitator": "vurder"},
        ownerRole="Koordinator",
    ),
    "regler.dmn": dmn(decision("d", table(["forhold:number"], ["r:string"], ("-", '"ja"')))),
}


@pytest.fixture
def failed(wiring, rows, token_of):
    """A case that stopped at a value; in compartment A, or in B."""
    with wiring.turn() as turn:
        make.unit(turn.session)
        deploy(turn, FILES, "", OPERATOR)

    def stop(part):
        visitator = token_of("visitator")
        case = visitator.start()
        setattr(rows.get_one(Case, case["id"]), part, {"forhold": SECRET})
        rows.commit()
        visitator.complete(case["tasks"][0])
        return case["id"]

    return stop


def read(caller, case):
    """All that the API tells of the incident, and of the case's history."""
    listed = caller.get("/incidents").get_json()["items"]
    history = caller.get(f"/cases/{case}/events").get_json()["items"]
    return " ".join(map(str, [*listed, *history]))


class TestWhatAFailedStepSays:
    def test_is_open_to_those_who_see_the_compartment(self, failed, token_of, as_):
        case = failed("authority_data")

        assert SECRET in read(token_of("leder"), case)
        assert SECRET in as_("leder").get(f"/cases/{case}").text
        assert SECRET in as_("leder").get("/board").text

    @pytest.mark.parametrize("name", ["koordinator", "visitator"])
    def test_is_closed_to_those_who_do_not(self, failed, token_of, as_, name):
        case = failed("authority_data")
        page = as_(name).get(f"/cases/{case}").text

        assert SECRET not in read(token_of(name), case)
        assert SECRET not in page
        assert "the leader can see it" in page
        assert SECRET not in as_("koordinator").get("/board").text

    def test_is_open_on_a_case_without_an_authority_part(self, failed, as_):
        case = failed("data")

        assert SECRET in as_("koordinator").get(f"/cases/{case}").text
        assert SECRET in as_("koordinator").get("/board").text

    def test_is_closed_to_an_administrator_who_tries_again(self, failed, token_of, rows):
        failed("data")
        incident = rows.scalars(select(Incident.id)).one()

        reply = token_of("admin", "Systemadministrator").post(f"/incidents/{incident}/retries")

        assert reply.status_code == 200
        assert SECRET not in reply.text
