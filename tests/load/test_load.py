"""Whatever people answer, nobody gets stuck, and every time is what calendar and law say.

`make test` leads two of each cohort through every programme; `make load` seventeen, which is
two hundred a programme, and prints what they came to.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest

from processes.engine import load_definition
from tests.bpmn.folders import PROGRAMMES, named
from tests.load.reckoning import HERE, reckoned
from tests.load.youth import COHORTS, Stuck, begin, youth
from tests.processes.engine.notation import (
    definitions,
    end,
    flows,
    gateway,
    process,
    props,
    start,
    user,
)

EACH = 2


def at(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("cohort", COHORTS)
@pytest.mark.parametrize("folder", PROGRAMMES, ids=named)
def test_a_cohort_comes_through_with_every_time_worked_out_anew(engine, folder, cohort):
    told = Counter()

    first = list(COHORTS).index(cohort)
    for number in range(first, first + EACH):
        told += youth(folder, cohort, number, engine).run.witness.told

    assert told["deadlines"] >= EACH


def test_the_same_number_goes_the_same_way(engine):
    first, again = (youth(PROGRAMMES[0], "29/2", 1, engine) for _ in range(2))

    assert first.run.trace == again.run.trace


class TestTheGuard:
    """What it is there to see, it sees."""

    def test_sees_a_case_that_waits_for_nobody(self, engine):
        stuck = process(
            start()
            + gateway("exclusive", "g", default="g_a")
            + user("a", "b")
            + gateway("parallel", "j")
            + end()
            + flows("s>g g>a g>b[false] a>j b>j j>e")
        )

        with pytest.raises(Stuck, match="waits for nobody"):
            lived(engine, stuck)

    def test_sees_a_step_that_fails(self, engine):
        fails = process(
            start() + user("a") + gateway("exclusive", "g") + end() + flows("s>a a>g g>e[false]")
        )

        with pytest.raises(Stuck, match="incidents"):
            lived(engine, fails)

    @pytest.mark.parametrize(
        "other",
        [{"deadline": "P8D"}, {"calendar": "local"}, {"pausable": "false"}, {"legalBasis": "§ 2"}],
    )
    def test_sees_a_time_that_is_not_what_the_diagram_says(self, engine, other):
        drawn = {"deadline": "P7D", "calendar": "working", "legalBasis": "§ 1"}

        lived(engine, task(drawn), said=task(drawn))
        with pytest.raises(AssertionError):
            lived(engine, task(drawn), said=task({**drawn, **other}))


def task(properties):
    inside = f'<bpmn:userTask id="a">{props(**properties)}</bpmn:userTask>'
    return process(start() + inside + end() + flows("s>a a>e"))


def lived(engine, drawn, said=None):
    """A case of one diagram, held against what this or another diagram says."""
    files, other = ({"p.bpmn": definitions(one)} for one in (drawn, said or drawn))
    begin(load_definition("p", files), engine, "31/1", 1, files=other).live({})


class TestReckoned:
    """Days known from calendars on paper."""

    @pytest.mark.parametrize(
        ("start", "length", "calendar", "roll", "due"),
        [
            ("2026-01-31T09:00", "P1M", "local", "none", "2026-02-28T09:00+01:00"),
            ("2028-01-31T09:00", "P1M", "local", "none", "2028-02-29T09:00+01:00"),
            ("2028-02-29T09:00", "P1Y", "local", "none", "2029-02-28T09:00+01:00"),
            ("2026-04-01T09:00", "P1D", "working", "none", "2026-04-07T09:00+02:00"),
            ("2026-04-01T09:00", "P6D", "weekday", "none", "2026-04-11T09:00+02:00"),
            ("2026-03-28T02:30", "P1D", "local", "none", "2026-03-29T03:30+02:00"),
            ("2026-03-28T02:30", "PT24H", "clock", "none", "2026-03-29T03:30+02:00"),
            ("2026-10-24T02:30", "P1D", "local", "none", "2026-10-25T02:30+02:00"),
            ("2026-10-24T12:00", "P1D", "clock", "none", "2026-10-25T11:00+01:00"),
            ("2026-03-06T09:00", "P4W", "local", "forward", "2026-04-07T09:00+02:00"),
            ("2026-12-31T09:00", "-P3M", "local", "none", "2026-09-30T09:00+02:00"),
            ("2027-12-23T15:00", "P1D", "working", "none", "2027-12-24T15:00+01:00"),
        ],
    )
    def test_is_the_day_on_the_wall(self, start, length, calendar, roll, due):
        begun = at(start).replace(tzinfo=HERE)

        assert reckoned(begun, length, calendar, roll, frozenset()) == at(due)

    def test_knows_the_days_a_unit_closes(self):
        begun, closed = at("2027-12-23T15:00").replace(tzinfo=HERE), {at("2027-12-24").date()}

        due = reckoned(begun, "P1D", "working", "none", frozenset(closed))

        assert due == at("2027-12-27T15:00+01:00")
