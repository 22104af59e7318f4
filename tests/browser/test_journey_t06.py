"""Aalborg Øst follows a sentence: letter on day 12, attendance on day 26, within the month."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from playwright.sync_api import expect

from tests.browser.people import Cast
from tests.browser.site import demo_site

CASE = "T-96"
PROGRAMME = "Projekt Aalborg Øst"
PURPOSE = {"purpose": "Kriminalpræventivt samarbejde"}
SERVING = "Følg indkaldelse til afsoning"
BASELINE = {
    "Bolig": "3",
    "Indtægt og økonomi": "2",
    "Skole, uddannelse eller job": "2",
    "Rusmidler": "3",
    "Netværk og venner": "2",
    "Helbred og trivsel": "4",
    "Fritid": "2",
}


@pytest.fixture(scope="module")
def site():
    with demo_site(cases=False) as address:
        yield address


@pytest.fixture
def cast(open_page, site):
    return Cast(open_page, site)


def test_t06_is_sentenced_and_attends_within_the_month(cast):
    nominate(cast)
    confirm(cast)
    agree_who_is_responsible(cast)
    hear_of_pending_cases(cast)
    plan(cast)
    verdict = hear_the_verdict(cast)
    send_the_letter(cast, verdict)
    look_at_the_warning(cast, verdict)
    attend(cast, verdict)
    keep_the_place(cast)


def nominate(cast):
    ssp = cast("SSP-konsulent")

    ssp.refers(CASE, PROGRAMME)

    tells_the_room(
        ssp,
        "Notér grundlag i § 115-rummet",
        {
            "Hvad bygger indstillingen på?": ["Verserende straffesager"],
            "Baggrund": "Hører til den hårde kerne",
            "Antal verserende sager": 2,
        },
    )
    ssp.does(
        CASE,
        "Registrér indstilling",
        {
            "Hvem indstiller?": "Nordjyllands Politi",
            "Grundlag": "SSP-samarbejde (retsplejeloven § 115)",
            "Alder": 24,
            "Hastegrad": "Høj",
        },
    )
    ssp.is_told_whose_turn_it_is("Projektstyregruppe", "Bekræft den centrale liste")


def confirm(cast):
    group, political = cast("Projektstyregruppe"), cast("Styregruppe")

    group.opens(CASE, "Bekræft den centrale liste")

    form = group.page.locator("[data-form]")
    expect(form).to_contain_text("ud over denne")
    expect(form).to_contain_text("Advarsel: Med denne person er listen stadig kortere")
    group.hands_in(
        {
            "Kommer personen på listen?": "Ja",
            "Begrundelse": "Behov for en samlet indsats",
        }
    )
    group.is_told_whose_turn_it_is("Specialenhed", "Aftal hovedansvarlig part")
    expect(political.sees_the_case(CASE)).not_to_contain_text(CASE)


def agree_who_is_responsible(cast):
    unit = cast("Specialenhed")
    limit = unit.due(CASE, "Aftal hovedansvarlig part")

    assert timedelta(days=6) < limit - unit.now <= timedelta(days=7)
    unit.does(
        CASE,
        "Aftal hovedansvarlig part",
        {
            "Er parterne enige om, hvem der har hovedansvaret?": "Ja",
            "Hovedansvarlig part": "Specialenheden i Øst",
        },
    )
    unit.does(CASE, "Vælg person", {"Brugernavn": "hovedansvarlig"})
    unit.sees_phase(CASE, "Indsats")


def hear_of_pending_cases(cast):
    prosecution, unit = cast("Anklagemyndighed"), cast("Specialenhed")

    tells_the_room(
        prosecution,
        "a: Gennemgå verserende sager",
        {
            "Hvad kan gøre sagerne hurtigere færdige?": "Voldssagen berammes før jul",
            "Gennemgået den": prosecution.day(),
        },
    )

    assert prosecution.tasks(CASE) == []
    expect(prosecution.sees_the_case(CASE)).not_to_contain_text(CASE)
    expect(prosecution.heading).to_have_text("Ikke fundet")
    for tab in ("data", "history"):
        expect(unit.sees_the_case(CASE, tab)).not_to_contain_text("Voldssagen")


def plan(cast):
    unit, prison_service, responsible = map(
        cast, ("Specialenhed", "Kriminalforsorg", "Hovedansvarlig")
    )

    unit.does(CASE, "Mål udgangspunkt", BASELINE)
    unit.does(
        CASE,
        "Læg plan",
        {"Den unges egne mål": "I gang med en uddannelse", "Må planen deles?": "Nej"},
    )
    unit.does(CASE, "Aftal plan", {"Er planen aftalt?": "Ja"})
    unit.does(
        CASE,
        "Afklar ret til foranstaltning",
        {
            "Har den unge ret til en foranstaltning?": "Nej, den unge får en mentor",
            "Vurdering": "Ingen ret efter loven",
        },
    )
    prison_service.does(
        CASE,
        "Bevilg mentor",
        {"Timer om ugen": 6, "Bevilget til den": prison_service.day(365)},
    )
    unit.does(CASE, "Vælg person", {"Brugernavn": "mentor"})
    responsible.does(CASE, "Find fritidsjob", {"Hvad lykkedes?": "Fritidsjob"})


def hear_the_verdict(cast) -> datetime:
    responsible, unit, leder = map(cast, ("Hovedansvarlig", "Specialenhed", "Leder"))

    responsible.sees_the_case(CASE)
    responsible.page.get_by_text("Meld en hændelse").click()
    responsible.presses("Dom afsagt")
    responsible.page.get_by_role("dialog").get_by_role("button", name="Dom afsagt").click()
    expect(responsible.said).to_contain_text("sagen har reageret")
    verdict = responsible.now

    unit.does(
        CASE,
        "Registrér dom",
        {
            "Dommens udfald": "Ubetinget",
            "Dommen er endelig den": unit.day(),
            "Fuldbyrdelsesordre den": unit.day(),
            "Straf i måneder": 8,
            "Varsel for indkaldelse": "Kort: mindst 10 dage er mulig (§ 11, stk. 2)",
        },
    )
    expect(leder.sees_the_case(CASE, "deadlines")).to_contain_text("Gul frist")
    limit = card(leder).locator("time").first.get_attribute("datetime")
    month = verdict + relativedelta(months=1)
    assert abs(datetime.fromisoformat(str(limit)) - month) < timedelta(minutes=5)
    expect(card(leder).locator(".deadline__word").first).to_have_text("rolig")
    return verdict


def send_the_letter(cast, verdict):
    prison_service = cast("Kriminalforsorg")

    prison_service.moves_the_clock(to=(verdict + timedelta(days=12)).date())

    prison_service.does(
        CASE,
        "Send indkaldelse",
        {
            "Brev sendt den": prison_service.day(),
            "Skal møde den": prison_service.day(14),
            "Hvor?": "Arresthus",
            "Afsoningsform": "Fængsel eller arrest",
        },
    )


def look_at_the_warning(cast, verdict):
    leder = cast("Leder")

    leder.moves_the_clock(to=(verdict + timedelta(days=17)).date())

    leder.sees_the_case(CASE, "deadlines")
    expect(card(leder).locator(".deadline__word").first).to_have_text("snart")
    leder.goes_to("/board")
    expect(leder.board_row(CASE)).to_contain_text("Indsats")
    expect(leder.board_row(CASE)).to_have_count(1)


def attend(cast, verdict):
    prison_service, unit, leder = map(cast, ("Kriminalforsorg", "Specialenhed", "Leder"))

    prison_service.moves_the_clock(to=(verdict + timedelta(days=26)).date())

    prison_service.does(
        CASE,
        "Registrér fremmøde",
        {"Hvad skete der?": "Mødt", "Mødt den": prison_service.day()},
    )
    leder.sees_the_case(CASE, "deadlines")
    kept = leder.page.locator("tr").filter(has_text=SERVING)
    expect(kept).to_contain_text("overholdt")
    expect(card(leder)).to_have_count(0)
    assert "Rød: forklar og handl" not in leder.tasks(CASE)
    unit.does(
        CASE,
        "Planlæg god løsladelse",
        {
            "Kontakt i Kriminalforsorgen": "Socialrådgiver i arresthuset",
            "Bolig, indtægt og netværk efter løsladelsen": "Bolig og fritidsjob holdes",
            "Kurset under afsoningen": "Kurset afbrydes",
        },
    )


def keep_the_place(cast):
    group, leder = cast("Projektstyregruppe"), cast("Leder")

    group.does(
        CASE,
        "Afgør pladsen på listen",
        {
            "Bliver personen på listen?": "Ja, indsatsen genoptages",
            "Indsatsen genoptages den": group.day(160),
            "Begrundelse": "Indsatsen begynder igen ved løsladelsen",
        },
    )

    leder.sees_phase(CASE, "Venter")


def tells_the_room(colleague, task, answers):
    """Answers that stay in the § 115 room, with the purpose it asks for."""
    colleague.opens(CASE, task)
    colleague.fills_in(answers)
    colleague.page.get_by_label("Hvorfor det noteres").fill(PURPOSE["purpose"])
    colleague.hands_in({})


def card(colleague):
    return colleague.page.locator(".deadline-card").filter(has_text=SERVING)
