"""Where process owners draw: programmes, diagrams, forms, drafts, versions, publishing."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from flask_login import login_required
from lxml import etree
from sqlalchemy import delete, select

from handlers import catalogue
from models.account import AccountRole
from models.definition import Definition
from models.draft import Draft
from models.errors import DefinitionNotFound, DiagramsRefused
from models.start_event import StartEvent
from processes import access
from processes.decision_trial import shown_in_feel, try_decision
from processes.deploy import deploy_programme
from processes.engine.diagram import read_diagram
from processes.engine.problems import BadDiagram
from processes.engine.programme import PROGRAMME
from processes.engine.statutes import read_statutes
from processes.lint import lint
from webapp import security
from webapp.api.body import holds_unstorable
from webapp.case_picture import diagrams_of, name_of, picture_of
from webapp.current import person, wiring
from webapp.history import display_name
from webapp.programmes import Programme, around, keep_draft, programme, programmes, versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from processes.engine.problems import Problem
    from processes.turn import Turn

bp = Blueprint("studio", __name__, url_prefix="/studio")

FORM, TABLES = ".form.json", ".dmn"
DRAWINGS = (".bpmn", ".dmn")
EMPTY_FORM: dict[str, Any] = {"type": "default", "schemaVersion": 19, "components": []}


@bp.get("")
@login_required
def index() -> ResponseReturnValue:
    """Every programme: its picture, version in use, running cases and drafts."""
    _require("definitions.show")
    with wiring().reading() as reading:
        cards = [
            {"programme": one, "svg": "" if one.is_part else _picture(one)}
            for one in programmes(reading)
        ]
        return render_template(
            "studio/index.html", cards=cards, may_edit=_may_edit(), may_begin=_may_begin(cards)
        )


@bp.get("/<key>")
@login_required
def show(key: str) -> ResponseReturnValue:
    """One programme: its diagrams, forms, decisions and versions."""
    _require("definitions.show")
    with wiring().reading() as reading:
        one = programme(reading, key)
        file = request.args.get("file")
        diagrams = diagrams_of(one.files, one.newest.main_file)
        file = file if file in diagrams else one.newest.main_file
        named = [(name, name_of(one.files[name], name)) for name in diagrams]
        forms, tables = _named_forms(one), _named_tables(one)
        return render_template(
            "studio/show.html",
            programme=one,
            diagrams=named,
            forms=forms,
            tables=tables,
            names=dict(named + forms + tables),
            versions=versions(reading, key),
            starts=_starts(reading, key),
            has_parameters=f"{key}{PROGRAMME}" in one.newest.files,
            file=file,
            may_edit=_may_edit(),
            may_migrate=access.may(person(), "definitions.migrate"),
            **picture_of(one.files.get(file, ""), {}, name_of(one.files.get(file, ""), file)),
        )


@bp.get("/<key>/diagram/<file>")
@login_required
def diagram(key: str, file: str) -> ResponseReturnValue:
    """The modeler on one diagram of the programme."""
    _require("definitions.edit")
    security.allow_editor_styles()
    with wiring().turn() as turn:
        one = programme(turn.session, key)
        if file not in diagrams_of(one.files, one.newest.main_file):
            abort(404)
        return render_template(
            "studio/diagram.html",
            programme=one,
            file=file,
            title=name_of(one.files[file], file),
            draft=one.draft(file),
            diagram={"xml": one.files[file]},
            catalogue=_catalogue(turn, one),
            may_publish=access.may(person(), "definitions.deploy"),
        )


@bp.get("/<key>/form/<file>")
@login_required
def form(key: str, file: str) -> ResponseReturnValue:
    """The form editor on one form of the programme; a new name begins a new form."""
    _require("definitions.edit")
    security.allow_editor_styles()
    if not file.endswith(FORM):
        abort(404)
    with wiring().reading() as reading:
        one = programme(reading, key)
        text = one.files.get(file)
        schema = json.loads(text) if text else {**EMPTY_FORM, "id": file.removesuffix(FORM)}
        return render_template(
            "studio/form.html",
            programme=one,
            file=file,
            title=dict(_named_forms(one)).get(file, file.removesuffix(FORM)),
            draft=one.draft(file),
            schema=schema,
            may_publish=access.may(person(), "definitions.deploy"),
        )


@bp.get("/<key>/table/<file>")
@login_required
def table(key: str, file: str) -> ResponseReturnValue:
    """The editor of decision tables on one file of the programme."""
    _require("definitions.edit")
    security.allow_editor_styles()
    with wiring().reading() as reading:
        one = programme(reading, key)
        if not file.endswith(TABLES) or file not in one.files:
            abort(404)
        return render_template(
            "studio/table.html",
            programme=one,
            file=file,
            title=", ".join(each["label"] for each in _decisions({file: one.files[file]})) or file,
            draft=one.draft(file),
            table={"xml": one.files[file]},
            may_publish=access.may(person(), "definitions.deploy"),
        )


@bp.post("/<key>/trial")
@login_required
def trial(key: str) -> ResponseReturnValue:
    """What a decision of the file on the screen answers for values somebody has written."""
    _require("definitions.edit")
    body = json_body()
    values, text = body.get("values"), _text(body, f"{key}{TABLES}")
    if not isinstance(values, dict):
        abort(400)
    written = {str(name): str(value) for name, value in values.items()}
    try:
        tried = try_decision(
            text, str(body.get("decision")), written, wiring().feel, wiring().now()
        )
    except BadDiagram as bad:
        return jsonify(
            problem=problem_in_language(bad.problems[0])["message"], questions=[], rules=[]
        )
    except KeyError:
        abort(404)
    return jsonify(
        questions=[{"name": one.name, "kind": one.kind} for one in tried.questions],
        answer=None if tried.problem else shown_in_feel(tried.answer),
        rules=tried.rules,
        problem=tried.problem,
    )


@bp.put("/<key>/draft/<file>")
@login_required
def save(key: str, file: str) -> ResponseReturnValue:
    """Keep a file as a draft; refused if somebody saved it since the page was opened."""
    _require("definitions.edit")
    body = json_body()
    text = _text(body, file)
    with wiring().turn() as turn:
        one = programme(turn.session, key)
        seen = str(body.get("updated_at") or "")
        at, by = wiring().real_clock(), person().name
        draft = keep_draft(turn.session, one, file, text, seen=seen, at=at, by=by)
        if draft is None:
            return jsonify(message=saved_meanwhile(one, file)), 409
        return jsonify(updated_at=draft.updated_at.isoformat())


@bp.post("/<key>/lint")
@login_required
def check(key: str) -> ResponseReturnValue:
    """What publishing would say about the file among the programme's other files."""
    _require("definitions.edit")
    body = json_body()
    file = str(body.get("file", ""))
    text = _text(body, file)
    with wiring().reading() as reading:
        one = programme(reading, key)
        others = {**around(reading, one), **one.files}
        keys = reading.scalars(select(Definition.key).distinct()).all()
        roles = reading.scalars(select(AccountRole.role).distinct()).all()
    others.pop(file, None)
    found = lint({file: text}, wiring().feel, deployed=others, processes=keys, roles=roles)
    return jsonify(problems=[problem_in_language(problem) for problem in found])


@bp.post("/<key>/publication")
@login_required
def publish(key: str) -> ResponseReturnValue:
    """Make the drafts a new version, which new cases use; running ones stay on theirs."""
    _require("definitions.deploy")
    note = str(json_body().get("note", "")).strip()
    try:
        with wiring().turn() as turn:
            one = programme(turn.session, key)
            deploy_programme(turn, key, one.files, note, person())
            turn.session.execute(delete(Draft).where(Draft.key == key))
            version = programme(turn.session, key).newest.version
    except DiagramsRefused as refusal:
        return jsonify(problems=[problem_in_language(problem) for problem in refusal.problems]), 422
    unchanged = version == one.newest.version
    said = (
        gettext("Nothing has changed since version %(version)s.", version=version)
        if unchanged
        else gettext("Version %(version)s is in use for new cases.", version=version)
    )
    return jsonify(message=said, url=url_for("studio.show", key=key)), 201


@bp.post("/<key>/draft/<file>/removal")
@login_required
def discard(key: str, file: str) -> ResponseReturnValue:
    """Throw a draft away; the published file counts again."""
    _require("definitions.edit")
    with wiring().turn() as turn:
        turn.session.execute(delete(Draft).where(Draft.key == key, Draft.file_name == file))
    flash(gettext("The draft is gone; the published version counts."), "success")
    return redirect(url_for("studio.show", key=key), code=303)


@bp.get("/<key>/versions/<int:version>")
@login_required
def old(key: str, version: int) -> ResponseReturnValue:
    """A published version as it was: its diagrams, who published it and why."""
    _require("definitions.show")
    with wiring().reading() as reading:
        found = _version(reading, key, version)
        diagrams = diagrams_of(found.files, found.main_file)
        file = request.args.get("file")
        file = file if file in diagrams else found.main_file
        return render_template(
            "studio/version.html",
            definition=found,
            diagrams=[(name, name_of(found.files[name], name)) for name in diagrams],
            file=file,
            **picture_of(found.files.get(file, ""), {}, name_of(found.files[file], file)),
        )


def _require(action: str) -> None:
    if not access.may(person(), action):
        abort(403)


def _may_edit() -> bool:
    return access.may(person(), "definitions.edit")


def _may_begin(cards: Sequence[Mapping[str, Any]]) -> bool:
    return bool(cards) and access.may(person(), "definitions.deploy")


def _version(session: Session, key: str, version: int) -> Definition:
    found = next((one for one, _ in versions(session, key) if one.version == version), None)
    if found is None:
        raise DefinitionNotFound(f"{key}:{version}")
    return found


def json_body() -> dict[str, Any]:
    """The request's JSON object."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        abort(400)
    if not isinstance(body, dict) or holds_unstorable(body):
        abort(400)
    return body


def _text(body: Mapping[str, Any], file: str) -> str:
    """The diagram's XML, or the form's schema as readable JSON, as the file's name promises."""
    if file.endswith(FORM) and isinstance(body.get("schema"), dict):
        return json.dumps(body["schema"], ensure_ascii=False, indent=2)
    if not file.endswith(DRAWINGS) or not isinstance(body.get("xml"), str):
        abort(400)
    return str(body["xml"])


def saved_meanwhile(one: Programme, file: str) -> str:
    """Why a draft is not kept."""
    draft = one.draft(file)
    return gettext(
        "%(who)s has saved this file since you opened it. Open it again to see the changes.",
        who=display_name(draft.updated_by if draft else None),
    )


def problem_in_language(problem: Problem) -> dict[str, Any]:
    """A finding as the editors show it."""
    danish = str(get_locale()) == "da"
    return {
        "file": problem.file,
        "element": problem.element,
        "name": problem.name,
        "line": problem.line,
        "column": problem.column,
        "rule": problem.rule,
        "severity": problem.severity,
        "message": problem.message_da if danish else problem.message,
    }


def _picture(one: Programme) -> str:
    svg: str = picture_of(one.newest.files[one.newest.main_file], {}, one.newest.name)["svg"]
    return svg


def _starts(reading: Session, key: str) -> Sequence[StartEvent]:
    """What begins cases of a process by itself."""
    query = select(StartEvent).where(StartEvent.key == key, StartEvent.state != "removed")
    return reading.scalars(query.order_by(StartEvent.kind, StartEvent.element)).all()


def _named_forms(one: Programme) -> list[tuple[str, str]]:
    """Each form with the tasks that show it, since a form has no title of its own."""
    used: dict[str, dict[str, None]] = {name: {} for name in one.files if name.endswith(FORM)}
    for file, text in one.files.items():
        for form, task in _form_users(file, text) if file.endswith(".bpmn") else ():
            used.setdefault(form, {})[task] = None
    return sorted(
        ((name, ", ".join(tasks) or name.removesuffix(FORM)) for name, tasks in used.items()),
        key=lambda pair: pair[1].casefold(),
    )


def _named_tables(one: Programme) -> list[tuple[str, str]]:
    """Each file of decisions with the names of what it decides."""
    return [
        (name, ", ".join(each["label"] for each in _decisions({name: text})) or name)
        for name, text in sorted(one.files.items())
        if name.endswith(TABLES)
    ]


def _form_users(file: str, text: str) -> Iterator[tuple[str, str]]:
    try:
        processes = read_diagram(file, text).processes
    except BadDiagram:
        return
    for process in processes:
        for _, node in process.walk():
            form = node.properties.get("form")
            if form:
                yield form if form.endswith(FORM) else form + FORM, node.name or node.id


def _catalogue(turn: Turn, one: Programme) -> dict[str, Any]:
    """What the modeler's panel offers to choose from."""
    danish = str(get_locale()) == "da"
    return {
        "forms": [
            {"id": name.removesuffix(FORM), "label": f"{name.removesuffix(FORM)} ({title})"}
            for name, title in _named_forms(one)
        ],
        "decisions": list(_decisions(one.files)),
        "statutes": list(_statutes(one, "da" if danish else "en")),
        "operations": [_operation(each, danish=danish) for each in catalogue()],
        "roles": sorted(access.STAFF),
        "messages": sorted(turn.definitions.message_names(turn.session)),
        "processes": [
            {"id": other.key, "label": other.newest.name} for other in programmes(turn.session)
        ],
    }


def _statutes(one: Programme, language: str) -> Iterator[dict[str, str]]:
    """The statutes that say a length, by their names."""
    for statute in read_statutes(one.files).values():
        if statute.duration is not None:
            yield {"id": statute.id, "label": f"{statute.id} {statute.name[language]}"}


def _operation(described: Mapping[str, Any], *, danish: bool) -> dict[str, Any]:
    def word(words: Any) -> Any:
        return words.get("da" if danish else "en") if isinstance(words, dict) else words

    return {
        **{key: word(value) for key, value in described.items() if key != "parameters"},
        "parameters": [
            {key: word(value) for key, value in parameter.items()}
            for parameter in described.get("parameters", [])
        ],
    }


def _decisions(files: Mapping[str, str]) -> Iterator[dict[str, str]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for name, text in files.items():
        if name.endswith(".dmn"):
            with suppress(etree.XMLSyntaxError):  # a draft may be anything; publishing says what
                for decision in etree.fromstring(text.encode(), parser).iter("{*}decision"):
                    id_ = str(decision.get("id"))
                    yield {"id": id_, "label": str(decision.get("name") or id_)}
