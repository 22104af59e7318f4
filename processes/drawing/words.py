"""What people call the parts of a diagram and their states, in Danish and English."""

from __future__ import annotations

KINDS: dict[str, tuple[str, str]] = {
    "adHocSubProcess": ("fri delproces", "ad hoc sub-process"),
    "association": ("forbindelse", "association"),
    "boundaryEvent": ("hændelse på kanten", "boundary event"),
    "businessRuleTask": ("beslutning", "decision"),
    "callActivity": ("kaldt proces", "called process"),
    "complexGateway": ("kompleks gateway", "complex gateway"),
    "dataObjectReference": ("dokument", "data object"),
    "dataStoreReference": ("register", "data store"),
    "endEvent": ("slut", "end"),
    "eventBasedGateway": ("vent på det første", "wait for the first"),
    "eventSubProcess": ("hændelsesforløb", "event sub-process"),
    "exclusiveGateway": ("valg", "choice"),
    "group": ("gruppe", "group"),
    "inclusiveGateway": ("et eller flere spor", "one or more paths"),
    "intermediateCatchEvent": ("vent", "wait"),
    "intermediateThrowEvent": ("undervejs", "intermediate event"),
    "lane": ("rolle", "role"),
    "manualTask": ("opgave uden for systemet", "manual task"),
    "messageFlow": ("besked", "message"),
    "parallelGateway": ("samtidige spor", "parallel paths"),
    "participant": ("deltager", "participant"),
    "receiveTask": ("vent på besked", "receive task"),
    "scriptTask": ("beregning", "script"),
    "sendTask": ("send besked", "send task"),
    "sequenceFlow": ("vej", "flow"),
    "serviceTask": ("automatisk trin", "automatic step"),
    "startEvent": ("start", "start"),
    "subProcess": ("delproces", "sub-process"),
    "task": ("trin", "step"),
    "textAnnotation": ("bemærkning", "annotation"),
    "transaction": ("transaktion", "transaction"),
    "userTask": ("opgave", "task"),
}
TRIGGERS: dict[str, tuple[str, str]] = {
    "cancel": ("annulleret", "cancelled"),
    "compensate": ("fortrydelse", "compensation"),
    "conditional": ("betingelse", "condition"),
    "error": ("fejl", "error"),
    "escalation": ("eskalering", "escalation"),
    "link": ("henvisning", "link"),
    "message": ("besked", "message"),
    "signal": ("signal", "signal"),
    "terminate": ("afslutter alt", "ends everything"),
    "timer": ("tid", "time"),
}
STATES: dict[str, tuple[str, str]] = {
    "active": ("i gang", "in progress"),
    "late": ("overskredet", "overdue"),
    "done": ("udført", "done"),
    "incident": ("fejlet", "failed"),
    "changed": ("ændres", "changes"),
}


def kind_in_words(kind: str, language: str = "da") -> str:
    """`boundaryEvent.timer` as `hændelse på kanten (tid)`; an unknown kind as it is."""
    base, _, trigger = kind.partition(".")
    words = _pick(KINDS, base, language)
    return f"{words} ({_pick(TRIGGERS, trigger, language)})" if trigger else words


def state_in_words(state: str, language: str = "da") -> str:
    """`late` as `overskredet`."""
    return _pick(STATES, state, language)


def _pick(words: dict[str, tuple[str, str]], key: str, language: str) -> str:
    danish, english = words.get(key, (key, key))
    return danish if language == "da" else english
