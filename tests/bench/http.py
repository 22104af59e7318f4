"""Completing a user task over HTTP: gunicorn's threads on loopback, signed in, kept alive."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.bench.ground import NAME, PASSWORD
from tests.bench.measure import Row, compared, interleaved
from tests.bench.served import Browser, command, cpu_seconds, environment, free_port, wait_for
from tests.bench.visit import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from tests.bench.ground import Ground
    from tests.bench.sizes import Sizes

LIMIT = "<= 2.5"


def rows(ground: Ground, sizes: Sizes) -> Iterator[Row]:
    """The answer to the browser's POST, and that with the page it is sent on to."""
    port = free_port()
    with (
        command("web", PORT=str(port), **environment(ground)) as server,
        closing(Browser(port)) as browser,
    ):
        wait_for(port, "/healthz")
        visitor = Visitor(ground, browser, ground.cases(sizes.each))
        began = cpu_seconds(server)
        blocks = interleaved(
            {"bare": ground.bare(), "post": visitor.completion, "page": visitor.with_page},
            sizes.rounds,
            sizes.each,
        )
        requests = 3 * sizes.each * (sizes.rounds + 1)
        cpu = {"server_cpu_ms_a_request": round(1000 * (cpu_seconds(server) - began) / requests, 2)}
    yield compared("complete a user task over HTTP", blocks["post"], blocks["bare"], LIMIT, **cpu)
    yield compared(
        "complete a user task over HTTP and see the page that follows",
        blocks["page"],
        blocks["bare"],
        "",
    )


class Visitor:
    """Somebody signed in, who completes the tasks of some cases."""

    def __init__(self, ground: Ground, browser: Browser, cases: Iterator[UUID]) -> None:
        self.ground = ground
        self.browser = browser
        self.cases = cases
        self.token = self._token()
        entered = {"csrf_token": self.token, "name": NAME, "password": PASSWORD}
        self._post("/sign-in", entered)
        self.token = self._token()

    def completion(self) -> Callable[[], object]:
        """The next task's form, filled in."""
        path, form = self._filled()
        return lambda: self._post(path, form)

    def with_page(self) -> Callable[[], object]:
        """The same, and the page that the answer points to."""
        path, form = self._filled()

        def run() -> None:
            self._post(path, form)
            self._get(path.removesuffix("/completion"))

        return run

    def _filled(self) -> tuple[str, dict[str, str]]:
        task = self.ground.open_task(next(self.cases))
        answers = json.dumps(self.ground.answers())
        return f"/tasks/{task}/completion", {"csrf_token": self.token, "answers": answers}

    def _post(self, path: str, form: dict[str, str]) -> None:
        status, text = self.browser.post(path, urlencode(form).encode())
        assert status == 303, f"{path}: {status} {text}"

    def _get(self, path: str) -> str:
        status, text = self.browser.get(path)
        assert status == 200, f"{path}: {status} {text}"
        return text

    def _token(self) -> str:
        _, page = self.browser.get("/sign-in")
        found = TOKEN.search(page) or TOKEN.search(self._get("/tasks"))
        assert found, page
        return found[1]
