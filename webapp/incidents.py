"""What went wrong on a case, in the reader's language, and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import g
from flask_babel import gettext, lazy_gettext

from processes.access import Ties, compartments
from webapp.current import person
from webapp.programme_words import said

if TYPE_CHECKING:
    from flask_babel.speaklater import LazyString

    from models.case import Case
    from models.errors import StuckCode
    from models.incident import Incident

UNKNOWN_OPERATION = re.compile(r"UnknownOperation: .* (?P<operation>\S+)\Z")
"""How `processes.jobs` words a service task that no handler answers to."""

SENTENCES: dict[StuckCode, LazyString] = {
    "data_unreadable": lazy_gettext(
        "The case's information cannot be read, so the case stands still. Nothing is lost by"
        " waiting. Ask the administrator to restore it from the backup, then choose Try again."
    ),
    "definition_missing": lazy_gettext(
        "The version of the programme that the case runs on cannot be read, so the case stands"
        " still. Ask the administrator to restore it from the backup, then choose Try again."
    ),
    "rows_differ": lazy_gettext(
        "A timer or message was due that the case does not wait for. The rest of the case goes"
        " on. Ask the administrator to run “vejviser check”, then choose Try again."
    ),
    "snapshot_newer": lazy_gettext(
        "A newer Vejviser has moved the case, and this one cannot read it. The case goes on by"
        " itself once every server runs the newer version. Ask the administrator to update."
    ),
    "snapshot_unreadable": lazy_gettext(
        "The stored position of the case cannot be read, so the case stands still. Ask the"
        " administrator to restore it from the backup, then choose Try again."
    ),
    "unexpected": lazy_gettext(
        "A step failed in a way that nobody planned. The rest of the case goes on, and the step"
        " is tried again every few minutes. Ask the administrator to look in the log."
    ),
}
"""The codes of incidents on a whole case to what happened and what helps."""


def sentence_of(incident: Incident) -> str:
    """What happened, and for a case that stands still what to do."""
    for code, sentence in SENTENCES.items():
        if incident.code == code:
            return str(sentence)
    operation = UNKNOWN_OPERATION.match(incident.message)
    if operation:
        return gettext(
            "The step asks for “%(operation)s”, which this Vejviser does not know. Ask the"
            " administrator to install a version that does, then choose Try again.",
            operation=operation["operation"],
        )
    return message_of(incident)


def message_of(incident: Incident) -> str:
    """What the step said, which may quote the case's data, to those who see all that it has."""
    if incident.code is not None or _is_open(incident.case):
        return incident.message
    return gettext(
        "The step could not be done. Why may tell of a part of the case that is closed to you;"
        " the leader can see it."
    )


def _is_open(case: Case) -> bool:
    """Whether the reader sees every compartment of the case that holds anything."""
    mine = g.get("compartments")
    if mine is None:
        mine = compartments(person(), Ties(case.unit_id))
    return mine >= (frozenset("AB") if case.authority_data else frozenset("B"))


def place_of(incident: Incident) -> str:
    """Where it happened: a step, or the whole case."""
    if incident.code is not None and not incident.element:
        return gettext("The whole case")
    return said(incident.name, incident.case.definition_id) if incident.name else incident.element


FILTERS = {"incident_sentence": sentence_of, "incident_place": place_of}
