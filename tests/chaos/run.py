"""A whole run: storms over cases that are worked all the while, then calm, then the reckoning."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from models import Case, Event, Incident, Job, Message, UserTask, schema
from models.server import EmbeddedServer
from processes.access import OPERATOR, Person
from processes.accounts import add_account, add_token
from processes.check import check
from processes.deploy import deploy
from processes.incidents import retry_incident
from tests.chaos import effect
from tests.chaos.course import EFFECTS, FILES, MAILS, TIMERS
from tests.chaos.door import Door
from tests.chaos.outside import Outside
from tests.chaos.people import Clerk
from tests.chaos.site import Site
from tests.chaos.storm import Storm
from webapp.bootstrap import Config, Wiring

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS = ("visitator", "visitator2")
LEADER = Person("leder", frozenset({("Leder", None)}))
CUTS = {
    "before": "COMMIT lost on its way to the server",
    "after": "COMMIT done, its answer lost",
}
MOODS = {
    "slow": "took a second",
    "again": "asked to be called again",
    "fault": "faulted, for the diagram to catch",
    "break": "failed in a way that nobody planned",
    "die": "killed their worker",
}
LONGEST_CALM_SECONDS = 600.0
PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    storms: int
    kills: int
    """In each storm."""

    others: int
    """How often each other blow falls in a storm."""

    clerks: int
    seed: int


@dataclass
class Report:
    """What was done, and what came of it."""

    plan: Plan
    done: Counter[str]
    calls: Counter[str]
    died: int
    seconds: float
    cases: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    """What was counted at the end, by its name."""

    wrong: list[str] = field(default_factory=list)
    """One sentence for whatever was lost, doubled or left over; nothing when all is well."""

    @property
    def ok(self) -> bool:
        return self.wrong == [] and self.cases > 0


def run(home: Path, plan: Plan) -> Report:
    """Storm, calm, reckon; `home` is an empty folder with a short name."""
    with (
        EmbeddedServer(home / "postgres") as server,
        Outside(plan.seed) as outside,
        Door(home / "door", server.sockets / ".s.PGSQL.5432") as door,
        effect.known(),
    ):
        server.create_database()
        config = Config(home=home, secret_key="chaos", demo=True)
        wiring = Wiring(config, server.url())
        schema.upgrade(wiring.database)
        try:
            tokens = _set_up(wiring)
            environ = {
                "DATABASE_URL": f"postgresql://postgres@/vejviser?host={door.folder}&port=5432",
                "VEJVISER_HOME": str(home),
                "VEJVISER_DEMO": "1",
                "SMTP_URL": outside.smtp_url,
                effect.RECORDER: outside.recorder_url,
            }
            with Site(environ, home / "site.log") as site:
                storm = Storm(site, door, server, wiring, random.Random(plan.seed))  # noqa: S311
                return _weather(plan, storm, outside, tokens)
        finally:
            wiring.close()


def _set_up(wiring: Wiring) -> dict[str, str]:
    with wiring.turn() as turn:
        for name in ACCOUNTS:
            add_account(turn, name, ["Visitator"], unit="aalborg")
        add_account(turn, LEADER.name, ["Leder"], unit="aalborg")
        deploy(turn, FILES, "", OPERATOR)
        scopes = ["case", "task", "message", "read"]
        return {name: add_token(turn, name, scopes) for name in ACCOUNTS}


def _weather(plan: Plan, storm: Storm, outside: Outside, tokens: dict[str, str]) -> Report:
    began = time.monotonic()
    stop, give_up = threading.Event(), threading.Event()
    clerks = [
        Clerk(storm.site, tokens, number, plan.seed, stop, give_up) for number in range(plan.clerks)
    ]
    for clerk in clerks:
        clerk.start()
    wrong: list[str] = []
    try:
        for number in range(1, plan.storms + 1):
            storm.rage(plan.kills, plan.others)
            _retry_incidents(storm.wiring)
            wrong += [f"After storm {number}: {finding}" for finding in check(storm.wiring)]
        stop.set()
        wrong += _calm(storm, clerks)
    finally:
        give_up.set()
        for clerk in clerks:
            clerk.join()
    storm.done |= Counter({CUTS[when]: n for when, n in storm.door.cuts.items()})
    calls: Counter[str] = sum((clerk.calls for clerk in clerks), Counter())
    report = Report(plan, storm.done, calls, storm.site.died.total(), time.monotonic() - began)
    report.wrong += wrong
    _reckon(report, storm.wiring, outside, clerks)
    return report


def _calm(storm: Storm, clerks: list[Clerk]) -> list[str]:
    """Nothing strikes any more and time goes on; every case must come to its end."""
    patience = time.monotonic() + LONGEST_CALM_SECONDS
    while any(clerk.is_alive() for clerk in clerks):
        if time.monotonic() > patience:
            left = [name for clerk in clerks for name in clerk.begun if name not in clerk.over]
            return [f"{len(left)} cases did not come to their end: {', '.join(left[:10])}."]
        storm.site.restart_dead()
        _retry_incidents(storm.wiring)
        storm.step_forward()
        time.sleep(PAUSE_SECONDS)
    return []


def _retry_incidents(wiring: Wiring) -> None:
    """A person tries again whatever a handler broke."""
    with wiring.reading() as session:
        broken = session.scalars(select(Incident.id).where(Incident.state == "open")).all()
    for incident in broken:
        with wiring.turn() as turn:
            retry_incident(turn, incident, LEADER)


def _reckon(report: Report, wiring: Wiring, outside: Outside, clerks: list[Clerk]) -> None:
    """Hold what people and the outside world saw against what is stored."""
    report.wrong += [f"In the end: {finding}" for finding in check(wiring)]
    begun = sorted(name for clerk in clerks for name in clerk.begun)
    report.cases = len(begun)
    with wiring.reading() as session:
        cases = session.execute(select(Case.reference, Case.state)).all()
        rang = (
            select(Case.reference, Event.element)
            .join(Case, Case.id == Event.case_id)
            .where(Event.kind == "timer.fired", Event.element.in_(TIMERS))
        )
        fired = Counter((row.reference, row.element) for row in session.execute(rang))
        messages = Counter(session.scalars(select(Message.state)).all())
        completed = {
            str(row.id): row.completed_by
            for row in session.execute(
                select(UserTask.id, UserTask.completed_by).where(UserTask.state == "completed")
            )
        }
        queued = len(session.scalars(select(Job.id).where(Job.state == "queued")).all())
    _say(report, sorted(row.reference for row in cases) == begun, "cases begun twice, or lost")
    states = Counter(row.state for row in cases)
    _say(report, states == {"completed": len(begun)}, f"states of the cases: {dict(states)}")
    wanted = {(name, timer): 1 for name in begun for timer in TIMERS}
    _say(report, fired == wanted, f"timers: {_odd(fired, wanted)}")
    _say(report, messages == {"delivered": len(begun)}, f"messages: {dict(messages)}")
    _say(report, queued == 0, f"{queued} jobs are left over")
    _hold_acknowledged(report, clerks, completed)
    _hold_outside(report, outside, begun)
    report.counts |= {
        "cases begun and completed": len(begun),
        "timers fired, each once": fired.total(),
        "messages delivered, each once": messages["delivered"],
    }


def _hold_acknowledged(
    report: Report, clerks: list[Clerk], completed: dict[str, str | None]
) -> None:
    told = {task: who for clerk in clerks for task, who in clerk.acknowledged.items()}
    lost = [task for task, who in told.items() if completed.get(task) != who]
    _say(report, not lost, f"{len(lost)} completions were acknowledged and are not there: {lost}")
    report.counts["completions acknowledged and there"] = len(told)


def _hold_outside(report: Report, outside: Outside, begun: list[str]) -> None:
    recorder, taken = outside.recorder, outside.postbox.taken
    wanted = {(name, what) for name in begun for what in EFFECTS} - recorder.refused
    happened = Counter(recorder.done.values())
    _say(report, happened == dict.fromkeys(wanted, 1), f"effects: {_odd(happened, wanted)}")
    mails = len(begun) * len(MAILS)
    _say(report, len(taken) == mails, f"{len(taken)} different mails, not {mails}")
    report.counts |= {
        "effects, each under one key": len(recorder.done),
        "presentations of a key that had been done before": recorder.presented.total()
        - len(recorder.done),
        "different mails (Message-IDs)": len(taken),
        "second copies of a mail": taken.total() - len(taken),
        **{f"handlers that {what}": recorder.moods[mood] for mood, what in MOODS.items()},
    }


def _say(report: Report, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - a fact, not a switch
    if not holds:
        report.wrong.append(otherwise)


def _odd(found: Counter, wanted) -> list:
    return [key for key in {*found, *wanted} if found[key] != 1 or key not in wanted][:10]
