"""Ports that only remember: for simulations, where nothing may leave the house."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handlers.ports import Balance, Counts, Holder, Ports

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from email.message import EmailMessage

    from handlers.ports import Pot, Wish


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


@dataclass
class RememberedBudget:
    """Money that one simulation has bound; the real one asks the database the same."""

    bound: dict[str, tuple[Pot, Wish, int]] = field(default_factory=dict)
    """Key to what was bound under it, and its number."""

    released: set[str] = field(default_factory=set)
    """Keys of what was given back."""

    def reserve(self, pot: Pot, wish: Wish, limit: int | None) -> Balance:
        """Bind the money, if the limit allows it."""
        spent = self.balance(pot).spent
        if wish.key in self.bound:
            return Balance(granted=True, spent=spent, number=self.bound[wish.key][2])
        if limit is not None and spent + wish.amount > limit:
            return Balance(granted=False, spent=spent)
        mine = [one for held, one, _ in self.bound.values() if _one_budget(held, pot)]
        number = 1 + sum(one.case_id == wish.case_id for one in mine)
        self.bound[wish.key] = (pot, wish, number)
        return Balance(granted=True, spent=spent + wish.amount, number=number)

    def release(
        self,
        pot: Pot,
        case_id: str,
        number: int,
        at: datetime,  # noqa: ARG002 - the port's signature
    ) -> Balance:
        """Count it no more."""
        self.released |= {
            key
            for key, (held, wish, its) in self.bound.items()
            if _one_budget(held, pot) and (wish.case_id, its) == (case_id, number)
        }
        return self.balance(pot)

    def balance(self, pot: Pot) -> Balance:
        """The sum of what is bound."""
        spent = sum(
            wish.amount
            for key, (held, wish, _) in self.bound.items()
            if held == pot and key not in self.released
        )
        return Balance(granted=True, spent=spent)


def _one_budget(one: Pot, other: Pot) -> bool:
    """Whether they are one budget, of whatever year."""
    return (one.unit, one.budget) == (other.unit, other.budget)


@dataclass
class NoFigures:
    """A register without cases, unless the scenario says how many there are."""

    known: Counts = field(default_factory=lambda: Counts(0, 0, 0, {}))

    def counts(self, programme: str, unit: str, since: datetime, until: datetime) -> Counts:  # noqa: ARG002
        """What the scenario says."""
        return self.known

    def others(self, case_id: str, phases: Sequence[str]) -> int:  # noqa: ARG002
        """Those that are open, if the scenario says so."""
        return self.known.open


def recorded_ports() -> Ports:
    """Fresh ports for one simulation."""
    return Ports(
        mail=RecordedMail(),
        staff=AnybodyStaff(),
        budget=RememberedBudget(),
        figures=NoFigures(),
    )
