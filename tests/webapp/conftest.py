"""The whole site on a database of the test's own, and people who sign in to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from models import Account
from tests import make
from webapp.app import create_app
from webapp.sign_in import SEAL, SINCE, seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from webapp.bootstrap import Wiring

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
DANISH = re.compile(r'<span lang="da">([^<]*)</span>')


@dataclass
class Visitor:
    """A browser without scripts: it follows the forms' rules, the hidden token included."""

    client: FlaskClient

    def get(self, address: str, **arguments: Any) -> TestResponse:
        return self.client.get(address, **arguments)

    def post(self, address: str, **fields: Any) -> TestResponse:
        return self.client.post(address, data={"csrf_token": self.token(), **fields})

    def send(self, method: str, address: str, body: Any) -> TestResponse:
        headers = {"X-CSRFToken": self.token()}
        return self.client.open(address, method=method, json=body, headers=headers)

    def token(self) -> str:
        found = TOKEN.search(self.client.get("/sign-in", follow_redirects=True).text)
        assert found, "the page carries no token"
        return found[1]


def read_aloud(page: str) -> str:
    """A page without the marks that say which of its words are Danish."""
    return DANISH.sub(r"\1", page)


@pytest.fixture
def app(wiring) -> Flask:
    return create_app(wiring)


@pytest.fixture
def visitor(app) -> Visitor:
    """Somebody who has not signed in."""
    return Visitor(app.test_client())


@pytest.fixture
def as_(app, wiring) -> Callable[..., Visitor]:
    """Sign in as an account, made on the way: `as_("mentor")`, `as_("eva", "Leder")`."""

    def sign_in(name: str, *roles: str, **facts: Any) -> Visitor:
        with wiring.turn() as turn:
            known = turn.session.scalar(select(Account).where(Account.name == name))
            account = known or make.account(turn.session, name, *roles, **facts)
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = str(account.id)
            session[SINCE] = wiring.real_clock().timestamp()
            session[SEAL] = seal(account.password_hash)
            session["_fresh"] = True
            session["language"] = "en"
        return Visitor(client)

    return sign_in


@pytest.fixture
def rows(wiring: Wiring) -> Iterator[Session]:
    """A session for arranging rows; `commit` it before the site is asked."""
    with wiring.sessions() as session:
        yield session
