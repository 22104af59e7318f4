"""An element that names a statute has what the law says, and never more time than that."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from processes.catalogues import english_in
from processes.engine import BadDiagram, load_definition
from processes.engine.statutes import STATUTES, read_statutes
from tests.processes.engine.notation import (
    catch,
    definitions,
    end,
    flows,
    play_files,
    process,
    props,
    start,
)

LAW = (Path(__file__).parents[3] / "bpmn" / "faelles" / STATUTES).read_text("utf-8")
STATUTE = {
    "id": "X1",
    "name": {"da": "Svar", "en": "Answer"},
    "starts": {"da": "Modtaget", "en": "Received"},
    "duration": "P7D",
    "calendar": "working",
    "legalBasis": {"da": "§ 1", "en": "§ 1"},
    "pausable": False,
    "source": "law",
}


def at(text):
    return datetime.fromisoformat(text)


def task(**properties):
    inside = f'<bpmn:userTask id="a">{props(**properties)}</bpmn:userTask>'
    return process(start() + inside + end() + flows("s>a a>e"))


def timer(definition, **properties):
    inside = catch("a", props(deadlineFor="a", **properties) + definition)
    return process(start() + inside + end() + flows("s>a a>e"))


def begun(diagram, *, law=LAW, now="2026-01-31T09:00:00+01:00", **data):
    files = {"p.bpmn": definitions(diagram), STATUTES: law}
    return play_files(files, now=at(now), **data)


def the_deadline(case):
    [deadline] = case.run.step.waits.deadlines.values()
    return deadline


def law_of(**changes):
    return json.dumps({"statutes": [{**STATUTE, **changes}]})


class TestAUserTaskThatNamesAStatute:
    def test_has_its_length_calendar_and_legal_basis_and_cannot_be_paused(self):
        deadline = the_deadline(begun(task(statute="L2"), now="2026-04-01T09:00:00+02:00"))

        assert deadline.due_at == at("2026-04-11T09:00:00+02:00")
        assert (deadline.duration, deadline.calendar) == ("P6D", "weekday")
        assert deadline.legal_basis.startswith("Barnets lov § 137")
        assert not deadline.pausable
        assert any("skærtorsdag" in line["da"] for line in deadline.arithmetic)

    def test_runs_on_while_the_case_rests_though_the_diagram_says_otherwise(self):
        case = begun(task(statute="L1", pausable="true", calendar="working"))

        deadline = the_deadline(case)

        assert (deadline.pausable, deadline.calendar) == (False, "clock")
        assert deadline.due_at == at("2026-02-01T09:00:00+01:00")

    def test_may_say_its_own_legal_basis(self):
        case = begun(task(statute="L1", legalBasis="§ 136 og vagtplanen"))

        assert the_deadline(case).legal_basis == "§ 136 og vagtplanen"

    def test_may_have_less_time(self):
        deadline = the_deadline(begun(task(statute="L3", deadline="P1M")))

        assert deadline.due_at == at("2026-02-28T09:00:00+01:00")
        assert deadline.duration == "P1M"

    @pytest.mark.parametrize("frist", ["P1Y", "2027-01-31"])
    def test_never_has_more_time_whatever_an_expression_gives(self, frist):
        deadline = the_deadline(begun(task(statute="L3", deadline="=frist"), frist=frist))

        assert deadline.due_at == at("2026-05-31T09:00:00+02:00")
        assert deadline.duration == "P4M"
        assert "P4M" in deadline.arithmetic[0]["da"]

    def test_may_have_more_time_than_a_default_that_nothing_lays_down(self):
        deadline = the_deadline(begun(task(statute="L21d", deadline="P21D")))

        assert deadline.due_at == at("2026-02-21T09:00:00+01:00")
        assert deadline.pausable

    def test_counts_back_from_a_day_in_the_future(self):
        case = begun(task(statute="L15b", countFrom="=loesladt"), loesladt="2026-12-31")

        assert the_deadline(case).due_at == at("2026-09-30T09:00:00+02:00")


class TestATimerThatNamesAStatute:
    @pytest.mark.parametrize(
        "definition",
        [
            "<bpmn:timerEventDefinition/>",
            "<bpmn:timerEventDefinition><bpmn:timeDuration/></bpmn:timerEventDefinition>",
        ],
    )
    def test_needs_no_time_of_its_own(self, definition):
        case = begun(timer(definition, statute="L10a"), now="2026-03-06T10:00:00+01:00")

        deadline = the_deadline(case)

        assert case.due("a") == deadline.due_at == at("2026-04-07T10:00:00+02:00")
        assert (deadline.roll, deadline.pausable) == ("forward", False)

    def test_repeats_where_the_statute_does(self):
        case = begun(timer("<bpmn:timerEventDefinition/>", statute="L17"))

        assert case.due("a") == at("2026-02-16T09:00:00+01:00")

    def test_gives_at_least_the_notice_that_the_law_demands(self):
        short = (
            "<bpmn:timerEventDefinition><bpmn:timeDuration>=varsel</bpmn:timeDuration>"
            "</bpmn:timerEventDefinition>"
        )

        case = begun(timer(short, statute="L14b"), varsel="P3D")

        assert case.due("a") == at("2026-02-10T09:00:00+01:00")
        assert the_deadline(case).duration == "P10D"


class TestAVersion:
    def test_keeps_the_law_it_was_made_with(self):
        old = begun(task(statute="X1"), law=law_of())
        new = begun(task(statute="X1"), law=law_of(duration="P3D"))

        assert the_deadline(old).duration == "P7D"
        assert the_deadline(new).duration == "P3D"

    @pytest.mark.parametrize("named", ["L99", "L8"])
    def test_is_refused_that_names_a_statute_without_a_length(self, named):
        files = {"p.bpmn": definitions(task(statute=named)), STATUTES: LAW}

        with pytest.raises(BadDiagram, match=named):
            load_definition("p", files)

    def test_is_refused_without_its_law(self):
        with pytest.raises(BadDiagram, match="L1"):
            load_definition("p", {"p.bpmn": definitions(task(statute="L1"))})


class TestTheList:
    def test_holds_every_number_once_in_both_languages(self):
        statutes = read_statutes({STATUTES: LAW})

        numbers = {id_.rstrip("abcde") for id_ in statutes}
        assert numbers == {f"L{number}" for number in range(1, 23)}
        for statute in statutes.values():
            for words in (statute.name, statute.starts, statute.legal_basis):
                assert words["da"].strip()
                assert words["en"].strip()
                assert words["da"] != words["en"]

    def test_is_read_in_english_with_the_words_of_a_bundle(self):
        words = english_in({STATUTES: law_of(name={"da": "Svar", "en": "Answer"})}, "p")

        assert words == {"Svar": "Answer", "Modtaget": "Received", "§ 1": "§ 1"}

    def test_guesses_no_length_where_none_was_found(self):
        lengths = {id_: one.duration for id_, one in read_statutes({STATUTES: LAW}).items()}

        assert [id_ for id_, length in lengths.items() if length is None] == ["L8"]

    def test_lets_nobody_pause_what_protects_the_child(self):
        statutes = read_statutes({STATUTES: LAW})

        assert not any(statutes[f"L{number}"].pausable for number in range(1, 7))

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("{", "not hold"),
            ("[]", "not hold"),
            ('{"statutes": ["L1"]}', "no id"),
            (law_of(duration="7 dage"), "is not a duration"),
            (law_of(calendar="moon"), "moon"),
            (law_of(source="rumour"), "rumour"),
            (law_of(pausable="false"), "pausable"),
            (law_of(legalBasis={"da": "Lov\0", "en": "Act"}), "legalBasis"),
            (json.dumps({"statutes": [STATUTE, STATUTE]}), "twice"),
        ],
    )
    def test_is_refused_when_it_cannot_be_read(self, text, said):
        with pytest.raises(BadDiagram, match=said):
            read_statutes({STATUTES: text})
