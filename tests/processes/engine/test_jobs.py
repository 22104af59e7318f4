"""Service tasks ask for jobs and live with how those end."""

from __future__ import annotations

from processes.engine.commands import FailJob, FinishJob, RaiseIncident, Retry
from tests.processes.engine.notation import (
    boundary,
    end,
    error,
    flows,
    play,
    process,
    start,
    timer,
    user,
)

SERVICE = (
    '<bpmn:serviceTask id="a"><bpmn:extensionElements>'
    '<spiffworkflow:serviceTaskOperator id="test/Work" resultVariable="svar">'
    '<spiffworkflow:parameters><spiffworkflow:parameter id="x" type="any" value="n + 1"/>'
    "</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
    "</bpmn:extensionElements></bpmn:serviceTask>"
)


def begun(*more, way="", **data):
    case = play(
        process(
            start() + SERVICE + "".join(more) + user("b") + end() + flows(f"s>a a>b b>e {way}")
        ),
        by_hand={"a"},
        **data,
    )
    [job] = case.run.step.waits.jobs.values()
    return case, job


class TestJob:
    def test_carries_its_arguments_and_stores_its_result(self):
        case, job = begun(n=1)

        case.run.act(FinishJob(job.id, {"ok": True}))

        assert job.parameters == {"x": 2}
        assert case.data["svar"] == {"ok": True}
        assert case.open == ["b"]

    def test_keeps_the_dates_of_its_result(self):
        case, job = begun(n=1)

        case.run.act(FinishJob(job.id, {"d": "2026-01-31"}, {"/d": "date"}))

        assert case.run.step.data.kinds == {"/svar/d": "date"}

    def test_takes_the_error_event_on_its_own_edge(self):
        case, job = begun(boundary("t", "a", error("nej")), user("c"), way="t>c c>e", n=1)

        case.run.act(FailJob(job.id, "nej"))

        assert case.open == ["c"]

    def test_is_an_incident_when_nothing_catches_the_fault(self):
        case, job = begun(n=1)

        case.run.act(FailJob(job.id, "nej"))

        assert "nej" in case.incidents["a"]
        assert case.run.step.waits.jobs == {}

    def test_asks_again_with_new_data_after_a_retry(self):
        case, job = begun(n=1)
        case.run.act(RaiseIncident(job.id, "the server burned down"))

        case.run.act(Retry(job.id))

        assert case.incidents == {}
        assert list(case.run.step.waits.jobs) == [job.id]

    def test_keeps_the_timer_on_its_edge_while_it_is_an_incident(self):
        case, job = begun(
            boundary("t", "a", timer("Duration", "P3D")), user("c"), way="t>c c>e", n=1
        )
        due = case.due("t")

        case.run.act(RaiseIncident(job.id, "down"))
        kept = case.due("t")
        case.wait(days=3)

        assert kept == due
        assert case.open == ["c"]
        assert case.incidents == {}
