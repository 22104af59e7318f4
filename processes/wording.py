"""The words of a programme that people read: in its diagrams, forms and decision tables.

Danish is the language they are written in. What stays out: mail that leaves the house, names that
only files know, and FEEL.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from lxml import etree

from processes.engine.diagram import MODEL, SPIFF
from processes.engine.markup import read_markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Translate = Callable[[str], str | None]
    """Danish to English; None for what has none."""

DIAGRAM, DECISIONS, FORM = ".bpmn", ".dmn", ".form.json"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NAMED = frozenset(
    {
        *("process", "participant", "lane", "sequenceFlow", "dataObjectReference"),
        *("task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask"),
        *("scriptTask", "businessRuleTask", "subProcess", "adHocSubProcess", "callActivity"),
        *("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"),
        *("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent"),
        "boundaryEvent",
    }
)
"""The elements whose `name` is a label."""

SAID = frozenset({f"{{{MODEL}}}documentation", f"{{{MODEL}}}text"})
"""The elements whose text is read."""

GUIDANCE = f"{{{SPIFF}}}instructionsForEndUser"
PHASE = "case/SetPhase"
FORM_TEXTS = (
    *("label", "description", "text", "title", "alt", "dateLabel", "timeLabel"),
    *("placeholder", "addLabel"),
)
"""What a component says itself."""

AROUND = ("prefixAdorner", "suffixAdorner")
LITERAL = re.compile(r'=?\s*"([^"\\]*)"\s*\Z')
PLACEHOLDER = re.compile(r"\{\{.*?\}\}")
LETTER = re.compile(r"[^\W\d_]")


def wording(files: Mapping[str, str]) -> dict[str, list[str]]:
    """Each text once, with the files that hold it, in the order of the files and their lines.

    Raises:
        BadDiagram: a file cannot be read.
    """
    found: dict[str, list[str]] = {}
    for name in sorted(files):
        for text in _texts(name, files[name]):
            places = found.setdefault(text, [])
            if name not in places:
                places.append(name)
    return found


def translated_form(form: Mapping[str, Any], english: Translate) -> dict[str, Any]:
    """A form-js schema in English; a question that is not wholly translated stays Danish.

    `lang` on each component says which it is.
    """
    if not isinstance(form, dict):
        return dict(form)
    known = {text: english(text) for text in _own_texts(form)}
    whole = all(known.values())
    said = _replaced(form, known) if whole else dict(form)
    parts = [translated_form(part, english) for part in form.get("components") or []]
    language = {"lang": "en" if whole else "da"} if known else {}
    return {**said, **language, **({"components": parts} if "components" in form else {})}


def translate_diagram(root: etree._Element, english: Translate) -> None:
    """Write a diagram's labels in English; those that have none are marked as Danish."""
    for element in root.iter():
        if isinstance(element.tag, str) and _is_named(element):
            text = element.get("name", "").strip()
            said = english(text)
            if said:
                element.set("name", said)
            elif _is_text(text):
                element.set(LANG, "da")


def _texts(name: str, content: str) -> Iterator[str]:
    """The texts of one file, as they stand."""
    if name.endswith(DIAGRAM):
        found = _in_diagram(read_markup(name, content))
    elif name.endswith(DECISIONS):
        found = _in_decisions(read_markup(name, content))
    elif name.endswith(FORM):
        found = _in_form(json.loads(content))
    else:
        found = iter(())
    return (text for text in map(str.strip, found) if _is_text(text))


def _is_text(text: str) -> bool:
    """Whether a translator has anything to do: no FEEL, and a letter outside of placeholders."""
    return not text.startswith("=") and bool(LETTER.search(PLACEHOLDER.sub("", text)))


# -- diagrams ----------------------------------------------------------------------------------


def _in_diagram(root: etree._Element) -> Iterator[str]:
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if _is_named(element):
            yield element.get("name", "")
        elif element.tag in SAID or element.tag == GUIDANCE:
            yield element.text or ""
        elif etree.QName(element).localname == "property":
            yield from _in_property(element.get("name", ""), element.get("value", ""))
        elif etree.QName(element).localname == "serviceTaskOperator":
            yield from _phases(element)


def _is_named(element: etree._Element) -> bool:
    name = etree.QName(element)
    return name.namespace == MODEL and name.localname in NAMED


def _in_property(name: str, value: str) -> Iterator[str]:
    if name in {"legalBasis", "ownerRole"} or name.startswith("lane."):
        yield value


def _phases(operator: etree._Element) -> Iterator[str]:
    if operator.get("id") == PHASE:
        for parameter in operator.iter("{*}parameter"):
            found = LITERAL.match(parameter.get("value", ""))
            if found and parameter.get("id") == "phase":
                yield found[1]


# -- decision tables ---------------------------------------------------------------------------


def _in_decisions(root: etree._Element) -> Iterator[str]:
    for element in root.iter("{*}decision", "{*}input", "{*}output", "{*}rule"):
        kind = etree.QName(element).localname
        if kind == "decision":
            yield element.get("name", "")
        elif kind == "rule":
            yield element.findtext("{*}description") or ""
        else:
            yield element.get("label", "")


# -- forms -------------------------------------------------------------------------------------


def _in_form(form: Any) -> Iterator[str]:
    if isinstance(form, dict):
        yield from _own_texts(form)
        for part in form.get("components") or []:
            yield from _in_form(part)


def _own_texts(part: Mapping[str, Any]) -> Iterator[str]:
    """What a component says, without the components in it."""
    said = [part.get(name) for name in FORM_TEXTS]
    said += [(part.get("appearance") or {}).get(name) for name in AROUND]
    said += [choice.get("label") for choice in _choices(part)]
    yield from (text.strip() for text in said if isinstance(text, str) and _is_text(text.strip()))


def _choices(part: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    rows = [*(part.get("values") or []), *(part.get("columns") or [])]
    return (row for row in rows if isinstance(row, dict))


def _replaced(part: Mapping[str, Any], english: Mapping[str, str | None]) -> dict[str, Any]:
    def say(said: Any) -> Any:
        return english.get(said.strip()) or said if isinstance(said, str) else said

    texts = {name: say(part[name]) for name in FORM_TEXTS if name in part}
    rows = {
        name: [{**row, "label": say(row.get("label"))} for row in part[name]]
        for name in ("values", "columns")
        if part.get(name)
    }
    around = part.get("appearance")
    looks = {"appearance": {name: say(text) for name, text in around.items()}} if around else {}
    return {**part, **texts, **rows, **looks}
