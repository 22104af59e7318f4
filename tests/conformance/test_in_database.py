"""Every diagram here that runs does the same turn by turn in PostgreSQL."""

from __future__ import annotations

import pytest

from processes.access import OPERATOR, person_of
from processes.check import check
from processes.deploy import deploy
from processes.lint import ROLES
from processes.simulate import follow
from tests import make
from tests.conformance.corpus import proofs
from tests.conformance.served import RecordingHouse, ServedCase
from tests.conftest import HandClock, _clone
from webapp.bootstrap import Config

RUNNING, _ = proofs()
every_running = pytest.mark.parametrize("proof", RUNNING, ids=lambda proof: proof.id)


@pytest.fixture(scope="module")
def clock():
    return HandClock()


@pytest.fixture(scope="module")
def house(server, clock, tmp_path_factory):
    """One database for all cases; each scenario ends its own."""
    with _clone(server) as url:
        home = tmp_path_factory.mktemp("home")
        house = RecordingHouse(Config(home=home, secret_key="key"), url, real_clock=clock)
        yield house
        house.close()


@pytest.fixture(scope="module")
def worker(house):
    """Somebody with every role."""
    with house.turn() as turn:
        return person_of(make.account(turn.session, "anybody", *ROLES))


class TestInTheDatabase:
    @every_running
    def test_runs_turn_by_turn_and_a_second_time(self, proof, house, clock, worker):
        scenario = proof.scenario
        with house.turn() as turn:
            deploy(turn, proof.files, "", OPERATOR)

        for _ in ("first", "second"):
            clock.now = scenario.start
            case = ServedCase(house, clock, scenario.process, worker)
            wrong = [f"{f['what']}: {f['reason']}" for f in follow(scenario, case)]
            findings = case.findings()
            case.leave()

            assert wrong == []
            assert findings == []

    def test_leaves_nothing_for_check_to_find(self, house):
        assert check(house) == []
