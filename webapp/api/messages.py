"""Tell a case that something happened outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from models.errors import CaseNotFound, NotAllowed
from models.message import Message
from processes.access import SCOPES, may, may_see_case, only_unit, ties
from processes.messages import receive_message
from webapp.api.blueprint import Part
from webapp.api.schemas import MessageRequest, MessageSchema
from webapp.current import person, wiring

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

bp = Part("messages", "What happened outside")

ACTION = "messages.send"
ACTION_SCOPE = SCOPES[ACTION]


@bp.post("")
@bp.needs("message")
@bp.arguments(MessageRequest)
@bp.response(202, MessageSchema)
def send(asked: dict[str, Any]) -> dict[str, Any]:
    """Send a message to the one case that waits for it

    `case` names the case, or `correlation` is what the diagram waits for (by default the
    case's id, number or reference). One that no case waits for begins a case of the process
    that starts with it; its reference is the correlation, else `reference` in the payload. Too
    early is not lost: it waits for 30 days. 409 if several cases wait for it, 422 if no diagram
    knows the name.
    """
    sender = f"api:{person().name}:{asked['id']}"
    facts = asked["case"], asked["correlation"], asked["payload"]
    with wiring().turn() as turn:
        _may_tell(turn.session, asked["case"])
        unit, by = only_unit(person()), person().name
        state = receive_message(turn, sender, asked["name"], *facts, unit=unit, by=by)
        _may_have_told(turn.session, sender)
    return {"state": state}


def _may_tell(session: Session, case_id: UUID | None) -> None:
    if case_id is None:
        if not may(person(), ACTION):
            raise NotAllowed(person().name, "send messages")
        return
    connection = ties(session, person(), case_id)
    if connection is None:
        raise CaseNotFound(case_id)
    if not may(person(), ACTION, connection):
        if not may_see_case(person(), connection):
            raise CaseNotFound(case_id)
        raise NotAllowed(person().name, "send messages to this case")


def _may_have_told(session: Session, sender: str) -> None:
    """Undo, by refusing, what a correlation brought to a case out of the person's reach.

    Or may bring: what waits goes later to whatever case matches, in any unit; only a token made
    for messages may leave such a one.
    """
    case_id = session.scalar(select(Message.case_id).where(Message.sender_id == sender))
    if case_id is None and ACTION_SCOPE not in person().scopes:
        raise NotAllowed(person().name, "send messages that name no case and wait for one")
    connection = ties(session, person(), case_id) if case_id else None
    if connection is not None and not may(person(), ACTION, connection):
        raise NotAllowed(person().name, "send messages to this case")
