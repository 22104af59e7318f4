from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import select

from models import Case
from processes import access
from processes.access import (
    ANY_LANE,
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
)
from tests import make

ROLES = sorted(STAFF | OFFICE | {"Sagsbehandler"})
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
        if needs is None and role not in OFFICE:
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

    def test_knows_no_unlisted_role_by_default(self):
        assert not may_see_case(Person("ane"), Ties(HERE))


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
