"""`vejviser simulate`: play a scenario in memory, with the real engine and a virtual clock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from processes.engine import BadDiagram, Engine, Feel
from processes.scenario import BadScenario
from processes.scenario_report import broken_bundle
from processes.simulate import simulate_file


@click.command()
@click.argument("scenario", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
@click.pass_context
def simulate(ctx: click.Context, *, scenario: Path, as_json: bool) -> None:
    """Play SCENARIO; exit with 1 when an expectation is not met."""
    report = _played(scenario)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _tell(scenario, report)
    ctx.exit(0 if report["ok"] else 1)


def _played(scenario: Path) -> dict[str, Any]:
    feel = Feel()
    try:
        return simulate_file(scenario, Engine(feel))
    except BadDiagram as error:
        return broken_bundle(error)
    except BadScenario as error:
        failure = {"step": None, "what": scenario.name, "reason": str(error)}
        return {**broken_bundle(BadDiagram([])), "failures": [failure]}
    finally:
        feel.close()


def _tell(scenario: Path, report: dict[str, Any]) -> None:
    for failure in report["failures"]:
        step = f"step {failure['step']}: " if failure["step"] is not None else ""
        click.echo(f"{scenario}: {step}{failure['what']}: {failure['reason']}", err=True)
    click.echo(f"{scenario}: {'ok' if report['ok'] else 'failed'}, {_standing(report)}")


def _standing(report: dict[str, Any]) -> str:
    if report["ended"]:
        return f"ended {report['ended_at']}"
    waiting = [task["element"] for task in report["open_tasks"]]
    return f"waits for {', '.join(waiting)}" if waiting else "waits for nobody"
