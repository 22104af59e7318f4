"""How many youths of a programme went on to education or a job; each case counts once.

A case counts from the first phase after intake. It is finished when it has ended, or when its
newest outcome is younger than the newest phase of its course: while it is only followed up or
waits to be closed. A case that begins anew is ongoing again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from handlers.discretion import SMALLEST, kept_back

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

INTAKE = ("Modtagelse", "Samtykke", "Visitation")
AFTERWARDS = ("Opfølgning", "Lukket")
"""The phases that the shared parts set before and after a course; all others are of the course."""

GOALS = frozenset({"uddannelse", "job", "tidlig_overgang"})
UNKNOWN = "ukendt"

ONE_EACH = text("""
WITH told AS (
    SELECT case_id,
           max(number) FILTER (WHERE kind = 'outcome.registered') AS outcome,
           max(number) FILTER (WHERE kind = 'phase.changed') AS course
      FROM event
     WHERE kind = 'outcome.registered'
        OR (kind = 'phase.changed' AND detail->>'to' <> ALL(CAST(:outside AS text[])))
     GROUP BY case_id)
SELECT d.key AS programme,
       c.ended_at IS NOT NULL OR coalesce(t.outcome, 0) > t.course AS finished,
       e.detail->>'code' AS code
  FROM "case" c
  JOIN definition d ON d.id = c.definition_id
  JOIN told t ON t.case_id = c.id AND t.course IS NOT NULL
  LEFT JOIN event e ON e.case_id = c.id AND e.number = t.outcome
 WHERE CAST(:units AS text[]) IS NULL OR c.unit_id = ANY(:units)
""")


class Group(StrEnum):
    """What became of a youth."""

    EDUCATION_OR_JOB = "education_or_job"
    ONGOING = "ongoing"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class OutcomeReport:
    """The counts of one programme; None is a count that is kept back."""

    programme: str
    counts: Mapping[Group, int | None]
    participants: int | None

    @property
    def finished(self) -> int | None:
        """How many are not ongoing any more."""
        ongoing = self.counts[Group.ONGOING]
        if self.participants is None or ongoing is None:
            return None
        return self.participants - ongoing

    @property
    def share_of_all(self) -> float | None:
        """Percent in education or a job, of all participants; one decimal."""
        return _percent(self.counts[Group.EDUCATION_OR_JOB], self.participants)

    @property
    def share_of_finished(self) -> float | None:
        """Percent in education or a job, of those who finished; one decimal."""
        return _percent(self.counts[Group.EDUCATION_OR_JOB], self.finished)

    def as_json(self) -> dict[str, Any]:
        """The report for other tools; null where a count is kept back."""
        return {
            "programme": self.programme,
            "participants": self.participants,
            "finished": self.finished,
            **{group.value: self.counts[group] for group in Group},
            "share_of_all": self.share_of_all,
            "share_of_finished": self.share_of_finished,
        }


def outcome_reports(session: Session, units: Collection[str] | None = None) -> list[OutcomeReport]:
    """One for each programme with participants, in the order of their keys, fit to be published.

    `units` limits it to the cases of some units; None is all of them.
    """
    facts = {"outside": [*INTAKE, *AFTERWARDS], "units": None if units is None else list(units)}
    found: dict[str, dict[Group, int]] = {}
    for programme, finished, code in session.execute(ONE_EACH, facts):
        counts = found.setdefault(programme, dict.fromkeys(Group, 0))
        counts[_group(code, finished=finished)] += 1
    return [published(counted(key, found[key])) for key in sorted(found)]


def outcome_report(
    session: Session, programme: str, units: Collection[str] | None = None
) -> OutcomeReport:
    """That of one programme, fit to be published; nothing but zeros if nobody took part."""
    found = {one.programme: one for one in outcome_reports(session, units)}
    return found.get(programme) or counted(programme, dict.fromkeys(Group, 0))


def counted(programme: str, counts: Mapping[Group, int]) -> OutcomeReport:
    """The report with every count in it."""
    return OutcomeReport(programme, dict(counts), sum(counts.values()))


def published(report: OutcomeReport) -> OutcomeReport:
    """The report without the counts that point at somebody.

    Without its total too when that is small.
    """
    known = {group: count for group, count in report.counts.items() if count is not None}
    if 0 < sum(known.values()) < SMALLEST:
        return replace(report, counts=dict.fromkeys(Group, None), participants=None)
    hidden = kept_back(known)
    return replace(report, counts={g: None if g in hidden else n for g, n in known.items()})


def _group(code: str | None, *, finished: bool) -> Group:
    if not finished:
        return Group.ONGOING
    if code is None or code == UNKNOWN:
        return Group.UNKNOWN
    return Group.EDUCATION_OR_JOB if code in GOALS else Group.OTHER


def _percent(part: int | None, whole: int | None) -> float | None:
    return round(100 * part / whole, 1) if part is not None and whole else None
