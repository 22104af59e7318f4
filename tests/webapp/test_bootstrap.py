"""Does the composition root read its environment, commit, undo, and survive an outage?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import InternalError, ProgrammingError

from handlers.adapters.outbox import OutboxMail
from handlers.adapters.smtp import SmtpMail
from models import Clock, Unit
from models.errors import DatabaseDown
from models.server import FAST, EmbeddedServer
from tests import make
from webapp.bootstrap import Config, Wiring, open_wiring


def units(wiring: Wiring) -> int | None:
    with wiring.reading() as session:
        return session.scalar(select(func.count()).select_from(Unit))


class TestConfig:
    def test_has_an_answer_to_everything(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)

        config = Config.from_environ({})

        assert config.home == tmp_path / "var"
        assert (config.host, config.port, config.demo) == ("127.0.0.1", 8000, False)
        assert config.database_url is None

    def test_takes_empty_variables_for_missing_ones(self, tmp_path):
        names = ("DATABASE_URL", "PORT", "SMTP_URL", "MAIL_SENDER", "SECRET_KEY", "VEJVISER_DEMO")

        config = Config.from_environ({"VEJVISER_HOME": str(tmp_path), **dict.fromkeys(names, "")})

        assert (config.port, config.smtp_url, config.demo) == (8000, None, False)

    @pytest.mark.parametrize(("text", "on"), [("1", True), ("true", True), ("0", False)])
    def test_knows_the_words_for_on(self, tmp_path, text, on):
        config = Config.from_environ({"VEJVISER_HOME": str(tmp_path), "VEJVISER_DEMO": text})

        assert config.demo is on

    def test_shows_no_cases_where_none_are_wanted(self, tmp_path):
        home = {"VEJVISER_HOME": str(tmp_path)}

        empty = Config.from_environ({**home, "VEJVISER_DEMO_CASES": "0"})

        assert Config.from_environ(home).demo_cases
        assert not empty.demo_cases

    def test_keeps_the_secret_it_made(self, tmp_path):
        environ = {"VEJVISER_HOME": str(tmp_path)}

        secrets = {Config.from_environ(environ).secret_key for _ in range(2)}

        assert [len(secret) for secret in secrets] == [64]
        assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0

    def test_makes_one_secret_for_two_starts_at_once(self, tmp_path):
        barrier, secrets = Barrier(4), set()

        def start():
            barrier.wait()
            secrets.add(Config.from_environ({"VEJVISER_HOME": str(tmp_path)}).secret_key)

        threads = [Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(secrets) == 1

    def test_shows_no_secret_when_printed(self):
        config = Config(secret_key="quiet", smtp_url="smtp://me:quiet@localhost")

        assert "quiet" not in repr(config)

    def test_chooses_files_for_mail_without_a_server(self, wiring):
        assert isinstance(wiring.ports.mail, OutboxMail)

    def test_chooses_the_mail_server_it_is_given(self, wiring):
        config = replace(wiring.config, smtp_url="smtp://localhost")

        assert isinstance(Wiring(config, wiring.url).ports.mail, SmtpMail)

    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
    def test_understands_any_spelling_of_a_database(self, tmp_path, scheme):
        config = Config(home=tmp_path, database_url=f"{scheme}://me:secret@server:5433/cases")

        wiring = open_wiring(config)

        assert wiring.url.drivername == "postgresql+psycopg"
        assert (wiring.url.host, wiring.url.port, wiring.url.database) == ("server", 5433, "cases")


class TestTurn:
    def test_commits_at_its_end(self, wiring):
        with wiring.turn() as turn:
            make.unit(turn.session)

        assert units(wiring) == 1

    def test_is_undone_by_an_exception(self, wiring):
        with pytest.raises(ZeroDivisionError), wiring.turn() as turn:
            divide_by_zero(make.unit(turn.session))

        assert units(wiring) == 0

    def test_leaves_its_rows_readable(self, wiring):
        with wiring.turn() as turn:
            unit = make.unit(turn.session)

        assert unit.name == "Aalborg"

    def test_passes_on_what_is_wrong_with_a_statement(self, wiring):
        with pytest.raises(ProgrammingError), wiring.turn() as turn:
            turn.session.execute(text("SELECT nothing_of_the_kind"))

        assert units(wiring) == 0

    def test_knows_when_a_unit_is_closed(self, wiring, clock):
        with wiring.turn() as turn:
            make.closing_day(turn.session, clock.now.date())

        with wiring.turn() as turn:
            assert turn.closing_days("aalborg") == {clock.now.date()}
            assert turn.closing_days("elsewhere") == set()


class TestReading:
    def test_cannot_write(self, wiring):
        with pytest.raises(InternalError, match="read-only"), wiring.reading() as session:
            make.unit(session)

    def test_leaves_the_next_turn_free_to_write(self, wiring):
        assert units(wiring) == 0

        with wiring.turn() as turn:
            make.unit(turn.session)

        assert units(wiring) == 1


class TestClock:
    def test_is_the_real_one(self, wiring, clock):
        with wiring.turn() as turn:
            turn.session.add(Clock(id=1, offset_seconds=3600))

        with wiring.turn() as turn:
            assert turn.now == wiring.now() == clock.now

    def test_runs_ahead_in_demo_mode(self, wiring, clock):
        demo = replace(wiring, config=replace(wiring.config, demo=True))
        with demo.turn() as turn:
            turn.session.add(Clock(id=1, offset_seconds=3600))

        with demo.turn() as turn:
            assert turn.now == demo.now() == clock.now + timedelta(hours=1)
        demo.close()


class TestOutage:
    def test_is_one_exception_whatever_broke(self, home):
        wiring = Wiring(Config(home=home), open_wiring_url(home))

        with pytest.raises(DatabaseDown), wiring.turn() as turn:
            turn.session.scalar(select(1))
        with pytest.raises(DatabaseDown), wiring.reading() as session:
            session.scalar(select(1))

    def test_in_the_middle_of_a_turn_is_the_same_exception(self, wiring):
        with pytest.raises(DatabaseDown), wiring.turn() as turn:
            turn.session.scalar(select(func.pg_terminate_backend(func.pg_backend_pid())))

        assert units(wiring) == 0

    def test_ends_without_a_restart(self, home):
        server = EmbeddedServer(home / "postgres", FAST)
        wiring = Wiring(Config(home=home), server.url("postgres"))
        with wiring.reading() as session:
            session.scalar(select(1))
        server.close()
        with pytest.raises(DatabaseDown), wiring.reading() as session:
            session.scalar(select(1))

        with EmbeddedServer(home / "postgres", FAST), wiring.reading() as session:
            answer = session.scalar(select(1))
        wiring.close()

        assert answer == 1

    def test_of_an_unguarded_server_heals_itself(self, home):
        server = EmbeddedServer(home / "postgres", FAST)
        wiring = Wiring(Config(home=home), server.url("postgres"), server)
        server._guard.kill()
        server._guard.wait()
        seen = []

        for _ in range(20):
            try:
                with wiring.reading() as session:
                    seen.append(session.scalar(select(1)))
            except DatabaseDown:
                seen.append(None)
        wiring.close()

        assert seen[-1] == 1


def open_wiring_url(home):
    with EmbeddedServer(home / "postgres", FAST) as server:
        return server.url("postgres")


def divide_by_zero(_row):
    return 1 / 0
