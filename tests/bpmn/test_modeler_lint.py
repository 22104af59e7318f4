"""The modeler's own linter has nothing to say about the diagrams we ship."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.bpmn.folders import FAELLES, below

LINT = Path(__file__).with_name("modeler_lint.mjs")


def lint(paths):
    """What bpmnlint and its reading of the files found, such as `x.bpmn: fake-join: luk: ...`."""
    printed = subprocess.run(
        ["node", LINT, *paths], check=True, capture_output=True, text=True
    ).stdout
    return json.loads(printed)


class TestTheModelersLinter:
    def test_finds_nothing_in_our_diagrams(self):
        diagrams = below("*.bpmn")

        findings = lint(diagrams)

        assert diagrams
        assert findings == []

    def test_tells_of_elements_without_a_name_and_of_flows_to_nowhere(self, tmp_path):
        sound = (FAELLES / "moede.bpmn").read_text()
        broken = tmp_path / "broken.bpmn"
        broken.write_text(
            sound.replace(' name="Flyt møde"', "").replace(
                'targetRef="moede_skal_flyttes"', 'targetRef="ingen_steder"'
            )
        )

        findings = lint([broken])

        assert f"{broken}: unresolved reference <ingen_steder>" in findings
        assert f"{broken}: label-required: flyt_moede: Element is missing label/name" in findings
