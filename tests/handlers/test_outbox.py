"""Mail as files: readable, and never twice."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from handlers import HANDLERS
from handlers.adapters.outbox import OutboxMail


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "outbox"


@pytest.fixture
def post(ports, folder):
    return replace(ports, mail=OutboxMail(folder, "vejviser@example.org"))


def send(job, ports, body="Tak."):
    mail = {"to": "henviser@example.org", "subject": "Svar på henvisning", "body": body}
    HANDLERS["mail/Send"](mail, job, ports)


class TestOutboxMail:
    def test_names_the_file_by_the_message_id(self, job, post, folder):
        send(job, post)

        assert [path.name for path in folder.iterdir()] == [f"{job.key}@vejviser.local.eml"]

    def test_writes_a_mail_that_mail_programs_read(self, job, post, folder):
        send(job, post)

        [path] = folder.iterdir()
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert mail["Subject"] == "Svar på henvisning"

    def test_keeps_the_first_copy(self, job, post, folder):
        send(job, post, "Første forsøg")
        send(job, post, "Andet forsøg")

        [path] = folder.iterdir()
        assert b"rste fors" in path.read_bytes()

    def test_keeps_the_mails_of_two_jobs_apart(self, job, post, folder):
        send(job, post)
        send(replace(job, key="another"), post)

        assert len(list(folder.iterdir())) == 2
