from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models import Deadline, DeadlineChange
from tests import diagrams
from tests.conftest import NOON
from tests.webapp import programme

LEGAL = "BL § 136"


@pytest.fixture
def case_id(wiring):
    programme.deployed(wiring)
    return programme.begun(wiring)


@pytest.fixture
def deadline(wiring, case_id):
    with wiring.reading() as reading:
        return reading.scalars(select(Deadline)).one()


@pytest.fixture
def leader(as_, case_id):
    return as_("leder")


def now_of(wiring, deadline):
    with wiring.reading() as reading:
        return reading.get_one(Deadline, deadline.id)


class TestMove:
    def test_takes_the_time_on_the_wall_in_copenhagen(self, leader, deadline, wiring):
        fields = {"due_at": "2026-02-20T09:00", "reason": "Ferie"}

        reply = leader.post(f"/deadlines/{deadline.id}/moves", **fields)

        assert reply.status_code == 303
        assert now_of(wiring, deadline).due_at.isoformat() == "2026-02-20T08:00:00+00:00"

    def test_shows_who_moved_it_and_why(self, leader, deadline, case_id):
        fields = {"due_at": "2026-02-20T09:00", "reason": "Ferie på skolen"}

        leader.post(f"/deadlines/{deadline.id}/moves", **fields)

        page = leader.get(f"/cases/{case_id}?tab=deadlines").text
        assert (
            "Leder moved it from 7 Feb 2026 at 13:00 to 20 Feb 2026 at 9:00: Ferie på skolen"
            in page
        )

    @pytest.mark.parametrize(
        "fields", [{"due_at": "", "reason": "Ferie"}, {"due_at": "2026-02-20T09:00", "reason": " "}]
    )
    def test_needs_a_time_and_a_reason(self, leader, deadline, wiring, fields):
        leader.post(f"/deadlines/{deadline.id}/moves", **fields)

        assert now_of(wiring, deadline).due_at == NOON + timedelta(days=7)

    def test_is_refused_to_staff(self, as_, deadline):
        fields = {"due_at": "2026-02-20T09:00", "reason": "Ferie"}

        reply = as_("visitator").post(f"/deadlines/{deadline.id}/moves", **fields)

        assert reply.status_code == 403

    def test_does_not_exist_for_strangers(self, as_, deadline):
        fields = {"due_at": "2026-02-20T09:00", "reason": "Ferie"}

        assert as_("mentor").post(f"/deadlines/{deadline.id}/moves", **fields).status_code == 404
        assert as_("mentor").post(f"/deadlines/{deadline.id}/moves").status_code == 404


class TestPause:
    def test_keeps_the_time_that_is_left(self, as_, deadline, wiring, clock, case_id):
        as_("leder").post(f"/deadlines/{deadline.id}/pauses", reason="Partshøring")
        clock.now += timedelta(days=3)
        leader = as_("leder")
        assert "paused" in leader.get(f"/cases/{case_id}?tab=deadlines").text

        leader.post(f"/deadlines/{deadline.id}/resumption")

        again = now_of(wiring, deadline)
        assert again.paused_at is None
        assert again.due_at == NOON + timedelta(days=10)

    def test_leaves_a_line_with_the_reason(self, leader, deadline, wiring):
        leader.post(f"/deadlines/{deadline.id}/pauses", reason="Partshøring")

        with wiring.reading() as reading:
            change = reading.scalars(select(DeadlineChange)).one()
        assert (change.kind, change.reason, change.by) == ("paused", "Partshøring", "leder")

    def test_is_refused_where_the_law_says_so(self, leader, wiring):
        strict = diagrams.user_task(
            "vurder",
            form="vurdering.form.json",
            deadline="PT24H",
            pausable="false",
            legalBasis=LEGAL,
        )
        xml = diagrams.diagram(
            "strengt",
            diagrams.start(),
            strict,
            diagrams.end(),
            flow="begynd>vurder>slut",
            lanes={"Visitator": "vurder"},
        )
        programme.deployed(wiring, {**programme.FILES, "strengt.bpmn": xml})
        programme.begun(wiring, "T-09", "strengt")
        with wiring.reading() as reading:
            query = select(Deadline).where(Deadline.legal_basis == LEGAL)
            deadline = reading.scalars(query).one()

        reply = leader.post(f"/deadlines/{deadline.id}/pauses", reason="Travlt")

        assert reply.status_code == 409
        assert LEGAL in reply.text
