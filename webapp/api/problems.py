"""Every refusal and failure as `{"code", "message", "errors"}`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import jsonify, request
from flask_babel import get_locale, gettext, lazy_gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from models import errors as refusals
from models.errors import DatabaseDown, DiagramsRefused, InvalidAnswers, Refused
from processes.forms import Sentence
from webapp.api.body import InvalidRequest, UnstorableText
from webapp.api.caller import MissingScope, NotSignedIn, UnknownToken
from webapp.api.sayings import SAYINGS
from webapp.errors import Answer, answer_of, note_stuck, sentence_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from flask.typing import ResponseReturnValue

    from processes.engine.problems import Problem

log = logging.getLogger(__name__)

ANSWERS: dict[type[Refused], Answer] = {
    NotSignedIn: Answer(401, lazy_gettext("Send a bearer token, or sign in first.")),
    UnknownToken: Answer(401, lazy_gettext("The token is unknown or withdrawn.")),
    MissingScope: Answer(403, lazy_gettext("The token lacks the scope %(scope)s.")),
    UnstorableText: Answer(
        422, lazy_gettext("The body holds a character or a number that cannot be stored.")
    ),
    InvalidRequest: Answer(422, lazy_gettext("Some fields need another look.")),
    refusals.AlreadyClaimed: Answer(409, lazy_gettext("%(by)s has taken this task.")),
    refusals.AlreadyCompleted: Answer(409, lazy_gettext("%(by)s completed this task on %(at)s.")),
    refusals.InvalidAnswers: Answer(422, lazy_gettext("Some answers need another look.")),
}
"""Refusals that only the API knows, or says without a word about a page."""

CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
}

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="vejviser"'}


def show_refusal(refusal: Refused) -> ResponseReturnValue:
    """The refusal's code, its sentence, and what is wrong with which field."""
    note_stuck(refusal)
    answer = ANSWERS.get(type(refusal)) or answer_of(refusal)
    body = _body(refusal.code, sentence_of(refusal, answer), _field_errors(refusal))
    if isinstance(refusal, DiagramsRefused):
        body |= told(refusal.problems)
    headers = CHALLENGE if answer.status == 401 else {}  # noqa: PLR2004
    return jsonify(body), answer.status, headers


def show_http(error: HTTPException) -> ResponseReturnValue:
    """What the framework refuses: a wrong address, method, body or argument."""
    if error.response is not None or (error.code or 500) < 400:  # noqa: PLR2004
        return error
    status = error.code or 500
    messages = (getattr(error, "data", None) or {}).get("messages", {})
    errors = {name: said for place in messages.values() for name, said in _flat(place)}
    sentence = _sentences().get(status) or gettext("The request could not be understood.")
    allowed = {name: value for name, value in error.get_headers() if name == "Allow"}
    return jsonify(_body(CODES.get(status, "refused"), sentence, errors)), status, allowed


def told(problems: Sequence[Problem]) -> dict[str, Any]:
    """What is wrong with diagrams: the errors, and apart from them the warnings."""
    return {
        "problems": [problem_json(one) for one in problems if one.severity == "error"],
        "warnings": [problem_json(one) for one in problems if one.severity != "error"],
    }


def problem_json(problem: Problem) -> dict[str, Any]:
    """One finding in the caller's language."""
    return {
        "file": problem.file,
        "element": problem.element,
        "name": problem.name,
        "line": problem.line,
        "column": problem.column,
        "rule": problem.rule,
        "message": problem.message_da if _is_danish() else problem.message,
    }


def _body(code: str, message: str, errors: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, "errors": errors or {}}


def _field_errors(refusal: Refused) -> dict[str, list[str]]:
    if not isinstance(refusal, (InvalidAnswers, InvalidRequest)):
        return {}
    return {field: [_said(one) for one in said] for field, said in refusal.errors.items()}


def _flat(messages: Any, at: str = "") -> Iterator[tuple[str, list[str]]]:
    """Marshmallow's tree of messages by dotted path."""
    if not isinstance(messages, dict):
        yield at, [_said(one) for one in messages]
        return
    for step, said in messages.items():
        yield from _flat(said, at if step == "_schema" else f"{at}.{step}".strip("."))


def _said(sentence: str) -> str:
    known = sentence if isinstance(sentence, Sentence) else SAYINGS.get(sentence)
    return known.in_language("da" if _is_danish() else "en") if known else str(sentence)


def _is_danish() -> bool:
    return str(get_locale()) == "da"


def _sentences() -> dict[int, str]:
    return {
        404: gettext("There is nothing at this address, or it is not open to you."),
        405: gettext("This address does not answer that method."),
        413: gettext("What you sent is larger than Vejviser takes in one piece."),
        415: gettext("The body has another content type than this address takes."),
        422: gettext("Some fields need another look."),
    }


def _show_csrf(_: CSRFError) -> ResponseReturnValue:
    sentence = gettext("A call from a browser's session needs the header X-CSRFToken.")
    return jsonify(_body("csrf", sentence)), 400


def _show_database_error(error: DBAPIError) -> ResponseReturnValue:
    return _show_down(error) if error.connection_invalidated else _show_failure(error)


def _show_down(error: Exception) -> ResponseReturnValue:
    log.warning("The database did not answer: %s", type(error).__name__)
    sentence = gettext("The database does not answer. Nothing was changed; try again.")
    return jsonify(_body("database_down", sentence)), 503, {"Retry-After": "10"}


def _show_failure(error: Exception) -> ResponseReturnValue:
    number = uuid4().hex[:8]
    log.error("Failure %s in %s", number, request.endpoint, exc_info=error)
    sentence = gettext(
        "Nothing was changed. Tell the administrator the number %(number)s.", number=number
    )
    return jsonify(_body("failure", sentence)), 500


HANDLERS: tuple[tuple[type[Exception], Callable[[Any], ResponseReturnValue]], ...] = (
    (Refused, show_refusal),
    (CSRFError, _show_csrf),
    (HTTPException, show_http),
    (DatabaseDown, _show_down),
    (OperationalError, _show_down),
    (PoolTimeout, _show_down),
    (DBAPIError, _show_database_error),
    (Exception, _show_failure),
)
