"""Do splits and joins fit together, whatever the answers are?

A scope is played with tokens only: every answer a gateway could give, every event on an edge that
could or could not come. Tokens never hinder each other in BPMN, so one order of moving them stands
for all, and few states are left. Where there are too many, nothing is said.

Source: Valmari, Stubborn sets for reduced state space generation, 1991; Karp and Miller, Parallel
program schemata, 1969 (a state that contains an earlier one grows without end).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations, product
from typing import TYPE_CHECKING

from processes.engine.diagram import ACTIVITIES
from processes.lint.findings import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from processes.engine.diagram import Flow, Node
    from processes.lint.findings import Findings
    from processes.lint.graph import Graph

MOST_STATES = 3_000
MOST_ANSWERS = 5
"""Conditions of one split whose combinations are all tried."""

MOST_ROUNDS = 20
"""Earlier states that a split in a circle is compared with."""

DRAINS = 2
"""Tokens of one flow told apart where they can only run to an end."""

Outcome = tuple[int, ...]
"""Where the tokens are after an element: numbers of flows."""

State = tuple[int, ...]
"""Sorted numbers of flows, one for each token in front of their ends."""

JOINING = frozenset({"parallelGateway", "inclusiveGateway"})
CHOOSING = frozenset({"exclusiveGateway", "eventBasedGateway"})
NEVER = ("join-never-fires", "error")
OVER = (-1,)
"""The outcome that ends everything in the scope."""


def check_soundness(graph: Graph, findings: Findings) -> None:
    """Joins that wait in vain, and splits whose tokens are never joined."""
    net = Net(graph)
    if not net.playable:
        return
    played = [Play(net, net.begin(start)) for start in net.starts]
    if not all(play.run() for play in played):
        return
    _tell(net, played, findings)


def _tell(net: Net, played: list[Play], findings: Findings) -> None:
    floods = {split: None for play in played for split in play.floods} | net.returning
    for split in floods:
        findings.add("split-floods", net.nodes[split])
    if floods:
        return
    for split in net.leaking:
        findings.add("split-repeats", net.nodes[split], severity="warning")
    for join in net.first_of(dict.fromkeys(join for play in played for join in play.doubled)):
        fork = net.split_before(join)
        if fork and net.works_between(fork, join):
            named = shown(net.nodes[fork])
            findings.add("token-doubles", net.nodes[join], severity="warning", split=named)
    fired = {join for play in played for join in play.fired}
    for join in dict.fromkeys(join for play in played for join in play.stuck):
        rule, severity = ("join-may-wait", "warning") if join in fired else NEVER
        choice = net.choice_before(join)
        if choice or rule == NEVER[0]:
            named = shown(net.nodes[choice] if choice else net.starts[0])
            findings.add(rule, net.nodes[join], severity=severity, split=named)


class Net:
    """The moves a scope allows."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes = graph.scope.nodes
        self.starts = [node for node in self.nodes.values() if node.kind == "startEvent"]
        self._number()

    def _number(self) -> None:
        """Flows in the order of the diagram; those that lead back come after their circle's."""
        flows = [f for n in self.nodes.values() for f in n.outgoing if f.target in self.nodes]
        place = {key: at for at, key in enumerate(self._in_order())}
        of = self.graph.circle_of
        flows.sort(
            key=lambda f: (of[f.target], place[f.target] <= place[f.source], place[f.target])
        )
        self.flows = flows
        self.number = {id(flow): at for at, flow in enumerate(flows)}
        self.target = [flow.target for flow in flows]
        self.into: dict[str, list[int]] = {}
        for at, flow in enumerate(flows):
            self.into.setdefault(flow.target, []).append(at)

    def _in_order(self) -> list[str]:
        """The nodes, each after one that leads to it."""
        begin = [start.id for start in self.starts]
        order = dict.fromkeys(begin)
        ahead = list(order)
        for key in ahead:
            fresh = [one for one in self.graph.after[key] if one not in order]
            order |= dict.fromkeys(fresh)
            ahead += fresh
        return list(order | dict.fromkeys(self.nodes))

    @cached_property
    def playable(self) -> bool:
        """Whether the moves are known: an inclusive join in a circle waits for its own past."""
        circling = any(self.joins(n) == "inclusive" and self.graph.turns(n) for n in self.nodes)
        return bool(self.starts) and not circling and self.graph.scope.kind != "adHocSubProcess"

    def begin(self, start: Node) -> list[State]:
        """The states a start event can lead to."""
        return [tuple(sorted(outcome)) for outcome in self.outcomes[start.id]]

    def joins(self, key: str) -> str | None:
        """Whether an element waits for several tokens, and how: `parallel` or `inclusive`."""
        kind = self.nodes[key].kind
        several = len(self.into.get(key, ())) > 1
        return kind.removesuffix("Gateway") if several and kind in JOINING else None

    @cached_property
    def outcomes(self) -> dict[str, list[Outcome]]:
        """What may come out of each element."""
        return {key: list(self._outcomes(node)) for key, node in self.nodes.items()}

    def _outcomes(self, node: Node) -> Iterator[Outcome]:
        """Events on the edge interrupt, or add tokens, or not; a timer beside one that interrupts
        is taken to ring before it, as reminders do.
        """
        edge = self.graph.edges.get(node.id, [])
        beside = [event for event in edge if not event.interrupting]
        limited = any(event.interrupting and _is_timer(event) for event in edge)
        certain = [self._leave(event) for event in beside if limited and _is_timer(event)]
        others = [self._leave(event) for event in beside if not (limited and _is_timer(event))]
        ways = [way for event in [node, *edge] if event.interrupting for way in self._leave(event)]
        for own in ways:
            for always in product(*certain):
                yield own + sum(always, ())
                for tokens in chain.from_iterable(others):
                    yield own + sum(always, ()) + tokens
                if len(others) > 1:
                    for all_of in product(*others):
                        yield own + sum(always, ()) + sum(all_of, ())

    def _leave(self, node: Node) -> list[Outcome]:
        """What may come out of an element itself, whatever happens on its edge."""
        target = self.graph.link_targets.get(node.link("Throw") or "")
        if target is not None:
            return self._leave(target)
        if node.kind == "endEvent":
            kinds = {trigger.kind for trigger in node.triggers}
            return [OVER] if kinds & {"terminate", "error"} else [()]
        flows = [flow for flow in node.outgoing if id(flow) in self.number]
        if node.kind in CHOOSING:
            return [self._numbers([flow]) for flow in flows] or [()]
        if node.kind == "parallelGateway":
            return [self._numbers(flows)]
        return self._answers(node, flows)

    def _answers(self, node: Node, flows: list[Flow]) -> list[Outcome]:
        asked = [flow for flow in flows if flow.condition and flow.id != node.default]
        plain = [flow for flow in flows if not flow.condition and flow.id != node.default]
        otherwise = [flow for flow in flows if flow.id == node.default]
        sizes = range(1, len(asked) + 1) if len(asked) <= MOST_ANSWERS else (1, len(asked))
        chosen = chain.from_iterable(combinations(asked, size) for size in sizes)
        found = [self._numbers([*some, *plain]) for some in chosen]
        if plain or otherwise or not found:
            found.append(self._numbers([*plain, *otherwise]))
        return found

    def _numbers(self, flows: list[Flow]) -> Outcome:
        return tuple(self.number[id(flow)] for flow in flows)

    @cached_property
    def forks(self) -> set[str]:
        """The elements that can make several tokens of one."""
        return {key for key, ways in self.outcomes.items() if any(len(way) > 1 for way in ways)}

    @cached_property
    def leaking(self) -> list[str]:
        """The splits in circles of which one way comes back, and another only goes on."""
        return [
            key
            for key, node in self.nodes.items()
            if self.graph.turns(key)
            and node.kind not in CHOOSING
            and {key in self.graph.reachable([flow.target]) for flow in node.outgoing}
            == {True, False}
            and not any(flow.condition for flow in node.outgoing)
        ]

    @cached_property
    def returning(self) -> dict[str, None]:
        """The events that begin their activity once more while it is still open."""
        return {
            key: None
            for key, node in self.nodes.items()
            if node.attached_to and not node.interrupting
            if node.attached_to in self.graph.reachable([key], lambda one: not self.joins(one))
        }

    @cached_property
    def drains(self) -> list[bool]:
        """For each flow, whether its tokens can only run to an end, for nobody to wait for."""
        keeps = {
            key
            for key in self.nodes
            if self.joins(key)
            or OVER in self.outcomes[key]
            or (key in self.forks and self.graph.turns(key))
        }
        known: dict[str, bool] = {}
        for group in reversed(self.graph.circles):
            onward = {one for key in group for one in self.graph.after[key]} - group
            drains = not keeps & group and all(known[one] for one in onward)
            known |= dict.fromkeys(group, drains)
        return [known[target] for target in self.target]

    @cached_property
    def matters(self) -> set[str]:
        """The elements after which something is still done."""
        idle = {"endEvent", "exclusiveGateway", "parallelGateway", "inclusiveGateway"}
        done = {key for key, node in self.nodes.items() if node.kind not in idle or node.triggers}
        found: set[str] = set()
        for group in reversed(self.graph.circles):
            onward = {one for key in group for one in self.graph.after[key]}
            if done & group or found & onward:
                found |= group
        return found

    def upstream(self, flows: set[int], without: str) -> set[str]:
        """The elements from which a token can get to one of the flows without passing another."""
        wanted = {self.flows[flow].source for flow in flows}
        reached: set[str] = set()
        ahead = list(wanted)
        while ahead:
            key = ahead.pop()
            if key not in reached and key != without:
                reached.add(key)
                ahead += self._before[key]
        return reached

    @cached_property
    def _before(self) -> dict[str, list[str]]:
        before: dict[str, list[str]] = {key: [] for key in self.nodes}
        for key, follows in self.graph.after.items():
            for one in follows:
                before[one].append(key)
        return before

    def first_of(self, keys: Iterable[str]) -> list[str]:
        """Those of some elements that do not come after others of them."""
        first: list[str] = []
        for key in sorted(keys, key=lambda one: self.graph.circle_of[one]):
            if not any(key in self.graph.reachable([before]) for before in first):
                first.append(key)
        return first

    def works_between(self, split: str, join: str) -> bool:
        """Whether anything is done on the ways from a split; several timers alone are a plan."""
        ways = self.graph.reachable(self.graph.after[split], lambda key: key != join)
        back = self.upstream(set(self.into[join]), join)
        return any(self.nodes[key].kind in ACTIVITIES for key in ways & back)

    def split_before(self, key: str) -> str | None:
        """The nearest element whose tokens come together at another."""
        return self._nearest(key, self.forks)

    def choice_before(self, key: str) -> str | None:
        """The nearest element that sends a token only some of the ways."""
        return self._nearest(key, {k for k, ways in self.outcomes.items() if len(ways) > 1})

    def _nearest(self, key: str, candidates: set[str]) -> str | None:
        shares = Counter(
            one
            for flow in self.into.get(key, ())
            for one in self.upstream({flow}, key) & candidates
        )
        of = self.graph.circle_of
        return max(shares, key=lambda one: (min(shares[one], 2), of[one]), default=None)


def _is_timer(event: Node) -> bool:
    return event.trigger is not None and event.trigger.kind == "timer"


@dataclass
class Play:
    """Every run of a net from some first states."""

    net: Net
    begin: list[State]
    fired: set[str] = field(default_factory=set)
    """The parallel joins that got all they waited for."""

    stuck: dict[str, None] = field(default_factory=dict)
    """Those that were left waiting."""

    doubled: dict[str, None] = field(default_factory=dict)
    """The elements where two tokens came together without being joined."""

    floods: dict[str, None] = field(default_factory=dict)
    """The splits in circles that make more tokens with every round."""

    def run(self) -> bool:
        """Whether the whole of it could be seen."""
        seen: set[State] = set()
        ahead: list[tuple[State, tuple[tuple[str, State], ...]]] = [(s, ()) for s in self.begin]
        while ahead:
            state, past = ahead.pop()
            if state in seen:
                continue
            if len(seen) >= MOST_STATES:
                return False
            seen.add(state)
            self._look(state)
            for key, after in self._moves(state):
                past_here = past
                if key in self.net.forks and self.net.graph.turns(key):
                    grown = self._essence(after)
                    if any(fork == key and _within(old, grown) for fork, old in past):
                        self.floods[key] = None
                        return True
                    past_here = (*past, (key, grown))[-MOST_ROUNDS:]
                ahead.append((after, past_here))
        return True

    def _look(self, state: State) -> None:
        here = Counter(self.net.target[flow] for flow in state)
        for key, count in here.items():
            merges = len(self.net.into[key]) > 1 and not self.net.joins(key)
            if count > 1 and merges and key in self.net.matters:
                self.doubled[key] = None

    def _moves(self, state: State) -> list[tuple[str, State]]:
        """What one token, or one set of tokens at a join, can do; the others stay."""
        chosen = next(self._movable(state), None)
        if chosen is None:
            for flow in state:
                if self.net.joins(self.net.target[flow]) == "parallel":
                    self.stuck[self.net.target[flow]] = None
            return []
        key, used = chosen
        if self.net.joins(key):
            self.fired.add(key)
        rest = list(state)
        for flow in used:
            rest.remove(flow)
        return [(key, self._after(rest, outcome)) for outcome in self.net.outcomes[key]]

    def _movable(self, state: State) -> Iterator[tuple[str, list[int]]]:
        """Those that drain first, then by the order of the diagram, inclusive joins last."""
        drains = self.net.drains
        for flow in sorted(state, key=lambda one: (not drains[one], one)):
            key = self.net.target[flow]
            kind = self.net.joins(key)
            if kind is None:
                yield key, [flow]
            elif kind == "parallel" and set(self.net.into[key]) <= set(state):
                yield key, self.net.into[key]
        for flow in state:
            key = self.net.target[flow]
            if self.net.joins(key) == "inclusive" and not self._more_may_come(key, state):
                yield key, sorted(set(self.net.into[key]) & set(state))

    def _more_may_come(self, key: str, state: State) -> bool:
        filled = set(self.net.into[key]) & set(state)
        to_empty = self.net.upstream(set(self.net.into[key]) - filled, key)
        to_filled = self.net.upstream(filled, key)
        elsewhere = {self.net.target[flow] for flow in state} - {key}
        return bool(elsewhere & to_empty - to_filled)

    def _after(self, rest: list[int], outcome: Outcome) -> State:
        if outcome == OVER:
            return ()
        if any(flow < 0 for flow in outcome):
            outcome = tuple(flow for flow in outcome if flow >= 0)
        counts = Counter(rest) + Counter(outcome)
        drains = self.net.drains
        return tuple(
            flow
            for flow in sorted(counts)
            for _ in range(min(counts[flow], DRAINS) if drains[flow] else counts[flow])
        )

    def _essence(self, state: State) -> State:
        return tuple(flow for flow in state if not self.net.drains[flow])


def _within(small: State, large: State) -> bool:
    return len(small) < len(large) and not Counter(small) - Counter(large)
