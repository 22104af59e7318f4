"""What the engine's tests share."""

from __future__ import annotations

import pytest


@pytest.fixture(params=[True, False], ids=["saved", "live"])
def saving(request):
    """Whether the state is frozen and restored at every wait."""
    return request.param
