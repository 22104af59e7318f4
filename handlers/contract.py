"""The form of a handler: parameters and a job in, a result and effects out.

A handler never writes to our own database. What should change there it returns as effect
records, and the turn that finishes the job applies them together with the result, so either
all of it happens or nothing. What it does to the outside world goes through `Ports` and is
marked with the job's key, so that doing it twice does no harm.

The effects, and what the finishing turn does with each:

- `SetPhase`: `case.phase = phase`.
- `AssignTeamMember`: the case's team gets `account` in `role`, in place of who had it.
- `ReleaseTeamMember`: nobody fills `role` on the case any more.
- `RegisterOutcome`: one event `outcome.registered` with the three fields as its detail.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from marshmallow import Schema, ValidationError
from marshmallow import fields as wire

from handlers.errors import BadParameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from handlers.ports import Ports


@dataclass(frozen=True)
class JobContext:
    """Whose work this is."""

    key: str
    """The idempotency key: the same at every attempt of one job, never given to another."""

    case_id: str
    case_number: int
    case_reference: str
    """The pseudonym, such as T-01: the only way to mention the person outside the house."""

    unit: str
    element: str
    """Id of the service task in the diagram."""

    now: datetime
    """The case's clock, aware."""

    closing_days: frozenset[date] = frozenset()
    """Days on which the unit is closed beside public holidays."""

    private: frozenset[str] = frozenset()
    """Words that may not leave in a mail, such as the person's name; see `handlers.privacy`."""


@dataclass(frozen=True)
class SetPhase:
    """The case enters a phase of its programme."""

    phase: str


@dataclass(frozen=True)
class AssignTeamMember:
    """An account fills a role on the case from now on."""

    role: str
    account: str


@dataclass(frozen=True)
class ReleaseTeamMember:
    """Nobody fills a role on the case from now on."""

    role: str


@dataclass(frozen=True)
class RegisterOutcome:
    """How the programme went for this person, for the reports."""

    code: str
    criterion: str | None = None
    note: str = ""


Effect = SetPhase | AssignTeamMember | ReleaseTeamMember | RegisterOutcome


@dataclass(frozen=True)
class Done:
    """A handler has done its work."""

    result: Any = None
    """JSON; stored under the service task's result variable."""

    effects: tuple[Effect, ...] = ()

    kinds: dict[str, str] = field(default_factory=dict)
    """JSON pointer into the result to `date`, `time` or `date and time`."""


class Words(NamedTuple):
    """One text in both languages."""

    da: str
    en: str


P = TypeVar("P")
P_contra = TypeVar("P_contra", contravariant=True)


class Work(Protocol[P_contra]):
    """The function a handler is made of."""

    def __call__(self, asked: P_contra, job: JobContext, ports: Ports, /) -> Done: ...


def parameter(
    reads: wire.Field[Any],
    words: Words,
    *,
    kind: str = "str",
    example: str = "",
    default: Any = MISSING,
) -> Any:
    """A dataclass field that tells how to read its value from JSON and how to explain it.

    `kind` is the type the modeler shows, `example` a FEEL expression for it. A parameter
    without a default is required; null is the same as missing.
    """
    told = {"reads": reads, "words": words, "kind": kind, "example": example}
    return field(default=default, metadata=told)


@dataclass(frozen=True)
class Handler(Generic[P]):
    """One operation that service tasks can ask for."""

    operation: str
    """What diagrams call it; running cases have stored it, so it never changes."""

    takes: type[P]
    work: Work[P]
    label: Words
    about: Words
    faults: tuple[str, ...] = ()
    """Error codes that a boundary event may catch."""

    def __call__(self, parameters: Mapping[str, Any], job: JobContext, ports: Ports) -> Done:
        """Do the work once.

        Raises:
            BadParameters, Fault, TryAgain, PrivateText.
        """
        return self.work(self.read(parameters), job, ports)

    def read(self, parameters: Mapping[str, Any]) -> P:
        """The parameters as the record that the work takes.

        Raises:
            BadParameters: one is missing, unknown or of the wrong type.
        """
        given = {
            name: value for name, value in parameters.items() if not self._is_left_out(name, value)
        }
        try:
            return self.takes(**self._schema.load(given))
        except ValidationError as refused:
            raise BadParameters(self.operation, _flat(refused.messages_dict)) from refused

    def _is_left_out(self, name: str, value: Any) -> bool:
        """Null is no value, and empty text none for what may be missing."""
        return value is None or (value == "" and name in self._optional)

    @cached_property
    def _optional(self) -> frozenset[str]:
        described = fields(self.takes)  # type: ignore[arg-type]
        return frozenset(one.name for one in described if one.default is not MISSING)

    @cached_property
    def _schema(self) -> Schema:
        described = {one.name: one for one in fields(self.takes)}  # type: ignore[arg-type]
        read = {name: one.metadata["reads"] for name, one in described.items()}
        for name, one in described.items():
            read[name].required = one.default is MISSING
        return Schema.from_dict(read)()

    def described(self) -> dict[str, Any]:
        """What the modeler shows about this operation, as JSON."""
        return {
            "id": self.operation,
            "label": self.label._asdict(),
            "description": self.about._asdict(),
            "parameters": [_described(one) for one in fields(self.takes)],  # type: ignore[arg-type]
            "faults": list(self.faults),
        }


def handler(
    operation: str,
    *,
    takes: type[P],
    label: Words,
    about: Words,
    faults: tuple[str, ...] = (),
) -> Callable[[Work[P]], Handler[P]]:
    """Make a function the handler of an operation."""

    def made(work: Work[P]) -> Handler[P]:
        return Handler(operation, takes, work, label, about, faults)

    return made


def _described(one: Any) -> dict[str, Any]:
    told = one.metadata
    return {
        "id": one.name,
        "label": told["words"]._asdict(),
        "type": told["kind"],
        "required": one.default is MISSING,
        "example": told["example"],
    }


def _flat(messages: Mapping[Any, Any], at: str = "") -> dict[str, list[str]]:
    """Nested messages as `path: sentences`."""
    told: dict[str, list[str]] = {}
    for name, said in messages.items():
        path = f"{at}.{name}" if at else str(name)
        told |= _flat(said, path) if isinstance(said, dict) else {path: list(map(str, said))}
    return told
