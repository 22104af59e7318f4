"""Which values a programme has had: every version in which one became another."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from processes.engine.programme import PROGRAMME
from processes.engine.programme_file import check_programme

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from models.definition import Definition
    from processes.engine.programme import Parameter


@dataclass(frozen=True)
class Change:
    """One setting that a version changed."""

    parameter: Parameter
    old: Any
    """None where the setting was new."""

    new: Any


@dataclass(frozen=True)
class Edition:
    """A version and what it changed."""

    definition: Definition
    changes: list[Change]


def editions(versions: Iterable[Definition]) -> list[Edition]:
    """The versions that changed a value, the newest first, and the first one that had values.

    `versions` come newest first.
    """
    found: list[Edition] = []
    before: dict[str, Parameter] = {}
    for one in reversed(list(versions)):
        now = settings_in(one.key, one.files)
        changes = [
            Change(parameter, before[name].value if name in before else None, parameter.value)
            for name, parameter in now.items()
            if name not in before or before[name].value != parameter.value
        ]
        if changes:
            found.append(Edition(one, changes if before else []))
        before = now
    return found[::-1]


def settings_in(key: str, files: Mapping[str, str]) -> dict[str, Parameter]:
    """The settings that some files of a programme hold, by name; none if they cannot be read."""
    text = files.get(f"{key}{PROGRAMME}")
    programme = check_programme(f"{key}{PROGRAMME}", text)[0] if text is not None else None
    return {one.name: one for one in programme.parameters} if programme else {}


def with_values(text: str, values: Mapping[str, Any]) -> str:
    """A programme's own file with other values for some settings, and nothing else changed."""
    said = json.loads(text)
    for one in said["parameters"]:
        one["value"] = values.get(one["name"], one["value"])
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"
