from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models import UserTask
from tests.conftest import NOON
from tests.webapp import programme
from tests.webapp.conftest import Visitor
from webapp.app import create_app


@pytest.fixture
def wiring(wiring):
    """The same wiring in demo mode."""
    demo = replace(wiring, config=replace(wiring.config, demo=True))
    yield demo
    demo.close()


@pytest.fixture
def visitator(as_, wiring):
    programme.deployed(wiring)
    return as_("visitator")


class TestClockBar:
    def test_shows_the_time_and_the_jumps(self, visitator):
        page = visitator.get("/tasks").text

        assert "Saturday 31 January 2026 at 13:00" in page
        assert "Next deadline" in page

    def test_is_only_there_in_the_demonstration(self, wiring, as_):
        plain = create_app(replace(wiring, config=replace(wiring.config, demo=False)))
        visitor = Visitor(plain.test_client())

        assert "Demo" not in visitor.get("/sign-in").text
        assert visitor.post("/clock/jumps", to="P1D").status_code == 404

    def test_asks_strangers_to_sign_in(self, visitor):
        assert visitor.post("/clock/jumps", to="P1D").location.startswith("/sign-in")


class TestJump:
    @pytest.mark.parametrize(
        ("fields", "days"),
        [({"to": "P1D"}, 1), ({"to": "P7D"}, 7), ({"to": "date", "date": "2026-02-03"}, 3)],
    )
    def test_sets_the_clock_forward(self, visitator, wiring, fields, days):
        reply = visitator.post("/clock/jumps", next="/cases", **fields)

        assert reply.location == "/cases"
        assert wiring.now().date() == (NOON + timedelta(days=days)).date()

    def test_stops_at_the_next_deadline(self, visitator, wiring):
        programme.begun(wiring)

        visitator.post("/clock/jumps", to="next")

        assert wiring.now() == NOON + timedelta(days=7)

    def test_runs_what_falls_due_on_the_way(self, visitator, wiring):
        case_id = programme.begun(wiring)
        task = programme.open_task(wiring, case_id)
        visitator.post(f"/tasks/{task}/completion", answers='{"grund": "Uro"}')

        visitator.post("/clock/jumps", to="date", date="2026-03-01")

        with wiring.reading() as reading:
            names = select(UserTask.element).where(UserTask.state == "open")
            assert reading.scalars(names).all() == ["samtale"]

    @pytest.mark.parametrize("date", ["2026-01-01", "2031-01-01", "i morgen", ""])
    def test_refuses_the_past_and_the_far_future(self, visitator, wiring, date):
        reply = visitator.post("/clock/jumps", to="date", date=date, next="/tasks")

        assert "goes forward only" in visitator.get(reply.location).text
        assert wiring.now() == NOON

    def test_shows_how_far_a_long_one_has_come(self, visitator, monkeypatch):
        monkeypatch.setattr("webapp.clock.PATIENCE_SECONDS", 0)

        reply = visitator.post("/clock/jumps", to="P7D", next="/cases")

        assert reply.status_code in {202, 303}
        if reply.status_code == 202:
            assert "goes on to Saturday 7 February 2026" in reply.text
