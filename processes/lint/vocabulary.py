"""Which names can an expression know, and what is behind them?

A name is known when something writes it: a form, a table, a script, an operation, a mapping, a
message; or when the process declares it. What comes from outside may bring more.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from processes.engine.definition import typed
from processes.engine.elements.activities import form_name
from processes.engine.programme import KINDS as PARAMETERS
from processes.engine.properties import declared_names
from processes.forms.form import Form
from processes.forms.options import SINGLE, fixed_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from processes.engine.decision_model import Decision
    from processes.engine.diagram import Diagram, Node, Process
    from processes.engine.programme import ProgrammeFile
    from processes.forms.form import Part

CASE = ("reference",)
"""What every case tells about itself."""

COUNTED = (
    "loopCounter",
    "numberOfInstances",
    "nrOfInstances",
    "numberOfCompletedInstances",
    "nrOfCompletedInstances",
    "numberOfActiveInstances",
    "nrOfActiveInstances",
    "numberOfTerminatedInstances",
)
"""What repetitions count."""

LITERAL = re.compile(r'^(?:"(?P<text>[^"\\]*)"|(?P<number>-?\d+(?:\.\d+)?)|(?P<truth>true|false))$')
FIELDS = {
    "checkbox": "boolean",
    "checklist": "list",
    "number": "number",
    "taglist": "list",
    "textarea": "string",
    "textfield": "string",
}
"""Kind of a form's component to the FEEL kind of its answer."""

TYPES = {"dateTime": "date and time", "integer": "number", "long": "number", "double": "number"}
KINDS = frozenset(
    {
        "boolean",
        "context",
        "date",
        "date and time",
        "duration",
        "list",
        "number",
        "string",
        "time",
    }
)


@dataclass(frozen=True)
class Word:
    """What is known of a name."""

    kind: str | None = None
    """FEEL kind, as `number` or `date and time`; None is anything."""

    options: tuple[Any, ...] | None = None
    """Every value it can have, if that is known."""

    whole: bool = False
    """Whether its numbers are whole."""

    fields: Mapping[str, Word] = field(default_factory=dict)
    """What a context holds, as far as known."""

    def joined(self, other: Word) -> Word:
        """What is left to say of a name that two write."""
        kind = self.kind if self.kind == other.kind else None
        options = None
        if self.options is not None and other.options is not None:
            options = tuple(dict.fromkeys([*self.options, *other.options]))
        return Word(kind, options, self.whole and other.whole, {**other.fields, **self.fields})


@dataclass
class Vocabulary:
    """The names of some diagrams with everything that belongs to them."""

    words: dict[str, Word] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.words

    def add(self, name: str, word: Word | None = None) -> None:
        """One more that writes a name."""
        word = word or Word()
        known = self.words.get(name)
        self.words[name] = word if known is None else known.joined(word)

    def word(self, path: Iterable[str]) -> Word:
        """What is behind a name, or behind a field of what is behind it."""
        first, *rest = path
        word = self.words.get(first, Word())
        for name in rest:
            word = word.fields.get(name, Word())
        return word


def read_vocabulary(
    diagrams: Iterable[Diagram],
    decisions: Mapping[str, Decision],
    forms: Mapping[str, str],
    programmes: Iterable[ProgrammeFile],
    script_words: Callable[[str], Iterable[tuple[str, Word]]],
) -> Vocabulary:
    """Everything that the diagrams, tables and forms say they write.

    `script_words` gives the entries of a script.
    """
    vocabulary = Vocabulary()
    answers = {name: dict(form_words(text)) for name, text in forms.items()}
    for name in (*CASE, *COUNTED):
        vocabulary.add(name, Word("string" if name in CASE else "number"))
    for decision in decisions.values():
        vocabulary.add(decision.variable, decision_word(decision))
    for programme in programmes:
        for parameter in programme.parameters:
            vocabulary.add(parameter.name, Word(PARAMETERS[parameter.kind]))
    for diagram in diagrams:
        for process in diagram.processes:
            _add_process(process, vocabulary)
            for _, node in process.walk():
                _add_node(node, vocabulary, answers, decisions)
                if node.kind == "scriptTask":
                    for name, word in script_words(node.script):
                        vocabulary.add(name, word)
    return vocabulary


def _add_process(process: Process, vocabulary: Vocabulary) -> None:
    for name, text in process.parameters.items():
        vocabulary.add(name, _typed_word(text))
    for name in (*process.inputs, *process.outputs, *process.data_objects):
        vocabulary.add(name)
    for name, kind in declared_names(process.properties.get("startData")):
        vocabulary.add(name, Word(kind if kind in KINDS else None))


def _add_node(
    node: Node,
    vocabulary: Vocabulary,
    answers: Mapping[str, Mapping[str, Word]],
    decisions: Mapping[str, Decision],
) -> None:
    _add_contents(vocabulary, node.variable, answers.get(form_name(node) or "", {}))
    for trigger in node.triggers:
        brought = declared_names(node.properties.get("brings"))
        words = {name: Word(kind if kind in KINDS else None) for name, kind in brought}
        _add_contents(vocabulary, trigger.variable, words)
    if node.operation is not None and node.operation.result_variable:
        vocabulary.add(node.operation.result_variable)
    result = node.properties.get("resultVariable")
    decision = decisions.get(node.decision or "")
    if result:
        vocabulary.add(result, decision_word(decision) if decision else None)
    for prefix in ("in", "out"):
        for name in node.mapping(prefix):
            vocabulary.add(name)
    if node.loop is not None:
        _add_loop(node, vocabulary)


def _add_loop(node: Node, vocabulary: Vocabulary) -> None:
    assert node.loop is not None  # noqa: S101 — narrowing: the caller has looked
    for name in (node.loop.item, node.loop.output_item):
        if name:
            vocabulary.add(name)
    if node.loop.output_collection:
        vocabulary.add(node.loop.output_collection, Word("list"))


def _add_contents(vocabulary: Vocabulary, variable: str | None, words: Mapping[str, Word]) -> None:
    """What is stored under one name, or spread over the case."""
    if variable:
        vocabulary.add(variable, Word("context", fields=words) if words else None)
        return
    for name, word in words.items():
        vocabulary.add(name, word)


# -- forms -------------------------------------------------------------------------------------


def form_words(text: str) -> Iterator[tuple[str, Word]]:
    """The names a form's answers have, and what they can be; nothing if it is no form."""
    try:
        spec = json.loads(text)
        parts = Form.of(spec).parts
    except (AttributeError, RecursionError, TypeError, ValueError):
        return
    yield from _fields(parts).items()


def _fields(parts: Iterable[Part]) -> dict[str, Word]:
    found: dict[str, Any] = {}
    for part in parts:
        if not part.path:
            found |= _fields(part.parts)
            continue
        *above, last = [str(step) for step in part.path]
        place = found
        for step in above:
            held = place.get(step, {})
            place[step] = place = dict(held.fields) if isinstance(held, Word) else held
        place[last] = part_word(part)
    return {name: _as_word(value) for name, value in found.items()}


def _as_word(value: Word | dict[str, Any]) -> Word:
    if isinstance(value, Word):
        return value
    return Word("context", fields={name: _as_word(inner) for name, inner in value.items()})


def part_word(part: Part) -> Word:
    """What an answer can be."""
    if part.repeats:
        return Word("list")
    if not part.keyed:
        return Word("context", fields=_fields(part.parts))
    if part.type in SINGLE:
        return _choice_word(part)
    if part.type == "datetime":
        return Word(part.kind)
    options = (False, True) if part.type == "checkbox" else None
    whole = part.type == "number" and part.spec.get("decimalDigits") == 0
    return Word(FIELDS.get(part.type), options, whole)


def _choice_word(part: Part) -> Word:
    given = part.spec.get("values")
    if part.spec.get("valuesKey") is not None or not isinstance(given, list):
        return Word()
    return _word_of_values(fixed_options(given))


def _word_of_values(values: list[Any]) -> Word:
    kinds = {_kind_of_value(value) for value in values}
    if len(kinds) != 1 or None in kinds:
        return Word()
    [kind] = kinds
    return Word(kind, tuple(dict.fromkeys(values)))


def _kind_of_value(value: Any) -> str | None:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else None


# -- tables and texts --------------------------------------------------------------------------


def decision_word(decision: Decision) -> Word:
    """What a decision answers."""
    table = decision.table
    if table is None:
        return Word()
    if table.hit_policy in {"RULE ORDER", "OUTPUT ORDER"}:
        return Word("list")
    if table.hit_policy == "COLLECT":
        return Word("number" if table.aggregation in {"SUM", "COUNT"} else None)
    columns = [
        _column_word(
            column.type, [rule.results[at].text for rule in table.rules if rule.results[at:]]
        )
        for at, column in enumerate(table.outputs)
    ]
    if len(columns) == 1:
        return columns[0]
    names = [column.text for column in table.outputs]
    return Word("context", fields=dict(zip(names, columns, strict=True)))


def _column_word(type_name: str, cells: list[str]) -> Word:
    found = [literal(cell) for cell in cells]
    if found and all(value is not None for value in found):
        return _word_of_values(found)
    kind = TYPES.get(type_name, type_name)
    return Word(kind if kind in KINDS else None)


def literal(text: str) -> Any:
    """The value of a plain FEEL literal; None if the text is none."""
    match = LITERAL.match(text.strip())
    if match is None:
        return None
    if match["truth"]:
        return match["truth"] == "true"
    if match["number"]:
        return float(match["number"]) if "." in match["number"] else int(match["number"])
    return match["text"]


def _typed_word(text: str) -> Word:
    value = typed(text)
    if isinstance(value, dict):
        return Word(value["@feel"][0])
    return Word(_kind_of_value(value))
