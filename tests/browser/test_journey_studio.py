"""The process owner changes a programme in the browser, and the next case follows the change."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from playwright.sync_api import expect

from tests.browser.people import Cast
from tests.browser.real_browser import assert_no_axe_violations
from tests.browser.site import demo_site

CASE = "T-92"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
SCORES = dict.fromkeys(
    ("bolig", "indtaegt", "skole_job", "rusmidler", "netvaerk", "helbred", "fritid"), 3
)


@pytest.fixture(scope="module")
def site():
    with demo_site() as address:
        yield address


@pytest.fixture
def cast(open_page, site):
    return Cast(open_page, site)


@pytest.fixture
def owner(cast):
    """The process owner on the page of the programme."""
    owner = cast("Procesejer")
    owner.page.get_by_role("link", name="En Vej Ind", exact=True).click()
    expect(owner.heading).to_have_text("En Vej Ind")
    return owner


def test_a_course_made_six_months_lasts_six_months_for_the_next_case(owner, cast):
    make_the_course_last(owner, "6")
    publish(owner, "Seks måneder i stedet for fire")

    changed = version_row(owner, 2)
    expect(changed).to_contain_text("Grundforløbets længde: 4 måneder → 6 måneder")
    expect(changed).to_contain_text("Seks måneder i stedet for fire")
    begun = begin_a_course(cast)
    course = cast("Mentor").sees_the_case(CASE, "deadlines").locator(".deadline-card")
    due = course.filter(has_text="Gennemfør hverdag").locator("time").first
    ends = datetime.fromisoformat(str(due.get_attribute("datetime")))
    assert abs(ends - (begun + relativedelta(months=6))) < timedelta(minutes=2)
    expect(cast("Mentor").sees_the_case(CASE)).to_contain_text("version 2")


def test_a_question_put_in_other_words_is_asked_in_them(owner, cast):
    owner.page.get_by_role("link", name="Registrér henvisning", exact=True).click()
    expect(owner.page.locator(".studio__well")).to_have_text("Ingen problemer fundet")

    owner.page.locator(".fjs-form-field-textfield").first.click()
    owner.page.locator('[data-group-id="group-general"]').get_by_text("Generelt").click()
    owner.page.locator("#bio-properties-panel-label").fill("Hvem har skrevet til os?")
    owner.page.get_by_text("Ikke gemt endnu").wait_for()
    publish(owner, "Klarere spørgsmål")

    visitator = cast("Visitator")
    visitator.refers("T-93")
    visitator.opens("T-93", "Registrér henvisning")
    expect(visitator.page.get_by_label("Hvem har skrevet til os?")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_parameters_are_for_everybody(open_page, site, phone):
    owner = Cast(lambda: open_page(phone=phone), site)("Procesejer")
    page = owner.page
    owner.goes_to("/studio/en_vej_ind/parameters")
    for language, other in (("da", "English"), ("en", "Dansk")):
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator(".parameters__jump")).not_to_be_empty()

        page.locator("#mentor_frist").fill("8")
        page.locator("#visitation_mail").fill("ingen")

        expect(page.locator("#visitation_mail")).to_have_attribute("aria-invalid", "true")
        expect(page.locator(".effect tbody tr").first).to_be_visible()
        assert_no_axe_violations(page)
        assert page.evaluate(SIDEWAYS) <= 0
        page.keyboard.press("Control+s")
        expect(page.locator(".studio__state")).to_contain_text(re.compile(r"\d"))
        page.get_by_text(other, exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "da")
    throw_away_the_draft(owner)
    owner.goes_to("/studio/new-programme")
    assert_no_axe_violations(page)
    assert page.evaluate(SIDEWAYS) <= 0


def test_a_value_written_without_a_connection_is_kept_when_it_is_back(owner):
    page = owner.page
    page.get_by_role("link", name="Se og ændr parametrene").click()
    expect(page.locator(".parameters__jump")).to_have_text("Intet er ændret.")
    page.context.set_offline(True)

    page.locator("#mentor_frist").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("8")
    page.keyboard.press("Control+s")
    expect(page.locator(".studio__state")).to_have_text("Ingen forbindelse til serveren")
    page.context.set_offline(False)

    expect(page.locator(".studio__state")).to_contain_text("Kladde gemt kl.")
    page.reload()
    expect(page.locator("#mentor_frist")).to_have_value("8")
    expect(page.locator("#about-mentor_frist")).to_contain_text("I brug: 5 arbejdsdage")
    throw_away_the_draft(owner)


def throw_away_the_draft(owner):
    owner.goes_to("/studio/en_vej_ind")
    owner.page.locator("form[data-confirm] button").first.click()
    owner.page.get_by_role("dialog").locator(".button-primary").click()
    expect(owner.page.locator("#drafts-heading")).to_have_count(0)


def make_the_course_last(owner, months: str):
    page = owner.page
    page.get_by_role("link", name="Se og ændr parametrene").click()
    expect(page.locator(".parameters__jump")).to_have_text("Intet er ændret.")
    page.get_by_label("Hvis det begynder den").fill("2028-08-31")
    page.get_by_label("Grundforløbets længde", exact=True).fill(months)

    row = page.locator(".effect tbody tr").filter(has_text="Kursets længde er gået")
    expect(row).to_contain_text("31/12 2028")
    expect(row).to_contain_text("28/2 2029")
    row.get_by_text("hvorfor?").click()
    expect(row).to_contain_text("+ 6 måneder")
    expect(page.locator(".effect svg .is-changed").first).to_be_visible()
    expect(page.locator(".studio__state")).to_contain_text("Kladde gemt kl.")


def publish(owner, note: str):
    page = owner.page
    page.get_by_role("button", name="Udgiv …").click()
    page.get_by_label("Hvad er ændret, og hvorfor?").fill(note)
    page.get_by_role("dialog").get_by_role("button", name="Udgiv").click()
    expect(page.locator(".studio__state")).to_contain_text("bruges nu til nye sager")
    page.get_by_role("link", name="Se den").click()


def version_row(owner, version: int):
    named = owner.page.get_by_role("link", name=str(version), exact=True)
    return owner.page.locator("tr").filter(has=named)


def begin_a_course(cast) -> datetime:
    """Takes a case to the first day of the course; when that was, by the clock."""
    visitator, koordinator, mentor = cast("Visitator"), cast("Koordinator"), cast("Mentor")
    visitator.refers(CASE)
    send(
        visitator,
        "Registrér henvisning",
        henviser="SSP-konsulent",
        organisation="ssp",
        henvisning_grundlag="samtykke",
        alder=19,
        bekymring="Løs tilknytning til en gadegruppe",
        hast="almindelig",
        henvist_dato=visitator.day().isoformat(),
    )
    send(visitator, "Vurdér målgruppe", i_maalgruppe=True, risikotegn=["tilknytning"])
    send(koordinator, "Informér og indhent samtykke", samtykke="ja", samtykke_givet_af="unge")
    meeting = (visitator.now + timedelta(hours=1)).isoformat(timespec="minutes")
    send(visitator, "Fastsæt visitationsmøde", moede_tid=meeting, moede_sted="Mødelokale 2")
    visitator.moves_the_clock("+1 dag")
    send(
        cast("Visitationsudvalg"),
        "Afgør visitation",
        visitation_afgoerelse="optag",
        hold="Hold 3",
        visitation_begrundelse="Motiveret",
    )
    send(koordinator, "Vælg person", valgt_person="mentor")
    send(
        koordinator,
        "Hold indskrivningssamtale",
        kontakt_vej="Sms",
        indskrevet_hold="Hold 3",
        holdstart=koordinator.day().isoformat(),
        spilleregler=True,
    )
    send(mentor, "Mål udgangspunkt", **SCORES)
    send(mentor, "Læg plan", egne_maal="I gang med en uddannelse")
    send(mentor, "Aftal plan", plan_aftalt="ja", plan_aftalt_af="unge")
    send(cast("Underviser"), "Bekræft holdstart", startdato=koordinator.day().isoformat())
    return koordinator.now.astimezone(COPENHAGEN)


def send(colleague, task: str, **answers):
    """What handing in the form sends, without filling it in."""
    address = colleague.row(CASE, task).locator("[data-open]").get_attribute("href")
    token = colleague.page.locator('meta[name="csrf-token"]').get_attribute("content")
    fields = {"csrf_token": str(token), "answers": json.dumps(answers)}

    answer = colleague.page.request.post(
        f"{colleague.site}{address}/completion",
        form=fields,
        headers={"Referer": colleague.site},
    )

    assert answer.ok, re.sub(r"\s+", " ", answer.text())
    assert "Du udførte opgaven" in answer.text()
