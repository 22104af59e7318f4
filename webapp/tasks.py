"""The inbox and the page of one task: take it, hand it back, finish it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_required
from sqlalchemy import exists, select

from models.account import Account
from models.deadline import Deadline
from models.errors import AlreadyClaimed, AlreadyCompleted, InvalidAnswers
from models.user_task import UserTask
from processes.access import (
    ADMINISTRATOR,
    BLIND,
    GUESTS,
    STEERING_GROUP,
    TaskTies,
    may_do_task,
    person_of,
)
from processes.forms import form_keys
from processes.inbox import COUNTED_AT_MOST, Wanted, inbox, next_task, tab_counts
from processes.user_tasks import (
    assign_user_task,
    claim_user_task,
    complete_user_task,
    release_user_task,
)
from webapp.answers import labelled
from webapp.api.body import holds_unstorable
from webapp.automatic import has_automatic_steps, wait_for_automatic_steps
from webapp.case_look import CaseLook, look_at_task, may_look_at_task, open_tasks, team_of
from webapp.current import now, person, wiring
from webapp.errors import answer_of, sentence_of
from webapp.language import chosen, spoken
from webapp.programme_words import form_said, plainly
from webapp.sign_in import safe_next

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from models.errors import Refused
    from processes.inbox import InboxTask, Tab

bp = Blueprint("tasks", __name__, url_prefix="/tasks")

TABS: tuple[Tab, ...] = ("mine", "roles", "team")
PAGE = 50
LONGEST_PAGE = 500


@bp.get("")
@login_required
def index() -> ResponseReturnValue:
    """The inbox: mine, my roles', my teams'; the filters are the address."""
    with wiring().reading() as reading:
        rows = _rows(reading)
        counts = tab_counts(reading, person())
        return render_template(
            "tasks/index.html",
            rows=rows,
            tab=_tab(),
            tabs=_tabs(counts),
            chips=_chips(),
            more=_more(rows),
            rows_address=url_for("tasks.rows", **_asked()),
            overdue=sum(1 for row in rows if _is_overdue(row)),
            now_at=now(),
        )


@bp.get("/rows")
@login_required
def rows() -> ResponseReturnValue:
    """The inbox's rows alone; unchanged since the reader's ETag answers 304."""
    with wiring().reading() as reading:
        shown = _rows(reading)
        page = render_template("tasks/rows.html", rows=shown, tab=_tab(), now_at=now())
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/<uuid:task_id>")
@login_required
def show(task_id: UUID) -> ResponseReturnValue:
    """One task: its form, its deadline and the case around it; once done, what comes next."""
    return _page(task_id)


@bp.post("/<uuid:task_id>/completion")
@login_required
def complete(task_id: UUID) -> ResponseReturnValue:
    """Submit the form of any bpmn:UserTask, then show what happened next."""
    answers, purpose = _answers(), request.form.get("purpose", "")
    try:
        with wiring().turn() as turn:
            complete_user_task(
                turn, task_id, answers, person(), purpose, action=request.endpoint or ""
            )
    except InvalidAnswers as refusal:
        return _page(task_id, answers, spoken(refusal.errors)), 422
    except (AlreadyClaimed, AlreadyCompleted) as refusal:
        return _conflict(task_id, answers, refusal)
    for case_id in turn.asked:
        wait_for_automatic_steps(case_id)
    if person().roles_in(None) & (GUESTS | BLIND) and not _may_look(task_id):
        flash(gettext("You completed the task, and your part in the case is over."), "success")
        return redirect(url_for("tasks.index"), code=303)
    return redirect(url_for("tasks.show", task_id=task_id), code=303)


@bp.post("/<uuid:task_id>/claim")
@login_required
def claim(task_id: UUID) -> ResponseReturnValue:
    """Take the task."""
    with wiring().turn() as turn:
        claim_user_task(turn, task_id, person())
    flash(gettext("The task is yours now."), "success")
    return _back(task_id)


@bp.post("/<uuid:task_id>/release")
@login_required
def release(task_id: UUID) -> ResponseReturnValue:
    """Hand the task back to its queue."""
    with wiring().turn() as turn:
        release_user_task(turn, task_id, person())
    flash(gettext("The task is back in the queue of its role."), "success")
    return _back(task_id)


@bp.post("/<uuid:task_id>/assignment")
@login_required
def assign(task_id: UUID) -> ResponseReturnValue:
    """Give the task to a colleague."""
    with wiring().turn() as turn:
        assign_user_task(turn, task_id, request.form.get("to", ""), person())
    flash(gettext("The task has been given to your colleague."), "success")
    return _back(task_id)


def _rows(reading: Session) -> list[InboxTask]:
    due = request.args.get("due")
    wanted = Wanted(
        role=request.args.get("role") or None,
        process=request.args.get("process") or None,
        due=due if due in {"overdue", "week"} else None,  # type: ignore[arg-type]
        now=now(),
    )
    return inbox(reading, person(), _tab(), wanted, _limit())


def _tab() -> Tab:
    asked = request.args.get("tab")
    return asked if asked in TABS else "mine"


def _limit() -> int:
    return min(max(request.args.get("show", PAGE, int), 1), LONGEST_PAGE)


def _asked(**changes: str | int | None) -> dict[str, Any]:
    """The address's filters with some of them changed; None takes one away."""
    known = {key: request.args.get(key) for key in ("tab", "role", "process", "due", "show")}
    return {key: value for key, value in {**known, **changes}.items() if value}


def _tabs(counts: Mapping[Tab, int]) -> list[dict[str, Any]]:
    names = {"mine": gettext("Mine"), "roles": gettext("My roles"), "team": gettext("Team")}
    return [
        {
            "name": names[tab],
            "count": f"{COUNTED_AT_MOST}+" if counts[tab] >= COUNTED_AT_MOST else counts[tab],
            "address": url_for("tasks.index", **_asked(tab=tab, show=None)),
            "current": tab == _tab(),
        }
        for tab in TABS
    ]


def _chips() -> list[dict[str, Any]]:
    """Each filter in words; choosing a chosen one takes it away."""
    roles = sorted(person().roles_in(None) - {STEERING_GROUP, ADMINISTRATOR})
    offered = [("due", "overdue", gettext("overdue")), ("due", "week", gettext("due in a week"))]
    if len(roles) > 1:
        offered += [("role", role, plainly(role)) for role in roles]
    return [_chip(key, value, name) for key, value, name in offered]


def _chip(key: str, value: str, name: str) -> dict[str, Any]:
    chosen = request.args.get(key) == value
    address = url_for("tasks.index", **_asked(**{key: None if chosen else value, "show": None}))
    return {"name": name, "address": address, "current": chosen}


def _more(rows: Sequence[InboxTask]) -> str | None:
    if len(rows) < _limit() or _limit() >= LONGEST_PAGE:
        return None
    return url_for("tasks.index", **_asked(show=_limit() + PAGE))


def _is_overdue(row: InboxTask) -> bool:
    return row.task.due_at is not None and row.paused_at is None and row.task.due_at < now()


def _answers() -> dict[str, Any]:
    """What the form's script posted as one JSON object.

    Raises:
        InvalidAnswers: it is not one.
    """
    try:
        answers = json.loads(request.form.get("answers") or "{}")
    except (ValueError, RecursionError):
        answers = None
    if not isinstance(answers, dict) or holds_unstorable(answers):
        raise InvalidAnswers({"": [gettext("The answers did not arrive whole; send them again.")]})
    return answers


def _back(task_id: UUID) -> ResponseReturnValue:
    address = safe_next(request.form.get("next")) or url_for("tasks.show", task_id=task_id)
    return redirect(address, code=303)


def _may_look(task_id: UUID) -> bool:
    with wiring().reading() as reading:
        return may_look_at_task(reading, task_id)


def _page(
    task_id: UUID,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> str:
    with wiring().turn() as turn:
        task, look, mine = look_at_task(turn.session, task_id)
        if task.state != "open":
            return _done_page(turn.session, task, look)
        form = form_of(look, task.form)
        return render_template(
            "tasks/show.html",
            task=task,
            look=look,
            case=look.case,
            mine=mine and task.assignee in {None, person().name},
            form=form_said(form) if form is not None else None,
            data=_known(turn.session, task, look, typed),
            errors=errors,
            deadline=_deadline(turn.session, task),
            team=team_of(turn.session, task.case_id) if look.compartments else {},
            others=_others(turn.session, task) if look.compartments else [],
            colleagues=_colleagues(turn.session, task) if look.may("tasks.assign") else [],
            confidential=form is not None and form.get("compartment") == "C",
        )


def _others(session: Session, task: UserTask) -> list[UserTask]:
    return [each for each in open_tasks(session, task.case_id) if each.id != task.id]


def _done_page(session: Session, task: UserTask, look: CaseLook) -> str:
    return render_template(
        "tasks/done.html",
        task=task,
        look=look,
        case=look.case,
        tasks=open_tasks(session, task.case_id),
        at_work=has_automatic_steps(session, task.case_id),
        next_task=next_task(session, person()),
        me_name=person().name,
    )


def _conflict(task_id: UUID, answers: Mapping[str, Any], refusal: Refused) -> ResponseReturnValue:
    """Somebody was faster: say who and when, and hand back what was typed."""
    with wiring().turn() as turn:
        task, look, _ = look_at_task(turn.session, task_id)
        page = render_template(
            "tasks/conflict.html",
            task=task,
            case=look.case,
            sentence=sentence_of(refusal),
            typed=labelled(look.files, answers),
        )
    return page, answer_of(refusal).status


def form_of(look: CaseLook, name: str | None) -> dict[str, Any] | None:
    """The form-js schema of a form in the case's own version; None for a task without one."""
    if name is None:
        return None
    text = look.files.get(name) or look.files.get(f"{name}.form.json")
    return json.loads(text) if text else _choice(look, name)


def _choice(look: CaseLook, name: str) -> dict[str, Any] | None:
    """What the engine itself asks in an ad hoc sub-process, in the reader's language."""
    form = look.version.definition.choices.get(name) if look.version else None
    return form if form is None or chosen() == "da" else _in_english(form)


def _in_english(part: Any) -> Any:
    """A part of a form whose Danish labels have English ones beside them."""
    if isinstance(part, list):
        return [_in_english(one) for one in part]
    if not isinstance(part, dict):
        return part
    inner = {key: _in_english(value) for key, value in part.items()}
    return {**inner, "label": inner["label_en"]} if "label_en" in inner else inner


def _known(
    session: Session, task: UserTask, look: CaseLook, typed: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What the form opens with: what was typed, else what the case has.

    A form filled before on this case, such as a log, asks its own questions anew; its
    conditions still see the rest of the case.
    """
    around = {**look.data, **task.local}
    if typed is None and not _filled_before(session, task):
        return around
    form = form_of(look, task.form) or {}
    own = {key.split("/")[0] for key in form_keys(form)}
    rest = {key: value for key, value in around.items() if key not in own}
    return {**rest, **task.local, **(typed or {})}


def _filled_before(session: Session, task: UserTask) -> bool:
    filled = exists().where(
        UserTask.case_id == task.case_id,
        UserTask.form == task.form,
        UserTask.state == "completed",
    )
    return bool(session.scalar(select(filled)))


def _deadline(session: Session, task: UserTask) -> Deadline | None:
    query = select(Deadline).where(
        Deadline.case_id == task.case_id, Deadline.task_id == task.id, Deadline.closed_at.is_(None)
    )
    return session.scalars(query).first()


def _colleagues(session: Session, task: UserTask) -> list[tuple[str, str]]:
    """Who else could do the task: account and display name."""
    team = team_of(session, task.case_id)
    accounts = session.scalars(select(Account).where(Account.active).order_by(Account.display_name))
    return [
        (account.name, account.display_name)
        for account in accounts
        if account.name != task.assignee and _could_do(account, task, team.get(task.role, []))
    ]


def _could_do(account: Account, task: UserTask, holders: Sequence[str]) -> bool:
    reach = TaskTies(
        role=task.role,
        unit=task.unit_id,
        assignee=None,
        on_team=account.name in holders,
        role_taken=False,
    )
    return may_do_task(person_of(account), reach)
