"""Who may take, hand back and finish a task?"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import UserTask
from models.errors import AlreadyClaimed, AlreadyCompleted, Refused, TaskNotFound

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def task(**facts) -> UserTask:
    return UserTask(**{"id": uuid4(), "state": "open", **facts})


class TestClaim:
    def test_takes_a_free_task(self):
        free = task()

        free.claim("mentor")

        assert free.assignee == "mentor"

    def test_changes_nothing_when_repeated(self):
        mine = task(assignee="mentor")

        mine.claim("mentor")

        assert mine.assignee == "mentor"

    def test_refuses_a_second_claimant(self):
        taken = task(assignee="mentor")

        with pytest.raises(AlreadyClaimed, match="mentor") as refused:
            taken.claim("mentor2")

        assert refused.value.facts == {"task": taken.id, "by": "mentor"}
        assert taken.assignee == "mentor"

    def test_tells_who_finished_it(self):
        done = task(state="completed", completed_by="mentor", completed_at=NOON)

        with pytest.raises(AlreadyCompleted, match=r"mentor .* at 2026-01-31 12:00") as refused:
            done.claim("mentor2")

        assert refused.value.by == "mentor"
        assert refused.value.at == NOON

    def test_does_not_find_a_task_that_the_case_left(self):
        gone = task(state="cancelled")

        with pytest.raises(TaskNotFound):
            gone.claim("mentor")


class TestRelease:
    def test_puts_the_task_back_into_its_queue(self):
        mine = task(assignee="mentor")

        mine.release("mentor")

        assert mine.assignee is None

    def test_refuses_to_free_what_another_holds(self):
        taken = task(assignee="mentor")

        with pytest.raises(AlreadyClaimed, match="mentor"):
            taken.release("mentor2")

        assert taken.assignee == "mentor"


class TestComplete:
    def test_writes_down_who_and_when(self):
        free = task()

        free.complete("mentor", NOON)

        assert (free.state, free.completed_by, free.completed_at) == ("completed", "mentor", NOON)

    def test_refuses_a_second_time(self):
        done = task()
        done.complete("mentor", NOON)

        with pytest.raises(AlreadyCompleted):
            done.complete("mentor", NOON)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["claim", "release", "complete"]),
            st.sampled_from(["mentor", "mentor2"]),
        )
    )
)
def test_no_order_of_commands_moves_a_task_between_two_people(commands):
    one = task()
    for command, user in commands:
        before = one.assignee
        try:
            if command == "complete":
                one.complete(user, NOON)
            else:
                getattr(one, command)(user)
        except Refused:
            assert one.assignee == before
        else:
            assert before in {None, user}
            assert one.assignee in {None, user}
