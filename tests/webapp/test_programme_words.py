"""A programme's own words on an English page: from the version's catalogue, else marked Danish."""

from __future__ import annotations

import json
import re

import pytest

from models import Case
from tests import diagrams
from tests.webapp import programme

WORDS = {
    "Vurder": "Assess",
    "Visitator": "Intake officer",
    "Grund til henvisning": "Reason for the referral",
    "Start": "Begin",
    "Forloeb": "Course",
}


def po(words):
    return "".join(f'msgid "{text}"\nmsgstr "{english}"\n\n' for text, english in words.items())


@pytest.fixture
def case_id(wiring):
    programme.deployed(wiring, {**programme.FILES, "forloeb.en.po": po(WORDS)})
    return programme.begun(wiring)


@pytest.fixture
def task_id(wiring, case_id):
    return programme.open_task(wiring, case_id)


@pytest.fixture
def reader(as_, case_id):
    return as_("visitator", "Visitator")


def in_danish(visitor):
    visitor.post("/language", language="da")
    return visitor


class TestWords:
    def test_of_a_task_are_english_in_inbox_and_page(self, reader, task_id):
        inbox = reader.get("/tasks?tab=roles").text
        page = reader.get(f"/tasks/{task_id}").text

        assert ">Assess</a>" in inbox
        assert "<h1>Assess</h1>" in page
        assert "gives it to the role Intake officer" in page
        assert "Vurder" not in page

    def test_of_a_form_are_english_question_by_question(self, reader, task_id):
        page = reader.get(f"/tasks/{task_id}").text

        schema = json.loads(re.search(r'id="form-schema">(.*?)</script>', page, re.DOTALL)[1])
        grund, skole = schema["components"]
        assert (grund["label"], grund["lang"]) == ("Reason for the referral", "en")
        assert (skole["label"], skole["lang"]) == ("Skole", "da")

    def test_without_a_translation_are_marked_as_danish(self, reader, wiring, case_id):
        with wiring.turn() as turn:
            turn.session.get_one(Case, case_id).data = {"grund": "Uro", "skole": "Seminariet"}

        page = reader.get(f"/cases/{case_id}?tab=data").text

        assert '<th scope="row">Reason for the referral</th><td>Uro</td>' in page
        assert '<th scope="row"><span lang="da">Skole</span></th><td>Seminariet</td>' in page

    def test_of_the_diagram_are_english_or_marked(self, reader, case_id):
        page = reader.get(f"/cases/{case_id}?tab=diagram").text

        assert ">Assess</th>" in page
        assert '><span lang="da">Samtale</span></th>' in page

    def test_stay_danish_for_who_reads_danish(self, reader, task_id):
        page = in_danish(reader).get(f"/tasks/{task_id}").text

        assert "<h1>Vurder</h1>" in page
        assert "Grund til henvisning" in page
        assert '<span lang="da">' not in page

    def test_are_those_of_the_case_s_own_version(self, wiring, reader, task_id):
        programme.deployed(wiring, {**programme.FILES, "forloeb.en.po": po({"Vurder": "Judge"})})

        page = reader.get(f"/tasks/{task_id}").text

        assert "<h1>Assess</h1>" in page

    def test_escape_what_a_catalogue_says(self, wiring, as_):
        evil = diagrams.diagram(
            "forloeb",
            diagrams.start(),
            diagrams.user_task("vurder", form="vurdering.form.json"),
            diagrams.end(),
            flow="begynd>vurder>slut",
            ownerRole="Visitator",
        )
        files = {**programme.FILES, "forloeb.bpmn": evil}
        programme.deployed(wiring, {**files, "forloeb.en.po": po({"Vurder": "<b>x</b>"})})
        case = programme.begun(wiring)

        page = as_("visitator", "Visitator").get(f"/cases/{case}").text

        assert "&lt;b&gt;x&lt;/b&gt;" in page
        assert "<b>x</b>" not in page
