"""A small programme that the pages are tried on: two tasks, a wait between them, one message."""

from __future__ import annotations

import json

from sqlalchemy import select

from models import Account, UserTask
from processes.access import OPERATOR, person_of
from processes.cases import start_case
from processes.deploy import deploy
from tests import diagrams, make

FORM = json.dumps(
    {
        "type": "default",
        "id": "vurdering",
        "components": [
            {
                "type": "textfield",
                "key": "grund",
                "label": "Grund til henvisning",
                "validate": {"required": True},
            },
            {"type": "textfield", "key": "skole", "label": "Skole"},
        ],
    }
)
FILES = {
    "forloeb.bpmn": diagrams.diagram(
        "forloeb",
        diagrams.start(),
        diagrams.user_task("vurder", form="vurdering.form.json", deadline="P7D"),
        diagrams.service_task("fase", "case/SetPhase", phase='"Start"'),
        diagrams.timer("vent", "P14D"),
        diagrams.user_task("samtale"),
        diagrams.end(),
        flow="begynd>vurder>fase>vent>samtale>slut",
        lanes={"Visitator": "vurder", "Mentor": "samtale"},
        ownerRole="Koordinator",
    ),
    "vurdering.form.json": FORM,
}


def deployed(wiring, files=None):
    """The programme, ready for cases."""
    with wiring.turn() as turn:
        make.unit(turn.session)
        deploy(turn, files or FILES, "Første udgave", OPERATOR)


def begun(wiring, reference="T-01", key="forloeb"):
    """A case that waits for the visitator; its id."""
    with wiring.turn() as turn:
        known = turn.session.scalar(select(Account).where(Account.name == "visitator"))
        by = person_of(known or make.account(turn.session, "visitator"))
        return start_case(turn, key, reference, {}, "aalborg", by).id


def open_task(wiring, case_id):
    """Id of the case's only open task."""
    with wiring.reading() as reading:
        query = select(UserTask.id).where(UserTask.case_id == case_id, UserTask.state == "open")
        return reading.scalars(query).one()
