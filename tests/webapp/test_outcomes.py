from __future__ import annotations

import pytest

from models import AccountRole
from tests import make
from tests.conftest import NOON


@pytest.fixture
def ended(rows):
    """A number of cases whose outcome is the same."""

    def make_them(code, count, **facts):
        for _ in range(count):
            case = make.case(rows, phase="Lukket", state="completed", ended_at=NOON, **facts)
            make.event(rows, case, number=1, kind="phase.changed", detail={"to": "Forløb"})
            make.event(rows, case, number=2, kind="outcome.registered", detail={"code": code})
        rows.commit()

    return make_them


class TestOutcomes:
    def test_tells_the_counts_and_shares_of_each_programme(self, as_, ended):
        ended("uddannelse", 6)
        ended("andet", 9)

        page = as_("leder").get("/outcomes").text

        cells = [part.split("<")[0] for part in page.split("<td data-label=")[1:]]
        assert [cell.split(">")[1] for cell in cells] == [
            "15", "6", "0", "9", "0", "40.0 %", "40.0 %",
        ]  # fmt: skip

    def test_keeps_back_what_points_at_somebody(self, as_, ended):
        ended("uddannelse", 3)
        ended("andet", 9)
        ended(None, 7)

        page = as_("styregruppe", "Styregruppe").get("/outcomes").text

        assert page.count("kept back") >= 4
        assert ">3<" not in page
        assert ">19<" in page

    def test_tells_nothing_of_units_where_the_reader_has_another_role(self, as_, ended, rows):
        ended("uddannelse", 6, unit_id="odense")
        known = make.account(rows, "eva", "Leder")
        known.roles.append(AccountRole(role="Mentor", unit_id="odense"))
        rows.commit()

        assert "Nobody has taken part yet" in as_("eva").get("/outcomes").text

    def test_says_so_when_nobody_has_taken_part(self, as_):
        assert "Nobody has taken part yet" in as_("leder").get("/outcomes").text

    def test_is_not_for_those_who_do_the_tasks(self, as_):
        assert as_("mentor").get("/outcomes").status_code == 403

    def test_is_reached_from_the_overview(self, as_):
        assert 'href="/outcomes"' in as_("leder").get("/board").text
