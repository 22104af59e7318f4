"""Somebody signed in, without a server between: the pages alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.bench.ground import NAME, PASSWORD
from webapp.app import create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.bench.ground import Ground

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


def signed_in(ground: Ground) -> FlaskClient:
    """A browser of the measurement's person."""
    client = create_app(ground.wiring).test_client()
    token = TOKEN.search(client.get("/sign-in").text)
    assert token, "the page carries no token"
    form = {"csrf_token": token[1], "name": NAME, "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 303
    return client
