"""Are the settings beside a diagram of their kinds, and does anything that runs read them?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from models import calendar
from processes.engine.programme import PROGRAMME
from processes.engine.programme_file import Page, check_programme
from processes.engine.statutes import NAMED_BY
from processes.lint.expressions import expressions
from processes.lint.statutes import goes_beyond
from processes.lint.times import A_MONDAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from processes.engine.diagram import Node, Process
    from processes.engine.feel import FeelCheck
    from processes.engine.problems import Problem
    from processes.engine.programme import Parameter, ProgrammeFile

COUNTING = frozenset({"working", "weekday"})
"""The calendars that count single days only."""

READERS = (".dmn", ".form.json")


def check_programmes(
    files: Mapping[str, str],
    together: Mapping[str, str],
    drawn: Mapping[str, Process],
    parsed: Mapping[str, FeelCheck],
) -> Iterator[Problem]:
    """Every rule of the programmes' own files; `together` are all files that could read them."""
    for name, text in files.items():
        if not name.endswith(PROGRAMME):
            continue
        programme, problems = check_programme(name, text)
        yield from problems
        if programme is not None:
            process = drawn.get(name.removesuffix(PROGRAMME))
            yield from _check(programme, process, Page(name, text), together, drawn, parsed)


def readable_programmes(files: Mapping[str, str]) -> Iterator[ProgrammeFile]:
    """The programmes' own files that can be read."""
    for name, text in files.items():
        if name.endswith(PROGRAMME):
            programme, _ = check_programme(name, text)
            if programme is not None:
                yield programme


def reached_from(process: Process, drawn: Mapping[str, Process]) -> list[Process]:
    """A process and all that it calls, directly or not."""
    found = {process.id: process}
    waiting = [process]
    while waiting:
        for _, node in waiting.pop().walk():
            called = drawn.get(node.called or "")
            if called is not None and called.id not in found:
                found[called.id] = called
                waiting.append(called)
    return list(found.values())


def timed_by(node: Node, name: str) -> bool:
    """Whether a parameter alone says how long an element's deadline or timer is."""
    trigger = node.trigger
    text = node.properties.get("deadline", "") if trigger is None else trigger.expression
    return text.startswith("=") and text.removeprefix("=").strip() == name


def _check(
    programme: ProgrammeFile,
    process: Process | None,
    page: Page,
    together: Mapping[str, str],
    drawn: Mapping[str, Process],
    parsed: Mapping[str, FeelCheck],
) -> Iterator[Problem]:
    if process is None:
        key = page.file.removesuffix(PROGRAMME)
        yield page.problem("programme-stray", (), {"key": key}, severity="warning")
        return
    run = reached_from(process, drawn)
    read = _names_read(run, parsed)
    beside = " ".join(text for file, text in together.items() if file.endswith(READERS))
    for at, one in enumerate(programme.parameters):
        if one.name not in read and not re.search(rf"\b{one.name}\b", beside):
            path = ("parameters", at, "name")
            yield page.problem("programme-unread", path, {"name": one.name}, one, "warning")
        if one.name in process.parameters:
            path = ("parameters", at, "name")
            yield page.problem("programme-shadows", path, {"name": one.name}, one, "warning")
        if one.kind == "duration":
            yield from _uncountable(one, at, run, page)
            yield from _unlawful(one, at, run, page)


def _names_read(run: list[Process], parsed: Mapping[str, FeelCheck]) -> set[str]:
    return {
        name
        for process in run
        for expression in expressions(process)
        if expression.is_written
        for name in parsed[expression.text].variables
    }


def _uncountable(
    parameter: Parameter, at: int, run: list[Process], page: Page
) -> Iterator[Problem]:
    for process in run:
        for _, node in process.walk():
            rule = node.properties.get("calendar", "")
            if rule not in COUNTING or not timed_by(node, parameter.name):
                continue
            try:
                calendar.due(A_MONDAY, parameter.value, calendar=rule)
            except calendar.CalendarError as error:
                facts = {
                    "name": parameter.name,
                    "element": node.name or node.id,
                    "calendar": rule,
                    "reason": error.en,
                    "reason_da": error.da,
                }
                path = ("parameters", at, "value")
                yield page.problem("programme-uncountable", path, facts, parameter)


def _unlawful(parameter: Parameter, at: int, run: list[Process], page: Page) -> Iterator[Problem]:
    for process in run:
        for _, node in process.walk():
            limit = node.limit
            if limit is None or not timed_by(node, parameter.name):
                continue
            if goes_beyond(limit, parameter.value):
                facts = {
                    "name": parameter.name,
                    "value": parameter.value,
                    "element": node.name or node.id,
                    "statute": node.properties[NAMED_BY],
                    "lawful": limit.duration,
                }
                path = ("parameters", at, "value")
                yield page.problem("programme-unlawful", path, facts, parameter)
