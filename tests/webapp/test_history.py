"""Agreement: whatever happens on a case can be told on its page."""

from __future__ import annotations

import re
from pathlib import Path

from webapp.history import QUIET, SENTENCES

AREAS = (
    "activity|case|data|deadline|element|escalation|incident|instance|job|message|outcome|phase"
    "|signal|task|team|timer"
)
KIND = re.compile(rf"""["']((?:{AREAS})\.[a-z_]+)["']""")
"""How the kinds of events stand in the code and the SQL that write them."""

PROCESSES = Path(__file__).parents[2] / "processes"


def test_every_kind_of_event_has_a_sentence_unless_it_only_repeats_another():
    written = {
        kind
        for file in PROCESSES.rglob("*.py")
        for kind in KIND.findall(file.read_text(encoding="utf-8"))
    }

    assert "escalation.thrown" in written
    assert written - QUIET == set(SENTENCES)
