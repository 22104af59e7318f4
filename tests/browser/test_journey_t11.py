"""Norddjurs: an adviser for one case and one meeting, Maundy Thursday, and an empty budget."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from dateutil.easter import easter
from playwright.sync_api import expect

from tests.browser.people import Cast
from tests.browser.site import ROOT, demo_home, operate

if TYPE_CHECKING:
    from pathlib import Path

CASE, DEMONSTRATED = "T-93", "T-11"
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
ADVISER = "Rusmiddelrådgiver"
QUESTIONS = {ADVISER: "Hvad hjælper mod hashen?", "Fraværskonsulent": "Hvad holder ham væk?"}
OUT_OF_SIGHT = 404
FORTNIGHT = timedelta(days=14)
MONTH = timedelta(days=28)


@pytest.fixture(scope="module")
def place():
    with demo_home() as place:
        yield place


@pytest.fixture
def cast(open_page, place):
    return Cast(open_page, place[1])


def test_t11_has_its_adviser_its_meeting_and_its_decision_on_money(cast, place, tmp_path):
    thursday = next_maundy_thursday(cast("Koordinator").day(28))
    let_a_meeting_fall_on(thursday, place[0], tmp_path)
    wait_until(cast, thursday - timedelta(days=16))
    report(cast)
    put_on_the_agenda(cast, thursday)
    invite(cast)
    keep_the_adviser_to_one_case(cast, thursday)
    meet_after_easter(cast, thursday)
    plan(cast)
    ask_the_head_for_money(cast)


def next_maundy_thursday(after: date) -> date:
    days = (easter(year) - timedelta(days=3) for year in (after.year, after.year + 1))
    return next(day for day in days if day >= after)


def let_a_meeting_fall_on(thursday: date, home: Path, folder: Path) -> None:
    """Move the series, as a process owner does, so that one of its meetings is on that day."""
    for part in ("faelles", "norddjurs"):
        shutil.copytree(ROOT / "bpmn" / part, folder / part)
    path = folder / "norddjurs" / "norddjurs.programme.json"
    programme = json.loads(path.read_text(encoding="utf-8"))
    [first] = [one for one in programme["parameters"] if one["name"] == "moede_foerste"]
    begun = date.fromisoformat(first["value"])
    first["value"] = (begun + (thursday - begun) % FORTNIGHT).isoformat()
    path.write_text(json.dumps(programme), encoding="utf-8")
    operate(home, "deploy", str(folder / "norddjurs"), "--note", "Serien flyttes")


def wait_until(cast, day: date) -> None:
    koordinator = cast("Koordinator")
    while (today := koordinator.day()) < day:
        koordinator.moves_the_clock(to=min(day, today + MONTH))


def report(cast):
    koordinator = cast("Koordinator")

    koordinator.refers(CASE, "Norddjurs taskforce")
    koordinator.does(
        CASE,
        "Registrér henvisning",
        {
            "Hvem melder den unge ind?": "Skoleleder",
            "Hvor fra?": "Skole eller heltidsundervisning",
            "Grundlag for indmeldingen": "Den unge og familien har sagt ja",
            "Alder": 16,
            "Hvad er bekymringen?": "Ryger hash hver dag",
            "Meldt ind den": koordinator.day(),
        },
    )
    koordinator.does(
        CASE,
        "Vurdér målgruppe",
        {"Er der tegn på, at den unge er på vej ud i kriminalitet?": "Ja"},
    )
    koordinator.does(
        CASE,
        "Tjek forhold",
        {
            "Forældremyndighed": "Fælles",
            "Åben sag efter barnets lov?": "Nej",
            "Sag i Ungdomskriminalitetsnævnet?": "Nej",
            "Er der grund til at underrette?": "Nej",
        },
    )
    koordinator.does(
        CASE,
        "Informér og indhent samtykke",
        {
            "Hvem har svaret?": "Den unge og forældremyndighedens indehaver",
            "Er samtykket givet?": "Ja",
        },
    )
    koordinator.does(
        CASE,
        "Kortlæg den unge",
        {
            "Den primære årsag": "Rusmidler",
            "Skolefravær i procent": 40,
            "Er der begyndende kriminalitet?": "Nej",
        },
    )


def put_on_the_agenda(cast, thursday):
    koordinator = cast("Koordinator")

    closes = koordinator.due(CASE, "Sæt sagen på dagsordenen")

    assert closes == at(thursday - timedelta(days=3), 13)
    koordinator.opens(CASE, "Sæt sagen på dagsordenen")
    expect(koordinator.page.locator("[data-form]")).to_contain_text("rykket til næste arbejdsdag")
    koordinator.hands_in(
        {"Hvad skal taskforcen tage stilling til?": "Skal vi tage sagen?", "Sted": "Lokale 3"}
    )


def invite(cast):
    koordinator = cast("Koordinator")
    assert sees(cast(ADVISER)) == []

    asked = [koordinator_invites(koordinator) for _ in QUESTIONS]

    assert sorted(asked) == sorted(QUESTIONS)


def koordinator_invites(koordinator) -> str:
    """Take the oldest of the invitations; whom it asks for."""
    row = koordinator.row(CASE, "Invitér deltager").first
    row.get_by_role("button", name="Tag").click()
    form = koordinator.page.locator("[data-form]")
    expect(koordinator.page.locator(".form--ready")).to_be_visible()
    [role] = [one for one in QUESTIONS if form.get_by_text(one, exact=True).count()]
    koordinator.hands_in(
        {
            "Mail til indkaldelsen": "ekspert@example.org",
            "Hvad skal deltageren bidrage med?": QUESTIONS[role],
        }
    )
    return role


def keep_the_adviser_to_one_case(cast, thursday):
    adviser = cast(ADVISER)

    assert adviser.tasks(CASE) == []
    assert adviser.due(CASE, "Giv råd i sagen") == at(thursday + timedelta(days=5), 13)

    assert sees(adviser) == [CASE]
    assert status(adviser, cast("Koordinator").cases[CASE]) < OUT_OF_SIGHT
    assert status(adviser, other_case(cast("Koordinator"))) == OUT_OF_SIGHT
    adviser.opens(CASE, "Giv råd i sagen")
    expect(adviser.page.locator("[data-form]")).to_contain_text(QUESTIONS[ADVISER])


def meet_after_easter(cast, thursday):
    taskforce, adviser = cast("Taskforce"), cast(ADVISER)

    wait_until(cast, thursday + timedelta(days=5))
    assert taskforce.tasks(CASE) == []
    assert sees(adviser) == [CASE]

    wait_until(cast, thursday + timedelta(days=6))
    assert sees(adviser) == []
    assert status(adviser, cast("Koordinator").cases[CASE]) == OUT_OF_SIGHT
    taskforce.does(
        CASE,
        "Afgør optagelse",
        {"Tager taskforcen sagen?": "Ja, optag den unge", "Begrundelse": "Hash og fravær"},
    )
    history = cast("Koordinator").sees_the_case(CASE, "history")
    expect(history).to_contain_text(f"Ingen er længere med i teamet som {ADVISER}.")


def plan(cast):
    raadgiver = cast("Myndighedsrådgiver")

    raadgiver.does(
        CASE,
        "Vurdér behov og risici",
        {
            "Behov": "Faste voksne om eftermiddagen",
            "Risici": "Gruppen ved stationen",
            "Er der behov for en sag efter barnets lov?": "Nej",
            "Er der behov for misbrugsbehandling?": "Nej",
        },
    )
    fields = ("Bolig", "Indtægt og økonomi", "Skole, uddannelse eller job", "Rusmidler")
    more = ("Netværk og venner", "Helbred og trivsel", "Fritid")
    raadgiver.does(CASE, "Mål udgangspunkt", dict.fromkeys(fields + more, "3"))
    raadgiver.does(
        CASE,
        "Læg plan",
        {"Den unges egne mål": "Tilbage i klassen", "Skal der en kontaktperson til?": "Nej"},
    )
    raadgiver.does(CASE, "Aftal plan", {"Er planen aftalt?": "Ja"})


def ask_the_head_for_money(cast):
    raadgiver, leder = cast("Myndighedsrådgiver"), cast("Leder")

    raadgiver.does(
        CASE,
        "Vælg indsats og beregn udgift",
        {
            "Område i budgettet": "Mentor og støtte til barnet/den unge",
            "Hvad består indsatsen i?": "Voksne døgnet rundt",
            "Udgift i dette budgetår, kr.": 1_300_000,
        },
    )
    raadgiver.is_told_whose_turn_it_is("Leder", "Tag stilling til overskridelse")

    leder.opens(CASE, "Tag stilling til overskridelse")
    expect(leder.page.locator("[data-form]")).to_contain_text("1200000 kr. tilbage af rammen")
    leder.hands_in(
        {"Må budgettet overskrides?": "Ja", "Begrundelse": "Alternativet er en anbringelse"}
    )
    leder.is_told_whose_turn_it_is("Myndighedsrådgiver", "Få indsatsen i gang")


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), COPENHAGEN)


def sees(person) -> list[str]:
    """References of the cases that the person finds in the list of cases."""
    person.goes_to("/cases")
    return person.page.locator("main a[href^='/cases/']").filter(has_text="T-").all_inner_texts()


def status(person, address: str) -> int:
    """What the server answers when the person asks for a page."""
    answer = person.page.goto(address)
    assert answer is not None
    return answer.status


def other_case(koordinator) -> str:
    """The address of the demonstrated case that waits in the same programme."""
    koordinator.goes_to("/cases")
    link = koordinator.page.get_by_role("link", name=DEMONSTRATED, exact=True).first
    return koordinator.site + str(link.get_attribute("href"))
