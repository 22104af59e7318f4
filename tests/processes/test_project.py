from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from models import (
    Case,
    Deadline,
    DeadlineChange,
    Event,
    Incident,
    Job,
    Message,
    ProcessInstance,
    Subscription,
    Timer,
    UserTask,
)
from models.errors import StaleRevision
from processes.case_lock import lock_case
from processes.engine.commands import Complete, Fire, MoveDeadline, Start
from processes.engine.step import (
    ArmedTimer,
    CaseData,
    Happening,
    Instance,
    OpenDeadline,
    OpenTask,
    OutgoingMessage,
    Step,
    Waits,
)
from processes.engine.step import Incident as OpenIncident
from processes.engine.step import Job as WantedJob
from processes.engine.step import Subscription as OpenSubscription
from processes.project import Change, save_step
from processes.turn import Transaction
from tests import make

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
MAIN = str(uuid4())


@dataclass(frozen=True)
class Version:
    """What `save_step` asks of a deployed version."""

    owner_role: str = "Koordinator"
    deadline_elements: frozenset[str] = frozenset()


@dataclass(frozen=True)
class StandInTurn:
    """A turn without an engine: the steps of these tests are written by hand."""

    transaction: Transaction
    now: datetime = NOON
    asked: set = field(default_factory=set)

    @property
    def session(self):
        return self.transaction.session

    @property
    def driver(self):
        return self.transaction.driver

    def definition(self, _id):
        return Version()


def task(**facts):
    made = {"id": str(uuid4()), "instance": MAIN, "element": "samtale", "name": "Samtale"}
    return OpenTask(**{**made, "role": "Mentor", "form": None, "created_at": NOON, **facts})


def timer(**facts):
    made = {"id": str(uuid4()), "instance": MAIN, "element": "frist", "name": "Frist"}
    return ArmedTimer(**{**made, "due_at": NOON + timedelta(days=7), **facts})


def deadline(**facts):
    due = NOON + timedelta(days=7)
    made = {
        "id": str(uuid4()),
        "instance": MAIN,
        "element": "samtale",
        "name": "Samtale",
        "started_at": NOON,
        "duration": "P7D",
        "calendar": "local",
        "roll": "none",
        "due_at": due,
        "original_due_at": due,
        "arithmetic": ({"da": "a", "en": "b"},),
    }
    return OpenDeadline(**{**made, **facts})


def step(before=None, *happened, ended=False, data=None, **waits):
    kept = {name: {one.id: one for one in some} for name, some in waits.items()}
    return Step(
        state=b"state",
        data=data or CaseData(),
        waits=Waits(**kept),
        before=before or Waits(),
        happened=happened,
        ended=ended,
    )


def line(kind="element.completed", **facts):
    return Happening(kind, NOON, **facts)


@pytest.fixture
def turn(session):
    return StandInTurn(Transaction(session.connection(), session))


@pytest.fixture
def case(session):
    return lock_case(session, make.case(session).id)


class TestSaveStep:
    def test_writes_each_new_wait_as_a_row(self, turn, case, session):
        opened = task(form="f4.form.json", local={"n": 1}, item=2)
        due = deadline(task=opened.id)
        saved = step(
            instances=[Instance(MAIN, None, "forloeb", "Forløb", NOON)],
            tasks=[opened],
            deadlines=[due],
            timers=[timer(deadline=due.id, role="due")],
            subscriptions=[OpenSubscription(str(uuid4()), MAIN, "dom", "Dom", correlation="T-1")],
            jobs=[WantedJob(str(uuid4()), MAIN, "brev", "Brev", "mail/Send", {"to": ["a@b.dk"]})],
            incidents=[OpenIncident(str(uuid4()), MAIN, "brev", "Brev", "Nej")],
        )

        save_step(turn, case, saved, Change(Start(), "visitator"))

        row = session.scalars(select(UserTask)).one()
        assert (str(row.id), row.role, row.unit_id) == (opened.id, "Mentor", "aalborg")
        assert (row.local, row.item, row.state) == ({"n": 1}, 2, "open")
        assert session.scalars(select(ProcessInstance)).one().name == "Forløb"
        assert session.scalars(select(Deadline)).one().task_id == UUID(opened.id)
        assert session.scalars(select(Timer)).one().deadline_id == UUID(due.id)
        assert session.scalars(select(Subscription)).one().correlation == "T-1"
        assert session.scalars(select(Job)).one().parameters == {"to": ["a@b.dk"]}
        assert session.scalars(select(Incident)).one().message == "Nej"

    def test_stores_state_data_and_the_next_revision(self, turn, case, session):
        data = CaseData({"alder": 17, "cpr": "x"}, {"/foedt": "date"}, frozenset({"cpr"}))

        save_step(turn, case, step(data=data), Change(Start()))

        row = session.get(Case, case.id)
        assert (row.revision, row.snapshot) == (1, b"state")
        assert (row.data, row.authority_data) == ({"alder": 17}, {"cpr": "x"})
        assert row.data_kinds == {"/foedt": "date"}
        assert case.revision == 1

    def test_refuses_a_case_that_somebody_moved(self, turn, case):
        stale = replace(case, revision=7)

        with pytest.raises(StaleRevision):
            save_step(turn, stale, step(), Change(Start()))

    def test_tells_the_completed_task_from_the_cancelled(self, turn, case, session):
        done, dropped, kept = task(), task(), task()
        first = step(tasks=[done, dropped, kept])
        save_step(turn, case, first, Change(Start()))

        save_step(turn, case, step(first.waits, tasks=[kept]), Change(Complete(done.id), "mentor"))

        states = {str(row.id): (row.state, row.completed_by) for row in _all(session, UserTask)}
        assert states == {
            done.id: ("completed", "mentor"),
            dropped.id: ("cancelled", None),
            kept.id: ("open", None),
        }

    def test_tells_the_fired_timer_from_the_cancelled(self, turn, case, session):
        fired, dropped = timer(), timer()
        first = step(timers=[fired, dropped])
        save_step(turn, case, first, Change(Start()))

        late = NOON + timedelta(days=9)
        told = line("timer.fired", element="frist")
        save_step(replace(turn, now=late), case, step(first.waits, told), Change(Fire(fired.id)))

        states = {str(row.id): (row.state, row.fired_at) for row in _all(session, Timer)}
        assert states == {fired.id: ("fired", late), dropped.id: ("cancelled", None)}
        assert session.scalars(select(Event)).one().at == NOON

    def test_keeps_each_occurrence_of_a_timer_that_goes_on(self, turn, case, session):
        cycle = timer()
        first = step(timers=[cycle])
        save_step(turn, case, first, Change(Start()))

        again = replace(cycle, due_at=cycle.due_at + timedelta(days=7))
        save_step(turn, case, step(first.waits, timers=[again]), Change(Fire(cycle.id)))

        rows = session.execute(select(Timer.state, Timer.due_at).order_by(Timer.due_at)).all()
        assert rows == [("fired", cycle.due_at), ("armed", again.due_at)]

    def test_gives_a_task_without_a_lane_to_the_owner(self, turn, case, session):
        save_step(turn, case, step(tasks=[task(role=None)]), Change(Start()))

        assert session.scalars(select(UserTask)).one().role == "Koordinator"

    def test_gives_a_team_task_to_the_one_who_holds_the_role(self, turn, case, session):
        mentor = make.account(session, "mentor")
        make.team_member(session, session.get(Case, case.id), mentor)

        save_step(turn, case, step(tasks=[task(assign="team")]), Change(Start()))

        assert session.scalars(select(UserTask)).one().assignee == "mentor"

    def test_leaves_a_team_task_in_the_queue_while_nobody_holds_the_role(self, turn, case, session):
        save_step(turn, case, step(tasks=[task(assign="team")]), Change(Start()))

        assert session.scalars(select(UserTask)).one().assignee is None

    def test_keeps_the_holder_of_a_task_whose_due_time_moves(self, turn, case, session):
        held = task(assign="mentor")
        first = step(tasks=[held])
        save_step(turn, case, first, Change(Start()))

        moved = replace(held, due_at=NOON + timedelta(days=3), assign=None)
        save_step(turn, case, step(first.waits, tasks=[moved]), Change(Start()))

        row = session.scalars(select(UserTask)).one()
        assert (row.assignee, row.due_at) == ("mentor", moved.due_at)

    def test_moves_a_deadline_with_its_timer_and_says_why(self, turn, case, session):
        due = deadline()
        alarm = timer(deadline=due.id, role="due", due_at=due.due_at)
        first = step(deadlines=[due], timers=[alarm])
        save_step(turn, case, first, Change(Start()))

        later = due.due_at + timedelta(days=2)
        second = step(
            first.waits,
            deadlines=[replace(due, due_at=later)],
            timers=[replace(alarm, due_at=later)],
        )
        save_step(turn, case, second, Change(MoveDeadline(due.id, later, "ferie"), "leder"))

        assert session.scalars(select(Timer)).one().due_at == later
        assert session.scalars(select(Deadline)).one().due_at == later
        change = session.scalars(select(DeadlineChange)).one()
        assert (change.kind, change.reason, change.by) == ("moved", "ferie", "leder")
        assert (change.old_due, change.new_due) == (due.due_at, later)

    def test_marks_a_missed_deadline_and_escalates(self, turn, case, session):
        due = deadline()
        first = step(deadlines=[due])
        save_step(turn, case, first, Change(Start()))

        told = line("deadline.missed", element="samtale", detail={"deadline": due.id})
        save_step(turn, case, step(first.waits, told), Change(Start()))

        assert session.scalars(select(Deadline)).one().state == "missed"
        kinds = session.scalars(select(Event.kind).order_by(Event.number)).all()
        assert kinds == ["deadline.missed", "deadline.escalated"]

    def test_keeps_a_missed_deadline_in_sight_until_its_work_is_over(self, turn, case, session):
        due = deadline()
        first = step(deadlines=[due])
        save_step(turn, case, first, Change(Start()))
        told = line("deadline.missed", element="samtale", detail={"deadline": due.id})
        save_step(turn, case, step(first.waits, told), Change(Start()))
        in_sight = session.scalars(select(Deadline)).one().closed_at

        late = line("deadline.met", detail={"deadline": due.id, "late": True})
        save_step(turn, case, step(None, late), Change(Start()))

        row = session.scalars(select(Deadline)).one()
        assert (in_sight, row.state, row.closed_at) == (None, "missed", NOON)

    def test_numbers_events_without_gaps(self, turn, case, session):
        save_step(turn, case, step(None, line(), line()), Change(Start()))

        save_step(turn, case, step(None, line()), Change(Start()))

        numbers = session.scalars(select(Event.number).order_by(Event.number)).all()
        assert numbers == [1, 2, 3]

    def test_ends_the_case_with_the_process(self, turn, case, session):
        save_step(turn, case, step(ended=True), Change(Start()))

        row = session.get(Case, case.id)
        assert (row.state, row.ended_at) == ("completed", NOON)

    def test_sends_what_a_diagram_throws_as_a_message_row(self, turn, case, session):
        thrown = replace(
            step(None, line()), messages=(OutgoingMessage("Dom", {"udfald": 1}, "T-2"),)
        )

        save_step(turn, case, thrown, Change(Start()))

        message = session.scalars(select(Message)).one()
        assert (message.name, message.payload, message.correlation) == ("Dom", {"udfald": 1}, "T-2")
        assert (message.state, message.case_id) == ("waiting", None)

    def test_keeps_a_message_without_a_correlation_for_the_case_itself(self, turn, case, session):
        thrown = replace(step(None, line()), messages=(OutgoingMessage("Dom", {}, None),))

        save_step(turn, case, thrown, Change(Start()))

        assert session.scalars(select(Message)).one().case_id == case.id


def _all(session, model):
    return session.scalars(select(model)).all()
