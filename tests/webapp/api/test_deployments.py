from __future__ import annotations

from uuid import UUID

from tests.diagrams import diagram, end, start, user_task
from tests.programme_files import parameter, programme
from tests.webapp.api.conftest import FILES
from webapp.api.blueprint import MULTIPART

BROKEN = FILES["forloeb.bpmn"].replace("vurdering.form.json", "mangler.form.json")


class TestCreate:
    def test_makes_the_processes_startable(self, token_of):
        owner = token_of("procesejer")

        reply = owner.upload("/deployments", FILES, note="Første udgave")

        assert reply.status_code == 201
        done = reply.get_json()
        assert set(done) == {"id", "definitions", "warnings"}
        assert UUID(done["id"])
        assert done["definitions"] == [{"key": "forloeb", "version": 1, "name": "Forloeb"}]

    def test_says_what_is_wrong_where(self, token_of):
        owner = token_of("procesejer")

        reply = owner.upload("/deployments", {"forloeb.bpmn": BROKEN})

        assert reply.status_code == 422
        refusal = reply.get_json()
        assert refusal["code"] == "diagrams_refused"
        [problem, *_] = refusal["problems"]
        assert set(problem) == {
            *("file", "element", "name", "line", "column"),
            *("rule", "message"),
        }
        assert (problem["file"], problem["element"]) == ("forloeb.bpmn", "vurder")
        assert "mangler.form.json" in problem["message"]

    def test_takes_the_settings_of_a_programme(self, token_of):
        settings = {"forloeb.programme.json": programme(parameter(value="3 uger"))}

        reply = token_of("procesejer").upload("/deployments", {**FILES, **settings})

        [problem] = reply.get_json()["problems"]
        assert problem["rule"] == "programme-value"
        assert (problem["file"], problem["element"]) == ("forloeb.programme.json", "plan_frist")

    def test_says_it_in_danish_too(self, token_of):
        owner = token_of("procesejer")
        english = owner.upload("/deployments", {"x.bpmn": "<no"}).get_json()
        owner.headers = {"Accept-Language": "da"}

        danish = owner.upload("/deployments", {"x.bpmn": "<no"}).get_json()

        assert english["problems"][0]["message"].startswith("The file is not")
        assert danish["problems"][0]["message"].startswith("Filen er ikke")

    def test_stores_nothing_when_it_refuses(self, token_of):
        owner = token_of("procesejer")
        good = diagram("god", start(), user_task("a"), end(), flow="begynd>a>slut")

        owner.upload("/deployments", {"god.bpmn": good, "forloeb.bpmn": BROKEN})

        assert owner.get("/definitions").get_json()["items"] == []

    def test_refuses_files_that_it_cannot_read(self, token_of):
        owner = token_of("procesejer")

        kinds = owner.upload("/deployments", {"en.docx": "x"})
        twice = owner.send(
            "POST",
            "/deployments",
            data={"files": [(_bytes(b"<a/>"), "a/x.bpmn"), (_bytes(b"<b/>"), "b/x.bpmn")]},
        )
        letters = owner.send("POST", "/deployments", data={"files": [(_bytes(b"\xe6"), "x.bpmn")]})
        none = owner.send("POST", "/deployments", data={"note": "x"}, content_type=MULTIPART)

        for reply, field in (
            (kinds, "files.en.docx"),
            (twice, "files.x.bpmn"),
            (letters, "files.x.bpmn"),
            (none, "files"),
        ):
            assert reply.status_code == 422
            assert list(reply.get_json()["errors"]) == [field]

    def test_refuses_a_form_that_is_nested_too_deep(self, token_of):
        files = {**FILES, "dyb.form.json": "[" * 100_000}

        reply = token_of("procesejer").upload("/deployments", files)

        assert reply.status_code == 422
        assert [problem["file"] for problem in reply.get_json()["problems"]] == ["dyb.form.json"]

    def test_takes_files_only(self, token_of):
        reply = token_of("procesejer").post("/deployments", {"files": []})

        assert reply.status_code == 415

    def test_refuses_people_who_do_not_own_processes(self, as_):
        mentor = as_("mentor")
        headers = {"X-CSRFToken": mentor.token()}
        data = {"files": [(_bytes(b"<a/>"), "x.bpmn")]}

        reply = mentor.client.post("/api/v1/deployments", data=data, headers=headers)

        assert reply.status_code == 403


class TestDefinitions:
    def test_lists_the_versions_newest_first(self, token_of):
        owner = token_of("procesejer")
        owner.upload("/deployments", FILES)
        changed = FILES["forloeb.bpmn"].replace("P7D", "P8D")
        owner.upload("/deployments", {**FILES, "forloeb.bpmn": changed})

        first = owner.get("/definitions", key="forloeb", limit=1).get_json()
        second = owner.get("/definitions", key="forloeb", cursor=first["next"]).get_json()

        versions = [one["version"] for one in first["items"] + second["items"]]
        assert sorted(versions) == [1, 2]
        assert first["items"][0]["owner_role"] == "Koordinator"


def _bytes(content: bytes):
    from io import BytesIO

    return BytesIO(content)
