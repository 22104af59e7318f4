"""Several writes as one statement: one round trip, one plan that PostgreSQL keeps.

Each part becomes a data-modifying common table expression. They all see the tables as they
were, so no two parts of one statement may touch the same row.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, LiteralString

from psycopg import RawCursor
from psycopg.rows import dict_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection, Cursor
    from sqlalchemy import Connection as Carrier

Statement = tuple[LiteralString, dict[str, Any]]
"""Text with `%(name)s` placeholders and `%%` for a per cent sign, and the facts for them."""

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
SHARED = frozenset({"case", "unit", "now", "actor", "owner_role", "own"})
"""Placeholders that mean the same in every part."""


def driver(connection: Carrier) -> Connection[Any]:
    """The psycopg connection beneath SQLAlchemy's, in the same transaction."""
    beneath: Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    return beneath


def ask(connection: Connection[Any], query: LiteralString, facts: Mapping[str, Any]) -> Cursor[Any]:
    """Send one statement; the cursor answers rows as dictionaries."""
    text, names = _numbered(query)
    cursor = RawCursor(connection, row_factory=dict_row)
    return cursor.execute(text, [facts[name] for name in names])


def write_together(
    connection: Connection[Any],
    statements: Sequence[Statement],
    channel: str | None = None,
    message: str | None = None,
) -> int:
    """Run all statements as one; how many rows the first one changed.

    With a message the listeners on `channel` hear it at commit.
    """
    query, order = _joined(tuple(text for text, _ in statements), message is not None)
    facts = [statements[part][1][name] for part, name in order]
    if message is not None:
        facts += [channel, message]
    row = RawCursor(connection).execute(query, facts).fetchone()
    return int(row[0]) if row else 0


@lru_cache(maxsize=256)
def _numbered(query: LiteralString) -> tuple[bytes, list[str]]:
    """The statement with `$1` placeholders, and the names of the facts for them."""
    names: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        return names.setdefault(found[1], f"${len(names) + 1}")

    return PLACEHOLDER.sub(numbered, query).replace("%%", "%").encode(), list(names)


@lru_cache(maxsize=1024)
def _joined(
    texts: tuple[LiteralString, ...],
    notifies: bool,  # noqa: FBT001 - a part of the key
) -> tuple[bytes, list[tuple[int, str]]]:
    """The statement with `$1` placeholders, and where the fact for each one comes from."""
    numbers: dict[tuple[int | None, str], int] = {}
    order: list[tuple[int, str]] = []
    parts = []
    for part, text in enumerate(texts):

        def numbered(found: re.Match[str], part: int = part) -> str:
            name = found[1]
            key = (None if name in SHARED else part, name)
            if key not in numbers:
                order.append((part, name))
                numbers[key] = len(order)
            return f"${numbers[key]}"

        returning = " RETURNING 1" if part == 0 else ""
        parts.append(f"p{part} AS ({PLACEHOLDER.sub(numbered, text)}{returning})")
    call = f", pg_notify(${len(order) + 1}, ${len(order) + 2})" if notifies else ""
    rows = "SELECT (SELECT count(*) FROM p0)"
    return f"WITH {', '.join(parts)} {rows}{call}".encode(), order
