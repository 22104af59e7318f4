"""Pages in a real browser: a desktop, a phone, and a workbench for scripts without the server."""

from __future__ import annotations

import json
import mimetypes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser import real_browser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

BUILT = Path(__file__).parents[2] / "webapp" / "static" / "build"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'self'"
)
PATIENCE_MILLISECONDS = 20_000
"""Two cores are shared with other suites; what is there in time is still found at once."""

expect.set_options(timeout=PATIENCE_MILLISECONDS)
STUDIO_POLICY = f"{POLICY}; style-src-attr 'unsafe-inline'"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a module: while Playwright runs, V8 cannot keep its time limit in this thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=real_browser.executable(),
            args=real_browser.FLAGS,
            env=real_browser.environment(),
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser) -> Iterator[Callable[..., Page]]:
    """Opens pages that fail the test on a script error or a breach of the policy.

    `phone=True` is a touch screen, `dark=True` the system's dark mode; other arguments go to
    the browser context.
    """
    contexts, complaints = [], []

    def open_page(*, phone: bool = False, dark: bool = False, **options: Any) -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            locale="da-DK",
            timezone_id="Europe/Copenhagen",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: _note(line, complaints))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


def _note(line: Any, complaints: list[str]) -> None:
    if line.type == "error" and "Failed to load resource" not in line.text:
        complaints.append(line.text)


@pytest.fixture
def page(open_page) -> Page:
    """A desktop page."""
    return open_page()


class Workbench:
    """Serves what a test hands it, and the built files, under the real policy."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.pages: dict[str, tuple[str, str]] = {}
        self.answers: dict[tuple[str, str], tuple[int, Any]] = {}
        self.asked: list[tuple[str, str, dict[str, str], str]] = []

    def show(self, path: str, body: str, *, policy: str = POLICY, head: str = "") -> str:
        """The address of a Danish page with this body."""
        html = (
            '<!doctype html><html lang="da"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="csrf-token" content="token"><title>Prøve</title>'
            '<link rel="stylesheet" href="/static/build/dkfds/css/dkfds.css">'
            '<link rel="stylesheet" href="/static/build/base.css">'
            f"{head}</head><body>{body}"
            '<script src="/static/build/base.js" defer></script></body></html>'
        )
        self.pages[path] = (html, policy)
        return self.address + path

    def reply(self, method: str, path: str, status: int, body: Any) -> None:
        """What a request gets; text as HTML, anything else as JSON."""
        self.answers[(method, path)] = (status, body)

    def sent(self, method: str, path: str) -> list[str]:
        """The bodies that arrived."""
        return [body for how, where, _, body in self.asked if (how, where) == (method, path)]


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    """A server for scripts alone."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    server.daemon_threads = True
    bench = Workbench(f"http://127.0.0.1:{server.server_port}")
    server.bench = bench
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield bench
    server.shutdown()
    thread.join()
    server.server_close()


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        bench = self.server.bench
        if path.startswith("/static/build/"):
            self._file(BUILT / path.removeprefix("/static/build/"))
        elif path in bench.pages:
            html, policy = bench.pages[path]
            self._send(200, html.encode(), "text/html; charset=utf-8", policy)
        else:
            self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def _answer(self, method: str) -> None:
        path = self.path.split("?")[0]
        bench = self.server.bench
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        bench.asked.append((method, path, dict(self.headers), body))
        status, answer = bench.answers.get((method, path), (404, {"message": "not here"}))
        if isinstance(answer, str):
            self._send(status, answer.encode(), "text/html; charset=utf-8")
        else:
            self._send(status, json.dumps(answer).encode(), "application/json")

    def _file(self, file: Path) -> None:
        if file.is_file():
            self._send(200, file.read_bytes(), mimetypes.guess_type(file)[0] or "font/woff2")
        else:
            self._send(404, b"", "text/plain")

    def _send(self, status: int, body: bytes, kind: str, policy: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""
