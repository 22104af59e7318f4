"""Dates, times and counts as people say them, in the reader's language."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask_babel import get_locale, gettext, ngettext
from markupsafe import Markup

if TYPE_CHECKING:
    from datetime import date, datetime

ZONE = ZoneInfo("Europe/Copenhagen")
NEAR_DAYS = 6
WEEKDAYS_DA = ("ma.", "ti.", "on.", "to.", "fr.", "lø.", "sø.")


def when(moment: datetime, now: datetime) -> str:
    """Say a moment the way a colleague would: "i morgen kl. 9", "om 3 dage, to. 26/11"."""
    local, today = moment.astimezone(ZONE), now.astimezone(ZONE).date()
    days = (local.date() - today).days
    near = _near_day(days)
    if near:
        return gettext("%(day)s at %(time)s", day=near, time=clock_time(local))
    return _counted(days, short_day(local.date(), today))


def day(moment: datetime, now: datetime) -> str:
    """The same without the time of day."""
    local, today = moment.astimezone(ZONE), now.astimezone(ZONE).date()
    days = (local.date() - today).days
    return _near_day(days) or _counted(days, short_day(local.date(), today))


def exact(moment: datetime) -> str:
    """The full date and time in Copenhagen: "torsdag den 26. november 2026 kl. 9"."""
    local = moment.astimezone(ZONE)
    pattern = "full" if _is_danish() else "EEEE d MMMM y"
    written = format_date(local.date(), pattern, locale=get_locale())
    return gettext("%(day)s at %(time)s", day=written, time=clock_time(local))


def short_day(day: date, today: date) -> str:
    """Weekday and date, with the year when it is not this year: "to. 26/11"."""
    year = f" {day.year}" if day.year != today.year else ""
    if _is_danish():
        return f"{WEEKDAYS_DA[day.weekday()]} {day.day}/{day.month}{year}"
    return format_date(day, "EEE d MMM", locale="en") + year


def clock_time(moment: datetime) -> str:
    """Time of day in Copenhagen: "9", "9.05"; in English "9:05"."""
    local = moment.astimezone(ZONE)
    if not _is_danish():
        return format_time(local, "H:mm", locale="en", tzinfo=ZONE)
    return f"{local.hour}.{local.minute:02d}" if local.minute else str(local.hour)


def day_and_clock(moment: datetime) -> str:
    """A short exact stamp for logs and history: "26/11 2026 kl. 9.05"."""
    local = moment.astimezone(ZONE)
    if _is_danish():
        written = f"{local.day}/{local.month} {local.year}"
    else:
        written = format_date(local.date(), "d MMM y", locale="en")
    return gettext("%(day)s at %(time)s", day=written, time=clock_time(local))


def since(moment: datetime, now: datetime) -> str:
    """How long something has waited: "3 dage", "2 timer", "lige nu"."""
    waited = max(now - moment, timedelta())
    if waited < timedelta(minutes=1):
        return gettext("just now")
    if waited < timedelta(hours=1):
        minutes = int(waited.total_seconds() // 60)
        return ngettext("%(num)d minute", "%(num)d minutes", minutes)
    if waited < timedelta(days=1):
        hours = int(waited.total_seconds() // 3600)
        return ngettext("%(num)d hour", "%(num)d hours", hours)
    return ngettext("%(num)d day", "%(num)d days", waited.days)


def time_tag(moment: datetime | None, now: datetime, *, with_time: bool = True) -> Markup:
    """The moment in words, the exact time beside it for pointer and machine."""
    if moment is None:
        return Markup('<span class="quiet">{}</span>').format(gettext("no date"))
    said = when(moment, now) if with_time else day(moment, now)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.astimezone(ZONE).isoformat(), exact(moment), said
    )


def _near_day(days: int) -> str | None:
    names = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}
    return names.get(days)


def _counted(days: int, short: str) -> str:
    if 0 < days <= NEAR_DAYS:
        return gettext("in %(days)d days, %(date)s", days=days, date=short)
    if -NEAR_DAYS <= days < 0:
        return gettext("%(days)d days ago, %(date)s", days=-days, date=short)
    return short


def _is_danish() -> bool:
    return str(get_locale()) == "da"
