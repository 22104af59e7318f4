"""Pictures of diagrams: every kind draws, marks show, names cannot do harm."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from processes.drawing.icons import EVENTS, TASKS
from processes.drawing.text import fit, width, wrap
from processes.drawing.words import KINDS, kind_in_words
from processes.picture import Mark, NoPicture, Row, describe, draw
from tests.processes.sketch import Sketch

SVG = {"s": "http://www.w3.org/2000/svg"}
GATEWAYS = ["exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway"]
EVENT_KINDS = ["startEvent", "intermediateCatchEvent", "intermediateThrowEvent", "endEvent"]


def picture(sketch: Sketch, marks=None, tints=None, **more) -> etree._Element:
    """The drawn SVG, parsed."""
    return etree.fromstring(draw(sketch.xml(), marks or {}, "Et forløb", tints or {}, **more))


def part(svg: etree._Element, key: str) -> etree._Element:
    """The group of one element."""
    [found] = svg.xpath("//s:g[@id=$id]", namespaces=SVG, id=f"el-{key}")
    return found


def inside(group: etree._Element, path: str) -> list[etree._Element]:
    """What an XPath finds below the group."""
    return group.xpath(f".//{path}", namespaces=SVG)


def words(node: etree._Element) -> str:
    """All text drawn below a node, without its titles."""
    return " ".join(line.text for line in inside(node, "s:tspan"))


def one(tag: str, *, name: str = "Navn", inner: str = "", di: str = "", **attributes) -> Sketch:
    """A sketch with a single node called `it`."""
    sketch = Sketch()
    sketch.node(tag, "it", name, (100, 100), inner=inner, di=di, **attributes)
    return sketch


def course() -> Sketch:
    """A pool with two lanes, a choice, an opened sub-process and a second pool."""
    sketch = Sketch()
    sketch.participant("Pool", "En Vej Ind", (100, 80), (1100, 500), "Process_1")
    sketch.lane("L1", "Visitator", (130, 80), (1070, 200), "start", "vurder", "valg", "nej")
    sketch.lane("L2", "Mentor", (130, 280), (1070, 300), "forloeb", "slut")
    sketch.participant("Politi", "Politi", (100, 640), (1100, 60))
    timer, message = "<bpmn:timerEventDefinition/>", "<bpmn:messageEventDefinition/>"
    sketch.node("startEvent", "start", "Henvisning", (190, 162), inner=message)
    sketch.node("userTask", "vurder", "Vurder målgruppe", (290, 140))
    sketch.node(
        "boundaryEvent",
        "frist",
        "7 dage",
        (320, 202),
        inner=timer,
        attachedToRef="vurder",
        cancelActivity="false",
    )
    sketch.node("exclusiveGateway", "valg", "I målgruppen?", (445, 155), default="f3")
    sketch.node("endEvent", "nej", "Afvist", (560, 162))
    sketch.enter("subProcess", "forloeb", "Kursusforløb", (300, 310), (420, 220))
    sketch.node("startEvent", "inde", "", (330, 402))
    sketch.node("userTask", "log", "Mentorlog", (420, 380))
    sketch.flow("g1", "inde", "log")
    sketch.leave()
    sketch.node("endEvent", "slut", "Gennemført", (900, 402))
    sketch.flow("f1", "start", "vurder")
    sketch.flow("f2", "vurder", "valg")
    sketch.flow("f3", "valg", "nej", name="nej", label=(510, 160, 20, 14))
    sketch.flow("f4", "valg", "forloeb", (470, 205), (470, 310), name="ja")
    sketch.flow("f5", "forloeb", "slut")
    sketch.message_flow("m1", "dom", "Politi", "start", (208, 640), (208, 198))
    return sketch


class TestDraw:
    @pytest.mark.parametrize("tag", [*TASKS, "task", "callActivity", "subProcess", "transaction"])
    def test_gives_every_activity_a_rounded_box_with_its_name(self, tag):
        group = part(picture(one(tag, name="Et navn")), "it")

        assert inside(group, "s:rect[@rx='10' and @class='task']")
        assert words(group) == "Et navn"

    @pytest.mark.parametrize("tag", TASKS)
    def test_gives_every_kind_of_task_its_icon(self, tag):
        assert len(inside(part(picture(one(tag)), "it"), "s:g[@class='icon']")) == 1

    @pytest.mark.parametrize("tag", EVENT_KINDS)
    @pytest.mark.parametrize("trigger", [key for key in EVENTS if key.endswith("Definition")])
    def test_gives_every_event_its_sign(self, tag, trigger):
        group = part(picture(one(tag, inner=f"<bpmn:{trigger}/>")), "it")

        assert len(inside(group, "s:g[@class='icon']")) == 1
        assert len(inside(group, "s:circle")) == (1 if tag == "startEvent" else 2)

    def test_fills_the_sign_of_an_event_that_throws(self):
        definition = "<bpmn:messageEventDefinition/>"
        thrown = part(picture(one("intermediateThrowEvent", inner=definition)), "it")
        caught = part(picture(one("intermediateCatchEvent", inner=definition)), "it")

        assert inside(thrown, "s:path[@fill='currentColor']")
        assert not inside(caught, "s:path[@fill='currentColor']")

    @pytest.mark.parametrize(
        ("tag", "attribute"),
        [("boundaryEvent", "cancelActivity"), ("startEvent", "isInterrupting")],
    )
    def test_dashes_an_event_that_does_not_interrupt(self, tag, attribute):
        gentle = part(picture(one(tag, **{attribute: "false"})), "it")
        firm = part(picture(one(tag)), "it")

        assert inside(gentle, "s:circle[@stroke-dasharray]")
        assert not inside(firm, "s:circle[@stroke-dasharray]")

    def test_shows_an_event_of_several_triggers_as_a_pentagon(self):
        both = "<bpmn:timerEventDefinition/><bpmn:messageEventDefinition/>"
        several = part(picture(one("startEvent", inner=both)), "it")
        single = part(picture(one("startEvent", inner="<bpmn:timerEventDefinition/>")), "it")

        assert inside(several, "s:path/@d") != inside(single, "s:path/@d")

    @pytest.mark.parametrize("tag", [*GATEWAYS, "eventBasedGateway"])
    def test_gives_every_gateway_its_marker(self, tag):
        group = part(picture(one(tag)), "it")

        assert inside(group, "s:path[@class='gateway']")
        assert inside(group, "s:g[@class='icon']")

    def test_leaves_out_the_cross_when_the_file_hides_it(self):
        group = part(picture(one("exclusiveGateway", di='isMarkerVisible="false"')), "it")

        assert not inside(group, "s:g[@class='icon']")

    @pytest.mark.parametrize(
        "inner",
        [
            "<bpmn:multiInstanceLoopCharacteristics/>",
            '<bpmn:multiInstanceLoopCharacteristics isSequential="true"/>',
            "<bpmn:standardLoopCharacteristics/>",
        ],
    )
    def test_marks_what_repeats(self, inner):
        assert len(inside(part(picture(one("task", inner=inner)), "it"), "s:g[@class='icon']")) == 1

    def test_marks_a_closed_sub_process_with_a_plus_and_an_opened_one_with_its_name_on_top(self):
        closed = part(picture(one("subProcess")), "it")
        opened = part(picture(course()), "forloeb")

        assert inside(closed, "s:g[@class='icon']")
        assert not inside(opened, "s:g[@class='icon']")
        assert float(inside(opened, "s:tspan/@y")[0]) < 340

    def test_dots_the_border_of_an_event_sub_process_and_shows_what_starts_it(self):
        start = '<bpmn:startEvent id="s"><bpmn:timerEventDefinition/></bpmn:startEvent>'
        group = part(picture(one("subProcess", inner=start, triggeredByEvent="true")), "it")

        assert inside(group, "s:rect[@class='task' and @stroke-dasharray]")
        assert len(inside(group, "s:g[@class='icon']")) == 2

    @pytest.mark.parametrize("tag", ["dataObjectReference", "dataStoreReference"])
    def test_draws_data_with_its_name_beside(self, tag):
        svg = picture(one(tag, name="Livsplan"))

        assert inside(part(svg, "it"), "s:path[@class='shape']")
        assert words(svg) == "Livsplan"

    def test_draws_annotations_and_groups(self):
        sketch = one("textAnnotation", inner="<bpmn:text>Husk værgen</bpmn:text>")
        sketch.node("group", "g", "", (10, 10), (200, 200), categoryValueRef="V")
        value = '<bpmn:category id="C"><bpmn:categoryValue id="V" value="Samling"/></bpmn:category>'
        svg = etree.fromstring(draw(sketch.xml(value), {}, "", {}))

        assert words(part(svg, "it")) == "Husk værgen"
        assert words(part(svg, "g")) == "Samling"
        assert inside(part(svg, "g"), "s:rect[@stroke-dasharray]")

    def test_draws_flows_with_heads_and_the_default_with_a_slash(self):
        svg = picture(course())

        assert inside(part(svg, "f1"), "s:path[@class='flow-head']")
        assert inside(part(svg, "f3"), "s:path[@class='flow-default']")
        assert not inside(part(svg, "f4"), "s:path[@class='flow-default']")
        assert inside(part(svg, "m1"), "s:path[@class='flow' and @stroke-dasharray]")

    def test_draws_a_condition_that_leaves_a_task_as_a_diamond(self):
        sketch = one("task")
        sketch.node("task", "next", "", (300, 100))
        condition = "<bpmn:conditionExpression>x</bpmn:conditionExpression>"
        sketch.flow("f", "it", "next", inner=condition)
        sketch.association("a", "it", "next", (150, 180), (350, 180), associationDirection="Both")
        svg = picture(sketch)

        assert inside(part(svg, "f"), "s:path[@class='flow-condition']")
        assert len(inside(part(svg, "a"), "s:path[@class='flow-open']")) == 2

    def test_tints_lanes_by_name_with_a_colour_or_a_class(self):
        svg = picture(course(), tints={"Visitator": "#2f6fb8", "Mentor": "lane-3"})

        assert inside(part(svg, "L1"), "s:rect[@fill='#2f6fb8' and @fill-opacity]")
        assert inside(part(svg, "L2"), "s:rect[@class='lane-3' and not(@fill)]")

    def test_puts_pools_under_lanes_under_flows_under_tasks(self):
        order = [group.get("data-element") for group in inside(picture(course()), "s:g[@id]")]

        ranked = [order.index(key) for key in ("Pool", "L2", "forloeb", "g1", "log", "frist")]
        assert ranked == sorted(ranked)

    def test_names_each_element_for_those_who_point_at_it(self):
        svg = picture(course(), {"vurder": Mark("late", "2 dage")})

        assert svg.get("role") == "img"
        assert svg.get("aria-label") == "Et forløb"
        assert part(svg, "frist").findtext("s:title", namespaces=SVG) == (
            "7 dage (hændelse på kanten (tid))"
        )
        assert part(svg, "vurder").findtext("s:title", namespaces=SVG) == (
            "Vurder målgruppe (opgave): overskredet, 2 dage"
        )

    def test_names_them_in_english_too(self):
        svg = picture(course(), {"vurder": Mark("active")}, language="en")

        assert part(svg, "vurder").findtext("s:title", namespaces=SVG) == (
            "Vurder målgruppe (task): in progress"
        )

    @pytest.mark.parametrize("state", ["active", "late", "done", "incident"])
    def test_shows_a_mark_by_class_sign_and_badge(self, state):
        svg = picture(course(), {"vurder": Mark(state, "3"), "f1": Mark("done")})
        [badge] = inside(svg, f"s:g[@class='badge is-{state}']")

        assert f"is-{state}" in part(svg, "vurder").get("class").split()
        assert "is-done" in part(svg, "f1").get("class").split()
        assert inside(badge, "s:g[@class='icon']")
        assert badge.findtext("s:text", namespaces=SVG) == "3"

    def test_ignores_marks_of_elements_that_are_not_drawn(self):
        assert not inside(picture(course(), {"gone": Mark("done")}), "s:g[@class='badge']")

    def test_needs_no_style_no_script_and_no_reference(self):
        svg = picture(course(), {"vurder": Mark("late")}, {"Mentor": "#2f6fb8"})

        assert not inside(svg, "*[@style or @href or starts-with(name(@*), 'on')]")
        assert not inside(svg, "s:style | .//s:script | .//s:image | .//s:use")

    def test_shows_the_whole_picture(self):
        x, y, across, down = map(float, picture(course()).get("viewBox").split())

        assert x <= 80
        assert y <= 60
        assert x + across >= 1220
        assert y + down >= 720

    def test_escapes_names_that_look_like_markup(self):
        evil = '"><script>alert(1)</script><b onload="x'
        sketch = one("userTask", name=evil)
        svg = picture(sketch, {"it": Mark("late", "<i>\x00&")}, {"x": '"/><script/>'})

        assert not inside(svg, "s:script")
        assert evil in part(svg, "it").findtext("s:title", namespaces=SVG)
        assert inside(svg, "s:text[.='<i>&']")

    def test_refuses_entities_and_never_opens_files(self):
        bomb = '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
        xml = one("task").xml().replace("<bpmn:definitions", f"{bomb}<bpmn:definitions", 1)

        with pytest.raises(NoPicture, match="document type"):
            draw(xml, {}, "", {})

    @pytest.mark.parametrize("xml", ["", "no xml", "<a><b></a>"])
    def test_refuses_what_is_no_xml(self, xml):
        with pytest.raises(NoPicture, match="not well-formed"):
            draw(xml, {}, "", {})

    def test_refuses_a_file_without_a_drawing_and_says_what_to_do(self):
        xml = re.sub("<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", "", one("task").xml())

        with pytest.raises(NoPicture, match="open it in the editor") as refused:
            draw(xml, {}, "", {})

        assert "åbn den i tegneprogrammet" in refused.value.da

    def test_refuses_a_drawing_in_which_nothing_has_a_place(self):
        with pytest.raises(NoPicture, match="has a place"):
            draw(Sketch().xml(), {}, "", {})

    def test_draws_the_plane_of_a_sub_process_when_asked(self):
        sketch = one("task")
        own = sketch.xml().replace(
            "</bpmn:definitions>",
            '<bpmndi:BPMNDiagram id="D2"><bpmndi:BPMNPlane id="P2" bpmnElement="sub">'
            '<bpmndi:BPMNShape id="x" bpmnElement="it"><dc:Bounds x="0" y="0" width="9" '
            'height="9"/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
            "</bpmn:definitions>",
        )
        svg = etree.fromstring(draw(own, {}, "", {}, plane="sub"))

        assert svg.get("width") == "49"
        with pytest.raises(NoPicture, match="no drawing of it"):
            draw(own, {}, "", {}, plane="other")

    @pytest.mark.parametrize("value", ["nan", "inf", "1e99", "x", "-5"])
    def test_leaves_out_shapes_of_impossible_size(self, value):
        sketch = one("task")
        sketch.node("task", "odd", "", (1, 1))
        xml = sketch.xml().replace('x="1" y="1" width="100"', f'x="1" y="1" width="{value}"')

        assert "el-odd" not in draw(xml, {}, "", {})


class TestDescribe:
    def test_lists_the_steps_in_reading_order_with_lane_and_state(self):
        rows = describe(course().xml(), {"vurder": Mark("active")})

        assert [row.element for row in rows] == [
            "start",
            "vurder",
            "frist",
            "valg",
            "nej",
            "forloeb",
            "inde",
            "log",
            "slut",
        ]
        assert rows[1] == Row("vurder", "Vurder målgruppe", "userTask", "Visitator", "active")
        assert rows[2].kind == "boundaryEvent.timer"
        assert rows[7].lane == "Mentor"

    def test_needs_no_drawing(self):
        xml = re.sub("<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>", "", one("task").xml())

        assert describe(xml, {}) == [Row("it", "Navn", "task", None, None)]


class TestWords:
    def test_has_danish_and_english_for_every_kind_a_row_can_have(self):
        kinds = {*TASKS, *GATEWAYS, *EVENT_KINDS, "boundaryEvent", "task", "callActivity"}

        assert kinds <= KINDS.keys()
        assert kind_in_words("startEvent.message", "en") == "start (message)"
        assert kind_in_words("unheardOf") == "unheardOf"


class TestText:
    NAMES = (
        "Ok",
        "Vurder målgruppe og forhold ved kursusstart",
        "Handicapkompenserende specialundervisningsforanstaltning",
        "Ungdomskriminalitetsnævnssekretariatet/sagsbehandling",
        "W" * 60,
        "En sætning med så mange ord at ingen kasse i verden har plads til den " * 3,
    )

    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("room", [(88, 68), (60, 30), (20, 12), (300, 40)])
    def test_never_leaves_its_box(self, name, room):
        fitted = fit(name, *room)

        assert fitted.width <= room[0]
        assert fitted.height <= max(room[1], 12)

    def test_parts_danish_compounds_at_their_joint(self):
        assert wrap("Visitationsbeslutning", 88, 12)[0] == "Visitations-"

    def test_keeps_line_breaks(self):
        assert wrap("Én\nTo", 88, 12) == ["Én", "To"]

    def test_takes_the_largest_size_that_fits(self):
        assert fit("Kort", 88, 68).size == 12
        assert fit("Et navn der er noget længere end det burde være", 88, 50).size < 12

    def test_counts_bold_letters_as_wider(self):
        assert width("Mentor", 12, bold=True) > width("Mentor", 12)


class TestEnglishPicture:
    def test_says_what_it_can_in_english_and_marks_the_rest_as_danish(self):
        english = {"Vurder målgruppe": "Assess target group", "Henvisning": "Referral"}

        svg = picture(course(), language="en", words=english.get)

        assert "Assess" in words(part(svg, "vurder"))
        assert part(svg, "vurder").get("lang") is None
        assert part(svg, "L1").get("lang") == "da"
        assert "Visitator" in words(part(svg, "L1"))
        assert any(
            "Referral" in words(label)
            for label in svg.xpath("//s:g[@class='labels']", namespaces=SVG)
        )

    def test_marks_the_label_that_stands_beside_its_symbol(self):
        svg = picture(course(), language="en", words={}.get)

        beside = svg.xpath("//s:g[@class='labels']/s:g[@lang='da']", namespaces=SVG)

        assert "Henvisning" in [words(label) for label in beside]
