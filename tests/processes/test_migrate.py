"""Cases that move between deployed versions: rows, history, refusals, and going back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from models import Case, Deadline, Event, Job, Migration, MigrationCase, Timer, UserTask
from models.errors import NotAllowed, NothingToMove, UnknownElement
from processes.access import OPERATOR, Person, person_of
from processes.cases import cancel_case, start_case
from processes.check import check_case
from processes.deploy import deploy
from processes.migrate import (
    Wish,
    begin_migration,
    find_migration,
    progress,
    stop_migration,
    undo_migration,
)
from processes.migration_turns import MoveFailed, carry_on, move_next, try_next
from processes.suspension import suspend_case
from processes.user_tasks import claim_user_task, complete_user_task
from tests import diagrams, make

START, END = diagrams.start(), diagrams.end()


def version(turn, *nodes, flow, **told):
    files = {"flyt.bpmn": diagrams.diagram("flyt", START, *nodes, END, flow=flow, **told)}
    return deploy(turn, files, "", OPERATOR).definitions[0]


def first(turn, deadline="P7D", **told):
    return version(
        turn,
        diagrams.user_task("a", deadline=deadline),
        diagrams.user_task("b"),
        flow="begynd>a>b>slut",
        **told,
    )


def second(turn):
    return first(turn, deadline="P10D")


def renamed(turn):
    return version(
        turn,
        diagrams.user_task("x", deadline="P7D"),
        diagrams.user_task("b"),
        flow="begynd>x>b>slut",
    )


@pytest.fixture
def leader(turn):
    return make.account(turn.session, "leder", "Leder", "Koordinator", "Mentor")


@pytest.fixture
def by(leader):
    return person_of(leader)


def begun(turn, by, count=1):
    return [start_case(turn, "flyt", f"T-{i}", {}, "aalborg", by) for i in range(count)]


def wish(**told):
    return Wish("flyt", 1, 2, **{"reason": "ny frist", **told})


def move_all(turn):
    query = select(Migration).where(Migration.state == "running")
    for migration in turn.session.scalars(query.order_by(Migration.created_at, Migration.id)):
        step = try_next if migration.dry_run else move_next
        while step(turn, migration.id):
            pass


def results(turn, migration):
    query = select(MigrationCase).where(MigrationCase.migration_id == migration.id)
    turn.session.expire_all()
    return turn.session.scalars(query.order_by(MigrationCase.number)).all()


def events(turn, case, kind):
    query = select(Event).where(Event.case_id == case.id, Event.kind == kind)
    return turn.session.scalars(query).all()


def sound(turn, case):
    return list(check_case(turn, case.id))


class TestDryRun:
    def test_tells_what_would_happen_and_changes_nothing(self, turn, by):
        old = first(turn)
        [case] = begun(turn, by)
        second(turn)

        migration = begin_migration(turn, wish(dry_run=True), OPERATOR)
        move_all(turn)

        [result] = results(turn, migration)
        assert result.state == "moved"
        assert [work["element"] for work in result.report["kept"]] == ["a"]
        [shift] = result.report["deadlines"]
        assert (shift["old"][:10], shift["new"][:10]) == ("2026-02-07", "2026-02-10")
        turn.session.refresh(case)
        assert case.definition_id == old.id
        assert events(turn, case, "case.migrated") == []

    def test_tells_why_a_case_cannot(self, turn, by):
        first(turn)
        begun(turn, by)
        renamed(turn)

        migration = begin_migration(turn, wish(dry_run=True), OPERATOR)
        move_all(turn)

        [result] = results(turn, migration)
        assert result.state == "refused"
        [refusal] = result.report["refused"]
        assert (refusal["element"], refusal["reason"]) == ("a", "removed")


class TestMove:
    def test_moves_rows_history_and_version(self, turn, by):
        first(turn)
        [case] = begun(turn, by)
        new = second(turn)

        migration = begin_migration(turn, wish(), OPERATOR)
        move_all(turn)

        turn.session.refresh(case)
        assert case.definition_id == new.id
        [deadline] = turn.session.scalars(select(Deadline)).all()
        assert deadline.due_at == turn.now + timedelta(days=10)
        [timer] = turn.session.scalars(select(Timer).where(Timer.state == "armed")).all()
        assert timer.due_at == deadline.due_at
        [event] = events(turn, case, "case.migrated")
        assert event.actor == OPERATOR.name
        assert event.detail == {
            "from": 1,
            "to": 2,
            "reason": "ny frist",
            "migration": str(migration.id),
        }
        assert sound(turn, case) == []

    def test_keeps_who_holds_a_task(self, turn, by):
        first(turn)
        begun(turn, by)
        second(turn)
        [task] = turn.session.scalars(select(UserTask)).all()
        claim_user_task(turn, task.id, by)

        begin_migration(turn, wish(), OPERATOR)
        move_all(turn)

        turn.session.refresh(task)
        assert (task.state, task.assignee) == ("open", by.name)

    def test_frees_a_task_whose_role_changes(self, turn, by):
        first(turn, lanes={"Leder": "a b"})
        begun(turn, by)
        [task] = turn.session.scalars(select(UserTask)).all()
        claim_user_task(turn, task.id, by)
        first(turn, lanes={"Mentor": "a b"})

        begin_migration(turn, wish(), OPERATOR)
        move_all(turn)

        turn.session.refresh(task)
        assert (task.role, task.assignee) == ("Mentor", None)

    def test_follows_the_rename_table(self, turn, by):
        first(turn)
        [case] = begun(turn, by)
        renamed(turn)

        begin_migration(turn, wish(renames={"a": "x"}), OPERATOR)
        move_all(turn)

        for row in (UserTask, Deadline, Timer):
            assert turn.session.scalars(select(row.element)).all() == ["x"]
        assert sound(turn, case) == []

    def test_leaves_a_job_that_is_out_with_its_worker(self, turn, by):
        def drawn(element):
            return version(
                turn,
                diagrams.service_task(element, "case/SetPhase", phase='"Start"'),
                diagrams.user_task("b"),
                flow=f"begynd>{element}>b>slut",
            )

        drawn("a")
        [case] = begun(turn, by)
        turn.session.execute(
            text("UPDATE job SET attempts = 1, worker = 'w', lease_until = now() + '1 minute'")
        )
        drawn("x")

        begin_migration(turn, wish(renames={"a": "x"}), OPERATOR)
        move_all(turn)

        turn.session.expire_all()
        [job] = turn.session.scalars(select(Job)).all()
        assert (job.element, job.attempts, job.worker) == ("x", 1, "w")
        assert job.lease_until is not None
        assert sound(turn, case) == []

    def test_moves_a_case_at_rest(self, turn, by):
        first(turn)
        [case] = begun(turn, by)
        suspend_case(turn, case.id, "syg", by)
        second(turn)

        begin_migration(turn, wish(), OPERATOR)
        move_all(turn)

        turn.session.refresh(case)
        assert (case.state, case.definition.version) == ("suspended", 2)
        assert sound(turn, case) == []

    def test_leaves_alone_what_has_ended_meanwhile(self, turn, by):
        first(turn)
        [case] = begun(turn, by)
        second(turn)
        migration = begin_migration(turn, wish(), OPERATOR)

        cancel_case(turn, case.id, "fejl", by)
        move_all(turn)

        [result] = results(turn, migration)
        assert (result.state, result.report["refused"][0]["reason"]) == ("skipped", "over")

    def test_moves_no_case_twice(self, turn, by):
        first(turn)
        [case] = begun(turn, by)
        second(turn)

        migrations = [begin_migration(turn, wish(), OPERATOR) for _ in range(2)]
        move_all(turn)

        states = sorted(results(turn, one)[0].state for one in migrations)
        assert states == ["moved", "skipped"]
        assert len(events(turn, case, "case.migrated")) == 1

    def test_moves_one_case_if_asked_to(self, turn, by):
        first(turn)
        case, other = begun(turn, by, 2)
        second(turn)

        migration = begin_migration(turn, wish(case=other.id), OPERATOR)
        move_all(turn)

        turn.session.refresh(case)
        turn.session.refresh(other)
        assert migration.total == 1
        assert (case.definition.version, other.definition.version) == (1, 2)

    def test_goes_on_where_the_case_was(self, turn, by):
        first(turn)
        [case] = begun(turn, by)
        second(turn)
        begin_migration(turn, wish(), OPERATOR)
        move_all(turn)

        [task] = turn.session.scalars(select(UserTask)).all()
        complete_user_task(turn, task.id, {}, by)

        open_ = select(UserTask.element).where(UserTask.state == "open")
        assert turn.session.scalars(open_).all() == ["b"]
        assert sound(turn, case) == []

    def test_sets_a_broken_case_aside(self, turn, by):
        first(turn)
        begun(turn, by)
        second(turn)
        migration = begin_migration(turn, wish(), OPERATOR)
        turn.session.execute(text("UPDATE \"case\" SET snapshot = 'x'"))

        with pytest.raises(MoveFailed):
            move_next(turn, migration.id)


class TestBegin:
    def test_refuses_who_may_not(self, turn):
        with pytest.raises(NotAllowed):
            begin_migration(turn, wish(), Person("mentor", frozenset({("Mentor", None)})))

    def test_refuses_elements_that_are_not_there(self, turn, by):
        first(turn)
        begun(turn, by)
        second(turn)

        with pytest.raises(UnknownElement, match="nix"):
            begin_migration(turn, wish(renames={"a": "nix"}), OPERATOR)
        with pytest.raises(UnknownElement, match="nix"):
            begin_migration(turn, wish(cancels=["nix"]), OPERATOR)

    def test_refuses_when_there_is_nothing_to_move(self, turn):
        first(turn)
        second(turn)

        with pytest.raises(NothingToMove):
            begin_migration(turn, wish(), OPERATOR)


class TestUndo:
    def test_takes_moved_cases_back(self, turn, by):
        first(turn)
        case, other = begun(turn, by, 2)
        renamed(turn)
        migration = begin_migration(turn, wish(renames={"a": "x"}), OPERATOR)
        move_all(turn)

        back = undo_migration(turn, migration.id, "fortrudt", OPERATOR)
        move_all(turn)

        assert [result.state for result in results(turn, back)] == ["moved", "moved"]
        for one in (case, other):
            turn.session.refresh(one)
            assert one.definition.version == 1
            assert sound(turn, one) == []
        assert set(turn.session.scalars(select(UserTask.element))) == {"a"}

    def test_tells_which_have_gone_on(self, turn, by):
        first(turn)
        [case] = begun(turn, by)
        version(
            turn,
            diagrams.user_task("a"),
            diagrams.user_task("ny"),
            diagrams.user_task("b"),
            flow="begynd>a>ny>b>slut",
        )
        migration = begin_migration(turn, wish(), OPERATOR)
        move_all(turn)
        [task] = turn.session.scalars(select(UserTask)).all()
        complete_user_task(turn, task.id, {}, by)

        back = undo_migration(turn, migration.id, "fortrudt", OPERATOR)
        move_all(turn)

        [result] = results(turn, back)
        assert (result.state, result.report["refused"][0]["element"]) == ("refused", "ny")
        assert sound(turn, case) == []

    def test_does_not_pretend_to_bring_back_what_was_cancelled(self, turn, by):
        branches = (diagrams.parallel("del"), diagrams.user_task("a"))
        message = diagrams.message("brev")
        version(
            turn,
            *branches,
            diagrams.message_catch("vent", "brev"),
            flow="begynd>del>a>slut; del>vent>slut",
            beside=message,
        )
        [case] = begun(turn, by)
        version(turn, diagrams.user_task("a"), flow="begynd>a>slut")
        migration = begin_migration(turn, wish(cancels=["vent"]), OPERATOR)
        move_all(turn)
        assert [result.state for result in results(turn, migration)] == ["moved"]

        back = undo_migration(turn, migration.id, "fortrudt", OPERATOR)
        move_all(turn)

        [result] = results(turn, back)
        assert result.report["refused"][0]["reason"] == "cannot_return"
        assert sound(turn, case) == []

    def test_keeps_out_those_that_were_refused(self, turn, by):
        first(turn)
        begun(turn, by)
        renamed(turn)
        migration = begin_migration(turn, wish(), OPERATOR)
        move_all(turn)

        with pytest.raises(NothingToMove):
            undo_migration(turn, migration.id, "fortrudt", OPERATOR)


class TestWorker:
    @staticmethod
    def committed(wiring, count=3):
        with wiring.turn() as turn:
            by = make.account(turn.session, "leder", "Leder", "Koordinator", "Mentor")
            first(turn)
            begun(turn, person_of(by), count)
            second(turn)
            return begin_migration(turn, wish(), OPERATOR).id

    def test_moves_every_case_in_a_turn_of_its_own(self, wiring):
        id_ = self.committed(wiring)

        assert carry_on(wiring) == 3

        with wiring.turn() as turn:
            assert find_migration(turn.session, id_).state == "done"
            assert progress(turn.session, id_).moved == 3

    def test_goes_on_after_a_stop(self, wiring):
        id_ = self.committed(wiring)
        steps = iter([True, False])

        carry_on(wiring, lambda: next(steps))
        with wiring.turn() as turn:
            assert progress(turn.session, id_).waiting == 2
            assert find_migration(turn.session, id_).state == "running"

        carry_on(wiring)
        with wiring.turn() as turn:
            assert progress(turn.session, id_).moved == 3

    def test_passes_over_a_case_that_somebody_is_at(self, wiring):
        id_ = self.committed(wiring)

        with wiring.turn() as busy:
            busy.session.execute(
                text("SELECT id FROM \"case\" WHERE reference = 'T-1' FOR NO KEY UPDATE")
            )
            assert carry_on(wiring) == 2

        assert carry_on(wiring) == 1
        with wiring.turn() as turn:
            assert find_migration(turn.session, id_).state == "done"

    def test_leaves_the_rest_when_it_is_stopped(self, wiring):
        id_ = self.committed(wiring)
        with wiring.turn() as turn:
            stop_migration(turn, id_, OPERATOR)

        assert carry_on(wiring) == 0

        with wiring.turn() as turn:
            assert progress(turn.session, id_).waiting == 3
            versions = {case.definition.version for case in turn.session.scalars(select(Case))}
            assert versions == {1}

    def test_a_broken_case_does_not_stop_the_others(self, wiring):
        id_ = self.committed(wiring)
        with wiring.turn() as turn:
            turn.session.execute(text("UPDATE \"case\" SET snapshot = 'x' WHERE reference = 'T-1'"))

        carry_on(wiring)

        with wiring.turn() as turn:
            seen = progress(turn.session, id_)
            assert (seen.moved, seen.refused) == (2, 1)
            assert find_migration(turn.session, id_).state == "done"
