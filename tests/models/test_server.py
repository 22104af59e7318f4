"""Does the embedded server start, serve several processes, and leave nothing behind?"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from models import server
from models.server import FAST, EmbeddedServer, ServerFailed

ROOT = Path(__file__).parent.parent.parent
HOLD = """
import sys
from pathlib import Path
from models.server import FAST, EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), FAST)
print("ready", flush=True)
sys.stdin.read()
server.close()
"""


@pytest.fixture
def folder(home):
    return home / "postgres"


def holder(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the server until its standard input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_until(true, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / server.VERSION / "postmaster.pid").read_text().split()[0]))


def select_one(embedded: EmbeddedServer) -> int:
    url = embedded.url("postgres")
    with psycopg.connect(
        host=url.query["host"], port=url.query["port"], user="postgres", dbname="postgres"
    ) as connection:
        return connection.execute("SELECT 1").fetchone()[0]


class TestEmbeddedServer:
    def test_keeps_what_was_stored_over_a_restart(self, folder):
        with EmbeddedServer(folder, FAST) as first:
            first.create_database("kept")

        with EmbeddedServer(folder, FAST) as second, second._connect() as connection:
            names = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}

        assert "kept" in names

    def test_is_gone_after_close(self, folder):
        embedded = EmbeddedServer(folder, FAST)
        process = postmaster(folder)

        embedded.close()

        assert not process.is_running()
        assert not (folder / server.VERSION / "postmaster.pid").exists()

    def test_is_private(self, folder):
        with EmbeddedServer(folder, FAST) as embedded:
            mode = embedded.sockets.stat().st_mode & 0o777

        assert mode == 0o700

    def test_opens_no_port(self, folder):
        with EmbeddedServer(folder, FAST):
            open_ports = postmaster(folder).net_connections(kind="inet")

        assert open_ports == []

    def test_serves_two_processes_that_start_together(self, folder):
        first, second = holder(folder), holder(folder)
        assert first.stdout.readline() + second.stdout.readline() == "ready\n" * 2

        first.communicate()
        with EmbeddedServer(folder, FAST) as mine:
            answer = select_one(mine)
            second.communicate()

        assert answer == 1
        assert not (folder / server.VERSION / "postmaster.pid").exists()

    def test_stops_when_its_only_user_is_killed(self, folder):
        user = holder(folder)
        user.stdout.readline()
        process = postmaster(folder)

        user.kill()
        user.communicate()

        wait_until(lambda: not process.is_running())

    def test_outlives_the_process_that_started_it(self, folder):
        starter = holder(folder)
        starter.stdout.readline()
        with EmbeddedServer(folder, FAST) as mine:
            starter.kill()
            starter.communicate()
            time.sleep(0.3)

            assert select_one(mine) == 1

    def test_is_handed_over_without_complaint(self, folder):
        starter = EmbeddedServer(folder, FAST)
        with EmbeddedServer(folder, FAST) as mine:
            starter.close()
            del starter
            gc.collect()  # a child that is left running and forgotten would be complained about

            assert select_one(mine) == 1

    def test_comes_back_after_its_own_death(self, folder):
        with EmbeddedServer(folder, FAST) as mine:
            killed = postmaster(folder)
            killed.kill()
            wait_until(lambda: not killed.is_running())

            wait_until(mine._answers)

            assert select_one(mine) == 1

    def test_comes_back_after_the_death_of_its_guard(self, folder):
        with EmbeddedServer(folder, FAST) as mine:
            mine._guard.kill()
            mine._guard.wait()

            mine.ensure_running()

            assert select_one(mine) == 1

    def test_ignores_a_notice_that_names_another_process(self, folder):
        with EmbeddedServer(folder, FAST):
            notice = (folder / server.VERSION / "postmaster.pid").read_text()
        lines = notice.splitlines()
        lines[0] = str(os.getpid())
        (folder / server.VERSION / "postmaster.pid").write_text("\n".join(lines) + "\n")

        with EmbeddedServer(folder, FAST) as again:
            assert select_one(again) == 1

    def test_begins_anew_after_a_kill_while_the_cluster_was_made(self, folder):
        half = folder / f"{server.VERSION}.new"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("18\n")

        with EmbeddedServer(folder, FAST) as mine:
            assert select_one(mine) == 1

    def test_survives_a_fork_that_closes_it(self, folder):
        with EmbeddedServer(folder, FAST) as mine:
            child = os.fork()
            if child == 0:
                mine.close()
                os._exit(0)
            os.waitpid(child, 0)
            time.sleep(0.3)

            assert select_one(mine) == 1

    def test_says_why_it_does_not_start(self, folder, monkeypatch):
        monkeypatch.setattr(server, "START_SECONDS", 5)

        with pytest.raises(ServerFailed, match="no_such_setting"):
            EmbeddedServer(folder, ("no_such_setting=1",))

    def test_finds_a_short_place_for_its_socket(self, home):
        deep = home / ("a" * 100)

        with EmbeddedServer(deep, FAST) as mine:
            assert select_one(mine) == 1
            assert mine.sockets.parent == Path("/tmp")  # noqa: S108
        shutil.rmtree(mine.sockets)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root must give the cluster away")
    def test_keeps_out_of_private_homes_and_leaves_them_private(self, home):
        home.chmod(0o700)

        with EmbeddedServer(home / "postgres", FAST) as mine:
            assert select_one(mine) == 1
            assert mine.data.parent == server.ROOTS_FOLDER
            assert home.stat().st_mode & 0o777 == 0o700
        shutil.rmtree(mine.data)


def test_a_terminated_guard_takes_the_server_along(folder):
    with EmbeddedServer(folder, FAST) as mine:
        process = postmaster(folder)
        mine._guard.send_signal(signal.SIGTERM)
        mine._guard.wait()

        wait_until(lambda: not process.is_running())
