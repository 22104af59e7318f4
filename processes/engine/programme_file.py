"""Reads a programme's own file, and says of each thing that is wrong where it stands and why."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from processes.engine.places import Text
from processes.engine.problems import BadDiagram, Problem
from processes.engine.programme import DEFAULT, KINDS
from processes.engine.programme_sayings import SAYINGS, SHAPES
from processes.engine.programme_schema import ProgrammeSchema
from processes.engine.programme_values import SIZES, fault_of, is_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from processes.engine.programme import Fact, Indicator, Parameter, ProgrammeFile

    Path = tuple[str | int, ...]
    """The keys and positions that lead to a value."""

LIMITS = ("minimum", "maximum")
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[{}\[\],]|[^\s{}\[\],:"]+')


def read_programme(file: str, text: str) -> ProgrammeFile:
    """The programme that `text` writes.

    Raises:
        BadDiagram: it is none; each problem has its line and column.
    """
    programme, problems = check_programme(file, text)
    if programme is None or problems:
        raise BadDiagram(problems)
    return programme


def check_programme(file: str, text: str) -> tuple[ProgrammeFile | None, list[Problem]]:
    """The programme that `text` writes, if it can be read, and everything wrong with it."""
    try:
        written = json.loads(text)
    except json.JSONDecodeError as error:
        place = (error.lineno, error.colno)
        return None, [_problem(file, "programme-not-json", place, {"reason": error.msg})]
    except (RecursionError, ValueError):
        return None, [_problem(file, "programme-shape", (1, 1), _shape("object", file))]
    page = Page(file, text)
    try:
        programme: ProgrammeFile = ProgrammeSchema().load(written)
    except ValidationError as error:
        return None, [page.misshapen(path, code, written) for path, code in _leaves(error.messages)]
    return programme, list(_values(programme, page))


class Page:
    """A file that tells where its values stand."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._text = Text(text)
        self._offsets = _offsets(text)

    def problem(
        self,
        rule: str,
        path: Path,
        facts: Mapping[str, str],
        about: Parameter | None = None,
        severity: str = "error",
    ) -> Problem:
        """A finding at the value that a path leads to, or at the nearest one around it."""
        near = path
        while near not in self._offsets and near:
            near = near[:-1]
        place = self._text.place(self._offsets.get(near, 0))
        return _problem(self.file, rule, place, facts, about, severity)

    def misshapen(self, path: Path, code: str, written: Any) -> Problem:
        """What the schema found, as a sentence."""
        shown = " › ".join(str(step) for step in path) or self.file
        value = _at(written, path)
        if code in SHAPES:
            return self.problem("programme-shape", path, _shape(code, shown))
        facts = {"what": shown, "value": str(value), "known": ", ".join(sorted(KINDS))}
        return self.problem(f"programme-{code}", path, facts)


def _offsets(text: str) -> dict[Path, int]:
    """Where each value of some JSON begins; a value in `{ }` with its name."""
    found: dict[Path, int] = {}
    path: list[str | int | None] = []
    for token in TOKEN.finditer(text):
        sign = token[0]
        if sign == ",":
            path[-1] = path[-1] + 1 if isinstance(path[-1], int) else None
        elif sign in "}]":
            path.pop()
        elif path and path[-1] is None:
            path[-1] = json.loads(sign)
            found.setdefault(tuple(path), token.start())  # type: ignore[arg-type]
        else:
            found.setdefault(tuple(path), token.start())  # type: ignore[arg-type]
            if sign in "{[":
                path.append(None if sign == "{" else 0)
    return found


def _at(written: Any, path: Path) -> Any:
    for step in path:
        try:
            written = written[step]
        except (KeyError, IndexError, TypeError):
            return None
    return written


def _leaves(messages: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each code that the schema gave, with the path to what it is about."""
    if not isinstance(messages, dict):
        yield from ((path, str(code)) for code in messages)
        return
    for step, inner in messages.items():
        is_part = step == "_schema" or (path[:1] == ("sources",) and step in {"key", "value"})
        yield from _leaves(inner, path if is_part else (*path, step))


# -- what is written in the right shape and still wrong ----------------------------------------


def _values(programme: ProgrammeFile, page: Page) -> Iterator[Problem]:
    seen: set[str] = set()
    for at, parameter in enumerate(programme.parameters):
        here = ("parameters", at)
        if parameter.name in seen:
            facts = {"name": parameter.name}
            yield page.problem("programme-twice", (*here, "name"), facts, parameter)
        seen.add(parameter.name)
        yield from _value(parameter, here, page)
    for path, source in _sources(programme):
        if source not in {*programme.sources, DEFAULT}:
            yield page.problem("programme-source", path, {"value": source})


def _value(parameter: Parameter, here: Path, page: Page) -> Iterator[Problem]:
    unfit = False
    for part, value in _parts(parameter):
        fault = fault_of(parameter.kind, value)
        if fault is not None:
            unfit = True
            facts = {"what": str(part[0]), "name": parameter.name, "value": _shown(value)}
            wanted = {"wanted": fault[0], "wanted_da": fault[1]}
            yield page.problem("programme-value", (*here, *part), facts | wanted, parameter)
    if not unfit:
        yield from _bounds(parameter, here, page)


def _parts(parameter: Parameter) -> Iterator[tuple[Path, Any]]:
    """Everything of a parameter that is to be of its kind, with the path to it."""
    yield ("value",), parameter.value
    for limit in LIMITS:
        if getattr(parameter, limit) is not None:
            yield (limit,), getattr(parameter, limit)
    for at, option in enumerate(parameter.options):
        yield ("options", at), option


def _bounds(parameter: Parameter, here: Path, page: Page) -> Iterator[Problem]:
    facts = {"name": parameter.name, "value": _shown(parameter.value)}
    if parameter.kind not in SIZES:
        for limit in LIMITS:
            if getattr(parameter, limit) is not None:
                told = facts | {"what": limit}
                yield page.problem("programme-no-scale", (*here, limit), told, parameter)
    elif not is_within(parameter, parameter.value):
        limits = {limit: _shown(getattr(parameter, limit)) for limit in LIMITS}
        yield page.problem("programme-limit", (*here, "value"), facts | limits, parameter)
    if parameter.options and parameter.value not in parameter.options:
        known = ", ".join(map(_shown, parameter.options))
        told = facts | {"known": known}
        yield page.problem("programme-option", (*here, "value"), told, parameter)


def _sources(programme: ProgrammeFile) -> Iterator[tuple[Path, str]]:
    said: dict[str, Iterable[Parameter | Indicator | Fact]] = {
        "parameters": programme.parameters,
        "indicators": programme.indicators,
        "facts": programme.facts,
    }
    for key, entries in said.items():
        for at, one in enumerate(entries):
            yield (key, at, "source"), one.source


def _shown(value: Any) -> str:
    return "–" if value is None else json.dumps(value, ensure_ascii=False)


def _shape(code: str, shown: str) -> dict[str, str]:
    english, danish = (text.format() for text in SHAPES[code])
    return {"what": shown, "wanted": english, "wanted_da": danish}


def _problem(
    file: str,
    rule: str,
    place: tuple[int, int],
    facts: Mapping[str, str],
    about: Parameter | None = None,
    severity: str = "error",
) -> Problem:
    english, danish = SAYINGS[rule]
    return Problem(
        file=file,
        element=about.name if about else None,
        line=place[0],
        rule=rule,
        message=english.format(**facts),
        message_da=danish.format(**facts),
        severity=severity,
        name=about.label.da if about else "",
        column=place[1],
    )
