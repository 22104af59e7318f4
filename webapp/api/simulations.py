"""Play a scenario on any diagrams: real engine, virtual clock, nothing stored, nothing sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import jsonify
from werkzeug.datastructures import FileStorage

from models.calendar import CalendarError
from models.errors import DiagramsRefused, NotAllowed
from processes.access import may
from processes.bundles import bundle_of, read_library
from processes.deploy import newest
from processes.engine import BadDiagram, load_definition
from processes.scenario import BadScenario, Scenario, read_scenario
from processes.simulate import simulate
from webapp.api.blueprint import MULTIPART, Part
from webapp.api.body import InvalidRequest
from webapp.api.sayings import NO_SUCH_FILE
from webapp.api.schemas import RefusedDiagramsSchema, SimulationRequest
from webapp.api.uploads import base_name, text_of, texts_of
from webapp.current import person, wiring

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from processes.bundles import Files
    from processes.turn import Turn

bp = Part("simulations", "Run diagrams in memory", takes=MULTIPART)


@bp.post("")
@bp.needs("simulate")
@bp.arguments(SimulationRequest, location="multipart")
@bp.doc(responses={200: {"description": "The report, as `vejviser simulate --json` prints it"}})
@bp.alt_response(422, schema=RefusedDiagramsSchema)
def create(asked: dict[str, Any]) -> ResponseReturnValue:
    """Play a scenario and report what happened

    200 also when an expectation was not met: then `ok` is false and `failures` says why.
    """
    if not may(person(), "simulations.run"):
        raise NotAllowed(person().name, "run simulations")
    files = texts_of(asked["files"])
    try:
        scenario = read_scenario(_text(asked["scenario"]))
        with wiring().turn() as turn:
            bundle = _bundle(turn, scenario, files)
        return jsonify(simulate(scenario, bundle, wiring().engine))
    except (BadScenario, CalendarError) as error:
        raise InvalidRequest({"scenario": [str(error)]}) from error
    except BadDiagram as error:
        raise DiagramsRefused(error.problems) from error


def _text(scenario: Any) -> str:
    return text_of(scenario, "scenario") if isinstance(scenario, FileStorage) else str(scenario)


def _bundle(turn: Turn, scenario: Scenario, files: Files) -> Files:
    """What the scenario's process needs: from the files, else as it is deployed.

    Raises:
        BadDiagram, InvalidRequest.
    """
    if scenario.file and base_name(scenario.file) not in files:
        raise InvalidRequest({"scenario": [NO_SUCH_FILE]})

    def elsewhere(key: str) -> Files:
        deployed = newest(turn, key)
        return deployed.files if deployed else {}

    library = read_library(files)
    process = library.processes.get(scenario.process)
    if process is not None:
        return bundle_of(process, library, elsewhere)
    deployed = elsewhere(scenario.process)
    if not deployed:
        load_definition(scenario.process, files)
    return {**deployed, **files}
