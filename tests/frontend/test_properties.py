"""The panel edits exactly the diagram properties that the engine reads."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from processes.engine.properties import PROPERTIES

ROOT = Path(__file__).parents[2]
PRINT = """
const { PROPERTIES } = await import(process.argv[1]);
console.log(JSON.stringify(PROPERTIES));
"""


def test_the_panel_and_the_engine_know_the_same_properties():
    module = (ROOT / "frontend" / "properties.js").as_uri()

    printed = subprocess.run(
        ["node", "--input-type=module", "--eval", PRINT, module],
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    edited = {kind: frozenset(names) for kind, names in json.loads(printed).items()}
    assert edited == PROPERTIES
