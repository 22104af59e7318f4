"""Deploy diagrams."""

from __future__ import annotations

from typing import Any

from processes.deploy import deploy
from webapp.api.blueprint import MULTIPART, Part
from webapp.api.problems import problem_json
from webapp.api.schemas import DeploymentRequest, DeploymentSchema, RefusedDiagramsSchema
from webapp.api.uploads import texts_of
from webapp.current import person, wiring

bp = Part("deployments", "Make diagrams startable", takes=MULTIPART)


@bp.post("")
@bp.needs("deploy")
@bp.arguments(DeploymentRequest, location="multipart")
@bp.response(201, DeploymentSchema)
@bp.alt_response(422, schema=RefusedDiagramsSchema)
def create(asked: dict[str, Any]) -> dict[str, Any]:
    """Deploy diagrams, decisions and forms together

    Every process among them gets a version. Running cases stay on theirs. A process that is
    the same as its newest version gets no new one.
    """
    files = texts_of(asked["files"])
    with wiring().turn() as turn:
        done = deploy(turn, files, asked["note"], person())
        return {
            "id": done.id,
            "definitions": [
                {"key": one.key, "version": one.version, "name": one.name}
                for one in done.definitions
            ],
            "warnings": [problem_json(problem) for problem in done.warnings],
        }
