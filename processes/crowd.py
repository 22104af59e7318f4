"""Very many made-up cases: some are played by the engine, the others are copies of those.

A copy differs from its pattern in its ids and its reference only: rows and snapshot fit each
other as the engine made them, and `vejviser check` finds nothing. Where more tasks are wanted
than were played, a pattern's log gets longer: completed tasks that recur, with their history.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate, cycle, islice, product
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import select

from models.base import Base
from models.case import Case
from models.deadline import DeadlineChange
from processes.demonstration import Vignette
from processes.vignettes import play

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from psycopg import Connection
    from psycopg.sql import Composable
    from sqlalchemy import Table

    from processes.demonstration import Demonstration
    from processes.house import House

SHARES = (0.5, 1.0, 0.75, 0.25)
"""How much of a scenario is played."""

WAITED = timedelta(days=9)
"""Each round over the scenarios lies so much further back."""

BATCH = 100
"""Cases in one transaction."""

UUID_TEXT = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b[0-9a-f]{32}\b")
VARIANT = UUID("00000000-0000-f000-c000-000000000000").int
"""The bits that make an id one of version 4; a copy keeps them."""

CASE: Table = Base.metadata.tables["case"]
BELONGS = {
    "case": SQL("id = {}"),
    "deadline_change": SQL("deadline_id IN (SELECT id FROM deadline WHERE case_id = {})"),
}
"""Which rows of a table are a case's, where they do not name the case themselves."""

OWN = frozenset({"number", "idempotency_key"})
"""What each case gets anew."""


@dataclass(frozen=True)
class Pattern:
    """A played case as COPY writes it: table to lines, each line column to text."""

    reference: str
    rows: dict[str, list[dict[str, str]]]
    snapshot: str
    """The engine's state as JSON; empty once the case is over and nothing is kept."""

    @property
    def tasks(self) -> int:
        return len(self.rows["user_task"])


@dataclass(frozen=True)
class Mould:
    """A pattern ready to be copied many times."""

    reference: str
    snapshot: str
    texts: dict[str, str]
    """Table to COPY text; in the case's own line the snapshot's place is marked."""

    ids: frozenset[str]


@dataclass
class Poured:
    """How much there is by now."""

    cases: int = 0
    tasks: int = 0
    open_tasks: int = 0
    events: int = 0


def play_patterns(
    house: House, demonstration: Demonstration, unit: str, count: int
) -> list[Pattern]:
    """So many cases, played one after the other in a database of their own."""
    for number, vignette in enumerate(islice(_courses(demonstration), count)):
        with house.turn() as turn:
            play(turn, house, demonstration, vignette, f"T-M{number:04}", unit)
    with house.turn() as turn:
        cases = turn.session.scalars(select(Case.id).order_by(Case.number)).all()
        return [read_pattern(turn.driver, case) for case in cases]


def most_patterns(demonstration: Demonstration) -> int:
    """How many different ones there are."""
    return len(SHARES) * len(demonstration.cases)


def read_pattern(driver: Connection[Any], case_id: UUID) -> Pattern:
    """All rows of one case."""
    rows = {table.name: list(_lines(driver, table, case_id)) for table in _tables()}
    [case] = rows["case"]
    kept = case["snapshot"]
    snapshot = "" if kept == r"\N" else zlib.decompress(bytes.fromhex(kept[3:])).decode()
    return Pattern(case["reference"], rows, snapshot)


def lengthened(pattern: Pattern, more: int) -> Pattern:
    """The pattern with so many completed tasks more, spread over its course."""
    done = [row for row in pattern.rows["user_task"] if row["state"] == "completed"]
    if not done or more <= 0:
        return pattern
    began, ended = _course(pattern)
    added = [
        _once_more(row, began + (ended - began) * (number + 1) / (more + 1))
        for number, row in enumerate(islice(cycle(done), more))
    ]
    lines = [line for row in added for line in _told(row, pattern)]
    events = _numbered(_woven(pattern.rows["event"], lines))
    [case] = pattern.rows["case"]
    rows = {
        **pattern.rows,
        "user_task": [*pattern.rows["user_task"], *added],
        "event": events,
        "case": [{**case, "last_event": str(len(events))}],
    }
    return replace(pattern, rows=rows)


def pour(
    house: House, patterns: Sequence[Pattern], numbers: range, ids: Mapping[str, str]
) -> Iterator[Poured]:
    """Copy the patterns in turn, one case a number; tells after each committed batch.

    `ids` are those that versions and accounts have there, by the ones they have here.
    """
    moulds = [_mould(pattern) for pattern in patterns]
    poured = Poured()
    for first in range(numbers.start, numbers.stop, BATCH):
        batch = range(first, min(first + BATCH, numbers.stop))
        texts: dict[str, list[str]] = {table.name: [] for table in _tables()}
        for number in batch:
            which = (number - numbers.start) % len(moulds)
            for name, text in _copied(moulds[which], f"T-{number:05}", ids).items():
                texts[name].append(text)
            _count(poured, patterns[which])
        with house.turn() as turn:
            for table in _tables():
                _write(turn.driver, table, "".join(texts[table.name]))
        yield poured


# -- what is played ----------------------------------------------------------------------------


def _courses(demonstration: Demonstration) -> Iterator[Vignette]:
    """Each scenario in different shares, each round further back."""
    rounds = product(range(len(SHARES)), demonstration.cases)
    return (
        Vignette(case.scenario, waited=round_ * WAITED, share=SHARES[round_])
        for round_, case in rounds
    )


# -- rows --------------------------------------------------------------------------------------


def _tables() -> list[Table]:
    """The case's tables, those that others refer to first; a look-up is no part of a case."""
    found = [table for table in Base.metadata.sorted_tables if "case_id" in table.columns]
    own = [table for table in found if table.name != "access_log"]
    return [CASE, *own, DeadlineChange.__table__]  # type: ignore[list-item]


def _columns(table: Table) -> list[str]:
    own = OWN if table is CASE else frozenset()
    return [
        column.name
        for column in table.columns
        if column.identity is None and column.name not in own
    ]


def _named(table: Table) -> Composable:
    columns = SQL(", ").join(map(Identifier, _columns(table)))
    return SQL("{} ({})").format(Identifier(table.name), columns)


def _lines(driver: Connection[Any], table: Table, case_id: UUID) -> Iterator[dict[str, str]]:
    columns = _columns(table)
    query = SQL("COPY (SELECT {} FROM {} WHERE {} ORDER BY 1, 2) TO STDOUT").format(
        SQL(", ").join(map(Identifier, columns)),
        Identifier(table.name),
        BELONGS.get(table.name, SQL("case_id = {}")).format(Literal(case_id)),
    )
    with driver.cursor().copy(query) as copy:
        text = b"".join(bytes(part) for part in copy).decode()
    for line in text.splitlines():
        yield dict(zip(columns, line.split("\t"), strict=True))


def _write(driver: Connection[Any], table: Table, text: str) -> None:
    if text:
        with driver.cursor().copy(SQL("COPY {} FROM STDIN").format(_named(table))) as copy:
            copy.write(text)


# -- a longer log ------------------------------------------------------------------------------


def _course(pattern: Pattern) -> tuple[datetime, datetime]:
    """From the first thing told of the case to the last."""
    told = sorted(datetime.fromisoformat(event["at"]) for event in pattern.rows["event"])
    return told[0], told[-1]


def _once_more(task: dict[str, str], at: datetime) -> dict[str, str]:
    moment = at.isoformat()
    times = {"created_at": moment, "completed_at": moment, "due_at": r"\N"}
    return {**task, "id": str(uuid4()), **times}


def _told(task: dict[str, str], pattern: Pattern) -> Iterator[dict[str, str]]:
    """That the task was opened and completed, in the words of its pattern."""
    for kind in ("task.opened", "element.completed"):
        for event in pattern.rows["event"]:
            if event["kind"] == kind and event["element"] == task["element"]:
                at = task["completed_at"]
                yield {**event, "at": at, "recorded_at": at, "instance_id": task["instance_id"]}
                break


def _woven(
    events: list[dict[str, str]], added: Iterable[dict[str, str]]
) -> Iterator[dict[str, str]]:
    """The added lines at their times; the others stay in the order they were told in."""
    reached = list(accumulate((datetime.fromisoformat(e["at"]) for e in events), max))
    after: dict[int, list[dict[str, str]]] = {}
    for line in added:
        place = bisect_right(reached, datetime.fromisoformat(line["at"]))
        after.setdefault(place, []).append(line)
    yield from after.get(0, ())
    for place, event in enumerate(events, start=1):
        yield event
        yield from after.get(place, ())


def _numbered(events: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return [{**event, "number": str(number)} for number, event in enumerate(events, start=1)]


# -- copies ------------------------------------------------------------------------------------


def _mould(pattern: Pattern) -> Mould:
    [case] = pattern.rows["case"]
    marked = [{**case, "snapshot": "{snapshot}"}]
    rows = {**pattern.rows, "case": marked}
    texts = {
        table: "".join("\t".join(line.values()) + "\n" for line in lines)
        for table, lines in rows.items()
    }
    ids = {found[0] for text in (pattern.snapshot, *texts.values()) for found in _ids(text)}
    return Mould(pattern.reference, pattern.snapshot, texts, frozenset(ids))


def _ids(text: str) -> Iterator[re.Match[str]]:
    return UUID_TEXT.finditer(text)


def _copied(mould: Mould, reference: str, ids: Mapping[str, str]) -> dict[str, str]:
    """COPY text of one more case, all its own ids turned by the same secret."""
    key = uuid4().int & ~VARIANT
    new = {id_: ids.get(id_) or _turned(id_, key) for id_ in mould.ids}

    def renamed(text: str) -> str:
        text = UUID_TEXT.sub(lambda found: new[found[0]], text)
        return text.replace(mould.reference, reference)

    texts = {table: renamed(text) for table, text in mould.texts.items()}
    state = zlib.compress(renamed(mould.snapshot).encode(), 1).hex()
    kept = rf"\\x{state}" if mould.snapshot else r"\N"
    return {**texts, "case": texts["case"].replace("{snapshot}", kept)}


def _turned(id_: str, key: int) -> str:
    turned = UUID(int=UUID(id_).int ^ key)
    return str(turned) if "-" in id_ else turned.hex


def _count(poured: Poured, pattern: Pattern) -> None:
    poured.cases += 1
    poured.tasks += pattern.tasks
    poured.open_tasks += sum(row["state"] == "open" for row in pattern.rows["user_task"])
    poured.events += len(pattern.rows["event"])
