"""Series of dates and invitations: what lands in diagrams and in calendars."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from icalendar import Calendar

from handlers import HANDLERS
from handlers.errors import BadParameters, PrivateText

plan = HANDLERS["deadline/Plan"]
invite = HANDLERS["calendar/Invite"]
meet = HANDLERS["calendar/NextMeeting"]

MEETING = {"to": ["mentor@example.org"], "title": "Visitationsmøde", "start": "2026-07-01T10:00"}


class TestPlanDeadlines:
    def test_names_each_date_of_the_series(self, job, ports):
        wanted = [
            {"name": "efter_1", "duration": "P1M"},
            {"name": "efter_3", "duration": "P3M", "roll": "forward"},
        ]

        done = plan({"start": "2026-01-31T09:00:00+01:00", "deadlines": wanted}, job, ports)

        assert done.result == {
            "efter_1": "2026-02-28T09:00:00+01:00",
            "efter_3": "2026-04-30T09:00:00+02:00",
        }
        assert done.kinds == {"/efter_1": "date and time", "/efter_3": "date and time"}

    def test_skips_the_days_on_which_the_unit_is_closed(self, job, ports):
        closed = replace(job, closing_days=frozenset({date(2026, 2, 3)}))
        wanted = [{"name": "svar", "duration": "P1D", "calendar": "working"}]

        done = plan({"start": "2026-02-02T09:00:00+01:00", "deadlines": wanted}, closed, ports)

        assert done.result == {"svar": "2026-02-04T09:00:00+01:00"}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": "a", "duration": "en måned"},
            {"name": "a", "duration": "P1M", "calendar": "working"},
            {"name": "a", "duration": "P1M", "calendar": "maya"},
            {"name": "a"},
            {"duration": "P1M"},
        ],
    )
    def test_says_which_date_cannot_be_counted(self, job, ports, wrong):
        with pytest.raises(BadParameters, match="deadlines"):
            plan({"start": "2026-01-31", "deadlines": [wrong]}, job, ports)


class TestSendInvitation:
    def event(self, ports):
        [mail] = ports.mail.sent
        [_, part] = mail.iter_parts()
        calendar = Calendar.from_ical(part.get_content())
        assert calendar["METHOD"] == "REQUEST"
        [event] = calendar.walk("VEVENT")
        return event

    def test_asks_for_the_right_hour_in_summer(self, job, ports):
        invite(MEETING | {"minutes": 90}, job, ports)

        event = self.event(ports)
        assert event.decoded("dtstart") == datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
        assert event.decoded("dtend") == datetime(2026, 7, 1, 9, 30, tzinfo=UTC)

    def test_keeps_one_meeting_however_often_it_is_sent(self, job, ports):
        done = invite(MEETING, job, ports)

        assert str(self.event(ports)["UID"]) == f"{job.key}@vejviser.local" == done.result["uid"]

    def test_mentions_the_person_by_reference_only(self, job, ports):
        invite(MEETING, job, ports)

        assert str(self.event(ports)["SUMMARY"]) == "Visitationsmøde (T-01)"

    @pytest.mark.parametrize("field", ["title", "place"])
    def test_refuses_a_name_in_the_calendar(self, job, ports, field):
        known = replace(job, private=frozenset({"Efternavn"}))

        with pytest.raises(PrivateText):
            invite(MEETING | {field: "Hos Efternavn"}, known, ports)

        assert ports.mail.sent == []

    def test_says_what_time_in_words(self, job, ports):
        invite(MEETING, job, ports)

        [mail] = ports.mail.sent
        [words, _] = mail.iter_parts()
        assert "01.07.2026 kl. 10.00, 60 minutter" in words.get_content()


TASKFORCE = {"first": "2025-04-03T13:00", "agenda": "P3D", "lasts": "PT2H"}


class TestFindMeeting:
    def at(self, job, ports, year, month, day, hour=8, **facts):
        now = datetime(year, month, day, hour, tzinfo=UTC)
        return meet(TASKFORCE, replace(job, now=now, **facts), ports)

    def test_takes_the_next_of_the_series(self, job, ports):
        done = self.at(job, ports, 2026, 3, 9)

        assert done.result == {
            "planned": "2026-03-19T13:00:00+01:00",
            "at": "2026-03-19T13:00:00+01:00",
            "agenda_closes": "2026-03-16T13:00:00+01:00",
            "ends": "2026-03-19T15:00:00+01:00",
            "moved": False,
        }
        assert done.kinds["/at"] == "date and time"

    def test_moves_maundy_thursday_past_easter_and_counts_the_agenda_from_there(self, job, ports):
        done = self.at(job, ports, 2026, 3, 23)

        assert done.result["planned"] == "2026-04-02T13:00:00+02:00"
        assert done.result["at"] == "2026-04-07T13:00:00+02:00"
        assert done.result["agenda_closes"] == "2026-03-30T13:00:00+02:00"
        assert done.result["moved"]

    def test_keeps_the_series_after_a_meeting_that_moved(self, job, ports):
        done = self.at(job, ports, 2026, 4, 8)

        assert done.result["at"] == "2026-04-16T13:00:00+02:00"

    def test_takes_the_one_after_when_the_agenda_is_closed(self, job, ports):
        open_, closed = (self.at(job, ports, 2026, 3, 16, hour) for hour in (11, 12))

        assert open_.result["planned"] == "2026-03-19T13:00:00+01:00"
        assert closed.result["planned"] == "2026-04-02T13:00:00+02:00"

    def test_takes_the_time_of_day_from_a_parameter_of_its_own(self, job, ports):
        now = datetime(2026, 3, 23, 8, tzinfo=UTC)
        asked = {**TASKFORCE, "first": "2025-04-03", "clock": "09:30"}

        done = meet(asked, replace(job, now=now), ports)

        assert done.result["at"] == "2026-04-07T09:30:00+02:00"

    def test_avoids_days_the_unit_is_closed(self, job, ports):
        closed = frozenset({date(2026, 3, 19), date(2026, 3, 20)})

        done = self.at(job, ports, 2026, 3, 9, closing_days=closed)

        assert done.result["at"] == "2026-03-23T13:00:00+01:00"

    @pytest.mark.parametrize("wrong", [{"interval": "hver uge"}, {"first": "1903-01-01"}])
    def test_refuses_a_series_that_leads_nowhere(self, job, ports, wrong):
        if "first" in wrong:
            wrong = {**wrong, "interval": "P1D"}
        with pytest.raises(BadParameters):
            meet({**TASKFORCE, **wrong}, job, ports)
