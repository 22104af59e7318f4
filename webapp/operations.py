"""What a supervisor does to a running case: let it rest, correct it, move it, begin a part anew."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from flask_login import login_required

from models.errors import IncidentNotFound, InvalidAnswers, NotPossible, StaleRevision
from models.incident import Incident
from processes.access import may_see_case, ties
from processes.corrections import check_correction, correct_data
from processes.drawing.words import kind_in_words
from processes.incidents import retry_incident, skip_incident
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
from webapp import case_picture
from webapp.api.body import holds_unstorable
from webapp.automatic import wait_for_automatic_steps
from webapp.case_look import CaseLook, look_at_case
from webapp.corrections import (
    NotReadable,
    changes_in,
    entries_of,
    unreadable_sentence,
)
from webapp.current import person, wiring
from webapp.errors import sentence_of
from webapp.language import spoken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from processes.engine.step import Place, Preview, Standing
    from processes.turn import Turn
    from webapp.corrections import Entry

bp = Blueprint("operations", __name__, url_prefix="/cases")

LONGEST_REASON = 2000


@bp.post("/<uuid:case_id>/suspension")
@login_required
def suspend(case_id: UUID) -> ResponseReturnValue:
    """Let the case rest."""
    reason = _reason()
    if not reason:
        return _without_reason(case_id)
    with wiring().turn() as turn:
        suspend_case(turn, case_id, reason, person())
    flash(gettext("The case rests. Its tasks wait, and the time that is left is kept."), "success")
    return _to_case(case_id)


@bp.post("/<uuid:case_id>/resumption")
@login_required
def resume(case_id: UUID) -> ResponseReturnValue:
    """Take the case up again."""
    reason = _reason()
    if not reason:
        return _without_reason(case_id)
    with wiring().turn() as turn:
        resume_case(turn, case_id, reason, person())
    wait_for_automatic_steps(case_id)
    flash(gettext("The case goes on with the time that was left."), "success")
    return _to_case(case_id)


@bp.post("/incidents/<uuid:incident_id>/retries")
@login_required
def retry(incident_id: UUID) -> ResponseReturnValue:
    """Try a failed step again."""
    with wiring().turn() as turn:
        case_id = retry_incident(turn, incident_id, person()).case_id
    wait_for_automatic_steps(case_id)
    flash(gettext("The step is being tried again."), "success")
    return _to_case(case_id)


@bp.post("/incidents/<uuid:incident_id>/skips")
@login_required
def skip(incident_id: UUID) -> ResponseReturnValue:
    """Go on without a failed step."""
    reason = _reason()
    case_id = _case_of(incident_id)
    if not reason:
        return _without_reason(case_id)
    try:
        result = _result()
    except (ValueError, RecursionError):
        flash(gettext("The result cannot be read as what you chose. Nothing has changed."), "error")
        return _to_case(case_id)
    with wiring().turn() as turn:
        skip_incident(turn, incident_id, reason, person(), result)
    wait_for_automatic_steps(case_id)
    flash(gettext("The case goes on without the step."), "success")
    return _to_case(case_id)


# -- correct -----------------------------------------------------------------------------------


@bp.get("/<uuid:case_id>/corrections")
@login_required
def corrections(case_id: UUID) -> ResponseReturnValue:
    """What the case knows, to be put right."""
    with wiring().turn() as turn:
        look = _look(turn, case_id, "cases.correct")
        return _correction_page(look, _entries(turn, look))


@bp.post("/<uuid:case_id>/corrections/preview")
@login_required
def check_corrections(case_id: UUID) -> ResponseReturnValue:
    """Old and new side by side, before anything is changed."""
    revision = request.form.get("revision", type=int)
    with wiring().turn() as turn:
        look = _look(turn, case_id, "cases.correct")
        entries = _entries(turn, look)
        try:
            changes = changes_in(entries, request.form)
            if not changes:
                said = gettext("You have not changed anything yet.")
                return _correction_page(look, entries, said=said), 409
            told = check_correction(turn, case_id, changes, person(), revision)
        except NotReadable as failed:
            kinds = {entry.key: entry.kind for entry in entries}
            errors = {key: unreadable_sentence(kinds[key]) for key in failed.typed}
            kept = [replace(one, typed=failed.typed.get(one.key)) for one in entries]
            return _correction_page(look, kept, failed.changes, errors), 422
        except InvalidAnswers as refused:
            return _correction_page(look, entries, changes, _by_key(refused)), 422
        except NotPossible as refused:
            return _correction_page(look, entries, said=sentence_of(refused)), 409
        except StaleRevision:
            return _stale_page(look, entries, changes, {}), 409
        known = {entry.key: entry for entry in entries}
        return render_template(
            "operations/correction_diff.html",
            case=look.case,
            revision=look.case.revision,
            rows=[(known[key], old, new) for key, (old, new) in told.items()],
            changes=json.dumps(changes),
            seen=json.dumps({key: old for key, (old, _) in told.items()}),
        )


@bp.post("/<uuid:case_id>/corrections")
@login_required
def correct(case_id: UUID) -> ResponseReturnValue:
    """Put it right."""
    changes, seen = _posted("changes"), _posted("seen")
    revision, reason = request.form.get("revision", type=int), _reason()
    if not reason:
        return _without_reason(case_id, "operations.corrections")
    try:
        with wiring().turn() as turn:
            correct_data(turn, case_id, changes, reason, person(), revision)
    except StaleRevision:
        with wiring().turn() as turn:
            look = _look(turn, case_id, "cases.correct")
            return _stale_page(look, _entries(turn, look), changes, seen), 409
    wait_for_automatic_steps(case_id)
    flash(gettext("The information is corrected."), "success")
    return _to_case(case_id, tab="data")


def _entries(turn: Turn, look: CaseLook) -> list[Entry]:
    return entries_of(turn.definition(look.case.definition_id), look)


def _correction_page(
    look: CaseLook,
    entries: Sequence[Entry],
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    said: str = "",
    changed: Sequence[Entry] = (),
) -> str:
    return render_template(
        "operations/corrections.html",
        case=look.case,
        revision=look.case.revision,
        entries=[_retyped(entry, typed or {}) for entry in entries],
        errors=errors or {},
        said=said,
        changed=changed,
    )


def _stale_page(
    look: CaseLook, entries: Sequence[Entry], typed: Mapping[str, Any], seen: Mapping[str, Any]
) -> str:
    """What was typed is kept; what is now otherwise than it was seen is named."""
    changed = [e for e in entries if e.key in seen and e.value != seen[e.key]]
    said = gettext("Somebody changed the case while you were looking. What you typed is kept.")
    return _correction_page(look, entries, typed, said=said, changed=changed)


def _retyped(entry: Entry, typed: Mapping[str, Any]) -> tuple[Entry, Entry]:
    """The entry as it is, and as somebody has typed it."""
    if entry.key not in typed:
        return entry, entry
    return entry, replace(entry, value=typed[entry.key])


def _by_key(refused: InvalidAnswers) -> dict[str, str]:
    """Sentences by key of the case's data."""
    return {path.partition(".")[0]: " ".join(said) for path, said in spoken(refused.errors).items()}


# -- move --------------------------------------------------------------------------------------


@bp.get("/<uuid:case_id>/moves")
@login_required
def moves(case_id: UUID) -> ResponseReturnValue:
    """Where the case stands, where it could be put, and what a move would come to."""
    relocation = _relocation(request.args)
    with wiring().turn() as turn:
        look = _look(turn, case_id, "cases.move")
        case = case_to_move(turn, case_id, person())
        standing = standing_of(turn, case)
        preview, said = None, ""
        if "asked" in request.args and not (relocation.cancel or relocation.create):
            said = gettext("Choose what falls away, where the case shall stand, or both.")
        if relocation.cancel or relocation.create:
            try:
                preview = preview_move(turn, case, relocation)
            except NotPossible as refused:
                said = sentence_of(refused)
        return render_template(
            "operations/moves.html",
            case=look.case,
            look=look,
            revision=case.revision,
            standing=standing,
            groups=_groups(standing),
            chosen_gone=set(relocation.cancel),
            chosen_new={f"{scope}|{element}" for scope, element in relocation.create},
            said=said,
            kind_words=_kind_words,
            **_shown(preview),
            **case_picture.of_case(turn.session, look, None),
        )


@bp.post("/<uuid:case_id>/moves")
@login_required
def move(case_id: UUID) -> ResponseReturnValue:
    """Move the case."""
    reason, revision = _reason(), request.form.get("revision", type=int)
    if not reason:
        return _without_reason(case_id, "operations.moves")
    with wiring().turn() as turn:
        move_case(turn, case_id, _relocation(request.form), reason, person(), revision)
    wait_for_automatic_steps(case_id)
    flash(gettext("The case is moved."), "success")
    return _to_case(case_id)


def _relocation(asked: Any) -> Relocation:
    pairs = [text.partition("|") for text in asked.getlist("create")]
    return Relocation(asked.getlist("cancel"), [(scope, element) for scope, _, element in pairs])


def _groups(standing: Standing) -> list[tuple[str, str, list[Place]]]:
    """Scope, its name and its places, as the places come."""
    grouped = groupby(standing.places, key=lambda place: (place.scope, place.inside))
    return [(scope, inside, list(places)) for (scope, inside), places in grouped]


def _shown(preview: Preview | None) -> dict[str, Any]:
    if preview is None:
        return {"preview": None, "gone": [], "new": []}
    gone, new = touched(preview.step)
    return {"preview": preview, "gone": gone, "new": new}


def _kind_words(kind: str) -> str:
    return kind_in_words(kind, str(get_locale()))


# -- begin anew --------------------------------------------------------------------------------


@bp.get("/<uuid:case_id>/restarts")
@login_required
def restarts(case_id: UUID) -> ResponseReturnValue:
    """Which parts can be begun anew, and what that would come to."""
    with wiring().turn() as turn:
        look = _look(turn, case_id, "cases.restart")
        case = case_to_restart(turn, case_id, person())
        offered = standing_of(turn, case).restartable
        element = request.args.get("element") or next((one.element for one in offered), "")
        preview, said = None, ""
        if element:
            try:
                preview = preview_restart(turn, case, element)
            except NotPossible as refused:
                said = sentence_of(refused)
        return render_template(
            "operations/restarts.html",
            case=look.case,
            look=look,
            revision=case.revision,
            offered=offered,
            element=element,
            said=said,
            **_shown(preview),
        )


@bp.post("/<uuid:case_id>/restarts")
@login_required
def restart(case_id: UUID) -> ResponseReturnValue:
    """Begin a part anew."""
    reason, revision = _reason(), request.form.get("revision", type=int)
    if not reason:
        return _without_reason(case_id, "operations.restarts")
    with wiring().turn() as turn:
        element = request.form.get("element", "")
        restart_part(turn, case_id, element, reason, person(), revision)
    wait_for_automatic_steps(case_id)
    flash(gettext("It has begun anew, and its deadlines count from now."), "success")
    return _to_case(case_id)


# -- shared ------------------------------------------------------------------------------------


def _look(turn: Turn, case_id: UUID, action: str) -> CaseLook:
    look = look_at_case(turn.session, case_id)
    if not look.may(action):
        abort(403)
    return look


def _case_of(incident_id: UUID) -> UUID:
    """The case of an incident that the reader may know of.

    Raises:
        IncidentNotFound.
    """
    with wiring().reading() as reading:
        incident = reading.get(Incident, incident_id)
        near = ties(reading, person(), incident.case_id) if incident else None
        if incident is None or near is None or not may_see_case(person(), near):
            raise IncidentNotFound(incident_id)
        return incident.case_id


def _reason() -> str:
    return request.form.get("reason", "").strip()[:LONGEST_REASON]


def _result() -> Any:
    """What a step came to, as the person says it is to be read.

    Raises:
        ValueError: it cannot be read so, or not be stored.
        RecursionError: it is nested too deep.
    """
    text, kind = request.form.get("result", "").strip(), request.form.get("kind", "text")
    value = _as_kind(text, kind) if text else None
    if holds_unstorable(value):
        raise ValueError
    return value


def _as_kind(text: str, kind: str) -> Any:
    if kind == "number":
        return float(text.replace(",", ".")) if not text.lstrip("-").isdecimal() else int(text)
    return json.loads(text) if kind == "json" else text


def _posted(name: str) -> dict[str, Any]:
    """A JSON object that a page of ours has hidden; anything else is no request of ours."""
    try:
        value = json.loads(request.form.get(name, "{}"))
    except (ValueError, RecursionError):
        abort(400)
    if not isinstance(value, dict) or holds_unstorable(value):
        abort(400)
    return value


def _without_reason(case_id: UUID, page: str = "cases.show") -> ResponseReturnValue:
    with wiring().turn() as turn:
        look_at_case(turn.session, case_id)
    flash(gettext("Say why. The reason stands in the case's history."), "error")
    return redirect(url_for(page, case_id=case_id), code=303)


def _to_case(case_id: UUID, tab: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("cases.show", case_id=case_id, tab=tab), code=303)
