"""How a handler says that it could not: the diagram's turn, time's turn, or ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta


class Fault(Exception):
    """Something the diagram can answer: an error boundary event catches `code`."""

    def __init__(self, code: str, /, **facts: Any) -> None:
        told = ", ".join(f"{name}={value}" for name, value in facts.items())
        super().__init__(f"{code}: {told}" if told else code)
        self.code = code
        self.facts = facts


class TryAgain(Exception):
    """Nothing is wrong that time does not heal; ask again after `delay` at the earliest."""

    def __init__(self, delay: timedelta, reason: str) -> None:
        super().__init__(reason)
        self.delay = delay
        self.reason = reason


class BadParameters(Exception):
    """The diagram gave a handler values that it cannot use; somebody must mend one of them."""

    def __init__(self, operation: str, errors: Mapping[str, Sequence[str]]) -> None:
        told = "; ".join(f"{name}: {' '.join(said)}" for name, said in errors.items())
        super().__init__(f"{operation} cannot use its parameters. {told}")
        self.operation = operation
        self.errors = {name: list(said) for name, said in errors.items()}


class PrivateText(Exception):
    """A text on its way out of the house names a person; it stays here."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"The {where} holds {what}; use the case's reference instead")
        self.where = where
        self.what = what


class UnknownOperation(Exception):
    """No handler answers to this operation."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"No handler is called {operation}")
        self.operation = operation
