"""Does the command `vejviser` do what its words say?"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models import Account, ApiToken, Definition, schema
from models.api_token import digest
from processes.access import person_of
from processes.accounts import add_token
from processes.cases import start_case
from processes.definitions import Definitions
from processes.engine import Engine, Feel
from processes.turn import Transaction, Turn
from tests import diagrams, make
from webapp.cli import COMMANDS, main

HOUR = timedelta(hours=1)
PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"
  targetNamespace="t">
  <bpmn:process id="kort" name="Kort forløb" isExecutable="true">
    <bpmn:startEvent id="begynd"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="a" sourceRef="begynd" targetRef="slut"/>
    <bpmn:endEvent id="slut"><bpmn:incoming>a</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"""


@pytest.fixture
def vejviser(database, home):
    """Run the command on a database of the test's own: `vejviser("db", "upgrade")`."""
    environ = {
        "VEJVISER_HOME": str(home),
        "DATABASE_URL": database.render_as_string(hide_password=False),
    }
    return lambda *words, **more: CliRunner(env=environ).invoke(main, words, **more)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "kort").mkdir()
    (tmp_path / "kort" / "kort.bpmn").write_text(PROCESS)
    return tmp_path / "kort"


class TestVocabulary:
    def test_lists_the_words_of_the_contract(self):
        assert set(COMMANDS) == {
            *("web", "worker", "all", "db", "deploy", "lint", "simulate", "user", "token"),
            *("check", "demo", "export", "migrate", "programme", "report", "translations"),
        }

    @pytest.mark.parametrize("word", sorted(COMMANDS))
    def test_explains_every_word(self, word):
        told = CliRunner().invoke(main, [word, "--help"])

        assert told.exit_code == 0, told.output
        assert "Usage: vejviser " + word in told.output

    def test_refuses_a_word_it_does_not_know(self):
        told = CliRunner().invoke(main, ["explode"])

        assert told.exit_code == 2
        assert "No such command 'explode'" in told.output

    def test_fills_no_real_house_with_made_up_cases(self, vejviser):
        vejviser("db", "upgrade")

        told = vejviser("demo", "load", "--cases", "1")

        assert told.exit_code == 1
        assert "Only a demonstration" in told.output

    def test_says_in_one_sentence_that_the_database_is_away(self, home):
        environ = {"VEJVISER_HOME": str(home), "DATABASE_URL": "postgresql://me@localhost:1/x"}

        told = CliRunner(env=environ).invoke(main, ["user", "add", "mentor", "--role", "Mentor"])

        assert told.exit_code == 1
        assert told.output == "Error: The database does not answer.\n"


class TestDatabase:
    def test_is_brought_to_this_version(self, server, home):
        server.create_database("empty")
        url = server.url("empty").render_as_string(hide_password=False)
        environ = {"VEJVISER_HOME": str(home), "DATABASE_URL": url}

        before = CliRunner(env=environ).invoke(main, ["user", "add", "mentor", "--role", "Mentor"])
        upgrade = CliRunner(env=environ).invoke(main, ["db", "upgrade"])

        engine = create_engine(url)
        with engine.connect() as connection:
            assert schema.is_current(connection)
        engine.dispose()
        server.drop_database("empty")
        assert before.output == "Error: The database needs `vejviser db upgrade` first.\n"
        assert upgrade.exit_code == 0

    def test_need_not_exist_yet(self, home):
        environ = {"VEJVISER_HOME": str(home), "DATABASE_URL": ""}

        told = CliRunner(env=environ).invoke(main, ["user", "add", "mentor", "--role", "Mentor"])

        assert (told.exit_code, told.output) == (0, "")


class TestUserAdd:
    def test_makes_an_account_that_can_sign_in(self, vejviser, wiring):
        told = vejviser(
            *("user", "add", "ny", "--role", "Mentor", "--unit", "aalborg", "--password-stdin"),
            input="hemmeligt\n",
        )

        assert (told.exit_code, told.output) == (0, "")
        with wiring.reading() as session:
            account = session.scalars(select(Account)).one()
        assert account.password_hash.startswith("$argon2id$")
        assert [(role.role, role.unit_id) for role in account.roles] == [("Mentor", "aalborg")]

    def test_adds_roles_to_an_account_that_is_there(self, vejviser, wiring):
        vejviser("user", "add", "ny", "--role", "Mentor", "--unit", "aalborg")

        again = vejviser(
            "user", "add", "ny", "--role", "Mentor", "--role", "Leder", "--unit", "aalborg"
        )

        assert again.exit_code == 0
        with wiring.reading() as session:
            account = session.scalars(select(Account)).one()
        assert sorted(role.role for role in account.roles) == ["Leder", "Mentor"]

    def test_refuses_an_empty_password(self, vejviser):
        told = vejviser("user", "add", "ny", "--role", "Mentor", "--password-stdin", input="\n")

        assert told.exit_code == 2
        assert "holds no password" in told.output


class TestTokenAdd:
    def test_prints_the_token_alone_and_keeps_its_digest(self, vejviser, wiring):
        with wiring.turn() as turn:
            make.account(turn.session, "maskine")

        told = vejviser(
            "token", "add", "--user", "maskine", "--scope", "case, task", "--scope", "read"
        )

        [token] = told.output.splitlines()
        with wiring.reading() as session:
            kept = session.scalars(select(ApiToken)).one()
        assert kept.sha256 == digest(token)
        assert kept.scopes == ["case", "task", "read"]

    def test_refuses_a_scope_that_does_not_exist(self, vejviser, wiring):
        with wiring.turn() as turn:
            make.account(turn.session, "maskine")

        told = vejviser("token", "add", "--user", "maskine", "--scope", "everything")

        assert told.exit_code == 1
        assert "There is no scope everything" in told.output

    def test_refuses_an_account_that_does_not_exist(self, vejviser):
        told = vejviser("token", "add", "--user", "ingen", "--scope", "read")

        assert told.exit_code == 1
        assert told.output == "Error: There is no active account ingen.\n"


class TestTokenRevoke:
    @pytest.fixture
    def tokens(self, wiring):
        with wiring.turn() as turn:
            make.account(turn.session, "maskine")
            return [add_token(turn, "maskine", ["read"], name) for name in ("bi", "journal")]

    @pytest.mark.parametrize(("named", "left"), [([], []), (["--name", "bi"], ["journal"])])
    def test_withdraws_the_tokens_of_the_account(self, vejviser, wiring, tokens, named, left):
        told = vejviser("token", "revoke", "--user", "maskine", *named)

        with wiring.reading() as session:
            valid = select(ApiToken.name).where(ApiToken.revoked_at.is_(None))
            assert session.scalars(valid).all() == left
        assert told.output == f"{len(tokens) - len(left)}\n"


class TestUserClose:
    def test_closes_the_account_until_it_is_added_again(self, vejviser, wiring):
        with wiring.turn() as turn:
            make.account(turn.session, "mentor")

        vejviser("user", "close", "mentor")

        with wiring.reading() as session:
            assert not session.scalars(select(Account)).one().active
        assert vejviser("user", "close", "mentor").exit_code == 1
        assert vejviser("user", "add", "mentor", "--role", "Mentor").exit_code == 0


class TestDeploy:
    def test_numbers_a_version_and_says_so(self, vejviser, wiring, folder):
        told = vejviser("deploy", str(folder), "--note", "Første udgave")

        assert told.exit_code == 0, told.output
        assert told.stdout == "kort:1 Kort forløb\n"
        with wiring.reading() as session:
            definition = session.scalars(select(Definition)).one()
            assert definition.deployment.note == "Første udgave"

    def test_says_what_is_wrong_and_stores_nothing(self, vejviser, wiring, folder):
        (folder / "kort.bpmn").write_text(PROCESS.replace("</bpmn:process>", ""))

        told = vejviser("deploy", str(folder))

        assert told.exit_code == 1
        assert "kort.bpmn" in told.output
        with wiring.reading() as session:
            assert session.scalars(select(Definition)).all() == []

    def test_refuses_two_files_of_one_name(self, vejviser, folder):
        (folder / "mere").mkdir()
        (folder / "mere" / "kort.bpmn").write_text(PROCESS.replace("Kort forløb", "Langt forløb"))

        told = vejviser("deploy", str(folder))

        assert told.exit_code == 1
        assert "two different files named kort.bpmn" in told.output


class TestLint:
    def test_says_nothing_about_a_sound_diagram(self, folder):
        told = CliRunner().invoke(main, ["lint", str(folder / "kort.bpmn")])

        assert told.exit_code == 0, told.output
        assert "error" not in told.output

    def test_exits_with_1_on_an_error(self, folder):
        path = folder / "kort.bpmn"
        path.write_text(PROCESS.replace("</bpmn:process>", ""))

        told = CliRunner().invoke(main, ["lint", str(path)])

        assert told.exit_code == 1
        assert str(path) in told.stderr

    def test_tells_the_line_that_is_not_utf_8(self, folder):
        path = folder / "kort.bpmn"
        path.write_bytes(
            PROCESS.replace("<bpmn:process", "\n<!-- år -->\n<bpmn:process").encode("latin-1")
        )

        told = CliRunner().invoke(main, ["lint", str(path)])

        assert told.exit_code == 1
        assert "(not-utf8)" in told.stderr

    def test_lists_problems_as_json(self, folder):
        path = folder / "kort.bpmn"
        path.write_text(PROCESS.replace('targetRef="slut"', 'targetRef="ingen"'))

        told = CliRunner().invoke(main, ["lint", "--json", str(path)])

        [first, *_] = json.loads(told.stdout)["problems"]
        assert told.exit_code == 1
        assert first["file"] == str(path)
        assert {"file", "element", "line", "rule", "message"} <= set(first)

    def test_looks_up_what_lies_beside_the_file(self, folder):
        (folder / "form.form.json").write_text('{"type": "default", "components": []}')
        task = '<bpmn:userTask id="opgave" name="Opgave">'
        form = '<spiffworkflow:property name="form" value="form"/>'
        text = PROCESS.replace(
            '<bpmn:sequenceFlow id="a" sourceRef="begynd" targetRef="slut"/>',
            '<bpmn:sequenceFlow id="a" sourceRef="begynd" targetRef="opgave"/>'
            f"{task}<bpmn:extensionElements><spiffworkflow:properties>{form}"
            "</spiffworkflow:properties></bpmn:extensionElements></bpmn:userTask>"
            '<bpmn:sequenceFlow id="b" sourceRef="opgave" targetRef="slut"/>',
        ).replace(
            'targetNamespace="t"',
            'targetNamespace="t" '
            'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"',
        )
        (folder / "kort.bpmn").write_text(text)

        found = CliRunner().invoke(main, ["lint", str(folder / "kort.bpmn")])
        (folder / "form.form.json").unlink()
        missing = CliRunner().invoke(main, ["lint", str(folder / "kort.bpmn")])

        assert found.exit_code == 0, found.output
        assert missing.exit_code == 1
        assert "form" in missing.stderr


class TestSimulate:
    SCENARIO = """
process: kort
start: 2026-01-31T09:00:00+01:00
steps:
  - expect: {ended: true}
"""

    def test_reports_as_json(self, folder):
        (folder / "let.yaml").write_text(self.SCENARIO)

        told = CliRunner().invoke(main, ["simulate", "--json", str(folder / "let.yaml")])

        report = json.loads(told.stdout)
        assert told.exit_code == 0, told.output
        assert report["ok"]
        assert report["ended"]
        assert {"ended_at", "data", "open_tasks", "timers", "trace", "failures"} <= set(report)

    def test_exits_with_1_when_an_expectation_fails(self, folder):
        (folder / "let.yaml").write_text(self.SCENARIO.replace("true", "false"))

        told = CliRunner().invoke(main, ["simulate", str(folder / "let.yaml")])

        assert told.exit_code == 1
        assert "failed, ended" in told.output

    def test_reports_what_cannot_be_played(self, folder):
        (folder / "let.yaml").write_text("process: kort")

        told = CliRunner().invoke(main, ["simulate", "--json", str(folder / "let.yaml")])

        report = json.loads(told.stdout)
        assert told.exit_code == 1
        assert not report["ok"]
        assert "start" in report["failures"][0]["reason"]

    def test_plays_a_whole_folder_and_tells_the_ways_that_nothing_went(self, folder):
        (folder / "scenarios").mkdir()
        (folder / "scenarios" / "a.yaml").write_text(self.SCENARIO)
        (folder / "scenarios" / "b.yaml").write_text(self.SCENARIO)

        told = CliRunner().invoke(main, ["simulate", "--saving", "--coverage", str(folder)])

        assert told.exit_code == 0, told.output
        assert told.stdout.count(": ok, ended") == 2
        assert "2 of 2 scenarios passed" in told.stdout
        assert f"{folder / 'kort.bpmn'}: 1 of 1 flows, 100 %" in told.stdout
        assert f"{folder}: 1 of 1 flows, 100 %" in told.stdout

    def test_plays_all_programmes_of_a_folder(self, folder):
        (folder / "scenarios").mkdir()
        (folder / "scenarios" / "a.yaml").write_text(self.SCENARIO)

        told = CliRunner().invoke(main, ["simulate", "--coverage", str(folder.parent)])

        assert told.exit_code == 0, told.output
        assert f"{folder / 'scenarios' / 'a.yaml'}: ok" in told.stdout

    def test_exits_with_1_when_a_way_was_missed(self, folder):
        (folder / "scenarios").mkdir()
        (folder / "scenarios" / "a.yaml").write_text(self.SCENARIO)
        (folder / "to.bpmn").write_text(PROCESS.replace('id="kort"', 'id="to"'))

        told = CliRunner().invoke(main, ["simulate", "--coverage", str(folder)])

        assert told.exit_code == 1
        assert "not gone along: to.bpmn: " in told.stderr

    def test_prints_a_list_for_several(self, folder):
        for name in ("a", "b"):
            (folder / f"{name}.yaml").write_text(self.SCENARIO)

        told = CliRunner().invoke(
            main, ["simulate", "--json", *(str(folder / f"{name}.yaml") for name in ("a", "b"))]
        )

        assert [report["ok"] for report in json.loads(told.stdout)] == [True, True]


class TestExport:
    def test_writes_the_history(self, vejviser, wiring):
        with wiring.turn() as turn:
            make.event(turn.session, make.case(turn.session), kind="case.started")

        told = vejviser("export", "events")

        assert told.exit_code == 0
        assert json.loads(told.stdout)["kind"] == "case.started"


class TestCheck:
    def test_is_content_with_an_empty_database(self, vejviser):
        told = vejviser("check")

        assert (told.exit_code, told.output) == (0, "")

    def test_exits_with_1_on_a_finding(self, vejviser, wiring):
        with wiring.turn() as turn:
            make.timer(turn.session, due_at=make.NOON, fired_at=make.NOON - HOUR, state="fired")

        told = vejviser("check")

        assert told.exit_code == 1
        assert told.output != ""


class TestMigrate:
    @pytest.fixture
    def moving(self, vejviser, database, tmp_path):
        """Version 1 with one case, and version 2."""
        vejviser("db", "upgrade")
        for element in ("a", "x"):
            text = diagrams.diagram(
                "flyt",
                diagrams.start(),
                diagrams.user_task(element),
                diagrams.end(),
                flow=f"begynd>{element}>slut",
            )
            (tmp_path / "flyt.bpmn").write_text(text)
            assert vejviser("deploy", str(tmp_path)).exit_code == 0
            if element == "a":
                self._begin(database)
        return vejviser

    @staticmethod
    def _begin(database):
        engine = create_engine(database)
        feel = Feel()
        with engine.begin() as connection:
            session = Session(connection)
            turn = Turn(Transaction(connection, session), Engine(feel), make.NOON, Definitions())
            by = person_of(make.account(session, "leder", "Leder"))
            start_case(turn, "flyt", "T-01", {}, "aalborg", by)
            session.flush()
        feel.close()
        engine.dispose()

    def test_tells_what_would_happen(self, moving):
        told = moving("migrate", "flyt", "--from", "1", "--to", "2", "--dry-run")

        assert told.exit_code == 1
        assert "case 1: refused" in told.output
        assert "a: The new version has no such element here." in told.output

    def test_moves_and_takes_a_rename_table(self, moving):
        words = ("migrate", "flyt", "--from", "1", "--to", "2", "--rename", "a=x", "--reason", "ny")

        told = moving(*words)

        assert told.exit_code == 0, told.output
        assert told.output == "case 1: moved\n1 moved, 0 refused, 0 skipped\n"
        assert moving("check").exit_code == 0
        assert moving(*words).output == "Error: There is no running case to move from flyt:1.\n"

    def test_prints_json(self, moving):
        told = moving("migrate", "flyt", "--from", "1", "--to", "2", "--rename", "a=x", "--json")

        [line] = told.stdout.splitlines()
        assert json.loads(line)["kept"][0]["to"] == "x"

    def test_refuses_a_rename_that_is_none(self, moving):
        told = moving("migrate", "flyt", "--from", "1", "--to", "2", "--rename", "a")

        assert told.exit_code == 2


class TestProgrammeNew:
    def test_makes_a_programme_that_deploys_and_passes_its_scenario(self, vejviser, tmp_path):
        words = ("--from", "en_vej_ind", "--name", "Klar Vej", "--into", str(tmp_path))
        vejviser("db", "upgrade")

        made = vejviser("programme", "new", "klar_vej", *words)
        deployed = vejviser("deploy", str(tmp_path / "klar_vej"))

        assert made.exit_code == 0, made.output
        assert "t_01.yaml passes" in made.output
        assert f"vejviser deploy {tmp_path / 'klar_vej'}" in made.output
        assert deployed.exit_code == 0, deployed.output
        assert "klar_vej:1 Klar Vej" in deployed.output

    def test_refuses_a_key_that_is_taken_and_leaves_what_is_there(self, vejviser, tmp_path):
        (tmp_path / "klar").mkdir()

        made = vejviser("programme", "new", "klar", "--from", "en_vej_ind", "--into", str(tmp_path))

        assert made.exit_code == 1
        assert "Choose another key. Nothing was made." in made.output
        assert [path.name for path in tmp_path.iterdir()] == ["klar"]


class TestReport:
    @pytest.fixture
    def counting(self, vejviser, database):
        """The command, after six of fifteen went on to education."""
        vejviser("db", "upgrade")
        engine = create_engine(database)
        with Session(engine) as session:
            for number in range(15):
                case = make.case(session, state="completed", ended_at=make.NOON)
                code = "uddannelse" if number < 6 else "andet"
                make.event(session, case, number=1, kind="phase.changed", detail={"to": "Forløb"})
                make.event(
                    session, case, number=2, kind="outcome.registered", detail={"code": code}
                )
                key = case.definition.key
            session.commit()
        engine.dispose()
        return lambda *words: vejviser("report", "outcomes", key, *words)

    def test_tells_the_counts_in_lines(self, counting):
        told = counting()

        assert told.exit_code == 0
        assert told.output.split("\n")[0].split() == ["participants", "15"]
        assert "share of finished  40.0 %" in told.output

    def test_tells_the_counts_to_other_tools(self, counting):
        told = json.loads(counting("--json").output)

        assert (told["education_or_job"], told["other"], told["ongoing"]) == (6, 9, 0)
        assert told["share_of_all"] == 40.0
