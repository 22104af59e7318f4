from __future__ import annotations

import re

import pytest

from models import Account
from processes.access import MAY
from tests.webapp import programme
from webapp.navigation import PLACES

INLINE = re.compile(r"<script(?![^>]*(?:src=|type=\"application/json\"))|<style|\sstyle=|\son\w+=")
EVERYBODY = [
    ("visitator", "Visitator", ["Tasks", "Cases", "Processes"]),
    ("leder", "Leder", ["Tasks", "Cases", "Overview", "Processes"]),
    ("procesejer", "Procesejer", ["Tasks", "Processes"]),
    ("styregruppe", "Styregruppe", ["Overview", "Processes"]),
    ("admin", "Systemadministrator", ["Processes"]),
]
FIRST = {
    "visitator": "/tasks",
    "leder": "/board",
    "procesejer": "/studio",
    "styregruppe": "/board",
    "admin": "/studio",
}


@pytest.fixture
def addresses(wiring):
    """One address of every kind of page."""
    programme.deployed(wiring)
    case_id = programme.begun(wiring)
    task_id = programme.open_task(wiring, case_id)
    return {
        "/tasks": "any",
        "/cases": "any",
        "/cases/new": "staff",
        f"/cases/{case_id}": "case",
        f"/cases/{case_id}?tab=diagram": "case",
        f"/tasks/{task_id}": "case",
        "/board": "board",
        "/outcomes": "board",
        "/studio": "any",
        "/studio/forloeb": "any",
        "/studio/forloeb/versions/1": "any",
        "/studio/forloeb/diagram/forloeb.bpmn": "owner",
        "/studio/forloeb/form/vurdering.form.json": "owner",
    }


OPENS = {
    "any": set(FIRST),
    "staff": {"visitator", "leder"},
    "case": {"visitator", "leder"},
    "board": {"leder", "styregruppe"},
    "owner": {"procesejer"},
}


class TestPlaces:
    @pytest.mark.parametrize(("name", "role", "shown"), EVERYBODY)
    def test_show_only_what_the_roles_open(self, as_, name, role, shown):
        visitor = as_(name, role)

        page = visitor.get(FIRST[name]).text
        menu = page[page.index("<nav") : page.index("</nav>")]

        assert [place for _, place, *_ in PLACES if f">{place}</a>" in menu] == shown

    @pytest.mark.parametrize(("name", "role", "shown"), EVERYBODY)
    def test_begin_with_the_first_question_of_the_day(self, as_, name, role, shown):
        assert as_(name, role).get("/").location == FIRST[name]


class TestAccess:
    @pytest.mark.parametrize(("name", "role", "shown"), EVERYBODY)
    def test_opens_each_page_to_its_roles_alone(self, as_, addresses, name, role, shown):
        visitor = as_(name, role)

        for address, kind in addresses.items():
            status = visitor.get(address).status_code
            assert (status == 200) == (name in OPENS[kind]), (address, status)

    def test_asks_strangers_to_sign_in(self, visitor, addresses):
        for address in addresses:
            reply = visitor.get(address)
            assert reply.status_code == 302, address
            assert reply.location.startswith("/sign-in?next=")

    def test_shuts_every_page_that_is_not_meant_for_all(self, app):
        unguarded = {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if not rule.rule.startswith("/api/")
            and "login_required" not in _decorators(app.view_functions[rule.endpoint])
        }

        assert unguarded == {
            "health.alive",
            "health.metrics",
            "health.ready",
            "language.choose",
            "sign_in.ask",
            "sign_in.enter",
            "sign_in.leave",
            "static",
        }

    def test_knows_every_action_that_the_pages_ask_for(self):
        asked = {"board.show", "counts.show", "definitions.show", "definitions.edit"}

        assert asked <= set(MAY)


class TestEveryPage:
    def test_keeps_to_the_policy(self, as_, addresses):
        for name in ("leder", "procesejer"):
            visitor = as_(name)
            for address in addresses:
                page = visitor.get(address)
                assert not INLINE.search(page.text), address
                assert "script-src 'self';" in page.headers["Content-Security-Policy"]

    def test_has_one_heading_a_main_part_and_a_way_past_the_menu(self, as_, addresses):
        for name in ("leder", "procesejer"):
            visitor = as_(name)
            for address in addresses:
                page = visitor.get(address).text
                assert page.count("<h1") == 1, address
                assert page.count("<main") == 1, address
                if "topbar__nav" in page:
                    assert 'class="skipnav" href="#main-content"' in page, address

    def test_is_kept_by_no_cache_and_framed_by_nobody(self, visitor):
        headers = visitor.get("/sign-in").headers

        assert headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"

    def test_lets_browsers_keep_what_is_named_by_its_content(self, visitor):
        page = visitor.get("/sign-in").text
        address = re.search(r"/static/pages\.css\?v=\w+", page)[0]

        with visitor.get(address) as reply:
            assert "immutable" in reply.headers["Cache-Control"]

    def test_carries_its_session_in_a_cookie_that_scripts_cannot_read(self, visitor):
        cookie = visitor.get("/sign-in").headers["Set-Cookie"]

        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


class TestLanguage:
    def test_is_danish_until_somebody_chooses(self, visitor):
        assert '<html lang="da">' in visitor.get("/sign-in").text

        visitor.post("/language", language="en")

        assert '<html lang="en">' in visitor.get("/sign-in").text

    def test_is_remembered_with_the_account(self, as_, wiring):
        as_("mentor").post("/language", language="en", next="/tasks")

        with wiring.reading() as reading:
            [account] = reading.query(Account).all()
        assert account.language == "en"

    def test_stays_as_it_is_when_the_wish_makes_no_sense(self, visitor):
        visitor.post("/language", language="xx")

        assert '<html lang="da">' in visitor.get("/sign-in").text


def _decorators(view):
    """Names of the functions that wrap a view."""
    names = set()
    while hasattr(view, "__wrapped__"):
        names.add(view.__code__.co_qualname.split(".")[0] if hasattr(view, "__code__") else "")
        view = view.__wrapped__
    return names
