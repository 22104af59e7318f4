"""Lists in the browser: keys, live rows, the phone's facts."""

from __future__ import annotations

import pytest

from tests.browser.real_browser import assert_no_axe_violations

ROW = """
<tr data-row id="row-{number}">
  <td data-label="Frist"><span class="deadline deadline--{tone}">
    <span class="deadline__word">{word}</span>
    <time class="deadline__left" datetime="2026-11-26T09:00+01:00">om 3 dage</time></span></td>
  <th scope="row"><a href="/tasks/{number}" data-open id="open-{number}">Opgave {number}</a></th>
  <td data-label="Rolle"><span class="role role--{number}">Mentor</span></td>
  <td><form method="post" action="/tasks/{number}/claim">
    <button class="button button-secondary" data-claim id="claim-{number}">Tag</button></form></td>
</tr>"""
TONES = ["missed", "urgent", "soon", "calm", "paused"]
WORDS = ["overskredet", "haster", "snart", "rolig", "på pause"]


def rows(numbers: range) -> str:
    return "".join(
        ROW.format(number=number, tone=TONES[number % 5], word=WORDS[number % 5])
        for number in numbers
    )


def inbox(numbers: range, *, every: float = 600) -> str:
    return f"""
      <header class="topbar"><a class="topbar__brand" href="/">Vejviser</a>
      <nav class="topbar__nav" aria-label="Hovedmenu"><ul>
        <li><a href="/opgaver" aria-current="page">Opgaver</a></li></ul></nav>
      <form class="topbar__search" role="search">
        <input type="search" data-search aria-label="Søg"></form></header>
      <main class="page"><h1>Opgaver</h1><table class="table facts">
      <thead><tr><th>Frist</th><th>Opgave</th><th>Rolle</th><th>Gør</th></tr></thead>
      <tbody data-live="/rows" data-every="{every}">{rows(numbers)}</tbody></table></main>
      <script src="/static/build/live.js" defer></script>"""


class TestKeys:
    def test_walk_down_and_up_the_rows(self, page, workbench):
        page.goto(workbench.show("/inbox", inbox(range(3))))

        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")

        assert page.evaluate("document.activeElement.id") == "row-0"

    def test_open_the_row_that_has_the_focus(self, page, workbench):
        page.goto(workbench.show("/inbox", inbox(range(3))))
        workbench.show("/tasks/1", "<h1>Opgave 1</h1>")

        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("o")

        page.wait_for_url("**/tasks/1")
        assert page.locator("h1").inner_text() == "Opgave 1"

    def test_claim_the_row_that_has_the_focus(self, page, workbench):
        page.goto(workbench.show("/inbox", inbox(range(3))))
        workbench.reply("POST", "/tasks/0/claim", 200, "<title>taget</title>")

        page.keyboard.press("j")
        page.keyboard.press("c")
        page.wait_for_url("**/claim")

        assert len(workbench.sent("POST", "/tasks/0/claim")) == 1

    def test_are_letters_while_somebody_types(self, page, workbench):
        page.goto(workbench.show("/inbox", inbox(range(3))))

        page.keyboard.press("/")
        page.keyboard.type("jko")

        assert page.get_by_label("Søg").input_value() == "jko"

    def test_are_listed_on_a_question_mark(self, page, workbench):
        page.goto(workbench.show("/inbox", inbox(range(3))))

        page.keyboard.press("?")

        assert "næste række" in page.get_by_role("dialog").inner_text()
        assert_no_axe_violations(page)


class TestLiveRows:
    def test_come_in_without_losing_the_focus(self, page, workbench):
        workbench.reply("GET", "/rows", 200, rows(range(4)))
        page.goto(workbench.show("/inbox", inbox(range(3), every=0.2)))
        page.locator("#claim-1").focus()

        page.locator("#row-3").wait_for()

        assert page.evaluate("document.activeElement.id") == "claim-1"
        assert page.get_by_text("Listen er opdateret.").count() == 1

    def test_wait_while_somebody_reads_an_unfolded_answer(self, page, workbench):
        workbench.reply("GET", "/rows", 200, rows(range(4)))
        answer = "<details open><summary autofocus>hvorfor?</summary>Fordi</details>"
        body = inbox(range(1), every=0.5).replace("<form method", f"{answer}<form method")
        page.goto(workbench.show("/inbox", body))
        page.locator("summary:focus").wait_for()

        page.wait_for_timeout(1200)

        assert workbench.sent("GET", "/rows") == []

    def test_say_when_the_session_is_over(self, page, workbench):
        workbench.reply("GET", "/rows", 401, "")
        page.goto(workbench.show("/inbox", inbox(range(3), every=0.1)))

        page.get_by_text("log ind igen").wait_for(state="attached")

        assert page.locator("[data-row]").count() == 3


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_list_is_accessible_and_never_wider_than_the_screen(open_page, workbench, phone, dark):
    page = open_page(phone=phone, dark=dark)

    page.goto(workbench.show("/inbox", inbox(range(5))))

    assert_no_axe_violations(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]


def test_letters_really_appear(page, workbench):
    page.goto(workbench.show("/page", "<h1 id='words'>Æblegrød på Østerbro</h1>"))

    shown = page.evaluate(
        """async () => {
          await document.fonts.ready;
          const paper = document.createElement('canvas').getContext('2d');
          paper.font = '16px "IBM Plex Sans"';
          const widths = ['iiii', 'WWWW'].map((text) => paper.measureText(text).width);
          return [document.fonts.check('16px "IBM Plex Sans"'), widths];
        }"""
    )

    assert shown[0]
    assert shown[1][0] * 2 < shown[1][1]
