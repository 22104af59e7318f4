from __future__ import annotations

import json
from uuid import uuid4

from sqlalchemy import make_url, select, update

from models import Account, ApiToken
from tests.webapp.api.conftest import API
from webapp.api.blueprint import Part
from webapp.app import create_app
from webapp.bootstrap import Config, Wiring

ROWS = [
    ("POST", "/deployments", {"deploy"}),
    ("GET", "/definitions", {"read", "deploy", "case"}),
    ("POST", "/cases", {"case"}),
    ("GET", "/cases", {"read", "case"}),
    ("GET", "/cases/{id}", {"read", "case"}),
    ("GET", "/cases/{id}/events", {"read", "case"}),
    ("GET", "/cases/{id}/deadlines", {"read", "case"}),
    ("POST", "/cases/{id}/suspension", {"case"}),
    ("POST", "/cases/{id}/resumption", {"case"}),
    ("POST", "/cases/{id}/cancellation", {"case"}),
    ("POST", "/cases/{id}/corrections", {"case"}),
    ("GET", "/cases/{id}/position", {"case"}),
    ("POST", "/cases/{id}/moves/preview", {"case"}),
    ("POST", "/cases/{id}/moves", {"case"}),
    ("POST", "/cases/{id}/restarts/preview", {"case"}),
    ("POST", "/cases/{id}/restarts", {"case"}),
    ("GET", "/incidents", {"read", "case"}),
    ("POST", "/incidents/{id}/retries", {"case"}),
    ("POST", "/incidents/{id}/skips", {"case"}),
    ("GET", "/tasks", {"read", "task"}),
    ("GET", "/tasks/{id}", {"read", "task"}),
    ("GET", "/tasks/{id}/form", {"read", "task"}),
    ("PUT", "/tasks/{id}/assignee", {"task"}),
    ("DELETE", "/tasks/{id}/assignee", {"task"}),
    ("POST", "/tasks/{id}/completion", {"task"}),
    ("POST", "/messages", {"message"}),
    ("GET", "/deadlines", {"read", "case"}),
    ("POST", "/deadlines/{id}/moves", {"case"}),
    ("POST", "/deadlines/{id}/pauses", {"case"}),
    ("POST", "/deadlines/{id}/resumption", {"case"}),
    ("POST", "/migrations", {"deploy"}),
    ("GET", "/migrations", {"deploy"}),
    ("GET", "/migrations/{id}", {"deploy"}),
    ("GET", "/migrations/{id}/cases", {"deploy"}),
    ("POST", "/migrations/{id}/cancellation", {"deploy"}),
    ("POST", "/migrations/{id}/reversal", {"deploy"}),
    ("POST", "/simulations", {"simulate"}),
]
SCOPES = ("deploy", "case", "task", "message", "simulate", "read")


class TestToken:
    def test_is_needed_everywhere(self, app):
        client = app.test_client()

        replies = [
            client.open(API + path.format(id=uuid4()), method=method) for method, path, _ in ROWS
        ]

        assert {reply.status_code for reply in replies} == {401}
        assert {reply.get_json()["code"] for reply in replies} == {"not_signed_in"}
        assert replies[0].headers["WWW-Authenticate"] == 'Bearer realm="vejviser"'

    def test_opens_what_its_scope_says_and_nothing_else(self, token_of):
        machines = {scope: token_of("leder", scopes=[scope]) for scope in SCOPES}

        for method, path, opening in ROWS:
            for scope, machine in machines.items():
                reply = machine.send(method, path.format(id=uuid4()))
                lacking = reply.status_code == 403 and reply.get_json()["code"] == "missing_scope"
                assert lacking is (scope not in opening), (method, path, scope, reply.text)

    def test_must_be_one_that_we_made(self, app):
        for header in ("Bearer x", "Bearer", "Basic eDp5", "x", "Bearer \xe6"):
            reply = app.test_client().get(f"{API}/tasks", headers={"Authorization": header})

            assert reply.status_code == 401
            assert reply.get_json()["code"] == "unknown_token"

    def test_ends_when_it_is_withdrawn_or_its_account_closed(self, leader, mentor, rows, clock):
        rows.execute(update(ApiToken).values(revoked_at=clock.now).where(_of("leder")))
        rows.execute(update(Account).values(active=False).where(Account.name == "mentor"))
        rows.commit()

        assert {leader.get("/tasks").status_code, mentor.get("/tasks").status_code} == {401}

    def test_is_no_way_into_the_pages(self, leader):
        reply = leader.client.get("/cases", headers={"Authorization": f"Bearer {leader.token}"})

        assert reply.status_code == 302

    def test_wins_over_the_browsers_session(self, as_, token_of, programme):
        browser = as_("leder")
        reader = token_of("leder", scopes=["read"])
        body = {"definition": "forloeb"}
        headers = {"Authorization": f"Bearer {reader.token}"}

        reply = browser.client.post(f"{API}/cases", json=body, headers=headers)

        assert reply.get_json()["code"] == "missing_scope"


class TestSession:
    def test_reads_and_writes_with_the_pages_own_token(self, as_, programme):
        visitator = as_("visitator")

        started = visitator.send("POST", f"{API}/cases", {"definition": "forloeb"})
        listed = visitator.get(f"{API}/cases")

        assert started.status_code == 201
        assert [case["id"] for case in listed.get_json()["items"]] == [started.get_json()["id"]]

    def test_cannot_write_without_it(self, as_, programme):
        visitator = as_("visitator")

        reply = visitator.client.post(f"{API}/cases", json={"definition": "forloeb"})

        assert reply.status_code == 400
        assert reply.get_json()["code"] == "csrf"
        assert visitator.get(f"{API}/cases").get_json()["items"] == []

    def test_has_the_roles_of_its_account(self, as_, programme):
        board = as_("styregruppe")

        reply = board.send("POST", f"{API}/cases", {"definition": "forloeb"})

        assert reply.status_code == 403


class TestBody:
    def test_is_json_and_says_so(self, visitator):
        reply = visitator.send(
            "POST", "/cases", data="definition=forloeb", content_type="text/plain"
        )

        assert reply.status_code == 415
        assert reply.get_json()["code"] == "unsupported_media_type"

    def test_must_be_whole(self, visitator):
        for text in ("{", "[" * 100_000, '"\xe6'.encode("latin-1"), ""):
            reply = visitator.send("POST", "/cases", data=text, content_type="application/json")

            assert reply.status_code in {400, 422}
            assert set(reply.get_json()) == {"code", "message", "errors"}

    def test_must_be_an_object(self, visitator):
        for text in ("[]", "null", '"x"', "1"):
            reply = visitator.send("POST", "/cases", data=text, content_type="application/json")

            assert reply.status_code == 422

    def test_must_be_something_that_can_be_kept(self, visitator):
        for value in ("\0", "\ud800", float("nan"), {"\0": 1}, [["\0"]]):
            body = json.dumps({"definition": "forloeb", "data": {"x": value}})

            reply = visitator.send("POST", "/cases", data=body, content_type="application/json")

            assert reply.status_code == 422
            assert reply.get_json()["code"] == "unstorable_text"

    def test_has_a_reasonable_size(self, visitator):
        reply = visitator.post("/cases", {"definition": "forloeb", "data": {"x": "y" * 2**21}})

        assert reply.status_code == 413
        assert reply.get_json()["code"] == "too_large"


class TestErrors:
    def test_are_json_at_addresses_that_do_not_exist(self, app):
        client = app.test_client()

        nowhere = client.get(f"{API}/nothing")
        no_id = client.get(f"{API}/cases/1", headers={"Accept-Language": "da"})
        method = client.delete(f"{API}/cases")

        assert nowhere.get_json()["code"] == no_id.get_json()["code"] == "not_found"
        assert no_id.get_json()["message"].startswith("Der er intet")
        assert method.status_code == 405
        assert "GET" in method.headers["Allow"]

    def test_leave_the_pages_their_own(self, app):
        assert app.test_client().get("/nothing").mimetype == "text/html"

    def test_say_when_the_database_is_away(self):
        nowhere = make_url("postgresql+psycopg://nobody@127.0.0.1:9/nothing")
        client = create_app(Wiring(Config(secret_key="key of a test"), nowhere)).test_client()

        reply = client.get(f"{API}/tasks", headers={"Authorization": "Bearer x"})

        assert reply.status_code == 503
        assert reply.headers["Retry-After"] == "10"
        assert reply.get_json()["code"] == "database_down"

    def test_hide_what_broke_here_behind_a_number(self, app, leader):
        broken = Part("broken", "")
        broken.get("")(lambda: 1 / 0)
        app.register_blueprint(broken)

        reply = leader.get("/broken")

        assert reply.status_code == 500
        assert reply.get_json()["code"] == "failure"
        assert "division" not in reply.text


def _of(name: str):
    account = select(Account.id).where(Account.name == name).scalar_subquery()
    return ApiToken.account_id == account
