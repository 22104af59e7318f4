"""The statutes in use: the list that came with the version deployed last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import undefer

from models.definition import Definition
from processes.engine.statutes import STATUTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session


def deployed_statutes(session: Session) -> str | None:
    """The text of the list in use; None while no process carries one."""
    newest = (
        select(Definition)
        .ext(distinct_on(Definition.key))
        .order_by(Definition.key, Definition.version.desc())
        .options(undefer(Definition.bundle))
    )
    return statutes_of(session.scalars(newest))


def statutes_of(versions: Iterable[Definition]) -> str | None:
    """The text of the list in the youngest of some versions that carry one."""
    for version in sorted(versions, key=lambda one: one.created_at, reverse=True):
        if STATUTES in (files := version.files):
            return files[STATUTES]
    return None
