from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from tests.webapp.api.conftest import API
from tests.webapp.api.test_callers import ROWS


@pytest.fixture
def page(app):
    reply = app.test_client().get(f"{API}/openapi.json")
    assert reply.status_code == 200
    return reply.get_json()


class TestOpenApi:
    def test_describes_every_call_and_its_scopes(self, page):
        described = {
            (method.upper(), path): set(call["security"][0]["bearer"])
            for path, calls in page["paths"].items()
            for method, call in calls.items()
            if method != "parameters"
        }

        expected = {(method, _template(path)): scopes for method, path, scopes in ROWS}
        assert page["openapi"] == "3.1.0"
        assert described == expected

    def test_describes_what_is_answered(self, page, visitator):
        case = visitator.start(data={"alder": 19})

        schema = {"$ref": "#/components/schemas/Case", "components": page["components"]}

        Draft202012Validator(schema).validate(case)

    def test_takes_files_in_one_multipart_body(self, page):
        call = page["paths"][f"{API}/simulations"]["post"]

        assert list(call["requestBody"]["content"]) == ["multipart/form-data"]

    def test_says_how_every_refusal_looks(self, page):
        error = page["components"]["schemas"]["Error"]

        assert set(error["properties"]) == {"code", "message", "errors"}


def _template(path: str) -> str:
    noun = path.split("/")[1].removesuffix("s")
    return f"{API}{path}".replace("{id}", f"{{{noun}_id}}")
