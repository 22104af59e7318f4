"""The outcome report: the partnerships' own numbers, and counts that point at nobody."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import func, select

from handlers.discretion import SMALLEST
from models import Account, AccountRole, Case, Definition, Unit
from processes.check import check
from processes.crowd import pour, read_pattern
from processes.demonstration import Vignette, read_demonstration
from processes.deploy import deploy_folder
from processes.outcome_report import (
    Group,
    counted,
    outcome_report,
    outcome_reports,
    published,
)
from processes.vignettes import play
from webapp.demo import DIAGRAMS, OWNER, UNIT, set_up_demo

KEY = "ungepartnerskab"
SET = {
    ("t_01", None): 31,
    ("t_09", "hold_opfoelgning"): 22,
    ("t_09", "bekraeft_overgang"): 17,
    ("t_01", "gennemgaa_forloeb"): 20,
    ("t_09", "aftal_laering"): 15,
    ("ukendt", None): 67,
}
"""Scenario and the step it stops before, to how many youths went that way; one is played, the
others are its copies. 53 went on, 52 are not finished, of 67 nobody knows."""

ELSEWHERE, DROPPED_OUT = "randers", 6
NOT_ADMITTED = ("uden_samtykke", "andet_tilbud", "t_02")


@pytest.fixture(scope="module")
def partnerships(server):
    """The database of the article: 172 youths, and three who were never admitted."""
    from pathlib import Path
    from tempfile import mkdtemp

    from tests.conftest import _clone
    from webapp.bootstrap import Config, Wiring

    with _clone(server) as url:
        home = Path(mkdtemp(prefix="vejviser-outcomes-"))
        house = Wiring(Config(home=home, secret_key="key", demo=True), url)
        with house.turn() as turn:
            deploy_folder(turn, DIAGRAMS / KEY, "", by=OWNER)
        set_up_demo(house)
        _fill(house)
        yield house
        house.close()


def _fill(house):
    with house.turn() as turn:
        turn.session.add(Unit(id=ELSEWHERE, name="Randers"))
        for account in turn.session.scalars(select(Account)):
            roles = {held.role for held in account.roles}
            account.roles += [AccountRole(role=role, unit_id=ELSEWHERE) for role in roles]
    for scenario in NOT_ADMITTED:
        _played(house, Vignette(scenario))
    with house.reading() as reading:
        known = [*reading.scalars(select(Definition.id)), *reading.scalars(select(Account.id))]
    same = {str(id_): str(id_) for id_ in known}
    ways = [(UNIT, *way, count) for way, count in SET.items()]
    ways.append((ELSEWHERE, "t_04", None, DROPPED_OUT))
    for number, (unit, scenario, before, count) in enumerate(ways):
        pattern = _played(house, Vignette(scenario, before), unit)
        numbers = range(1000 * number + 1, 1000 * number + count)
        assert [*pour(house, [pattern], numbers, same)]


def _played(house, vignette, unit=UNIT):
    demonstration = read_demonstration(DIAGRAMS / KEY)
    with house.turn() as turn:
        play(turn, house, demonstration, vignette, f"T-{vignette.scenario}-{vignette.before}", unit)
    with house.turn() as turn:
        newest = turn.session.scalar(select(Case.id).order_by(Case.number.desc()).limit(1))
        return read_pattern(turn.driver, newest)


class TestOutcomeReport:
    def test_gives_the_numbers_of_the_article(self, partnerships):
        with partnerships.reading() as session:
            found = outcome_report(session, KEY, {UNIT})

        assert found.as_json() == {
            "programme": KEY,
            "participants": 172,
            "finished": 120,
            "education_or_job": 53,
            "ongoing": 52,
            "other": 0,
            "unknown": 67,
            "share_of_all": 30.8,
            "share_of_finished": 44.2,
        }

    def test_leaves_out_who_was_never_admitted(self, partnerships):
        with partnerships.reading() as session:
            cases = session.scalar(select(func.count()).select_from(Case))

        assert cases == 172 + DROPPED_OUT + len(NOT_ADMITTED)

    def test_rests_on_cases_that_hold_together(self, partnerships):
        assert check(partnerships) == []

    def test_tells_only_of_the_units_asked_for(self, partnerships):
        with partnerships.reading() as session:
            [here] = outcome_reports(session, {UNIT})
            [elsewhere] = outcome_reports(session, {ELSEWHERE})
            [all_of_them] = outcome_reports(session)

        assert (here.participants, elsewhere.participants) == (172, DROPPED_OUT)
        assert elsewhere.counts[Group.OTHER] == all_of_them.counts[Group.OTHER] == DROPPED_OUT

    def test_of_a_programme_without_participants_is_nought(self, partnerships):
        with partnerships.reading() as session:
            found = outcome_report(session, "ishoej")

        assert found.participants == 0
        assert found.share_of_all is None


class TestPublished:
    @given(st.fixed_dictionaries({group: st.integers(0, 12) for group in Group}))
    @example(dict(zip(Group, (0, 0, 0, 3), strict=True)))
    @example(dict(zip(Group, (1, 5, 1, 0), strict=True)))
    def test_lets_nobody_find_a_small_count(self, counts):
        shown = published(counted("x", counts))

        told = [*shown.counts.values(), shown.participants, shown.finished]
        assert all(n is None or n == 0 or n >= SMALLEST for n in told)
        assert all(shown.counts[group] in {None, n} for group, n in counts.items())
        hidden = [counts[group] for group, n in shown.counts.items() if n is None]
        if shown.participants is not None:
            assert not hidden or (len(hidden) > 1 and sum(hidden) >= SMALLEST)

    def test_keeps_what_points_at_nobody(self):
        counts = dict(zip(Group, (53, 52, 0, 67), strict=True))

        assert published(counted("x", counts)) == counted("x", counts)

    def test_keeps_back_a_third_count_where_two_come_to_a_handful(self):
        counts = dict(zip(Group, (1, 5, 1, 0), strict=True))

        shown = published(counted("x", counts))

        assert list(shown.counts.values()) == [None, None, None, 0]
        assert shown.participants == 7

    def test_keeps_back_the_shares_with_their_counts(self):
        counts = dict(zip(Group, (3, 40, 8, 20), strict=True))

        shown = published(counted("x", counts))

        assert shown.counts[Group.OTHER] is None
        assert (shown.share_of_all, shown.share_of_finished) == (None, None)
        assert (shown.participants, shown.finished) == (71, 31)
