"""Mail through a real server: taken, put off, refused, or nobody there."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from handlers import HANDLERS
from handlers.adapters.smtp import SmtpMail
from handlers.errors import Fault, TryAgain

SENDER = "vejviser@example.org"
MAIL = {"to": "henviser@example.org", "subject": "Svar på henvisning", "body": "Tak.\n.\nHilsen"}


@pytest.fixture
def post(ports, postmaster):
    return replace(ports, mail=SmtpMail(postmaster.url, SENDER, timeout=5))


def send(job, ports, **changed):
    return HANDLERS["mail/Send"](MAIL | changed, job, ports)


class TestSmtpMail:
    def test_delivers_every_letter_and_line_as_written(self, job, post, postmaster):
        send(job, post)

        [mail] = postmaster.taken
        assert mail["Subject"] == "Svar på henvisning"
        assert mail["From"] == SENDER
        assert mail["To"] == "henviser@example.org"
        assert mail.get_content().replace("\r\n", "\n") == "Tak.\n.\nHilsen\n"

    def test_marks_the_mail_with_the_jobs_key(self, job, post, postmaster):
        send(job, post)
        send(job, post)

        assert {mail["Message-ID"] for mail in postmaster.taken} == {f"<{job.key}@vejviser.local>"}

    def test_reaches_every_reader(self, job, post, postmaster):
        send(job, post, to=["a@example.org", "b@example.org"])

        [mail] = postmaster.taken
        assert mail["To"] == "a@example.org, b@example.org"

    @pytest.mark.parametrize("moment", ["MAIL", "henviser@example.org", "DATA"])
    def test_tries_again_when_the_server_is_busy(self, job, post, postmaster, moment):
        postmaster.answers[moment] = "451 Come back later"

        with pytest.raises(TryAgain, match="451 Come back later"):
            send(job, post)

        assert postmaster.taken == []

    @pytest.mark.parametrize("moment", ["MAIL", "henviser@example.org", "DATA"])
    def test_lets_the_diagram_answer_a_refusal(self, job, post, postmaster, moment):
        postmaster.answers[moment] = "550 No such reader"

        with pytest.raises(Fault, match="550") as refused:
            send(job, post)

        assert refused.value.code == "MAIL_REFUSED"
        assert postmaster.taken == []

    def test_sends_to_nobody_when_one_reader_is_refused(self, job, post, postmaster):
        postmaster.answers["b@example.org"] = "450 Box is full"

        with pytest.raises(TryAgain):
            send(job, post, to="a@example.org, b@example.org")

        assert postmaster.taken == []

    def test_tries_again_when_nobody_listens(self, job, ports):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        away = replace(ports, mail=SmtpMail(f"smtp://127.0.0.1:{port}", SENDER, timeout=1))

        with pytest.raises(TryAgain, match="does not answer"):
            send(job, away)

    def test_tries_again_when_the_server_hangs(self, job, ports):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            hanging = replace(ports, mail=SmtpMail(f"smtp://127.0.0.1:{port}", SENDER, timeout=0.2))

            with pytest.raises(TryAgain, match="does not answer"):
                send(job, hanging)

    def test_takes_an_invitation_as_calendars_expect_it(self, job, post, postmaster):
        meeting = {"to": "mentor@example.org", "title": "Møde", "start": "2026-02-02T10:00"}

        HANDLERS["calendar/Invite"](meeting, job, post)

        [mail] = postmaster.taken
        kinds = [part.get_content_type() for part in mail.iter_parts()]
        assert kinds == ["text/plain", "text/calendar"]
        [_, calendar] = mail.iter_parts()
        assert calendar.get_param("method") == "REQUEST"
