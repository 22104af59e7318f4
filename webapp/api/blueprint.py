"""What all parts of the API have in common: caller, scopes, bodies, errors."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar

from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import MultiDict

from webapp.api import body, caller, problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Request
    from marshmallow import Schema

PREFIX = "/api/v1"
MULTIPART = "multipart/form-data"


class Parser(FlaskParser):
    """webargs', which also reads the fields and files of one multipart body together."""

    __location_map__ = {  # noqa: RUF012  webargs reads it from the class
        **FlaskParser.__location_map__,
        "multipart": "load_multipart",
    }

    def load_multipart(self, req: Request, schema: Schema) -> Any:
        """Every part by its name, text and files alike."""
        parts = [*req.form.items(multi=True), *req.files.items(multi=True)]
        return MultiDictProxy(MultiDict(parts), schema)


class Part(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """One noun of the API: its addresses below `PREFIX`, its errors as JSON."""

    ARGUMENTS_PARSER = Parser()
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING: ClassVar[dict[str, str]] = {
        **Blueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING,
        "multipart": MULTIPART,
    }

    def __init__(
        self, noun: str, description: str, takes: str = body.JSON, below: str | None = None
    ) -> None:
        """`below` is another noun whose addresses these begin with."""
        super().__init__(
            f"api_{noun}", __name__, url_prefix=f"{PREFIX}/{below or noun}", description=description
        )
        self.before_request(lambda: body.limit(takes))
        self.before_request(caller.identify)
        self.before_request(lambda: body.check(takes))
        for kind, handler in problems.HANDLERS:
            self.register_error_handler(kind, handler)

    def needs(self, *scopes: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Open the view to browser sessions, and to tokens with one of these scopes."""

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                caller.require_scope(scopes)
                return view(*args, **kwargs)

            documented: Callable[..., Any] = self.doc(
                security=[{"bearer": list(scopes)}, {"session": []}]
            )(guarded)
            return documented

        return decorate
