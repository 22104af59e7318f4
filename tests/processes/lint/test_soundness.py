"""Joins that wait in vain, splits that flood, loops without a wait: found, and nothing else."""

from __future__ import annotations

import pytest

from processes.lint import lint
from tests.processes.engine.notation import (
    FEEL,
    boundary,
    catch,
    definitions,
    end,
    error,
    flows,
    gateway,
    message,
    process,
    start,
    sub,
    timer,
    user,
)

JUDGED = {
    "join-never-fires",
    "join-may-wait",
    "token-doubles",
    "split-floods",
    "split-repeats",
    "no-way-out",
    "loop-never-ends",
    "loop-changes-nothing",
    "loop-without-wait",
}
TERMINATE = "<bpmn:terminateEventDefinition/>"
LATER = timer("Duration", "P1D")


def found(*parts, way):
    text = definitions(process(start() + "".join(parts) + flows(way)))
    problems = lint({"x.bpmn": text}, FEEL)
    return {(p.rule, p.element) for p in problems if p.rule in JUDGED}


def script(i):
    return f'<bpmn:scriptTask id="{i}"><bpmn:script>{{n: 1}}</bpmn:script></bpmn:scriptTask>'


SOUND = {
    "split and join": (gateway("parallel", "p", "j") + user("a", "b") + end(),
        "s>p p>a p>b a>j b>j j>e"),
    "answers and a merge": (gateway("exclusive", "x", "m", default="x_b") + user("a", "b") + end(),
        "s>x x>a[n = 1] x>b* a>m b>m m>e"),
    "split and join inside a loop": (
        gateway("exclusive", "m", "x", default="x_e") + gateway("parallel", "p", "j")
        + user("a", "b") + end(),
        "s>m m>p p>a p>b a>j b>j j>x x>m[n = 1] x>e*",
    ),
    "a loop in one branch": (
        gateway("parallel", "p", "j") + gateway("exclusive", "m", "x", default="x_j")
        + user("a", "b") + end(),
        "s>p p>m m>a a>x x>m[n = 1] x>j* p>b b>j j>e",
    ),
    "splits inside splits": (
        gateway("parallel", "p", "q", "j", "k") + user("a", "b", "c") + end(),
        "s>p p>q p>c q>a q>b a>k b>k k>j c>j j>e",
    ),
    "an inclusive split and join": (
        gateway("inclusive", "i", "j", default="i_b") + user("a", "b", "c") + end(),
        "s>i i>a[n = 1] i>c[n > 1] i>b* a>j b>j c>j j>e",
    ),
    "branches with ends of their own": (
        gateway("parallel", "p") + user("a", "b") + end("e", "f"), "s>p p>a p>b a>e b>f"),
    "branches that meet at an end": (
        gateway("parallel", "p") + user("a", "b") + end(), "s>p p>a p>b a>e b>e"),
    "a way out that ends everything": (
        gateway("parallel", "p", "j") + gateway("exclusive", "x", default="x_j")
        + user("a", "b") + end() + end("stop", inside=TERMINATE),
        "s>p p>a p>b a>x x>stop[n = 1] x>j* b>j j>e",
    ),
    "a reminder with an end of its own": (
        user("a", "b") + boundary("t", "a", LATER, interrupting=False) + end("e", "f"),
        "s>a a>e t>b b>f",
    ),
    "a loop of people": (
        gateway("exclusive", "m", "x", default="x_e") + user("a") + end(),
        "s>m m>a a>x x>m[n = 1] x>e*",
    ),
    "a loop of timers": (
        gateway("exclusive", "m", "x", default="x_e") + catch("t", LATER) + script("a") + end(),
        "s>m m>t t>a a>x x>m[n = 1] x>e*",
    ),
    "several timers before one talk": (
        gateway("parallel", "p") + gateway("exclusive", "m") + catch("t", LATER)
        + catch("u", LATER) + user("a", "b") + end(),
        "s>p p>t p>u t>m u>m m>a a>b b>e",
    ),
    "a long row of splits": (
        gateway("parallel", *(f"p{n}" for n in range(12)), *(f"j{n}" for n in range(12)))
        + user(*(f"{k}{n}" for k in "abc" for n in range(12))) + end(),
        "s>p0 j11>e " + " ".join(
            f"p{n}>a{n} p{n}>b{n} p{n}>c{n} a{n}>j{n} b{n}>j{n} c{n}>j{n}" for n in range(12))
        + " " + " ".join(f"j{n}>p{n + 1}" for n in range(11)),
    ),
}  # fmt: skip

UNSOUND = {
    "a join after answers": (
        gateway("exclusive", "x", default="x_b") + gateway("parallel", "j") + user("a", "b")
        + end(),
        "s>x x>a[n = 1] x>b* a>j b>j j>e",
        {("join-never-fires", "j")},
    ),
    "a join after events": (
        gateway("eventBased", "x") + gateway("parallel", "j") + catch("a", LATER)
        + catch("b", message("m")) + end(),
        "s>x x>a x>b a>j b>j j>e",
        {("join-never-fires", "j")},
    ),
    "answers and a merge before the join": (
        gateway("exclusive", "x", "m", default="x_b") + gateway("parallel", "j")
        + user("a", "b", "c") + end(),
        "s>x x>a[n = 1] x>b* x>c[n = 2] a>m b>m m>j c>j j>e",
        {("join-never-fires", "j")},
    ),
    "an interrupting event before the join": (
        user("a", "b") + boundary("t", "a", LATER) + gateway("parallel", "j") + end(),
        "s>a a>j t>b b>j j>e",
        {("join-never-fires", "j")},
    ),
    "a branch that may end early": (
        gateway("parallel", "p", "j") + gateway("exclusive", "x", default="x_j")
        + user("a", "b") + end("e", "f"),
        "s>p p>a p>b a>x x>f[n = 1] x>j* b>j j>e",
        {("join-may-wait", "j")},
    ),
    "a reminder before the join": (
        user("a", "b") + boundary("t", "a", LATER, interrupting=False) + gateway("parallel", "j")
        + end(),
        "s>a a>j t>b b>j j>e",
        {("join-may-wait", "j")},
    ),
    "an inclusive split before a parallel join": (
        gateway("inclusive", "i", default="i_b") + gateway("parallel", "j") + user("a", "b")
        + end(),
        "s>i i>a[n = 1] i>b* a>j b>j j>e",
        {("join-never-fires", "j")},
    ),
    "a split without a join": (
        gateway("parallel", "p") + gateway("exclusive", "m") + user("a", "b", "c") + end(),
        "s>p p>a p>b a>m b>m m>c c>e",
        {("token-doubles", "m")},
    ),
    "a split into one task": (
        gateway("parallel", "p") + user("a", "b", "c") + end(),
        "s>p p>a p>b a>c b>c c>e",
        {("token-doubles", "c")},
    ),
    "a split that comes back twice": (
        gateway("exclusive", "m", "x", default="x_e") + gateway("parallel", "p")
        + user("a", "b") + end(),
        "s>m m>p p>a p>b a>m b>x x>m[n = 1] x>e*",
        {("split-floods", "p")},
    ),
    "a reminder that leads back": (
        gateway("exclusive", "m") + user("a") + boundary("t", "a", LATER, interrupting=False)
        + end(),
        "s>m m>a a>e t>m",
        {("split-floods", "t")},
    ),
    "a branch begun each round": (
        gateway("exclusive", "m") + gateway("parallel", "p") + user("a", "b") + end(),
        "s>m m>p p>a a>m p>b b>e",
        {("split-repeats", "p")},
    ),
    "a loop of people without end": (
        gateway("exclusive", "m") + user("a", "b") + end(),
        "s>m m>a a>b b>m",
        {("no-way-out", "m")},
    ),
    "scripts for ever": (
        gateway("exclusive", "m") + script("a") + "".join(end()),
        "s>m m>a a>m",
        {("loop-never-ends", "m"), ("no-way-out", "m")},
    ),
    "an answer that never changes": (
        gateway("exclusive", "m", "x", default="x_e") + end(),
        "s>m m>x x>m[n = 1] x>e*",
        {("loop-changes-nothing", "x")},
    ),
    "a computed loop": (
        gateway("exclusive", "m", "x", default="x_e") + script("a") + end(),
        "s>m m>a a>x x>m[n = 1] x>e*",
        {("loop-without-wait", "x")},
    ),
    "a loop through a quick sub-process": (
        gateway("exclusive", "m", "x", default="x_e")
        + sub("b", start("y") + script("a") + end("z") + flows("y>a a>z")) + end(),
        "s>m m>b b>x x>m[n = 1] x>e*",
        {("loop-without-wait", "x")},
    ),
    "a join inside a sub-process": (
        sub(
            "b",
            start("y") + gateway("exclusive", "x", default="x_d") + gateway("parallel", "j")
            + user("c", "d") + end("z") + flows("y>x x>c[n = 1] x>d* c>j d>j j>z"),
        ) + end(),
        "s>b b>e",
        {("join-never-fires", "j")},
    ),
    "an error ends one branch's scope": (
        sub(
            "b",
            start("y") + gateway("parallel", "p", "j") + gateway("exclusive", "x", default="x_j")
            + user("c", "d") + end("z") + end("w", inside=error("nej"))
            + flows("y>p p>c p>d c>x x>w[n = 1] x>j* d>j j>z"),
        ) + boundary("t", "b", error("nej")) + end("e", "f"),
        "s>b b>e t>f",
        set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SOUND)
def test_says_nothing_of(shape):
    parts, way = SOUND[shape]

    assert found(parts, way=way) == set()


@pytest.mark.parametrize("shape", UNSOUND)
def test_finds(shape):
    parts, way, expected = UNSOUND[shape]

    assert found(parts, way=way) == expected


def test_says_nothing_where_there_are_too_many_ways():
    many = range(30)
    wide = gateway("inclusive", *(f"i{n}" for n in many), default="x") + gateway("parallel", "j")

    way = " ".join(f"i{n}>a{n}[n = 1] i{n}>b{n}[n = 2]" for n in many)
    joined = " ".join(f"a{n}>j b{n}>i{n + 1}" for n in many)
    tasks = user(*(f"a{n}" for n in many), *(f"b{n}" for n in many), "i30")

    assert ("join-never-fires", "j") not in found(
        wide, tasks, end(), way=f"s>i0 {way} {joined} j>e i30>e"
    )
