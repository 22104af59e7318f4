"""What all tables share: constraint names, column types, and the tie to a case."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKey, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, relationship

if TYPE_CHECKING:
    from models.case import Case

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Root of all tables; JSON columns are replaced as a whole, never changed in place."""

    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it from the class
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        dict[str, str]: JSONB(none_as_null=True),
        list[dict[str, str]]: JSONB(none_as_null=True),
        list[str]: ARRAY(Text),
        str: Text,
    }


class OfCase:
    """Mixin: a row that belongs to one case and goes when the case is erased."""

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))

    @declared_attr
    def case(self) -> Mapped[Case]:
        """The case; also tells the unit of work to insert the case first."""
        return relationship("Case")


class OfElement(OfCase):
    """Mixin: a row that the engine's step made for one element of one instance."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The engine's own id, so highlighting a diagram needs no lookup."""

    instance_id: Mapped[UUID]
    """The process instance; no foreign key, because the snapshot decides what exists."""

    element: Mapped[str]
    """BPMN element id."""

    name: Mapped[str]
    """The element's label in the diagram; for a subscription the message's name."""


def one_of(column: str, choice: Any) -> CheckConstraint:
    """A check that `column` holds one of the values of a `Literal`."""
    values = ", ".join(f"'{value}'" for value in get_args(choice))
    return CheckConstraint(f"{column} IN ({values})", name=column)
