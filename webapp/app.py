"""The Flask application: its pages, its rules for browsers, and what templates may call."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import Babel
from flask_login import current_user
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import (
    beginnings,
    board,
    cases,
    clock,
    deadlines,
    errors,
    health,
    history,
    incidents,
    language,
    migrations,
    operations,
    outcomes,
    pages,
    parameters,
    programme_words,
    security,
    sign_in,
    studio,
    tasks,
)
from webapp.api import openapi
from webapp.current import EXTENSION, wiring
from webapp.navigation import may_search, places
from webapp.translation import compile_translations

if TYPE_CHECKING:
    from flask import Response

    from webapp.bootstrap import Wiring

STATIC = Path(__file__).parent / "static"
BUILT = STATIC / "build"
ONE_YEAR = timedelta(days=365)
LARGEST_BODY = 16 * 1024 * 1024


def create_app(wiring: Wiring) -> Flask:
    """The whole site on one wiring."""
    compile_translations()
    app = Flask("webapp", static_folder="static", template_folder="templates")
    app.extensions[EXTENSION] = wiring
    _configure(app, wiring)
    _install_parts(app)
    _equip_templates(app)
    return app


def _configure(app: Flask, wiring: Wiring) -> None:
    app.config.update(
        SECRET_KEY=wiring.config.secret_key,
        SESSION_COOKIE_NAME="vejviser",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=wiring.config.secure_cookies,
        PERMANENT_SESSION_LIFETIME=sign_in.SESSION_LENGTH,
        SESSION_REFRESH_EACH_REQUEST=False,  # it ends when it ends, whoever uses it
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        BABEL_DEFAULT_LOCALE="da",
        BABEL_DEFAULT_TIMEZONE="Europe/Copenhagen",
        SEND_FILE_MAX_AGE_DEFAULT=None,
    )
    if wiring.config.secure_cookies:
        app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]


def _install_parts(app: Flask) -> None:
    Babel(app, locale_selector=language.chosen)
    CSRFProtect(app)
    security.install_headers(app)
    errors.install(app)
    security.install_guard(app)
    sign_in.install(app)
    work_pages = (tasks, cases, operations, deadlines, board, outcomes)
    for part in (language, *work_pages, studio, beginnings, parameters, migrations, health):
        app.register_blueprint(part.bp)
    if app.extensions[EXTENSION].config.demo:
        clock.install(app)
    openapi.install(app)
    app.after_request(_keep_built_files)


def _keep_built_files(response: Response) -> Response:
    """Let browsers keep a built file whose address names its version."""
    if request.endpoint == "static" and "v" in request.args:
        response.cache_control.no_cache = None
        response.cache_control.max_age = int(ONE_YEAR.total_seconds())
        response.cache_control.public = True
        response.cache_control.immutable = True
    return response


def _equip_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(built=built, ours=ours, **pages.GLOBALS)
    app.jinja_env.filters.update(**pages.FILTERS, **history.FILTERS, **incidents.FILTERS)
    app.jinja_env.filters.update(programme_words.FILTERS)
    app.context_processor(_of_every_page)


def _of_every_page() -> dict[str, Any]:
    """What the frame of a page shows; asked for nothing when the database is away."""
    me = current_user if "_login_user" in g and current_user.is_authenticated else None
    person = me.person if me else None
    return {
        "me": me,
        "language": language.chosen(),
        "here": request.full_path.rstrip("?")
        if request.method == "GET"
        else url_for("sign_in.home"),
        "places": places(person),
        "may_search": may_search(person),
        "clock_bar": wiring().config.demo,
        "may_jump": "clock.jump" in current_app.view_functions,
    }


@cache
def _build_version() -> str:
    manifest = BUILT / "manifest.json"
    version: str = json.loads(manifest.read_text())["version"] if manifest.exists() else "0"
    return version


@cache
def _content_version(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]


def ours(name: str) -> str:
    """Address of a file that needs no building, which changes with its content."""
    return f"/static/{name}?v={_content_version(STATIC / name)}"


def built(name: str) -> str:
    """Address of a built file, which changes with its content."""
    return f"/static/build/{name}?v={_build_version()}"
