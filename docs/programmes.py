"""Writes docs/programmes.md and a picture of each programme, from what lies in bpmn/."""

from __future__ import annotations

import json
import re
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from processes.catalogues import english_in
from processes.diagram_files import SHARED, programmes, read_files
from processes.engine import load_definition
from processes.engine.diagram import read_diagram
from processes.engine.elements.activities import form_name
from processes.engine.markup import read_markup
from processes.engine.programme import DEFAULT
from processes.engine.statutes import lay_down, read_statutes
from processes.picture import draw
from processes.scenario_files import bundle_for, read_library

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from processes.engine.decision_model import Decision
    from processes.engine.diagram import Node, Process
    from processes.engine.programme import Parameter, ProgrammeFile
    from processes.engine.statutes import Statute

ROOT = Path(__file__).parents[1]
BPMN = ROOT / "bpmn"
PAGE = ROOT / "docs" / "programmes.md"
TINTS = {
    "Visitator": "#e7f0f9",
    "Koordinator": "#eaf5ec",
    "Mentor": "#fdf3e1",
    "Visitationsudvalg": "#f3ecf8",
    "Underviser": "#e6f5f5",
    "Leder": "#fbe9ea",
    "SSP-konsulent": "#f1f1e6",
    "Kriminalforsorg": "#ececec",
}
PAPER = '<rect x="-100%" y="-100%" width="300%" height="300%" fill="#fff"/>'
"""A picture on its own has no page below it, and a dark reader would show black on black."""

HEAD = """\
# Programmes

What each programme in `bpmn/` does, by whom, by when, and where that is written. English with the
Danish word in italics. Written by `make programmes` from the diagrams, forms, tables,
catalogues and programme files themselves; a test holds this page to them.

A source such as S1 stands in the programme's own list. **default** marks what no document says: the
municipality's process owner decides it, on the programme's page of parameters.
"""
STEPS = {
    "userTask": "task",
    "manualTask": "task",
    "callActivity": "part",
    "businessRuleTask": "decision",
    "serviceTask": "automatic",
    "scriptTask": "automatic",
    "sendTask": "automatic",
}
"""The nodes that are steps, and what kind of step."""

DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
UNITS = ("year", "month", "week", "day", "hour", "minute")
CALENDARS = {
    "clock": "clock hours, every day",
    "working": "working days",
    "weekday": "weekdays, Saturday included",
    "local": "calendar",
}


class Words:
    """What a bundle says in English, with the Danish in italics."""

    def __init__(self, files: Mapping[str, str], key: str) -> None:
        self.english = english_in(files, key)

    def both(self, danish: str | None) -> str:
        english = self.only(danish)
        return f"{english} (*{_cell(danish)}*)" if danish and english != _cell(danish) else english

    def only(self, danish: str | None) -> str:
        return _cell(self.english.get((danish or "").strip()) or danish or "")


def page() -> str:
    """The whole text."""
    folders = programmes(BPMN)
    told = [_programme(folder) for folder in folders]
    index = [
        f"- [{name}](#{_anchor(name)})"
        for name in [*(_name(folder) for folder in folders), "Shared parts", "Statutory deadlines"]
    ]
    return "\n".join([HEAD, *index, "", *told, _shared(), _statutes()])


def pictures() -> dict[Path, str]:
    """File to SVG: each programme's main diagram."""
    return {ROOT / "docs" / f"{f.name}.svg": _picture(f) for f in programmes(BPMN)}


# -- a programme -------------------------------------------------------------------------------


def _programme(folder: Path) -> str:
    key, files = folder.name, bundle_for(folder.name, read_library(read_files(folder)))
    definition = load_definition(key, files)
    words, about = Words(files, key), definition.programmes[key]
    own = [p for p in definition.processes.values() if (folder / p.file).exists()]
    own.sort(key=lambda process: process.id != key)
    shared = [p for p in definition.processes.values() if p not in own]
    values = {**definition.process.parameters, **{one.name: one.text for one in about.parameters}}
    lines = [
        f"## {_cell(about.name.en)}",
        "",
        f"*{_cell(about.name.da)}*, [`bpmn/{key}`](../bpmn/{key}).",
        _cell(about.summary.en),
        "",
        f"![Diagram of {_cell(about.name.en)}, in Danish]({key}.svg)",
        "",
        "Sources: "
        + "; ".join(f"**{short}** {_cell(title)}" for short, title in about.sources.items())
        + ".",
        "",
        *_facts(about),
        *_steps(own, words),
        *_calls(shared, words),
        "### Roles",
        "",
        ", ".join(words.both(role) for role in _roles([*own, *shared])) + ".",
        "",
        *_deadlines([*own, *shared], values, words),
        *_forms(own, definition.forms, words, folder),
        *_decisions(_decided(own, definition.decisions.by_id), words),
        *_indicators(about),
        *_parameters(about),
    ]
    return "\n".join(lines)


def _name(folder: Path) -> str:
    files = read_files(folder)
    key = folder.name
    return _cell(load_definition(key, bundle_for(key, read_library(files))).programmes[key].name.en)


def _facts(about: ProgrammeFile) -> Iterator[str]:
    if about.facts:
        rows = [(_cell(one.text.en), _source(one.source)) for one in about.facts]
        yield from _table("### Facts", ("Fact", "Source"), rows)


def _indicators(about: ProgrammeFile) -> Iterator[str]:
    rows = [
        (one.id, _cell(one.text.en), _cell(one.target) or "–", _source(one.source))
        for one in about.indicators
    ]
    yield from _table("### Indicators", ("", "What is measured", "Target", "Source"), rows)


def _parameters(about: ProgrammeFile) -> Iterator[str]:
    rows = [
        (
            f"`{one.name}`",
            f"{_cell(one.label.en)} (*{_cell(one.label.da)}*)",
            _value(one),
            _source(one.source),
            _cell(one.note.en) if one.note else "",
        )
        for one in about.parameters
    ]
    yield from _table("### Parameters", ("Name", "What", "Value", "Source", "Note"), rows)


def _value(one: Parameter) -> str:
    if one.kind in {"duration", "cycle"}:
        return _spoken(str(one.value))
    if one.kind == "truth":
        return "yes" if one.value else "no"
    unit = {"money": " kr.", "percent": " %"}.get(one.kind, "")
    return _cell(f"{one.value}{unit}")


def _source(source: str) -> str:
    return "**default**" if source == DEFAULT else source


# -- diagrams ----------------------------------------------------------------------------------


def _steps(processes: Iterable[Process], words: Words) -> Iterator[str]:
    for process in processes:
        rows = [
            (words.both(node.name), STEPS[node.kind], words.only(node.lane), _what(node, words))
            for _, node in process.walk()
            if node.kind in STEPS
        ]
        heading = f"### Steps: {words.both(process.name)}"
        yield from _table(heading, ("Step", "Kind", "Role", "With"), rows)


def _what(node: Node, words: Words) -> str:
    if node.called:
        bound = [f"{words.only(k)} is {words.only(v)}" for k, v in node.mapping("lane").items()]
        return f"`{node.called}`" + (f"; {', '.join(bound)}" if bound else "")
    if node.operation is not None:
        return f"`{node.operation.id}`"
    return f"`{form_name(node) or node.decision}`" if form_name(node) or node.decision else ""


def _calls(shared: Iterable[Process], words: Words) -> Iterator[str]:
    names = [f"{words.both(p.name)} `{p.id}`" for p in shared]
    if names:
        yield from ("### Shared parts it uses", "", "; ".join(names) + ".", "")


def _roles(processes: Iterable[Process]) -> list[str]:
    bound = [n.mapping("lane").values() for p in processes for _, n in p.walk() if n.called]
    lanes = {lane for process in processes for lane in process.lanes}
    return sorted(lanes | {role for roles in bound for role in roles})


def _deadlines(
    processes: Iterable[Process], values: Mapping[str, str], words: Words
) -> Iterator[str]:
    rows = [
        row
        for process in processes
        for _, node in process.walk()
        for row in _deadline(process, node, values, words)
    ]
    heads = ("Step", "In", "Length", "Counts in", "Statute", "Basis", "May be paused")
    yield from _table("### Deadlines", heads, rows)


def _deadline(
    process: Process, node: Node, values: Mapping[str, str], words: Words
) -> Iterator[tuple[str, ...]]:
    told = node.properties
    timer = node.trigger if node.trigger and node.trigger.kind == "timer" else None
    length = told.get("deadline") or (timer.expression if timer else "")
    if not length or not {"legalBasis", "statute"} & told.keys():
        return
    named = length.removeprefix("=").strip()
    yield (
        words.both(node.name),
        words.only(process.name),
        _spoken(values.get(named) or process.parameters.get(named) or named),
        CALENDARS[told.get("calendar", "local")],
        told.get("statute", ""),
        words.only(told.get("legalBasis")),
        "no" if told.get("pausable") == "false" else "yes",
    )


def _spoken(text: str) -> str:
    """An ISO duration or cycle in words; an expression as code."""
    prefix, _, length = text.rpartition("/")
    found = DURATION.fullmatch(length)
    if found is None:
        return f"`{_cell(text)}`"
    parts = [
        f"{n} {unit}{'' if n == '1' else 's'}"
        for n, unit in zip(found.groups(), UNITS, strict=True)
        if n
    ]
    return ("every " if prefix else "") + " ".join(parts)


def _picture(folder: Path) -> str:
    xml = (folder / f"{folder.name}.bpmn").read_text(encoding="utf-8")
    [process, *_] = read_diagram(folder.name, xml).processes
    colours = cycle(TINTS.values())
    tints = {lane: TINTS.get(lane) or next(colours) for lane in process.lanes}
    head, tag, rest = draw(xml, {}, process.name, tints).partition("</title>")
    return f"{head}{tag}{PAPER}{rest}\n"


# -- forms and tables --------------------------------------------------------------------------


def _forms(
    processes: Iterable[Process], forms: Mapping[str, Any], words: Words, folder: Path
) -> Iterator[str]:
    asked = {form_name(node): node for p in processes for _, node in p.walk() if form_name(node)}
    rows = [
        (f"`{name}`", form["compartment"], words.only(asked[name].name), _fields(form, words))
        for name, form in sorted(forms.items())
        if name in asked and (folder / name).exists()
    ]
    yield from _table("### Forms", ("Form", "Compartment", "Asked at", "Fields"), rows)


def _fields(form: Mapping[str, Any], words: Words) -> str:
    return ", ".join(
        words.both(label) + (f": {_fields(part, words)}" if part.get("components") else "")
        for part in form.get("components", [])
        if (label := part.get("label") or part.get("dateLabel") or part.get("timeLabel"))
    )


def _decided(processes: Iterable[Process], known: Mapping[str, Decision]) -> list[Decision]:
    names = {node.decision for p in processes for _, node in p.walk() if node.decision}
    return [known[name] for name in sorted(names)]


def _decisions(decisions: Iterable[Decision], words: Words) -> Iterator[str]:
    rows = [
        (
            f"{words.both(one.name)} `{one.id}`",
            ", ".join(words.both(c.label) for c in one.table.inputs) if one.table else "",
            ", ".join(words.both(c.label) for c in one.table.outputs) if one.table else "",
            str(len(one.table.rules)) if one.table else "",
        )
        for one in decisions
    ]
    yield from _table("### Decisions", ("Decision", "From", "Answers", "Rules"), rows)


# -- what all share ----------------------------------------------------------------------------


def _shared() -> str:
    folder = BPMN / SHARED
    files = read_files(folder)
    words = Words(files, SHARED)
    processes = [
        process
        for path in sorted(folder.glob("*.bpmn"))
        for process in read_diagram(path.name, files[path.name]).processes
    ]
    lay_down(processes, read_statutes(files))
    forms = _read_forms(files)
    lines = [
        "## Shared parts",
        "",
        f"Called by the programmes, [`bpmn/{SHARED}`](../bpmn/{SHARED}). A programme's own",
        "parameters go before the lengths that stand here.",
        "",
    ]
    for process in processes:
        about = _documentation(files[process.file], process.id)
        lines += [f"### {words.both(process.name)}", "", f"`{process.id}`. {words.only(about)}", ""]
        lines += [line.replace("### ", "#### ") for line in _steps([process], words)]
        lines += [line.replace("### ", "#### ") for line in _deadlines([process], {}, words)]
        lines += [line.replace("### ", "#### ") for line in _forms([process], forms, words, folder)]
    return "\n".join(lines)


def _statutes() -> str:
    rows = [
        (
            one.id,
            f"{_cell(one.name['en'])} (*{_cell(one.name['da'])}*)",
            _length(one),
            CALENDARS[one.calendar],
            _cell(one.starts["en"]),
            _cell(one.legal_basis["en"]),
            one.source,
            "yes" if one.pausable else "no",
        )
        for one in read_statutes(read_files(BPMN / SHARED)).values()
    ]
    heads = ("", "Deadline", "Length", "Counts in", "From", "Basis", "Source", "May be paused")
    return "\n".join(_table("## Statutory deadlines", heads, rows)).rstrip() + "\n"


def _length(one: Statute) -> str:
    if one.duration is None:
        return "not found"
    return ("every " if one.repeats else "") + _spoken(one.duration)


def _read_forms(files: Mapping[str, str]) -> dict[str, Any]:
    return {name: json.loads(text) for name, text in files.items() if name.endswith(".form.json")}


def _documentation(xml: str, process: str) -> str:
    for node in read_markup(process, xml).iterfind(".//{*}process"):
        if node.get("id") == process:
            return node.findtext("{*}documentation") or ""
    return ""


# -- Markdown ----------------------------------------------------------------------------------


def _table(heading: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield from (heading, "")
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|").replace("<", "&lt;")


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    for path, svg in pictures().items():
        path.write_text(svg, encoding="utf-8")
