"""What is wrong with a diagram, said so that its owner knows what to draw instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One finding at one element, in Danish and English."""

    file: str
    element: str | None
    line: int | None
    rule: str
    """Short stable name, such as `unknown-form`."""

    message: str
    message_da: str
    severity: str = "error"
    """`error` refuses the deployment; `warning` does not."""

    name: str = ""
    """The element's label, if it has one."""

    column: int | None = None
    """Characters from the line's beginning, the first being 1."""

    def __str__(self) -> str:
        """`file:line:column: element: message (rule)`, as compilers say it."""
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        element = f" {self.element}:" if self.element else ""
        return f"{where}:{element} {self.message} ({self.rule})"


class BadDiagram(Exception):
    """The files cannot be run; `problems` says where and why."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


class NotPossible(Exception):
    """A supervisor asks for what the case's position or its diagram does not allow."""

    def __init__(self, why: str, name: str = "") -> None:
        self.why = why
        """One word for the reason; see `models.errors.NotPossible`."""

        self.name = name
        super().__init__(f"not possible ({why}): {name}")


class NotWaiting(Exception):
    """A command names something the case does not wait for (any more)."""

    def __init__(self, what: str, identity: str) -> None:
        self.what = what
        self.identity = identity
        super().__init__(f"the case does not wait for {what} {identity}")
