"""Ten cases worked by a script that never gives up, while somebody kills the server."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from sqlalchemy import select

from models import Case, Event, UserTask
from processes.access import OPERATOR
from processes.accounts import add_account, add_token
from processes.check import check
from processes.deploy import deploy
from tests import diagrams
from tests.chaos.site import Site, free_port

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from webapp.bootstrap import Wiring

CASES = 10
LONGEST_SECONDS = 600.0
PAUSE_SECONDS = 0.05
SHORTEST_LIFE, LONGEST_LIFE = 0.2, 2.5
"""Seconds between being ready and being killed."""

FILES = {
    "uro.bpmn": diagrams.diagram(
        "uro",
        diagrams.start(),
        diagrams.service_task(
            "kvitter", "mail/Send", to='"a@example.org"', subject='"Modtaget"', body='"Hej"'
        ),
        diagrams.user_task("vurder", deadline="P7D"),
        diagrams.timer("vent", "PT1S", calendar="clock"),
        diagrams.service_task("fase", "case/SetPhase", phase='"Venter"'),
        diagrams.message_catch("afvent", "svar"),
        diagrams.service_task(
            "svar_mail", "mail/Send", to='"b@example.org"', subject='"Svar"', body='"Hej"'
        ),
        diagrams.timer("igen", "PT1S", calendar="clock"),
        diagrams.user_task("luk"),
        diagrams.end(),
        flow="begynd>kvitter>vurder>vent>fase>afvent>svar_mail>igen>luk>slut",
        lanes={"Visitator": "vurder luk"},
        beside=diagrams.message("svar"),
    )
}
TIMERS, MAILS = 2, 2


@dataclass
class Postbox:
    """Takes every mail, slowly enough to be interrupted."""

    taken: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail's id and say that it was taken."""
        import asyncio
        from email import message_from_bytes, policy

        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        await asyncio.sleep(0.02)
        return "250 OK"


@dataclass
class Report:
    """What came of it."""

    kills: int
    states: Counter[str]
    open_tasks: int
    timers: Counter[str]
    """Case and element to how often it fired."""

    mails: set[str]
    """Message-IDs."""

    copies: int
    findings: list[str]

    @property
    def ok(self) -> bool:
        """Whether everything happened, and everything once."""
        return (
            self.states == {"completed": CASES}
            and self.open_tasks == 0
            and len(self.timers) == CASES * TIMERS
            and set(self.timers.values()) == {1}
            and len(self.mails) == CASES * MAILS
            and self.findings == []
        )


def run(wiring: Wiring, home: Path, kills: int, seed: int) -> Report:
    """Work ten cases to their end while the server is killed `kills` times.

    `wiring` reads the same database; `home` is the server's own folder.
    """
    postbox = Postbox()
    post = Controller(postbox, hostname="127.0.0.1", port=free_port())
    post.start()
    site = Site(
        environ={
            "DATABASE_URL": wiring.url.set(drivername="postgresql").render_as_string(
                hide_password=False
            ),
            "VEJVISER_HOME": str(home),
            "SMTP_URL": f"smtp://127.0.0.1:{post.port}",
        },
        token=_set_up(wiring),
        log=home / "site.log",
    )
    try:
        findings = _kill_and_work(wiring, site, kills, random.Random(seed))  # noqa: S311
    finally:
        site.kill()
        post.stop()
    return _report(wiring, postbox, kills, findings)


def _set_up(wiring: Wiring) -> str:
    with wiring.turn() as turn:
        add_account(turn, "visitator", ["Visitator"], unit="aalborg")
        deploy(turn, FILES, "", OPERATOR)
        return add_token(turn, "visitator", ["case", "task", "message", "read"])


def _kill_and_work(wiring: Wiring, site: Site, kills: int, chance: random.Random) -> list[str]:
    """Kill so many times, then let the work come to its end; what `check` found on the way."""
    findings: list[str] = []
    done = threading.Event()
    worker = threading.Thread(target=_work, args=(wiring, site, done), daemon=True)
    site.start()
    worker.start()
    for _ in range(kills):
        time.sleep(chance.uniform(SHORTEST_LIFE, LONGEST_LIFE))
        site.kill()
        findings += check(wiring)
        site.start()
    worker.join(LONGEST_SECONDS)
    done.set()
    return findings


def _work(wiring: Wiring, site: Site, done: threading.Event) -> None:
    """Do whatever is to be done next on each case, until all are over."""
    give_up = time.monotonic() + LONGEST_SECONDS
    while not done.is_set() and time.monotonic() < give_up:
        try:
            if _work_once(site):
                return
        except (OSError, HTTPException, ValueError):
            time.sleep(PAUSE_SECONDS)
    done.set()


def _work_once(site: Site) -> bool:
    """One round over the cases; true when all of them are completed."""
    over = 0
    for number in range(CASES):
        begin = {"definition": "uro", "reference": f"C-{number}", "data": {}, "unit": "aalborg"}
        _, case = site.call("POST", "/api/v1/cases", begin, Idempotency_Key=f"case-{number}")
        for task in case["tasks"]:
            site.call("POST", f"/api/v1/tasks/{task['id']}/completion", {"answers": {}})
        message = {"id": f"svar-{number}", "name": "svar", "case": case["id"], "payload": {}}
        if case["state"] == "active":
            site.call("POST", "/api/v1/messages", message)
        over += case["state"] == "completed"
    time.sleep(PAUSE_SECONDS)
    return over == CASES


def _report(wiring: Wiring, postbox: Postbox, kills: int, findings: list[str]) -> Report:
    with wiring.reading() as session:
        states = Counter(session.scalars(select(Case.state)).all())
        open_tasks = len(session.scalars(select(UserTask).where(UserTask.state == "open")).all())
        fired = session.scalars(select(Event).where(Event.kind == "timer.fired")).all()
    ids = [str(mail["Message-ID"]) for mail in postbox.taken]
    return Report(
        kills=kills,
        states=states,
        open_tasks=open_tasks,
        timers=Counter(f"{event.case_id} {event.element}" for event in fired),
        mails=set(ids),
        copies=len(ids) - len(set(ids)),
        findings=findings + check(wiring),
    )
