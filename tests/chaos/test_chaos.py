"""The short form of the storm; `make chaos` is the long one."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.chaos.run import Plan, run


@pytest.fixture
def short_home():
    """A folder whose name leaves room for a socket's."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_nothing_is_lost_or_done_twice_in_a_storm(short_home):
    report = run(short_home, Plan(storms=1, kills=4, others=1, clerks=2, seed=1))

    log = (short_home / "site.log").read_text()[-3000:]
    assert report.ok, f"{report.wrong}\n{report.counts}\n{report.calls}\n{log}"
