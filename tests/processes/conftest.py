"""A small programme that most commands are tried on."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from models import Account
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
                "label": "Grund",
                "validate": {"required": True},
            },
        ],
    }
)
SECRET = json.dumps(
    {
        "type": "default",
        "id": "fortroligt",
        "compartment": "C",
        "components": [{"type": "textfield", "key": "oplysning", "label": "Oplysning"}],
    }
)
FILES = {
    "forloeb.bpmn": diagrams.diagram(
        "forloeb",
        diagrams.start(),
        diagrams.user_task("vurder", form="vurdering.form.json", deadline="P7D"),
        diagrams.service_task("fase", "case/SetPhase", phase='"Start"'),
        diagrams.timer("vent", "P14D"),
        diagrams.user_task("samtale", assign="team"),
        diagrams.end(),
        flow="begynd>vurder>fase>vent>samtale>slut",
        lanes={"Visitator": "vurder", "Mentor": "samtale"},
        ownerRole="Koordinator",
    ),
    "vurdering.form.json": FORM,
}


def deployed(turn, files=None):
    return deploy(turn, files or FILES, "", OPERATOR)


def begun(turn, key="forloeb", files=None, by=None, **data):
    """A case of a programme that is deployed first; begun by the visitator."""
    deployed(turn, files)
    known = turn.session.scalar(select(Account).where(Account.name == "visitator"))
    by = by or person_of(known or make.account(turn.session, "visitator"))
    return start_case(turn, key, data.pop("reference", ""), data, "aalborg", by)


@pytest.fixture
def visitator(turn):
    return person_of(make.account(turn.session, "visitator"))


@pytest.fixture
def mentor(turn):
    return person_of(make.account(turn.session, "mentor"))


@pytest.fixture
def leader(turn):
    return person_of(make.account(turn.session, "leder"))
