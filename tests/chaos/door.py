"""A door in front of PostgreSQL that falls shut in the middle of a commit, when it is told to."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

PIECE = 65536
COMMIT = b"COMMIT"


@dataclass
class Door:
    """Passes connections on from one Unix socket to another.

    `before` loses a commit on its way to the server, `after` loses the server's answer to one
    that has happened.
    """

    folder: Path
    behind: Path
    cuts: Counter[str] = field(default_factory=Counter)
    armed: deque[str] = field(default_factory=deque)

    def __enter__(self) -> Self:
        self.folder.mkdir(mode=0o755)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._is_open = threading.Event()
        self._thread.start()
        self._is_open.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def cut_next_commit(self, when: str) -> None:
        self.armed.append(when)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self._open: set[asyncio.Task[None]] = set()
        server = await asyncio.start_unix_server(self._meet, str(self.folder / ".s.PGSQL.5432"))
        self._is_open.set()
        await self._stop.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._pass_on(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._open.discard(task)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(str(self.behind))
        deaf = asyncio.Event()
        ways = [
            asyncio.ensure_future(self._up(reader, far_writer, deaf)),
            asyncio.ensure_future(self._down(far_reader, writer, deaf)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            far_writer.close()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _up(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, deaf: asyncio.Event
    ) -> None:
        while piece := await reader.read(PIECE):
            if COMMIT in piece and self.armed:
                when = self.armed.popleft()
                self.cuts[when] += 1
                if when == "before":
                    return
                deaf.set()
            writer.write(piece)
            await writer.drain()

    async def _down(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, deaf: asyncio.Event
    ) -> None:
        while piece := await reader.read(PIECE):
            if deaf.is_set():
                return
            writer.write(piece)
            await writer.drain()
