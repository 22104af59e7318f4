"""What the demonstration starts from: a unit, one account a role, and the programmes drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import exists, select, text

from models.account import Account
from models.definition import Definition
from models.unit import Unit
from processes.access import PROCESS_OWNER, Person
from processes.accounts import add_account, hash_password
from processes.demonstration import read_demonstration
from processes.deploy import deploy
from processes.diagram_files import SHARED, own_files, programme_files, programmes
from processes.vignettes import play_vignettes

if TYPE_CHECKING:
    from processes.turn import Turn
    from webapp.bootstrap import Wiring

DIAGRAMS = Path(__file__).parent.parent / "bpmn"
PROGRAMME = "en_vej_ind"
UNIT = "aalborg"
NOTE = "Demonstration"
PASSWORD = "vejviser"  # noqa: S105  shown on the sign-in page
ACCOUNTS = {
    "visitator": ("Visitator", "Visitator"),
    "koordinator": ("Koordinator", "Koordinator"),
    "mentor": ("Mentor", "Mentor"),
    "mentor2": ("Mentor 2", "Mentor"),
    "udvalg": ("Visitationsudvalg", "Visitationsudvalg"),
    "underviser": ("Underviser", "Underviser"),
    "leder": ("Leder", "Leder"),
    "ssp": ("SSP-konsulent", "SSP-konsulent"),
    "kif": ("Kriminalforsorg", "Kriminalforsorg"),
    "ungekoordinator": ("Ungekoordinator", "Ungekoordinator"),
    "kontaktperson": ("Kontaktperson", "Kontaktperson"),
    "partnerteam": ("Partnerteam", "Partnerteam"),
    "jobcenter": ("Jobcenter", "Jobcenter"),
    "uu": ("UU-vejleder", "UU-vejleder"),
    "socialservice": ("Borger- og Socialservice", "Borger- og Socialservice"),
    "familiecenter": ("Familiecenter", "Familiecenter"),
    "art": ("ART-træner", "ART-træner"),
    "traener": ("Fysisk træner", "Fysisk træner"),
    "misbrugskoordinator": ("Misbrugskoordinator", "Misbrugskoordinator"),
    "misbrugscenter": ("Misbrugscenter", "Misbrugscenter"),
    "skole": ("Skole", "Skole"),
    "politi": ("Politi", "Politi"),
    "anklager": ("Anklagemyndighed", "Anklagemyndighed"),
    "specialenhed": ("Specialenhed", "Specialenhed"),
    "hovedansvarlig": ("Hovedansvarlig", "Hovedansvarlig"),
    "projektgruppe": ("Projektstyregruppe", "Projektstyregruppe"),
    "cm": ("Casemanager", "Casemanager"),
    "cfu": ("Koordinationsudvalg", "Koordinationsudvalg"),
    "myndighed": ("Myndighedsrådgiver", "Myndighedsrådgiver"),
    "boern": ("Børnerådgiver", "Børnerådgiver"),
    "voksen": ("Voksenrådgiver", "Voksenrådgiver"),
    "indsats": ("Indsatsmedarbejder", "Indsatsmedarbejder"),
    "gadeplan": ("Gadeplansmedarbejder", "Gadeplansmedarbejder"),
    "taskforce": ("Taskforce", "Taskforce"),
    "rusmiddelraadgiver": ("Rusmiddelrådgiver", "Rusmiddelrådgiver"),
    "fravaerskonsulent": ("Fraværskonsulent", "Fraværskonsulent"),
    "naerpoliti": ("Nærpoliti", "Nærpoliti"),
    "familiehus": ("Familiehus", "Familiehus"),
    "procesejer": ("Procesejer", "Procesejer"),
    "styregruppe": ("Styregruppe", "Styregruppe"),
    "admin": ("Systemadministrator", "Systemadministrator"),
}
"""Account name to display name and role."""

OWNER = Person("procesejer", frozenset({(PROCESS_OWNER, None)}))
LOCK = 0x64656D6F
"""Advisory lock number ("demo"): of two starts at once, one sets up."""


def set_up_demo(wiring: Wiring) -> None:
    """Make what is missing; what somebody has changed stays as it is."""
    with wiring.turn() as turn:
        turn.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if not turn.session.scalar(select(exists().select_from(Account))):
            _add_accounts(turn)
        if not turn.session.scalar(select(exists().select_from(Definition))):
            deploy_programmes(turn)


def begin_vignettes(wiring: Wiring) -> None:
    """Cases at different points of their course; those that are there already stay."""
    for folder in programmes(DIAGRAMS):
        play_vignettes(wiring, read_demonstration(folder), UNIT)


def _add_accounts(turn: Turn) -> None:
    turn.session.add(Unit(id=UNIT, name="Aalborg"))
    turn.session.flush()
    hashed = hash_password(PASSWORD)
    for name, (display_name, role) in ACCOUNTS.items():
        add_account(turn, name, [role], unit=UNIT, display_name=display_name, password_hash=hashed)


def deploy_programmes(turn: Turn) -> None:
    """Make the programmes as they are drawn here the newest versions."""
    deploy(turn, own_files(DIAGRAMS / SHARED), NOTE, by=OWNER)
    for folder in programmes(DIAGRAMS):
        deploy(turn, programme_files(folder), NOTE, by=OWNER)
