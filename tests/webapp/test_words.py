from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import Babel

from webapp import words
from webapp.answers import as_words
from webapp.deadline_badge import Level, badge

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Europe/Copenhagen"))
CASES = [
    (timedelta(hours=2), "i dag kl. 14", "today at 14:00"),
    (timedelta(days=1, minutes=5), "i morgen kl. 12.05", "tomorrow at 12:05"),
    (timedelta(days=-1), "i går kl. 12", "yesterday at 12:00"),
    (timedelta(days=3), "om 3 dage, to. 26/11", "in 3 days, Thu 26 Nov"),
    (timedelta(days=-4), "for 4 dage siden, to. 19/11", "4 days ago, Thu 19 Nov"),
    (timedelta(days=30), "on. 23/12", "Wed 23 Dec"),
    (timedelta(days=60), "fr. 22/1 2027", "Fri 22 Jan 2027"),
]


@pytest.fixture(params=["da", "en"])
def language(request):
    """A request in one language."""
    from webapp.translation import FOLDER, compile_translations

    compile_translations()
    app = Flask(__name__)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER)
    Babel(app, locale_selector=lambda: request.param)
    with app.test_request_context():
        yield request.param


class TestWhen:
    @pytest.mark.parametrize(("ahead", "danish", "english"), CASES)
    def test_says_it_as_a_colleague_would(self, language, ahead, danish, english):
        said = words.when(NOW + ahead, NOW)

        assert said == (danish if language == "da" else english)

    def test_counts_days_in_copenhagen(self, language):
        late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)

        assert words.when(late, NOW).startswith("i morgen" if language == "da" else "tomorrow")

    def test_is_exact_where_somebody_asks(self, language):
        exact = words.exact(NOW)

        danish = "mandag den 23. november 2026 kl. 12"
        assert exact == (danish if language == "da" else "Monday 23 November 2026 at 12:00")

    def test_carries_the_exact_time_beside_it(self, language):
        tag = words.time_tag(NOW, NOW)

        assert 'datetime="2026-11-23T12:00:00+01:00"' in tag
        assert words.exact(NOW) in tag

    def test_says_that_there_is_none(self, language):
        assert "ingen dato" in words.time_tag(None, NOW) or language == "en"


class TestSince:
    @pytest.mark.parametrize(
        ("waited", "danish", "english"),
        [
            (timedelta(seconds=5), "lige nu", "just now"),
            (timedelta(minutes=1), "1 minut", "1 minute"),
            (timedelta(hours=3), "3 timer", "3 hours"),
            (timedelta(days=2), "2 dage", "2 days"),
            (timedelta(days=-2), "lige nu", "just now"),
        ],
    )
    def test_says_how_long_something_has_waited(self, language, waited, danish, english):
        assert words.since(NOW - waited, NOW) == (danish if language == "da" else english)


class TestBadge:
    @pytest.mark.parametrize(
        ("started", "due", "level"),
        [
            (0, 30, Level.CALM),
            (-20, 14, Level.SOON),
            (-90, 20, Level.URGENT),
            (-1, 2, Level.URGENT),
            (-10, -1, Level.OVERDUE),
        ],
    )
    def test_hurries_with_the_time_that_is_left(self, language, started, due, level):
        shown = badge(NOW + timedelta(days=due), NOW, started_at=NOW + timedelta(days=started))

        assert shown.level is level

    def test_rests_while_paused(self, language):
        shown = badge(NOW - timedelta(days=1), NOW, paused_at=NOW)

        assert shown.level is Level.PAUSED
        assert shown.left == ""

    def test_counts_working_days_past_a_weekend(self, language):
        shown = badge(NOW + timedelta(days=7), NOW)

        assert shown.left == (
            "5 arbejdsdage tilbage" if language == "da" else "5 working days left"
        )

    def test_leaves_out_the_units_closing_days(self, language):
        closed = frozenset({(NOW + timedelta(days=1)).date()})

        shown = badge(NOW + timedelta(days=3), NOW, closing_days=closed)

        assert shown.level is Level.URGENT

    def test_never_relies_on_colour(self, language):
        assert all(badge(NOW + timedelta(days=n), NOW).word for n in (-3, 1, 60))


class TestAnswers:
    @pytest.mark.parametrize(
        ("value", "danish"),
        [
            (True, "ja"),
            (None, "–"),
            ("", "–"),
            ([], "–"),
            (["a", "b"], "a, b"),
            ("2026-11-23", "23. november 2026"),
            ("2026-11-23T12:00:00+01:00", "23/11 2026 kl. 12"),
            ("2026-13-45", "2026-13-45"),
            ({"dag": "mandag", "tid": None}, "dag: mandag; tid: –"),
            (3, "3"),
        ],
    )
    def test_reads_as_a_person_would_write_it(self, language, value, danish):
        said = as_words(value)

        assert said == danish or language == "en"
