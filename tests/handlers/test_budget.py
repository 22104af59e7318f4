"""Money that cases bind, and counts that name nobody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from handlers import HANDLERS
from handlers.adapters.figures import DatabaseFigures
from handlers.adapters.ledger import DatabaseBudget
from handlers.adapters.recorded import NoFigures, RememberedBudget
from handlers.count_cases import concealed, totals
from handlers.discretion import SMALLEST
from handlers.errors import BadParameters
from handlers.ports import Counts
from models import Commitment
from tests import make

reserve, release = HANDLERS["budget/Reserve"], HANDLERS["budget/Release"]
count = HANDLERS["programme/Count"]
LIMIT = 1_200_000
MEASURE = {"budget": "norddjurs", "purpose": "mentor_stoette", "limit": LIMIT}
NOON = make.NOON


@pytest.fixture(params=["remembered", "database"])
def budget(request, session):
    """The twin of the simulations, and the table: both must answer alike."""
    if request.param == "remembered":
        return RememberedBudget()
    return DatabaseBudget(lambda: nullcontext(session))


@pytest.fixture
def ports(ports, budget):
    return replace(ports, budget=budget)


@pytest.fixture
def new_job(session, job):
    """Another job, of another case if none is given."""

    def made(case=None, **facts):
        case = case or make.case(session)
        return replace(job, key=str(uuid4()), case_id=str(case.id), **facts)

    return made


class TestReserve:
    def test_binds_across_cases(self, ports, new_job):
        reserve({**MEASURE, "amount": 700_000}, new_job(), ports)

        done = reserve({**MEASURE, "amount": 260_000}, new_job(), ports)

        assert done.result["granted"]
        assert done.result["spent"] == 960_000
        assert done.result["remaining"] == 240_000
        assert done.result["share"] == 80

    def test_binds_once_however_often_it_is_tried(self, ports, new_job):
        job = new_job()

        first = reserve({**MEASURE, "amount": 700_000}, job, ports)

        assert reserve({**MEASURE, "amount": 700_000}, job, ports).result == first.result

    def test_binds_nothing_above_the_limit(self, ports, new_job):
        reserve({**MEASURE, "amount": 1_000_000}, new_job(), ports)

        done = reserve({**MEASURE, "amount": 200_001}, new_job(), ports)

        assert done.result == {
            "commitment": None,
            "granted": False,
            "spent": 1_000_000,
            "remaining": 200_000,
            "share": 83,
        }

    def test_reaches_the_limit_to_the_krone(self, ports, new_job):
        reserve({**MEASURE, "amount": 1_000_000}, new_job(), ports)

        done = reserve({**MEASURE, "amount": 200_000}, new_job(), ports)

        assert done.result["granted"]
        assert done.result["share"] == 100

    def test_exceeds_the_limit_where_somebody_has_allowed_it(self, ports, new_job):
        reserve({**MEASURE, "amount": 1_000_000}, new_job(), ports)

        done = reserve({**MEASURE, "amount": 300_000, "above": True}, new_job(), ports)

        assert done.result["granted"]
        assert done.result["remaining"] == -100_000

    def test_numbers_what_a_case_has_bound(self, session, ports, new_job):
        case = make.case(session)
        reserve({**MEASURE, "amount": 5}, new_job(), ports)

        made = [reserve({**MEASURE, "amount": 5}, new_job(case), ports) for _ in range(2)]

        assert [done.result["commitment"] for done in made] == [1, 2]

    def test_begins_each_year_and_each_budget_anew(self, ports, new_job):
        reserve({**MEASURE, "amount": 1_000_000}, new_job(), ports)
        danish_new_year = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)

        later = reserve({**MEASURE, "amount": 1}, new_job(now=danish_new_year), ports)
        other = reserve({**MEASURE, "budget": "andet", "amount": 1}, new_job(), ports)

        assert later.result["spent"] == other.result["spent"] == 1

    @pytest.mark.parametrize("amount", [0, -1, 2.5, "mange", None])
    def test_refuses_what_is_no_amount(self, ports, new_job, amount):
        with pytest.raises(BadParameters, match="amount"):
            reserve({**MEASURE, "amount": amount}, new_job(), ports)


class TestRelease:
    def test_gives_the_money_back(self, ports, new_job):
        job = new_job()
        bound = reserve({**MEASURE, "amount": 700_000}, job, ports).result["commitment"]
        reserve({**MEASURE, "amount": 100_000}, new_job(), ports)

        done = release({"budget": "norddjurs", "commitment": bound}, job, ports)

        assert done.result == {"spent": 100_000}
        again = release({"budget": "norddjurs", "commitment": bound}, job, ports)
        assert again.result == {"spent": 100_000}

    def test_gives_nothing_back_without_a_number(self, ports, new_job):
        job = new_job()
        reserve({**MEASURE, "amount": 700_000}, job, ports)

        done = release({"budget": "norddjurs", "commitment": None}, job, ports)

        assert done.result == {"spent": 700_000}

    def test_gives_back_in_january_what_was_bound_in_december(self, session, ports, new_job):
        case = make.case(session)
        december, january = datetime(2026, 12, 30, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC)
        reserve({**MEASURE, "amount": 9}, new_job(case, now=december), ports)
        again = reserve({**MEASURE, "amount": 5}, new_job(case, now=january), ports)

        release({"budget": "norddjurs", "commitment": 1}, new_job(case, now=january), ports)

        assert again.result["commitment"] == 2
        for now, spent in ((december, 0), (january, 5)):
            asked = {"budget": "norddjurs", "commitment": None}
            assert release(asked, new_job(case, now=now), ports).result == {"spent": spent}

    def test_leaves_another_case_s_money_alone(self, ports, new_job):
        bound = reserve({**MEASURE, "amount": 700_000}, new_job(), ports).result["commitment"]

        done = release({"budget": "norddjurs", "commitment": bound}, new_job(), ports)

        assert done.result == {"spent": 700_000}


class TestLedger:
    def test_keeps_the_sum_when_the_case_is_erased(self, session, job, ports):
        case = make.case(session)
        books = replace(ports, budget=DatabaseBudget(lambda: nullcontext(session)))
        reserve({**MEASURE, "amount": 5}, replace(job, case_id=str(case.id)), books)

        session.delete(case)
        session.flush()
        session.expire_all()

        [left] = session.scalars(select(Commitment))
        assert (left.case_id, left.amount) == (None, 5)

    def test_gives_two_who_ask_at_once_no_more_than_there_is(self, wiring, job):
        with wiring.sessions.begin() as session:
            cases = [str(make.case(session).id) for _ in range(8)]
        jobs = [replace(job, key=str(uuid4()), case_id=case) for case in cases]

        with ThreadPoolExecutor(len(jobs)) as at_once:
            answers = list(
                at_once.map(
                    lambda one: reserve({**MEASURE, "amount": 400_000}, one, wiring.ports).result,
                    jobs,
                )
            )

        assert sum(answer["granted"] for answer in answers) == 3
        with wiring.sessions() as session:
            assert session.scalars(select(Commitment.amount)).all() == [400_000] * 3


class TestCount:
    FOUND = Counts(begun=12, ended=4, open=9, outcomes={"stabil": 7, "frafald": 2, "flyttet": 5})

    def asked(self, ports):
        return replace(ports, figures=NoFigures(self.FOUND))

    def test_hides_what_could_point_at_somebody(self, ports, job):
        question = {"programme": "norddjurs", "since": "2025-08-01"}

        done = count(question, job, self.asked(ports))

        assert done.result["open"] == 9
        assert done.result["ended"] is None
        assert done.result["outcomes"] == {"stabil": 7, "frafald": None, "flyttet": None}

    @pytest.mark.parametrize(
        ("begun", "ended", "open_", "told"),
        [
            (23, 3, 20, (None, None, 20)),
            (23, 20, 3, (None, 20, None)),
            (4, 9, 30, (None, 9, None)),
            (23, 0, 23, (23, None, 23)),
            (23, 11, 12, (23, 11, 12)),
        ],
    )
    def test_lets_nobody_subtract_one_total_from_another(self, begun, ended, open_, told):
        found = totals(Counts(begun=begun, ended=ended, open=open_, outcomes={}), SMALLEST)

        assert (found["begun"], found["ended"], found["open"]) == told

    def test_hides_more_than_two_outcomes_that_are_only_two_people(self):
        shown = concealed({"a": 1, "b": 1, "c": 20, "d": 30}, SMALLEST)

        assert shown == {"a": None, "b": None, "c": None, "d": 30}

    def test_lets_no_diagram_ask_for_smaller_numbers(self, ports, job):
        question = {"programme": "norddjurs", "since": "2025-08-01", "smallest": 4}

        with pytest.raises(BadParameters):
            count(question, job, self.asked(ports))

    def test_tells_what_the_year_has_cost(self, ports, new_job):
        reserve({**MEASURE, "amount": 300_000}, new_job(), ports)
        question = {"programme": "n", "since": "2025-08-01", "budget": "norddjurs", "limit": LIMIT}

        done = count(question, new_job(), self.asked(ports))

        assert (done.result["spent"], done.result["share"]) == (300_000, 25)

    @given(
        st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 20)),
        st.integers(min_value=1, max_value=10),
    )
    def test_never_shows_a_small_number_nor_hides_one_alone(self, numbers, smallest):
        shown = concealed(numbers, smallest)

        assert all(n is None or n >= smallest for n in shown.values())
        assert shown.keys() == numbers.keys()
        people = {name: n for name, n in numbers.items() if n}
        hidden = [n for name, n in people.items() if shown[name] is None]
        is_all = len(hidden) == len(people)
        assert not hidden or is_all or (len(hidden) > 1 and sum(hidden) >= smallest)


class TestCountOthers:
    def test_tells_how_many_others_are_in_these_phases(self, ports, new_job):
        asked = replace(ports, figures=NoFigures(Counts(begun=0, ended=0, open=12, outcomes={})))

        done = HANDLERS["programme/CountOthers"]({"phases": ["Indsats"]}, new_job(), asked)

        assert done.result == 12

    def test_wants_a_phase(self, ports, new_job):
        with pytest.raises(BadParameters):
            HANDLERS["programme/CountOthers"]({"phases": []}, new_job(), ports)


class TestFigures:
    def test_counts_the_others_that_are_open_in_these_phases(self, session):
        first, newer = make.definition(session, "oest"), make.definition(session, "oest")
        asks = make.case(session, definition=newer, phase="Indsats")
        make.case(session, definition=first, phase="Indsats")
        make.case(session, definition=newer, phase="Nedtrapning", state="suspended")
        make.case(session, definition=newer, phase="Indstilling")
        make.case(session, definition=newer, phase="Indsats", state="completed", ended_at=NOON)
        make.case(session, definition=newer, phase="Indsats", unit_id="odense")
        make.case(session, phase="Indsats")
        register = DatabaseFigures(sessionmaker(session.connection(), class_=Session))

        found = register.others(str(asks.id), ["Indsats", "Nedtrapning"])

        assert found == 2

    def test_counts_the_period_of_one_programme_in_one_unit(self, session):
        norddjurs = make.definition(session, "norddjurs")
        newer = make.definition(session, "norddjurs")
        day = timedelta(days=1)
        make.case(session, definition=norddjurs, created_at=NOON - 10 * day)
        inside = make.case(session, definition=newer, created_at=NOON, ended_at=NOON + day)
        make.case(session, definition=newer, created_at=NOON + 9 * day)
        make.case(session, definition=newer, created_at=NOON, unit_id="odense")
        make.case(session, created_at=NOON)
        for number in (1, 2):
            make.event(
                session,
                inside,
                number=number,
                kind="outcome.registered",
                at=NOON + day,
                detail={"code": "stabil"},
            )
        register = DatabaseFigures(sessionmaker(session.connection(), class_=Session))

        found = register.counts("norddjurs", "aalborg", NOON - day, NOON + 5 * day)

        assert found == Counts(begun=1, ended=1, open=1, outcomes={"stabil": 1})
