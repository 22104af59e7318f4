"""Every page in a real browser: nothing for axe to find, no sideways scrolling, no complaint."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import Colleague
from tests.browser.site import demo_site

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text()
FIND = "axe.run(document, {resultTypes: ['violations']})"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CASE = "T-95"
STUDIO = "/studio/en_vej_ind"

PAGES = {
    "Visitator": [
        "/tasks",
        "/tasks?tab=roles",
        "/tasks?tab=team",
        "/tasks?tab=roles&due=overdue",
        "/cases",
        "/cases?q=T-99",
        "/cases/new",
        "{task}",
        "{done}",
        "{case}",
        "{case}?tab=data",
        "{case}?tab=tasks",
        "{case}?tab=deadlines",
        "{case}?tab=history",
        "{case}?tab=diagram",
        "/nothing",
    ],
    "Leder": [
        "/board",
        "/board?level=missed",
        "/board/tasks?role=Visitator",
        "/outcomes",
        "{case}",
        "{case}?tab=deadlines",
        "{case}/corrections",
        "{case}/moves",
        "{case}/moves?create=%7Cluk",
        "{case}/restarts",
    ],
    "Styregruppe": ["/board", "/studio"],
    "Procesejer": [
        "/studio",
        STUDIO,
        f"{STUDIO}/versions/1",
        f"{STUDIO}/diagram/en_vej_ind.bpmn",
        f"{STUDIO}/form/f1_henvisning.form.json",
        f"{STUDIO}/table/maalgruppe.dmn",
    ],
}
REFERRAL = {
    "Hvem henviser?": "SSP-konsulent",
    "Organisation": "SSP",
    "Grundlag for henvisningen": "Den unge har sagt ja til henvisningen",
    "Alder på forventet holdstart": 19,
    "Hvad er bekymringen?": "Løs tilknytning til en gadegruppe",
    "Hvor meget haster det?": "Almindelig",
}


@pytest.fixture(scope="module")
def site():
    with demo_site() as address:
        yield address


@pytest.fixture(scope="module")
def places(site, browser):
    """Addresses that exist only once somebody has worked: a case, a done task, an open one."""
    context = browser.new_context(locale="da-DK", timezone_id="Europe/Copenhagen")
    visitator = Colleague("Visitator", context.new_page(), site).signs_in()
    case = visitator.refers(CASE)
    visitator.opens(CASE, "Registrér henvisning")
    done = visitator.page.url
    visitator.hands_in({**REFERRAL, "Henvist den": visitator.day()})
    visitator.opens(CASE, "Vurdér målgruppe")
    task = visitator.page.url
    context.close()
    found = {"case": case, "done": done, "task": task}
    return {name: address.removeprefix(site) for name, address in found.items()}


@pytest.mark.parametrize(
    ("phone", "language"),
    [(False, "da"), (False, "en"), (True, "da")],
    ids=["desktop-da", "desktop-en", "phone-da"],
)
@pytest.mark.parametrize("role", PAGES)
def test_every_page_is_open_to_everybody(open_page, site, places, role, phone, language):
    colleague = Colleague(role, open_page(phone=phone), site).signs_in()
    _speak(colleague.page, language)

    for address in PAGES[role]:
        colleague.goes_to(address.format(**places))
        _must_be_ready(colleague.page)
        assert _found_by_axe(colleague.page) == [], address
        assert colleague.page.evaluate(TOO_WIDE) <= 0, f"{address} scrolls sideways"
        assert colleague.page.locator("html").get_attribute("lang") == language, address


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_sign_in_page_is_open_to_everybody(open_page, site, phone):
    page = open_page(phone=phone)

    page.goto(site)

    expect(page.get_by_role("heading", level=1)).to_have_text("Log på")
    assert _found_by_axe(page) == []
    assert page.evaluate(TOO_WIDE) <= 0


def test_pages_are_readable_in_the_dark(open_page, site, places):
    leader = Colleague("Leder", open_page(dark=True), site).signs_in()

    for address in ("/board", "{case}", "{case}?tab=diagram", "/studio", "/cases"):
        leader.goes_to(address.format(**places))
        assert _found_by_axe(leader.page) == [], address


def test_the_inbox_is_worked_by_keys(open_page, site, places):
    visitator = Colleague("Visitator", open_page(), site).signs_in()
    _speak(visitator.page, "da")
    visitator.goes_to("/tasks?tab=roles")

    visitator.page.keyboard.press("j")
    visitator.page.keyboard.press("o")

    visitator.arrives_at(re.compile(r"/tasks/[0-9a-f-]{36}$"))
    visitator.page.keyboard.press("g")
    visitator.page.keyboard.press("s")
    visitator.arrives_at(re.compile(r"/cases$"))
    visitator.page.keyboard.press("/")
    expect(visitator.page.get_by_role("searchbox")).to_be_focused()


def test_the_first_stop_of_the_keyboard_leads_past_the_menu(open_page, site, places):
    page = Colleague("Visitator", open_page(), site).signs_in().page
    _speak(page, "da")
    page.goto(f"{site}/tasks")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Gå til sidens indhold")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def _speak(page, language):
    """The account remembers its language, so there may be nothing to choose."""
    other = page.locator(f"button[name=language][value={language}]")
    if other.count():
        other.click()
    expect(page.locator(f"html[lang={language}]")).to_be_attached()


def _must_be_ready(page):
    """A page whose editor or form is drawn by a script is looked at once it is there."""
    if page.locator("[data-form]").count():
        expect(page.locator(".form--ready")).to_be_visible()
    if page.locator("[data-modeler]").count():
        expect(page.locator("[data-modeler] .djs-container")).to_be_visible()
    if page.locator("[data-form-editor]").count():
        expect(page.locator("[data-form-editor] .fjs-editor-container")).to_be_visible()
    if page.locator("[data-table-editor]").count():
        expect(page.locator("[data-table-editor] .tjs-table")).to_be_visible()
        expect(page.locator(".trial__answer")).to_be_visible()


def _found_by_axe(page):
    found = page.evaluate(f"{AXE};{FIND}")["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]
