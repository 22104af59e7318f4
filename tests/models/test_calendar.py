"""Due times: month ends, summer time, holidays, and the lines that explain them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import (
    COPENHAGEN,
    CalendarError,
    NotACycle,
    NotADuration,
    NotAnInstant,
    NotAnOffset,
    TooLong,
    UncountableUnit,
    UnknownRule,
    due,
    is_weekday,
    is_working_day,
    kept,
    next_working_day,
    nth,
    offset,
    parse_cycle,
    parse_duration,
    parse_instant,
    previous_working_day,
    public_holidays,
    working_days_between,
)


def local(*parts: int) -> datetime:
    """A wall time in Copenhagen."""
    return datetime(*parts, tzinfo=COPENHAGEN)  # type: ignore[misc,arg-type]


def danish(start: datetime, duration: str, **rule: Any) -> list[str]:
    """The arithmetic as a Danish reader sees it."""
    return [line.da for line in due(start, duration, **rule).lines]


class TestDueInMonths:
    def test_ends_a_course_begun_31_october_on_the_last_day_of_february(self):
        assert due(local(2026, 10, 31, 9), "P4M").at == local(2027, 2, 28, 9)

    def test_ends_it_on_the_29th_in_a_leap_year(self):
        assert due(local(2027, 10, 31, 9), "P4M").at == local(2028, 2, 29, 9)

    def test_keeps_date_number_and_time_across_the_end_of_summer_time(self):
        reached = due(local(2026, 9, 29, 9), "P4M")

        assert reached.at == local(2027, 1, 29, 9)
        assert reached.at.isoformat() == "2027-01-29T09:00:00+01:00"

    def test_turns_a_sentence_final_on_31_january_red_on_28_february(self):
        reached = due(local(2026, 1, 31, 9), "P1M")

        assert reached.at == local(2026, 2, 28, 9)
        assert [line.da for line in reached.lines] == [
            "31/1 2026 + 1 måned = 28/2 2026 (februar har 28 dage)"
        ]
        assert [line.en for line in reached.lines] == [
            "31 January 2026 + 1 month = 28 February 2026 (February has 28 days)"
        ]

    def test_rolls_forward_to_monday_when_asked(self):
        reached = due(local(2026, 1, 31, 9), "P1M", roll="forward")

        assert reached.at == local(2026, 3, 2, 9)
        assert reached.lines[1].da == "28/2 er en lørdag → mandag 2/3"
        assert reached.lines[1].en == "28 February is a Saturday → Monday 2 March"

    def test_rolls_back_to_friday_when_asked(self):
        assert due(local(2026, 1, 31, 9), "P1M", roll="back").at == local(2026, 2, 27, 9)

    def test_adds_months_first_then_days_then_hours(self):
        assert due(local(2026, 1, 31, 9), "P1Y1M2W1DT4H30M").at == local(2027, 3, 15, 13, 30)
        assert danish(local(2026, 1, 31, 9), "P1Y1M2W1DT4H30M") == [
            "31/1 2026 + 1 år og 1 måned = 28/2 2027 (februar har 28 dage)",
            "28/2 2027 + 2 uger og 1 dag = 15/3 2027",
            "15/3 2027 kl. 09.00 + 4 timer og 30 minutter = 15/3 2027 kl. 13.30",
        ]

    def test_looks_back_for_a_negative_duration(self):
        assert due(local(2026, 3, 31, 9), "-P1M").at == local(2026, 2, 28, 9)

    def test_counts_from_the_day_in_copenhagen(self):
        late_evening = datetime(2026, 1, 30, 23, 30, tzinfo=UTC)

        assert due(late_evening, "P1M").at == local(2026, 2, 28, 0, 30)


class TestDueAcrossSummerTime:
    def test_keeps_the_time_of_day_in_local_days(self):
        assert due(local(2026, 3, 28, 9), "P1D").at == local(2026, 3, 29, 9)

    def test_lets_24_hours_pass_on_the_clock_in_spring(self):
        reached = due(local(2026, 3, 28, 9), "PT24H", calendar="clock")

        assert reached.at == local(2026, 3, 29, 10)
        assert reached.lines[1].da.startswith("undervejs begynder sommertiden")

    def test_lets_24_hours_pass_on_the_clock_in_autumn(self):
        reached = due(local(2026, 10, 24, 9), "P1D", calendar="clock")

        assert reached.at == local(2026, 10, 25, 8)
        assert reached.lines[0].da == "24/10 2026 kl. 09.00 + 1 døgn = 25/10 2026 kl. 08.00"

    def test_moves_a_skipped_time_forward_and_says_so(self):
        reached = due(local(2026, 3, 28, 2, 30), "P1D")

        assert reached.at.isoformat() == "2026-03-29T03:30:00+02:00"
        assert reached.lines[1].da == (
            "29/3 findes kl. 02.30 ikke, fordi sommertiden begynder → kl. 03.30"
        )

    def test_returns_to_the_time_asked_for_when_rolled_off_that_day(self):
        assert due(local(2026, 3, 28, 2, 30), "P1D", roll="forward").at == local(2026, 3, 30, 2, 30)

    def test_takes_the_first_of_a_time_that_comes_twice(self):
        reached = due(local(2026, 10, 24, 2, 30), "P1D")

        assert reached.at.isoformat() == "2026-10-25T02:30:00+02:00"
        assert reached.lines[1].en.endswith("the first counts")

    def test_adds_hours_after_the_date_part_as_they_pass(self):
        assert due(local(2026, 3, 27, 9), "P1DT24H").at == local(2026, 3, 29, 10)


class TestDueInWorkingDays:
    def test_lands_after_easter_monday_from_the_wednesday_before(self):
        reached = due(local(2026, 4, 1, 9), "P5D", calendar="working")

        assert reached.at == local(2026, 4, 13, 9)
        assert reached.lines[0].da == "onsdag 1/4 2026 + 5 arbejdsdage = mandag 13/4 2026"
        assert reached.lines[1].da == (
            "sprunget over: torsdag 2/4 (skærtorsdag), fredag 3/4 (langfredag), lørdag 4/4, "
            "søndag 5/4 (påskedag), mandag 6/4 (anden påskedag), lørdag 11/4, søndag 12/4"
        )

    def test_counts_saturdays_as_hverdage(self):
        assert due(local(2026, 4, 1, 9), "P6D", calendar="weekday").at == local(2026, 4, 11, 9)

    def test_skips_the_units_closing_days_and_names_them(self):
        closed = frozenset({date(2026, 5, 1)})
        reached = due(local(2026, 4, 30, 9), "P1D", calendar="working", closing_days=closed)

        assert reached.at == local(2026, 5, 4, 9)
        assert reached.lines[1].da == "sprunget over: fredag 1/5 (lukkedag), lørdag 2/5, søndag 3/5"

    def test_leaves_closing_days_in_hverdage(self):
        closed = frozenset({date(2026, 5, 1)})

        assert due(
            local(2026, 4, 30, 9), "P1D", calendar="weekday", closing_days=closed
        ).at == local(2026, 5, 1, 9)

    def test_counts_weekends_of_a_long_wait_instead_of_naming_them(self):
        lines = danish(local(2026, 4, 1, 9), "P30D", calendar="working")

        assert lines[1].endswith("13 weekenddage")

    def test_starts_on_monday_when_the_trigger_is_on_saturday(self):
        assert due(local(2026, 1, 31, 9), "P1D", calendar="working").at == local(2026, 2, 2, 9)

    def test_moves_on_when_added_hours_end_on_a_weekend(self):
        assert due(local(2026, 1, 30, 9), "PT24H", calendar="working").at == local(2026, 2, 2, 9)

    def test_counts_backward_for_a_negative_duration(self):
        assert due(local(2026, 4, 7, 9), "-P1D", calendar="working").at == local(2026, 4, 1, 9)

    @pytest.mark.parametrize("duration", ["P1M", "P1Y", "P2W", "P1M10D"])
    @pytest.mark.parametrize("calendar", ["working", "weekday"])
    def test_refuses_units_that_are_no_number_of_days(self, calendar, duration):
        with pytest.raises(UncountableUnit, match="such as P10D") as refused:
            due(local(2026, 1, 31, 9), duration, calendar=calendar)

        assert "skriv dem som dage" in refused.value.da

    def test_no_longer_keeps_store_bededag(self):
        assert date(2023, 5, 5) in public_holidays(2023)
        assert date(2024, 4, 26) not in public_holidays(2024)


class TestDueRefuses:
    def test_a_start_without_a_zone(self):
        with pytest.raises(ValueError, match="no time zone"):
            due(datetime(2026, 1, 1), "P1D")  # noqa: DTZ001 -- the point of it

    def test_unknown_calendars_and_rolls_naming_the_known(self):
        with pytest.raises(UnknownRule, match="clock, local, working, weekday"):
            due(local(2026, 1, 1), "P1D", calendar="business")
        with pytest.raises(UnknownRule, match="none, forward, back"):
            due(local(2026, 1, 1), "P1D", roll="up")

    @pytest.mark.parametrize("calendar", ["clock", "local", "working", "weekday"])
    def test_what_leaves_the_calendar(self, calendar):
        with pytest.raises(TooLong):
            due(datetime(9999, 12, 30, tzinfo=UTC), "P40D", calendar=calendar)

    def test_months_that_leave_the_calendar(self):
        with pytest.raises(TooLong, match="P2M"):
            due(local(9999, 12, 30), "P2M")


class TestParseDuration:
    @pytest.mark.parametrize(
        "text", ["", "P", "PT", "P1MT", "P1S", "1 month", "P1M2", "P٣D", "P1D P2D", "R/P1D"]
    )
    def test_refuses_what_is_no_duration_and_says_what_to_write(self, text):
        with pytest.raises(NotADuration, match="write P4M") as refused:
            parse_duration(text)

        assert "skriv P4M for fire måneder" in refused.value.da

    @pytest.mark.parametrize("text", ["PT1.5H", "P0,5M", "PT0.25S"])
    def test_refuses_fractions_by_name(self, text):
        with pytest.raises(NotADuration, match="whole numbers"):
            parse_duration(text)

    @pytest.mark.parametrize("text", ["P101Y", "P999999999D", "PT999999999H"])
    def test_refuses_more_than_a_lifetime(self, text):
        with pytest.raises(TooLong):
            parse_duration(text)

    def test_reads_several_units_and_spaces_around(self):
        length = parse_duration(" P1Y2M3W4DT5H6M7S\n")

        assert (length.total_months, length.total_days) == (14, 25)
        assert length.elapsed == timedelta(hours=5, minutes=6, seconds=7)


class TestParseCycle:
    def test_reads_count_start_and_duration(self):
        cycle = parse_cycle("R5/2026-01-01T09:00:00+01:00/P1M")

        assert (cycle.count, cycle.start, cycle.duration) == (5, local(2026, 1, 1, 9), "P1M")

    def test_reads_a_repetition_without_end(self):
        cycle = parse_cycle("R/PT24H")

        assert (cycle.count, cycle.start, cycle.duration) == (None, None, "PT24H")

    @pytest.mark.parametrize(
        "text", ["P1D", "R0/P1D", "R/P0D", "R-1/P1D", "0 9 * * 1", "R/P1M/2026-01-01", "R3"]
    )
    def test_refuses_what_never_happens_or_never_advances(self, text):
        with pytest.raises(NotACycle, match="R/P14D"):
            parse_cycle(text)

    def test_refuses_a_start_that_is_no_instant(self):
        with pytest.raises(NotAnInstant):
            parse_cycle("R3/tomorrow/P1D")


class TestNth:
    def test_does_not_let_month_ends_creep(self):
        anchor = local(2026, 1, 31, 9)
        days = [nth(anchor, "P1M", n).at.date() for n in range(4)]

        assert days == [
            date(2026, 1, 31),
            date(2026, 2, 28),
            date(2026, 3, 31),
            date(2026, 4, 30),
        ]

    def test_rolls_each_repetition_from_its_own_day(self):
        anchor = local(2026, 4, 30, 9)
        series = [nth(anchor, "P14D", n, roll="forward").at.date() for n in (1, 2)]

        assert series == [date(2026, 5, 15), date(2026, 5, 28)]

    def test_refuses_to_count_backward(self):
        with pytest.raises(ValueError, match="counted from 0"):
            nth(local(2026, 1, 1), "P1D", -1)

    def test_refuses_repetitions_that_leave_the_calendar(self):
        with pytest.raises(TooLong):
            nth(local(2026, 1, 1), "P1Y", 1000)


class TestOffset:
    start, end = local(2026, 1, 1, 9), local(2026, 5, 1, 9)

    def test_counts_a_negative_duration_from_the_due_time(self):
        assert offset(self.start, self.end, "-P14D").at == local(2026, 4, 17, 9)

    def test_counts_a_positive_duration_from_the_start(self):
        assert offset(self.start, self.end, "P14D").at == local(2026, 1, 15, 9)

    def test_counts_working_days_before_the_due_time(self):
        reached = offset(self.start, local(2026, 4, 7, 9), "-P2D", calendar="working")

        assert reached.at == local(2026, 3, 31, 9)

    def test_finds_half_way_in_the_time_that_passes(self):
        reached = offset(self.start, self.end, "50%")

        assert reached.at == local(2026, 3, 2, 8, 30)
        assert reached.lines[0].da.startswith("50 % af tiden fra 1/1 2026 kl. 09.00")

    @pytest.mark.parametrize("text", ["101%", "%", "-10%", "half", "50.5%", "14"])
    def test_refuses_what_places_nothing(self, text):
        with pytest.raises(NotAnOffset, match="half-way"):
            offset(self.start, self.end, text)


class TestKept:
    def test_keeps_the_hours_on_the_clock(self):
        due = kept(
            local(2026, 3, 28, 12), local(2026, 3, 28, 9), local(2026, 3, 29, 1), calendar="clock"
        )

        assert due == local(2026, 3, 29, 5)

    def test_keeps_days_and_time_of_day_on_the_wall(self):
        due = kept(local(2026, 3, 28, 12), local(2026, 3, 20, 10), local(2026, 3, 27, 10))

        assert due == local(2026, 4, 4, 12)

    def test_keeps_the_number_of_working_days(self):
        """Two were left before Easter; Maundy Thursday to Easter Monday do not count."""
        since, until = local(2026, 3, 24, 10), local(2026, 4, 1, 10)

        due = kept(local(2026, 3, 26, 9), since, until, calendar="working")

        assert due == local(2026, 4, 8, 9)

    def test_never_lands_on_a_day_that_does_not_count(self):
        due = kept(
            local(2026, 1, 9, 15),
            local(2026, 1, 9, 10),
            local(2026, 1, 17, 10),
            calendar="working",
        )

        assert due == local(2026, 1, 19, 15)

    def test_looks_back_as_well_as_ahead(self):
        due = kept(
            local(2026, 1, 9, 10),
            local(2026, 1, 13, 10),
            local(2026, 1, 20, 10),
            calendar="working",
        )

        assert due == local(2026, 1, 16, 10)

    def test_rolls_as_the_deadline_does(self):
        due = kept(
            local(2026, 1, 9, 10), local(2026, 1, 8, 10), local(2026, 1, 16, 10), roll="forward"
        )

        assert due == local(2026, 1, 19, 10)


class TestParseInstant:
    def test_takes_a_date_as_the_start_of_that_day(self):
        assert parse_instant("2026-01-31").isoformat() == "2026-01-31T00:00:00+01:00"

    def test_takes_a_time_without_zone_as_copenhagen(self):
        assert parse_instant("2026-07-01T09:00").isoformat() == "2026-07-01T09:00:00+02:00"

    def test_shows_another_zone_in_copenhagen(self):
        assert parse_instant("2026-07-01T07:00:00Z").isoformat() == "2026-07-01T09:00:00+02:00"

    def test_moves_a_skipped_time_forward(self):
        assert parse_instant("2026-03-29T02:30").isoformat() == "2026-03-29T03:30:00+02:00"

    @pytest.mark.parametrize("text", ["", "31/1 2026", "2026-02-30", "now"])
    def test_refuses_the_rest_with_an_example(self, text):
        with pytest.raises(NotAnInstant, match="2026-01-31"):
            parse_instant(text)


class TestWorkingDays:
    def test_finds_the_neighbours_of_easter(self):
        assert next_working_day(date(2026, 4, 1)) == date(2026, 4, 7)
        assert previous_working_day(date(2026, 4, 7)) == date(2026, 4, 1)

    def test_knows_the_days_people_confuse(self):
        assert is_working_day(date(2026, 12, 24))
        assert not is_working_day(date(2026, 12, 24), frozenset({date(2026, 12, 24)}))
        assert is_weekday(date(2026, 5, 2))
        assert not is_weekday(date(2026, 12, 26))

    def test_counts_the_days_left_and_the_days_over(self):
        wednesday, monday = date(2026, 4, 1), date(2026, 4, 13)

        assert working_days_between(wednesday, monday) == 5
        assert working_days_between(monday, wednesday) == -5
        assert working_days_between(local(2026, 4, 1, 23), local(2026, 4, 1, 1)) == 0


STARTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 -- hypothesis adds the zone
    datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
DAYS = st.integers(0, 60)
CALENDARS = st.sampled_from(["clock", "local", "working", "weekday"])


@given(start=STARTS, days=DAYS, hours=st.integers(0, 30), calendar=CALENDARS)
def test_is_never_due_before_it_starts(start, days, hours, calendar):
    assert due(start, f"P{days}DT{hours}H", calendar=calendar).at.astimezone(UTC) >= start


@given(start=STARTS, months=st.integers(0, 240))
def test_never_passes_the_end_of_the_month_it_aims_at(start, months):
    reached = due(start, f"P{months}M").at.date()
    begun = start.astimezone(COPENHAGEN).date()

    assert 12 * (reached.year - begun.year) + reached.month - begun.month == months
    assert reached.day <= begun.day
    assert reached.day == begun.day or (reached + timedelta(days=1)).day == 1


@given(start=STARTS, days=DAYS, hours=st.integers(0, 30))
def test_falls_on_a_working_day_in_working_days(start, days, hours):
    assert is_working_day(due(start, f"P{days}DT{hours}H", calendar="working").at.date())


@given(start=STARTS, days=DAYS, calendar=CALENDARS, roll=st.sampled_from(["forward", "back"]))
def test_falls_on_a_working_day_when_rolled(start, days, calendar, roll):
    assert is_working_day(due(start, f"P{days}D", calendar=calendar, roll=roll).at.date())


@given(start=STARTS, days=st.integers(1, 60))
def test_working_days_counted_back_match_those_counted_forward(start, days):
    reached = due(start, f"P{days}D", calendar="working").at

    assert working_days_between(start, reached) == days


@given(start=STARTS, length=st.integers(0, 400), percent=st.sampled_from([0, 100]))
def test_the_ends_of_a_share_are_start_and_due(start, length, percent):
    end = due(start, f"P{length}D").at
    reached = offset(start, end, f"{percent}%").at

    assert reached.astimezone(UTC) == (end.astimezone(UTC) if percent else start)


@given(start=STARTS, later=st.integers(0, 90), months=st.integers(0, 12), days=DAYS)
def test_who_starts_on_a_later_day_is_never_due_on_an_earlier_one(start, later, months, days):
    first = due(start, f"P{months}M{days}D").at.date()
    second = due(start + timedelta(days=later), f"P{months}M{days}D").at.date()

    assert first <= second


@given(start=STARTS, later=st.integers(0, 30), days=DAYS)
def test_working_days_keep_the_order_of_starts(start, later, days):
    first = due(start, f"P{days}D", calendar="working").at.date()
    second = due(start + timedelta(days=later), f"P{days}D", calendar="working").at.date()

    assert first <= second


@given(text=st.text("PRT0123456789YMWDHS-+/.,%", max_size=12))
def test_any_text_is_read_or_refused_as_a_calendar_error(text):
    for parse in (parse_duration, parse_cycle, parse_instant):
        with suppress(CalendarError):
            parse(text)


@given(start=STARTS, days=st.integers(1, 60), calendar=CALENDARS)
def test_a_stop_without_length_changes_nothing(start, days, calendar):
    end = due(start, f"P{days}D", calendar=calendar).at

    assert kept(end, start, start, calendar=calendar) == end
