"""What holds for moving any case of any diagram to a version that somebody has edited."""

from __future__ import annotations

import json
import re
import zlib

from hypothesis import given
from hypothesis import strategies as st

from processes.engine import load_definition
from processes.engine.placement import Directions
from tests.processes.engine.notation import ENGINE, boundary, end, flows, timer, user
from tests.processes.engine.random_diagrams import Driven, diagrams
from tests.processes.engine.test_laws import CHOICES, THOROUGH, drive

NODE = re.compile(
    r'<bpmn:(?:userTask|serviceTask|subProcess|callActivity) id="(?P<id>(?!event)\w+)"'
)
FLOW = re.compile(
    r'<bpmn:sequenceFlow id="(?P<id>\w+)" sourceRef="(?!g\d)\w+" targetRef="(?P<to>\w+)"'
)
PERIOD = re.compile(r">(P\dD|P1M|PT1H)<|value=\"(P\dD)\"")
MANY = st.lists(st.integers(min_value=0, max_value=1000), min_size=1, max_size=4)


# -- edits: each takes the text and a number that says where -----------------------------------


def step_between(text, number, fresh):
    """One more task on an arrow; the arrow keeps its id and leads to the new task."""
    found = list(FLOW.finditer(text))
    flow = found[number % len(found)]
    head = flow[0].replace(f'targetRef="{flow["to"]}"', f'targetRef="{fresh}"')
    more = user(fresh) + flows(f"{fresh}>{flow['to']}")
    return text[: flow.start()] + more + head + text[flow.end() :]


def edge(text, number, fresh):
    """A reminder on an activity."""
    node = _activity(text, number)
    if node is None:
        return text
    event = boundary(fresh, node["id"], timer("Duration", "P2D"), interrupting=False)
    ways = flows(f"{fresh}>{fresh}a {fresh}a>{fresh}e")
    more = event + user(f"{fresh}a") + end(f"{fresh}e") + ways
    return text[: node.start()] + more + text[node.start() :]


def period(text, number, _):
    """Another duration."""
    found = list(PERIOD.finditer(text))
    if not found:
        return text
    one = found[number % len(found)]
    return text[: one.start()] + re.sub("P[T0-9DMH]+", "P7D", one[0]) + text[one.end() :]


def name(text, number, fresh):
    """Another id for an activity, wherever it is named."""
    node = _activity(text, number)
    return text if node is None else re.sub(rf'(?<="){node["id"]}(?=")', fresh, text)


def kind(text, number, _):
    """A task for a machine instead of one for a person."""
    found = list(re.finditer(r"<bpmn:userTask (id=\"\w+\") name=\"\w+\"/>", text))
    if not found:
        return text
    one = found[number % len(found)]
    script = f"<bpmn:scriptTask {one[1]}><bpmn:script>{{z: 1}}</bpmn:script></bpmn:scriptTask>"
    return text[: one.start()] + script + text[one.end() :]


def _activity(text, number):
    found = list(NODE.finditer(text))
    return found[number % len(found)] if found else None


EDITS = (step_between, edge, period, name, kind)


@st.composite
def edited(draw):
    """A diagram, another version of it, and what was called otherwise there."""
    text = draw(diagrams())
    other, renames = text, {}
    for count, number in enumerate(draw(MANY)):
        edit, node = draw(st.sampled_from(EDITS)), _activity(other, number)
        other = edit(other, number, f"ny{count}")
        if edit is name and node is not None:
            told = {new: old for old, new in renames.items()}
            renames[told.get(node["id"], node["id"])] = f"ny{count}"
    return text, other, renames


def version(text):
    return load_definition("p", {"p.bpmn": text})


def begun(definition, choices):
    case = Driven(lambda: definition, saving=True).begin()
    drive(case, choices)
    return case


def move(case, old, new, **directions):
    step = case.step
    done = ENGINE.migrate(old, new, step.state, step.data, Directions(**directions), now=case.now)
    if done.step is not None:
        case.step, case.definition = done.step, lambda: new
    return done


def told(state):
    """The state as JSON; in what order its keys stand says nothing."""
    return json.loads(zlib.decompress(state))


def content(state):
    """What a state says, in an order that depends on nothing.

    Not what it remembers beside, nor in how many lines a pause is told.
    """
    scopes = json.loads(zlib.decompress(state), object_hook=_essence)["scopes"]
    for scope in scopes:
        scope["tasks"].sort(key=str)
    return scopes


def _essence(told):
    return {key: told[key] for key in told if key not in {"tokens", "gone", "lines"}}


@given(diagrams(), CHOICES)
@THOROUGH
def test_the_same_diagram_changes_nothing(text, choices):
    old = version(text)
    case = begun(old, choices)
    before = case.step

    done = move(case, old, version(text))

    assert done.report.refused == ()
    assert told(case.step.state) == told(before.state)
    assert case.step.waits == before.waits
    assert case.step.happened == ()
    case.finish()
    assert case.step.ended


@given(edited(), CHOICES)
@THOROUGH
def test_a_case_moves_and_plays_on_or_stays_for_a_reason(drawn, choices):
    old, new, renames = version(drawn[0]), version(drawn[1]), drawn[2]
    case = begun(old, choices)
    before = case.step

    done = move(case, old, new, renames=renames)

    if done.step is None:
        assert done.report.refused
        assert case.step is before
    else:
        assert done.report.refused == ()
        assert ENGINE.waits(new, done.step.state, done.step.data) == done.step.waits
    case.finish()
    assert case.step.ended


@given(edited(), CHOICES)
@THOROUGH
def test_there_and_back_is_where_it_was(drawn, choices):
    old, new, renames = version(drawn[0]), version(drawn[1]), drawn[2]
    case = begun(old, choices)
    before = case.step

    done = move(case, old, new, renames=renames)
    if done.step is None or case.step.ended:
        return
    back = {token: element for token, (element, _) in done.report.renamed.items()}
    returned = move(case, new, old, tokens=back)

    assert returned.report.refused == ()
    assert content(case.step.state) == content(before.state)


@given(edited(), CHOICES)
@THOROUGH
def test_moving_a_case_leaves_both_definitions_as_they_were(drawn, choices):
    old, new, renames = version(drawn[0]), version(drawn[1]), drawn[2]
    fresh = [begun(definition, choices).seen() for definition in (old, new)]

    move(begun(old, choices), old, new, renames=renames)

    assert [begun(definition, choices).seen() for definition in (old, new)] == fresh
