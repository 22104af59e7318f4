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
from tests.browser.site import demo_site

CASE = "T-92"
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
    make_the_course_last(owner, "P6M")
    publish(owner, "Seks måneder i stedet for fire")

    expect(version_row(owner, 2)).to_contain_text("i brug")
    expect(version_row(owner, 2)).to_contain_text("Seks måneder i stedet for fire")
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


def make_the_course_last(owner, duration: str):
    page = owner.page
    page.get_by_role("link", name="Redigér dette diagram").click()
    expect(page.locator(".studio__well")).to_have_text("Ingen problemer fundet")

    page.locator(".djs-label").get_by_text("En Vej Ind", exact=True).first.click(force=True)
    panel = page.locator(".studio__panel")
    panel.get_by_text("Parametre", exact=True).click()
    panel.get_by_text("kursus_varighed = P4M").click()
    entry = panel.locator(".bio-properties-panel-list-item").filter(has_text="kursus_varighed")
    entry.get_by_label("Værdi").fill(duration)
    expect(panel).to_contain_text(f"kursus_varighed = {duration}")
    expect(page.locator(".studio__state")).to_have_text("Ikke gemt endnu")

    page.get_by_role("button", name="Gem kladde").click()
    expect(page.locator(".studio__state")).to_contain_text("Kladde gemt kl.")
    expect(page.locator(".studio__well")).to_have_text("Ingen problemer fundet")


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
