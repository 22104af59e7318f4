"""One PostgreSQL a test run: tests roll back, and those that commit get a clone."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import schema
from models.server import FAST, EmbeddedServer
from processes.definitions import Definitions
from processes.engine import Engine, Feel
from processes.turn import Transaction, Turn
from webapp.bootstrap import Config, Wiring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL


RUN_FOLDER = "VEJVISER_TEST_RUN"
TEMPLATE = "template"
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
"""When every test's turn takes place, unless the test says otherwise."""


settings.register_profile("same every time", deadline=None, derandomize=True)
settings.register_profile("looking for more", deadline=None)
settings.load_profile(os.environ.get("VEJVISER_LAWS", "same every time"))


def pytest_configure(config):
    """Make the folder that all processes of the run share."""
    if RUN_FOLDER not in os.environ and not hasattr(config, "workerinput"):
        folder = Path(tempfile.mkdtemp(prefix="vejviser-tests-"))
        folder.chmod(0o711)
        os.environ[RUN_FOLDER] = str(folder)
        config.add_cleanup(lambda: _forget(folder))


def _forget(folder: Path) -> None:
    os.environ.pop(RUN_FOLDER, None)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The run's server, shared by the processes of pytest-xdist, with a migrated template."""
    folder = Path(os.environ[RUN_FOLDER])
    with EmbeddedServer(folder / "postgres", FAST) as server:
        server.create_database(TEMPLATE)
        engine = create_engine(server.url(TEMPLATE))
        schema.upgrade(engine)
        engine.dispose()
        yield server


@pytest.fixture(scope="session")
def shared_database(server) -> Iterator[URL]:
    """A database of this test process for tests that roll back."""
    with _clone(server) as url:
        yield url


@pytest.fixture(scope="session")
def database_engine(shared_database):
    """SQLAlchemy's engine on the database of tests that roll back."""
    engine = create_engine(shared_database)
    yield engine
    engine.dispose()


@pytest.fixture
def session(database_engine) -> Iterator[Session]:
    """A session whose transaction is undone after the test."""
    with Session(database_engine, expire_on_commit=False) as session:
        yield session
        session.rollback()


@pytest.fixture(scope="session")
def engine():
    """The process engine, with one V8 for the whole test process."""
    feel = Feel()
    yield Engine(feel)
    feel.close()


@pytest.fixture
def turn(session, engine) -> Turn:
    """A turn at `NOON` that is undone after the test."""
    transaction = Transaction(session.connection(), session)
    return Turn(transaction, engine, NOON, Definitions())


@pytest.fixture
def later(turn):
    """The same turn at another time: `later(datetime)`."""
    return lambda now: replace(turn, now=now)


@pytest.fixture
def database(server) -> Iterator[URL]:
    """A migrated database of the test's own, for tests that commit."""
    with _clone(server) as url:
        yield url


@dataclass
class HandClock:
    """A clock that moves only when told to."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty VEJVISER_HOME that the embedded server's account may enter."""
    folder = Path(os.environ[RUN_FOLDER]) / f"home-{uuid4().hex[:12]}"
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def wiring(database, clock, home) -> Iterator[Wiring]:
    """The real composition root on a database of the test's own, with a clock held by hand."""
    wiring = Wiring(Config(home=home, secret_key="key of a test"), database, real_clock=clock)
    yield wiring
    wiring.close()


class _clone:  # noqa: N801  used like a function
    """`with _clone(server) as url`: a copy of the template that goes away again."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self.name = f"test_{uuid4().hex[:12]}"

    def __enter__(self) -> URL:
        self.server.create_database(self.name, template=TEMPLATE)
        return self.server.url(self.name)

    def __exit__(self, *_: object) -> None:
        self.server.drop_database(self.name)
