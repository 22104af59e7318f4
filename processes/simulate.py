"""Run any diagram with the real engine on a virtual clock, as a scenario says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import calendar
from models.errors import InvalidAnswers
from processes.engine import NotPossible, NotWaiting, load_definition
from processes.rehearsal import CannotDo, Run
from processes.scenario import Scenario, ScenarioStep, read_scenario
from processes.scenario_files import scenario_files
from processes.scenario_report import broken, differences, report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from processes.engine import Definition, Engine


def simulate(
    scenario: Scenario, files: Mapping[str, str], engine: Engine, *, saving: bool = False
) -> dict[str, Any]:
    """Play a scenario; the answer has the shape the contract gives for `simulate --json`."""
    return play(scenario, load_definition(scenario.process, files), engine, saving=saving)


def play(
    scenario: Scenario, definition: Definition, engine: Engine, *, saving: bool = False
) -> dict[str, Any]:
    """As `simulate`, with diagrams that have been read already."""
    return played(scenario, definition, engine, saving=saving)[0]


def played(
    scenario: Scenario, definition: Definition, engine: Engine, *, saving: bool = False
) -> tuple[dict[str, Any], frozenset[tuple[str, str]]]:
    """The report, and the sequence flows that were gone along."""
    run = Run(
        engine=engine,
        definition=definition,
        now=scenario.start,
        closing_days=frozenset(scenario.closing_days),
        saving=saving,
    )
    failures = follow(scenario, run)
    return _report(scenario, run, failures), frozenset(run.flows)


def _report(scenario: Scenario, run: Run, failures: list[dict[str, Any]]) -> dict[str, Any]:
    if any(failure["step"] is None for failure in failures):
        return broken("start", [failure["reason"] for failure in failures])
    expected = any(s.action == "expect" and "incidents" in s.value for s in scenario.steps)
    return report(run, failures, expected=expected)


def follow(scenario: Scenario, run: Run) -> list[dict[str, Any]]:
    """Begin a case and do every step of a scenario to it; what could not be done or was not so.

    It stops at the first step that could not be done.
    """
    run.by_hand = _by_hand(scenario.steps)
    run.item_base = _item_base(scenario)
    failed = _reasons(lambda: run.start(scenario.data, scenario.reference))
    failures: list[dict[str, Any]] = [
        {"step": None, "what": "start", "reason": reason} for reason in failed
    ]
    for position, step in enumerate(scenario.steps if not failed else (), start=1):
        run.by_hand = _by_hand(scenario.steps[position:])
        failed = _play(step, run)
        failures += [
            {"step": step.number, "what": str(step), "reason": reason} for reason in failed
        ]
        if failed and step.action != "expect":
            break
    return failures


def simulate_file(path: Path, engine: Engine, *, saving: bool = False) -> dict[str, Any]:
    """Play a scenario file with the diagrams around it.

    Raises:
        BadScenario, BadDiagram.
    """
    return play_file(path, engine, saving=saving)[0]


def play_file(
    path: Path, engine: Engine, *, saving: bool = False
) -> tuple[dict[str, Any], frozenset[tuple[str, str]]]:
    """As `simulate_file`, with the sequence flows that were gone along.

    Raises:
        BadScenario, BadDiagram.
    """
    scenario = read_scenario(path.read_text(encoding="utf-8"), path.name)
    definition = load_definition(scenario.process, scenario_files(path, scenario))
    return played(scenario, definition, engine, saving=saving)


def _by_hand(steps: Sequence[ScenarioStep]) -> frozenset[str]:
    """The service tasks that a step still to come speaks of; all others run their handlers."""
    return frozenset(step.value for step in steps if step.action == "job")


def _item_base(scenario: Scenario) -> int:
    """Items count from 1; a scenario that names item 0 counts all of them from 0."""
    return 0 if any(step.more.get("item") == 0 for step in scenario.steps) else 1


def _play(step: ScenarioStep, run: Run) -> list[str]:
    """Do one step; the reasons why it could not be done, or what was not as expected."""
    if step.action == "expect":
        return differences(step.value, run)
    return _reasons(lambda: _do(step, run))


def _reasons(act: Callable[[], None]) -> list[str]:
    """Why something could not be done; empty if it was."""
    try:
        act()
    except (CannotDo, NotPossible, NotWaiting, calendar.CalendarError) as error:
        return [str(error)]
    except InvalidAnswers as refused:
        return [f"{path}: {'; '.join(map(str, said))}" for path, said in refused.errors.items()]
    except Exception as error:  # noqa: BLE001 — somebody else's diagram must not stop the report
        return [f"{type(error).__name__}: {error}"]
    return []


def _do(step: ScenarioStep, run: Run) -> None:
    given = step.more.get("with") or {}
    if step.action == "complete":
        run.complete(step.value, given, step.more.get("role"), step.more.get("item"))
    elif step.action == "travel":
        run.travel(calendar.due(run.now, step.value).at)
    elif step.action == "until":
        run.travel(step.value)
    elif step.action == "message":
        run.message(step.value, given, step.more.get("correlation"))
    elif step.action == "signal":
        run.signal(step.value, given)
    else:
        _supervise(step, run, given)


def _supervise(step: ScenarioStep, run: Run, given: dict[str, Any]) -> None:
    """What a supervisor does to a running case."""
    if step.action == "suspend":
        run.suspend(step.value)
    elif step.action == "resume":
        run.resume(step.value)
    elif step.action == "skip":
        run.skip(step.value, step.more.get("result"))
    elif step.action == "correct":
        run.correct(given, step.value)
    elif step.action == "move":
        run.move(step.value, step.more.get("from"))
    elif step.action == "restart":
        run.restart(step.value)
    elif step.action == "job":
        run.job(step.value, step.more.get("result"), step.more.get("fault"))
