"""How every refusal and failure is answered: one table from class to status and sentence."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import render_template, request
from flask_babel import gettext, lazy_gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from models import errors as refusals
from models.errors import DatabaseDown, Refused
from processes.stuck import report_stumble
from webapp import words
from webapp.current import wiring
from webapp.history import display_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.typing import ResponseReturnValue
    from flask_babel.speaklater import LazyString

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """The status of a refusal, and its sentence with the exception's facts in it."""

    status: int
    sentence: LazyString


ANSWERS: dict[type[Refused], Answer] = {
    Refused: Answer(400, lazy_gettext("This cannot be done as asked. Nothing has changed.")),
    refusals.DefinitionNotFound: Answer(
        404, lazy_gettext("There is no programme by that name and version.")
    ),
    refusals.DefinitionUnreadable: Answer(
        409,
        lazy_gettext("What is stored of the programme cannot be read. Call the administrator."),
    ),
    refusals.CaseNotFound: Answer(
        404, lazy_gettext("There is no such case, or it is not one of yours.")
    ),
    refusals.TaskNotFound: Answer(
        404, lazy_gettext("There is no such task, or the case has gone on without it.")
    ),
    refusals.DeadlineNotFound: Answer(
        404, lazy_gettext("There is no such deadline, or it is over.")
    ),
    refusals.IncidentNotFound: Answer(
        404, lazy_gettext("There is no such incident, or somebody has solved it.")
    ),
    refusals.AccountNotFound: Answer(
        422, lazy_gettext("There is no active account named %(account)s.")
    ),
    refusals.UnitNotFound: Answer(422, lazy_gettext("There is no unit named %(unit)s.")),
    refusals.NotAllowed: Answer(
        403, lazy_gettext("Your roles do not open this. Ask your leader if they should.")
    ),
    refusals.AlreadyClaimed: Answer(409, lazy_gettext("%(by)s has taken this task.")),
    refusals.AlreadyCompleted: Answer(409, lazy_gettext("%(by)s completed this task on %(at)s.")),
    refusals.InvalidAnswers: Answer(
        422, lazy_gettext("Some answers need another look. What you typed is kept.")
    ),
    refusals.UnknownMessage: Answer(
        422, lazy_gettext("No programme waits for a message named %(name)s.")
    ),
    refusals.AmbiguousMessage: Answer(
        409, lazy_gettext("%(cases)s cases wait for %(name)s; say which one.")
    ),
    refusals.DeadlineNotPausable: Answer(
        409, lazy_gettext("This deadline cannot be paused. %(legal_basis)s")
    ),
    refusals.StaleRevision: Answer(
        409, lazy_gettext("Somebody moved the case while you were looking. Look again and repeat.")
    ),
    refusals.CaseNotActive: Answer(
        409, lazy_gettext("The case is closed, so nothing can be done on it.")
    ),
    refusals.CaseSuspended: Answer(
        409,
        lazy_gettext("The case rests. A supervisor has to take it up again before work goes on."),
    ),
    refusals.CaseNotSuspended: Answer(
        409, lazy_gettext("The case does not rest, so there is nothing to take up again.")
    ),
    refusals.CaseStuck: Answer(
        409,
        lazy_gettext(
            "What is stored of the case cannot be read, so nothing can be done on it now, and"
            " nothing has changed. The leader sees it on the board; the administrator can help."
        ),
    ),
    refusals.NotPossible: Answer(409, lazy_gettext("That is not possible: %(why)s")),
    refusals.DuplicateReference: Answer(
        409, lazy_gettext("An open case has the reference %(reference)s already.")
    ),
    refusals.CprNumber: Answer(
        422, lazy_gettext("That may hold a CPR number. Write it without; nothing has changed.")
    ),
    refusals.DuplicateAccount: Answer(
        409, lazy_gettext("There is an account named %(account)s already.")
    ),
    refusals.UnknownScope: Answer(422, lazy_gettext("There is no scope named %(scope)s.")),
    refusals.MigrationNotFound: Answer(404, lazy_gettext("There is no such move of cases.")),
    refusals.UnknownElement: Answer(
        422, lazy_gettext("The version %(definition)s has no element %(element)s.")
    ),
    refusals.NothingToMove: Answer(
        409, lazy_gettext("No running case can be moved from %(definition)s like this.")
    ),
    refusals.DiagramsRefused: Answer(
        422, lazy_gettext("The diagrams have errors, so nothing was published.")
    ),
}
"""A class without a line of its own takes the line of its nearest parent."""

WHY: dict[str, LazyString] = {
    "nothing": lazy_gettext("nothing would change."),
    "ends": lazy_gettext("the case would end. Choose a new place, or end the case instead."),
    "no_place": lazy_gettext(
        "nothing can begin at “%(name)s”. Choose a step; instead of a join, the step after it."
    ),
    "closed": lazy_gettext("“%(name)s” lies inside a part that would be taken away."),
    "part": lazy_gettext("“%(name)s” is one of several. Take away all of them, or none."),
    "gone": lazy_gettext("the case has moved on. Look again and repeat."),
    "no_restart": lazy_gettext("the diagram does not let “%(name)s” be begun anew."),
    "many": lazy_gettext(
        "“%(name)s” is done several times. Try it again, or move the case to another step."
    ),
    "whole_case": lazy_gettext("it is the whole case that cannot go on. Try again instead."),
    "no_default": lazy_gettext(
        "no default way leads out of “%(name)s”. Try it again, or move the case to another step."
    ),
    "no_way": lazy_gettext("the way on cannot be found. Move the case to another step."),
}
"""Why a supervisor's wish cannot be met; see `models.errors.NotPossible`."""

HEADINGS: dict[int, LazyString] = {
    400: lazy_gettext("That did not work"),
    403: lazy_gettext("Not open to you"),
    404: lazy_gettext("Not found"),
    405: lazy_gettext("Not found"),
    409: lazy_gettext("Somebody was before you"),
    413: lazy_gettext("Too much at once"),
    422: lazy_gettext("Needs another look"),
    429: lazy_gettext("Wait a little"),
    500: lazy_gettext("Something broke here"),
    503: lazy_gettext("Vejviser cannot reach its database"),
}


def answer_of(refusal: Refused) -> Answer:
    """The table's line for this refusal or its nearest parent class."""
    return next(ANSWERS[kind] for kind in type(refusal).__mro__ if kind in ANSWERS)


def sentence_of(refusal: Refused, answer: Answer | None = None) -> str:
    """The refusal in the reader's language, with its facts; `answer` words it differently."""
    return str((answer or answer_of(refusal)).sentence) % _Facts(refusal.facts)


def install(app: Flask) -> None:
    """Answer every error that leaves a view of `app`."""
    handlers: tuple[tuple[type[Exception], Callable[[Any], ResponseReturnValue]], ...] = (
        (Refused, show_refusal),
        (CSRFError, _show_expired),
        (HTTPException, show_http),
        (DatabaseDown, _show_database_down),
        (OperationalError, _show_database_down),
        (PoolTimeout, _show_database_down),
        (DBAPIError, _show_database_error),
        (Exception, _show_failure),
    )
    for kind, handler in handlers:
        app.register_error_handler(kind, handler)


def show_refusal(refusal: Refused) -> ResponseReturnValue:
    """A page that says what was refused and why."""
    note_stuck(refusal)
    answer = answer_of(refusal)
    return _page(answer.status, sentence_of(refusal)), answer.status


def note_stuck(refusal: Refused) -> None:
    """Give a case that turned out to be unreadable its incident; its own turn was undone."""
    if isinstance(refusal, refusals.CaseStuck):
        log.error("Case %s cannot be read", refusal.case, exc_info=refusal)
        with wiring().turn() as turn:
            report_stumble(turn, refusal.case, refusal)


def show_http(error: HTTPException) -> ResponseReturnValue:
    """A page for what the framework refuses, such as an address that does not exist."""
    if error.response is not None or (error.code or 500) < 400:  # noqa: PLR2004
        return error
    status = error.code or 500
    sentences = {
        403: gettext("Your roles do not open this. Ask your leader if they should."),
        404: gettext("There is nothing at this address, or it is not open to you."),
        405: gettext("There is nothing at this address, or it is not open to you."),
        413: gettext("What you sent is larger than Vejviser takes in one piece."),
    }
    sentence = sentences.get(status, gettext("The request could not be understood."))
    return _page(status, sentence), status


class _Facts(dict[str, Any]):
    """Facts for a sentence: moments in words, accounts by the name people know."""

    def __getitem__(self, key: str) -> Any:
        value = self.get(key)
        if key == "at":
            return words.day_and_clock(value) if value else gettext("an earlier day")
        if key == "why":
            return str(WHY[str(value)]) % {"name": self.get("name", "")}
        if key == "by" and value is not None:
            return _known_as(value)
        return value if value is not None else gettext("Somebody")


def _known_as(account: str) -> str:
    """The name that people know; an account's own while the database cannot be asked."""
    try:
        return display_name(account)
    except DatabaseDown:
        return account


def _show_expired(_: CSRFError) -> ResponseReturnValue:
    sentence = gettext("The page had been open too long. Go back, reload it and send again.")
    return _page(400, sentence), 400


def _show_database_error(error: DBAPIError) -> ResponseReturnValue:
    if error.connection_invalidated:
        return _show_database_down(error)
    return _show_failure(error)


def _show_database_down(error: Exception) -> ResponseReturnValue:
    log.warning("The database did not answer: %s", type(error).__name__)
    sentence = gettext("Nothing was changed by your last click. Try again in a minute.")
    retry = request.full_path if request.method == "GET" else "/"
    page = _page(503, sentence, retry=retry, action=gettext("Try again"))
    return page, 503, {"Retry-After": "10"}


def _show_failure(error: Exception) -> ResponseReturnValue:
    number = uuid4().hex[:8]
    log.error("Failure %s in %s", number, request.endpoint, exc_info=error)
    sentence = gettext(
        "Nothing was changed. Tell the administrator the number %(number)s.", number=number
    )
    return _page(500, sentence), 500


def _page(status: int, sentence: str, retry: str = "/", action: str = "") -> str:
    """A page that needs neither database nor session."""
    return render_template(
        "parts/plain.html",
        heading=str(HEADINGS.get(status, HEADINGS[400])),
        sentence=sentence,
        retry=retry,
        action=action or gettext("To the start page"),
    )
