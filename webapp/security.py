"""What the browser may do with our pages, and how often a password may be tried."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from flask import abort, current_app, g, request

from webapp.api.body import holds_unstorable

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask, Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
EDITOR_POLICY = f"{POLICY}; style-src-attr 'unsafe-inline'"
"""The editors place their shapes with style attributes; scripts stay as strict."""

TRIES = 5
WAIT_SECONDS = 60.0
MOST_NAMES = 10_000
"""Names remembered at most, so that made-up names cannot fill the memory."""

HTTPS_ONLY = "max-age=31536000"
"""Sent where cookies are `Secure`: for a year the browser asks no more in the clear."""


def install_headers(app: Flask) -> None:
    app.after_request(_add_headers)


def install_guard(app: Flask) -> None:
    """Refuse what no page can mean before a page meets it."""
    app.before_request(_refuse_unstorable)


def allow_editor_styles() -> None:
    """Let this one page carry the editors' style attributes."""
    g.policy = EDITOR_POLICY


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", g.get("policy", POLICY))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = HTTPS_ONLY
    return response


def _refuse_unstorable() -> None:
    """A NUL or half a character in a page's address or form; the API says which field it is."""
    if (request.blueprint or "").startswith("api_"):
        return
    if holds_unstorable([request.path, *request.args.values(), *request.form.values()]):
        abort(400)


@dataclass
class Throttle:
    """After some wrong passwords a name must wait, whoever asks."""

    clock: Callable[[], float] = time.monotonic
    _failures: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _lock: Lock = field(default_factory=Lock)

    def seconds_to_wait(self, name: str) -> int:
        """Whole seconds before `name` may try again; 0 means now."""
        with self._lock:
            recent = self._recent(name)
        if len(recent) < TRIES:
            return 0
        return max(1, round(recent[-1] + WAIT_SECONDS - self.clock()))

    def failed(self, name: str) -> None:
        with self._lock:
            if len(self._failures) >= MOST_NAMES:
                self._failures.clear()
            self._failures[name] = [*self._recent(name), self.clock()]

    def succeeded(self, name: str) -> None:
        with self._lock:
            self._failures.pop(name, None)

    def _recent(self, name: str) -> list[float]:
        since = self.clock() - WAIT_SECONDS
        return [at for at in self._failures.get(name, []) if at > since]
