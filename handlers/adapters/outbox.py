"""Mail as files in a folder: for trying the programme out without a mail server."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from email.policy import SMTP as WIRE
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

SAFE = re.compile(r"[\w.@+-]+")


class OutboxMail:
    """Writes `<Message-ID>.eml`; a mail that lies there already is the same mail."""

    def __init__(self, folder: Path, sender: str) -> None:
        self.sender = sender
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        """Put the mail into the folder, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{_file_name(message)}.eml"
        with NamedTemporaryFile(dir=self._folder, prefix=".", suffix=".part") as part:
            part.write(message.as_bytes(policy=WIRE))
            part.flush()
            os.fsync(part.fileno())
            with suppress(FileExistsError):
                os.link(part.name, path)


def _file_name(message: EmailMessage) -> str:
    return "".join(SAFE.findall(message["Message-ID"]))
