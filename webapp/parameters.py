"""Where process owners change a programme's values without touching its diagram."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    url_for,
)
from flask_babel import get_locale, gettext, ngettext
from flask_login import login_required
from sqlalchemy import delete, select
from sqlalchemy.orm import undefer

from models.calendar import CalendarError
from models.definition import Definition
from models.draft import Draft
from models.durations import settle
from models.errors import DefinitionNotFound, DiagramsRefused
from models.unit import ClosingDay
from processes import access
from processes.deploy import deploy_file
from processes.engine import load_definition
from processes.engine.programme import DEFAULT, PROGRAMME
from processes.engine.programme_file import check_programme
from processes.engine.programme_values import fault_of, is_within
from processes.lint import lint
from processes.parameter_effects import shifts, uses_of
from processes.parameter_history import editions, settings_in, with_values
from processes.picture import Mark
from webapp import words
from webapp.case_picture import diagrams_of, name_of, picture_of
from webapp.current import now, person, wiring
from webapp.parameter_fields import (
    badge_text,
    calendars_of,
    fault_in_words,
    field_of,
    in_words,
    limits_in_words,
    value_from,
)
from webapp.programmes import keep_draft, programme, versions
from webapp.studio import json_body, problem_in_language, saved_meanwhile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from processes.engine import Definition as Compiled
    from processes.engine.programme import Parameter, ProgrammeFile
    from processes.parameter_effects import Shift
    from webapp.parameter_fields import Field
    from webapp.programmes import Programme

bp = Blueprint("parameters", __name__, url_prefix="/studio/<key>/parameters")

MORNING = time(9)
MOST_EDITIONS = 50
OWN_WORDS = frozenset({"programme-value", "programme-limit", "programme-option"})
"""What is said of a value beside its field in other words than of a file."""


@dataclass(frozen=True)
class Sheet:
    """A programme's settings: those in use, the draft over them, and what reads them."""

    one: Programme
    file: str
    text: str
    """The file in use."""

    programme: ProgrammeFile
    compiled: Compiled
    drafted: Mapping[str, Any]
    """Setting to the value that the draft gives it."""

    @property
    def draft(self) -> Draft | None:
        return self.one.draft(self.file)

    @property
    def saved_at(self) -> str:
        """When the draft was saved last; empty without one."""
        return self.draft.updated_at.isoformat() if self.draft else ""

    def values_from(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """Setting to the value that its fields say, of those that have fields in `sent`."""
        return {
            each.name: value_from(each, sent)
            for each in self.programme.parameters
            if each.name in sent
        }

    def fields(self) -> list[Field]:
        """Every setting with its draft's value."""
        uses = uses_of(self.compiled)
        return [
            field_of(each, self.drafted.get(each.name, each.value), uses[each.name])
            for each in self.programme.parameters
        ]


@bp.get("")
@login_required
def show(key: str) -> ResponseReturnValue:
    """Every value with its source and what reads it, and what it was before."""
    _require("definitions.show")
    with wiring().reading() as reading:
        sheet = _sheet(reading, key)
        known = versions(reading, key)
        fields = sheet.fields()
        return render_template(
            "studio/parameters.html",
            programme=sheet.one,
            sheet=sheet,
            groups=_groups(fields),
            calendars={field.parameter.name: field.calendars for field in fields},
            editions=_editions(reading, key),
            older=[(one, cases) for one, cases in known[1:] if cases],
            today=now().astimezone(words.ZONE).date().isoformat(),
            may_edit=access.may(person(), "definitions.edit"),
            may_publish=access.may(person(), "definitions.deploy"),
            may_migrate=access.may(person(), "definitions.migrate"),
            default=DEFAULT,
            in_words=in_words,
            limits_in_words=limits_in_words,
            told=_told,
        )


@bp.put("/draft")
@login_required
def save(key: str) -> ResponseReturnValue:
    """Keep what is written as a draft; refused if somebody saved since the page was opened."""
    _require("definitions.edit")
    body = json_body()
    with wiring().turn() as turn:
        sheet = _sheet(turn.session, key)
        text = with_values(sheet.text, sheet.values_from(_sent(body)))
        draft = keep_draft(
            turn.session,
            sheet.one,
            sheet.file,
            text,
            seen=str(body.get("updated_at") or ""),
            at=wiring().real_clock(),
            by=person().name,
        )
        if draft is None:
            return jsonify(message=saved_meanwhile(sheet.one, sheet.file)), 409
        return jsonify(updated_at=draft.updated_at.isoformat())


@bp.post("/check")
@login_required
def check(key: str) -> ResponseReturnValue:
    """What is wrong with the values on the screen, each at its field, and what they move."""
    _require("definitions.edit")
    body = json_body()
    with wiring().reading() as reading:
        sheet = _sheet(reading, key)
        values = sheet.values_from(_sent(body))
        closing_days = frozenset(reading.scalars(select(ClosingDay.day)))
    problems = _problems(sheet, values)
    wrong = {problem["element"] for problem in problems}
    changed = {
        each.name: values[each.name]
        for each in sheet.programme.parameters
        if each.name not in wrong and _differs(each, values)
    }
    start = _start(str(body.get("start") or ""))
    moved: list[Shift] = []
    with suppress(CalendarError):  # what cannot be counted stands at its field
        moved = shifts(sheet.compiled, changed, start, closing_days)
    uses = uses_of(sheet.compiled)
    html = render_template(
        "studio/effect.html",
        changed=[each for each in sheet.programme.parameters if each.name in changed],
        values=changed,
        shifts=moved,
        pictures=list(_pictures(sheet, moved, changed)),
        start=start,
        told=_told,
        in_words=in_words,
        calendars={name: calendars_of(uses[name]) for name in changed},
    )
    differing = [each.name for each in sheet.programme.parameters if _differs(each, values)]
    return jsonify(
        problems=problems,
        changed=differing,
        effect=html,
        summary=_summary(len(differing), len(moved)),
    )


@bp.post("/publication")
@login_required
def publish(key: str) -> ResponseReturnValue:
    """Make the draft's values a new version in which nothing else has changed.

    Refused if they are not those that the page showed last.
    """
    _require("definitions.deploy")
    body = json_body()
    note = str(body.get("note", "")).strip()
    try:
        with wiring().turn() as turn:
            sheet = _sheet(turn.session, key)
            if not any(field.differs for field in sheet.fields()):
                return jsonify(message=gettext("Nothing has changed.")), 409
            if str(body.get("updated_at") or "") != sheet.saved_at:
                return jsonify(message=saved_meanwhile(sheet.one, sheet.file)), 409
            problems = _problems(sheet, sheet.drafted)
            if problems:
                return jsonify(problems=problems), 422
            text = with_values(sheet.text, sheet.drafted)
            done = deploy_file(turn, key, sheet.file, text, note, person())
            turn.session.execute(delete(Draft).where(Draft.key == key, _file_is(sheet.file)))
            version = done.definitions[0].version
    except DiagramsRefused as refusal:
        return jsonify(problems=[problem_in_language(one) for one in refusal.problems]), 422
    said = gettext("Version %(version)s is in use for new cases.", version=version)
    return jsonify(message=said, url=url_for("parameters.show", key=key)), 201


@bp.post("/versions/<int:version>/return")
@login_required
def take_back(key: str, version: int) -> ResponseReturnValue:
    """Put the values of an earlier version into the draft, to look at before they are published."""
    _require("definitions.edit")
    with wiring().turn() as turn:
        sheet = _sheet(turn.session, key)
        old = next((one for one in _definitions(turn.session, key) if one.version == version), None)
        if old is None:
            raise DefinitionNotFound(f"{key}:{version}")
        values = {name: one.value for name, one in settings_in(key, old.files).items()}
        text = with_values(sheet.text, values)
        at, by = wiring().real_clock(), person().name
        keep_draft(turn.session, sheet.one, sheet.file, text, seen=sheet.saved_at, at=at, by=by)
    flash(
        gettext(
            "The values of version %(version)s are in your draft. Look at what they move, then "
            "publish.",
            version=version,
        ),
        "success",
    )
    return redirect(url_for("parameters.show", key=key), code=303)


# -- reading -----------------------------------------------------------------------------------


def _sheet(session: Session, key: str) -> Sheet:
    one = programme(session, key)
    file = f"{key}{PROGRAMME}"
    text = one.newest.files.get(file)
    written = check_programme(file, text)[0] if text is not None else None
    if text is None or written is None:
        abort(404)
    return Sheet(
        one=one,
        file=file,
        text=text,
        programme=written,
        compiled=load_definition(key, one.newest.files),
        drafted={name: each.value for name, each in settings_in(key, one.files).items()},
    )


def _require(action: str) -> None:
    if not access.may(person(), action):
        abort(403)


def _sent(body: Mapping[str, Any]) -> dict[str, str]:
    sent = body.get("fields")
    if not isinstance(sent, dict):
        abort(400)
    return {str(name): str(value) for name, value in sent.items()}


def _start(text: str) -> datetime:
    """The morning of the day that was chosen; today's if none was."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = now().astimezone(words.ZONE).date()
    return settle(datetime.combine(day, MORNING))


def _file_is(file: str) -> Any:
    return Draft.file_name == file


def _definitions(session: Session, key: str) -> Sequence[Definition]:
    """The last versions, the newest first, with their files."""
    query = select(Definition).where(Definition.key == key).order_by(Definition.version.desc())
    return session.scalars(query.limit(MOST_EDITIONS).options(undefer(Definition.bundle))).all()


def _editions(session: Session, key: str) -> list[Any]:
    return editions(_definitions(session, key))


def _groups(fields: Sequence[Field]) -> list[tuple[str, list[Field]]]:
    """The fields by the process that reads each first; what nothing reads comes last."""
    groups: dict[str, list[Field]] = {}
    for field in fields:
        groups.setdefault(field.uses[0].process_name if field.uses else "", []).append(field)
    last = groups.pop("", [])
    return [*groups.items(), *([("", last)] if last else [])]


def _told(words_of: Any) -> str:
    """Words in the reader's language."""
    return str(words_of.da if str(get_locale()) == "da" else words_of.en)


# -- what is wrong, and what moves -------------------------------------------------------------


def _problems(sheet: Sheet, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The findings of the settings as they would be, those of a value in words for its field."""
    text = with_values(sheet.text, values)
    files = sheet.one.newest.files
    others = {name: other for name, other in files.items() if name != sheet.file}
    uses = uses_of(sheet.compiled)
    found: dict[str, dict[str, Any]] = {}
    for problem in lint({sheet.file: text}, wiring().feel, deployed=others):
        parameter = sheet.programme.parameter(problem.element or "")
        if parameter is None or problem.severity != "error":
            continue
        said = problem_in_language(problem)
        if problem.rule in OWN_WORDS:
            field = field_of(parameter, values.get(parameter.name), uses[parameter.name])
            said["message"] = _said_at(field)
        said |= {"name": _told(parameter.label), "line": None, "column": None}
        found.setdefault(parameter.name, said)
    return list(found.values())


def _differs(parameter: Parameter, values: Mapping[str, Any]) -> bool:
    return bool(values.get(parameter.name, parameter.value) != parameter.value)


def _said_at(field: Field) -> str:
    parameter = field.parameter
    if fault_of(parameter.kind, field.value) is not None:
        return fault_in_words(field)
    if not is_within(parameter, field.value):
        return limits_in_words(parameter, field.calendars)
    options = ", ".join(in_words(parameter, one) for one in parameter.options)
    return gettext("Choose one of: %(options)s.", options=options)


def _summary(changed: int, moved: int) -> str:
    if not changed:
        return gettext("Nothing has changed.")
    values = ngettext("%(num)d value changes", "%(num)d values change", changed)
    days = ngettext("%(num)d deadline moves", "%(num)d deadlines move", moved)
    return gettext("%(values)s, %(days)s", values=values, days=days)


def _pictures(sheet: Sheet, moved: Sequence[Shift], values: Mapping[str, Any]) -> Any:
    """The diagrams with something that moves, the main one first."""
    marks = _marks(sheet, moved, values)
    files = sheet.one.newest.files
    for file in diagrams_of(files, sheet.one.newest.main_file):
        picture = picture_of(files[file], marks.get(file, {}), name_of(files[file], file))
        if file in marks and picture["svg"]:
            yield {**picture, "file": file}


def _marks(
    sheet: Sheet, moved: Sequence[Shift], values: Mapping[str, Any]
) -> dict[str, dict[str, Mark]]:
    """File to what is marked in its diagram; what calls a process with a mark is marked too."""
    marks: dict[str, dict[str, Mark]] = {}
    touched = set()
    for shift in moved:
        parameter = sheet.programme.parameter(shift.parameters[0])
        badge = badge_text(parameter, values[parameter.name]) if parameter else ""
        marks.setdefault(shift.use.file, {})[shift.use.element] = Mark("changed", badge or None)
        touched.add(shift.use.process)
    processes = sheet.compiled.processes.values()
    for _ in processes:
        callers = [
            (process, node)
            for process in processes
            for _, node in process.walk()
            if node.called in touched
        ]
        for process, node in callers:
            marks.setdefault(process.file, {}).setdefault(node.id, Mark("changed"))
        before = len(touched)
        touched |= {process.id for process, _ in callers}
        if len(touched) == before:
            break
    return marks
