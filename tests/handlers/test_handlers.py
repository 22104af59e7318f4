"""The register of operations, and the handlers that only change the case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers import HANDLERS, catalogue, handler_of
from handlers.adapters.recorded import AnybodyStaff
from handlers.contract import (
    AssignTeamMember,
    RegisterOutcome,
    ReleaseTeamMember,
    SetPhase,
)
from handlers.errors import BadParameters, Fault, UnknownOperation
from handlers.ports import Holder


class TestRegister:
    def test_names_each_handler_as_the_handler_names_itself(self):
        assert {key: one.operation for key, one in HANDLERS.items()} == {
            key: key for key in HANDLERS
        }

    def test_refuses_an_operation_nobody_does(self):
        with pytest.raises(UnknownOperation, match="mail/Sned"):
            handler_of("mail/Sned")

    def test_describes_every_parameter_in_both_languages(self):
        told = [
            words
            for one in catalogue()
            for words in (
                one["label"],
                one["description"],
                *(p["label"] for p in one["parameters"]),
            )
        ]

        assert all(words["da"] and words["en"] for words in told)

    def test_says_what_is_required(self):
        [mail] = [one for one in catalogue() if one["id"] == "team/Assign"]

        assert {p["id"]: p["required"] for p in mail["parameters"]} == {
            "role": True,
            "account": False,
        }

    def test_gives_an_example_of_everything_required(self):
        bare = [
            (one["id"], told["id"])
            for one in catalogue()
            for told in one["parameters"]
            if told["required"] and not told["example"]
        ]

        assert bare == []


class TestSetPhase:
    def test_asks_the_turn_to_set_the_phase(self, job, ports):
        done = HANDLERS["case/SetPhase"]({"phase": "Visitation"}, job, ports)

        assert done.effects == (SetPhase("Visitation"),)

    def test_refuses_an_empty_phase(self, job, ports):
        with pytest.raises(BadParameters, match="phase"):
            HANDLERS["case/SetPhase"]({"phase": "  "}, job, ports)


class TestAssignTeamMember:
    @pytest.fixture
    def staffed(self, ports):
        holders = (Holder("mentor", 3), Holder("mentor3", 1), Holder("mentor2", 1))
        return replace(ports, staff=AnybodyStaff({"Mentor": holders, "Leder": ()}))

    def test_takes_the_person_asked_for(self, job, staffed):
        asked = {"role": "Mentor", "account": "mentor"}

        done = HANDLERS["team/Assign"](asked, job, staffed)

        assert done.effects == (AssignTeamMember("Mentor", "mentor"),)
        assert done.result == "mentor"

    def test_else_takes_the_first_with_the_fewest_cases(self, job, staffed):
        done = HANDLERS["team/Assign"]({"role": "Mentor", "account": None}, job, staffed)

        assert done.result == "mentor2"

    def test_takes_an_empty_choice_for_none(self, job, staffed):
        done = HANDLERS["team/Assign"]({"role": "Mentor", "account": ""}, job, staffed)

        assert done.result == "mentor2"

    def test_takes_anybody_in_a_simulation(self, job, ports):
        done = HANDLERS["team/Assign"]({"role": "Mentor", "account": "mentor2"}, job, ports)

        assert done.result == "mentor2"

    def test_faults_when_nobody_has_the_role(self, job, staffed):
        with pytest.raises(Fault) as refused:
            HANDLERS["team/Assign"]({"role": "Leder"}, job, staffed)

        assert refused.value.code == "NO_HOLDER"

    def test_faults_when_the_person_does_not_have_it(self, job, staffed):
        with pytest.raises(Fault, match="leder") as refused:
            HANDLERS["team/Assign"]({"role": "Mentor", "account": "leder"}, job, staffed)

        assert refused.value.code == "NOT_A_HOLDER"


class TestRegisterOutcome:
    def test_asks_the_turn_to_write_it_down(self, job, ports):
        told = {"code": "gennemfoert", "criterion": "begyndt uddannelse"}

        done = HANDLERS["case/RegisterOutcome"](told, job, ports)

        assert done.effects == (RegisterOutcome("gennemfoert", "begyndt uddannelse"),)
        assert done.result == told

    def test_refuses_a_code_that_reports_cannot_count(self, job, ports):
        with pytest.raises(BadParameters, match="code"):
            HANDLERS["case/RegisterOutcome"]({"code": "Gik godt!"}, job, ports)


class TestReleaseTeamMember:
    def test_asks_the_turn_to_empty_the_role(self, job, ports):
        done = HANDLERS["team/Release"]({"role": "Rusmiddelrådgiver"}, job, ports)

        assert done.effects == (ReleaseTeamMember("Rusmiddelrådgiver"),)
