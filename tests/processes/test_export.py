"""Can other tools read the history, without the case's data where they need none?"""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from lxml import etree

from processes.export import COLUMNS, export_csv, export_events, export_xes
from tests import make

XES = {"x": "http://www.xes-standard.org/"}


@pytest.fixture
def history(session):
    """Two cases, of two and of one event."""
    first = make.case(session, reference="T-01")
    second = make.case(session, definition=first.definition, reference="T-02")
    make.event(session, first, kind="case.started", actor="visitator")
    make.event(
        session,
        first,
        element="samtale",
        name='Samtale "nr. 1" & mere',
        at=make.NOON + timedelta(hours=1),
        detail={"fase": "Start"},
    )
    make.event(session, second, kind="case.started", actor="=cmd()")
    return first, second


class TestEvents:
    def test_are_json_lines_in_order(self, session, history):
        lines = [json.loads(line) for line in export_events(session)]

        assert [(line["case_number"], line["number"]) for line in lines] == [
            (history[0].number, 1),
            (history[0].number, 2),
            (history[1].number, 1),
        ]
        assert lines[1]["detail"] == {"fase": "Start"}
        assert lines[1]["at"] == "2026-01-31T13:00:00+00:00"


class TestCsv:
    def test_reads_back_with_one_row_an_event(self, session, history):
        rows = list(csv.DictReader(io.StringIO("".join(export_csv(session)))))

        assert tuple(rows[0]) == COLUMNS
        assert [row["activity"] for row in rows] == [
            "case.started",
            'Samtale "nr. 1" & mere',
            "case.started",
        ]

    def test_runs_nothing_in_a_spreadsheet(self, session, history):
        rows = list(csv.DictReader(io.StringIO("".join(export_csv(session)))))

        assert rows[2]["resource"] == "'=cmd()"

    def test_holds_no_case_data(self, session, history):
        assert "Start" not in "".join(export_csv(session))


class TestXes:
    def test_is_one_trace_a_case(self, session, history):
        log = etree.fromstring("".join(export_xes(session)).encode())

        traces = log.xpath("x:trace/x:string[@key='concept:name']/@value", namespaces=XES)
        assert traces == [str(case.number) for case in history]

    def test_names_activity_moment_and_person(self, session, history):
        log = etree.fromstring("".join(export_xes(session)).encode())

        [started, talked] = log.xpath("x:trace[1]/x:event", namespaces=XES)
        facts = {part.get("key"): part.get("value") for part in talked}
        assert facts["concept:name"] == 'Samtale "nr. 1" & mere'
        assert facts["lifecycle:transition"] == "complete"
        assert facts["time:timestamp"] == "2026-01-31T13:00:00+00:00"
        assert "visitator" in {part.get("value") for part in started}

    def test_is_empty_without_cases(self, session):
        log = etree.fromstring("".join(export_xes(session)).encode())

        assert log.xpath("x:trace", namespaces=XES) == []
