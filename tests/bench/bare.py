"""What everything is measured against: SQLAlchemy Core on psycopg, the rows of one completion.

One SELECT … FOR UPDATE, one update of a state of 20 kB, three inserts, commit; into the tables
and indexes of the real thing, on a case of its own.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import bindparam, insert, select, update

from models import Case, Deadline, Event, UserTask

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy import Engine

STATE_BYTES = 20_000
case = Case.__table__
LOCK = select(case.c.last_event).where(case.c.id == bindparam("own")).with_for_update()
SAVE = (
    update(case)
    .where(case.c.id == bindparam("own"))
    .values(
        snapshot=bindparam("bytes"),
        revision=case.c.revision + 1,
        last_event=bindparam("reached"),
    )
)
TASK, DEADLINE, EVENT = (insert(model.__table__) for model in (UserTask, Deadline, Event))


class Bare:
    """Repeats the bare transaction on one case."""

    def __init__(self, engine: Engine, case_id: UUID) -> None:
        self.engine = engine
        self.case = case_id
        self.states = cycle([os.urandom(STATE_BYTES) for _ in range(16)])

    def __call__(self) -> Callable[[], object]:
        """The next transaction; its values are made beforehand."""
        now, state = datetime.now(UTC), next(self.states)
        of = {"case_id": self.case, "instance_id": self.case, "element": "samtale"}
        task = {
            **of,
            "id": uuid4(),
            "name": "Hold samtale",
            "role": "Koordinator",
            "unit_id": "aalborg",
            "form": "samtale.form.json",
            "state": "completed",
            "created_at": now,
            "due_at": now + timedelta(days=7),
        }
        deadline = {
            **of,
            "id": uuid4(),
            "name": "Hold samtale",
            "task_id": task["id"],
            "started_at": now,
            "duration": "P7D",
            "calendar": "working",
            "roll": "none",
            "due_at": task["due_at"],
            "original_due_at": task["due_at"],
            "state": "met",
            "closed_at": now,
        }
        event = {
            **of,
            "at": now,
            "recorded_at": now,
            "actor": "koordinator",
            "kind": "element.completed",
            "name": "Hold samtale",
            "detail": {},
        }
        return lambda: self._transaction(state, task, deadline, event)

    def _transaction(self, state: bytes, task: dict, deadline: dict, event: dict) -> None:
        with self.engine.begin() as connection:
            number = connection.execute(LOCK, {"own": self.case}).scalar_one() + 1
            connection.execute(SAVE, {"own": self.case, "bytes": state, "reached": number})
            connection.execute(TASK, task)
            connection.execute(DEADLINE, deadline)
            connection.execute(EVENT, {**event, "number": number})
