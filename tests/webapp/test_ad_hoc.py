"""An ad hoc sub-process on the pages and in the API: a question with a list of activities."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from models import Event, UserTask
from processes.check import check_case
from tests import diagrams
from tests.webapp.conftest import read_aloud
from tests.webapp.programme import begun, deployed

FILES = {
    "mentor.bpmn": diagrams.diagram(
        "mentor",
        diagrams.start(),
        '<bpmn:adHocSubProcess id="forloeb" name="Mentorforløb">'
        f"{diagrams.user_task('samtale')}{diagrams.user_task('boksning')}</bpmn:adHocSubProcess>",
        diagrams.user_task("afslut"),
        diagrams.end(),
        flow="begynd>forloeb>afslut>slut",
        lanes={"Mentor": "forloeb", "Visitator": "afslut"},
        ownerRole="Visitator",
    )
}


@pytest.fixture
def case(wiring):
    """The id of a case that asks the mentor what to do."""
    deployed(wiring, FILES)
    return begun(wiring, key="mentor")


def tasks(wiring, state="open"):
    """Element to id, in the order they came."""
    with wiring.reading() as reading:
        rows = reading.execute(
            select(UserTask.element, UserTask.id)
            .where(UserTask.state == state)
            .order_by(UserTask.created_at)
        )
        return {element: str(id_) for element, id_ in rows}


def options(page):
    schema = json.loads(re.search(r'id="form-schema">(.*?)</script>', page.text, re.DOTALL)[1])
    [question] = schema["components"]
    return question["label"], [each["label"] for each in question["values"]]


def choose(visitor, task, what):
    answers = json.dumps({"valg": what})
    return visitor.post(f"/tasks/{task}/completion", answers=answers)


class TestTheQuestion:
    def test_names_the_activities_in_english(self, as_, wiring, case):
        page = as_("mia", "Mentor").get(f"/tasks/{tasks(wiring)['forloeb']}")

        label, choices = options(page)
        assert label == "What shall be done now?"
        assert choices == ["Samtale", "Boksning", "Nothing more – finish “Mentorforløb”"]

    def test_names_them_in_danish(self, as_, wiring, case):
        mia = as_("mia", "Mentor")
        mia.post("/language", language="da")

        label, choices = options(mia.get(f"/tasks/{tasks(wiring)['forloeb']}"))

        assert label == "Hvad skal ske nu?"
        assert choices[-1] == "Ikke mere – afslut »Mentorforløb«"

    def test_opens_the_activity_and_is_asked_again(self, as_, wiring, case):
        first = tasks(wiring)["forloeb"]

        mia = as_("mia", "Mentor")
        answer = choose(mia, first, "samtale")

        assert "Samtale" in mia.get(answer.location).text
        assert set(tasks(wiring)) == {"forloeb", "samtale"}
        assert tasks(wiring, "completed") == {"forloeb": first}
        with wiring.turn() as turn:
            assert list(check_case(turn, case)) == []

    def test_is_answered_once(self, as_, wiring, case):
        mia, first = as_("mia", "Mentor"), tasks(wiring)["forloeb"]
        choose(mia, first, "samtale")

        assert choose(mia, first, "samtale").status_code == 409
        assert sorted(tasks(wiring)) == ["forloeb", "samtale"]

    def test_must_be_answered_with_one_of_the_choices(self, as_, wiring, case):
        page = choose(as_("mia", "Mentor"), tasks(wiring)["forloeb"], "svoemning")

        assert page.status_code == 422

    def test_ends_the_sub_process(self, as_, wiring, case):
        choose(as_("mia", "Mentor"), tasks(wiring)["forloeb"], "faerdig")

        assert list(tasks(wiring)) == ["afslut"]

    def test_is_told_in_the_history(self, as_, wiring, case):
        mia = as_("mia", "Mentor")
        choose(mia, tasks(wiring)["forloeb"], "boksning")
        choose(mia, tasks(wiring)["forloeb"], "faerdig")

        page = mia.get(f"/cases/{case}?tab=history")

        assert "chose “Boksning” in “Mentorforløb”" in read_aloud(page.text)
        assert "finished “Mentorforløb”" in read_aloud(page.text)
        with wiring.reading() as reading:
            kinds = reading.scalars(select(Event.kind).where(Event.kind == "activity.chosen"))
            assert len(kinds.all()) == 2

    def test_is_not_for_other_roles(self, as_, wiring, case):
        answer = choose(as_("vera", "Visitator"), tasks(wiring)["forloeb"], "samtale")

        assert answer.status_code in {403, 404}
        assert list(tasks(wiring)) == ["forloeb"]
