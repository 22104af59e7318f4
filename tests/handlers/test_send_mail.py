"""What a mail may hold, and what is refused before anything leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import HANDLERS
from handlers.errors import BadParameters, PrivateText
from handlers.privacy import private_words, refuse_private_text

MAIL = {"to": "henviser@example.org", "subject": "Svar", "body": "Tak."}

send_mail = HANDLERS["mail/Send"]


class TestSendMail:
    def test_answers_with_the_message_id(self, job, ports):
        done = send_mail(MAIL, job, ports)

        assert done.result == {"message_id": f"<{job.key}@vejviser.local>"}
        assert done.effects == ()

    def test_is_dated_by_the_cases_clock(self, job, ports):
        send_mail(MAIL, job, ports)

        [mail] = ports.mail.sent
        assert mail["Date"].datetime == job.now

    @pytest.mark.parametrize("field", ["to", "subject"])
    @pytest.mark.parametrize("ending", ["\nBcc: x@example.org", "\r\nX: y", "\x00", "\x1b"])
    def test_refuses_a_second_header(self, job, ports, field, ending):
        with pytest.raises(BadParameters, match=field):
            send_mail(MAIL | {field: MAIL[field] + ending}, job, ports)

        assert ports.mail.sent == []

    @pytest.mark.parametrize(
        "to", ["", "henviser", "a@b", [], ["a@example.org", 5], {"a": 1}, "søren@example.org"]
    )
    def test_refuses_what_is_no_address(self, job, ports, to):
        with pytest.raises(BadParameters, match="to"):
            send_mail(MAIL | {"to": to}, job, ports)

    @pytest.mark.parametrize("field", ["to", "subject", "body"])
    def test_names_the_parameter_that_is_missing(self, job, ports, field):
        with pytest.raises(BadParameters) as refused:
            send_mail(MAIL | {field: None}, job, ports)

        assert list(refused.value.errors) == [field]

    def test_refuses_a_parameter_it_does_not_know(self, job, ports):
        with pytest.raises(BadParameters, match="cc"):
            send_mail(MAIL | {"cc": "a@example.org"}, job, ports)


class TestPrivacy:
    @pytest.mark.parametrize("field", ["subject", "body"])
    @pytest.mark.parametrize(
        "number", ["310199-0000", "3101990000", "310199 0000", "310199 - 0000", "910199-0000"]
    )
    def test_keeps_what_may_be_a_cpr_number(self, job, ports, field, number):
        with pytest.raises(PrivateText, match=field) as refused:
            send_mail(MAIL | {field: f"Om {number}."}, job, ports)

        assert number not in str(refused.value)
        assert ports.mail.sent == []

    @pytest.mark.parametrize("text", ["Tlf. 99 31 00 00", "320199-0000", "2026-01-31", "T-0101990"])
    def test_lets_other_numbers_pass(self, job, ports, text):
        send_mail(MAIL | {"body": text}, job, ports)

        assert len(ports.mail.sent) == 1

    @pytest.mark.parametrize("text", ["Om FORNAVN", "fornavn's møde", "Møde med Fornavn Efternavn"])
    def test_keeps_the_persons_name(self, job, ports, text):
        known = replace(job, private=private_words({"navn": "Fornavn Efternavn"}))

        with pytest.raises(PrivateText, match="name"):
            send_mail(MAIL | {"subject": text}, known, ports)

    def test_finds_names_wherever_the_data_holds_them(self):
        data = {
            "navn": "Anonym Testperson",
            "foraeldre": [{"foraelder_navn": "Voksen"}],
            "holdnavn_kode": "Hold",
            "reference": "T-01",
        }

        words = private_words(data)

        assert words == {"Anonym Testperson", "Anonym", "Testperson", "Voksen"}

    @given(st.integers(1, 31), st.integers(1, 12), st.integers(0, 99), st.integers(0, 9999))
    def test_finds_every_birthday_with_four_digits(self, day, month, year, last):
        number = f"{day:02}{month:02}{year:02}-{last:04}"

        with pytest.raises(PrivateText):
            refuse_private_text("body", f"({number})")
