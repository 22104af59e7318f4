"""The diagram of a case: where it is, the way it came, and the same as a table."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, true

from models.event import Event
from models.incident import Incident
from models.subscription import Subscription
from models.timer import Timer
from processes.drawing.words import kind_in_words, state_in_words
from processes.engine.diagram import read_diagram
from processes.engine.problems import BadDiagram
from processes.picture import Mark, NoPicture, describe, draw
from webapp.case_look import open_tasks
from webapp.current import now
from webapp.language import chosen
from webapp.pages import ROLE_TINTS
from webapp.programme_words import english, plainly

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from processes.engine.diagram import Node
    from webapp.case_look import CaseLook

HERE = Mark("active")
OPEN = frozenset({"active", "incident", "late"})
TINTS = {role: f"lane-{number}" for number, role in enumerate(ROLE_TINTS, start=1)}


def of_case(session: Session, look: CaseLook, asked: str | None) -> dict[str, Any]:
    """What the diagram tab shows: one of the version's diagrams with the case's marks."""
    main_file = next(iter(look.files), "") and look.case.definition.main_file
    diagrams = diagrams_of(look.files, main_file)
    file = asked if asked in diagrams else main_file
    marks = with_callers(marks_of(session, look.case.id), look.files)
    return {
        "file": file,
        "diagrams": [(name, _title(look.files[name], name, marks)) for name in diagrams],
        **picture_of(look.files.get(file, ""), marks, name_of(look.files.get(file, ""), file)),
    }


def picture_of(xml: str, marks: Mapping[str, Mark], title: str) -> dict[str, Any]:
    """The SVG and its table; the SVG is empty when the file has no picture."""
    language = chosen()
    words = english if language == "en" else None
    try:
        svg = draw(xml, marks, plainly(title), _tints(), language=language, words=words)
    except NoPicture:
        svg = ""
    return {"svg": svg, "title": title, "rows": _rows(xml, marks, language)}


def _tints() -> dict[str, str]:
    """Colours of lanes, by what they are called for the reader."""
    return {**TINTS, **{plainly(role): tint for role, tint in TINTS.items()}}


def diagrams_of(files: Mapping[str, str], main_file: str) -> list[str]:
    """The bundle's diagrams, the main one first."""
    names = sorted(name for name in files if name.endswith(".bpmn"))
    return sorted(names, key=lambda name: name != main_file)


@lru_cache(maxsize=256)
def name_of(xml: str, file: str) -> str:
    """What the diagram calls its process; the file's name if it says nothing."""
    try:
        processes = read_diagram(file, xml).processes
    except BadDiagram:
        processes = []
    return next((one.name for one in processes if one.name), file.removesuffix(".bpmn"))


def marks_of(session: Session, case_id: UUID) -> dict[str, Mark]:
    """Element to what the case is doing or did there; what is open now wins."""
    done = select(Event.element).where(
        Event.case_id == case_id, Event.kind == "element.completed", Event.element.is_not(None)
    )
    marks = {str(element): Mark("done") for element in session.scalars(done.distinct())}
    marks.update((flow, Mark("done")) for flow in _flows(session, case_id))
    for waiting in (Timer, Subscription):
        state = "armed" if waiting is Timer else "open"
        query = select(waiting.element).where(waiting.case_id == case_id, waiting.state == state)
        marks.update((element, Mark("active")) for element in session.scalars(query))
    marks.update(_task_marks(session, case_id))
    broken = select(Incident.element).where(Incident.case_id == case_id, Incident.state == "open")
    marks.update((element, Mark("incident")) for element in session.scalars(broken))
    return marks


def with_callers(marks: Mapping[str, Mark], files: Mapping[str, str]) -> dict[str, Mark]:
    """The marks, and a call activity marked while something inside its process is open.

    What stands ready to begin a sub-process is always waiting, so it is not marked.
    """
    inside = _nodes_by_process(tuple((n, t) for n, t in files.items() if n.endswith(".bpmn")))
    nodes = {id_: node for each in inside.values() for id_, node in each.items()}
    marked = {id_: mark for id_, mark in marks.items() if not _stands_ready(nodes.get(id_), mark)}
    calls = {id_: node.called for id_, node in nodes.items() if node.called}
    for _ in inside:
        callers = [id_ for id_, called in calls.items() if _is_open(inside.get(called, {}), marked)]
        if all(marked.get(id_) == HERE for id_ in callers):
            break
        marked.update(dict.fromkeys(callers, HERE))
    return marked


@lru_cache(maxsize=64)
def _nodes_by_process(diagrams: tuple[tuple[str, str], ...]) -> dict[str, dict[str, Node]]:
    """Process to its nodes, those of its sub-processes included."""
    return {
        process.id: {node.id: node for _, node in process.walk()}
        for file, text in diagrams
        for process in read_diagram(file, text).processes
    }


def _is_open(nodes: Mapping[str, Node], marks: Mapping[str, Mark]) -> bool:
    return any(id_ in marks and marks[id_].state in OPEN for id_ in nodes)


def _stands_ready(node: Node | None, mark: Mark) -> bool:
    return node is not None and node.kind == "startEvent" and mark.state in OPEN


def _flows(session: Session, case_id: UUID) -> Sequence[str]:
    """The sequence flows that tokens have taken."""
    taken = func.jsonb_array_elements_text(Event.detail["flows"]).table_valued("value")
    query = select(taken.c.value).distinct().select_from(Event).join(taken, true())
    where = (Event.case_id == case_id, Event.kind == "element.completed")
    return session.scalars(query.where(*where, Event.detail.has_key("flows"))).all()


def _task_marks(session: Session, case_id: UUID) -> dict[str, Mark]:
    counts: dict[str, int] = {}
    late: set[str] = set()
    for task in open_tasks(session, case_id):
        counts[task.element] = counts.get(task.element, 0) + 1
        if task.due_at is not None and task.due_at < now():
            late.add(task.element)
    return {
        element: Mark("late" if element in late else "active", str(count) if count > 1 else None)
        for element, count in counts.items()
    }


def _rows(xml: str, marks: Mapping[str, Mark], language: str) -> list[dict[str, Any]]:
    try:
        rows = describe(xml, marks)
    except NoPicture:
        return []
    return [
        {
            "element": row.element,
            "name": row.name,
            "kind": kind_in_words(row.kind, language),
            "lane": row.lane,
            "state": state_in_words(row.state, language) if row.state else "",
        }
        for row in rows
    ]


def _title(xml: str, name: str, marks: Mapping[str, Mark]) -> str:
    try:
        rows = describe(xml, marks)
    except NoPicture:
        return name
    here = any(row.state in OPEN for row in rows)
    title = plainly(name_of(xml, name))
    return f"{title} •" if here else title
