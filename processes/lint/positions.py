"""Where in its file a finding stands, for those whose reader kept only a line or an id."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from processes.engine.places import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from processes.engine.places import Place
    from processes.engine.problems import Problem


def located(problems: Iterable[Problem], files: Mapping[str, str]) -> Iterator[Problem]:
    """The findings, each with a line and a column; the file's beginning if nothing else is known.

    A form is JSON, whose reader tells no places: its components are found by their id or key.
    """
    for problem in problems:
        if problem.line and problem.column:
            yield problem
            continue
        line, column = _place(problem, files.get(problem.file, ""))
        yield replace(problem, line=line, column=column)


def _place(problem: Problem, text: str) -> tuple[int, int]:
    if problem.line:
        return problem.line, _first_column(text, problem.line)
    return (problem.element and _of_element(problem.element, text)) or (1, 1)


def _first_column(text: str, line: int) -> int:
    """The column of the first character of a line that is no blank."""
    written = text.split("\n", line)[line - 1 : line]
    return len(written[0]) - len(written[0].lstrip()) + 1 if written else 1


def _of_element(element: str, text: str) -> Place | None:
    named = re.escape(element)
    found = re.search(rf'"(?:id|key)"\s*:\s*"{named}"', text) or re.search(
        rf'<[^<>]*\bid\s*=\s*["\']{named}["\']', text
    )
    return Text(text).place(found.start()) if found else None
