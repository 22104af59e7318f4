"""What a process that keeps running says on standard error."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LAYOUT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LONGEST_CHAIN = 10


class Discreet(logging.Formatter):
    """Tells where something failed and what kind of failure it was, never with which values.

    An exception's own words may quote a case: a database repeats the row that it refuses.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, and nothing of what another formatter made of the exception."""
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's name
        """The frames and classes of an exception and of what led to it, the cause first."""
        return "\n".join(_told(error) for error in reversed(list(_chain(ei[1]))))


def talk() -> None:
    """One line an event, with the time; libraries speak up only when something is wrong."""
    handler = logging.StreamHandler()
    handler.setFormatter(Discreet(LAYOUT))
    logging.basicConfig(handlers=[handler])
    for ours in ("handlers", "processes", "webapp"):
        logging.getLogger(ours).setLevel(logging.INFO)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(LONGEST_CHAIN):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _told(error: BaseException) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__))
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    state = getattr(error, "sqlstate", None)
    return f"{frames}{kind}{f' (SQLSTATE {state})' if state else ''}"
