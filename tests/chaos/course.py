"""The course that the storm's cases take: mails, effects, timers, a message, people, a fault."""

from __future__ import annotations

from tests import diagrams


def _effect(id_: str) -> str:
    return diagrams.service_task(id_, "chaos/Effect", what=f'"{id_}"')


def _mail(id_: str) -> str:
    return diagrams.service_task(
        id_, "mail/Send", to='"a@example.org"', subject='"Svar"', body='"Hej"'
    )


FILES = {
    "uro.bpmn": diagrams.diagram(
        "uro",
        diagrams.start(),
        _mail("kvitter"),
        _effect("opret"),
        '<bpmn:boundaryEvent id="afvist" attachedToRef="opret">'
        '<bpmn:errorEventDefinition id="afvist_fejl" errorRef="CHAOS"/></bpmn:boundaryEvent>',
        diagrams.user_task("ring"),
        '<bpmn:exclusiveGateway id="videre"/>',
        diagrams.user_task("vurder", deadline="P7D"),
        diagrams.parallel("del"),
        diagrams.timer("vent", "P1D"),
        diagrams.service_task("fase", "case/SetPhase", phase='"Venter"'),
        diagrams.message_catch("afvent", "svar"),
        _mail("svar_mail"),
        diagrams.user_task("samtale"),
        diagrams.parallel("saml"),
        diagrams.timer("igen", "P2D"),
        _effect("afslut"),
        diagrams.user_task("luk"),
        diagrams.end(),
        flow="begynd>kvitter>opret>videre>vurder>del>vent>fase>saml>igen>afslut>luk>slut;"
        "afvist>ring>videre; del>afvent>svar_mail>saml; del>samtale>saml",
        lanes={"Visitator": "ring vurder samtale luk"},
        beside=diagrams.message("svar")
        + '<bpmn:error id="CHAOS" name="Afvist" errorCode="CHAOS"/>',
    )
}
TIMERS = ("vent", "igen")
"""Each fires once a case."""

MAILS = ("kvitter", "svar_mail")
EFFECTS = ("opret", "afslut")
