"""Whatever is done to a good file: the linter neither crashes nor hangs, and what it lets through
loads and plays; nothing that is written in a diagram is ever run.

`VEJVISER_MUTATIONS=2000` tries more of them.
"""

from __future__ import annotations

import os

import pytest

from tests.processes.engine.notation import FEEL
from tests.processes.lint.mutations import attempt

COUNT = int(os.environ.get("VEJVISER_MUTATIONS", "120"))


@pytest.mark.parametrize("number", range(COUNT))
def test_survives(number):
    outcome = attempt(number, FEEL)

    assert outcome.ok, outcome
