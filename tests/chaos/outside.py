"""The outside world: a mail server, and a recorder of effects that keeps each key once."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from aiosmtpd.controller import Controller

from tests.chaos.site import free_port

MOODS = {"slow": 0.1, "again": 0.15, "fault": 0.1, "break": 0.04, "die": 0.04}
"""How often the first presentation of a key comes to this; else it is simply done."""

UNDONE = frozenset({"again", "fault", "break"})
"""Moods in which nothing has happened outside."""


@dataclass
class Postbox:
    """Takes every mail, slowly enough to be interrupted; counts each Message-ID."""

    taken: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail's id and say that it was taken."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.taken[str(mail["Message-ID"])] += 1
        await asyncio.sleep(0.02)
        return "250 OK"


@dataclass
class Recorder:
    """Does an effect once a key, however often it is presented."""

    chance: random.Random
    done: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Key to the case and what was done."""

    refused: set[tuple[str, str]] = field(default_factory=set)
    """The case and what will never be done for it."""

    presented: Counter[str] = field(default_factory=Counter)
    moods: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def present(self, key: str, case: str, what: str) -> str:
        """What the handler is to do; the effect has happened unless it was refused."""
        with self.lock:
            mood = "fault" if (case, what) in self.refused else self._mood(key, what)
            if mood == "fault":
                self.refused.add((case, what))
            if mood not in UNDONE:
                self.done[key] = (case, what)
                self.presented[key] += 1
            self.moods[mood] += 1
            return mood

    def _mood(self, key: str, what: str) -> str:
        if f"seen {key}" in self.moods:
            return "ok"
        self.moods[f"seen {key}"] += 1
        drawn = self.chance.random()
        for mood, share in MOODS.items():
            drawn -= share
            if drawn < 0:
                return "ok" if mood == "fault" and what != "opret" else mood
        return "ok"


@dataclass
class Outside:
    """Both servers, on loopback."""

    seed: int
    postbox: Postbox = field(default_factory=Postbox)

    def __post_init__(self) -> None:
        self.recorder = Recorder(random.Random(self.seed))  # noqa: S311
        self._post = Controller(self.postbox, hostname="127.0.0.1", port=free_port())
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._post.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        self._post.stop()

    @property
    def smtp_url(self) -> str:
        return f"smtp://127.0.0.1:{self._post.port}"

    @property
    def recorder_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        recorder = self.recorder

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = json.dumps({"do": recorder.present(**body)}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
