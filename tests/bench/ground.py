"""What a measurement stands on: a migrated database, a person, and the bench's own programme."""

from __future__ import annotations

import gc
import random
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import create_engine, select, text

from models import Account, UserTask, schema
from processes.access import OPERATOR, Person, person_of
from processes.accounts import add_account, hash_password
from processes.cases import start_case
from processes.deploy import deploy
from processes.user_tasks import complete_user_task
from tests.bench.bare import Bare
from webapp.bootstrap import Config, Wiring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from sqlalchemy import Engine

    from models.server import EmbeddedServer

PROGRAMME = Path(__file__).parent / "programme"
NAME, PASSWORD, UNIT, ROLE = "koordinator", "kodeord til en prøve", "aalborg", "Koordinator"
KNOWN = {f"oplysning_{number}": "Aftalt ved samtalen. " * 4 for number in range(40)}
"""What the case knows already: about 4 kB."""

OFTEN, SELDOM = range(11), range(2_000)


@dataclass
class Clock:
    """The real clock, set back by as much as somebody wants."""

    back: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) - self.back


@dataclass
class Ground:
    """A database of the measurement's own, on the server that all of them share."""

    server: EmbeddedServer
    home: Path
    name: str = field(default_factory=lambda: f"bench_{uuid4().hex[:12]}")
    clock: Clock = field(default_factory=Clock)
    chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311

    def __post_init__(self) -> None:
        self.server.create_database(self.name)
        self.url = self.server.url(self.name)
        config = Config(home=self.home, secret_key="key of the bench")
        self.wiring = Wiring(config, self.url, real_clock=self.clock)
        schema.upgrade(self.wiring.database)
        with self.wiring.turn() as turn:
            hashed = hash_password(PASSWORD)
            add_account(turn, NAME, [ROLE], unit=UNIT, password_hash=hashed)
            deploy(turn, {f.name: f.read_text() for f in PROGRAMME.iterdir()}, "", OPERATOR)
            self.person: Person = person_of(turn.session.scalars(select(Account)).one())
        gc.freeze()  # as the processes that serve do

    def another(self) -> Ground:
        """One more, with a database of its own."""
        return Ground(self.server, self.home)

    def close(self) -> None:
        self.wiring.close()
        self.plain.dispose()
        self.server.drop_database(self.name)

    @cached_property
    def plain(self) -> Engine:
        """SQLAlchemy's engine as it comes, with the same wishes for a connection."""
        return create_engine(self.url, connect_args={"options": "-c timezone=UTC"})

    def bare(self) -> Bare:
        return Bare(self.plain, self.begin())

    def begin(self, process: str = "kontakt") -> UUID:
        """A new case."""
        with self.wiring.turn() as turn:
            case = start_case(turn, process, "", KNOWN, UNIT, self.person)
            return case.id

    def cases(self, count: int) -> Iterator[UUID]:
        """New cases, one after the other, for ever round."""
        return cycle([self.begin() for _ in range(count)])

    def begin_many(self, count: int, process: str) -> None:
        """Cases that nothing is measured on; nobody waits for the disk."""
        with self.hasty() as hasty:
            for _ in range(count):
                hasty.begin(process)

    def completion(self, case_id: UUID, *, new: bool = False) -> Callable[[], object]:
        """The open task of a case, ready to be completed."""
        task_id, answers = self.open_task(case_id), self.answers(new=new)
        return lambda: self.complete(task_id, answers)

    def complete(self, task_id: UUID, answers: dict[str, Any]) -> None:
        with self.wiring.turn() as turn:
            complete_user_task(turn, task_id, answers, self.person)

    def open_task(self, case_id: UUID) -> UUID:
        with self.wiring.reading() as reading:
            query = select(UserTask.id)
            return reading.scalars(
                query.where(UserTask.case_id == case_id, UserTask.state == "open")
            ).one()

    def answers(self, *, new: bool = False) -> dict[str, Any]:
        """A filled form; with `new` its number has hardly been seen before."""
        concern = self.chance.choice(OFTEN)
        if new:
            concern = round(self.chance.uniform(0, 10), 9)
        return {
            "dato": f"2026-03-{self.chance.randint(1, 28):02}",
            "minutter": self.chance.choice(SELDOM) % 600,
            "naeste": self.chance.choice(["samtale", "opfoelgning"]),
            "bekymring": concern,
            "grund": "Set med gruppen igen",
            "note": "Vi talte om praktikken og aftalte, hvornår vi ses. " * 4,
        }

    def age(self, case_id: UUID, times: int) -> None:
        """Complete so many tasks of a case; nobody waits for the disk."""
        with self.hasty() as hasty:
            for _ in range(times):
                hasty.completion(case_id)()

    def count(self, sql: str, **facts: Any) -> Any:
        """What a query answers."""
        with self.wiring.reading() as reading:
            return reading.scalar(text(sql), facts)

    def execute(self, sql: str, **facts: Any) -> None:
        with self.plain.begin() as connection:
            connection.execute(text(sql), facts)

    @contextmanager
    def hasty(self) -> Iterator[Ground]:
        """The same ground, whose commits do not wait for the disk."""
        usual, self.wiring = self.wiring, replace(self.wiring)
        self.execute(f'ALTER DATABASE "{self.name}" SET synchronous_commit = off')
        try:
            yield self
        finally:
            self.execute(f'ALTER DATABASE "{self.name}" RESET synchronous_commit')
            self.wiring.database.dispose()
            self.wiring = usual
