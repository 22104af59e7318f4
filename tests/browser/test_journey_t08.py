"""A family moves in the middle of its plan, and the examination of a child keeps its deadline."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from playwright.sync_api import expect

from models.calendar import due
from tests.browser.people import Cast
from tests.browser.site import demo_site

CASE = "T-88"
PROGRAMME = "CFU: én casemanager, én familieplan"
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
CHILDREN = {"barn 1": 17, "barn 2": 13, "barn 3": 9, "barn 4": 5}
FAMILY = {"mor": 41, **CHILDREN}
EXAMINATION = "Gennemfør børnefaglig undersøgelse"
NOTICE = "Underret ny kommune om barnet"
LOAD = (
    "Antal problemer i alt",
    "Omfang af foranstaltninger og risiko for nye",
    "Tilknytning til arbejde og uddannelse",
    "Evne og vilje til at agere i og forstå omverdenen",
    "Tilknytning til kriminelt netværk",
    "Netværkets og familiens kriminalitet",
)


@pytest.fixture(scope="module")
def site():
    with demo_site(cases=False) as address:
        yield address


@pytest.fixture
def cast(open_page, site):
    return Cast(open_page, site)


def test_t08_moves_on_day_95_and_the_examination_keeps_its_deadline(cast):
    come_in_by_the_door_of_the_street(cast)
    couple_the_family(cast)
    aware = screen_every_member(cast)
    adopt_one_plan(cast)
    deadline = see_when_the_examination_ends(cast, aware)
    move_on_day_95(cast, aware)
    notify_the_new_municipality(cast)
    find_the_deadline_where_it_was(cast, deadline)
    hand_the_examination_over(cast)


def come_in_by_the_door_of_the_street(cast):
    street, visitator, committee = map(
        cast, ("Gadeplansmedarbejder", "Visitator", "Koordinationsudvalg")
    )
    street.refers(CASE, PROGRAMME)
    visitator.does(
        CASE,
        "Registrér henvisning",
        {
            "Hvem henvender sig?": "Gadeplansmedarbejder",
            "Organisation": "Tryghed og Gadeplan",
            "Hvilken dør?": "Kontakt på gaden",
            "Alder": 17,
            "Hvad er bekymringen?": "Færdes om natten i en gruppe, der skaber utryghed",
            "Modtaget den": visitator.day(),
        },
    )
    visitator.does(
        CASE,
        "Tjek forhold",
        {
            "Forældremyndighed": "Fælles",
            "Åben sag efter barnets lov?": "Nej",
            "Sag i Ungdomskriminalitetsnævnet?": "Nej",
            "Er der grund til at underrette?": "Nej",
        },
    )

    assert committee.tasks(CASE) == []
    street.does(
        CASE,
        "Kontakt familien",
        {
            "Kontakt med familien den": street.day(),
            "Vil familien tale med CFU?": "Ja",
            "Hvad aftalte I?": "Mødes hjemme på onsdag",
        },
    )
    committee.opens(CASE, "Vurdér belastningsgrad")
    expect(committee.page.locator("[data-form]")).to_contain_text("ingen sum afgør sagen")
    for element in LOAD:
        committee.fills_in({element: "2"})
    for reason in committee.page.get_by_label("Begrundelse", exact=False).all():
        reason.fill("Talt igennem med familien")
    committee.hands_in(
        {
            "Samlet konkret vurdering af belastningsgraden": "Små tal, men ingen har hele billedet",
            "Udvalgets afgørelse": "CFU med casemanager",
        }
    )


def couple_the_family(cast):
    leader, manager = cast("Leder"), cast("Casemanager")

    for left in (4, 3, 2, 1):
        leader.opens(CASE, "Vælg person", among=left)
        leader.hands_in({})

    manager.opens(CASE, "Beskriv familien")
    for number, (pseudonym, age) in enumerate(FAMILY.items()):
        if number:
            manager.page.get_by_role("button", name="Tilføj").click()
        role = "Barn" if pseudonym in CHILDREN else "Forælder"
        manager.fills_in({"Pseudonym": pseudonym, "Alder": age, "Rolle": role})
    manager.hands_in({})
    manager.does(
        CASE,
        "Informér og indhent samtykke",
        {"Hvem har svaret?": "Forældre og den unge", "Er samtykket givet?": "Ja"},
    )
    manager.does(CASE, "Indhent sagsmateriale", {"Kilde": "Skolen", "Grundlag": "Samtykke"})
    manager.sees_phase(CASE, "Screening")


def screen_every_member(cast) -> date:
    """The day the municipality became aware of the eldest child's need."""
    manager = cast("Casemanager")
    aware = manager.day(-10)
    manager.does_each(CASE, "Screen medlemmet", {who: screening(who, aware) for who in FAMILY})

    expect(manager.row(CASE, "Screen medlemmet")).to_have_count(0)
    return aware


def screening(who, aware):
    answers = {
        "Familie og omgivelser (ICS)": "2",
        "Fysisk og psykisk helbred (VUM)": "3",
        "Relationer og fællesskab (VUM)": "3",
        "Dagtilbud, skole, uddannelse eller arbejde": "2",
        "Ressourcer": "Holder sammen",
        "Medlemmets egne ønsker": "Ro i hverdagen",
    }
    if who not in CHILDREN:
        return answers
    if CHILDREN[who] <= 12:
        answers["Trivsel efter barnets egne svar (WHO-5, 0–100)"] = 52
    serious = "Er barnet i alvorlige eller sammensatte vanskeligheder?"
    if who != "barn 1":
        return {**answers, serious: "Nej"}
    return {**answers, serious: "Ja", "Hvornår blev kommunen opmærksom på behovet?": aware}


def adopt_one_plan(cast):
    manager = cast("Casemanager")
    goal = {
        "Mål": "Møde hver dag",
        "Indsats": "Morgenkontakt",
        "Ansvarlig": "Indsatsperson",
        "Score nu": "2",
        "Inden": manager.day(60),
    }

    manager.does(
        CASE,
        "Aftal familiens langsigtede mål",
        {
            "Familiens langsigtede mål": "Alle i skole eller arbejde",
            "Det, familien kan bygge på": "En stærk mormor",
        },
    )
    manager.does_each(CASE, "Aftal medlemmets mål", dict.fromkeys(FAMILY, goal))
    manager.does(
        CASE,
        "Vedtag familieplanen",
        {
            "Vedtaget med familien den": manager.day(),
            "Familien har været med og har fået planen": True,
        },
    )
    manager.sees_phase(CASE, "Indsats")


def see_when_the_examination_ends(cast, aware) -> datetime:
    authority = cast("Myndighedsrådgiver")

    ends = authority.due(CASE, EXAMINATION)

    assert ends.astimezone(COPENHAGEN).date() == aware + relativedelta(months=4)
    return ends


def move_on_day_95(cast, aware):
    manager = cast("Casemanager")
    manager.moves_the_clock(to=aware + timedelta(days=95))

    manager.reports(CASE, "Flytning meldt")

    manager.does(
        CASE,
        "Bekræft flytning",
        {
            "Ny kommune": "Nyborg Kommune",
            "Flyttedato": manager.day(10),
            "Hvilke børn har behov for støtte?": ["barn 1", "barn 2"],
        },
    )


def notify_the_new_municipality(cast):
    authority, manager = cast("Myndighedsrådgiver"), cast("Casemanager")
    authority.goes_to("/tasks?tab=roles")
    known = authority.now

    cards = authority.deadline_card(CASE, NOTICE)

    expect(cards).to_have_count(2)
    shown = str(cards.first.locator("time").first.get_attribute("datetime"))
    assert abs(datetime.fromisoformat(shown) - due(known, "P5D", calendar="working").at) < (
        timedelta(minutes=30)
    )
    sent = {"Underrettet den": authority.day(), "Hvad er sendt?": ["Underretningen"]}
    authority.does_each(CASE, NOTICE, {"barn 1": sent, "barn 2": sent})
    manager.does(
        CASE, "Tilbyd de voksne overlevering", {"Ønsker de voksne en overlevering?": "Nej"}
    )
    manager.sees_phase(CASE, "Overdragelse")


def find_the_deadline_where_it_was(cast, deadline):
    leader, manager, authority = map(cast, ("Leder", "Casemanager", "Myndighedsrådgiver"))

    card = leader.deadline_card(CASE, EXAMINATION)

    shown = str(card.locator("time").first.get_attribute("datetime"))
    assert datetime.fromisoformat(shown) == deadline
    card.get_by_text("Flyt eller sæt på pause").click()
    expect(card).to_contain_text("Denne frist kan ikke sættes på pause.")
    expect(card).to_contain_text("§ 20")
    expect(card.get_by_role("button", name="Sæt på pause")).to_have_count(0)
    assert authority.due(CASE, EXAMINATION) == deadline
    expect(manager.row(CASE, "Opdatér driftstavlen")).to_have_count(0)


def hand_the_examination_over(cast):
    authority, manager = cast("Myndighedsrådgiver"), cast("Casemanager")

    authority.does(
        CASE,
        EXAMINATION,
        {
            "Barnets forhold, ressourcer og vanskeligheder": "Skole, hjem og venner er belyst",
            "Faglig vurdering": "Behovet består",
            "Resultat": "Den nye kommune har taget over",
            "Afsluttet eller overtaget den": authority.day(),
        },
    )

    assert authority.tasks(CASE) == []
    expect(manager.row(CASE, "Gør status")).to_have_count(1)
    manager.sees_phase(CASE, "Afslutning")
