from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from sqlalchemy import delete, select

from models import Account, AccountRole, Case, TeamMember, UserTask
from processes import access
from processes.access import (
    ANY_LANE,
    AUTHORITIES,
    BLIND,
    GUESTS,
    MAY,
    OFFICE,
    SIGHT,
    STAFF,
    Person,
    Relation,
    TaskTies,
    Ties,
    compartments,
    may,
    may_do_task,
    may_see_case,
    person_of,
    ties,
    visible_cases,
    visible_tasks,
)
from processes.inbox import Wanted, inbox
from tests import make

ROLES = sorted(STAFF | OFFICE | GUESTS | AUTHORITIES | {"Sagsbehandler"})
HERE, ELSEWHERE = "aalborg", "odense"


def holder(role, unit=HERE, **facts):
    return Person("ane", frozenset({(role, unit)}), **facts)


def tied(role, relation):
    """Ties that give exactly this relation through the role."""
    return {
        Relation.TEAM: Ties(HERE, team_roles=frozenset({role})),
        Relation.OWN: Ties(HERE, own_work=True),
        Relation.WORK: Ties(HERE, work_roles=frozenset({role})),
        Relation.UNIT: Ties(HERE),
        Relation.NONE: Ties(ELSEWHERE),
    }[relation]


class TestTable:
    @pytest.mark.parametrize(("action", "role", "relation"), list(product(MAY, ROLES, Relation)))
    def test_opens_an_action_to_a_role_that_is_close_enough_and_to_no_other(
        self, action, role, relation
    ):
        needs = MAY[action].get(role)
        if needs is None and role not in OFFICE | GUESTS:
            needs = MAY[action].get(ANY_LANE)

        allowed = may(holder(role), action, tied(role, relation))

        reaches = relation is not Relation.NONE and needs is not None and relation <= needs
        assert allowed == (reaches or (needs is Relation.NONE and relation is not Relation.NONE))

    @pytest.mark.parametrize(("role", "relation"), list(product(ROLES, Relation)))
    def test_opens_compartments_to_a_role_that_is_close_enough_and_to_no_other(
        self, role, relation
    ):
        sight = access.sight_of(role)

        open_ = compartments(holder(role), tied(role, relation))

        seen = sight is not None and relation <= sight.needs
        assert open_ == (sight.compartments if seen else frozenset())

    def test_keeps_the_room_s_words_to_its_own_party(self):
        assert [role for role, sight in SIGHT.items() if "C" in sight.compartments] == [access.SSP]

    def test_shows_no_person_to_an_office_role(self):
        for role, relation in product(OFFICE, Relation):
            assert not may_see_case(holder(role), tied(role, relation))

    def test_shows_no_case_to_those_who_investigate(self):
        for role, relation in product((access.POLICE, access.PROSECUTION), Relation):
            assert not may_see_case(holder(role), tied(role, relation))

    def test_shows_no_case_to_those_who_only_tell_us_something(self):
        for role, relation in product((access.TREATMENT, access.YOUTH_PROBATION), Relation):
            assert not may_see_case(holder(role), tied(role, relation))

    def test_knows_no_unlisted_role_by_default(self):
        assert not may_see_case(Person("ane"), Ties(HERE))


class TestAuthority:
    @pytest.mark.parametrize("role", sorted(AUTHORITIES))
    def test_sees_its_file_on_cases_with_work_for_it_and_no_other(self, role):
        at_work, beside = (tied(role, relation) for relation in (Relation.WORK, Relation.UNIT))

        assert compartments(holder(role), at_work) == {"A", "B"}
        assert not may_see_case(holder(role), beside)


class TestMayDoTask:
    def task(self, **facts):
        made = {"role": "Visitator", "unit": HERE, "assignee": None, "on_team": False}
        return TaskTies(**{**made, "role_taken": False, **facts})

    def test_needs_the_role(self):
        assert may_do_task(holder("Visitator"), self.task())
        assert not may_do_task(holder("Koordinator"), self.task())

    def test_needs_the_unit(self):
        assert not may_do_task(holder("Visitator", ELSEWHERE), self.task())
        assert may_do_task(holder("Visitator", None), self.task())

    def test_keeps_a_youth_to_the_mentor_on_the_team(self):
        taken = self.task(role="Mentor", role_taken=True)

        assert not may_do_task(holder("Mentor"), taken)
        assert may_do_task(holder("Mentor"), self.task(role="Mentor"))
        assert may_do_task(holder("Mentor"), self.task(role="Mentor", on_team=True))

    def test_follows_an_assignment_by_name(self):
        assert may_do_task(holder("Underviser"), self.task(assignee="ane"))


class TestGuest:
    """Somebody who was invited to one case for one meeting."""

    ROLE = "Rusmiddelrådgiver"

    @pytest.fixture
    def guest(self, session):
        return make.account(session, "ane", self.ROLE)

    @pytest.fixture
    def invited(self, session, guest):
        """A case that asks something of her now."""
        case = make.case(session, created_by="bo")
        make.team_member(session, case, guest, self.ROLE)
        make.user_task(session, case, role=self.ROLE, assignee="ane")
        return case

    def seen(self, session, guest):
        person = person_of(guest)
        listed = set(session.scalars(select(Case.id).where(visible_cases(person))))
        every = session.scalars(select(Case)).all()
        assert listed == {c.id for c in every if may_see_case(person, ties(session, person, c.id))}
        return listed

    def tasks(self, session, guest):
        person = person_of(guest)
        query = select(UserTask.case_id).join(UserTask.case).where(visible_tasks(person))
        return set(session.scalars(query))

    def test_sees_the_case_that_asks_something_of_her(self, session, guest, invited):
        assert self.seen(session, guest) == {invited.id}
        assert self.tasks(session, guest) == {invited.id}

    def test_sees_no_other_case_that_asks_her_role(self, session, guest, invited):
        other = make.case(session, created_by="bo")
        make.user_task(session, other, role=self.ROLE)

        assert self.seen(session, guest) == {invited.id}
        assert self.tasks(session, guest) == {invited.id}

    @pytest.mark.parametrize("how", ["completed", "cancelled"])
    def test_sees_nothing_once_she_is_no_longer_asked(self, session, guest, invited, how):
        [task] = session.scalars(select(UserTask).where(UserTask.case_id == invited.id))
        task.state, task.completed_by = how, "ane" if how == "completed" else None
        session.flush()

        assert self.seen(session, guest) == set()
        assert self.tasks(session, guest) == set()

    def test_sees_nothing_once_she_is_off_the_team(self, session, guest, invited):
        session.execute(delete(TeamMember).where(TeamMember.case_id == invited.id))

        assert self.seen(session, guest) == set()
        assert self.tasks(session, guest) == set()

    def test_keeps_nothing_through_another_role_of_hers(self, session, invited):
        account = session.scalars(select(Account).where(Account.name == "ane")).one()
        account.roles.append(AccountRole(role="Kontaktperson", unit_id=HERE))
        [task] = session.scalars(select(UserTask).where(UserTask.case_id == invited.id))
        task.state, task.completed_by = "completed", "ane"
        session.flush()

        assert self.seen(session, account) == set()
        assert self.tasks(session, account) == set()

    def test_takes_a_task_only_on_the_team(self):
        asked = TaskTies(self.ROLE, HERE, assignee="ane", on_team=False, role_taken=False)

        assert not may_do_task(holder(self.ROLE), asked)
        assert may_do_task(holder(self.ROLE), replace(asked, on_team=True))

    def test_finds_in_her_inbox_what_she_was_invited_to(self, session, guest, invited):
        other = make.case(session, created_by="bo")
        make.user_task(session, other, role=self.ROLE)
        make.user_task(session, invited, role="Koordinator")
        person = person_of(guest)

        found = {tab: inbox(session, person, tab, Wanted(), 10) for tab in ("mine", "roles")}

        assert [row.task.case_id for row in found["mine"]] == [invited.id]
        assert found["roles"] == []


class TestVisibleTasks:
    @pytest.mark.parametrize("role", sorted(BLIND))
    def test_of_those_who_see_no_case_are_the_open_ones(self, session, role):
        account = make.account(session, "ane", role)
        asked, over, joined = (make.case(session, created_by="bo") for _ in range(3))
        make.team_member(session, joined, account, role)
        make.team_member(session, asked, account, role)
        make.user_task(session, asked, role=role, assignee="ane")
        done = {"state": "completed", "completed_by": "ane", "assignee": "ane"}
        for case in (over, joined):
            make.user_task(session, case, role=role, **done)

        query = select(UserTask.case_id).join(UserTask.case)
        found = session.scalars(query.where(visible_tasks(person_of(account)))).all()

        assert found == [asked.id]


class TestVisibleCases:
    @pytest.fixture
    def cases(self, session):
        """Cases that lie in each relation to somebody called ane."""
        here = make.case(session, created_by="bo")
        far = make.case(session, created_by="bo", unit_id=ELSEWHERE)
        begun = make.case(session, created_by="ane")
        worked = [make.case(session, created_by="bo") for _ in ROLES]
        for case, role in zip(worked, ROLES, strict=True):
            make.user_task(session, case, role=role)
        own = make.case(session, created_by="bo")
        make.user_task(session, own, role="Andet", assignee="ane")
        done = make.case(session, created_by="bo")
        make.user_task(session, done, state="completed", completed_by="ane")
        return [here, far, begun, *worked, own, done]

    @pytest.mark.parametrize("role", ROLES)
    def test_are_those_that_the_person_may_see(self, session, cases, role):
        account = make.account(session, "ane", role)
        team = make.case(session, created_by="bo")
        make.team_member(session, team, account, role)
        person = person_of(account)

        listed = set(session.scalars(select(Case.id).where(visible_cases(person))))

        every = [*cases, team]
        assert listed == {
            case.id for case in every if may_see_case(person, ties(session, person, case.id))
        }
