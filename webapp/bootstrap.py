"""The composition root: configuration in, one frozen `Wiring` out.

The web application, the worker, the commands and the tests all begin here.
"""

from __future__ import annotations

import os
import secrets
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from select import POLLIN, poll
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Self

import psycopg
from sqlalchemy import URL, create_engine, event, make_url, select
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from handlers import HANDLERS
from handlers.adapters.figures import DatabaseFigures
from handlers.adapters.ledger import DatabaseBudget
from handlers.adapters.outbox import OutboxMail
from handlers.adapters.smtp import SmtpMail
from handlers.adapters.staff import DatabaseStaff
from handlers.ports import Ports
from models import Clock
from models.errors import DatabaseDown
from models.server import EmbeddedServer
from processes.definitions import Definitions
from processes.engine import Engine
from processes.engine.feel import Feel
from processes.turn import Transaction, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from sqlalchemy import Connection
    from sqlalchemy import Engine as Database
    from sqlalchemy.engine.interfaces import DBAPIConnection

    from handlers.contract import Handler
    from handlers.ports import MailPort

CONNECT_SECONDS = 5
POOL_SECONDS = 5
CONNECTIONS = 16
CONNECTION_LOST = ("08", "57P")
"""PostgreSQL's classes of errors that say nothing about the statement."""


@dataclass(frozen=True)
class Config:
    """What the environment decides."""

    home: Path = Path("var")
    """Folder of the embedded database, the secret key and outgoing mail."""

    database_url: str | None = None
    """A PostgreSQL server; None means the embedded one."""

    host: str = "127.0.0.1"
    port: int = 8000
    demo: bool = False
    """Known accounts, and a clock that can be set forward."""

    demo_cases: bool = True
    """Whether a demonstration has made-up cases."""

    secret_key: str = field(default="", repr=False)
    secure_cookies: bool = False
    """Whether browsers reach us over TLS, through a proxy."""

    smtp_url: str | None = field(default=None, repr=False)
    """`smtp://user:password@host:port`; None means files in `home/outbox`."""

    mail_sender: str = "vejviser@example.org"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """The configuration that the environment variables describe; see `docs/operations.md`."""
        home = Path(environ.get("VEJVISER_HOME") or "var").absolute()
        return cls(
            home=home,
            database_url=environ.get("DATABASE_URL") or None,
            host=environ.get("HOST") or cls.host,
            port=int(environ.get("PORT") or cls.port),
            demo=_is_on(environ.get("VEJVISER_DEMO")),
            demo_cases=_is_on(environ.get("VEJVISER_DEMO_CASES") or "1"),
            secret_key=environ.get("SECRET_KEY") or _kept_secret(home / "secret_key"),
            secure_cookies=_is_on(environ.get("SECURE_COOKIES")),
            smtp_url=environ.get("SMTP_URL") or None,
            mail_sender=environ.get("MAIL_SENDER") or cls.mail_sender,
        )


@dataclass(frozen=True)
class Wiring:
    """Everything that is built once a process; made before a fork, it connects after it."""

    config: Config
    url: URL
    """Where the database is."""

    server: EmbeddedServer | None = None
    real_clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    """For leases, sessions and back-off; a case asks `now`."""

    handlers: Mapping[str, Handler[Any]] = field(default_factory=lambda: HANDLERS)
    definitions: Definitions = field(default_factory=Definitions)
    feel: Feel = field(default_factory=Feel)
    """Makes its V8 at first use, and a new one after a fork."""

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """One transaction: committed at the end, undone by an exception.

        Raises:
            DatabaseDown: the database does not answer; nothing has changed.
        """
        with (
            self._told_apart(),
            self.database.connect() as connection,
            self._told_apart(connection.invalidate),
            connection.begin(),
            closing(Transaction(connection)) as transaction,
        ):
            yield Turn(transaction, self.engine, self._now(connection), self.definitions)
            transaction.flush()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that PostgreSQL lets read and nothing else.

        Raises:
            DatabaseDown: the database does not answer.
        """
        with self._reading_sessions() as session, self._told_apart(session.invalidate):
            yield session
            session.commit()  # psycopg forgets a connection's prepared statements at a rollback

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection for one question outside of any transaction: a single round trip.

        Raises:
            DatabaseDown: the database does not answer.
        """
        with self._told_apart(), self._glancing.connect() as connection:
            yield connection

    def now(self) -> datetime:
        """The case clock: the real one, and in demo mode what has been added to it."""
        if not self.config.demo:
            return self.real_clock()
        with self.reading() as session:
            return self._now(session)

    def close(self) -> None:
        """Let go of connections, V8 and the embedded server."""
        self.database.dispose()
        self.feel.close()
        if self.server is not None:
            self.server.close()

    @cached_property
    def engine(self) -> Engine:
        """The process engine; threads share it."""
        return Engine(self.feel)

    @cached_property
    def database(self) -> Database:
        """SQLAlchemy's engine with its pool."""
        database = create_engine(
            self.url,
            pool_size=CONNECTIONS,
            max_overflow=CONNECTIONS,
            pool_timeout=POOL_SECONDS,
            pool_use_lifo=True,  # the one used last has its statements prepared
            hide_parameters=True,  # they are a case's data, and errors are shown and logged
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "application_name": "vejviser",
                "options": "-c timezone=UTC",
            },
        )
        event.listen(database, "checkout", _refuse_lost)
        return database

    @cached_property
    def sessions(self) -> sessionmaker[Session]:
        """Sessions whose objects may still be read after the commit."""
        return sessionmaker(self.database, expire_on_commit=False)

    @cached_property
    def ports(self) -> Ports:
        """The doors that handlers use."""
        return Ports(
            mail=_mail(self.config),
            staff=DatabaseStaff(self.sessions),
            budget=DatabaseBudget(self.sessions.begin),
            figures=DatabaseFigures(self.sessions),
        )

    @cached_property
    def _reading_sessions(self) -> sessionmaker[Session]:
        readonly = self.database.execution_options(postgresql_readonly=True)
        return sessionmaker(readonly, expire_on_commit=False)

    @cached_property
    def _glancing(self) -> Database:
        return self.database.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def _told_apart(self, forget: Callable[[], None] = lambda: None) -> Iterator[None]:
        """An outage is no other error: it has its own name, and the connection is forgotten."""
        try:
            yield
        except (DBAPIError, psycopg.Error, PoolTimeout) as error:
            if not _is_connection_lost(error):
                raise
            forget()
            self._revive()
            raise DatabaseDown from error

    def _now(self, asked: Session | Connection) -> datetime:
        now = self.real_clock()
        if not self.config.demo:
            return now
        ahead = asked.scalar(select(Clock.offset_seconds)) or 0
        return now + timedelta(seconds=ahead)

    def _revive(self) -> None:
        """Have the embedded server guarded again, should its guard have been killed."""
        if self.server is not None:
            with suppress(Exception):
                self.server.ensure_running()


def open_wiring(config: Config | None = None) -> Wiring:
    """The wiring of this process, with the embedded server running unless there is a real one."""
    config = config or Config.from_environ()
    if config.database_url:
        return Wiring(config, _psycopg_url(config.database_url))
    server = EmbeddedServer(config.home / "postgres")
    server.create_database()
    return Wiring(config, server.url(), server)


def _refuse_lost(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
    """Have the pool replace a connection that the server has ended.

    A server that goes says so; an idle socket with something to read is no good any more.
    Asking instead (`pool_pre_ping`) costs a round trip a turn.
    """
    watch = poll()
    try:
        watch.register(connection.fileno(), POLLIN)
    except psycopg.OperationalError as error:
        raise InvalidatePoolError from error
    if watch.poll(0):
        raise InvalidatePoolError


def _psycopg_url(text: str) -> URL:
    """SQLAlchemy's URL for any spelling of a PostgreSQL address."""
    _, _, rest = text.partition("://")
    return make_url(f"postgresql+psycopg://{rest}")


def _mail(config: Config) -> MailPort:
    if config.smtp_url:
        return SmtpMail(config.smtp_url, config.mail_sender)
    return OutboxMail(config.home / "outbox", config.mail_sender)


def _is_connection_lost(error: Exception) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        cause = error.orig
        return error.connection_invalidated or _is_psycopg_lost(cause)
    return _is_psycopg_lost(error)


def _is_psycopg_lost(error: BaseException | None) -> bool:
    """A lost connection has no code of its own, or one of the classes that mean it."""
    if not isinstance(error, psycopg.OperationalError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(CONNECTION_LOST)


def _is_on(value: str | None) -> bool:
    return (value or "").lower() in {"1", "true", "yes", "on"}


def _kept_secret(path: Path) -> str:
    """The key in the file, made at first use; of two processes at once, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with NamedTemporaryFile("w", dir=path.parent) as draft:
            draft.write(secrets.token_hex(32))
            draft.flush()
            with suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_text()
