"""Mail through an SMTP server."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from email.policy import SMTP as WIRE
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPDataError,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from handlers.errors import Fault, TryAgain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

PATIENCE = timedelta(minutes=1)
TIMEOUT_SECONDS = 15
ACCEPTED = 250
FORWARDED = 251
BUSY = range(400, 500)


class SmtpMail:
    """Sends each mail in a session of its own, to all its readers or to none.

    `url` is `smtp://user:password@host:port`; `smtps` encrypts from the first byte, and
    `?starttls=yes` after the greeting.
    """

    def __init__(self, url: str, sender: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self.sender = sender
        self._server = urlsplit(url)
        self._timeout = timeout

    def send(self, message: EmailMessage) -> None:
        """Hand the mail over.

        Raises:
            TryAgain: the server is away, breaks off, or answers 4xx.
            Fault: MAIL_REFUSED, the server answers 5xx to this mail.
            SMTPException: it refuses us rather than the mail, such as a wrong password.
        """
        try:
            with self._session() as session:
                _hand_over(session, message)
        except SMTPResponseException as answer:
            raise _translated(answer) from answer
        except (OSError, SMTPServerDisconnected) as away:
            raise TryAgain(PATIENCE, f"The mail server does not answer: {away}") from away

    @contextmanager
    def _session(self) -> Iterator[SMTP]:
        server = self._server
        kind = SMTP_SSL if server.scheme == "smtps" else SMTP
        with kind(server.hostname or "", server.port or 0, timeout=self._timeout) as session:
            if "starttls" in parse_qs(server.query):
                session.starttls()
            if server.username:
                session.login(unquote(server.username), unquote(server.password or ""))
            yield session


def _hand_over(session: SMTP, message: EmailMessage) -> None:
    """One reader refused is the mail refused; `send_message` would go on with the others."""
    session.ehlo_or_helo_if_needed()
    sender = message["From"].addresses[0].addr_spec
    code, said = session.mail(sender)
    if code != ACCEPTED:
        raise SMTPSenderRefused(code, said, sender)
    for reader in message["To"].addresses:
        code, said = session.rcpt(reader.addr_spec)
        if code not in {ACCEPTED, FORWARDED}:
            raise SMTPDataError(code, said)
    code, said = session.data(message.as_bytes(policy=WIRE))
    if code != ACCEPTED:
        raise SMTPDataError(code, said)


def _translated(answer: SMTPResponseException) -> Exception:
    said = answer.smtp_error
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    if answer.smtp_code in BUSY:
        return TryAgain(PATIENCE, f"The mail server says {answer.smtp_code} {words}")
    if isinstance(answer, SMTPSenderRefused | SMTPDataError):
        return Fault("MAIL_REFUSED", status=answer.smtp_code, said=words)
    return answer
