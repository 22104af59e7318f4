"""One engine, and one memory of what was played, for all tests of the programmes."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from processes.engine import Engine, Feel
from tests.bpmn.folders import Plays

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with closing(Feel()) as feel:
        yield Engine(feel)


@pytest.fixture(scope="session")
def plays(engine) -> Plays:
    return Plays(engine)
