from __future__ import annotations

import re
from inspect import signature
from pathlib import Path
from uuid import uuid4

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import render_template
from sqlalchemy import create_engine, text

from models import errors
from models.errors import DatabaseDown, Refused
from webapp import errors as answers
from webapp.translation import FOLDER

TEMPLATES = Path(answers.__file__).parent / "templates"
PLACEHOLDER = re.compile(r"%\((\w+)\)")


def kinds(kind=Refused):
    return [kind, *(below for each in kind.__subclasses__() for below in kinds(each))]


REFUSALS = [kind for kind in kinds() if kind.__module__ == errors.__name__]
WITH_FACTS = [kind for kind in REFUSALS if kind is not Refused]


class TestAnswers:
    @pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
    def test_know_a_status_and_a_sentence_for_every_refusal(self, kind):
        answer = answers.ANSWERS[kind]

        assert 400 <= answer.status < 500

    @pytest.mark.parametrize("kind", WITH_FACTS, ids=lambda kind: kind.__name__)
    def test_name_only_facts_that_the_refusal_has(self, kind):
        named = set(PLACEHOLDER.findall(str(answers.ANSWERS[kind].sentence)))

        assert named <= set(signature(kind).parameters)

    def test_take_the_line_of_the_nearest_parent(self):
        class Special(errors.CaseNotFound):
            pass

        assert answers.answer_of(Special(uuid4())) is answers.ANSWERS[errors.CaseNotFound]


class TestPages:
    def test_of_unknown_addresses_say_so_in_both_languages(self, visitor, as_):
        assert "Not found" in as_("mentor").get("/nothing").text
        assert "Ikke fundet" in visitor.get("/intet").text

    def test_of_a_database_that_is_away_are_plain_and_ask_for_patience(self, app, visitor):
        app.add_url_rule("/away", view_func=_raise(DatabaseDown()))

        reply = visitor.get("/away?x=1")

        assert reply.status_code == 503
        assert reply.headers["Retry-After"] == "10"
        assert 'href="/away?x=1"' in reply.text

    def test_of_a_failure_carry_a_number_and_no_secret(self, app, visitor, caplog):
        app.add_url_rule("/broken", view_func=_raise(ValueError("hemmeligt")))

        reply = visitor.get("/broken")

        number = re.search(r"nummeret (\w{8})", reply.text)[1]
        assert reply.status_code == 500
        assert "hemmeligt" not in reply.text
        assert number in caplog.text

    def test_of_a_form_without_its_token_say_what_to_do(self, visitor):
        reply = visitor.client.post("/sign-in", data={"name": "mentor"})

        assert reply.status_code == 400
        assert "åben for længe" in reply.text

    def test_need_neither_session_nor_database(self, app):
        with app.test_request_context():
            page = render_template("parts/plain.html", heading="H", sentence="S", action="A")

        assert "<h1>H</h1>" in page


class TestOutage:
    def test_leaves_a_refusal_its_sentence(self, app, monkeypatch):
        def away(_name):
            raise DatabaseDown

        monkeypatch.setattr(answers, "display_name", away)

        with app.test_request_context():
            said = answers.sentence_of(errors.AlreadyClaimed(uuid4(), by="grete"))

        assert "grete" in said

    def test_is_over_when_the_database_is_back(self, wiring, server, visitor):
        shut = create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
        name = wiring.url.database
        before = visitor.get("/metrics").status_code

        with shut.connect() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
                ),
                {"name": name},
            )
            meanwhile = visitor.get("/metrics").status_code
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
        shut.dispose()

        assert (before, meanwhile, visitor.get("/metrics").status_code) == (200, 503, 200)


@pytest.fixture(scope="module")
def catalogue():
    with (FOLDER / "da/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file)


class TestDanish:
    def test_has_a_text_for_every_sentence(self, catalogue):
        missing = [message.id for message in catalogue if message.id and not _is_full(message)]

        assert missing == []

    def test_keeps_every_placeholder(self, catalogue):
        for message in catalogue:
            said = PLACEHOLDER.findall(str(message.id))
            assert sorted(set(said)) == sorted(set(PLACEHOLDER.findall(str(message.string))))

    def test_knows_every_sentence_of_the_pages(self, catalogue):
        keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
        methods = [("templates/**", "jinja2"), ("**.py", "python")]
        found = extract_from_dir(
            TEMPLATES.parent, methods, {"templates/**": {"trimmed": "true"}}, keywords
        )

        known = {message.id for message in catalogue}
        assert [said for _, _, said, *_ in found if said not in known] == []


def _is_full(message):
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def _raise(error):
    def view():
        raise error

    view.__name__ = f"raise_{type(error).__name__}"
    return view
