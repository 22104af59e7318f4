"""Does the table of speed run, and hold its rows to their limits? Never how fast anything is."""

from __future__ import annotations

import json

import pytest

from tests.bench.measure import Block, Row, compared
from tests.bench.sizes import SMALLEST
from tests.bench.table import PARTS, Table

LIMITS = {
    "task": ["<= 1.5", "<= 1.5"],
    "http": ["<= 2.5", ""],
    "aged": ["<= 1.1", "<= 1.15", "<= 1.15"] * 2,
    "inbox": ["<= 1.5"],
    "timers": [">= 0.5"],
    "threads": ["", ""],
    "workers": ["> 1"],
    "simulated": ["<= 0.1"],
    "lint": ["<= 50", "<= 50"],
    "starts": ["<= 3"],
    "deployments": [""],
    "migrate": ["", "", "<= 1.15"],
    "memory": [""],
}


@pytest.fixture
def table(server, home):
    return Table(server, home, SMALLEST)


class TestTable:
    def test_says_of_each_part_what_it_must_hold(self):
        assert tuple(PARTS) == tuple(LIMITS)

    @pytest.mark.parametrize("part", PARTS)
    def test_prints_its_rows_as_json(self, table, part):
        rows = list(table.rows(part))

        told = [json.loads(row.line()) for row in rows]
        assert [row.must for row in rows] == LIMITS[part]
        assert all(list(line)[:5] == ["name", "value", "unit", "must", "ok"] for line in told)
        assert all(line["value"] > 0 for line in told)
        assert [line.get("flaws") for line in told] == [None] * len(told)


class TestRow:
    @pytest.mark.parametrize(
        ("value", "must", "ok"),
        [(1.5, "<= 1.5", True), (1.51, "<= 1.5", False), (1, "> 1", False), (0.5, ">= 0.5", True)],
    )
    def test_holds_what_it_must(self, value, must, ok):
        assert Row("row", value, "x", must).ok is ok

    def test_is_not_ok_with_a_flaw_however_fast(self):
        assert not Row("row", 0.1, "x", "<= 1", flaws=["twice: 1"]).ok

    def test_compares_round_by_round(self):
        over, under = ([block(3), block(40), block(6)], [block(2), block(20), block(3)])

        row = compared("row", over, under, "<= 2")

        assert (row.value, row.facts["spread"], row.ok) == (2.0, [1.5, 2.0], True)


def block(ms):
    return Block(ms, (ms,), ms)
