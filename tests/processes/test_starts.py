"""Cases that nobody registers: begun by a message, a signal or a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import Case, Message, StartEvent, UserTask
from models.errors import AmbiguousMessage, DiagramsRefused, UnitNotFound
from processes.access import person_of
from processes.cases import cancel_case
from processes.check import check_case
from processes.messages import deliver_waiting_message, receive_message
from processes.starts import StartFailed, fire_due_start, first_start_due
from tests import diagrams, make
from tests.processes.conftest import begun, deployed

DAY = timedelta(days=1)
NOTE = diagrams.message("henvisning")


def event_start(kind, id_="begynd"):
    return f'<bpmn:startEvent id="{id_}" name="Start">{kind}</bpmn:startEvent>'


def timed(tag, text):
    time = f"<bpmn:{tag}>{text}</bpmn:{tag}>"
    return f'<bpmn:timerEventDefinition id="ur">{time}</bpmn:timerEventDefinition>'


def process(key, trigger, beside="", task="laes", **properties):
    return {
        f"{key}.bpmn": diagrams.diagram(
            key,
            event_start(trigger),
            diagrams.user_task(task),
            diagrams.end(),
            flow=f"begynd>{task}>slut",
            lanes={"Visitator": task},
            beside=beside,
            **properties,
        )
    }


def by_message(key="modtag", **more):
    return process(
        key, '<bpmn:messageEventDefinition id="m" messageRef="henvisning"/>', NOTE, **more
    )


def by_time(text, tag="timeCycle", key="ugentlig", **more):
    return process(key, timed(tag, text), **more)


SIGNAL = '<bpmn:signal id="alarm" name="alarm"/>'
HEARS = '<bpmn:signalEventDefinition id="s" signalRef="alarm"/>'
LISTENER = process("lytter", HEARS, SIGNAL)
CALLER = {
    "raaber.bpmn": diagrams.diagram(
        "raaber",
        diagrams.start(),
        '<bpmn:endEvent id="raab"><bpmn:signalEventDefinition id="r" signalRef="alarm"/>'
        "</bpmn:endEvent>",
        flow="begynd>raab",
        beside=SIGNAL,
    )
}


def cases(turn, key=None):
    turn.session.expire_all()
    found = turn.session.scalars(select(Case).order_by(Case.number)).all()
    return [case for case in found if key in {None, case.definition.key}]


def starts(turn):
    turn.session.expire_all()
    return {row.element: row for row in turn.session.scalars(select(StartEvent))}


def later(turn, delta):
    return replace(turn, now=turn.now + delta)


@pytest.fixture
def unit(turn):
    return make.unit(turn.session)


class TestAMessage:
    def test_begins_a_case_with_its_content_and_reference(self, turn, unit):
        deployed(turn, by_message())

        state = receive_message(turn, "m1", "henvisning", correlation="T-07", payload={"x": 1})

        [case] = cases(turn)
        assert (state, case.reference, case.data) == ("delivered", "T-07", {"x": 1})
        assert turn.session.scalars(select(UserTask)).one().element == "laes"
        assert turn.session.scalar(select(Message.case_id)) == case.id
        assert list(check_case(turn, case.id)) == []

    def test_may_carry_the_reference_in_its_content(self, turn, unit):
        deployed(turn, by_message())

        receive_message(turn, "m1", "henvisning", payload={"reference": "T-08"})

        assert [case.reference for case in cases(turn)] == ["T-08"]

    def test_begins_one_case_however_often_it_is_sent(self, turn, unit):
        deployed(turn, by_message())
        receive_message(turn, "m1", "henvisning", correlation="T-07")

        again = receive_message(turn, "m1", "henvisning", correlation="T-07")

        assert again == "duplicate"
        assert len(cases(turn)) == 1

    def test_waits_while_the_reference_has_an_active_case(self, turn, unit):
        deployed(turn, by_message())
        receive_message(turn, "m1", "henvisning", correlation="T-07")

        second = receive_message(turn, "m2", "henvisning", correlation="T-07")

        assert second == "waiting"
        assert deliver_waiting_message(turn) is None
        assert len(cases(turn)) == 1

    def test_that_waited_begins_a_case_when_the_one_before_is_over(self, turn, unit):
        deployed(turn, by_message())
        leader = person_of(make.account(turn.session, "leder"))
        receive_message(turn, "m1", "henvisning", correlation="T-07")
        receive_message(turn, "m2", "henvisning", correlation="T-07")
        cancel_case(turn, cases(turn)[0].id, "fejl", leader)

        assert deliver_waiting_message(turn) is not None
        assert [case.state for case in cases(turn)] == ["cancelled", "active"]

    def test_goes_to_a_case_that_waits_for_it_first(self, turn, unit):
        case = begun(turn, "modtag", by_message(), reference="T-07")
        waiting = case.definition.key, turn.session.scalars(select(UserTask)).all()

        state = receive_message(turn, "m1", "henvisning", correlation="T-07")

        assert waiting == ("modtag", [])
        assert state == "delivered"
        assert len(cases(turn)) == 1
        assert turn.session.scalars(select(UserTask)).one().element == "laes"

    def test_to_a_case_by_its_id_begins_none(self, turn, unit):
        case = begun(turn, "modtag", by_message(), reference="T-07")
        receive_message(turn, "m1", "henvisning", case.id)

        assert receive_message(turn, "m2", "henvisning", case.id) == "waiting"
        assert len(cases(turn)) == 1

    def test_begins_in_the_newest_version(self, turn, unit):
        deployed(turn, by_message())
        deployed(turn, by_message(task="ny"))

        receive_message(turn, "m1", "henvisning")

        assert turn.session.scalars(select(UserTask)).one().element == "ny"
        assert len(starts(turn)) == 1

    def test_begins_nothing_any_more_when_the_newest_version_lacks_it(self, turn, unit):
        deployed(turn, by_message())
        deployed(turn, process("modtag", timed("timeDuration", "P9D")))

        assert receive_message(turn, "m1", "henvisning") == "waiting"
        assert cases(turn) == []

    def test_is_refused_if_several_processes_begin_with_it(self, turn, unit):
        deployed(turn, by_message())
        deployed(turn, by_message("andet"))

        with pytest.raises(AmbiguousMessage):
            receive_message(turn, "m1", "henvisning")

    def test_belongs_to_the_unit_of_its_sender(self, turn, unit):
        make.unit(turn.session, "odense")
        deployed(turn, by_message())

        receive_message(turn, "m1", "henvisning", unit="odense", by="ssp")

        [case] = cases(turn)
        assert (case.unit_id, case.created_by) == ("odense", "ssp")

    def test_belongs_where_the_process_says(self, turn, unit):
        make.unit(turn.session, "odense")
        deployed(turn, by_message(unit="aalborg"))

        receive_message(turn, "m1", "henvisning", unit="odense")

        assert cases(turn)[0].unit_id == "aalborg"

    def test_is_refused_when_nobody_says_where_the_case_belongs(self, turn, unit):
        make.unit(turn.session, "odense")
        deployed(turn, by_message())

        with pytest.raises(UnitNotFound):
            receive_message(turn, "m1", "henvisning")


class TestATimer:
    def test_begins_a_case_when_it_is_due(self, turn, unit):
        deployed(turn, by_time("P3D", "timeDuration"))

        assert fire_due_start(later(turn, 2 * DAY)) is False
        assert fire_due_start(later(turn, 3 * DAY)) is True
        assert fire_due_start(later(turn, 9 * DAY)) is False
        [case] = cases(turn)
        assert (case.created_by, case.reference) == ("Vejviser", "")
        assert starts(turn)["begynd"].state == "spent"
        assert list(check_case(turn, case.id)) == []

    def test_that_repeats_begins_a_case_each_time(self, turn, unit):
        deployed(turn, by_time("R3/P7D"))
        after = later(turn, 60 * DAY)

        assert [fire_due_start(after) for _ in range(4)] == [True, True, True, False]
        assert len(cases(turn)) == 3

    def test_says_when_it_is_due_next(self, turn, unit):
        deployed(turn, by_time("R/P7D"))

        assert first_start_due(turn) == turn.now + 7 * DAY
        fire_due_start(later(turn, 8 * DAY))
        assert first_start_due(turn) == turn.now + 14 * DAY

    def test_goes_on_counting_in_a_new_version(self, turn, unit):
        deployed(turn, by_time("R/P7D"))

        deployed(later(turn, 5 * DAY), by_time("R/P7D", task="ny"))

        assert first_start_due(turn) == turn.now + 7 * DAY
        fire_due_start(later(turn, 7 * DAY))
        assert turn.session.scalars(select(UserTask)).one().element == "ny"

    def test_counts_anew_when_it_is_drawn_anew(self, turn, unit):
        deployed(turn, by_time("R/P7D"))

        deployed(later(turn, 5 * DAY), by_time("R/P14D"))

        assert first_start_due(turn) == turn.now + 19 * DAY

    def test_that_has_rung_does_not_ring_again_in_a_new_version(self, turn, unit):
        deployed(turn, by_time("P1D", "timeDuration"))
        fire_due_start(later(turn, DAY))

        deployed(later(turn, 2 * DAY), by_time("P1D", "timeDuration", task="ny"))

        assert first_start_due(turn) is None

    def test_that_is_over_when_it_is_deployed_is_told_of(self, turn, unit):
        done = deployed(turn, by_time("2020-01-01", "timeDate"))

        assert "start-in-the-past" in {problem.rule for problem in done.warnings}
        assert first_start_due(turn) is None

    def test_without_a_unit_is_told_of_and_set_aside(self, turn, unit):
        make.unit(turn.session, "odense")
        done = deployed(turn, by_time("P1D", "timeDuration"))

        assert "start-without-unit" in {problem.rule for problem in done.warnings}
        with pytest.raises(StartFailed):
            fire_due_start(later(turn, DAY))

    def test_that_cannot_be_computed_refuses_the_deployment(self, turn, unit):
        with pytest.raises(DiagramsRefused) as refusal:
            deployed(turn, by_time("=alder", "timeDuration"))

        assert [problem.rule for problem in refusal.value.problems] == ["start-time"]

    def test_counts_what_follows_from_its_due_time(self, turn, unit):
        files = {
            "ugentlig.bpmn": diagrams.diagram(
                "ugentlig",
                event_start(timed("timeDuration", "P1D")),
                diagrams.user_task("laes", deadline="P2D"),
                diagrams.end(),
                flow="begynd>laes>slut",
                lanes={"Visitator": "laes"},
            )
        }
        deployed(turn, files)

        fire_due_start(later(turn, 10 * DAY))

        assert turn.session.scalars(select(UserTask)).one().due_at == turn.now + 3 * DAY


class TestASignal:
    def test_begins_a_case_of_each_process_that_listens(self, turn, unit):
        deployed(turn, LISTENER)
        deployed(
            turn,
            process("lytter2", '<bpmn:signalEventDefinition id="s" signalRef="alarm"/>', SIGNAL),
        )

        begun(turn, "raaber", CALLER)
        while deliver_waiting_message(turn):
            pass

        assert len(cases(turn, "lytter")) == len(cases(turn, "lytter2")) == 1

    def test_begins_none_of_a_process_that_listens_no_more(self, turn, unit):
        deployed(turn, LISTENER)
        begun(turn, "raaber", CALLER)
        deployed(turn, process("lytter", timed("timeDuration", "P1D")))

        while deliver_waiting_message(turn):
            pass

        assert cases(turn, "lytter") == []
        assert turn.session.scalar(select(func.count()).select_from(Message)) == 1


class TestACaseThatSomebodyRegisters:
    def test_waits_at_the_start_events(self, turn, unit):
        case = begun(turn, "ugentlig", by_time("P3D", "timeDuration"))

        assert turn.session.scalars(select(UserTask)).all() == []
        assert case.state == "active"
        assert list(check_case(turn, case.id)) == []
