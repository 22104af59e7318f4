"""Everybody in their role takes one young person from the referral to the end of the follow-up."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from playwright.sync_api import expect

from tests.browser.people import Cast
from tests.browser.site import demo_site

CASE = "T-91"
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
GOOD, MIDDLING, BAD = "4", "3", "2"
BASELINE = {
    "Bolig": MIDDLING,
    "Indtægt og økonomi": BAD,
    "Skole, uddannelse eller job": "1 – går meget dårligt",
    "Rusmidler": MIDDLING,
    "Netværk og venner": BAD,
    "Helbred og trivsel": GOOD,
    "Fritid": BAD,
}
BETTER = {**dict.fromkeys(BASELINE, GOOD), "Indtægt og økonomi": MIDDLING, "Fritid": MIDDLING}
WEEK = ["Mandag", "Tirsdag", "Onsdag", "Torsdag", "Fredag"]


@pytest.fixture(scope="module")
def site():
    with demo_site(cases=False) as address:
        yield address


@pytest.fixture
def cast(open_page, site):
    return Cast(open_page, site)


def test_t01_goes_from_referral_to_closed_through_everybodys_hands(cast):
    refer(cast)
    agree(cast)
    admit(cast)
    enrol(cast)
    keep_out(cast)
    course_ends = begin_course(cast)
    live_through_two_weeks(cast)
    reach_the_end_of_the_course(cast, course_ends)
    follow_up_for_a_year(cast)
    close(cast)


def refer(cast):
    ssp, visitator = cast("SSP-konsulent"), cast("Visitator")

    ssp.refers(CASE)

    assert visitator.tasks(CASE) == ["Registrér henvisning"]
    row = visitator.row(CASE, "Registrér henvisning")
    expect(row.locator(".deadline__word")).to_have_text("rolig")
    expect(row).to_contain_text("ingen")
    visitator.does(
        CASE,
        "Registrér henvisning",
        {
            "Hvem henviser?": "SSP-konsulent",
            "Organisation": "SSP",
            "Mail til kvittering": "henviser@example.org",
            "Grundlag for henvisningen": "Den unge har sagt ja til henvisningen",
            "Alder på forventet holdstart": 19,
            "Hvad er bekymringen?": "Løs tilknytning til en gadegruppe",
            "Kendte indsatser": ["Kontaktperson", "Forløb i jobcenter"],
            "Henvist den": visitator.day(),
        },
    )
    visitator.is_told_whose_turn_it_is("Visitator", "Vurdér målgruppe")
    visitator.does(
        CASE,
        "Vurdér målgruppe",
        {
            "Er risikokriteriet opfyldt?": "Ja, den unge er i risiko for at blive trukket ind i"
            " et kriminelt miljø",
            "Hvilke tegn bygger vurderingen på?": ["Løs tilknytning til en gruppe på gaden"],
        },
    )
    visitator.is_told_whose_turn_it_is("Koordinator", "Informér og indhent samtykke")
    assert visitator.tasks(CASE) == []
    visitator.sees_phase(CASE, "Samtykke")


def agree(cast):
    koordinator, leder = cast("Koordinator"), cast("Leder")

    consent_is_due = koordinator.due(CASE, "Informér og indhent samtykke")

    assert consent_is_due - koordinator.now > timedelta(days=13)
    leder.goes_to("/board")
    expect(leder.board_row(CASE)).to_contain_text("Samtykke")
    koordinator.moves_the_clock("+1 uge")
    koordinator.moves_the_clock("+1 dag")
    history = koordinator.sees_the_case(CASE, "history")
    expect(history).to_contain_text("Visitator udførte »Vurdér målgruppe«.")
    leder.goes_to("/board")
    expect(leder.board_row(CASE)).to_contain_text("snart")
    koordinator.does(
        CASE,
        "Informér og indhent samtykke",
        {
            "Hvad må oplysningerne bruges til?": [
                "At gennemføre forløbet",
                "Opfølgning efter kurset",
            ],
            "Hvem har svaret?": "Den unge",
            "Er samtykket givet?": "Ja",
        },
    )
    koordinator.is_told_whose_turn_it_is("Visitator", "Fastsæt visitationsmøde")


def admit(cast):
    visitator, udvalg = cast("Visitator"), cast("Visitationsudvalg")
    meeting = datetime.combine(visitator.day(5), time(13), COPENHAGEN)

    visitator.does(
        CASE, "Fastsæt visitationsmøde", {"Mødet begynder": meeting, "Sted": "Mødelokale 2"}
    )

    visitator.moves_the_clock(to=visitator.day(6))
    assert udvalg.tasks(CASE) == ["Afgør visitation"]
    udvalg.does(
        CASE,
        "Afgør visitation",
        {
            "Motivation": "3",
            "Afgørelse": "Optag på hold",
            "Hold": "Hold 3",
            "Samlet vurdering og begrundelse": "Motiveret og passer på holdet",
        },
    )
    udvalg.is_told_whose_turn_it_is("Koordinator", "Vælg person")


def enrol(cast):
    koordinator, mentor = cast("Koordinator"), cast("Mentor")

    koordinator.opens(CASE, "Vælg person")

    expect(koordinator.arithmetic()).to_contain_text("arbejdsdag")
    koordinator.does(CASE, "Vælg person", {"Brugernavn": "mentor"})
    starts = koordinator.day(9)
    koordinator.does(
        CASE,
        "Hold indskrivningssamtale",
        {
            "Sådan får vi bedst fat i den unge": "Sms om aftenen",
            "Hold": "Hold 3",
            "Forventet holdstart": starts,
            "Spillereglerne er gennemgået og accepteret": True,
        },
    )
    koordinator.is_told_whose_turn_it_is("Mentor", "Mål udgangspunkt")
    mentor.does(CASE, "Mål udgangspunkt", BASELINE)
    mentor.does(
        CASE,
        "Læg plan",
        {
            "Mine mål": "I gang med en uddannelse",
            "Hvad trækker i hver sin retning?": "Vennerne trækker den anden vej",
        },
    )
    mentor.does(CASE, "Aftal plan", {"Er planen aftalt?": "Ja", "Hvem har sagt ja?": "Den unge"})
    expect(mentor.sees_the_case(CASE)).to_contain_text("Klar")
    mentor.moves_the_clock(to=starts)


def keep_out(cast):
    """Whom the case does not concern yet, and those who see no persons at all."""
    outsider, steering, administrator = map(
        cast, ("Kriminalforsorg", "Styregruppe", "Systemadministrator")
    )

    assert outsider.tasks(CASE) == []
    for somebody in (outsider, steering, administrator):
        expect(somebody.sees_the_case(CASE)).not_to_contain_text(CASE)
        expect(somebody.heading).to_have_text("Ikke fundet")
    steering.goes_to("/board")
    expect(steering.heading).to_have_text("Overblik")
    expect(steering.board_row(CASE)).to_have_count(0)


def begin_course(cast) -> datetime:
    underviser, mentor = cast("Underviser"), cast("Mentor")
    underviser.does(CASE, "Bekræft holdstart", {"Mødt første gang den": underviser.day()})

    begun = underviser.now.astimezone(COPENHAGEN)

    underviser.is_told_whose_turn_it_is("Mentor", "Læg ugeskema")
    deadlines = mentor.sees_the_case(CASE, "deadlines")
    course = deadlines.locator(".deadline-card").filter(has_text="Gennemfør hverdag")
    ends = datetime.fromisoformat(str(course.locator("time").first.get_attribute("datetime")))
    assert abs(ends - (begun + relativedelta(months=4))) < timedelta(minutes=2)
    mentor.sees_phase(CASE, "Parat")
    return ends


def live_through_two_weeks(cast):
    mentor, underviser = cast("Mentor"), cast("Underviser")

    plan_week(mentor)
    write_log(mentor, "Ugen på holdet")
    underviser.moves_the_clock(to=underviser.day(5))
    underviser.does(CASE, "Registrér fremmøde", dict.fromkeys(WEEK, "Til tiden"))
    assert underviser.tasks(CASE) == []

    mentor.moves_the_clock(to=mentor.day(3))
    plan_week(mentor)
    write_log(mentor, "Ugen på holdet", **{"Jeg vil skrive et notat mere i denne uge": True})
    write_log(mentor, "Aftale om fritidsjob")
    mentor.moves_the_clock(to=mentor.day(7))
    mentor.does(
        CASE,
        "Hold MI-samtale",
        {
            "Samtalen er holdt den": mentor.day(),
            "Den unges egne grunde til forandring": "Vil være en god storebror",
            "Motivation": "4",
        },
    )


def plan_week(mentor):
    mentor.opens(CASE, "Læg ugeskema")
    if not mentor.page.get_by_label("Aktivitet").count():
        mentor.page.get_by_role("button", name="Tilføj").click()
    mentor.hands_in(
        {"Dag": "Mandag", "Tid": "9.00–11.30", "Aktivitet": "Medborgerskab", "Sted": "Holdlokalet"}
    )


def write_log(mentor, theme, **more):
    answers = {"Dato": mentor.day(), "Kontakt": "Møde", "Tema": theme}
    mentor.does(CASE, "Skriv i mentorlog", {**answers, **more})


def reach_the_end_of_the_course(cast, ends):
    koordinator, mentor = cast("Koordinator"), cast("Mentor")

    koordinator.moves_the_clock(to=(ends - relativedelta(months=2)).date() + timedelta(days=1))
    koordinator.sees_phase(CASE, "Start")
    koordinator.does(
        CASE,
        "Gør status halvvejs",
        {
            "Fremdrift i planen": "4",
            "Hvad virker?": "Faste aftaler med mentor",
            "Spor efter kurset": "Uddannelse",
        },
    )
    mentor.moves_the_clock(to=ends.date() - timedelta(days=13))
    mentor.does(
        CASE,
        "Hold afsluttende samtale",
        {
            "Samtalen er holdt den": mentor.day(),
            "Hvad har du opnået?": "Møder til tiden",
            "Hvad skal der ske efter kurset?": "Begynder på FGU",
        },
    )
    mentor.does(CASE, "Mål slutstatus", BETTER)
    assert "Afgør kursets udfald" not in koordinator.tasks(CASE)
    koordinator.moves_the_clock(to=ends.date() + timedelta(days=1))
    koordinator.does(
        CASE,
        "Afgør kursets udfald",
        {
            "Udfald": "Gennemført",
            "Samlet fremmøde i procent": 88,
            "Tydelig positiv bevægelse (K3)": "Begyndt på uddannelse",
            "Overdragelse": "FGU",
        },
    )
    koordinator.sees_phase(CASE, "Opfølgning")


def follow_up_for_a_year(cast):
    mentor = cast("Mentor")
    course_over = mentor.now

    for months in (1, 3, 6, 12):
        assert mentor.tasks(CASE) == []
        mentor.moves_the_clock(to=(course_over + relativedelta(months=months, days=1)).date())
        mentor.does(
            CASE,
            "Hold opfølgningssamtale",
            {"Samtalen er holdt den": mentor.day(), **BETTER, "Hvordan går det?": "Stabilt"},
        )


def close(cast):
    koordinator = cast("Koordinator")

    koordinator.does(
        CASE,
        "Gennemgå og luk sag",
        {
            "Notater og afgørelser er journaliseret": True,
            "Samarbejdspartnere har fået besked": True,
        },
    )

    expect(koordinator.page.locator("main")).to_contain_text("Sagen er lukket")
    page = koordinator.sees_the_case(CASE)
    expect(page).to_contain_text("Sagen blev lukket.")
    expect(page.locator(".phases li").last).to_have_class("phases__done")
    expect(page.locator(".phases [aria-current]")).to_have_count(0)
    for name in ("Visitator", "Koordinator", "Mentor", "Underviser", "Visitationsudvalg", "Leder"):
        assert cast(name).tasks(CASE) == []
