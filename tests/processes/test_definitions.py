"""Do the versions that a process has met stay few enough to remember?"""

from __future__ import annotations

from sqlalchemy import select

from models import Definition
from processes import definitions
from processes.definitions import Definitions
from tests import diagrams
from tests.processes.conftest import deployed


class TestDefinitions:
    def test_reads_a_version_again_that_made_room_for_another(self, turn, monkeypatch):
        monkeypatch.setattr(definitions, "MOST_KEPT", 1)
        for name in ("en", "to"):
            drawn = diagrams.diagram(name, diagrams.start(), diagrams.end(), flow="begynd>slut")
            deployed(turn, {f"{name}.bpmn": drawn})
        ids = turn.session.scalars(select(Definition.id).order_by(Definition.key)).all()
        known = Definitions()

        met = [known.get(turn.session, id_).key for id_ in (*ids, *ids)]

        assert met == ["en", "to", "en", "to"]
        assert [known.known(id_) is None for id_ in ids] == [True, False]
