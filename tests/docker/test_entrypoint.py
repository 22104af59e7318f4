"""The entry point of the image serves on a PostgreSQL that is not ours, in a plain environment."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENTRY = ROOT / "docker" / "entrypoint"
HEALTHY = ROOT / "docker" / "healthy.py"
SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
SECONDS = 60

pytestmark = pytest.mark.skipif(
    not SERVERS, reason="no PostgreSQL from Debian here (apt-get install postgresql)"
)


@pytest.fixture(scope="module")
def database():
    """Address of an empty database on a server of Debian's; root lets `postgres` run it."""
    folder = Path(tempfile.mkdtemp(prefix="vejviser-pg-"))
    account = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    if account:
        shutil.chown(folder, "postgres", "postgres")
    password = secrets.token_hex(16)
    (folder / "password").write_text(password)
    if account:
        shutil.chown(folder / "password", "postgres")
    port = free_port()
    try:
        make_cluster(folder, account)
        with running_server(folder, port, account):
            yield f"postgresql://vejviser:{password}@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder)


def make_cluster(folder, account):
    command = [
        *(SERVERS[-1], "--pgdata", folder / "data", "--username", "vejviser"),
        *("--pwfile", folder / "password", "--auth", "scram-sha-256"),
        *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
    ]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **account)


@contextmanager
def running_server(folder, port, account):
    control = [SERVERS[-1].with_name("pg_ctl"), "--pgdata", folder / "data", "--wait"]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    start = [*control, "--log", folder / "log", "--options", options, "start"]
    subprocess.run(start, check=True, cwd=folder, stdout=subprocess.DEVNULL, **account)
    try:
        yield
    finally:
        stop = [*control, "--mode", "immediate", "stop"]
        subprocess.run(stop, check=True, cwd=folder, stdout=subprocess.DEVNULL, **account)


@pytest.fixture
def plain(database, tmp_path):
    """All that a container would set, and nothing that this shell has."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "DATABASE_URL": database,
        "SECRET_KEY": secrets.token_hex(32),
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "VEJVISER_HOME": str(tmp_path / "home"),
    }


@contextmanager
def entered(command, environ, folder):
    """The entry point running `command`; asked to stop at the end, and killed if it does not."""
    with (folder / f"{command}.log").open("wb") as log:
        process = subprocess.Popen(
            [ENTRY, command], env=environ, cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield process
        process.terminate()
        process.wait(timeout=SECONDS)
    finally:
        process.kill()
        process.wait()


def wait_for(path, environ, *processes):
    """Until the web server answers 200 there; fails when a process ends or time is up."""
    deadline = time.monotonic() + SECONDS
    while (status := answer(path, environ)) != 200:
        ended = [process.args for process in processes if process.poll() is not None]
        assert not ended, f"ended early: {ended}"
        assert time.monotonic() < deadline, f"{path} answers {status}"
        time.sleep(0.1)


def answer(path, environ):
    server = HTTPConnection("127.0.0.1", int(environ["PORT"]), timeout=5)
    try:
        server.request("GET", path)
        return server.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        server.close()


def healthy(environ):
    return subprocess.run([sys.executable, HEALTHY], env=environ, check=False).returncode == 0


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class TestEntryPoint:
    def test_serves_and_works_on_a_server_of_debians(self, plain, tmp_path):
        with entered("web", plain, tmp_path) as web:
            wait_for("/healthz", plain, web)
            assert healthy(plain)

            with entered("worker", plain, tmp_path) as worker:
                wait_for("/readyz", plain, web, worker)

        assert (web.returncode, worker.returncode) == (0, 0)
        assert not healthy(plain)

    def test_passes_other_commands_on(self, plain, tmp_path):
        done = subprocess.run(
            [ENTRY, "--help"], env=plain, cwd=tmp_path, check=False, capture_output=True, text=True
        )

        assert done.returncode == 0
        assert "worker" in done.stdout
