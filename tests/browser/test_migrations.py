"""A process owner moves the demonstration's cases to a new version, and takes them back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import Colleague
from tests.browser.site import demo_site
from tests.browser.test_pages import FIND, TOO_WIDE

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text()
SHARED = Path(__file__).parents[2] / "bpmn/faelles"
FILE = "maalgruppe.bpmn"
PUBLISH = """async ([file, xml]) => {
  const token = document.querySelector('meta[name=csrf-token]').content;
  const send = (method, address, body) => fetch(`/studio/en_vej_ind/${address}`, {
    method, headers: {'Content-Type': 'application/json', 'X-CSRFToken': token},
    body: JSON.stringify(body)});
  const kept = await send('PUT', `draft/${file}`, {xml, updated_at: ''});
  const done = await send('POST', 'publication', {note: 'Andre navne'});
  return [kept.status, done.status, await done.text()];
}"""
WORK_MILLISECONDS = 60_000


@pytest.fixture(scope="module")
def site():
    with demo_site() as address:
        yield address


@pytest.fixture
def owner(open_page, site):
    return Colleague("Procesejer", open_page(), site).signs_in()


def look(page, name):
    """Nothing for axe to find and nothing cut off, on a desk and in a hand."""
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(AXE)
        found = page.evaluate(FIND)["violations"]
        assert [one["id"] for one in found] == [], name
        assert page.evaluate(TOO_WIDE) <= 0, f"{name} scrolls sideways at {width}"


def test_cases_are_moved_and_taken_back(owner):
    page = owner.page
    xml = (SHARED / FILE).read_text()
    task = re.search(r'<bpmn:userTask id="(\w+)"', xml)[1]
    owner.goes_to("/studio/en_vej_ind")
    kept, published, said = page.evaluate(PUBLISH, [FILE, xml.replace(f'"{task}"', f'"{task}_ny"')])
    assert (kept, published) == (200, 201), said

    owner.goes_to("/studio/en_vej_ind")
    page.get_by_role("link", name=re.compile("Flyt dem")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Flyt sager")
    chooser = page.locator("main table select").first
    expect(chooser).to_have_value(f"{task}_ny")
    look(page, "mapping")

    page.get_by_role("button", name=re.compile("Se, hvad der ville ske")).press("Enter")
    heading = page.get_by_role("heading", name="Sag for sag")
    expect(heading).to_be_visible(timeout=WORK_MILLISECONDS)
    look(page, "dry run")

    page.get_by_label("Hvorfor flyttes de?").fill("Nyt navn på opgaven")
    page.get_by_role("button", name=re.compile(r"Flyt \d+ sag")).click()
    expect(heading).to_be_visible(timeout=WORK_MILLISECONDS)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Flyttet fra version 1"))
    expect(page.locator(".badge-success").first).to_have_text("flyttet")
    look(page, "result")

    page.locator("summary", has_text="Tag sagerne tilbage").press("Enter")
    page.get_by_label("Hvorfor tages de tilbage?").fill("Det var for tidligt")
    page.get_by_role("button", name=re.compile(r"Tag \d+ sag")).click()
    expect(heading).to_be_visible(timeout=WORK_MILLISECONDS)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Tilbage fra version"))
