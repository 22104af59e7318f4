"""Forms in the browser: what is typed is kept, sent once, and refused at its field."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest

from tests.browser.real_browser import assert_no_axe_violations

SHEET = '<link rel="stylesheet" href="/static/build/form.css">'
SCHEMA = {
    "type": "default",
    "id": "henvisning",
    "schemaVersion": 19,
    "components": [
        {
            "type": "textfield",
            "id": "felt_henviser",
            "key": "henviser",
            "label": "Henviser",
            "validate": {"required": True},
        },
        {
            "type": "select",
            "id": "felt_organisation",
            "key": "organisation",
            "label": "Organisation",
            "values": [{"label": "SSP", "value": "ssp"}, {"label": "Politiet", "value": "politi"}],
        },
        {"type": "number", "id": "felt_alder", "key": "alder", "label": "Alder"},
        {"type": "checkbox", "id": "felt_samtykke", "key": "samtykke", "label": "Samtykke"},
        {
            "type": "datetime",
            "subtype": "date",
            "id": "felt_dato",
            "key": "dato",
            "dateLabel": "Modtaget den",
        },
        {
            "type": "dynamiclist",
            "id": "felt_moeder",
            "path": "moeder",
            "label": "Møder",
            "components": [
                {"type": "textfield", "id": "felt_sted", "key": "sted", "label": "Sted"}
            ],
        },
    ],
}


def task_page(data=None, errors=None) -> str:
    def block(name: str, value: object) -> str:
        return f'<script type="application/json" id="form-{name}">{json.dumps(value)}</script>'

    return f"""
      <main class="page"><h1>Registrér henvisning</h1>
      <div class="form" data-form="completion" data-draft="task-1"></div>
      <form id="completion" method="post" action="/completion">
        <input type="hidden" name="csrf_token" value="token">
        <input type="hidden" name="answers" value="">
        <button class="button button-primary" type="submit">Fuldfør</button>
        <span data-draft-state class="muted"></span>
      </form></main>
      {block("schema", SCHEMA)}{block("data", data or {})}
      {block("errors", errors) if errors else ""}
      <script src="/static/build/form.js" defer></script>"""


@pytest.fixture
def show(workbench):
    def show(page, **facts):
        page.goto(workbench.show("/task", task_page(**facts), head=SHEET))
        page.locator(".form--ready").wait_for()

    return show


def answers_of(workbench) -> list[dict]:
    return [
        json.loads(parse_qs(body)["answers"][0]) for body in workbench.sent("POST", "/completion")
    ]


class TestForm:
    def test_sends_its_answers_as_json_in_an_ordinary_post(self, page, workbench, show):
        workbench.reply("POST", "/completion", 200, "<title>færdig</title>")
        show(page, data={"alder": 17})

        page.get_by_label("Henviser").fill("SSP Nord")
        page.locator(".fjs-select-display").click()
        page.get_by_text("Politiet").click()
        page.get_by_label("Modtaget den").fill("31.01.2026")
        page.get_by_role("button", name="Fuldfør").click()
        page.wait_for_url("**/completion")

        [answers] = answers_of(workbench)
        assert answers["henviser"] == "SSP Nord"
        assert answers["organisation"] == "politi"
        assert answers["alder"] == 17
        assert answers["dato"] == "2026-01-31"

    def test_keeps_what_is_typed_while_another_answer_is_taken_in(self, page, show):
        show(page)

        typed = page.evaluate(
            """async () => {
              const box = document.querySelector('.fjs-form-field-textfield input');
              box.value = 'SSP Nord';
              box.dispatchEvent(new Event('input', { bubbles: true }));
              document.querySelector('input[type=checkbox]').click();
              for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
              return box.value;
            }"""
        )

        assert typed == "SSP Nord"

    def test_stays_and_says_in_danish_what_is_missing(self, page, workbench, show):
        show(page)

        page.get_by_role("button", name="Fuldfør").click()

        summary = page.locator(".form-summary")
        assert "Henviser: Feltet skal udfyldes." in summary.inner_text()
        assert workbench.sent("POST", "/completion") == []
        summary.get_by_role("link").first.click()
        assert page.evaluate("document.activeElement.id").endswith("-felt_henviser")

    def test_shows_what_the_server_refused_at_the_field_and_keeps_what_was_typed(self, page, show):
        show(
            page,
            data={"alder": 12, "moeder": [{"sted": "Her"}]},
            errors={"alder": ["Den unge er for ung."], "moeder": {"0": {"sted": ["Ukendt sted."]}}},
        )

        assert page.get_by_label("Alder").input_value() == "12"
        assert page.locator(".fjs-form-field-number").get_by_text("for ung").count() == 1
        page.get_by_role("link", name="Sted: Ukendt sted.").click()
        assert page.evaluate("document.activeElement.value") == "Her"
        assert_no_axe_violations(page)

    def test_brings_a_draft_back_and_can_start_over(self, page, show):
        show(page)
        page.get_by_label("Henviser").fill("Halvt skrevet")
        page.get_by_text("gemt her kl.").wait_for()

        page.reload()
        page.get_by_text("din kladde").wait_for()
        back = page.get_by_label("Henviser").input_value()
        page.get_by_role("button", name="Begynd forfra").click()
        page.get_by_text("din kladde").wait_for(state="detached")

        assert back == "Halvt skrevet"
        assert page.get_by_label("Henviser").input_value() == ""

    def test_leaves_no_draft_behind_when_it_is_sent(self, page, workbench, show):
        workbench.reply("POST", "/completion", 200, "<title>færdig</title>")
        show(page)
        page.get_by_label("Henviser").fill("SSP")

        page.get_by_role("button", name="Fuldfør").click()
        page.wait_for_url("**/completion")

        assert page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_form_is_accessible_and_fits(open_page, show, phone, dark):
    page = open_page(phone=phone, dark=dark)

    show(page)
    page.get_by_role("button", name="Fuldfør").click()

    assert_no_axe_violations(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]
