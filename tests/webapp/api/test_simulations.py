from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from models import Case
from tests.webapp.api.conftest import FILES

SCENARIO = """
process: forloeb
start: 2026-01-31T09:00:00+01:00
steps:
  - complete: vurder
    role: Visitator
    with: {grund: enig}
  - travel: P4M
  - message: dom_afsagt
  - expect: {tasks: [samtale], data: {grund: enig}, ended: false}
"""

NO_SCENARIOS = (
    "steps: [",
    "process: forloeb",
    SCENARIO.replace("travel: P4M", "fly: P4M"),
    SCENARIO + "  - expect: {timers: {dom: i morgen}}\n",
    SCENARIO.replace("process: forloeb", "process: forloeb\nfile: andet.bpmn"),
    "",
)


@pytest.fixture
def machine(token_of):
    return token_of("prøve", "Mentor", scopes=["simulate"])


class TestCreate:
    def test_plays_a_scenario_and_stores_nothing(self, machine, rows):
        reply = machine.upload("/simulations", FILES, scenario=SCENARIO)

        assert reply.status_code == 200
        report = reply.get_json()
        assert report["failures"] == []
        assert report["ok"] is True
        assert report["data"]["grund"] == "enig"
        assert report["open_tasks"] == [{"element": "samtale", "role": "Mentor", "due_at": None}]
        assert [line["element"] for line in report["trace"]] == ["begynd", "vurder", "dom"]
        assert report["trace"][-1]["at"] == "2026-05-31T09:00:00+02:00"
        assert rows.scalars(select(Case)).all() == []

    def test_takes_the_scenario_as_a_file(self, machine):
        scenario = (BytesIO(SCENARIO.encode()), "t_01.yaml")

        reply = machine.upload("/simulations", FILES, scenario=scenario)

        assert reply.get_json()["ok"] is True

    def test_says_what_was_not_as_expected(self, machine):
        hopeful = SCENARIO.replace("ended: false", "ended: true")

        report = machine.upload("/simulations", FILES, scenario=hopeful).get_json()

        assert report["ok"] is False
        assert "ended" in report["failures"][0]["reason"]

    def test_plays_a_deployed_process_without_files(self, machine, programme):
        reply = machine.send(
            "POST",
            "/simulations",
            data={"scenario": SCENARIO},
            content_type="multipart/form-data",
        )

        assert reply.get_json()["ok"] is True

    def test_refuses_what_is_no_scenario(self, machine):
        for scenario in NO_SCENARIOS:
            reply = machine.upload("/simulations", FILES, scenario=scenario)

            assert reply.status_code == 422
            assert list(reply.get_json()["errors"]) == ["scenario"]

    def test_needs_a_scenario(self, machine):
        reply = machine.upload("/simulations", FILES)

        assert reply.get_json()["errors"] == {"scenario": ["Is needed."]}

    def test_says_what_is_wrong_with_a_diagram(self, machine):
        broken = machine.upload("/simulations", {"forloeb.bpmn": "<no"}, scenario=SCENARIO)
        missing = machine.upload(
            "/simulations", FILES, scenario=SCENARIO.replace("forloeb", "andet")
        )

        for reply in (broken, missing):
            assert reply.status_code == 422
            assert reply.get_json()["problems"], reply.text
