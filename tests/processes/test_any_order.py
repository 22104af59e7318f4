"""Any order of commands keeps the rows, the history and the engine's own answer equal.

Hypothesis draws commands for one case in PostgreSQL; the same ones are played in memory. After
each, `check` must find nothing, and both must wait for the same things.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handlers.contract import Done
from models import Case, Deadline, Incident, Job, UserTask
from models.errors import AlreadyClaimed, AlreadyCompleted, Refused, TaskNotFound
from processes.access import OPERATOR, person_of
from processes.case_lock import lock_case
from processes.cases import cancel_case, start_case
from processes.check import check_case
from processes.corrections import correct_data
from processes.deadline_moves import move_deadline, pause_deadline, resume_deadline
from processes.definitions import Definitions
from processes.deploy import deploy
from processes.engine.commands import (
    Cancel,
    Complete,
    Correct,
    FailJob,
    FinishJob,
    Move,
    MoveDeadline,
    PauseDeadline,
    RaiseIncident,
    Resume,
    ResumeDeadline,
    Retry,
    Skip,
    Suspend,
)
from processes.incidents import retry_incident, skip_incident
from processes.jobs import claim_job, finish_job
from processes.messages import receive_message
from processes.moves import Relocation, move_case, standing_of
from processes.outcomes import Broken, Faulted, PutOff
from processes.rehearsal import Run
from processes.suspension import resume_case, suspend_case
from processes.timers import fire_due_timer
from processes.turn import Transaction, Turn
from processes.user_tasks import claim_user_task, complete_user_task, release_user_task
from tests import diagrams, make
from tests.conftest import NOON

COURSE = {
    "alt.bpmn": diagrams.diagram(
        "alt",
        diagrams.start(),
        diagrams.user_task("vurder", deadline="P7D"),
        diagrams.parallel("del"),
        diagrams.timer("vent", "P3D"),
        diagrams.user_task("efter", deadline="P2D"),
        diagrams.message_catch("afvent", "dom"),
        diagrams.user_task("laes"),
        diagrams.service_task("fase", "case/SetPhase", phase='"Start"'),
        '<bpmn:boundaryEvent id="fejlet" attachedToRef="fase">'
        '<bpmn:errorEventDefinition id="fejlet_fejl" errorRef="FEJL"/></bpmn:boundaryEvent>',
        diagrams.user_task("ring"),
        '<bpmn:exclusiveGateway id="videre"/>',
        diagrams.parallel("saml"),
        diagrams.user_task("luk"),
        diagrams.end(),
        '<bpmn:subProcess id="uheld" name="Uheld" triggeredByEvent="true">'
        '<bpmn:startEvent id="uheld_sker" isInterrupting="false">'
        '<bpmn:messageEventDefinition id="uheld_besked" messageRef="uheld_meldt"/>'
        "</bpmn:startEvent>"
        '<bpmn:userTask id="foelg_op" name="Følg op"/><bpmn:endEvent id="uheld_slut"/>'
        '<bpmn:sequenceFlow id="u1" sourceRef="uheld_sker" targetRef="foelg_op"/>'
        '<bpmn:sequenceFlow id="u2" sourceRef="foelg_op" targetRef="uheld_slut"/>'
        "</bpmn:subProcess>",
        flow="begynd>vurder>del>vent>efter>saml>luk>slut; del>afvent>laes>saml;"
        "del>fase>videre>saml; fejlet>ring>videre",
        lanes={"Visitator": "vurder efter laes ring luk uheld foelg_op"},
        beside=diagrams.message("dom")
        + diagrams.message("uheld_meldt")
        + '<bpmn:error id="FEJL" name="Fejl" errorCode="FEJL"/>',
    )
}
PEOPLE = ("visitator", "grete")
OUTCOMES = {
    "done": Done("Start"),
    "fault": Faulted("FEJL"),
    "broken": Broken("gik ned"),
    "later": PutOff(timedelta(seconds=1), "optaget"),
}
PICK = st.integers(min_value=0, max_value=9)
WHO = st.sampled_from(PEOPLE)
STEPS, EXAMPLES = 30, 10
SESSION = {"expire_on_commit": False, "join_transaction_mode": "rollback_only"}


class AnyOrder(RuleBasedStateMachine):
    """One case, in the database and in memory."""

    def __init__(self, connection, engine) -> None:
        super().__init__()
        self.connection = connection
        self.engine = engine
        self.definitions = Definitions()
        self.now = NOON
        self.numbers = count()
        self.held: dict = {}
        self.finished: list = []
        self.claimed: list = []
        self.undo = connection.begin()

    def teardown(self) -> None:
        self.undo.rollback()

    @contextmanager
    def turn(self):
        """A turn as the house opens one: undone by a refusal."""
        with (
            self.connection.begin_nested(),
            Session(self.connection, **SESSION) as session,
        ):
            transaction = Transaction(self.connection, session)
            yield Turn(transaction, self.engine, self.now, self.definitions)
            transaction.flush()

    # -- the case ----------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        with self.turn() as turn:
            self.people = {
                name: person_of(make.account(turn.session, name, "Visitator")) for name in PEOPLE
            }
            self.leader = person_of(make.account(turn.session, "leder"))
            deploy(turn, COURSE, "", OPERATOR)
        with self.turn() as turn:
            case = start_case(
                turn, "alt", "T-01", {"note": "x"}, "aalborg", self.people["visitator"]
            )
            self.case = case.id
            definition = turn.definition(case.definition_id).definition
        self.model = Run(self.engine, definition, self.now, by_hand=frozenset({"fase"}))
        self.model.start({"note": "x"}, "T-01")

    def is_active(self) -> bool:
        return self.state() == "active"

    def state(self) -> str:
        return self.connection.scalar(select(Case.state).where(Case.id == self.case))

    def rows(self, model, **wanted):
        """The rows of a kind, in an order that the same commands always give."""
        query = select(model).where(model.case_id == self.case)
        for column, value in wanted.items():
            query = query.where(getattr(model, column) == value)
        found = self.connection.execute(query).all()
        return sorted(found, key=lambda row: (row.element, str(getattr(row, "created_at", ""))))

    def pick(self, rows, number):
        return rows[number % len(rows)] if rows else None

    def known(self, kind, element):
        """The model's own wait at an element."""
        waits = getattr(self.model.step.waits, kind).values()
        return next(wait for wait in waits if wait.element == element)

    # -- people ------------------------------------------------------------------------------

    @rule(number=PICK, who=WHO)
    def claim(self, number, who) -> None:
        task = self.pick(self.rows(UserTask, state="open"), number)
        if task is None or not self.is_active():
            return
        holder = self.held.get(task.id)
        if holder in {None, who}:
            with self.turn() as turn:
                claim_user_task(turn, task.id, self.people[who])
            self.held[task.id] = who
        else:
            with pytest.raises(AlreadyClaimed, match=holder), self.turn() as turn:
                claim_user_task(turn, task.id, self.people[who])

    @rule(number=PICK)
    def release(self, number) -> None:
        task = self.pick([row for row in self.rows(UserTask, state="open") if row.assignee], number)
        if task is None or not self.is_active():
            return
        with self.turn() as turn:
            release_user_task(turn, task.id, self.people[task.assignee])
        del self.held[task.id]

    @rule(number=PICK, who=WHO)
    def complete(self, number, who) -> None:
        task = self.pick(self.rows(UserTask, state="open"), number)
        if task is None or not self.is_active():
            return
        if self.held.get(task.id, who) != who:
            with pytest.raises(AlreadyClaimed), self.turn() as turn:
                complete_user_task(turn, task.id, {}, self.people[who])
            return
        with self.turn() as turn:
            complete_user_task(turn, task.id, {}, self.people[who])
        self.finished.append((task.id, who))
        self.model.act(Complete(self.known("tasks", task.element).id))

    @precondition(lambda self: self.finished)
    @rule(number=PICK, who=WHO)
    def complete_again(self, number, who) -> None:
        task, _ = self.pick(self.finished, number)

        with pytest.raises((AlreadyCompleted, TaskNotFound, Refused)), self.turn() as turn:
            complete_user_task(turn, task, {}, self.people[who])

    # -- time --------------------------------------------------------------------------------

    @rule(hours=st.integers(min_value=1, max_value=60))
    def travel(self, hours) -> None:
        self.now += timedelta(hours=hours)
        fired = True
        while fired:
            with self.turn() as turn:
                fired = fire_due_timer(turn)
        self.model.travel(self.now)

    # -- messages ----------------------------------------------------------------------------

    @rule(name=st.sampled_from(["dom", "uheld_meldt"]), again=st.booleans())
    def send(self, name, again) -> None:
        if self.state() in {"completed", "cancelled"}:
            return
        sender = f"m{next(self.numbers)}"
        with self.turn() as turn:
            receive_message(turn, sender, name, self.case)
        self.model.message(name, {})
        if again:
            with self.turn() as turn:
                assert receive_message(turn, sender, name, self.case) == "duplicate"

    # -- jobs --------------------------------------------------------------------------------

    @rule()
    def take_job(self) -> None:
        with self.turn() as turn:
            job = claim_job(turn, "w1")
        if job is not None:
            self.claimed.append(job)

    @precondition(lambda self: self.claimed)
    @rule(number=PICK, how=st.sampled_from(sorted(OUTCOMES)))
    def finish_taken_job(self, number, how) -> None:
        job = self.claimed.pop(number % len(self.claimed))
        queued = [row for row in self.rows(Job, state="queued") if row.id == job.id]
        outcome = job.kept or OUTCOMES[how]
        with self.turn() as turn:
            finish_job(turn, job, outcome)
        if queued and self.is_active():
            self._model_finishes(job.element, outcome)

    def _model_finishes(self, element, outcome) -> None:
        id_ = self.known("jobs", element).id
        match outcome:
            case Done(result=result):
                self.model.act(FinishJob(id_, result))
            case Faulted(code=code):
                self.model.act(FailJob(id_, code))
            case Broken(message=message):
                self.model.act(RaiseIncident(id_, message))

    @rule()
    def worker_dies(self) -> None:
        """Leases run out, pauses are over; whoever had the job may still answer, too late."""
        with self.turn() as turn:
            turn.session.execute(text("UPDATE job SET lease_until = NULL, due_at = now()"))

    @rule(number=PICK)
    def retry(self, number) -> None:
        incident = self.pick(self.rows(Incident, state="open"), number)
        if incident is None or not self.is_active():
            return
        with self.turn() as turn:
            retry_incident(turn, incident.id, self.leader)
        self.model.act(Retry(self.known("incidents", incident.element).id))

    @rule(number=PICK)
    def skip(self, number) -> None:
        incident = self.pick(self.rows(Incident, state="open"), number)
        if incident is None or not self.is_active():
            return
        with self.turn() as turn:
            skip_incident(turn, incident.id, "ordnet i hånden", self.leader)
        self.model.act(Skip(self.known("incidents", incident.element).id, "ordnet i hånden"))

    # -- deadlines ---------------------------------------------------------------------------

    def _running(self):
        return [row for row in self.rows(Deadline, state="open") if row.paused_at is None]

    @rule(number=PICK, days=st.integers(min_value=1, max_value=9))
    def move(self, number, days) -> None:
        deadline = self.pick(self._running(), number)
        if deadline is None or not self.is_active():
            return
        due = self.now + timedelta(days=days)
        with self.turn() as turn:
            move_deadline(turn, deadline.id, due, "aftalt", self.leader)
        known = self.known("deadlines", deadline.element)
        self.model.act(MoveDeadline(known.id, due, "aftalt"))

    @rule(number=PICK)
    def pause(self, number) -> None:
        deadline = self.pick(self._running(), number)
        if deadline is None or not self.is_active():
            return
        with self.turn() as turn:
            pause_deadline(turn, deadline.id, "ferie", self.leader)
        self.model.act(PauseDeadline(self.known("deadlines", deadline.element).id, "ferie"))

    @rule(number=PICK)
    def go_on(self, number) -> None:
        paused = [row for row in self.rows(Deadline, state="open") if row.paused_at is not None]
        deadline = self.pick(paused, number)
        if deadline is None or not self.is_active():
            return
        with self.turn() as turn:
            resume_deadline(turn, deadline.id, self.leader)
        self.model.act(ResumeDeadline(self.known("deadlines", deadline.element).id))

    # -- the whole case ----------------------------------------------------------------------

    @precondition(lambda self: self.is_active())
    @rule()
    def suspend(self) -> None:
        with self.turn() as turn:
            suspend_case(turn, self.case, "ferie", self.leader)
        self.model.act(Suspend("ferie"))

    @precondition(lambda self: self.state() == "suspended")
    @rule()
    def resume(self) -> None:
        with self.turn() as turn:
            resume_case(turn, self.case, "hjemme", self.leader)
        self.model.act(Resume("hjemme"))

    @precondition(lambda self: self.is_active())
    @rule(number=PICK, to=st.sampled_from(["efter", "laes", "ring", "luk"]))
    def move_position(self, number, to) -> None:
        """A supervisor takes one token away and puts another where none is."""
        with self.turn() as turn:
            standing = standing_of(turn, lock_case(turn.session, self.case))
        twin = self.engine.standing(self.model.definition, self.model.step.state)
        mine = [one for one in standing.positions if not one.scope]
        mine.sort(key=lambda one: one.element)
        if not mine or to in {one.element for one in mine}:
            return
        leaving = mine[number % len(mine)]
        theirs = next(one for one in twin.positions if one.element == leaving.element)
        with self.turn() as turn:
            move_case(turn, self.case, Relocation([leaving.id], [("", to)]), "fejl", self.leader)
        self.model.act(Move((theirs.id,), (("", to),), "fejl"))

    @precondition(lambda self: self.is_active())
    @rule(number=st.integers(min_value=0, max_value=10**9))
    def correct(self, number) -> None:
        value = f"rettet {number}"
        if self.model.step.data.values["note"] == value:
            return
        with self.turn() as turn:
            correct_data(turn, self.case, {"note": value}, "skrevet forkert", self.leader)
        self.model.act(Correct({"note": value}, "skrevet forkert"))

    @precondition(lambda self: self.is_active() and len(self.finished) > 2)
    @rule(really=st.integers(min_value=0, max_value=9))
    def cancel(self, really) -> None:
        if really:
            return
        with self.turn() as turn:
            cancel_case(turn, self.case, "flyttet", self.leader)
        self.model.act(Cancel("flyttet"))

    # -- what must hold ----------------------------------------------------------------------

    @invariant()
    def check_finds_nothing(self) -> None:
        with self.turn() as turn:
            assert list(check_case(turn, self.case)) == []

    @invariant()
    def nobody_else_holds_a_task(self) -> None:
        held = {row.id: row.assignee for row in self.rows(UserTask, state="open") if row.assignee}
        assert held == {id_: who for id_, who in self.held.items() if id_ in held}
        done = {row.id: row.completed_by for row in self.rows(UserTask, state="completed")}
        assert done == dict(self.finished)

    @invariant()
    def memory_waits_for_the_same(self) -> None:
        waits = self.model.step.waits
        asked = {
            "task": [(row.element, row.due_at) for row in self.rows(UserTask, state="open")],
            "deadline": [
                (row.element, row.due_at, row.paused_at)
                for row in self.rows(Deadline, state="open")
            ],
            "job": [row.element for row in self.rows(Job, state="queued")],
            "incident": [row.element for row in self.rows(Incident, state="open")],
        }
        wanted = {
            "task": [(wait.element, wait.due_at) for wait in waits.tasks.values()],
            "deadline": [
                (wait.element, wait.due_at, wait.paused_at) for wait in waits.deadlines.values()
            ],
            "job": [wait.element for wait in waits.jobs.values()],
            "incident": [wait.element for wait in waits.incidents.values()],
        }
        for kind, rows in asked.items():
            assert Counter(rows) == Counter(wanted[kind]), kind
        with self.turn() as turn:
            data = turn.session.scalar(select(Case.data).where(Case.id == self.case))
        assert data == self.model.step.data.values
        assert (self.model.ended_at is not None) == (self.state() in {"completed", "cancelled"})


def test_any_order_of_commands_keeps_the_rows_true(database_engine, engine):
    with database_engine.connect() as connection:
        run_state_machine_as_test(
            lambda: AnyOrder(connection, engine),
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
