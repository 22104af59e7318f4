"""What each service task does: one handler an operation, all of them listed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.assign_team_member import assign_team_member
from handlers.count_cases import count_cases
from handlers.count_others import count_others
from handlers.errors import UnknownOperation
from handlers.find_meeting import find_meeting
from handlers.plan_deadlines import plan_deadlines
from handlers.register_outcome import register_outcome
from handlers.release_commitment import release_commitment
from handlers.release_team_member import release_team_member
from handlers.reserve_budget import reserve_budget
from handlers.send_invitation import send_invitation
from handlers.send_mail import send_mail
from handlers.set_phase import set_phase

if TYPE_CHECKING:
    from handlers.contract import Handler

HANDLERS: dict[str, Handler[Any]] = {
    "budget/Release": release_commitment,
    "budget/Reserve": reserve_budget,
    "calendar/Invite": send_invitation,
    "calendar/NextMeeting": find_meeting,
    "case/RegisterOutcome": register_outcome,
    "case/SetPhase": set_phase,
    "deadline/Plan": plan_deadlines,
    "mail/Send": send_mail,
    "programme/Count": count_cases,
    "programme/CountOthers": count_others,
    "team/Assign": assign_team_member,
    "team/Release": release_team_member,
}


def handler_of(operation: str) -> Handler[Any]:
    """The handler that a service task asks for.

    Raises:
        UnknownOperation: there is none of that name.
    """
    try:
        return HANDLERS[operation]
    except KeyError:
        raise UnknownOperation(operation) from None


def catalogue() -> list[dict[str, Any]]:
    """Every operation with its parameters in Danish and English, for the modeler."""
    return [one.described() for one in HANDLERS.values()]
