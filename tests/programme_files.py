"""A programme's own file as text, with as many settings as a test wants."""

from __future__ import annotations

import json
from typing import Any


def parameter(name: str = "plan_frist", **said: Any) -> dict[str, Any]:
    """A setting of fourteen days, unless something else is said."""
    label = {"da": "Plan", "en": "Plan"}
    usual = {"kind": "duration", "value": "P14D", "label": label, "source": "default"}
    return {"name": name, **usual, **said}


def programme(*parameters: dict[str, Any], **said: Any) -> str:
    """The text of a whole file."""
    words = {"da": "Forløb", "en": "Programme"}
    usual = {"name": words, "summary": words, "sources": {"S1": "Et dokument (2012)"}}
    return json.dumps({**usual, "parameters": list(parameters), **said}, ensure_ascii=False)
