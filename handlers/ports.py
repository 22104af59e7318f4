"""Every door from a handler to the outside world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage


class MailPort(Protocol):
    """Hands mail to whoever delivers it."""

    @property
    def sender(self) -> str:
        """The address that mail of this installation comes from."""

    def send(self, message: EmailMessage) -> None:
        """Send to everybody in the message's To, or to nobody.

        Raises:
            TryAgain: the server is away or busy.
            Fault: MAIL_REFUSED, the server will never take this mail.
        """


@dataclass(frozen=True)
class Holder:
    """Somebody who could take a role on a case."""

    account: str
    open_cases: int
    """How many active cases they have in that role already."""


class StaffPort(Protocol):
    """Knows who works here; only reads."""

    def holders(self, role: str, unit: str) -> Sequence[Holder]:
        """The active accounts that hold the role in the unit."""

    def holds(self, account: str, role: str, unit: str) -> bool:
        """Whether this account is among them."""


@dataclass(frozen=True)
class Ports:
    """All the doors, as one value."""

    mail: MailPort
    staff: StaffPort
