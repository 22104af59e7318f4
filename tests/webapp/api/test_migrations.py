"""Moving cases through the API."""

from __future__ import annotations

from uuid import uuid4

import pytest

from processes.access import OPERATOR
from processes.deploy import deploy
from processes.migration_turns import carry_on
from tests.webapp.api.conftest import FILES


@pytest.fixture
def deployer(token_of, programme):
    return token_of("maskine", "Procesejer", scopes=["deploy"], unit_id=None)


@pytest.fixture
def second(wiring, programme):
    """A second version, in which the first task has another id and more time."""
    text = FILES["forloeb.bpmn"].replace('value="P7D"', 'value="P10D"').replace("vurder", "bedoem")
    text = text.replace("bedoeming.form.json", "vurdering.form.json")
    with wiring.turn() as turn:
        deploy(turn, {**FILES, "forloeb.bpmn": text}, "", OPERATOR)


@pytest.fixture
def moving(visitator, second_after_case, deployer):
    return deployer


@pytest.fixture
def second_after_case(visitator, request):
    case = visitator.start(reference="T-01", unit="aalborg")
    request.getfixturevalue("second")
    return case


def ask(deployer, **more):
    body = {"definition": "forloeb", "from": 1, "to": 2, **more}
    return deployer.post("/migrations", body)


class TestMigrations:
    def test_tries_then_moves_then_goes_back(self, moving, wiring, second_after_case):
        tried = ask(moving, dry_run=True).get_json()
        carry_on(wiring)
        [result] = moving.get(f"/migrations/{tried['id']}/cases").get_json()["items"]
        assert (result["case"], result["state"]) == (second_after_case["id"], "refused")
        assert result["refused"][0]["reason"] == "removed"
        assert "element" in result["refused"][0]["message"]

        reply = ask(moving, rename={"vurder": "bedoem"}, reason="ny frist")
        assert reply.status_code == 201
        carry_on(wiring)
        done = moving.send("GET", reply.headers["Location"].removeprefix("/api/v1")).get_json()
        assert (done["state"], done["progress"]["moved"]) == ("done", 1)
        [result] = moving.get(f"/migrations/{done['id']}/cases", state="moved").get_json()["items"]
        assert result["kept"][0]["to"] == "bedoem"
        assert result["deadlines"][0]["old"] < result["deadlines"][0]["new"]

        back = moving.post(f"/migrations/{done['id']}/reversal", {"reason": "fortrudt"})
        assert back.status_code == 201
        carry_on(wiring)
        shown = moving.get(f"/migrations/{back.get_json()['id']}").get_json()
        assert (shown["undoes"], shown["progress"]["moved"]) == (done["id"], 1)
        assert len(moving.get("/migrations").get_json()["items"]) == 3

    def test_can_be_stopped(self, moving, wiring):
        id_ = ask(moving, rename={"vurder": "bedoem"}).get_json()["id"]

        stopped = moving.post(f"/migrations/{id_}/cancellation").get_json()
        carry_on(wiring)

        assert stopped["state"] == "stopped"
        assert moving.get(f"/migrations/{id_}").get_json()["progress"]["waiting"] == 1

    def test_moves_one_case(self, moving, wiring, second_after_case):
        reply = ask(moving, case=second_after_case["id"], rename={"vurder": "bedoem"})

        assert reply.get_json()["progress"]["total"] == 1

    @pytest.mark.parametrize(
        ("more", "status", "code"),
        [
            ({"rename": {"vurder": "nix"}}, 422, "unknown_element"),
            ({"to": 1}, 409, "nothing_to_move"),
            ({"to": 9}, 404, "definition_not_found"),
            ({"from": "et"}, 422, "invalid_request"),
            ({"reason": "010203-1234"}, 422, "cpr_number"),
        ],
    )
    def test_says_what_is_wrong(self, moving, more, status, code):
        reply = ask(moving, **more)

        assert (reply.status_code, reply.get_json()["code"]) == (status, code)

    def test_knows_only_what_there_is(self, deployer):
        assert deployer.get(f"/migrations/{uuid4()}").status_code == 404
