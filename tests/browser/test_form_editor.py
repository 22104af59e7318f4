"""The form editor in the browser: Danish, under the strict policy, and keeping the compartment."""

from __future__ import annotations

import json
import re

from tests.browser.conftest import STUDIO_POLICY

SHEET = '<link rel="stylesheet" href="/static/build/form-editor.css">'
SCHEMA = {
    "type": "default",
    "id": "samtykke",
    "schemaVersion": 19,
    "compartment": "C",
    "components": [{"type": "number", "id": "felt_alder", "key": "alder", "label": "Alder"}],
}
PAGE = f"""
  <main class="page page--wide"><h1>Samtykke</h1>
  <div data-form-editor data-file="samtykke.form.json" data-save-url="/draft"
    data-lint-url="/lint"></div></main>
  <script type="application/json" id="form-schema">{json.dumps(SCHEMA)}</script>
  <script src="/static/build/form-editor.js" defer></script>"""
PROBLEM = {
    "file": "samtykke.form.json",
    "element": "alder",
    "line": 3,
    "rule": "key",
    "severity": "error",
    "message": "Nøglen er brugt.",
}


def open_editor(page, workbench):
    workbench.reply("POST", "/lint", 200, {"problems": [PROBLEM]})
    workbench.reply("PUT", "/draft", 200, {"updated_at": "2026-01-31T12:00:00+01:00"})
    page.goto(workbench.show("/form", PAGE, head=SHEET, policy=STUDIO_POLICY))
    page.get_by_role("button", name="Nøglen er brugt.").click()
    page.locator('[data-group-id="group-general"]').get_by_text("Generelt").click()


class TestFormEditor:
    def test_speaks_danish(self, page, workbench):
        open_editor(page, workbench)

        words = page.locator(".studio").inner_text()

        assert "Langt tekstfelt" in words
        assert "Navnet, som svaret gemmes under" in words

    def test_saves_a_changed_field_and_the_compartment(self, page, workbench):
        open_editor(page, workbench)

        page.locator("#bio-properties-panel-key").fill("alder_ved_start")
        page.get_by_text("Ikke gemt endnu").wait_for()
        page.get_by_label("Rum").select_option("A")
        page.get_by_role("button", name="Gem kladde").click()
        page.get_by_text(re.compile("Kladde gemt kl. ")).wait_for()

        schema = json.loads(workbench.sent("PUT", "/draft")[-1])["schema"]
        assert schema["compartment"] == "A"
        assert [field["key"] for field in schema["components"]] == ["alder_ved_start"]
