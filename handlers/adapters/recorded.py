"""Ports that only remember: for simulations, where nothing may leave the house."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handlers.ports import Holder, Ports

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage


@dataclass
class RecordedMail:
    """Keeps what would have been sent."""

    sender: str = "vejviser@example.org"
    sent: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage) -> None:
        """Remember the mail."""
        self.sent.append(message)


@dataclass
class AnybodyStaff:
    """A staff where every role has one holder, named after it, and may be given to anybody."""

    known: dict[str, Sequence[Holder]] = field(default_factory=dict)
    """Role to holders, where a scenario cares."""

    def holders(self, role: str, unit: str) -> Sequence[Holder]:  # noqa: ARG002 - the port's signature
        """Whoever the scenario named, else one account with the role's name in small letters."""
        return self.known.get(role, (Holder(role.lower(), 0),))

    def holds(self, account: str, role: str, unit: str) -> bool:
        """Anybody, unless the scenario named the role's holders."""
        known = self.holders(role, unit)
        return role not in self.known or any(holder.account == account for holder in known)


def recorded_ports() -> Ports:
    """Fresh ports for one simulation."""
    return Ports(mail=RecordedMail(), staff=AnybodyStaff())
