"""What comes from outside and is declared in the diagram is null until it is there."""

from __future__ import annotations

from tests.processes.engine.notation import (
    catch,
    end,
    flows,
    gateway,
    message,
    play,
    process,
    props,
    start,
    user,
)


def asked(condition, *before, way="s>g", properties=""):
    return process(
        start()
        + "".join(before)
        + gateway("exclusive", "g", default="g_b")
        + user("a", "b")
        + end()
        + flows(f"{way} g>a[{condition}] g>b* a>e b>e"),
        properties=properties,
    )


def test_data_at_the_start_may_be_left_out():
    diagram = asked("alder = null", properties=props(startData="alder: number"))

    assert play(diagram).open == ["a"]
    assert play(diagram, alder=19).open == ["b"]


def test_an_undeclared_name_stays_an_incident():
    assert list(play(asked("alder = null")).incidents) == ["g"]


def test_what_a_message_brings_keeps_its_kind():
    wait = catch("m", props(brings="moede: date") + message("indkaldt"))
    diagram = asked('moede > date("2026-02-01")', wait, way="s>m m>g")

    case = play(diagram).send("indkaldt", moede="2026-03-01")

    assert case.open == ["a"]
