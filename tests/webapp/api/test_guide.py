"""Does the guide tell the truth? Its script is run as it stands, against a served Vejviser."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from tests.webapp.api.test_callers import ROWS
from tests.webapp.test_serve import ROOT, free_port, served

GUIDE = ROOT / "docs" / "api.md"
BLOCKS = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SCOPES = "deploy,case,task,message,simulate,read"
PATIENCE_SECONDS = 120


@pytest.fixture
def said(home) -> dict[str, str]:
    """What the script says, by the word each line begins with."""
    with served(home, free_port()) as site:
        environ = {**os.environ, "VEJVISER_HOME": str(home), "DATABASE_URL": ""}
        add = ("token", "add", "--user", "koordinator", "--scope", SCOPES)
        token = _output([sys.executable, "-m", "webapp.cli", *add], "", environ).strip()
        told = {"VEJVISER": f"http://127.0.0.1:{site.port}", "TOKEN": token}
        script = "".join(BLOCKS.findall(GUIDE.read_text()))
        output = _output(["bash"], script, {**environ, **told})
    return dict(line.split(": ", 1) for line in output.splitlines())


def _output(words: list[str], given: str, environ: dict[str, str]) -> str:
    done = subprocess.run(
        words,
        input=given,
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


class TestGuide:
    def test_leads_through_a_diagram_never_seen_before(self, said):
        deployed = json.loads(said["Deployed"])
        refused = json.loads(said["Refused"])
        completed = json.loads(said["Completed"])
        report = json.loads(said["Simulated"])

        assert deployed["definitions"] == [{"key": "cykellaan", "version": 1, "name": "Cykellån"}]
        assert "picture-missing" in {warning["rule"] for warning in deployed["warnings"]}
        assert said["Taken by"] == "koordinator"
        assert refused["errors"] == {"stel": ["Must be filled in."]}
        assert completed["id"] == said["Case"]
        assert completed["data"] == {"alder": 17, "bevilges": True, "stel": "WBK 417"}
        assert json.loads(said["Message"]) == {"state": "delivered"}
        assert json.loads(said["Again"]) == {"state": "duplicate"}
        assert int(said["Events"]) > 5
        assert (report["ok"], report["ended"]) == (True, True)
        assert report["ended_at"] == "2026-05-31T09:00:00+02:00"

    def test_names_every_call(self):
        guide = GUIDE.read_text()

        for _, path, _ in ROWS:
            assert path.replace("{id}", "<id>") in guide or _end(path) in guide, path


def _end(path: str) -> str:
    """`/deadlines/{id}/pauses` stands in the table as `/pauses`, after the call before it."""
    return f"`/{path.rsplit('/', 1)[-1]}`"
