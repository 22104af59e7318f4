"""The page of a programme's parameters: what it asks, says, keeps and publishes."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from models import Definition, Draft
from processes.parameter_history import settings_in
from tests import diagrams
from tests.programme_files import parameter, programme
from tests.webapp import programme as site

AT = "/studio/forloeb/parameters"
FILE = "forloeb.programme.json"
LIMITED = {"minimum": "P1D", "maximum": "P1M", "source": "S1"}
SETTINGS = programme(
    parameter("plan_frist", label={"da": "Plan", "en": "Plan made"}, **LIMITED),
    parameter("ventetid", value="P3D", label={"da": "Ventetid", "en": "Waiting time"}),
    parameter("indkald", value="-P2D", label={"da": "Indkald", "en": "Call in"}),
    parameter("rytme", kind="cycle", value="R/P14D", label={"da": "Rytme", "en": "Rhythm"}),
    parameter("loft", kind="money", value=1200000, label={"da": "Loft", "en": "Budget"}),
    parameter("varsel", kind="percent", value=80, label={"da": "Varsel", "en": "Warning"}),
    parameter("mail", kind="email", value="a@b.example", label={"da": "Mail", "en": "Mail"}),
    parameter("fast", kind="truth", value=True, label={"da": "Fast", "en": "Fixed"}),
    parameter("fra", kind="date", value="2026-01-01", label={"da": "Fra", "en": "From day"}),
    parameter("vej", kind="text", value="a", options=["a", "b"], label={"da": "Vej", "en": "Way"}),
    parameter("lang", value="P1M10D", label={"da": "Lang", "en": "Long"}),
)
FILES = {
    **site.FILES,
    "forloeb.bpmn": site.FILES["forloeb.bpmn"]
    .replace('"P7D"', '"=plan_frist"')
    .replace(">P14D<", ">=ventetid<"),
    FILE: SETTINGS,
}
AS_THEY_ARE = {
    "plan_frist": "14",
    "plan_frist.unit": "D",
    "ventetid": "3",
    "ventetid.unit": "D",
    "indkald": "2",
    "indkald.unit": "-D",
    "rytme": "14",
    "rytme.unit": "D",
    "loft": "1200000",
    "varsel": "80",
    "mail": "a@b.example",
    "fast": "true",
    "fra": "2026-01-01",
    "vej": "a",
    "lang": "P1M10D",
}


@pytest.fixture
def owner(as_, wiring):
    site.deployed(wiring, FILES)
    return as_("procesejer", "Procesejer")


def look(owner, start="2026-01-31", **fields):
    sent = {"fields": {**AS_THEY_ARE, **fields}, "start": start}
    return owner.send("POST", f"{AT}/check", sent).get_json()


def save(owner, updated_at="", **fields):
    body = {"fields": {**AS_THEY_ARE, **fields}, "updated_at": updated_at}
    return owner.send("PUT", f"{AT}/draft", body)


def shown(owner):
    """When the draft on the page was saved."""
    return re.search('data-updated-at="([^"]*)"', owner.get(AT).text)[1]


def publish(owner, note="Aftalt i styregruppen", seen=None):
    body = {"note": note, "updated_at": shown(owner) if seen is None else seen}
    return owner.send("POST", f"{AT}/publication", body)


def drafted(rows):
    [draft] = rows.scalars(select(Draft).where(Draft.file_name == FILE)).all()
    return {name: one.value for name, one in settings_in("forloeb", {FILE: draft.content}).items()}


class TestPage:
    def test_asks_for_each_kind_in_plain_words(self, owner):
        page = owner.get(AT).text

        assert "Plan made" in page
        assert '<option value="D" selected>days</option>' in page
        assert '<option value="-D" selected>days before</option>' in page
        assert "In use: 14 days apart<" in page
        assert "In use: 1,200,000 kr.<" in page
        assert "In use: 80 %<" in page
        assert 'value="P1M10D"' in page

    def test_tells_where_a_value_comes_from_and_its_limits(self, owner):
        page = owner.get(AT).text

        assert 'From the document: <span lang="da">Et dokument (2012)</span>.' in page
        assert "Standard: no document says it." in page
        assert "From 1 day to 1 month." in page

    def test_tells_which_steps_read_a_value_and_which_values_none_reads(self, owner):
        page = owner.get(AT).text

        assert "used in 1 place" in page
        assert "Not read by anything" in page
        assert page.index("Waiting time") < page.index("Not read by anything")

    def test_shows_staff_the_values_and_lets_them_change_nothing(self, owner, as_):
        mentor = as_("mentor")

        page = mentor.get(AT)

        assert page.status_code == 200
        assert "disabled" in page.text
        assert "data-parameters" not in page.text
        assert save(mentor).status_code == 403
        assert publish(mentor, seen="").status_code == 403

    def test_is_not_there_for_a_programme_without_such_a_file(self, as_, wiring):
        site.deployed(wiring)
        owner = as_("procesejer", "Procesejer")

        assert owner.get(AT).status_code == 404
        assert AT not in owner.get("/studio/forloeb").text

    def test_is_linked_from_the_programme(self, owner):
        assert f'href="{AT}"' in owner.get("/studio/forloeb").text


class TestLook:
    def test_moves_nothing_while_nothing_has_changed(self, owner):
        answer = look(owner)

        assert answer["problems"] == []
        assert answer["changed"] == []
        assert answer["summary"] == "Nothing has changed."

    def test_shows_each_deadline_old_and_new_with_its_arithmetic(self, owner):
        answer = look(owner, plan_frist="1", **{"plan_frist.unit": "M"})

        assert answer["changed"] == ["plan_frist"]
        assert answer["summary"] == "1 value changes, 1 deadline moves"
        assert "14 Feb 2026 at 9:00" in answer["effect"]
        assert "<strong>28 Feb 2026 at 9:00</strong>" in answer["effect"]
        assert "14 days later" in answer["effect"]
        assert "31/1 2026" in answer["effect"] or "31 January 2026" in answer["effect"]

    def test_counts_from_the_day_that_is_chosen(self, owner):
        answer = look(owner, start="2028-02-26", ventetid="4")

        assert "29 Feb 2028" in answer["effect"]
        assert "1 Mar 2028" in answer["effect"]

    def test_says_at_each_field_what_is_wrong(self, owner):
        wrong = {
            "plan_frist": ("to", "Write a whole number from 1."),
            "rytme": ("0", "Write a whole number from 1."),
            "lang": ("14 dage", "Write a duration such as P14D, fourteen days, or P1M10D."),
            "loft": ("mange", "Write an amount in kroner, such as 1200000."),
            "varsel": ("-1", "Write a percentage, such as 80."),
            "mail": ("ingen", "Write a mail address, or several with commas between."),
            "fast": ("måske", "Choose yes or no."),
            "fra": ("2026-02-30", "Choose a date."),
            "vej": ("c", "Choose one of: a, b."),
        }

        answer = look(owner, **{field: text for field, (text, _) in wrong.items()})

        told = {each["element"]: each["message"] for each in answer["problems"]}
        assert told == {field: said for field, (_, said) in wrong.items()}

    @pytest.mark.parametrize("number", ["32", "0"])
    def test_says_the_limits_that_a_value_goes_beyond(self, owner, number):
        [problem] = look(owner, plan_frist=number)["problems"]

        assert problem["message"] == "From 1 day to 1 month."

    def test_refuses_months_where_working_days_are_counted(self, as_, wiring):
        drawn = diagrams.user_task("plan", deadline="=plan_frist", calendar="working")
        parts = (diagrams.start(), drawn, diagrams.end())
        files = {
            "forloeb.bpmn": diagrams.diagram(
                "forloeb", *parts, flow="begynd>plan>slut", lanes={"Visitator": "plan"}
            ),
            FILE: programme(parameter("plan_frist")),
        }
        site.deployed(wiring, files)
        owner = as_("procesejer", "Procesejer")

        body = {"fields": {"plan_frist": "1", "plan_frist.unit": "M"}, "start": ""}
        answer = owner.send("POST", f"{AT}/check", body).get_json()

        assert '<option value="D" selected>working days</option>' in owner.get(AT).text
        [problem] = answer["problems"]
        assert problem["element"] == "plan_frist"
        assert "working" in problem["message"]


class TestDraft:
    def test_keeps_what_is_written_even_if_it_is_wrong(self, owner, rows):
        save(owner, plan_frist="21", loft="mange")

        assert (drafted(rows)["plan_frist"], drafted(rows)["loft"]) == ("P21D", "mange")
        page = owner.get(AT).text
        assert 'value="21"' in page
        assert 'value="mange"' in page
        assert "In use: 14 days<" in page

    def test_tells_who_saved_meanwhile(self, owner):
        first = save(owner, plan_frist="21").get_json()["updated_at"]

        refused = save(owner, plan_frist="22")

        assert refused.status_code == 409
        assert "has saved this file" in refused.get_json()["message"]
        assert save(owner, updated_at=first, plan_frist="22").status_code == 200

    def test_is_named_among_the_programmes_drafts(self, owner):
        save(owner, plan_frist="21")

        assert f'<a href="{AT}">Parameters</a>' in owner.get("/studio/forloeb").text


class TestPublication:
    def test_makes_a_version_in_which_only_the_values_have_changed(self, owner, rows):
        save(owner, plan_frist="21", fast="false", loft="1.5")

        done = publish(owner)

        assert done.status_code == 201
        versions = rows.scalars(
            select(Definition).where(Definition.key == "forloeb").order_by(Definition.version)
        ).all()
        before, after = (one.files for one in versions)
        assert {name for name in after if before.get(name) != after[name]} == {FILE}
        old, new = (json.loads(files[FILE])["parameters"] for files in (before, after))
        assert [
            (one["name"], one["value"], other["value"])
            for one, other in zip(old, new, strict=True)
            if one != other
        ] == [
            ("plan_frist", "P14D", "P21D"),
            ("loft", 1200000, 1.5),
            ("fast", True, False),
        ]
        assert versions[1].deployment.note == "Aftalt i styregruppen"
        assert rows.scalars(select(Draft)).all() == []

    def test_leaves_drafts_of_diagrams_alone(self, owner, rows):
        text = FILES["forloeb.bpmn"].replace("Samtale", "Snak")
        owner.send("PUT", "/studio/forloeb/draft/forloeb.bpmn", {"xml": text, "updated_at": ""})
        save(owner, plan_frist="21")

        publish(owner)

        [newest] = rows.scalars(select(Definition).where(Definition.version == 2)).all()
        assert "Snak" not in newest.files["forloeb.bpmn"]
        assert [draft.file_name for draft in rows.scalars(select(Draft))] == ["forloeb.bpmn"]

    def test_refuses_what_is_wrong_with_its_field(self, owner, rows):
        save(owner, plan_frist="40")

        refused = publish(owner)

        assert refused.status_code == 422
        assert refused.get_json()["problems"][0]["element"] == "plan_frist"
        assert len(rows.scalars(select(Definition)).all()) == 1

    def test_says_that_nothing_has_changed(self, owner):
        save(owner)

        assert publish(owner).get_json()["message"] == "Nothing has changed."

    def test_refuses_values_that_a_colleague_has_written_since(self, owner, as_, rows):
        seen = shown(owner)
        save(as_("eva", "Procesejer"), plan_frist="28")

        refused = publish(owner, seen=seen)

        assert refused.status_code == 409
        assert "Eva has saved this file since you opened it" in refused.get_json()["message"]
        assert drafted(rows)["plan_frist"] == "P28D"

    def test_leaves_running_cases_where_they_are_and_links_to_moving_them(self, owner, wiring):
        site.begun(wiring)
        save(owner, plan_frist="21")

        publish(owner)

        page = owner.get(AT).text
        assert "1 case still runs on version 1." in page
        assert "/studio/forloeb/migrations/new?from=1" in page


class TestHistory:
    def test_tells_from_what_to_what_by_whom_and_why(self, owner):
        save(owner, plan_frist="21")
        publish(owner)

        page = owner.get(AT).text

        assert "Plan made: 14 days → 21 days" in page
        assert "Aftalt i styregruppen" in page
        assert "the first values" in page

    def test_fetches_the_values_of_an_earlier_version_into_the_draft(self, owner, rows):
        save(owner, plan_frist="21", loft="5")
        publish(owner)

        owner.post(f"{AT}/versions/1/return")

        assert (drafted(rows)["plan_frist"], drafted(rows)["loft"]) == ("P14D", 1200000)
        assert publish(owner, "Fortrudt").status_code == 201
        assert "21 days → 14 days" in owner.get(AT).text

    def test_knows_no_version_that_never_was(self, owner):
        assert owner.post(f"{AT}/versions/9/return").status_code == 404
