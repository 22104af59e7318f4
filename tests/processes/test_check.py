"""What `vejviser check` finds once somebody has broken the database by hand."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from models import Account, Case, UserTask
from processes import check as module
from processes import time_machine
from processes.access import person_of
from processes.check import check, check_case, findings
from processes.definitions import Definitions
from processes.jobs import Broken, claim_job, finish_job
from processes.messages import receive_message
from processes.user_tasks import claim_user_task, complete_user_task, release_user_task
from tests import diagrams, make
from tests.processes.conftest import begun, deployed
from tests.processes.test_starts import by_time
from tests.processes.test_time_machine import house  # noqa: F401 - a fixture
from webapp.bootstrap import Wiring

DAY = timedelta(days=1)
EVERYTHING = {
    "alt.bpmn": diagrams.diagram(
        "alt",
        diagrams.start(),
        diagrams.parallel("del"),
        diagrams.user_task("vurder", deadline="P7D"),
        diagrams.timer("vent", "P14D"),
        diagrams.message_catch("afvent", "dom"),
        diagrams.service_task("fase", "case/SetPhase", phase='"Start"'),
        diagrams.service_task("brist", "case/SetPhase", phase='"Slut"'),
        diagrams.parallel("saml"),
        diagrams.end(),
        flow="begynd>del>vurder>saml>slut; del>vent>saml; del>afvent>saml;"
        "del>fase>saml; del>brist>saml",
        lanes={"Visitator": "vurder"},
        beside=diagrams.message("dom"),
        ownerRole="Koordinator",
    )
}
BY_HAND = "SET LOCAL session_replication_role = replica"
"""No trigger and no foreign key stands in the way."""

LATE = "now() + interval '2 days'"
RAISED = "jsonb_build_object('timer', (SELECT id FROM timer WHERE role = 'event'), 'fired_at', at)"
RECEIVED = "(SELECT detail FROM event WHERE kind = 'message.received')"


@pytest.fixture
def everything(turn):
    """A case that waits for one of each kind, and has had a message and a holder."""
    case = begun(turn, "alt", EVERYTHING)
    finish_job(turn, claim_job(turn, "w1"), Broken("gik ned"))
    account = turn.session.scalars(select(Account)).one()
    [task] = turn.session.scalars(select(UserTask))
    claim_user_task(turn, task.id, person_of(account))
    receive_message(turn, "m1", "dom", case.id)
    assert list(check_case(turn, case.id)) == []
    return turn


@pytest.fixture
def listening(turn):
    """A case whose message has not come."""
    begun(turn, "alt", EVERYTHING)
    return turn


def harmed(turn, *harms):
    """What is found after somebody has changed the database by hand."""
    turn.session.flush()
    for harm in (BY_HAND, *harms):
        turn.session.execute(text(harm))
    afresh = replace(turn, definitions=Definitions())
    return [
        finding
        for case_id in turn.session.scalars(select(Case.id))
        for finding in check_case(afresh, case_id)
    ]


def setting(table, **columns):
    """SQL that sets columns of every row to expressions."""
    told = ", ".join(f"{column} = {value}" for column, value in columns.items())
    return f"UPDATE {table} SET {told}"  # noqa: S608 - a test's own words


def copy_of(table, which="true"):
    """SQL that writes rows down once more under another id."""
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(r, jsonb_build_object("  # noqa: S608
        f"'id', gen_random_uuid()))).* FROM {table} r WHERE {which}"
    )


def add_event(number, kind, at="at", detail="'{}'"):
    """SQL of one more event of every case, counted as it should be."""
    return (
        "INSERT INTO event (case_id, number, at, recorded_at, kind, name, detail)"  # noqa: S608
        f" SELECT case_id, max_number + {number}, {at}, recorded_at, '{kind}', '', {detail}"
        "  FROM (SELECT e.*, c.last_event AS max_number FROM event e"
        '  JOIN "case" c ON c.id = e.case_id WHERE e.number = 1) e'
    )


def count(lines):
    return f'UPDATE "case" SET last_event = last_event + {lines}'  # noqa: S608


class TestCheck:
    def test_finds_nothing_on_a_case_that_runs(self, house):  # noqa: F811
        with house.turn() as turn:
            case = begun(turn, alder=19)
            account = turn.session.scalars(select(Account)).one()
        assert check(house) == []

        with house.turn() as turn:
            [task] = turn.session.scalars(select(UserTask))
            complete_user_task(turn, task.id, {"grund": "x"}, person_of(account))
        assert check(house) == []

        time_machine.travel(house, house.now() + DAY * 20)
        assert check(house) == []
        with house.reading() as session:
            assert session.get(Case, case.id).phase == "Start"

    @pytest.mark.parametrize(
        ("table", "closed"),
        [
            ("user_task", {"state": "'cancelled'"}),
            ("timer", {"state": "'cancelled'"}),
            ("deadline", {"state": "'cancelled'"}),
            ("job", {"state": "'cancelled'"}),
            ("incident", {"state": "'resolved'"}),
            ("process_instance", {"ended_at": "started_at"}),
        ],
    )
    def test_finds_a_wait_without_a_row(self, everything, table, closed):
        found = harmed(everything, setting(table, **closed))

        assert any("but has no row" in finding for finding in found)

    def test_finds_a_subscription_without_a_row(self, listening):
        found = harmed(listening, "UPDATE subscription SET state = 'closed'")

        assert any("dom in subscriptions" in f and "no row" in f for f in found)

    @pytest.mark.parametrize(
        "opened",
        [
            copy_of("user_task"),
            copy_of("timer", "role = 'event'"),
            copy_of("job", "state = 'queued'"),
            copy_of("deadline"),
            copy_of("incident"),
            copy_of("process_instance"),
            setting("subscription", state="'open'"),
        ],
    )
    def test_finds_a_row_that_the_case_does_not_wait_for(self, everything, opened):
        found = harmed(everything, opened)

        assert any("the case does not wait for it" in finding for finding in found)

    def test_finds_open_rows_of_a_case_that_is_over(self, everything):
        found = harmed(everything, "UPDATE \"case\" SET state = 'completed'")

        assert sum("the case does not wait for it" in finding for finding in found) >= 6

    @pytest.mark.parametrize(
        ("kind", "table", "column", "value"),
        [
            ("tasks", "user_task", "name", "'andet'"),
            ("tasks", "user_task", "role", "'Mentor'"),
            ("tasks", "user_task", "element", "'andet'"),
            ("tasks", "user_task", "due_at", LATE),
            ("tasks", "user_task", "form", "'andet'"),
            ("tasks", "user_task", "priority", "99"),
            ("tasks", "user_task", "item", "7"),
            ("tasks", "user_task", "local", "'{\"a\": 1}'"),
            ("tasks", "user_task", "documentation", "'andet'"),
            ("tasks", "user_task", "instance_id", "gen_random_uuid()"),
            ("timers", "timer", "due_at", LATE),
            ("timers", "timer", "name", "'andet'"),
            ("timers", "timer", "element", "'andet'"),
            ("timers", "timer", "role", "'follower'"),
            ("timers", "timer", "deadline_id", "gen_random_uuid()"),
            ("timers", "timer", "arithmetic", "'[]'"),
            ("deadlines", "deadline", "due_at", LATE),
            ("deadlines", "deadline", "original_due_at", LATE),
            ("deadlines", "deadline", "started_at", LATE),
            ("deadlines", "deadline", "role", "'Mentor'"),
            ("deadlines", "deadline", "element", "'andet'"),
            ("deadlines", "deadline", "name", "'andet'"),
            ("deadlines", "deadline", "duration", "'P1D'"),
            ("deadlines", "deadline", "calendar", "'clock'"),
            ("deadlines", "deadline", "roll", "'back'"),
            ("deadlines", "deadline", "legal_basis", "'andet'"),
            ("deadlines", "deadline", "pausable", "false"),
            ("deadlines", "deadline", "paused_at", LATE),
            ("deadlines", "deadline", "task_id", "NULL"),
            ("jobs", "job", "operation", "'andet'"),
            ("jobs", "job", "parameters", "'{}'"),
            ("jobs", "job", "name", "'andet'"),
            ("incidents", "incident", "message", "'andet'"),
            ("incidents", "incident", "element", "'andet'"),
            ("instances", "process_instance", "process", "'andet'"),
            ("instances", "process_instance", "parent_id", "gen_random_uuid()"),
            ("instances", "process_instance", "name", "'andet'"),
            ("instances", "process_instance", "started_at", LATE),
        ],
    )
    def test_finds_a_row_that_says_something_else(self, everything, kind, table, column, value):
        found = harmed(everything, setting(table, **{column: value}))

        assert any(f"in {kind}" in f and f"another {column} by its row" in f for f in found)

    @pytest.mark.parametrize("column", ["name", "correlation", "element"])
    def test_finds_a_subscription_to_something_else(self, listening, column):
        value = "'\"J-1\"'" if column == "correlation" else "'andet'"

        found = harmed(listening, setting("subscription", **{column: value}))

        assert any(f"another {column} by its row" in f for f in found)

    @pytest.mark.parametrize(
        ("harm", "timers"),
        [
            ("UPDATE timer SET state = 'cancelled' WHERE role = 'due'", 0),
            ("UPDATE timer SET role = 'due', deadline_id = (SELECT id FROM deadline)", 2),
            ("UPDATE deadline SET paused_at = started_at", 1),
        ],
    )
    def test_finds_an_open_deadline_without_exactly_one_due_timer(self, everything, harm, timers):
        found = harmed(everything, harm)

        assert any(f"has {timers} armed due timers" in finding for finding in found)

    @pytest.mark.parametrize(
        "harm",
        [
            'UPDATE "case" SET last_event = 99',
            "DELETE FROM event WHERE number = 2",
            "UPDATE event SET number = number + 1000",
            add_event(1, "instance.ended"),
        ],
    )
    def test_finds_a_history_with_a_gap(self, everything, harm):
        found = harmed(everything, harm)

        assert any("events are numbered" in finding for finding in found)

    def test_finds_a_task_that_two_people_had(self, everything):
        taken = (
            "jsonb_build_object('task', (SELECT id FROM user_task), 'from', NULL, 'to', 'grete')"
        )

        found = harmed(everything, add_event(1, "task.assigned", detail=taken), count(1))

        assert any("went from None to grete while visitator held it" in f for f in found)
        assert any("is visitator's by its row, and grete's by its history" in f for f in found)

    def test_finds_a_task_that_another_completed_than_had_it(self, everything):
        found = harmed(
            everything,
            "UPDATE user_task SET state = 'completed', completed_by = 'grete'",
        )

        assert any("was visitator's, and grete completed it" in finding for finding in found)

    @pytest.mark.parametrize(
        ("harm", "what"),
        [
            (setting("job", lease_until=LATE, worker="'w9'"), "is held by w9 for hours"),
            (setting("timer", lease_until=LATE), "is held by a worker for hours"),
            (setting('"case"', stuck_until=f"{LATE}"), "it is set aside until"),
            (
                setting("message", state="'waiting'", lease_until=LATE),
                "is held by a worker for hours",
            ),
        ],
    )
    def test_finds_what_is_leased_for_ever(self, everything, harm, what):
        found = harmed(everything, harm)

        assert any(what in finding for finding in found)

    def test_finds_a_timer_that_fired_early(self, everything):
        found = harmed(
            everything, "UPDATE timer SET state = 'fired', fired_at = due_at - interval '1 second'"
        )

        assert any("fired before it was due" in finding for finding in found)

    def test_finds_an_early_timer_in_the_history(self, everything):
        early = "jsonb_build_object('timer', 't1', 'fired_at', at - interval '1 second')"

        found = harmed(everything, add_event(1, "timer.fired", detail=early), count(1))

        assert any("fired before it was due, says its history" in finding for finding in found)

    def test_finds_a_timer_that_fired_twice(self, everything):
        found = harmed(
            everything,
            add_event(1, "timer.fired", detail=RAISED),
            add_event(2, "timer.fired", detail=RAISED),
            count(2),
        )

        assert any("fired 2 times at one due time" in finding for finding in found)

    @pytest.mark.parametrize(
        ("harm", "what"),
        [
            ("UPDATE message SET state = 'waiting'", "is waiting, and the case has received it"),
            (
                "UPDATE event SET kind = 'instance.ended' WHERE kind = 'message.received'",
                "the case received it 0 times",
            ),
            (
                setting("event", kind="'message.received'", detail=RECEIVED) + " WHERE number = 1",
                "the case received it 2 times",
            ),
        ],
    )
    def test_finds_a_message_that_was_not_delivered_once(self, everything, harm, what):
        found = harmed(everything, harm)

        assert any(what in finding for finding in found)

    @pytest.mark.parametrize(
        ("harm", "what"),
        [
            ("UPDATE \"case\" SET snapshot = 'nonsense'", "the stored state cannot be read"),
            ("DELETE FROM definition", "There is no process definition"),
            ("UPDATE definition SET bundle = 'nonsense'", "alt:1 cannot be read"),
        ],
    )
    def test_finds_a_case_that_cannot_be_read(self, everything, harm, what):
        found = harmed(everything, harm)

        assert any(what in finding for finding in found)

    def test_finds_a_snapshot_of_a_later_program(self, everything):
        later = zlib.compress(b'{"format": 99, "scopes": []}').hex()

        found = harmed(everything, setting('"case"', snapshot=f"'\\x{later}'"))

        assert any("format 99, not 1" in finding for finding in found)

    def test_says_nothing_of_a_task_that_went_from_hand_to_hand(self, turn):
        case = begun(turn)
        one = person_of(turn.session.scalars(select(Account)).one())
        other = person_of(make.account(turn.session, "grete", "Visitator"))
        [task] = turn.session.scalars(select(UserTask))
        for who in (one, other):
            claim_user_task(turn, task.id, who)
            release_user_task(turn, task.id, who)
        complete_user_task(turn, task.id, {"grund": "x"}, other)

        assert list(check_case(turn, case.id)) == []


class TestFindings:
    def test_go_on_after_a_case_that_cannot_be_read(self, house):  # noqa: F811
        with house.turn() as turn:
            broken, odd, renamed = (begun(turn).id for _ in range(3))
            breaking = {broken: {"snapshot": "'nonsense'"}, odd: {"data": "'[1]'"}}
            for case, columns in breaking.items():
                turn.session.execute(text(setting('"case"', **columns) + f" WHERE id = '{case}'"))
            changed = setting("user_task", name="'andet'") + f" WHERE case_id = '{renamed}'"
            turn.session.execute(text(changed))

        found = check(house)

        assert len(found) == 3
        assert "the stored state cannot be read" in found[0]
        assert "it cannot be read: data: not an object" in found[1]
        assert "another name by its row" in found[2]

    def test_tell_of_a_version_that_cannot_be_read(self, house):  # noqa: F811
        with house.turn() as turn:
            begun(turn)
            turn.session.execute(text(setting("definition", bundle="'nonsense'")))

        afresh = Wiring(house.config, house.url, real_clock=house.real_clock)
        found = check(afresh)
        afresh.close()

        assert found[0].startswith("Version forloeb:1: What is stored of the process definition")

    def test_come_case_by_case_a_page_at_a_time(self, house, monkeypatch):  # noqa: F811
        monkeypatch.setattr(module, "PAGE", 2)
        with house.turn() as turn:
            for _ in range(5):
                begun(turn)
            turn.session.execute(text("UPDATE user_task SET name = 'andet'"))

        looked = []
        inspect = module._findings_on
        monkeypatch.setattr(
            module, "_findings_on", lambda *which: looked.append(which[2]) or inspect(*which)
        )
        stream = findings(house)

        next(stream)
        assert len(looked) == 1
        list(stream)
        assert len(looked) == len(set(looked)) == 5


class TestWhatBeginsCases:
    @pytest.mark.parametrize(
        ("harm", "said"),
        [
            (
                "definition_id = (SELECT id FROM definition ORDER BY version LIMIT 1)",
                "belongs to an old version",
            ),
            ("due_at = NULL", "without a due time"),
            (f"lease_until = {LATE}", "held by a worker"),
        ],
    )
    def test_is_found_when_somebody_has_broken_it(self, house, harm, said):  # noqa: F811
        with house.turn() as turn:
            make.unit(turn.session)
            deployed(turn, by_time("R/P7D"))
            deployed(turn, by_time("R/P7D", task="ny"))
        assert check(house) == []

        with house.turn() as turn:
            turn.session.execute(text(f"UPDATE start_event SET {harm}"))  # noqa: S608

        [finding] = check(house)
        assert said in finding
        assert "ugentlig/begynd" in finding
