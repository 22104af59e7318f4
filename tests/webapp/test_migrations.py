"""The pages where a process owner moves cases."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from models import Case, Migration
from processes.migration_turns import carry_on
from tests.webapp import programme

LONGER = programme.FILES["forloeb.bpmn"].replace('value="P7D"', 'value="P10D"')
RENAMED = LONGER.replace('id="vurder"', 'id="vurdere"').replace('"vurder"', '"vurdere"')
RENAMED = RENAMED.replace(">vurder<", ">vurdere<")


@pytest.fixture
def owner(as_, wiring):
    programme.deployed(wiring)
    programme.begun(wiring)
    return as_("procesejer", "Procesejer")


def publish(wiring, text):
    programme.deployed(wiring, {**programme.FILES, "forloeb.bpmn": text})


def attempt(owner, **mapping):
    return owner.post("/studio/forloeb/migrations", old=1, new=2, **mapping)


def page_of(owner, reply):
    assert reply.status_code == 303, reply.text
    return owner.get(reply.headers["Location"]).text


class TestStudio:
    def test_tells_of_cases_on_older_versions(self, owner, wiring):
        publish(wiring, LONGER)

        page = owner.get("/studio/forloeb").text

        assert "1 case still runs on version 1." in page
        assert "/studio/forloeb/migrations/new?from=1" in page

    def test_does_not_ask_those_who_may_not(self, as_, owner, wiring):
        publish(wiring, LONGER)
        mentor = as_("mentor")

        assert "still runs" not in mentor.get("/studio/forloeb").text
        assert mentor.get("/studio/forloeb/migrations/new").status_code == 403


class TestWizard:
    def test_asks_nothing_when_every_element_is_known(self, owner, wiring):
        publish(wiring, LONGER)

        page = owner.get("/studio/forloeb/migrations/new?from=1").text

        assert "you need not choose anything" in page
        assert "See what would happen to 1 case" in page

    def test_suggests_what_is_called_alike(self, owner, wiring):
        publish(wiring, RENAMED)

        page = owner.get("/studio/forloeb/migrations/new").text

        assert 'name="map:forloeb/vurder"' in page
        assert re.search(r'<option value="vurdere" selected>', page)

    def test_there_is_none_with_one_version(self, owner):
        assert owner.get("/studio/forloeb/migrations/new").status_code == 404

    def test_tries_moves_and_takes_back(self, owner, wiring):
        publish(wiring, RENAMED)

        reply = attempt(owner, **{"map:forloeb/vurder": "vurdere"})
        assert "Waiting for a worker to begin." in page_of(owner, reply)
        carry_on(wiring)
        page = page_of(owner, reply)
        assert "1 open task stays." in page
        assert "1 deadline changes." in page
        assert "Move 1 case" in page
        with wiring.reading() as reading:
            assert reading.scalars(select(Case)).one().definition.version == 1

        started = owner.post(f"{reply.headers['Location']}/start", reason="ny frist")
        carry_on(wiring)
        assert "Take 1 case back" in page_of(owner, started)
        with wiring.reading() as reading:
            assert reading.scalars(select(Case)).one().definition.version == 2

        back = owner.post(f"{started.headers['Location']}/reversal", reason="fejl")
        carry_on(wiring)
        assert "Back from version 2 to 1" in page_of(owner, back)
        assert "Taken back:" in page_of(owner, started)

    def test_tells_why_a_case_stays(self, owner, wiring):
        publish(wiring, RENAMED)

        reply = attempt(owner)
        carry_on(wiring)

        page = page_of(owner, reply)
        assert "The new version has no such element here." in page
        assert "No case can be moved like this." in page

    def test_keeps_itself_fresh(self, owner, wiring):
        publish(wiring, LONGER)
        reply = attempt(owner)

        fresh = owner.get(f"{reply.headers['Location']}/progress")
        assert "data-reload" not in fresh.text
        carry_on(wiring)
        assert "data-reload" in owner.get(f"{reply.headers['Location']}/progress").text

    def test_can_be_stopped(self, owner, wiring):
        publish(wiring, LONGER)
        reply = attempt(owner)

        owner.post(f"{reply.headers['Location']}/cancellation")

        assert "stopped before" in page_of(owner, reply)

    def test_wants_a_reason(self, owner, wiring):
        publish(wiring, LONGER)
        reply = attempt(owner)

        assert owner.post(f"{reply.headers['Location']}/start").status_code == 400
        with wiring.reading() as reading:
            assert reading.scalars(select(Migration)).one().dry_run

    def test_keeps_to_its_programme(self, owner, wiring):
        publish(wiring, LONGER)
        reply = attempt(owner)

        address = reply.headers["Location"].replace("forloeb", "andet")

        assert owner.get(address).status_code == 404
