"""A scenario's case in the database: every step is the command that pages and workers use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import text

from handlers.adapters.recorded import recorded_ports
from handlers.contract import Done
from processes import work
from processes.access import OPERATOR
from processes.cases import cancel_case, start_case
from processes.check import check_case
from processes.deploy import deploy
from processes.engine.step import Waits
from processes.jobs import Faulted, claim_job, finish_job, run_job
from processes.messages import receive_message
from processes.rehearsal import CannotDo
from processes.timers import first_due
from processes.user_tasks import complete_user_task
from tests import diagrams
from webapp.bootstrap import Wiring

if TYPE_CHECKING:
    from handlers.ports import Ports
    from processes.access import Person
    from processes.jobs import ClaimedJob

WORKER = "conformance"
CALLER = "caller_of_{}"
"""Process that does nothing but throw one signal, for cases that wait for it."""

STANDING = text("""
SELECT c.state, c.data || c.authority_data AS given,
       (SELECT json_agg(json_build_object('id', id, 'element', element, 'role', role, 'item', item)
                        ORDER BY created_at, id)
          FROM user_task WHERE case_id = c.id AND state = 'open') AS tasks,
       (SELECT json_agg(json_build_object('element', element, 'due_at', due_at))
          FROM timer WHERE case_id = c.id AND state = 'armed') AS timers,
       (SELECT json_agg(json_build_object('element', element, 'due_at', due_at))
          FROM deadline WHERE case_id = c.id AND state = 'open') AS deadlines,
       (SELECT json_agg(json_build_object('element', element, 'message', message))
          FROM incident WHERE case_id = c.id AND state = 'open') AS incidents,
       (SELECT json_agg(json_build_object('element', element) ORDER BY number)
          FROM event WHERE case_id = c.id AND kind = 'element.completed'
           AND NOT detail ? 'whole') AS trace,
       (SELECT json_agg(json_build_object('message', name) ORDER BY arrival)
          FROM message WHERE sender_id LIKE c.id || ':%') AS sent
  FROM "case" c WHERE c.id = :case
""")
"""How a case stands, as its rows tell: everything that a scenario may expect."""


class RecordingHouse(Wiring):
    """The composition root, with doors that lead nowhere."""

    @property
    def ports(self) -> Ports:
        return recorded_ports()


@dataclass
class ServedCase:
    """Does to a case in the database what `processes.rehearsal.Run` does to one in memory."""

    house: RecordingHouse
    clock: Any
    process: str
    by: Person
    by_hand: frozenset[str] = frozenset()
    item_base: int = 1
    id: UUID | None = None
    held: dict[str, ClaimedJob] = field(default_factory=dict)
    """The jobs that the scenario settles itself, by element."""

    step: Any = None
    """How the case stands, as the rows tell; likewise what it has completed and sent."""

    trace: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def start(self, data: dict[str, Any], reference: str) -> None:
        with self.house.turn() as turn:
            self.id = start_case(turn, self.process, reference, data, "aalborg", self.by).id
        self.settle()

    def complete(
        self,
        element: str,
        answers: dict[str, Any],
        role: str | None = None,
        item: int | None = None,
    ) -> None:
        task = self._task(element, role, item)
        if role is not None and task.role != role:
            raise CannotDo(f"'{element}' is for {task.role}, not {role}")
        with self.house.turn() as turn:
            complete_user_task(turn, UUID(task.id), answers, self.by, "conformance")
        self.settle()

    def message(self, name: str, payload: dict[str, Any], correlation: object = None) -> None:
        with self.house.turn() as turn:
            receive_message(turn, uuid4().hex, name, self.id, correlation, payload)
        self.settle()

    def signal(self, name: str, payload: dict[str, Any]) -> None:
        """Another case throws it."""
        with self.house.turn() as turn:
            deploy(turn, {"caller.bpmn": _caller(name)}, "", OPERATOR)
            start_case(turn, CALLER.format(name), "", {"payload": payload}, "aalborg", self.by)
        self.settle()

    def travel(self, target: datetime) -> None:
        """The clock stops wherever a timer is due."""
        while (due := self._next_due()) is not None and due <= target:
            self.clock.now = max(self.clock.now, due)
            self.settle()
        self.clock.now = target
        self.settle()

    def job(self, element: str, result: object, fault: str | None) -> None:
        if element not in self.held:
            raise CannotDo(f"no job of '{element}' is waiting")
        outcome = Faulted(fault) if fault else Done(result)
        with self.house.turn() as turn:
            finish_job(turn, self.held.pop(element), outcome)
        self.settle()

    def settle(self) -> None:
        """All that a worker would do now."""
        while self._run_job() or work.fire_timers(self.house) or work.deliver_messages(self.house):
            pass
        self._look()

    # -- what a scenario looks at ----------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.clock.now

    def findings(self) -> list[str]:
        """What `vejviser check` says of the case."""
        with self.house.turn() as turn:
            return list(check_case(turn, self.id))

    def leave(self) -> None:
        """Let the case disturb no other."""
        if not self.step.ended:
            with self.house.turn() as turn:
                cancel_case(turn, self.id, "The scenario is over", self.by)

    # -- inside ----------------------------------------------------------------------------

    def _look(self) -> None:
        with self.house.reading() as session:
            row = session.execute(STANDING, {"case": self.id}).one()
        kinds = ("tasks", "timers", "deadlines", "incidents")
        waits = {kind: _by_number(getattr(row, kind) or []) for kind in kinds}
        self.trace, self.sent = row.trace or [], row.sent or []
        self.step = SimpleNamespace(
            waits=Waits(**waits),
            data=SimpleNamespace(values=row.given),
            ended=row.state in {"completed", "cancelled"},
        )

    def _task(self, element: str, role: str | None, item: int | None) -> Any:
        tasks = [task for task in self.step.waits.tasks.values() if task.element == element]
        tasks = [task for task in tasks if task.role == role] or tasks
        if item is not None and any(task.item is not None for task in tasks):
            tasks = [task for task in tasks if task.item == item - self.item_base]
        elif item is not None:
            tasks = tasks[item - self.item_base :]
        if not tasks:
            raise CannotDo(f"no task '{element}' is open")
        return tasks[0]

    def _next_due(self) -> datetime | None:
        with self.house.turn() as turn:
            return first_due(turn)

    def _run_job(self) -> bool:
        with self.house.turn() as turn:
            job = claim_job(turn, WORKER)
        if job is None:
            return False
        if job.element in self.by_hand:
            self.held[job.element] = job
            return True
        with self.house.turn() as turn:
            finish_job(turn, job, run_job(job, self.house.ports))
        return True


def _by_number(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows as records, with their times as such."""
    for row in rows:
        if "due_at" in row:
            row["due_at"] = datetime.fromisoformat(row["due_at"])
    return {str(number): SimpleNamespace(**row) for number, row in enumerate(rows)}


def _caller(signal: str) -> str:
    throws = (
        '<bpmn:endEvent id="throw"><bpmn:signalEventDefinition id="t" signalRef="s">'
        "<bpmn:extensionElements><spiffworkflow:payloadExpression>payload"
        "</spiffworkflow:payloadExpression></bpmn:extensionElements>"
        "</bpmn:signalEventDefinition></bpmn:endEvent>"
    )
    return diagrams.diagram(
        CALLER.format(signal),
        diagrams.start(),
        throws,
        flow="begynd>throw",
        beside=f'<bpmn:signal id="s" name="{signal}"/>',
    )
