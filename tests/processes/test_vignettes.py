from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from models import Case, Deadline, Definition, Incident, UserTask
from processes.check import check
from processes.demonstration import read_demonstration
from processes.diagram_files import programmes
from webapp.bootstrap import Config, Wiring
from webapp.demo import DIAGRAMS, begin_vignettes, set_up_demo

CASES = {folder.name: read_demonstration(folder).cases for folder in programmes(DIAGRAMS)}


@pytest.fixture(scope="module")
def house(server):
    """The demonstration on a Wednesday morning, set up once for the module."""
    from pathlib import Path
    from tempfile import mkdtemp

    from tests.conftest import _clone

    def now():
        return datetime(2026, 11, 25, 9, 0, tzinfo=UTC)

    with _clone(server) as url:
        home = Path(mkdtemp(prefix="vejviser-vignettes-"))
        house = Wiring(Config(home=home, secret_key="key", demo=True), url, real_clock=now)
        set_up_demo(house)
        begin_vignettes(house)
        yield house
        house.close()


def shown():
    return [(key, case) for key, cases in CASES.items() for case in cases]


class TestPlayVignettes:
    def test_begins_every_vignette(self, house):
        with house.reading() as session:
            query = select(Definition.key, Case.reference).join(Case.definition)
            begun = [tuple(row) for row in session.execute(query)]

        assert sorted(begun) == sorted((key, case.reference) for key, case in shown())

    def test_shows_two_of_every_programme_at_least(self):
        assert [folder for folder, cases in CASES.items() if len(cases) < 2] == []

    def test_stops_each_one_before_the_step_that_is_due_now(self, house):
        with house.reading() as session:
            query = select(Definition.key, Case.reference, UserTask.element)
            query = query.select_from(UserTask).join(UserTask.case).join(Case.definition)
            rows = session.execute(query.where(UserTask.state == "open"))
            tasks = {tuple(row) for row in rows}

        stopped = {(key, case.reference, case.before) for key, case in shown() if case.before}
        assert stopped <= tasks

    def test_shows_one_that_is_overdue_and_one_that_is_about_to_be(self, house):
        now = house.now()
        with house.reading() as session:
            missed = session.scalars(
                select(Deadline.element).where(
                    Deadline.state == "missed", Deadline.closed_at.is_(None)
                )
            ).all()
            soon = session.scalars(
                select(Deadline.element).where(
                    Deadline.state == "open",
                    Deadline.due_at.between(now, now + timedelta(hours=8)),
                )
            ).all()

        assert "registrer_afsoningsmoede" in missed
        assert "vurder_underretning" in soon

    def test_leaves_no_incident_and_nothing_amiss(self, house):
        with house.reading() as session:
            incidents = session.scalar(select(func.count()).select_from(Incident))

        assert incidents == 0
        assert check(house) == []

    def test_plays_each_one_once(self, house):
        with house.reading() as session:
            before = session.scalars(select(Case.revision).order_by(Case.number)).all()

        begin_vignettes(house)

        with house.reading() as session:
            assert session.scalars(select(Case.revision).order_by(Case.number)).all() == before
