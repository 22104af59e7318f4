"""Elements are found at their line and column, whatever stands between them."""

from __future__ import annotations

from lxml import etree

from processes.engine import load_definition
from processes.engine.diagram import read_diagram
from processes.engine.places import Places
from tests.processes.engine.notation import (
    catch,
    definitions,
    end,
    flows,
    process,
    props,
    start,
    timer,
    user,
)


def places(text):
    root = etree.fromstring(text.encode(), etree.XMLParser(remove_comments=True, remove_pis=True))
    found = Places(text, root)
    return {element.tag: tuple(found.of(element)) for element in root.iter()}


def test_tells_line_and_column_of_the_first_character():
    text = "<?xml version='1.0'?>\n<a>\n  <b\n     c='1'\n     d='>'/><æ/>\r\n\t<f>å</f></a>"

    assert places(text) == {"a": (2, 1), "b": (3, 3), "æ": (5, 13), "f": (6, 2)}


def test_looks_past_comments_instructions_and_quoted_text():
    text = "<a><!-- <b/> --><?php <c/> ?><![CDATA[<d/>]]><e/></a>"

    assert places(text) == {"a": (1, 1), "e": (1, 46)}


def test_a_diagram_tells_where_its_parts_begin():
    text = definitions(
        process(
            start()
            + "\n"
            + catch("t", props(calendar="local", roll="none") + timer("Duration", "P1D"))
            + "\n"
            + user("a")
            + end()
            + flows("s>t t>a\n a>e[1 = 1]")
        )
    )

    [event] = [n for _, n in read_diagram("x.bpmn", text).processes[0].walk() if n.id == "t"]

    lines = text.split("\n")
    assert lines[event.line - 1][event.column - 1 :].startswith(
        '<bpmn:intermediateCatchEvent id="t"'
    )
    roll = event.places["roll"]
    assert lines[roll.line - 1][roll.column - 1 :].startswith('<spiffworkflow:property name="roll"')
    trigger = event.trigger
    assert lines[trigger.line - 1][trigger.column - 1 :].startswith("<bpmn:timeDuration>")
    assert load_definition("p", {"x.bpmn": text})
