"""Send a mail; `mail/Send` in diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marshmallow import fields

from handlers.contract import Done, Words, handler, parameter
from handlers.letters import letter
from handlers.reads import Addresses, Line

if TYPE_CHECKING:
    from handlers.contract import JobContext
    from handlers.ports import Ports


@dataclass(frozen=True)
class Mail:
    """What to write, and to whom."""

    to: tuple[str, ...] = parameter(
        Addresses(), Words("Til", "To"), kind="list", example='"henviser@example.org"'
    )
    subject: str = parameter(Line(), Words("Emne", "Subject"), example='"Svar på henvisning"')
    body: str = parameter(
        fields.String(), Words("Tekst", "Text"), example='"Vi har modtaget henvisningen."'
    )


@handler(
    "mail/Send",
    takes=Mail,
    label=Words("Send mail", "Send mail"),
    about=Words(
        "Sender en mail. Skriv sagens reference, aldrig navn eller CPR-nummer.",
        "Sends a mail. Write the case's reference, never a name or a CPR number.",
    ),
    faults=("MAIL_REFUSED",),
)
def send_mail(mail: Mail, job: JobContext, ports: Ports) -> Done:
    """Send one mail to everybody named.

    Raises:
        Fault: MAIL_REFUSED, the server will never take it.
        TryAgain: the server is away or busy.
        PrivateText: subject or text names a person.
    """
    message = letter(job, ports.mail.sender, mail.to, mail.subject, mail.body)
    ports.mail.send(message)
    return Done({"message_id": message["Message-ID"]})
