"""What a task's form opens with, and what it says when answers are refused."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from models import UserTask
from processes.access import OPERATOR, person_of
from processes.cases import start_case
from processes.deploy import deploy
from tests import diagrams, make

FORM = {
    "type": "default",
    "id": "log",
    "components": [
        {"type": "textfield", "key": "emne", "label": "Emne", "validate": {"required": True}},
        {"type": "select", "key": "hvem", "label": "Hvem", "valuesKey": "mentorer"},
    ],
}
FILES = {
    "logbog.bpmn": diagrams.diagram(
        "logbog",
        diagrams.start(),
        diagrams.user_task("skriv", form="log.form.json"),
        diagrams.user_task("skriv_igen", form="log.form.json"),
        diagrams.end(),
        flow="begynd>skriv>skriv_igen>slut",
        lanes={"Visitator": "skriv skriv_igen"},
        ownerRole="Visitator",
    ),
    "log.form.json": json.dumps(FORM),
}


@pytest.fixture
def first(wiring):
    """The first of the two tasks."""
    with wiring.turn() as turn:
        visitator = person_of(make.account(turn.session, "visitator"))
        deploy(turn, FILES, "", OPERATOR)
        data = {"mentorer": ["eva"], "alder": 19}
        start_case(turn, "logbog", "T-01", data, "aalborg", visitator)
        return open_task(turn)


def open_task(turn):
    return turn.session.scalars(select(UserTask.id).where(UserTask.state == "open")).one()


def part(page, name):
    found = re.search(rf'id="form-{name}">(.*?)</script>', page.text, re.DOTALL)
    return json.loads(found[1]) if found else None


class TestTaskForm:
    def test_says_in_the_readers_language_what_is_wrong(self, as_, first):
        eva = as_("eva", "Visitator")
        eva.post("/language", language="da")

        page = eva.post(f"/tasks/{first}/completion", answers='{"emne": ""}')

        assert page.status_code == 422
        assert part(page, "errors") == {"emne": ["Skal udfyldes."]}

    def test_keeps_what_was_typed_and_what_the_form_needs(self, as_, first):
        page = as_("eva", "Visitator").post(
            f"/tasks/{first}/completion", answers='{"emne": "", "hvem": "eva"}'
        )

        assert part(page, "errors") == {"emne": ["Must be filled in."]}
        assert part(page, "data") == {
            "emne": "",
            "hvem": "eva",
            "mentorer": ["eva"],
            "alder": 19,
        }

    def test_opens_a_log_empty_that_was_written_before(self, as_, wiring, first):
        eva = as_("eva", "Visitator")
        eva.post(f"/tasks/{first}/completion", answers='{"emne": "Bolig", "hvem": "eva"}')
        with wiring.turn() as turn:
            second = open_task(turn)

        page = eva.get(f"/tasks/{second}")

        assert part(page, "data") == {"mentorer": ["eva"], "alder": 19}
