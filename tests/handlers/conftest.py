"""A job, recording ports and a real mail server for the handlers' tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.controller import Controller

from handlers.adapters.recorded import recorded_ports
from handlers.contract import JobContext

if TYPE_CHECKING:
    from email.message import EmailMessage

KEY = "0b9f2f9e-2c1c-4a3e-9a55-6a1f3f0f7d11"


@pytest.fixture
def job():
    return JobContext(
        key=KEY,
        case_id="3d9f0d5c-8d7e-4b0e-8d9d-3f8f6f1f2a22",
        case_number=7,
        case_reference="T-01",
        unit="aalborg",
        element="send_svar",
        now=datetime(2026, 1, 31, 8, 0, tzinfo=UTC),
    )


@pytest.fixture
def ports():
    return recorded_ports()


@dataclass
class Postmaster:
    """What the mail server answers, and what it took."""

    answers: dict[str, str] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    url: str = ""

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 Taken"


class FreePort(Controller):
    """Listens where there is room; the first greeting has to know where that was."""

    def _trigger_server(self):
        [listening] = self.server.sockets
        self.port = listening.getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def postmaster():
    """A mail server on the loopback, on a port of its own."""
    master = Postmaster()
    controller = FreePort(master, hostname="127.0.0.1", port=0)
    controller.start()
    master.url = f"smtp://127.0.0.1:{controller.port}"
    yield master
    controller.stop()
