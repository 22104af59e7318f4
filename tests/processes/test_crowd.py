"""Are the copies of a played case as true as the case itself?"""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from models import Account, Case, Definition, Event, UserTask
from processes.check import check
from processes.crowd import lengthened, play_patterns, pour
from processes.demonstration import read_demonstration
from webapp.demo import DIAGRAMS, PROGRAMME, UNIT, set_up_demo

COPIES, MORE = 3, 7


@pytest.fixture
def pattern(wiring):
    """A case that was played half, with its log a little longer."""
    set_up_demo(wiring)
    [played] = play_patterns(wiring, read_demonstration(DIAGRAMS / PROGRAMME), UNIT, 1)
    return played


@pytest.fixture
def copied(wiring, pattern):
    """The last thing told of three copies whose log has seven tasks more."""
    with wiring.reading() as reading:
        known = [*reading.scalars(select(Definition.id)), *reading.scalars(select(Account.id))]
    same = {str(id_): str(id_) for id_ in known}
    [*_, told] = pour(wiring, [lengthened(pattern, MORE)], range(1, 1 + COPIES), same)
    return told


class TestPour:
    @pytest.mark.usefixtures("copied")
    def test_makes_cases_whose_rows_say_what_their_snapshots_say(self, wiring):
        assert check(wiring) == []

    def test_counts_what_it_made(self, wiring, pattern, copied):
        with wiring.reading() as reading:
            tasks = reading.scalar(select(func.count()).select_from(UserTask))
            events = reading.scalar(select(func.count()).select_from(Event))

        assert copied.cases == COPIES
        assert copied.tasks == tasks - pattern.tasks == COPIES * (pattern.tasks + MORE)
        assert copied.events == events - len(pattern.rows["event"])

    @pytest.mark.usefixtures("copied")
    def test_gives_each_copy_its_reference_and_its_own_ids(self, wiring, pattern):
        with wiring.reading() as reading:
            cases = reading.scalars(select(Case).order_by(Case.number)).all()
            tasks = reading.scalars(select(UserTask.id).where(UserTask.state == "open")).all()

        assert [case.reference for case in cases] == [
            pattern.reference,
            "T-00001",
            "T-00002",
            "T-00003",
        ]
        assert {case.data["reference"] for case in cases[1:]} == {"T-00001", "T-00002", "T-00003"}
        assert len(tasks) > 0
        assert len(tasks) % len(cases) == 0

    @pytest.mark.usefixtures("copied")
    def test_tells_what_was_added_in_its_time(self, wiring):
        with wiring.reading() as reading:
            case = reading.scalars(select(Case).where(Case.reference == "T-00002")).one()
            kinds = select(Event.kind).where(Event.case_id == case.id)
            told = reading.scalars(kinds.order_by(Event.number)).all()
            query = select(UserTask).where(UserTask.case_id == case.id)
            done = [task for task in reading.scalars(query) if task.state == "completed"]

        assert told[0] == "case.started"
        assert told.count("task.opened") > MORE
        assert len(done) > MORE
        assert all(task.completed_at >= task.created_at for task in done)


def test_a_case_in_which_nothing_is_done_yet_gets_no_log(pattern):
    fresh = [{**row, "state": "open"} for row in pattern.rows["user_task"]]
    pattern.rows["user_task"] = fresh

    assert lengthened(pattern, MORE).tasks == len(fresh)
