"""The deadlines that law and practice lay down, and what an element gets that names one.

They are data beside the diagrams (`frister.json`), so a version carries the law as it stood when
somebody deployed it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from models import calendar
from processes.engine.diagram import Limit
from processes.engine.problems import BadDiagram, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from processes.engine.diagram import Node, Process, Trigger

STATUTES = "frister.json"
"""Name of the file."""

NAMED_BY = "statute"
"""The property of a user task or timer event that names a statute, such as `L3`."""

SOURCES = ("law", "programme", "default", "unverified")
"""Where a statute comes from: a law that was read, a programme's own document, the product's
default where documents are silent, or a law that nobody has verified."""

BINDING = frozenset({"calendar", "roll", "pausable"})
"""The properties that a diagram cannot set otherwise than a statute that binds."""

OPTIONAL = ("duration", "calendar", "roll", "repeats", "earliest", "repealed")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
ANY_DAY = calendar.parse_instant("2026-01-05T08:00")


@dataclass(frozen=True)
class Statute:
    """One deadline of the list."""

    id: str
    name: Mapping[str, str]
    """By language, `da` and `en`; likewise `starts` and `legal_basis`."""

    starts: Mapping[str, str]
    """What it counts from, in words."""

    legal_basis: Mapping[str, str]
    source: str
    """One of SOURCES."""

    pausable: bool
    """Whether people may stop it; one that they may not, binds: no diagram can lengthen it."""

    duration: str | None = None
    """ISO 8601; None where the law was searched and no length was found."""

    calendar: str = "local"
    roll: str = "none"
    repeats: bool = False
    """Whether a timer event rings every `duration`."""

    earliest: bool = False
    """Whether it is a notice: what it guards may come later, not sooner."""

    repealed: str | None = None
    """The year in which it is believed to have ended."""

    @property
    def limit(self) -> Limit | None:
        """What a diagram's own time may not go beyond; None where it is free."""
        if self.pausable or self.duration is None:
            return None
        return Limit(self.duration, self.calendar, self.roll, self.earliest)

    @property
    def properties(self) -> dict[str, str]:
        """What it says in the words of a diagram's properties."""
        return {
            "calendar": self.calendar,
            "roll": self.roll,
            "legalBasis": self.legal_basis["da"],
            "pausable": "true" if self.pausable else "false",
        }


def read_statutes(files: Mapping[str, str]) -> dict[str, Statute]:
    """The statutes of a bundle by id, in their order; empty without the file.

    Raises:
        BadDiagram: the file is not such a list.
    """
    found: dict[str, Statute] = {}
    for entry in _entries(files.get(STATUTES)):
        statute = _read(entry)
        if found.setdefault(statute.id, statute) is not statute:
            raise _bad(statute.id, "the id stands there twice", "id'et står der to gange")
    return found


def words_of_law(files: Mapping[str, str]) -> dict[str, str]:
    """What the statutes of a bundle say in Danish, and the same in English.

    Raises:
        BadDiagram: as `read_statutes`.
    """
    return {
        words["da"]: words["en"]
        for statute in read_statutes(files).values()
        for words in (statute.name, statute.starts, statute.legal_basis)
    }


def naming(process: Process) -> Iterator[tuple[Node, str]]:
    """The nodes of a process that name a statute, with its id."""
    for _, node in process.walk():
        named = node.properties.get(NAMED_BY, "").strip()
        if named:
            yield node, named


def lay_down(processes: Iterable[Process], statutes: Mapping[str, Statute]) -> None:
    """Give each element that names a statute what it does not say itself.

    Of one that binds, calendar, roll and pausable mark count whatever the diagram says.

    Raises:
        BadDiagram: an element names a statute that is not there, or that has no length.
    """
    problems = [
        _nothing_to_lay_down(process, node, named)
        for process in processes
        for node, named in naming(process)
        if not give(node, statutes.get(named))
    ]
    if problems:
        raise BadDiagram(problems)


def give(node: Node, statute: Statute | None) -> bool:
    """Let a node have what a statute says and it does not; false if there is nothing to give."""
    if statute is None or statute.duration is None:
        return False
    own = {name: value for name, value in node.properties.items() if value.strip()}
    if statute.limit is not None:
        own = {name: value for name, value in own.items() if name not in BINDING}
    node.limit = statute.limit
    node.properties = {**statute.properties, **own}
    if node.kind == "userTask":
        node.properties.setdefault("deadline", statute.duration)
    node.triggers = tuple(_timed(trigger, statute) for trigger in node.triggers)
    return True


def _timed(trigger: Trigger, statute: Statute) -> Trigger:
    """A timer that says no time itself has the statute's."""
    if trigger.kind != "timer" or trigger.expression:
        return trigger
    kind = trigger.timer or ("cycle" if statute.repeats else "duration")
    length = statute.duration or ""
    return replace(trigger, timer=kind, expression=f"R/{length}" if kind == "cycle" else length)


# -- reading -----------------------------------------------------------------------------------


def _entries(text: str | None) -> list[Any]:
    if text is None:
        return []
    try:
        return list(json.loads(text)["statutes"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _bad(None, f"it is no list of statutes ({error})", "det er ingen liste") from error


def _read(entry: Any) -> Statute:
    id_ = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(id_, str) or not id_:
        raise _bad(None, "an entry has no id", "en frist har intet id")
    try:
        statute = _statute(entry)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        da = error.da if isinstance(error, calendar.CalendarError) else str(error)
        raise _bad(id_, str(error), da) from error
    return statute


def _statute(entry: Mapping[str, Any]) -> Statute:
    """One entry of the file.

    Raises:
        KeyError, TypeError, ValueError: something is missing or makes no sense.
    """
    statute = Statute(
        id=entry["id"],
        name=_words(entry, "name"),
        starts=_words(entry, "starts"),
        legal_basis=_words(entry, "legalBasis"),
        source=entry["source"],
        pausable=entry["pausable"],
        **{name: entry[name] for name in OPTIONAL if name in entry},
    )
    if statute.source not in SOURCES:
        raise ValueError(f"source: {statute.source}")
    if not isinstance(statute.pausable, bool):
        raise TypeError(f"pausable: {statute.pausable}")
    if statute.duration is not None:
        calendar.due(ANY_DAY, statute.duration, calendar=statute.calendar, roll=statute.roll)
    return statute


def _words(entry: Mapping[str, Any], name: str) -> dict[str, str]:
    words = {language: str(entry[name][language]) for language in ("da", "en")}
    if any(UNSTORABLE.search(said) for said in words.values()):
        raise ValueError(f"{name}: a character that cannot be kept")
    return words


# -- what is wrong -----------------------------------------------------------------------------


def _bad(id_: str | None, why: str, why_da: str) -> BadDiagram:
    problem = Problem(
        STATUTES,
        id_,
        None,
        "not-statutes",
        f"The file does not hold statutory deadlines: {why}. Compare it with the one delivered.",
        f"Filen indeholder ikke lovens frister: {why_da}. Sammenlign med den leverede.",
    )
    return BadDiagram([problem])


def _nothing_to_lay_down(process: Process, node: Node, named: str) -> Problem:
    return Problem(
        process.file,
        node.id,
        node.line,
        "unknown-statute",
        f"The file {STATUTES} of this version holds no length for the statute '{named}'.",
        f"Filen {STATUTES} i denne version angiver ingen længde for lovfristen '{named}'.",
        name=node.name,
        column=node.column,
    )
