"""Serve the JSON API under /api/v1 and its own description, openapi.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, request
from flask_smorest import Api
from werkzeug.exceptions import MethodNotAllowed, NotFound

from webapp import errors
from webapp.api import (
    cases,
    deadlines,
    definitions,
    deployments,
    incidents,
    messages,
    migrations,
    operations,
    problems,
    simulations,
    tasks,
)
from webapp.api.blueprint import PREFIX
from webapp.api.schemas import ErrorSchema

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue
    from werkzeug.exceptions import HTTPException

PARTS = (
    *(deployments, definitions, cases, operations, incidents, tasks),
    *(messages, deadlines, migrations, simulations),
)
LANGUAGES = ("en", "da")
SPEC = {
    "info": {
        "description": "Deploy diagrams, run cases, do tasks, send messages, simulate. "
        "The guide is docs/api.md.",
        "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
    },
    "components": {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": "vejviser"},
        }
    },
}


class JsonApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest's, without its handler that would answer the pages' errors as JSON."""

    ERROR_SCHEMA = ErrorSchema

    def _register_error_handlers(self) -> None:
        """Each blueprint has its own; see `webapp.api.blueprint`."""


def install(app: Flask) -> None:
    """Serve the API beside the pages; the pages' error handlers are installed before."""
    app.config.update(
        API_TITLE="Vejviser",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's own provider
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.before_request(_choose_language)
    api = JsonApi(app, spec_kwargs=SPEC)
    for part in PARTS:
        api.register_blueprint(part.bp)
        app.extensions["csrf"].exempt(part.bp)  # `caller` asks it of sessions
    for kind in (NotFound, MethodNotAllowed):
        app.register_error_handler(kind, _show_nowhere)


def _choose_language() -> None:
    if _is_ours():
        asked = [language[:2].lower() for language, _ in request.accept_languages]
        g.language = next((language for language in asked if language in LANGUAGES), "en")


def _show_nowhere(error: HTTPException) -> ResponseReturnValue:
    """An address that no view answers: JSON below the API, a page elsewhere."""
    return problems.show_http(error) if _is_ours() else errors.show_http(error)


def _is_ours() -> bool:
    return request.path.startswith(f"{PREFIX}/")
