"""What a supervisor does to a running case: always with a reason, shown before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from processes.access import must_may
from processes.case_lock import lock_case
from processes.cases import cancel_case
from processes.corrections import correct_data
from processes.moves import (
    Relocation,
    case_to_move,
    case_to_restart,
    move_case,
    preview_move,
    preview_restart,
    restart_part,
    standing_of,
    touched,
)
from processes.suspension import resume_case, suspend_case
from webapp.api.blueprint import Part
from webapp.api.cases import outcome
from webapp.api.schemas import (
    CaseSchema,
    CorrectionRequest,
    MovePreviewRequest,
    MoveRequest,
    PreviewSchema,
    ReasonRequest,
    RestartPreviewRequest,
    RestartRequest,
    StandingSchema,
)
from webapp.case_look import look_at_case
from webapp.current import person, wiring

if TYPE_CHECKING:
    from uuid import UUID

    from processes.engine.step import Preview

bp = Part("operations", "What a supervisor does to a running case", below="cases")


@bp.post("/<uuid:case_id>/suspension")
@bp.needs("case")
@bp.arguments(ReasonRequest)
@bp.response(200, CaseSchema)
def suspend(asked: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    """Let a case rest: tasks wait, timers keep what is left, messages are kept

    Deadlines that the law keeps running run on. 409 for one that rests or is over.
    """
    with wiring().turn() as turn:
        suspend_case(turn, case_id, asked["reason"], person())
        return outcome(turn.session, case_id)


@bp.post("/<uuid:case_id>/resumption")
@bp.needs("case")
@bp.arguments(ReasonRequest)
@bp.response(200, CaseSchema)
def resume(asked: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    """Take a case up again that rests

    Timers go on with the time that was left; kept messages are delivered in order.
    """
    with wiring().turn() as turn:
        resume_case(turn, case_id, asked["reason"], person())
        return outcome(turn.session, case_id)


@bp.post("/<uuid:case_id>/cancellation")
@bp.needs("case")
@bp.arguments(ReasonRequest)
@bp.response(200, CaseSchema)
def cancel(asked: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    """End a case before its time; everything it waits for falls away"""
    with wiring().turn() as turn:
        cancel_case(turn, case_id, asked["reason"], person())
        return outcome(turn.session, case_id)


@bp.post("/<uuid:case_id>/corrections")
@bp.needs("case")
@bp.arguments(CorrectionRequest)
@bp.response(200, CaseSchema)
def correct(asked: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    """Put right what a case knows, key by key, by the rules of the forms that ask for it

    409 for a `revision` that is not the case's any more.
    """
    with wiring().turn() as turn:
        facts = asked["values"], asked["reason"], person(), asked["revision"]
        correct_data(turn, case_id, *facts)
        return outcome(turn.session, case_id)


@bp.get("/<uuid:case_id>/position")
@bp.needs("case")
@bp.response(200, StandingSchema)
def position(case_id: UUID) -> dict[str, Any]:
    """Where a case stands, where it could be put, and what could be begun anew"""
    with wiring().turn() as turn:
        look_at_case(turn.session, case_id)
        must_may(turn.session, person(), case_id, "cases.move", "move this case")
        case = lock_case(turn.session, case_id)
        return {"revision": case.revision, **vars(standing_of(turn, case))}


@bp.post("/<uuid:case_id>/moves/preview")
@bp.needs("case")
@bp.arguments(MovePreviewRequest)
@bp.response(200, PreviewSchema)
def preview(asked: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    """What a move would cancel and create; nothing is done"""
    with wiring().turn() as turn:
        look_at_case(turn.session, case_id)
        case = case_to_move(turn, case_id, person())
        return {"revision": case.revision, **_shown(preview_move(turn, case, _relocation(asked)))}


@bp.post("/<uuid:case_id>/moves")
@bp.needs("case")
@bp.arguments(MoveRequest)
@bp.response(200, CaseSchema)
def move(asked: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    """Take positions away and put new ones elsewhere: the last resort

    409 for a `revision` that is not the case's any more, and for what its diagram does not allow.
    """
    with wiring().turn() as turn:
        move_case(turn, case_id, _relocation(asked), asked["reason"], person(), asked["revision"])
        return outcome(turn.session, case_id)


@bp.post("/<uuid:case_id>/restarts/preview")
@bp.needs("case")
@bp.arguments(RestartPreviewRequest)
@bp.response(200, PreviewSchema)
def preview_of_restart(asked: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    """What a restart would cancel and create; nothing is done"""
    with wiring().turn() as turn:
        look_at_case(turn.session, case_id)
        case = case_to_restart(turn, case_id, person())
        shown = _shown(preview_restart(turn, case, asked["element"]))
        return {"revision": case.revision, **shown}


@bp.post("/<uuid:case_id>/restarts")
@bp.needs("case")
@bp.arguments(RestartRequest)
@bp.response(200, CaseSchema)
def restart(asked: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    """Begin a part anew in place of whatever the case is at; a closed case is reopened

    The diagram says which parts: those with the property `restartable`.
    """
    with wiring().turn() as turn:
        facts = asked["element"], asked["reason"], person(), asked["revision"]
        restart_part(turn, case_id, *facts)
        return outcome(turn.session, case_id)


def _relocation(asked: dict[str, Any]) -> Relocation:
    new = [(str(place["scope"] or ""), place["element"]) for place in asked["create"]]
    return Relocation([str(one) for one in asked["cancel"]], new)


def _shown(preview: Preview) -> dict[str, Any]:
    gone, new = touched(preview.step)
    return {
        "cancelled": gone,
        "created": new,
        "ends": preview.step.ended,
        "joins": preview.in_vain,
    }
