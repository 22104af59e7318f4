"""Who could take a role, read from the real tables."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from handlers.adapters.staff import DatabaseStaff
from handlers.ports import Holder
from tests import make


@pytest.fixture
def staff(session):
    """On the test's own connection, so that it sees what is undone afterwards."""
    return DatabaseStaff(sessionmaker(session.connection(), class_=Session))


class TestDatabaseStaff:
    def test_finds_the_accounts_of_the_role_by_name(self, session, staff):
        make.account(session, "mentor2", "Mentor")
        make.account(session, "mentor", "Mentor", "Underviser")
        make.account(session, "leder")

        assert staff.holders("Mentor", "aalborg") == [Holder("mentor", 0), Holder("mentor2", 0)]

    def test_counts_a_role_in_all_units(self, session, staff):
        make.account(session, "mentor", unit_id=None)

        assert staff.holds("mentor", "Mentor", "aalborg")

    def test_passes_over_other_units_and_closed_accounts(self, session, staff):
        make.account(session, "mentor", unit_id="odense")
        make.account(session, "mentor2", "Mentor", active=False)

        assert staff.holders("Mentor", "aalborg") == []
        assert not staff.holds("mentor", "Mentor", "aalborg")

    def test_counts_open_cases_in_that_role(self, session, staff):
        mentor = make.account(session, "mentor", "Mentor", "Underviser")
        make.team_member(session, make.case(session), who=mentor)
        make.team_member(session, make.case(session), who=mentor, role="Underviser")
        over = make.case(session, state="completed")
        make.team_member(session, over, who=mentor)

        assert staff.holders("Mentor", "aalborg") == [Holder("mentor", 1)]
