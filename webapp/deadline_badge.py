"""How a deadline looks everywhere: one level, one word, one shape, and the days that are left."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from flask_babel import gettext, ngettext

from models.workdays import working_days_between
from webapp.words import ZONE

if TYPE_CHECKING:
    from datetime import date, datetime

SOON_SHARE = 0.5
"""Yellow from here on: the share of the time that is left."""

URGENT_SHARE = 0.25
URGENT_WORKING_DAYS = 2


class Level(StrEnum):
    """How much a deadline hurries; the value is the CSS suffix and the filter's word."""

    CALM = "calm"
    SOON = "soon"
    URGENT = "urgent"
    OVERDUE = "missed"
    PAUSED = "paused"


@dataclass(frozen=True)
class Badge:
    """What a reader sees of a deadline."""

    level: Level
    word: str
    """One word, so that colour is never alone."""

    left: str
    """The time that is left or over, in days people count."""


def badge(
    due_at: datetime,
    now: datetime,
    *,
    started_at: datetime | None = None,
    paused_at: datetime | None = None,
    closing_days: frozenset[date] = frozenset(),
) -> Badge:
    """The badge of one open deadline."""
    level = level_of(
        due_at, now, started_at=started_at, paused_at=paused_at, closing_days=closing_days
    )
    return Badge(level, word_of(level), left_of(due_at, now, level, closing_days))


def level_of(
    due_at: datetime,
    now: datetime,
    *,
    started_at: datetime | None = None,
    paused_at: datetime | None = None,
    closing_days: frozenset[date] = frozenset(),
) -> Level:
    """Yellow at half the time left, orange at a quarter or two working days, red when over."""
    if paused_at is not None:
        return Level.PAUSED
    if now > due_at:
        return Level.OVERDUE
    share = _share_left(due_at, now, started_at)
    if (
        share <= URGENT_SHARE
        or working_days_between(now, due_at, closing_days) <= URGENT_WORKING_DAYS
    ):
        return Level.URGENT
    return Level.SOON if share <= SOON_SHARE else Level.CALM


def word_of(level: Level) -> str:
    """The level's word in the reader's language."""
    return {
        Level.CALM: gettext("calm"),
        Level.SOON: gettext("soon"),
        Level.URGENT: gettext("urgent"),
        Level.OVERDUE: gettext("overdue"),
        Level.PAUSED: gettext("paused"),
    }[level]


def left_of(
    due_at: datetime, now: datetime, level: Level, closing_days: frozenset[date] = frozenset()
) -> str:
    """Such as "3 arbejdsdage tilbage", "2 dage over"; nothing for a paused deadline."""
    if level is Level.PAUSED:
        return ""
    days = (due_at.astimezone(ZONE).date() - now.astimezone(ZONE).date()).days
    if level is Level.OVERDUE:
        return ngettext("%(num)d day over", "%(num)d days over", -days) if days else ""
    if days == 0:
        return gettext("today")
    left = working_days_between(now, due_at, closing_days)
    return ngettext("%(num)d working day left", "%(num)d working days left", left)


def _share_left(due_at: datetime, now: datetime, started_at: datetime | None) -> float:
    if started_at is None or due_at <= started_at:
        return 1.0
    return (due_at - now) / (due_at - started_at)
