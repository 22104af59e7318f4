"""A mail that can be sent twice and read once: its Message-ID is the job's key."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from handlers.privacy import refuse_private_text

if TYPE_CHECKING:
    from handlers.contract import JobContext

DOMAIN = "vejviser.local"


def message_id(key: str) -> str:
    """The same for every attempt of one job."""
    return f"<{key}@{DOMAIN}>"


def letter(
    job: JobContext, sender: str, to: tuple[str, ...], subject: str, body: str
) -> EmailMessage:
    """A mail about a case, with every header it needs.

    Raises:
        PrivateText: subject or body names a person.
    """
    refuse_private_text("subject", subject, job.private)
    refuse_private_text("body", body, job.private)
    message = EmailMessage()
    message["Message-ID"] = message_id(job.key)
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = subject
    message["Date"] = format_datetime(job.now)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body, cte="quoted-printable")
    return message
