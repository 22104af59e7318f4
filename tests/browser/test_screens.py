"""What people meet beside the well-trodden pages: refusals, errors, emptiness, the keyboard.

`VEJVISER_SCREENS` names a folder for the pictures, to be looked at; otherwise they go to a
temporary one.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from processes.diagram_files import SHARED
from tests.browser.people import Cast
from tests.browser.real_browser import assert_no_axe_violations
from tests.browser.site import ROOT, demo_site

STANDS_ALONE = {"udvalgsstatus"}
"""Processes beside a programme that it does not call."""

DIAGRAMS = sorted((ROOT / "bpmn").glob("*/*.bpmn"))
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOCUS_SHOWS = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
}"""
IN_SIGHT = """() => {
  const inside = document.querySelector('.djs-container').getBoundingClientRect();
  return [...document.querySelectorAll('.djs-element .djs-visual')].every((shape) => {
    const box = shape.getBoundingClientRect();
    return box.left >= inside.left && box.top >= inside.top - 1
      && box.right <= inside.right + 1 && box.bottom <= inside.bottom + 1;
  });
}"""
SIZES = ["desktop", "phone"]
STOPS = 60
"""How often Tab is pressed at most on the way to a page's primary action."""


@pytest.fixture(scope="module")
def site():
    with demo_site() as address:
        yield address


@pytest.fixture
def cast(open_page, site):
    return Cast(open_page, site)


@pytest.fixture
def phone_cast(open_page, site):
    return Cast(lambda: open_page(phone=True), site)


@pytest.fixture(scope="session")
def album(tmp_path_factory):
    """Keeps a picture of the page: `album(page, "board")`."""
    folder = Path(os.environ.get("VEJVISER_SCREENS") or tmp_path_factory.mktemp("screens"))
    folder.mkdir(parents=True, exist_ok=True)

    def keep(page, name: str) -> None:
        size = "phone" if page.viewport_size["width"] < 600 else "desktop"
        language = page.locator("html").get_attribute("lang")
        page.screenshot(path=folder / f"{name}-{size}-{language}.png", full_page=True)

    return keep


def look(colleague, album, name: str) -> None:
    """The page has nothing for axe, does not scroll sideways, and is kept as a picture."""
    page = colleague.page
    assert_no_axe_violations(page)
    assert page.evaluate(SIDEWAYS) <= 0, f"{name} scrolls sideways"
    album(page, name)


@pytest.mark.parametrize("size", SIZES)
class TestRefusals:
    @pytest.fixture
    def people(self, cast, phone_cast, size):
        return cast if size == "desktop" else phone_cast

    @pytest.mark.parametrize(
        ("address", "heading"),
        [("/board", "Ikke åbent for dig"), ("/nothing", "Ikke fundet")],
        ids=["403", "404"],
    )
    def test_a_closed_door_says_so_and_leads_home(self, people, album, address, heading):
        mentor = people("Mentor")

        mentor.goes_to(address)

        expect(mentor.heading).to_have_text(heading)
        look(mentor, album, f"refusal{address.replace('/', '-')}")
        mentor.page.get_by_role("link", name="Til forsiden").click()
        expect(mentor.heading).to_have_text("Opgaver")

    def test_who_comes_second_reads_who_was_first_and_keeps_what_they_typed(
        self, people, album, size
    ):
        first, second = people("Visitator"), people("Visitator", "again")
        reference = f"T-7{SIZES.index(size)}"
        first.refers(reference)
        answers = referral(first)
        first.opens(reference, "Registrér henvisning")
        second.goes_to(first.page.url.removeprefix(first.site))
        expect(second.page.locator(".form--ready")).to_be_visible()
        first.hands_in(answers)

        second.fills_in({**answers, "Hvad er bekymringen?": "Noget, kun den anden så"})
        second.presses("Fuldfør")

        expect(second.heading).to_have_text("Nogen kom før dig")
        expect(second.page.locator("main")).to_contain_text("Noget, kun den anden så")
        look(second, album, "refusal-409")

    def test_a_form_with_gaps_names_each_and_leads_to_it(self, people, album, size):
        visitator = people("Visitator")
        reference = f"T-8{SIZES.index(size)}"
        visitator.refers(reference)
        visitator.opens(reference, "Registrér henvisning")

        visitator.presses("Fuldfør")

        summary = visitator.page.locator(".form-summary")
        expect(summary).to_be_focused()
        expect(summary.get_by_role("heading")).to_have_text(re.compile(r"Der er \d+ ting at rette"))
        look(visitator, album, "form-with-gaps")
        summary.get_by_role("link").first.click()
        expect(visitator.page.get_by_label("Hvem henviser?")).to_be_focused()


@pytest.fixture
def english(cast):
    """The intake officer, who reads English for as long as the test lasts."""
    visitator = cast("Visitator")
    visitator.refers("T-60")
    speak(visitator, "en")
    yield visitator
    speak(visitator, "da")


def test_a_programme_is_read_in_english_from_the_inbox_to_the_history(english, album):
    english.goes_to("/tasks?tab=roles")
    row = english.page.locator("tr[data-row]").filter(has_text="T-60")
    expect(row.get_by_role("link", name="Register referral", exact=True)).to_be_visible()
    row.get_by_role("button", name="Take").click()
    expect(english.page.locator(".form--ready")).to_be_visible()
    expect(english.page.locator("main [lang=da]")).to_have_count(0)
    look(english, album, "english-form")

    english.fills_in(
        {
            "Who refers?": "SSP consultant",
            "Organisation": "SSP",
            "Basis of the referral": "The young person has agreed to the referral",
            "Age when the cohort is expected to start": 19,
            "What is the concern?": "Loose ties to a street group",
            "Referred on": english.day(),
        }
    )
    english.presses("Complete")

    expect(english.said).to_contain_text("You completed this task")
    english.page.get_by_role("link", name="See the case").click()
    for tab in ("", "data", "tasks", "deadlines", "history", "diagram"):
        english.sees_the_case("T-60", tab)
        expect(english.page.locator("main [lang=da]")).to_have_count(0)
        look(english, album, f"english-case-{tab}")
    drawn = english.page.get_by_role("img", name="En Vej Ind (A Way In)")
    expect(drawn).to_contain_text("Referral")


@pytest.mark.parametrize("language", ["da", "en"])
def test_an_empty_page_teaches(cast, album, language):
    kif = cast("Kriminalforsorg")
    speak(kif, language)

    for address in ("/tasks", "/tasks?tab=team", "/cases?q=T-99"):
        kif.goes_to(address)
        expect(kif.page.locator(".empty")).to_be_visible()
        look(kif, album, "empty" + re.sub(r"\W+", "-", address))


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("Visitator", "/cases/new"),
        ("Visitator", "/cases"),
        ("Procesejer", "/studio/en_vej_ind"),
    ],
)
def test_the_keyboard_reaches_the_primary_action_and_shows_where_it_is(cast, role, address):
    colleague = cast(role)
    colleague.goes_to(address)
    primary = colleague.page.locator("main .button-primary").first

    for _ in range(STOPS):
        colleague.page.keyboard.press("Tab")
        assert colleague.page.evaluate(FOCUS_SHOWS)
        if primary.evaluate("(it) => it === document.activeElement"):
            break

    expect(primary).to_be_focused()


def test_every_diagram_is_in_sight_and_without_a_problem_in_the_modeler(cast, album):
    owner = cast("Procesejer")

    for path in DIAGRAMS:
        alone = path.parent.name == SHARED or path.stem in STANDS_ALONE
        programme = path.stem if alone else path.parent.name
        owner.goes_to(f"/studio/{programme}/diagram/{path.name}")
        expect(owner.page.locator(".studio__well")).to_be_visible()
        owner.page.wait_for_function(IN_SIGHT)
        album(owner.page, f"modeler-{path.name}")


@pytest.mark.parametrize("size", SIZES)
def test_a_table_is_tried_where_it_is_edited(cast, phone_cast, album, size):
    owner = (phone_cast if size == "phone" else cast)("Procesejer")
    owner.goes_to("/studio/en_vej_ind")
    owner.page.get_by_role("link", name="Målgruppe", exact=True).click()
    expect(owner.page.locator(".studio__well")).to_be_visible()

    owner.page.get_by_label("i_maalgruppe").select_option("sand")
    owner.page.get_by_label("alder").fill("16")

    expect(owner.page.locator(".trial__answer")).to_contain_text('afgoerelse: "dispensation"')
    expect(owner.page.locator("tr.is-hit")).to_contain_text("Undtagelsen")
    look(owner, album, "table")


def referral(person):
    return {
        "Hvem henviser?": "SSP-konsulent",
        "Organisation": "SSP",
        "Grundlag for henvisningen": "Den unge har sagt ja til henvisningen",
        "Alder på forventet holdstart": 19,
        "Hvad er bekymringen?": "Løs tilknytning til en gadegruppe",
        "Henvist den": person.day(),
    }


def speak(colleague, language: str) -> None:
    other = colleague.page.locator(f"button[name=language][value={language}]")
    if other.count():
        other.click()
    expect(colleague.page.locator(f"html[lang={language}]")).to_be_attached()
