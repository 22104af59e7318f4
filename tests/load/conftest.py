"""One engine for all that is led through the programmes."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from processes.engine import Engine, Feel

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with closing(Feel()) as feel:
        yield Engine(feel)
