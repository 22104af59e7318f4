"""The list of cases, a new referral, and the page of one case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from flask_login import login_required
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from models.case import Case
from models.deadline import Deadline
from models.definition import Definition
from models.errors import DuplicateReference, UnitNotFound
from models.event import Event
from models.incident import Incident
from models.subscription import Subscription
from models.timer import Timer
from models.unit import Unit
from processes import access
from processes.access import visible_cases
from processes.cases import cancel_case, start_case
from processes.cpr import refuse_cpr_text
from processes.incidents import result_names
from processes.messages import receive_message
from webapp import case_picture, history, timeline
from webapp.answers import labelled
from webapp.automatic import has_automatic_steps, wait_for_automatic_steps
from webapp.case_look import (
    CaseLook,
    log_search,
    look_at_case,
    open_deadlines,
    open_tasks,
    team_of,
)
from webapp.current import now, person, wiring
from webapp.errors import answer_of, sentence_of
from webapp.phases import steps_of
from webapp.programme_words import plainly
from webapp.programmes import programmes
from webapp.words import day_and_clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from processes.turn import Turn

bp = Blueprint("cases", __name__, url_prefix="/cases")

PAGE = 50
LONGEST_PAGE = 500
STATES = ("active", "suspended", "completed", "cancelled")
TABS = ("course", "data", "tasks", "deadlines", "history", "diagram")
EVENTS_SHOWN = 200
LONGEST_REFERENCE = 40
LONGEST_KEY = 100


@bp.get("")
@login_required
def index() -> ResponseReturnValue:
    """The cases the reader may see, newest first; `q` finds a number or a reference."""
    with wiring().turn() as turn:
        rows = _found(turn.session)
        if request.args.get("q"):
            log_search(turn.session, [row["case"].id for row in rows])
        if len(rows) == 1 and request.args.get("q") == str(rows[0]["case"].number):
            return redirect(url_for("cases.show", case_id=rows[0]["case"].id))
        return render_template(
            "cases/index.html",
            rows=rows,
            q=request.args.get("q", ""),
            chips=_chips(),
            rows_address=url_for("cases.rows", **_asked()),
            more=_more(rows),
            may_start=access.may(person(), "cases.start"),
        )


@bp.get("/rows")
@login_required
def rows() -> ResponseReturnValue:
    """The list's rows alone, for the live refresh."""
    with wiring().reading() as reading:
        response = make_response(render_template("cases/rows.html", rows=_found(reading)))
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/new")
@login_required
def register() -> ResponseReturnValue:
    """Register a referral: which programme, which reference, which unit."""
    if not access.may(person(), "cases.start"):
        abort(403)
    return _register_page({"idempotency_key": uuid4().hex}, {})


@bp.post("")
@login_required
def start() -> ResponseReturnValue:
    """Begin the case, then show what it asks for first."""
    if not access.may(person(), "cases.start"):
        abort(403)
    typed = {key: value.strip() for key, value in request.form.items()}
    errors = _mistakes(typed)
    if errors:
        return _register_page(typed, errors), 422
    try:
        with wiring().turn() as turn:
            case = start_case(
                turn,
                typed.get("definition", ""),
                typed["reference"],
                {},
                typed.get("unit") or None,
                person(),
                _idempotency_key(typed),
            )
            case_id = case.id
    except (DuplicateReference, UnitNotFound) as refusal:
        field = "unit" if isinstance(refusal, UnitNotFound) else "reference"
        return _register_page(typed, {field: sentence_of(refusal)}), answer_of(refusal).status
    wait_for_automatic_steps(case_id)
    flash(gettext("The referral is registered."), "success")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@bp.get("/<uuid:case_id>")
@login_required
def show(case_id: UUID) -> ResponseReturnValue:
    """One case: where it stands, what it waits for, how it came there."""
    tab = request.args.get("tab", TABS[0])
    if tab not in TABS:
        abort(404)
    with wiring().turn() as turn:
        look = look_at_case(turn.session, case_id)
        incidents = _incidents(turn.session, case_id)
        return render_template(
            "cases/show.html",
            look=look,
            case=look.case,
            tab=tab,
            tabs=_tabs(case_id, tab),
            steps=steps_of(look.case.definition, look.case.phase, is_over=look.case.is_over),
            team=team_of(turn.session, case_id),
            tasks=open_tasks(turn.session, case_id),
            deadlines=open_deadlines(turn.session, case_id),
            incidents=incidents,
            messages=_messages(turn.session, look),
            rests=_why_it_rests(turn.session, look.case),
            results=_results(turn, look) if incidents else {},
            **CONTENTS[tab](turn.session, look),
        )


@bp.post("/<uuid:case_id>/messages")
@login_required
def tell(case_id: UUID) -> ResponseReturnValue:
    """Report something that happened outside, which the case waits for."""
    name = request.form.get("name", "")
    with wiring().turn() as turn:
        look = look_at_case(turn.session, case_id)
        if not look.may("messages.send"):
            abort(403)
        payload = {
            key.removeprefix("payload."): value.strip()
            for key, value in request.form.items()
            if key.startswith("payload.") and value.strip()
        }
        key = request.form.get("key", "")[:LONGEST_KEY]
        refuse_cpr_text(*payload.values())
        sender = f"web:{person().name}:{key or uuid4().hex}"
        state = receive_message(turn, sender, name, case_id=case_id, payload=payload)
    if state == "waiting":
        flash(gettext("It is noted, and the case acts on it as soon as it can."), "success")
        return redirect(url_for("cases.show", case_id=case_id), code=303)
    wait_for_automatic_steps(case_id)
    flash(gettext("It is noted, and the case has acted on it."), "success")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


@bp.post("/<uuid:case_id>/cancellation")
@login_required
def cancel(case_id: UUID) -> ResponseReturnValue:
    """End the case before its time."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        flash(gettext("Say why the case is ended."), "error")
        return redirect(url_for("cases.show", case_id=case_id), code=303)
    with wiring().turn() as turn:
        cancel_case(turn, case_id, reason, person())
    flash(gettext("The case is ended."), "success")
    return redirect(url_for("cases.show", case_id=case_id), code=303)


def _found(reading: Session) -> list[dict[str, Any]]:
    query = _matching().order_by(Case.number.desc()).limit(_limit())
    cases = reading.scalars(query).all()
    due = _nearest(reading, [case.id for case in cases])
    return [{"case": case, "deadline": due.get(case.id)} for case in cases]


def _matching() -> Select[Case]:
    query = select(Case).join(Case.definition).where(visible_cases(person()))
    state, q = request.args.get("state", "active"), request.args.get("q", "").strip()
    if request.args.get("process"):
        query = query.where(Definition.key == request.args["process"])
    if request.args.get("phase"):
        query = query.where(Case.phase == request.args["phase"])
    if not q:
        return query.where(Case.state == state) if state in STATES else query
    number = int(q.lstrip("#")) if q.lstrip("#").isdecimal() and len(q) < 10 else None  # noqa: PLR2004
    by_reference = Case.reference.istartswith(q, autoescape=True)
    return query.where(by_reference | (Case.number == number) if number else by_reference)


def _nearest(reading: Session, ids: Sequence[UUID]) -> dict[UUID, Deadline]:
    """Case to its open deadline that falls due first."""
    query = (
        select(Deadline)
        .where(Deadline.case_id.in_(ids), Deadline.closed_at.is_(None))
        .order_by(Deadline.case_id, Deadline.due_at)
        .ext(distinct_on(Deadline.case_id))
    )
    return {deadline.case_id: deadline for deadline in reading.scalars(query)}


def _limit() -> int:
    return min(max(request.args.get("show", PAGE, int), 1), LONGEST_PAGE)


def _more(rows: Sequence[Any]) -> str | None:
    if len(rows) < _limit() or _limit() >= LONGEST_PAGE:
        return None
    return url_for("cases.index", **_asked(show=_limit() + PAGE))


def _asked(**changes: str | int | None) -> dict[str, Any]:
    """The address's filters with some of them changed; None takes one away."""
    known = {key: request.args.get(key) for key in ("state", "process", "phase", "q", "show")}
    return {key: value for key, value in {**known, **changes}.items() if value}


def _chips() -> list[dict[str, Any]]:
    names = {
        "active": gettext("still open"),
        "suspended": gettext("at rest"),
        "completed": gettext("closed cases"),
        "cancelled": gettext("ended early"),
        "all": gettext("all"),
    }
    chosen = request.args.get("state", "active")
    return [
        {
            "name": name,
            "address": url_for("cases.index", **_asked(state=state, show=None, q=None)),
            "current": state == chosen and not request.args.get("q"),
        }
        for state, name in names.items()
    ]


def _register_page(typed: dict[str, str], errors: dict[str, str]) -> str:
    with wiring().reading() as reading:
        return render_template(
            "cases/new.html",
            typed=typed,
            errors=errors,
            definitions=_startable(reading),
            units=_my_units(reading),
        )


def _mistakes(typed: dict[str, str]) -> dict[str, str]:
    reference = typed.get("reference", "")
    if not reference:
        return {"reference": gettext("Give the case a reference, such as T-01.")}
    if len(reference) > LONGEST_REFERENCE:
        return {"reference": gettext("A reference has at most 40 characters.")}
    digits = [letter for letter in reference if letter.isdecimal()]
    if len(digits) >= 10:  # noqa: PLR2004  a CPR number has ten
        return {"reference": gettext("Never use a CPR number as a reference.")}
    return {}


def _idempotency_key(typed: dict[str, str]) -> str | None:
    """Each account's keys are its own, so nobody meets another's case by its key."""
    key = typed.get("idempotency_key", "")[:LONGEST_KEY]
    return f"web:{person().name}:{key}" if key else None


def _startable(reading: Session) -> list[tuple[str, str]]:
    """Process id and name of each programme; shared parts are not begun by hand."""
    return [
        (one.key, plainly(one.newest.name, one.newest.id))
        for one in programmes(reading)
        if not one.is_part
    ]


def _my_units(reading: Session) -> list[tuple[str, str]]:
    units = reading.scalars(select(Unit).order_by(Unit.name)).all()
    everywhere = any(unit is None for _, unit in person().roles)
    mine = {unit for _, unit in person().roles}
    return [(unit.id, unit.name) for unit in units if everywhere or unit.id in mine]


def _tabs(case_id: UUID, chosen: str) -> list[dict[str, Any]]:
    names = {
        "course": gettext("Course"),
        "data": gettext("Data"),
        "tasks": gettext("Tasks"),
        "deadlines": gettext("Deadlines"),
        "history": gettext("History"),
        "diagram": gettext("Diagram"),
    }
    return [
        {
            "name": names[tab],
            "address": url_for("cases.show", case_id=case_id, tab=None if tab == TABS[0] else tab),
            "current": tab == chosen,
        }
        for tab in TABS
    ]


def _incidents(session: Session, case_id: UUID) -> Sequence[Incident]:
    query = select(Incident).where(Incident.case_id == case_id, Incident.state == "open")
    return session.scalars(query.order_by(Incident.created_at)).all()


def _why_it_rests(session: Session, case: Case) -> str:
    """Who let the case rest, when and why; empty if it does not."""
    if case.state != "suspended":
        return ""
    query = select(Event).where(Event.case_id == case.id, Event.kind == "case.suspended")
    event = session.scalars(query.order_by(Event.number.desc()).limit(1)).one_or_none()
    told = Markup("{}: {}")
    return told.format(day_and_clock(event.at), history.sentence_of(event)) if event else ""


def _results(turn: Turn, look: CaseLook) -> dict[str, str | None]:
    """What the failed steps would store, for those who may go on without them."""
    wanted = look.case.state == "active" and look.may("incidents.skip")
    return result_names(turn, look.case) if wanted else {}


def _messages(session: Session, look: CaseLook) -> list[dict[str, Any]]:
    """What the case would act on if somebody told it."""
    if not look.may("messages.send") or look.case.is_over:
        return []
    query = select(Subscription.name, func.min(Subscription.element)).where(
        Subscription.case_id == look.case.id,
        Subscription.state == "open",
        Subscription.kind == "message",
    )
    waits = session.execute(query.group_by(Subscription.name).order_by(Subscription.name))
    return [{"name": name, "label": look.event_words(element, name)} for name, element in waits]


def _course(session: Session, look: CaseLook) -> dict[str, Any]:
    return {
        "timeline": timeline.of_case(session, look.case, now()),
        "at_work": has_automatic_steps(session, look.case.id),
    }


def _data(_: Session, look: CaseLook) -> dict[str, Any]:
    return {
        "programme": labelled(look.files, look.part("B")),
        "authority": labelled(look.files, look.part("A")) if "A" in look.compartments else None,
    }


def _tasks(_session: Session, _look: CaseLook) -> dict[str, Any]:
    return {}


def _deadlines(session: Session, look: CaseLook) -> dict[str, Any]:
    closed = select(Deadline).where(
        Deadline.case_id == look.case.id, Deadline.closed_at.is_not(None)
    )
    armed = select(Timer).where(Timer.case_id == look.case.id, Timer.state == "armed")
    return {
        "closed": session.scalars(closed.order_by(Deadline.closed_at.desc()).limit(50)).all(),
        "timers": session.scalars(armed.order_by(Timer.due_at)).all(),
        "may_move": look.may("deadlines.move"),
        "may_pause": look.may("deadlines.pause"),
    }


def _history(session: Session, look: CaseLook) -> dict[str, Any]:
    shown = min(max(request.args.get("show", EVENTS_SHOWN, int), 1), 10 * EVENTS_SHOWN)
    everything = "all" in request.args
    query = select(Event).where(Event.case_id == look.case.id).order_by(Event.number.desc())
    query = query if everything else query.where(history.worth_telling())
    events = session.scalars(query.limit(shown)).all()
    return {
        "history": history.sentences(events),
        "everything": everything,
        "older": len(events) == shown,
        "shown": shown + EVENTS_SHOWN,
    }


def _diagram(session: Session, look: CaseLook) -> dict[str, Any]:
    return case_picture.of_case(session, look, request.args.get("file"))


CONTENTS = {
    "course": _course,
    "data": _data,
    "tasks": _tasks,
    "deadlines": _deadlines,
    "history": _history,
    "diagram": _diagram,
}
"""Tab to what its template needs beside the case's header."""
