"""People at their browsers, so that a journey reads like what they did."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from playwright.sync_api import Locator, Page

JUMP_MILLISECONDS = 60_000
"""A jump over months fires a hundred timers on its way."""


@dataclass
class Colleague:
    """Somebody with a role, signed in on a browser of their own."""

    name: str
    """As the sign-in page calls the account."""

    page: Page
    site: str
    cases: dict[str, str] = field(default_factory=dict)
    """Reference to the address of the case's page."""

    def signs_in(self) -> Colleague:
        self.page.goto(self.site)
        self.page.get_by_role("button", name=self.name, exact=True).click()
        expect(self.page.locator(".topbar__me")).to_contain_text(self.name)
        return self

    def refers(self, reference: str, programme: str = "En Vej Ind") -> str:
        """Opens a case; the address of its page."""
        self.goes_to("/cases/new")
        self.page.get_by_label("Forløb", exact=True).select_option(label=programme)
        self.page.get_by_label("Reference", exact=True).fill(reference)
        self.presses("Registrér henvisningen")
        expect(self.heading).to_have_text(f"Sag {reference}")
        self.cases[reference] = self.page.url
        return self.page.url

    def does(self, reference: str, task: str, answers: Mapping[str, Any]) -> None:
        """Takes the task from the inbox, fills in its form by the labels, and hands it in."""
        self.opens(reference, task)
        self.hands_in(answers)

    def does_each(
        self, reference: str, task: str, answers: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Does a task that is there once for every member; the form says whom it is about."""
        for left in range(len(answers), 0, -1):
            self.opens(reference, task, among=left)
            form = self.page.locator("[data-form]")
            [about] = [whom for whom in answers if form.get_by_text(whom, exact=True).count()]
            self.hands_in(answers[about])

    def opens(self, reference: str, task: str, among: int = 1) -> None:
        """Goes on with a task of one's own, or takes it from the role's queue.

        `among`: how many there are of the kind; it is the first of them.
        """
        rows = self.row(reference, task)
        expect(rows).to_have_count(among)
        row = rows.first
        taken = row.get_by_role("link", name="Fortsæt")
        (taken if taken.count() else row.get_by_role("button", name="Tag")).click()
        expect(self.heading).to_have_text(task)
        expect(self.page.locator(".form--ready")).to_be_visible()

    def hands_in(self, answers: Mapping[str, Any]) -> None:
        """Fills in the form that is open and completes its task."""
        self.fills_in(answers)
        self.presses("Fuldfør")
        expect(self.said).to_contain_text("Du udførte opgaven")

    def fills_in(self, answers: Mapping[str, Any]) -> None:
        """Answers the questions of the form that is open, by their labels."""
        for label, value in answers.items():
            fill(self.page.locator("[data-form]"), label, value)

    def is_told_whose_turn_it_is(self, role: str, task: str) -> None:
        """After completing: the role and the task that come next."""
        turns = self.page.locator(".turns li").filter(has=self.page.get_by_text(role, exact=True))
        expect(turns.get_by_role("link", name=task, exact=True)).to_be_visible()

    def reports(self, reference: str, event: str) -> None:
        """Tells the case of something that happened, from the list of what it waits for."""
        page = self.sees_the_case(reference)
        page.get_by_text("Meld en hændelse").click()
        page.get_by_role("button", name=event, exact=True).click()
        self.page.get_by_role("dialog").get_by_role("button", name=event, exact=True).click()
        expect(self.said).to_be_visible()

    def deadline_card(self, reference: str, task: str) -> Locator:
        """The card of a running deadline on the case's page."""
        cards = self.sees_the_case(reference, "deadlines").locator(".deadline-card")
        return cards.filter(has=self.page.get_by_role("heading", name=task, exact=True))

    def row(self, reference: str, task: str) -> Locator:
        """The task's row in the inbox: among one's own, else in the role's queue."""
        self.goes_to("/tasks")
        mine = self._row(reference, task)
        if not mine.count():
            self.goes_to("/tasks?tab=roles")
        return self._row(reference, task)

    def tasks(self, reference: str) -> list[str]:
        """What the inbox holds of this case for the person's role, in its order."""
        self.goes_to("/tasks?tab=roles")
        rows = self.page.locator("tr[data-row]").filter(has=self._case_link(reference))
        return rows.locator("[data-open]").all_inner_texts()

    def sees_the_case(self, reference: str, tab: str = "") -> Locator:
        """The page of the case, or one of its tabs."""
        self.goes_to(self.cases[reference].removeprefix(self.site) + (f"?tab={tab}" if tab else ""))
        return self.page.locator("main")

    def sees_phase(self, reference: str, phase: str) -> None:
        """The case's page marks the phase as the present one."""
        page = self.sees_the_case(reference)
        expect(page.locator(".phases [aria-current=step]")).to_have_text(phase)

    def due(self, reference: str, task: str) -> datetime:
        """When the inbox says that the task is due."""
        row = self.row(reference, task)
        return datetime.fromisoformat(str(row.locator("time").get_attribute("datetime")))

    def board_row(self, reference: str) -> Locator:
        """The case's row among the open cases of the board."""
        return self.page.locator("tr[data-row]").filter(has=self._case_link(reference))

    def arithmetic(self) -> Locator:
        """How the open task's deadline was counted, unfolded."""
        self.page.get_by_text("hvorfor?").click()
        return self.page.locator(".why ol")

    def moves_the_clock(self, words: str = "", to: date | None = None) -> None:
        """By a button of the time bar, or to nine o'clock on a day."""
        before = self.now
        if to is not None:
            self.page.get_by_label("Hop til en dato").fill(to.isoformat())
        self.page.get_by_role("button", name=words or "Hop", exact=True).click()
        arrived = self.page.get_by_text("Uret viser")
        expect(arrived).to_be_visible(timeout=JUMP_MILLISECONDS)
        assert self.now > before

    @property
    def now(self) -> datetime:
        """What the demo clock shows, also when somebody else has moved it."""
        self.page.reload()
        shown = self.page.locator(".timebar time").get_attribute("datetime")
        return datetime.fromisoformat(str(shown))

    def day(self, ahead: int = 0) -> date:
        """Today by the demo clock, or so many days on."""
        return self.now.date() + timedelta(days=ahead)

    def arrives_at(self, address: re.Pattern[str]) -> None:
        """Waits for a page that a key opens, until its scripts listen for the next key."""
        expect(self.page).to_have_url(address)
        self.page.wait_for_load_state("load")

    def goes_to(self, address: str) -> None:
        self.page.goto(self.site + address)

    def presses(self, words: str) -> None:
        self.page.locator("main").get_by_role("button", name=words, exact=True).click()

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def said(self) -> Locator:
        """What the page says of how the last act went."""
        return self.page.locator("main").get_by_role("status")

    def _row(self, reference: str, task: str) -> Locator:
        rows = self.page.locator("tr[data-row]").filter(has=self._case_link(reference))
        named = self.page.locator("[data-open]").get_by_text(task, exact=True)
        return rows.filter(has=named)

    def _case_link(self, reference: str) -> Locator:
        return self.page.get_by_role("link", name=reference, exact=True)


class Cast:
    """Whoever is named, signed in when first called for: `cast("Mentor")`."""

    def __init__(self, open_page: Callable[[], Page], site: str) -> None:
        self._open_page = open_page
        self._site = site
        self._people: dict[tuple[str, str], Colleague] = {}
        self._cases: dict[str, str] = {}

    def __call__(self, name: str, where: str = "") -> Colleague:
        """`where` tells two browsers of the same account apart."""
        if (name, where) not in self._people:
            colleague = Colleague(name, self._open_page(), self._site, self._cases)
            self._people[name, where] = colleague.signs_in()
        return self._people[name, where]


def fill(form: Locator, label: str, value: Any) -> None:
    """Answer the last field with this label, whatever kind of field it is."""
    own = re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$")
    fields = form.locator(".fjs-form-field:not(.fjs-form-field-group)")
    one = fields.filter(has=form.page.locator(".fjs-form-field-label", has_text=own)).last
    kinds = str(one.get_attribute("class")).split()
    kind = next(name for name in kinds if name.startswith("fjs-form-field-"))
    HOW[kind.removeprefix("fjs-form-field-")](one, value)


def _type(one: Locator, value: Any) -> None:
    one.locator("input, textarea").fill(str(value))


def _choose(one: Locator, value: str) -> None:
    one.locator(".fjs-select-display").click()
    one.locator(".fjs-dropdownlist-item").get_by_text(value, exact=True).click()
    expect(one.locator(".fjs-select-display")).to_have_text(value)


def _mark(one: Locator, value: str) -> None:
    one.get_by_label(value, exact=True).check()


def _mark_all(one: Locator, values: list[str]) -> None:
    for value in values:
        _mark(one, value)


def _tick(one: Locator, value: Any) -> None:
    one.get_by_role("checkbox").set_checked(value)


def _date(one: Locator, value: date) -> None:
    box = one.locator("input.flatpickr-input")
    box.fill(f"{value:%d.%m.%Y}")
    box.press("Enter")
    if isinstance(value, datetime):
        time = one.locator(".fjs-timepicker input")
        time.fill(f"{value:%H:%M}")
        time.press("Enter")


HOW: dict[str, Callable[[Locator, Any], None]] = {
    "textfield": _type,
    "textarea": _type,
    "number": _type,
    "select": _choose,
    "radio": _mark,
    "checklist": _mark_all,
    "checkbox": _tick,
    "datetime": _date,
}
"""Kind of field to how a person answers it."""
