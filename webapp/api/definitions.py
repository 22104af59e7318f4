"""Which processes are deployed, in which versions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models.definition import Definition
from models.errors import NotAllowed
from processes.access import may
from webapp.api.blueprint import Part
from webapp.api.lists import Order
from webapp.api.schemas import DefinitionQuery, DeployedDefinitionSchema, page_of
from webapp.current import person, wiring

bp = Part("definitions", "Deployed processes and their versions")

NEWEST_FIRST = Order(Definition.id, Definition.created_at, descending=True)


@bp.get("")
@bp.needs("read", "deploy", "case")
@bp.arguments(DefinitionQuery, location="query")
@bp.response(200, page_of(DeployedDefinitionSchema))
def index(asked: dict[str, Any]) -> dict[str, Any]:
    """Every version of every process, the newest deployment first; `key` asks for one process"""
    if not may(person(), "definitions.show"):
        raise NotAllowed(person().name, "see the processes")
    query = select(Definition)
    if asked["key"]:
        query = query.where(Definition.key == asked["key"])
    with wiring().reading() as reading:
        rows, following = NEWEST_FIRST.page(reading, query, asked)
    return {"items": [_shown(row) for row in rows], "next": following}


def _shown(definition: Definition) -> dict[str, Any]:
    names = ("id", "key", "version", "name", "owner_role", "created_at")
    facts = {name: getattr(definition, name) for name in names}
    return {**facts, "deployment": definition.deployment_id}
