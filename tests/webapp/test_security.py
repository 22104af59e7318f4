"""What strangers, curious colleagues and mistakes must not come to."""

from __future__ import annotations

import io
import json
import logging
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from models import AccessLog, Account, Case, Deadline, Event, Incident, UserTask
from processes.accounts import HASHER
from tests import make
from tests.conftest import NOON
from tests.webapp import programme
from tests.webapp.conftest import Visitor
from webapp.app import create_app
from webapp.commands.talk import LAYOUT, Discreet
from webapp.demo import PASSWORD as DEMO_PASSWORD
from webapp.sign_in import safe_next

PASSWORD = "et langt kodeord"
NUL = "\x00"


@pytest.fixture
def case_id(wiring):
    programme.deployed(wiring)
    return programme.begun(wiring)


@pytest.fixture
def mentor(rows):
    account = make.account(rows, "mentor", "Mentor", password_hash=HASHER.hash(PASSWORD))
    rows.commit()
    return account


@pytest.fixture
def signed_in(visitor, mentor):
    visitor.post("/sign-in", name="mentor", password=PASSWORD)
    return visitor


@pytest.fixture
def configured(wiring):
    """A visitor of the same site with other settings: `configured(demo=True)`."""
    with ExitStack() as opened:

        def visit(**settings):
            other = replace(wiring, config=replace(wiring.config, **settings))
            opened.callback(other.close)
            return Visitor(create_app(other).test_client())

        yield visit


def is_open(visitor):
    return visitor.get("/tasks").status_code == 200


class TestSession:
    def test_ends_after_ten_hours_however_busy_it_was(self, signed_in, clock):
        clock.now += timedelta(hours=9)
        assert is_open(signed_in)

        clock.now += timedelta(hours=2)

        assert not is_open(signed_in)

    def test_ends_with_the_password_that_began_it(self, signed_in, rows):
        rows.scalars(select(Account)).one().password_hash = HASHER.hash("et andet kodeord")
        rows.commit()

        assert not is_open(signed_in)

    def test_ends_with_the_account(self, signed_in, rows):
        rows.scalars(select(Account)).one().active = False
        rows.commit()

        assert not is_open(signed_in)

    def test_begins_afresh_when_somebody_signs_in(self, visitor, mentor):
        with visitor.client.session_transaction() as planted:
            planted["planted"] = "by somebody else"
        before = visitor.token()

        visitor.post("/sign-in", name="mentor", password=PASSWORD)

        with visitor.client.session_transaction() as session:
            assert "planted" not in session
        assert visitor.token() != before

    def test_leaves_nothing_in_the_browser_when_it_ends(self, signed_in):
        reply = signed_in.post("/sign-out")

        assert reply.headers["Clear-Site-Data"] == '"storage"'

    def test_is_carried_over_tls_alone_behind_a_proxy(self, configured):
        headers = configured(secure_cookies=True).get("/sign-in").headers

        assert "Secure" in headers["Set-Cookie"]
        assert headers["Strict-Transport-Security"] == "max-age=31536000"


class TestDemonstration:
    @pytest.fixture
    def left_behind(self, rows):
        make.account(rows, "leder", "Leder", password_hash=HASHER.hash(DEMO_PASSWORD))
        rows.commit()

    def test_leaves_no_account_open_when_it_is_over(self, visitor, left_behind):
        reply = visitor.post("/sign-in", name="leder", password=DEMO_PASSWORD)

        assert reply.status_code == 422
        assert not is_open(visitor)

    def test_opens_its_accounts_while_it_lasts(self, configured, left_behind):
        visitor = configured(demo=True)

        assert visitor.post("/sign-in", name="leder", password=DEMO_PASSWORD).status_code == 303

    @pytest.mark.parametrize("address", ["/clock/jumps", "/clock/progress"])
    def test_lends_its_clock_to_nobody_else(self, as_, address):
        leader = as_("leder")

        assert leader.post(address, to="P1D").status_code == 404
        assert leader.get(address).status_code == 404


class TestAddress:
    @pytest.mark.parametrize("address", ["/\t\\else.where", "/ok\r\nX: y", "/a\\b", "/\x00"])
    def test_leads_to_no_other_site_by_what_browsers_leave_out(self, address):
        assert safe_next(address) is None

    def test_never_carries_what_no_database_can_keep(self, as_, case_id):
        leader = as_("leder")
        for address in (
            *("/cases?q=%00", "/tasks?role=%00", "/board/tasks?role=%00", "/studio/%00"),
            *(f"/cases/{case_id}?purpose=%00", "/cases?phase=%00", "/cases/rows?process=%00"),
        ):
            assert leader.get(address).status_code in {400, 404}, address

    def test_asks_the_board_for_no_week_beyond_the_calendar(self, as_):
        assert as_("leder").get("/board?week=99999999999").status_code == 200


class TestForm:
    def test_is_refused_when_no_database_could_keep_it(self, as_, visitor, case_id, wiring):
        task_id = programme.open_task(wiring, case_id)
        visitator, leader = as_("visitator"), as_("leder")
        fields = {"definition": "forloeb", "unit": "aalborg", "reference": f"T{NUL}"}

        replies = [
            visitor.post("/sign-in", name=f"a{NUL}", password="x"),
            visitator.post("/cases", **fields),
            leader.post(f"/cases/{case_id}/cancellation", reason=NUL),
            leader.post(f"/cases/{case_id}/messages", name=NUL),
        ]
        answers = visitator.post(f"/tasks/{task_id}/completion", answers=r'{"grund": "\ud800"}')

        assert {reply.status_code for reply in replies} == {400}
        assert answers.status_code == 422

    def test_gives_nobody_another_persons_case_by_its_key(self, as_, rows, case_id):
        theirs = rows.get_one(Case, case_id)
        theirs.idempotency_key = "api:maskine:1"
        rows.commit()
        fields = {"definition": "forloeb", "unit": "aalborg", "reference": "T-02"}

        reply = as_("mentor").post("/cases", **fields, idempotency_key="api:maskine:1")

        assert str(case_id) not in reply.location


class TestStrangers:
    """Whoever may not see a case meets nothing of it, at any address, now or later."""

    @pytest.fixture
    def known(self, rows, case_id):
        facts = make._element(rows.get_one(Case, case_id), "fase", "Fase")
        incident = make.add(rows, Incident(**facts, message="Nede", created_at=NOON))
        rows.commit()
        return {
            "case_id": case_id,
            "task_id": rows.scalars(select(UserTask)).one().id,
            "deadline_id": rows.scalars(select(Deadline)).one().id,
            "incident_id": incident.id,
        }

    @pytest.mark.parametrize(("role", "unit"), [("Leder", "odense"), ("Mentor", "aalborg")])
    def test_cannot_tell_what_is_there_from_what_is_not(self, app, as_, known, role, unit):
        stranger = as_("fremmed", role, unit_id=unit)
        asked = [rule for rule in app.url_map.iter_rules() if rule.arguments & known.keys()]
        assert len(asked) > len(known)

        for rule in asked:
            [name] = rule.arguments
            for method in rule.methods & {"GET", "POST", "PUT", "DELETE"}:
                there, nowhere = (
                    _ask(stranger, method, rule, {name: id_}) for id_ in (known[name], uuid4())
                )
                assert there == nowhere, (method, rule.rule)
                assert there[0] == 404, (method, rule.rule)

    def test_in_an_office_register_no_case(self, as_, case_id):
        fields = {"definition": "forloeb", "unit": "aalborg", "reference": "T-02"}

        assert as_("admin", "Systemadministrator").post("/cases").status_code == 403
        assert as_("admin").post("/cases", **fields).status_code == 403


REASON = {"reason": "Ferie"}
BODIES = {
    "deadlines/moves": {"due_at": "2026-03-01T00:00:00Z", **REASON},
    "deadlines/pauses": REASON,
    "tasks/assignee": {"user": "leder"},
    "tasks/completion": {"answers": {}},
    "cases/suspension": REASON,
    "cases/resumption": REASON,
    "cases/cancellation": REASON,
    "cases/corrections": {"values": {}, **REASON},
    "cases/moves": REASON,
    "cases/moves/preview": {},
    "cases/restarts": {"element": "vurder", **REASON},
    "cases/restarts/preview": {"element": "vurder"},
    "incidents/skips": REASON,
}
"""What a call of the API needs to get past its schema, by noun and what comes after the id."""


def _ask(visitor, method, rule, ids):
    """Status and text of one address's answer."""
    _, address = rule.build({name: str(id_) for name, id_ in ids.items()}) or ("", "")
    if method == "GET":
        reply = visitor.get(address)
    elif address.startswith("/api/"):
        noun, _, *what = address.removeprefix("/api/v1/").split("/")
        reply = visitor.send(method, address, BODIES.get("/".join([noun, *what])))
    else:
        fields = {"reason": "Ferie", "due_at": "2026-03-01T12:00", "name": "dom", "to": "leder"}
        reply = visitor.post(address, **fields)
    return reply.status_code, reply.text


class TestHeaders:
    @pytest.mark.parametrize("address", ["/nowhere", "/static/favicon.svg", "/api/v1/nowhere"])
    def test_stand_on_every_answer(self, visitor, address):
        with visitor.get(address) as reply:
            assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
            assert reply.headers["X-Content-Type-Options"] == "nosniff"


class TestLog:
    @pytest.fixture
    def said(self):
        """What a process that serves says on standard error."""
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(Discreet(LAYOUT))
        logging.getLogger().addHandler(handler)
        yield stream
        logging.getLogger().removeHandler(handler)

    def test_tells_where_it_failed_and_never_with_which_values(self, said):
        secret = "hemmelig"
        try:
            try:
                int(secret)
            except ValueError as error:
                raise KeyError(secret) from error
        except KeyError:
            logging.getLogger("webapp").exception("Failure 1")

        told = said.getvalue()
        assert "ERROR webapp: Failure 1" in told
        assert told.index("builtins.ValueError") < told.index("builtins.KeyError")
        assert 'test_security.py", line' in told
        assert secret not in told

    def test_names_the_databases_reason_without_the_row(self, said, wiring):
        secret = "hemmelig"
        try:
            with wiring.turn() as turn:
                make.account(turn.session, secret, unit_id=None)
                make.account(turn.session, secret, unit_id=None)
        except IntegrityError:
            logging.getLogger("webapp").exception("Failure 2")

        assert "SQLSTATE 23505" in said.getvalue()
        assert secret not in said.getvalue()

    def test_keeps_parameters_out_of_what_the_database_refuses(self, wiring):
        with pytest.raises(DataError, match="hidden") as refused, wiring.turn() as turn:
            make.account(turn.session, f"hemmelig{NUL}", unit_id=None)

        assert "hemmelig" not in str(refused.value)


class TestAccessLog:
    def looks(self, wiring):
        with wiring.reading() as reading:
            rows = reading.scalars(select(AccessLog).order_by(AccessLog.id)).all()
            return [(row.action, row.case_id, row.purpose) for row in rows]

    def test_says_what_a_look_was_for_when_the_reader_does_not(self, as_, case_id, wiring):
        task_id = programme.open_task(wiring, case_id)

        as_("visitator").get(f"/tasks/{task_id}")
        as_("leder").get(f"/cases/{case_id}")

        assert self.looks(wiring) == [
            ("tasks.show", case_id, "task vurder"),
            ("cases.show", case_id, "as Leder"),
        ]

    def test_has_every_case_that_a_search_found_but_not_what_was_typed(self, as_, case_id, wiring):
        as_("visitator").get("/cases?q=t-")

        assert self.looks(wiring) == [("cases.index", case_id, "search")]


class TestStudio:
    @pytest.mark.parametrize(
        ("file", "body"),
        [
            ("vurdering.form.json", {"xml": "<x/>"}),
            ("forloeb.bpmn", {"schema": {}}),
            ("forloeb.txt", {"xml": "<x/>"}),
            ("forloeb.bpmn", {"xml": NUL}),
        ],
    )
    def test_keeps_no_draft_that_is_not_what_its_name_says(self, as_, case_id, file, body):
        owner = as_("procesejer")

        assert owner.send("PUT", f"/studio/forloeb/draft/{file}", body).status_code == 400

    @pytest.mark.parametrize("name", ["mentor", "leder", "styregruppe", "admin"])
    def test_lets_nobody_else_draw_or_publish(self, as_, case_id, name):
        roles = {"admin": "Systemadministrator"}
        visitor = as_(name, roles.get(name, name.capitalize()))

        for method, path in (("PUT", "draft/forloeb.bpmn"), ("POST", "lint")):
            assert visitor.send(method, f"/studio/forloeb/{path}", {"xml": ""}).status_code == 403
        publishing = visitor.send("POST", "/studio/forloeb/publication", {"note": ""})
        assert publishing.status_code == (201 if name == "admin" else 403)


class TestCprNumber:
    NUMBER = "det er 310226-0000"
    """Nobody's: February has no 31st."""

    def test_stays_out_of_answers_and_is_told_at_its_field(self, as_, case_id, wiring):
        task_id = programme.open_task(wiring, case_id)
        answers = json.dumps({"grund": self.NUMBER})

        reply = as_("visitator").post(f"/tasks/{task_id}/completion", answers=answers)

        assert reply.status_code == 422
        assert "Holds what may be a CPR number" in reply.text

    def test_stays_out_of_reasons(self, as_, rows, case_id):
        deadline = rows.scalars(select(Deadline)).one()
        leader = as_("leder")
        reason = {"reason": self.NUMBER, "due_at": "2026-03-01T12:00"}

        replies = [
            leader.post(f"/cases/{case_id}/cancellation", **reason),
            leader.post(f"/deadlines/{deadline.id}/moves", **reason),
            leader.post(f"/deadlines/{deadline.id}/pauses", **reason),
        ]

        assert {reply.status_code for reply in replies} == {422}
        told = json.dumps([event.detail for event in rows.scalars(select(Event))])
        assert "310226" not in told


class TestCounts:
    def test_point_at_nobody_for_those_who_see_no_cases(self, as_, rows):
        for _ in range(4):
            make.user_task(rows)
        rows.commit()

        assert "&lt; 5" in as_("styregruppe", "Styregruppe").get("/board").text
        assert "&lt; 5" not in as_("leder").get("/board").text

    def test_are_exact_once_they_are_many(self, as_, rows):
        for _ in range(5):
            make.user_task(rows)
        rows.commit()

        page = as_("styregruppe", "Styregruppe").get("/board").text

        assert "&lt; 5" not in page


class TestSecretsInScripts:
    def test_cannot_break_out_of_their_element(self, as_, wiring):
        form = json.loads(programme.FORM)
        form["components"][0]["label"] = "</script><script>alert(1)</script>"
        programme.deployed(wiring, programme.FILES | {"vurdering.form.json": json.dumps(form)})
        task_id = programme.open_task(wiring, programme.begun(wiring))

        page = as_("visitator").get(f"/tasks/{task_id}").text

        assert "</script><script>alert" not in page

    def test_cannot_enter_a_page_by_the_names_of_a_diagram(self, as_, wiring):
        evil = '&lt;img src=x onerror="alert(1)"&gt;'.replace('"', "&quot;")
        diagram = programme.FILES["forloeb.bpmn"].replace('name="Vurder"', f'name="{evil}"')
        programme.deployed(wiring, programme.FILES | {"forloeb.bpmn": diagram})
        case_id = programme.begun(wiring)

        for address in (f"/cases/{case_id}?tab=diagram", f"/cases/{case_id}", "/studio/forloeb"):
            assert "<img src=x" not in as_("leder").get(address).text
