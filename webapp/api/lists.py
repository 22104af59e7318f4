"""Long answers piece by piece: `limit`, and a `cursor` that new rows do not upset."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy import and_, or_

from webapp.api.body import InvalidRequest
from webapp.api.sayings import BAD_CURSOR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

Row = TypeVar("Row")
READ: dict[type, Callable[[Any], Any]] = {datetime: datetime.fromisoformat, UUID: UUID, int: int}
"""How a column's value comes back from a cursor."""


@dataclass(frozen=True)
class Order:
    """The unique column a list is sorted by, and the one before it, where nulls come last."""

    last: InstrumentedAttribute[Any]
    first: InstrumentedAttribute[Any] | None = None
    descending: bool = False

    def page(
        self, session: Session, query: Select[Row], asked: Mapping[str, Any]
    ) -> tuple[Sequence[Row], str | None]:
        """The rows after the asked cursor, at most `limit`, and the cursor for the next ones.

        Raises:
            InvalidRequest: the cursor is not one of this list.
        """
        if asked["cursor"]:
            query = query.where(self._beyond(self._read(asked["cursor"])))
        by = [column.desc() if self.descending else column for column in self._columns]
        rows = session.scalars(query.order_by(*by).limit(asked["limit"] + 1)).all()
        shown = rows[: asked["limit"]]
        return shown, self._written(shown[-1]) if len(rows) > len(shown) else None

    @property
    def _columns(self) -> list[InstrumentedAttribute[Any]]:
        return [self.last] if self.first is None else [self.first, self.last]

    def _beyond(self, values: Sequence[Any]) -> ColumnElement[bool]:
        end = values[-1]
        further: ColumnElement[bool] = self.last < end if self.descending else self.last > end
        if self.first is None:
            return further
        tied = and_(self.first.is_not_distinct_from(values[0]), further)
        if values[0] is None:
            return tied
        return or_(self.first > values[0], self.first.is_(None), tied)

    def _written(self, row: Any) -> str:
        values = [getattr(row, column.key) for column in self._columns]
        plain = [one.isoformat() if isinstance(one, datetime) else one for one in values]
        return base64.urlsafe_b64encode(json.dumps(plain, default=str).encode()).decode()

    def _read(self, cursor: str) -> list[Any]:
        try:
            values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
            return [
                None if value is None and column is not self.last else _value(column, value)
                for column, value in zip(self._columns, values, strict=True)
            ]
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise InvalidRequest({"cursor": [BAD_CURSOR]}) from error


def _value(column: InstrumentedAttribute[Any], value: Any) -> Any:
    return READ[column.type.python_type](value)
