"""`vejviser simulate`: play scenarios in memory, with the real engine and a virtual clock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from processes.diagram_files import TwoFilesOfOneName
from processes.engine import BadDiagram, Engine, Feel
from processes.flow_coverage import coverage_of
from processes.scenario import BadScenario
from processes.scenario_report import broken_bundle
from processes.simulate import play_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SCENARIOS = "scenarios"
EXISTING = click.Path(exists=True, path_type=Path)


@click.command()
@click.argument("scenarios", nargs=-1, required=True, type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
@click.option("--saving", is_flag=True, help="Save and restore the case at every wait.")
@click.option("--coverage", is_flag=True, help="Tell how many of the drawn flows were gone along.")
@click.pass_context
def simulate(
    ctx: click.Context,
    *,
    scenarios: tuple[Path, ...],
    as_json: bool,
    saving: bool,
    coverage: bool,
) -> None:
    """Play SCENARIOS, files or folders of programmes; exit with 1 when an expectation is not met.

    With several of them --json prints a list. --coverage also exits with 1 when a flow of the
    folders' own diagrams was missed.
    """
    played = list(_played(_files(scenarios), saving=saving))
    if as_json:
        reports = [report for _, report, _ in played]
        single = len(scenarios) == 1 and scenarios[0].is_file()
        click.echo(json.dumps(reports[0] if single else reports, ensure_ascii=False, indent=2))
    else:
        for path, report, _ in played:
            _tell(path, report)
        if len(played) > 1:
            passed = sum(report["ok"] for _, report, _ in played)
            click.echo(f"{passed} of {len(played)} scenarios passed")
    whole = _tell_coverage(played, quiet=as_json) if coverage else True
    ctx.exit(0 if whole and all(report["ok"] for _, report, _ in played) else 1)


def _files(given: Sequence[Path]) -> Iterator[Path]:
    """The scenario files, those of a folder by name, or those of all programmes in a folder."""
    for path in given:
        if path.is_dir():
            home = path if path.name == SCENARIOS else path / SCENARIOS
            homes = [home] if home.is_dir() else sorted(path.glob(f"*/{SCENARIOS}"))
            yield from (file for one in homes for file in sorted(one.glob("*.yaml")))
        else:
            yield path


def _played(
    paths: Iterable[Path], *, saving: bool
) -> Iterator[tuple[Path, dict[str, Any], frozenset[tuple[str, str]]]]:
    """Each scenario with its report and the flows it went along."""
    feel = Feel()
    try:
        engine = Engine(feel)
        for path in paths:
            try:
                yield path, *play_file(path, engine, saving=saving)
            except BadDiagram as error:
                yield path, broken_bundle(error), frozenset()
            except BadScenario as error:
                failure = {"step": None, "what": path.name, "reason": str(error)}
                yield path, {**broken_bundle(BadDiagram([])), "failures": [failure]}, frozenset()
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


def _tell_coverage(
    played: Iterable[tuple[Path, dict[str, Any], frozenset[tuple[str, str]]]], *, quiet: bool
) -> bool:
    """Say how much of each folder was gone along by all scenarios; whether nothing was missed."""
    told = list(played)
    gone = {flow for _, _, flows in told for flow in flows}
    whole = True
    for folder in sorted({_home(path) for path, _, _ in told}):
        try:
            found = coverage_of(folder, gone)
        except (BadDiagram, TwoFilesOfOneName) as error:
            raise click.ClickException(str(error)) from error
        for missed in found.missed:
            click.echo(f"{folder}: not gone along: {missed}", err=True)
        for diagram, (along, of) in found.diagrams.items():
            click.echo(f"{folder / diagram}: {_share(along, of)}", err=quiet)
        click.echo(f"{folder}: {_share(found.gone, found.flows)}", err=quiet)
        whole = whole and not found.missed
    return whole


def _share(gone: int, flows: int) -> str:
    return f"{gone} of {flows} flows, {100 * gone // max(flows, 1)} %"


def _home(scenario: Path) -> Path:
    here = scenario.parent
    return here.parent if here.name == SCENARIOS else here
