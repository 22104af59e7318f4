"""The table editor in the browser: Danish, under the strict policy, and trying values at once."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import STUDIO_POLICY

SHEET = '<link rel="stylesheet" href="/static/build/table-editor.css">'
TABLE = (Path(__file__).parents[2] / "bpmn" / "faelles" / "maalgruppe.dmn").read_text("utf-8")
DATA = json.dumps({"xml": TABLE}).replace("<", r"\u003c")
PAGE = f"""
  <main class="page page--wide"><h1>Målgruppe</h1>
  <div data-table-editor data-file="maalgruppe.dmn" data-save-url="/draft" data-lint-url="/lint"
    data-trial-url="/trial"></div></main>
  <script type="application/json" id="table">{DATA}</script>
  <script src="/static/build/table-editor.js" defer></script>"""
PROBLEM = {
    "file": "maalgruppe.dmn",
    "element": "maalgruppe_regel_2",
    "name": "Målgruppe",
    "line": 30,
    "column": 7,
    "rule": "rules-overlap",
    "severity": "error",
    "message": "Regel 1 og 2 passer begge.",
}
TRIED = {
    "questions": [{"name": "i_maalgruppe", "kind": "boolean"}, {"name": "alder", "kind": "number"}],
    "answer": '{afgoerelse: "afvis"}',
    "rules": ["maalgruppe_regel_5"],
    "problem": "",
}


HITS = ["maalgruppe_regel_1", "maalgruppe_regel_3"]


def open_editor(page, workbench):
    workbench.reply("POST", "/lint", 200, {"problems": [PROBLEM]})
    workbench.reply("PUT", "/draft", 200, {"updated_at": "2026-01-31T12:00:00+01:00"})
    workbench.reply("POST", "/trial", 200, TRIED)
    page.goto(workbench.show("/table", PAGE, head=SHEET, policy=STUDIO_POLICY))
    page.get_by_role("button", name="Regel 1 og 2 passer begge.").wait_for()


class TestTableEditor:
    def test_shows_the_table_in_danish(self, page, workbench):
        open_editor(page, workbench)

        words = page.locator(".studio").inner_text()

        assert "Alder på holdstart" in words
        assert "Vis beslutningsdiagram" in words
        assert "Noter" in words

    def test_saves_a_changed_cell(self, page, workbench):
        open_editor(page, workbench)

        page.locator("[data-element-id=maalgruppe_regel_2_ind_2] [contenteditable]").click()
        page.keyboard.press("Control+a")
        page.keyboard.type("15")
        page.get_by_text("Ikke gemt endnu").wait_for()
        page.get_by_role("button", name="Gem kladde").click()
        page.get_by_text(re.compile("Kladde gemt kl. ")).wait_for()

        assert "<text>15</text>" in json.loads(workbench.sent("PUT", "/draft")[-1])["xml"]

    def test_marks_rules_that_match_and_those_with_problems(self, page, workbench):
        open_editor(page, workbench)

        expect(page.locator("tr.is-hit")).to_have_text(re.compile("Alle andre"))
        expect(page.locator("tr.has-error")).to_have_text(re.compile("Undtagelsen"))

    def test_tries_what_is_written_and_shows_the_answer(self, page, workbench):
        open_editor(page, workbench)
        page.get_by_text('{afgoerelse: "afvis"}').wait_for()
        workbench.reply("POST", "/trial", 200, TRIED | {"answer": '"optag"', "rules": HITS})

        page.get_by_label("i_maalgruppe").select_option("sand")
        page.get_by_label("alder").fill("17")

        expect(page.locator(".trial__answer")).to_contain_text('"optag" 2 regler passede')
        expect(page.locator("tr.is-hit")).to_have_count(2)
        expect(page.get_by_label("alder")).to_be_focused()
        asked = json.loads(workbench.sent("POST", "/trial")[-1])
        assert asked["decision"] == "maalgruppe"
        assert asked["values"] == {"i_maalgruppe": "true", "alder": "17"}
        assert "<decisionTable" in asked["xml"]

    def test_says_why_there_is_no_answer(self, page, workbench):
        open_editor(page, workbench)
        workbench.reply("POST", "/trial", 200, TRIED | {"problem": "rule 1: nej", "rules": []})

        page.get_by_label("alder").fill("17")

        expect(page.locator(".trial__answer--problem")).to_have_text("rule 1: nej")
        expect(page.locator("tr.is-hit")).to_have_count(0)

    def test_goes_to_the_cell_of_a_problem(self, page, workbench):
        open_editor(page, workbench)
        page.get_by_role("button", name="Overblik").click()

        page.get_by_role("button", name="Regel 1 og 2 passer begge.").click()

        expect(page.get_by_role("button", name="Målgruppe", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        expect(page.locator("tr.has-error")).to_be_in_viewport()
