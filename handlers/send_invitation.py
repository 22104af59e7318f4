"""Invite people to a meeting in their own calendars; `calendar/Invite` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from icalendar import Calendar, Event, vCalAddress
from marshmallow import fields
from marshmallow.validate import Range

from handlers.contract import Done, Words, handler, parameter
from handlers.letters import DOMAIN, letter
from handlers.privacy import refuse_private_text
from handlers.reads import Addresses, Instant, Line

if TYPE_CHECKING:
    from datetime import datetime

    from handlers.contract import JobContext
    from handlers.ports import Ports

LONGEST_MINUTES = 24 * 60


@dataclass(frozen=True)
class Meeting:
    """When, where, about what, and who comes."""

    to: tuple[str, ...] = parameter(
        Addresses(), Words("Til", "To"), kind="list", example='"mentor@example.org"'
    )
    title: str = parameter(Line(), Words("Titel", "Title"), example='"Visitationsmøde"')
    start: datetime = parameter(  # noqa: RUF009 - it is a dataclass field
        Instant(),
        Words("Begynder", "Starts"),
        kind="date and time",
        example="moede_tid",
    )
    minutes: int = parameter(
        fields.Integer(strict=True, validate=Range(1, LONGEST_MINUTES)),
        Words("Varighed i minutter", "Length in minutes"),
        kind="int",
        example="60",
        default=60,
    )
    place: str | None = parameter(
        Line(), Words("Sted", "Place"), example='"Mødelokale 2"', default=None
    )


@handler(
    "calendar/Invite",
    takes=Meeting,
    label=Words("Send mødeindkaldelse", "Send calendar invitation"),
    about=Words(
        "Sender en indkaldelse, som lægger sig i modtagerens kalender under sagens reference.",
        "Sends an invitation that lands in the reader's calendar under the case's reference.",
    ),
    faults=("MAIL_REFUSED",),
)
def send_invitation(meeting: Meeting, job: JobContext, ports: Ports) -> Done:
    """Send one invitation to everybody named; its UID is the result.

    Raises:
        Fault: MAIL_REFUSED, the server will never take it.
        TryAgain: the server is away or busy.
        PrivateText: title or place names a person.
    Source: RFC 5546, 3.2.2 (REQUEST); RFC 6047, 2.4.
    """
    refuse_private_text("place", meeting.place or "", job.private)
    subject = f"{meeting.title} ({job.case_reference})"
    message = letter(job, ports.mail.sender, meeting.to, subject, _in_words(meeting, subject))
    message.add_alternative(
        invitation(meeting, job, ports.mail.sender).to_ical().decode(),
        subtype="calendar",
        cte="quoted-printable",
        params={"method": "REQUEST"},
    )
    ports.mail.send(message)
    return Done({"uid": uid(job), "message_id": message["Message-ID"]})


def invitation(meeting: Meeting, job: JobContext, sender: str) -> Calendar:
    """The meeting as a calendar object, times in UTC."""
    calendar = Calendar()
    calendar.add("prodid", "-//Vejviser//DA")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    calendar.add_component(_event(meeting, job, sender))
    return calendar


def uid(job: JobContext) -> str:
    """The same for every attempt of one job, so calendars keep one meeting."""
    return f"{job.key}@{DOMAIN}"


def _event(meeting: Meeting, job: JobContext, sender: str) -> Event:
    begins = meeting.start.astimezone(UTC)
    event = Event()
    event.add("uid", uid(job))
    event.add("dtstamp", job.now.astimezone(UTC))
    event.add("dtstart", begins)
    event.add("dtend", begins + timedelta(minutes=meeting.minutes))
    event.add("summary", f"{meeting.title} ({job.case_reference})")
    event.add("sequence", 0)
    event.add("status", "CONFIRMED")
    event.add("organizer", vCalAddress(f"mailto:{sender}"))
    for address in meeting.to:
        event.add("attendee", _attendee(address))
    if meeting.place:
        event.add("location", meeting.place)
    return event


def _attendee(address: str) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "NEEDS-ACTION"
    attendee.params["RSVP"] = "TRUE"
    return attendee


def _in_words(meeting: Meeting, subject: str) -> str:
    when = f"{meeting.start:%d.%m.%Y kl. %H.%M}, {meeting.minutes} minutter"
    lines = [subject, when, *([meeting.place] if meeting.place else [])]
    return "\n".join(lines) + "\n"
