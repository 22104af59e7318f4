"""What of an old version has no namesake in a new one, and what could take its place."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from processes.engine.elements.activities import ServiceTask, UserTask
from processes.engine.elements.containers import SubProcess
from processes.engine.elements.events import BoundaryEvent, CatchEvent, StartEvent
from processes.engine.elements.gateways import InclusiveGateway, ParallelGateway
from processes.engine.elements.loops import Repetition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from processes.engine import Definition
    from processes.engine.elements.base import NodeSpec
    from processes.engine.workflow import ScopeSpec

WAITING = (
    *(UserTask, ServiceTask, SubProcess, Repetition, CatchEvent),
    *(ParallelGateway, InclusiveGateway),
)
"""Where a case can stand."""

WATCHING = (BoundaryEvent, StartEvent)
"""Events that come and go with what they belong to."""

ALIKE = 0.6
"""How similar two names must be to suggest that they mean the same."""


@dataclass(frozen=True)
class Choice:
    """An element of the new version."""

    id: str
    name: str


@dataclass(frozen=True)
class Gap:
    """An element where cases may stand, and that the new version has not, or not as it was."""

    key: str
    """`scope/id`, as `Directions` takes it."""

    element: str
    name: str
    scope: str
    """What it is inside of; empty in the process itself."""

    choices: tuple[Choice, ...]
    suggestion: str | None


def gaps(old: Definition, new: Definition) -> list[Gap]:
    """The elements that need somebody's word, in document order."""
    return list(_gaps(old.main, new.main, ""))


def matched(old: Definition, new: Definition) -> int:
    """How many elements where cases may stand are known again by their id."""
    return _matched(old.main, new.main)


def _gaps(old: ScopeSpec, new: ScopeSpec, around: str) -> Iterator[Gap]:
    for spec in _waiting(old):
        twin = new.nodes.get(spec.node.id)
        if twin is None or type(twin) is not type(spec):
            yield _gap(spec, old, new, around)
        elif _inside(spec) is not None and _inside(twin) is not None:
            yield from _gaps(*_insides(spec, twin), spec.node.name or spec.node.id)


def _matched(old: ScopeSpec, new: ScopeSpec) -> int:
    known = 0
    for spec in _waiting(old):
        twin = new.nodes.get(spec.node.id)
        if twin is not None and type(twin) is type(spec):
            known += 1
            known += _matched(*_insides(spec, twin)) if _inside(spec) is not None else 0
    return known


def _waiting(scope: ScopeSpec) -> list[NodeSpec]:
    return [
        spec
        for spec in scope.nodes.values()
        if isinstance(spec, WAITING) and not isinstance(spec, WATCHING)
    ]


def _inside(spec: NodeSpec) -> ScopeSpec | None:
    part = spec.part if isinstance(spec, Repetition) else spec
    return part.body if isinstance(part, SubProcess) else None


def _insides(old: NodeSpec, new: NodeSpec) -> tuple[ScopeSpec, ScopeSpec]:
    one, other = _inside(old), _inside(new)
    assert one is not None  # noqa: S101 — narrowing: the caller has looked
    return one, other or one


def _gap(spec: NodeSpec, old: ScopeSpec, new: ScopeSpec, around: str) -> Gap:
    like = [one for one in _waiting(new) if type(one) is type(spec)]
    fresh = [one for one in like if one.node.id not in old.nodes]
    known = [one for one in like if one.node.id in old.nodes]
    return Gap(
        key=f"{old.name}/{spec.node.id}",
        element=spec.node.id,
        name=spec.node.name or spec.node.id,
        scope=around,
        choices=tuple(Choice(o.node.id, o.node.name or o.node.id) for o in [*fresh, *known]),
        suggestion=_suggestion(spec, fresh),
    )


def _suggestion(spec: NodeSpec, fresh: list[NodeSpec]) -> str | None:
    """The new element whose name or id is most like the old one's."""
    rated = [(_likeness(spec, one), one.node.id) for one in fresh]
    best, id_ = max(rated, default=(0.0, ""))
    return id_ if best >= ALIKE else None


def _likeness(one: NodeSpec, other: NodeSpec) -> float:
    pairs = [(one.node.name, other.node.name), (one.node.id, other.node.id)]
    return max(
        SequenceMatcher(None, a.casefold(), b.casefold()).ratio() for a, b in pairs if a or b
    )
