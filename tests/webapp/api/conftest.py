"""Callers with tokens, and a small programme that they call about."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from models import Account
from models.api_token import SCOPES
from processes.access import OPERATOR
from processes.accounts import add_token
from processes.deploy import deploy
from tests import diagrams, make

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

API = "/api/v1"


def form(id_: str, key: str, **more: Any) -> str:
    field_ = {"type": "textfield", "key": key, "label": key, "validate": {"required": True}}
    return json.dumps({"type": "default", "id": id_, "components": [field_], **more})


FILES = {
    "forloeb.bpmn": diagrams.diagram(
        "forloeb",
        diagrams.start(),
        diagrams.user_task("vurder", form="vurdering.form.json", deadline="P7D"),
        diagrams.message_catch("dom", "dom_afsagt"),
        diagrams.user_task("samtale"),
        diagrams.end(),
        flow="begynd>vurder>dom>samtale>slut",
        lanes={"Visitator": "vurder dom", "Mentor": "samtale"},
        beside=diagrams.message("dom_afsagt"),
        ownerRole="Koordinator",
    ),
    "vurdering.form.json": form("vurdering", "grund"),
}


@dataclass
class Machine:
    """A program with a token."""

    client: FlaskClient
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.send("GET", path, query_string=query)

    def post(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        return self.send("POST", path, json=body, **more)

    def send(self, method: str, path: str, **more: Any) -> TestResponse:
        told = {"Authorization": f"Bearer {self.token}", **self.headers, **more.pop("headers", {})}
        return self.client.open(API + path, method=method, headers=told, **more)

    def upload(self, path: str, files: dict[str, str], **fields: Any) -> TestResponse:
        parts = [(io.BytesIO(text.encode()), name) for name, text in files.items()]
        return self.send(
            "POST", path, data={"files": parts, **fields}, content_type="multipart/form-data"
        )

    def start(self, definition: str = "forloeb", **more: Any) -> dict[str, Any]:
        reply = self.post("/cases", {"definition": definition, **more})
        assert reply.status_code == 201, reply.text
        return reply.get_json()

    def complete(self, task: dict[str, Any], **answers: Any) -> dict[str, Any]:
        reply = self.post(f"/tasks/{task['id']}/completion", {"answers": answers})
        assert reply.status_code == 200, reply.text
        return reply.get_json()


@pytest.fixture
def token_of(app, wiring) -> Callable[..., Machine]:
    """A token of an account, made on the way: `token_of("eva", "Leder", scopes=["read"])`."""

    def make_token(name: str, *roles: str, scopes=SCOPES, **facts: Any) -> Machine:
        with wiring.turn() as turn:
            known = turn.session.scalar(select(Account).where(Account.name == name))
            if known is None:
                make.account(turn.session, name, *roles, **facts)
            text = add_token(turn, name, scopes)
        return Machine(app.test_client(), text)

    return make_token


@pytest.fixture
def programme(wiring) -> None:
    """`FILES`, deployed, in the unit aalborg."""
    with wiring.turn() as turn:
        make.unit(turn.session)
        deploy(turn, FILES, "", OPERATOR)


@pytest.fixture
def visitator(token_of, programme) -> Machine:
    return token_of("visitator")


@pytest.fixture
def mentor(token_of, programme) -> Machine:
    return token_of("mentor")


@pytest.fixture
def leader(token_of, programme) -> Machine:
    return token_of("leder")
