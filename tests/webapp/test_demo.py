"""Does the demonstration begin with everything a visitator needs, and keep what people change?"""

from __future__ import annotations

from sqlalchemy import func, select

from models import Account, AccountRole, Definition, Unit
from processes.diagram_files import programmes
from webapp.demo import ACCOUNTS, DIAGRAMS, set_up_demo


def count(wiring, table) -> int | None:
    with wiring.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


class TestDemo:
    def test_has_an_account_for_every_role(self, wiring):
        set_up_demo(wiring)

        with wiring.reading() as session:
            held = set(session.scalars(select(AccountRole.role)))
            names = set(session.scalars(select(Account.name)))
        assert names == set(ACCOUNTS)
        assert held == {role for _, role in ACCOUNTS.values()}

    def test_deploys_every_programme(self, wiring):
        set_up_demo(wiring)

        with wiring.reading() as session:
            keys = set(session.scalars(select(Definition.key)))
        assert {folder.name for folder in programmes(DIAGRAMS)} <= keys

    def test_changes_nothing_the_second_time(self, wiring):
        set_up_demo(wiring)
        with wiring.turn() as turn:
            account = turn.session.scalars(select(Account).where(Account.name == "mentor")).one()
            account.display_name = "Ny mentor"
        versions = count(wiring, Definition)

        set_up_demo(wiring)

        assert count(wiring, Account) == len(ACCOUNTS)
        assert count(wiring, Unit) == 1
        assert count(wiring, Definition) == versions
        with wiring.reading() as session:
            name = session.scalar(select(Account.display_name).where(Account.name == "mentor"))
        assert name == "Ny mentor"
