"""Which cases a programme shows in the demonstration, as its `demo.yaml` says.

```yaml
routine:                       # what recurs in every case, with the answers of an ordinary week
  skriv_log: {log_dato: today}
cases:
  - scenario: t_12             # played to its end
  - {scenario: t_01, before: afsluttende_samtale, waited: P4D}
```
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from models.durations import CalendarError, parse_duration
from processes.plain_yaml import BadYaml, read_plain
from processes.scenario import read_scenario

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from processes.scenario import Scenario

FILE = "demo.yaml"
SCENARIOS = "scenarios"


class BadDemonstration(Exception):
    """The file does not say what to show; the text says why."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(f"{path.parent.name}/{path.name}: {why}")


@dataclass(frozen=True)
class Vignette:
    """How far a scenario has come."""

    scenario: str
    """File name without ending."""

    before: str | None = None
    """The step, by the element it completes, that nobody has done yet; None plays it all."""

    times: int = 1
    """Which of the steps on that element it is."""

    waited: timedelta = timedelta()
    """How long that step has waited at least."""

    exact: bool = False
    """Whether it waited exactly so long; else up to a week more, to keep the weekdays."""

    share: float = 1.0
    """How much of what leads to that step is played."""

    @property
    def reference(self) -> str:
        """The pseudonym of the case, such as `T-01`."""
        return self.scenario.upper().replace("_", "-")


@dataclass(frozen=True)
class Demonstration:
    """The cases of one programme."""

    folder: Path
    cases: tuple[Vignette, ...] = ()
    routine: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """User task to answers; `today` among them is the day it is done on."""

    @property
    def programme(self) -> str:
        """The process id, which is also the folder's name."""
        return self.folder.name

    def scenario(self, vignette: Vignette) -> Scenario:
        """What happens in a case.

        Raises:
            BadScenario.
        """
        path = self.folder / SCENARIOS / f"{vignette.scenario}.yaml"
        return read_scenario(path.read_text(encoding="utf-8"), path.name)


def read_demonstration(folder: Path) -> Demonstration:
    """What the programme in `folder` shows; nothing without a `demo.yaml`.

    Raises:
        BadDemonstration.
    """
    path = folder / FILE
    if not path.is_file():
        return Demonstration(folder)
    try:
        written = read_plain(path.read_text(encoding="utf-8"), FILE)
        found = _File().load(written)
    except (BadYaml, ValidationError) as bad:
        raise BadDemonstration(path, bad) from bad
    return Demonstration(folder, tuple(found["cases"]), found["routine"])


def _elapsed(text: str) -> timedelta:
    """What an ISO 8601 duration of days and hours comes to."""
    try:
        length = parse_duration(str(text))
    except CalendarError as bad:
        raise ValidationError(str(bad)) from bad
    return timedelta(days=length.total_days) + length.elapsed


class _Case(Schema):
    scenario = fields.String(required=True)
    before = fields.String()
    times = fields.Integer(strict=True, validate=validate.Range(min=1))
    waited = fields.Function(deserialize=_elapsed)
    exact = fields.Boolean(truthy={True}, falsy={False})

    @post_load
    def _vignette(self, data: dict[str, Any], **_: Any) -> Vignette:
        return Vignette(**data)


class _File(Schema):
    routine = fields.Dict(keys=fields.String(), values=fields.Dict(), load_default=dict)
    cases = fields.List(fields.Nested(_Case), required=True)
