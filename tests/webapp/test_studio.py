from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from models import Case, Definition, Draft
from tests.processes import test_statutes as statutes
from tests.processes.engine.dmn import decision, dmn, table
from tests.processes.test_starts import by_message, by_time
from tests.webapp import programme

EDITED = programme.FILES["forloeb.bpmn"].replace("P14D", "P21D")
BROKEN = programme.FILES["forloeb.bpmn"].replace("P14D", "P14X")


@pytest.fixture
def owner(as_, wiring):
    programme.deployed(wiring)
    return as_("procesejer", "Procesejer")


TABLE = dmn(
    decision("afgoer", table(["alder:number"], ["r:string"], ("< 18", '"ung"'), ("> 12", '"stor"')))
)


def tried(owner, **values):
    body = {"xml": TABLE, "decision": "afgoer", "values": values}
    return owner.send("POST", "/studio/forloeb/trial", body)


def save(owner, xml=EDITED, file="forloeb.bpmn", updated_at=""):
    body = {"xml": xml, "updated_at": updated_at}
    return owner.send("PUT", f"/studio/forloeb/draft/{file}", body)


class TestProgrammes:
    def test_show_their_version_and_running_cases(self, owner, wiring):
        programme.begun(wiring)

        page = owner.get("/studio").text

        assert "version 1" in page
        assert "1 open case" in page
        assert "/studio/forloeb" in page

    def test_teach_when_there_is_none(self, as_):
        assert "No programme yet" in as_("procesejer", "Procesejer").get("/studio").text

    def test_can_be_read_by_staff_but_not_edited(self, as_, owner):
        mentor = as_("mentor")

        page = mentor.get("/studio/forloeb")

        assert page.status_code == 200
        assert "/studio/forloeb/diagram/" not in page.text
        assert mentor.get("/studio/forloeb/diagram/forloeb.bpmn").status_code == 403
        assert save(mentor).status_code == 403

    def test_tell_what_begins_a_case_by_itself(self, owner, wiring):
        programme.deployed(wiring, by_message())
        programme.deployed(wiring, by_time("R/P7D"))

        assert "The message “henvisning”" in owner.get("/studio/modtag").text
        assert "The time of “Start”, next" in owner.get("/studio/ugentlig").text
        assert "What begins a case by itself" not in owner.get("/studio/forloeb").text

    def test_that_nobody_knows_are_not_found(self, owner):
        assert owner.get("/studio/andet").status_code == 404

    def test_keep_old_versions_to_look_at(self, owner):
        save(owner)
        owner.send("POST", "/studio/forloeb/publication", {"note": "Tre uger"})

        page = owner.get("/studio/forloeb/versions/1").text

        assert "version 1" in page
        assert "Første udgave" in page


class TestModelerPage:
    def test_carries_the_diagram_and_what_the_panel_offers(self, owner):
        page = owner.get("/studio/forloeb/diagram/forloeb.bpmn").text

        start = page.index('id="catalogue">') + len('id="catalogue">')
        catalogue = json.loads(page[start : page.index("</script>", start)])
        assert {"id": "vurdering", "label": "vurdering (Vurder)"} in catalogue["forms"]
        assert "mail/Send" in {each["id"] for each in catalogue["operations"]}
        assert "Mentor" in catalogue["roles"]
        assert catalogue["statutes"] == []

    def test_offers_the_statutes_that_were_deployed_last(self, owner, wiring):
        programme.deployed(wiring, statutes.FILES)

        page = owner.get("/studio/forloeb/diagram/forloeb.bpmn").text

        start = page.index('id="catalogue">') + len('id="catalogue">')
        catalogue = json.loads(page[start : page.index("</script>", start)])
        offered = {each["id"]: each["label"] for each in catalogue["statutes"]}
        assert offered["L1"] == "L1 Report of concern assessed"
        assert "L8" not in offered

    def test_lets_the_editor_place_its_shapes_but_no_scripts(self, owner):
        policy = owner.get("/studio/forloeb/diagram/forloeb.bpmn").headers[
            "Content-Security-Policy"
        ]

        assert "style-src-attr 'unsafe-inline'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe-eval" not in policy

    def test_is_not_there_for_files_of_other_kinds(self, owner):
        assert owner.get("/studio/forloeb/diagram/vurdering.form.json").status_code == 404
        assert owner.get("/studio/forloeb/form/forloeb.bpmn").status_code == 404

    def test_edits_forms_too(self, owner):
        assert "Grund til henvisning" in owner.get("/studio/forloeb/form/vurdering.form.json").text


class TestDraft:
    def test_is_kept_beside_the_published_version(self, owner, wiring):
        reply = save(owner)

        assert reply.status_code == 200
        assert "P21D" in owner.get("/studio/forloeb/diagram/forloeb.bpmn").text
        with wiring.reading() as reading:
            assert reading.scalars(select(Definition.version)).all() == [1]

    def test_goes_on_from_its_own_last_state(self, owner):
        first = save(owner).get_json()["updated_at"]

        assert save(owner, updated_at=first).status_code == 200

    def test_is_not_overwritten_by_somebody_who_saw_an_older_one(self, owner):
        save(owner)

        reply = save(owner, updated_at="")

        assert reply.status_code == 409
        assert "Procesejer has saved this file" in reply.get_json()["message"]

    def test_can_be_thrown_away(self, owner, wiring):
        save(owner)

        owner.post("/studio/forloeb/draft/forloeb.bpmn/removal")

        with wiring.reading() as reading:
            assert reading.scalars(select(Draft)).all() == []

    def test_keeps_a_form_as_readable_text(self, owner, wiring):
        schema = json.loads(programme.FORM) | {"id": "ny"}

        owner.send(
            "PUT", "/studio/forloeb/draft/ny.form.json", {"schema": schema, "updated_at": ""}
        )

        with wiring.reading() as reading:
            draft = reading.scalars(select(Draft)).one()
        assert json.loads(draft.content) == schema

    @pytest.mark.parametrize("body", [{}, {"xml": 3}, {"schema": []}])
    def test_refuses_what_is_neither_diagram_nor_form(self, owner, body):
        reply = owner.send("PUT", "/studio/forloeb/draft/forloeb.bpmn", body)

        assert reply.status_code == 400

    def test_refuses_what_is_nested_too_deep(self, owner):
        reply = owner.client.put(
            "/studio/forloeb/draft/dyb.form.json",
            data='{"schema": ' + "[" * 100_000,
            content_type="application/json",
            headers={"X-CSRFToken": owner.token()},
        )

        assert reply.status_code == 400


class TestLint:
    def test_finds_nothing_wrong_with_what_is_published(self, owner):
        body = {"xml": programme.FILES["forloeb.bpmn"], "file": "forloeb.bpmn"}

        problems = owner.send("POST", "/studio/forloeb/lint", body).get_json()["problems"]

        assert [one for one in problems if one["severity"] == "error"] == []

    def test_names_the_element_and_says_what_to_do(self, owner):
        body = {"xml": BROKEN, "file": "forloeb.bpmn"}

        problems = owner.send("POST", "/studio/forloeb/lint", body).get_json()["problems"]

        wrong = [one for one in problems if one["severity"] == "error"]
        assert {(one["file"], one["element"]) for one in wrong} == {("forloeb.bpmn", "vent")}


class TestPublication:
    def test_makes_a_version_that_new_cases_use(self, owner, wiring):
        old = programme.begun(wiring, "T-01")
        save(owner)

        reply = owner.send("POST", "/studio/forloeb/publication", {"note": "Tre uger"})

        assert reply.status_code == 201
        new = programme.begun(wiring, "T-02")
        with wiring.reading() as reading:
            versions = [reading.get_one(Case, id_).definition.version for id_ in (old, new)]
            assert versions == [1, 2]
            assert reading.scalars(select(Draft)).all() == []

    def test_refuses_a_diagram_with_errors_and_keeps_the_draft(self, owner, wiring):
        save(owner, BROKEN)

        reply = owner.send("POST", "/studio/forloeb/publication", {"note": ""})

        assert reply.status_code == 422
        assert "vent" in {one["element"] for one in reply.get_json()["problems"]}
        with wiring.reading() as reading:
            assert reading.scalars(select(Draft.file_name)).all() == ["forloeb.bpmn"]
            assert reading.scalars(select(Definition.version)).all() == [1]

    def test_says_when_nothing_has_changed(self, owner):
        save(owner, programme.FILES["forloeb.bpmn"])

        reply = owner.send("POST", "/studio/forloeb/publication", {"note": ""})

        assert "Nothing has changed since version 1." in reply.get_json()["message"]

    def test_needs_the_token_of_the_page(self, owner):
        reply = owner.client.post("/studio/forloeb/publication", json={"note": ""})

        assert reply.status_code == 400


class TestDecisions:
    def test_are_drafted_and_edited_beside_the_diagrams(self, owner):
        assert save(owner, TABLE, "tabel.dmn").status_code == 200

        page = owner.get("/studio/forloeb").text
        editor = owner.get("/studio/forloeb/table/tabel.dmn")

        assert page.count("/studio/forloeb/table/tabel.dmn") == 2
        assert "Decision: afgoer" in editor.text
        assert "style-src-attr 'unsafe-inline'" in editor.headers["Content-Security-Policy"]

    @pytest.mark.parametrize("file", ["nej.dmn", "forloeb.bpmn"])
    def test_are_not_found_elsewhere(self, owner, file):
        assert owner.get(f"/studio/forloeb/table/{file}").status_code == 404

    def test_are_tried_as_they_are_on_the_screen(self, owner):
        answer = tried(owner, alder="11")

        assert answer.get_json() == {
            "questions": [{"name": "alder", "kind": "number"}],
            "answer": '"ung"',
            "rules": ["r1"],
            "problem": "",
        }

    def test_tell_what_goes_wrong_and_which_rules_match(self, owner):
        answer = tried(owner, alder="17").get_json()

        assert "rules 1, 2 all match" in answer["problem"]
        assert answer["rules"] == ["r1", "r2"]
        assert answer["answer"] is None

    def test_tell_what_cannot_be_read(self, owner):
        body = {"xml": "<definitions/>", "decision": "afgoer", "values": {}}

        answer = owner.send("POST", "/studio/forloeb/trial", body).get_json()

        assert "DMN 1.1 to 1.5" in answer["problem"]

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"xml": TABLE, "decision": "væk", "values": {}}, 404),
            ({"xml": TABLE, "decision": "afgoer", "values": []}, 400),
            ({"decision": "afgoer", "values": {}}, 400),
        ],
    )
    def test_refuse_to_try_what_is_not_there(self, owner, body, status):
        assert owner.send("POST", "/studio/forloeb/trial", body).status_code == status

    def test_are_tried_by_those_who_draw_alone(self, as_, owner):
        assert owner is not None
        assert tried(as_("mentor")).status_code == 403
