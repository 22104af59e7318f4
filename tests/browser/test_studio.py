"""The studio in the browser: diagrams survive it, and the panel writes what the engine reads."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from lxml import etree

from tests.browser.conftest import STUDIO_POLICY

DIAGRAMS = sorted((Path(__file__).parents[2] / "bpmn").glob("*/*.bpmn"))
MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
CATALOGUE = {
    "forms": [{"id": "f1_henvisning.form.json", "label": "F1 Henvisning"}],
    "decisions": [{"id": "maalgruppe", "label": "Målgruppe"}],
    "operations": [
        {
            "id": "mail/Send",
            "label": "Send mail",
            "parameters": [{"id": "to", "type": "str", "label": "Til"}],
        }
    ],
    "roles": ["Mentor", "Visitator"],
    "statutes": [{"id": "L1", "label": "L1 Underretning vurderes"}],
    "messages": ["dom_afsagt"],
    "processes": [{"id": "afsoning", "label": "Afsoning"}],
}
DIAGRAM = f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="{MODEL}" xmlns:spiffworkflow="{SPIFF}" id="d"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" targetNamespace="urn:proeve">
  <bpmn:process id="proeve" isExecutable="true">
    <bpmn:userTask id="opgave" name="Opgave"/>
    <bpmn:serviceTask id="handling" name="Handling"/>
    <bpmn:callActivity id="kald" name="Kald"/>
    <bpmn:receiveTask id="modtag" name="Modtag"/>
    <bpmn:businessRuleTask id="regel" name="Regel"/>
    <bpmn:adHocSubProcess id="frit" name="Frit"><bpmn:userTask id="tale"/></bpmn:adHocSubProcess>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="billede"><bpmndi:BPMNPlane id="plan" bpmnElement="proeve">
    {
    "".join(
        f'<bpmndi:BPMNShape id="{name}_di" bpmnElement="{name}">'
        f'<dc:Bounds x="{120 + 140 * place}" y="100" width="100" height="80"/></bpmndi:BPMNShape>'
        for place, name in enumerate(["opgave", "handling", "kald", "modtag", "regel", "frit"])
    )
}
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>"""


def studio_page(xml: str) -> str:
    def block(name: str, value: object) -> str:
        text = json.dumps(value).replace("<", "\\u003c")
        return f'<script type="application/json" id="{name}">{text}</script>'

    return f"""
      <main class="page page--wide"><h1>Prøve</h1>
      <div data-modeler data-file="proeve.bpmn" data-save-url="/draft" data-lint-url="/lint"
        data-publish-url="/publication"></div></main>
      {block("diagram", {"xml": xml})}{block("catalogue", CATALOGUE)}
      <script src="/ready.js"></script><script src="/static/build/modeler.js" defer></script>"""


@pytest.fixture
def studio(page, workbench):
    """Opens a diagram and gives what the tests ask of it."""
    workbench.reply(
        "GET",
        "/ready.js",
        200,
        "document.addEventListener('vejviser:ready', (e) => { window.modeler = e.detail; });",
    )
    workbench.reply("POST", "/lint", 200, {"problems": []})
    workbench.reply("PUT", "/draft", 200, {"updated_at": "2026-01-31T12:00:00+01:00"})
    return Studio(page, workbench)


class Studio:
    def __init__(self, page, workbench) -> None:
        self.page = page
        self.workbench = workbench

    def open(self, xml: str = DIAGRAM) -> None:
        sheet = '<link rel="stylesheet" href="/static/build/modeler.css">'
        address = self.workbench.show("/studio", studio_page(xml), head=sheet, policy=STUDIO_POLICY)
        self.page.goto(address)
        self.page.wait_for_function("window.modeler")

    def choose(self, element: str, group: str) -> None:
        self.page.evaluate(
            "(id) => modeler.get('selection').select(modeler.get('elementRegistry').get(id))",
            element,
        )
        self.page.locator(f'[data-group-id="group-vejviser-{group}"]').get_by_text(
            re.compile(".+")
        ).first.click()

    def field(self, name: str):
        return self.page.locator(f"#bio-properties-panel-vejviser-{name}")

    def saved(self) -> etree._Element:
        """What the modeler would save, once the panel's delay is over."""
        self.page.wait_for_timeout(700)
        xml = self.page.evaluate("async () => (await modeler.saveXML()).xml")
        return etree.fromstring(xml.encode())


def properties_of(root, element: str) -> dict[str, str]:
    found = root.xpath(f"//*[@id='{element}']//s:property", namespaces={"s": SPIFF})
    return {node.get("name"): node.get("value") for node in found}


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda file: file.stem)
def test_a_diagram_survives_the_modeler(studio, diagram):
    xml = diagram.read_text(encoding="utf-8")

    studio.open(xml)

    assert _facts(etree.fromstring(xml.encode())) == _facts(studio.saved())


def _facts(root) -> set[tuple[str, str | None, tuple[tuple[str, str], ...], str]]:
    """What a diagram says, apart from its picture and what BPMN takes for granted."""
    return {
        (
            etree.QName(node).localname.lower(),
            _owner(node),
            tuple(sorted((k, v) for k, v in node.attrib.items() if k != "isInterrupting")),
            (node.text or "").strip(),
        )
        for node in root.iter(f"{{{MODEL}}}*", f"{{{SPIFF}}}*")
        if etree.QName(node).localname not in {"incoming", "outgoing"}
    } | {
        ("not interrupting", node.get("id"), (), "")
        for node in root.iter(f"{{{MODEL}}}startEvent")
        if node.get("isInterrupting") == "false"
    }


def _owner(node) -> str | None:
    while node is not None and node.get("id") is None:
        node = node.getparent()
    return None if node is None else node.get("id")


class TestPanel:
    def test_gives_a_user_task_its_form_deadline_and_guidance(self, studio):
        studio.open()
        studio.choose("opgave", "task")

        studio.field("form").select_option("f1_henvisning.form.json")
        studio.field("deadline").fill("P14D")
        studio.field("calendar").select_option("working")
        studio.field("pausable").select_option("false")
        studio.field("InstructionsForEndUser").fill("Ring først.")

        root = studio.saved()
        assert properties_of(root, "opgave") == {
            "form": "f1_henvisning.form.json",
            "deadline": "P14D",
            "calendar": "working",
            "pausable": "false",
        }
        assert (
            root.xpath("string(//s:instructionsForEndUser)", namespaces={"s": SPIFF})
            == "Ring først."
        )

    def test_names_the_statute_that_gives_a_task_its_deadline(self, studio):
        studio.open()
        studio.choose("opgave", "task")

        studio.field("statute").select_option("L1 Underretning vurderes")

        assert properties_of(studio.saved(), "opgave") == {"statute": "L1"}

    def test_says_how_the_activities_of_an_ad_hoc_sub_process_are_chosen(self, studio):
        studio.open()
        studio.choose("frit", "ad-hoc")

        studio.field("ordering").select_option("Sequential")
        studio.field("completionCondition").fill("plan_klar = true")
        studio.field("cancelRemainingInstances").select_option("false")
        studio.field("assign").fill("team")

        root = studio.saved()
        [drawn] = root.iter(f"{{{MODEL}}}adHocSubProcess")
        assert (drawn.get("ordering"), drawn.get("cancelRemainingInstances")) == (
            "Sequential",
            "false",
        )
        assert drawn.findtext(f"{{{MODEL}}}completionCondition") == "plan_klar = true"
        assert properties_of(root, "frit") == {"assign": "team"}

    def test_gives_a_service_task_its_operation_with_parameters(self, studio):
        studio.open()
        studio.choose("handling", "operation")

        studio.field("operation").select_option("mail/Send")
        studio.field("parameter-to").fill('"mentor@eksempel.dk"')
        studio.field("operation-result").fill("kvittering")

        root = studio.saved()
        [operator] = root.iter(f"{{{SPIFF}}}serviceTaskOperator")
        [parameter] = root.iter(f"{{{SPIFF}}}parameter")
        assert operator.attrib == {"id": "mail/Send", "resultVariable": "kvittering"}
        assert parameter.attrib == {"id": "to", "type": "str", "value": '"mentor@eksempel.dk"'}

    def test_lists_the_roles_of_a_called_process(self, studio):
        studio.open()
        studio.choose("kald", "call")
        studio.field("called").select_option("afsoning")

        lanes = studio.page.locator('[data-group-id="group-vejviser-lane"]')
        lanes.get_by_title("Ny linje").click()
        studio.field("lane-0-name").fill("Sagsbehandler")
        studio.page.wait_for_timeout(600)
        studio.field("lane-0-value").select_option("Mentor")

        root = studio.saved()
        assert properties_of(root, "kald") == {"lane.Sagsbehandler": "Mentor"}
        [call] = root.iter(f"{{{MODEL}}}callActivity")
        assert call.get("calledElement") == "afsoning"

    def test_makes_the_message_that_a_task_waits_for(self, studio):
        studio.open()
        studio.choose("modtag", "message")

        studio.field("message").select_option("dom_afsagt")
        studio.field("correlation").fill("sagsnummer")

        root = studio.saved()
        [message] = root.iter(f"{{{MODEL}}}message")
        [task] = root.iter(f"{{{MODEL}}}receiveTask")
        assert message.get("name") == "dom_afsagt"
        assert task.get("messageRef") == message.get("id")
        assert properties_of(root, "modtag") == {"correlation": "sagsnummer"}

    def test_undoes_a_change_in_one_step(self, studio):
        studio.open()
        studio.choose("opgave", "task")
        studio.field("deadline").fill("P14D")
        studio.page.wait_for_timeout(600)

        studio.page.get_by_role("button", name="Fortryd").click()

        assert properties_of(studio.saved(), "opgave") == {}


class TestSaving:
    def test_keeps_a_draft_and_says_when(self, studio):
        studio.open()
        studio.choose("opgave", "task")
        studio.field("deadline").fill("P14D")
        studio.page.get_by_text("Ikke gemt endnu").wait_for()

        studio.page.get_by_role("button", name="Gem kladde").click()
        studio.page.get_by_text(re.compile("Kladde gemt kl. ")).wait_for()

        [body] = studio.workbench.sent("PUT", "/draft")
        assert 'value="P14D"' in json.loads(body)["xml"]

    def test_tells_that_somebody_else_has_changed_the_draft(self, studio):
        studio.workbench.reply("PUT", "/draft", 409, {})
        studio.open()
        studio.choose("opgave", "task")
        studio.field("deadline").fill("P14D")
        studio.page.get_by_text("Ikke gemt endnu").wait_for()

        studio.page.get_by_role("button", name="Gem kladde").click()

        studio.page.get_by_text("En anden har ændret kladden").wait_for()

    def test_shows_why_it_was_not_published(self, studio):
        problem = {
            "file": "proeve.bpmn",
            "element": "opgave",
            "line": 4,
            "rule": "form",
            "severity": "error",
            "message": "Opgaven har intet skema.",
        }
        studio.workbench.reply("POST", "/publication", 422, {"problems": [problem]})
        studio.open()

        studio.page.get_by_role("button", name="Udgiv …").click()
        studio.page.get_by_label("Hvad er ændret").fill("Første udgave")
        studio.page.get_by_role("dialog").get_by_role("button", name="Udgiv").click()
        studio.page.get_by_role("button", name="Opgaven har intet skema.").click()

        chosen = "modeler.get('selection').get().map((element) => element.id)"
        assert studio.page.evaluate(chosen) == ["opgave"]
        assert studio.page.locator(".problem-sign--error").count() == 1
        [body] = studio.workbench.sent("POST", "/publication")
        assert json.loads(body)["note"] == "Første udgave"
