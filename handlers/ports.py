"""Every door from a handler to the outside world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
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
class Pot:
    """The money that one unit has for one purpose in one calendar year."""

    unit: str
    budget: str
    year: int


@dataclass(frozen=True)
class Wish:
    """Money that somebody wants to bind for one case; whole kroner."""

    key: str
    """The job's key: asked twice with one key, the money is bound once."""

    case_id: str
    purpose: str
    amount: int
    at: datetime


@dataclass(frozen=True)
class Balance:
    """How a budget stands after the answer; whole kroner."""

    granted: bool
    spent: int
    """What is bound this year, on all cases together."""

    number: int | None = None
    """Of the commitment that was made: 1 for the case's first in this budget."""


class BudgetPort(Protocol):
    """Keeps count of the money that cases have bound."""

    def reserve(self, pot: Pot, wish: Wish, limit: int | None) -> Balance:
        """Bind the money if all that is bound stays within the limit; None is no limit."""

    def release(self, pot: Pot, case_id: str, number: int, at: datetime) -> Balance:
        """Give back one commitment of the case, of whatever year; the pot's balance after it."""

    def balance(self, pot: Pot) -> Balance:
        """How it stands; `granted` says nothing here."""


@dataclass(frozen=True)
class Counts:
    """How many cases of a programme; never who."""

    begun: int
    ended: int
    open: int
    outcomes: Mapping[str, int]
    """Of what was registered in the period, by outcome code."""


class FiguresPort(Protocol):
    """Counts cases; only reads."""

    def counts(self, programme: str, unit: str, since: datetime, until: datetime) -> Counts:
        """What began and ended in the period, and what was open at its end."""

    def others(self, case_id: str, phases: Sequence[str]) -> int:
        """The other open cases of the case's programme and unit that are in one of the phases."""


@dataclass(frozen=True)
class Ports:
    """All the doors, as one value."""

    mail: MailPort
    staff: StaffPort
    budget: BudgetPort
    figures: FiguresPort
