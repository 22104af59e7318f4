"""Do the migrations make the tables that the models describe, and protect the history?"""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import create_engine, delete, inspect, text, update
from sqlalchemy.exc import IntegrityError

from models import Base, Case, Event, schema
from tests import make


class TestMigrations:
    def test_agree_with_the_models(self, session):
        found = schema.differences(session.connection())

        assert found == []

    def test_repeat_every_check_of_the_models(self, session):
        inspector = inspect(session.connection())

        for table in Base.metadata.tables.values():
            drawn = {check.name for check in table.constraints if "ck_" in str(check.name)}
            there = {check["name"] for check in inspector.get_check_constraints(table.name)}
            assert there == drawn, table.name

    def test_leave_the_database_current(self, session):
        assert schema.is_current(session.connection())

    def test_run_once_when_two_start_together(self, server):
        server.create_database("two_starts")
        engine = create_engine(server.url("two_starts"))
        starts = [threading.Thread(target=schema.upgrade, args=[engine]) for _ in range(2)]

        for start in starts:
            start.start()
        for start in starts:
            start.join()

        with engine.connect() as connection:
            assert schema.is_current(connection)
        engine.dispose()
        server.drop_database("two_starts")

    def test_can_be_taken_back(self, server):
        server.create_database("taken_back")
        engine = create_engine(server.url("taken_back"))
        schema.upgrade(engine)

        schema.downgrade(engine)

        with engine.connect() as connection:
            assert inspect(connection).get_table_names() == ["alembic_version"]
            assert not schema.is_current(connection)
        engine.dispose()
        server.drop_database("taken_back")


class TestEvents:
    @pytest.mark.parametrize(
        "change",
        [update(Event).values(kind="never.happened"), delete(Event), text("TRUNCATE event")],
        ids=["changed", "deleted", "truncated"],
    )
    def test_are_not(self, session, change):
        make.event(session, make.case(session))

        with pytest.raises(IntegrityError, match="append-only"):
            session.execute(change)

    def test_go_with_their_case_when_retention_says_so(self, session):
        case = make.case(session)
        make.event(session, case)
        session.execute(text("SET LOCAL vejviser.retention = 'on'"))

        session.execute(delete(Case).where(Case.id == case.id))

        assert session.query(Event).count() == 0

    def test_keep_their_case_from_going_otherwise(self, session):
        case = make.case(session)
        make.event(session, case)

        with pytest.raises(IntegrityError, match="append-only"):
            session.execute(delete(Case).where(Case.id == case.id))
