"""A scenario's case in the database: every step is the command that pages and workers use."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import select

from handlers.adapters.recorded import recorded_ports
from handlers.contract import Done
from models import Case, Deadline, Event, Incident, Message, Timer, UserTask
from processes import work
from processes.access import OPERATOR
from processes.cases import cancel_case, start_case
from processes.check import check_case
from processes.deploy import deploy
from processes.engine.step import Waits
from processes.jobs import Faulted, claim_job, finish_job, run_job
from processes.messages import receive_message
from processes.simulate import CannotDo
from processes.timers import first_due
from processes.user_tasks import complete_user_task
from tests import diagrams
from webapp.bootstrap import Wiring

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from handlers.ports import Ports
    from processes.access import Person
    from processes.jobs import ClaimedJob

WORKER = "conformance"
CALLER = "caller_of_{}"
"""Process that does nothing but throw one signal, for cases that wait for it."""


class RecordingHouse(Wiring):
    """The composition root, with doors that lead nowhere."""

    @property
    def ports(self) -> Ports:
        return recorded_ports()


@dataclass
class ServedCase:
    """Does to a case in the database what `processes.simulate.Run` does to one in memory."""

    house: RecordingHouse
    clock: Any
    process: str
    by: Person
    by_hand: frozenset[str] = frozenset()
    item_base: int = 1
    id: UUID | None = None
    held: dict[str, ClaimedJob] = field(default_factory=dict)
    """The jobs that the scenario settles itself, by element."""

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
        task = self._task(element, item)
        if role is not None and task.role != role:
            raise CannotDo(f"'{element}' is for {task.role}, not {role}")
        with self.house.turn() as turn:
            complete_user_task(turn, task.id, answers, self.by, "conformance")
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

    # -- what a scenario looks at ----------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.clock.now

    @property
    def trace(self) -> list[dict[str, Any]]:
        done = self._rows(Event, kind="element.completed")
        return [
            {"element": line.element}
            for line in sorted(done, key=lambda line: line.number)
            if not line.detail.get("whole")
        ]

    @property
    def step(self) -> Any:
        with self.house.reading() as session:
            case = session.get_one(Case, self.id)
        waits = Waits(
            tasks=_by_id(self._rows(UserTask, state="open")),
            timers=_by_id(self._rows(Timer, state="armed")),
            deadlines=_by_id(self._rows(Deadline, state="open")),
            incidents=_by_id(self._rows(Incident, state="open")),
        )
        values = {**case.data, **case.authority_data}
        ended = case.state in {"completed", "cancelled"}
        return SimpleNamespace(waits=waits, data=SimpleNamespace(values=values), ended=ended)

    @property
    def sent(self) -> list[dict[str, Any]]:
        """What the case threw and nothing on it waited for."""
        mine = select(Message).where(Message.sender_id.startswith(f"{self.id}:"))
        with self.house.reading() as session:
            rows = session.scalars(mine.order_by(Message.arrival))
            return [{"message": row.name} for row in rows]

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

    def _rows(self, table: Any, **values: str) -> list[Any]:
        query = select(table).filter_by(case_id=self.id, **values)
        with self.house.reading() as session:
            return list(session.scalars(query))

    def _task(self, element: str, item: int | None) -> UserTask:
        open_now = self._rows(UserTask, state="open", element=element)
        tasks = sorted(open_now, key=lambda task: (task.created_at, task.item or 0))
        if item is not None:
            tasks = [task for task in tasks if task.item == item - self.item_base]
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


def _by_id(rows: Iterable[Any]) -> dict[str, Any]:
    return {str(row.id): row for row in rows}


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
