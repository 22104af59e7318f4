"""Who may do what on which case: one table, default deny.

A role opens nothing by itself. It opens something to a person who stands in a certain
relation to the case: the case lies in a unit where the person holds the role, the person
is on its team, or it has work for the person.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, false, or_, text
from sqlalchemy.orm import aliased

from models.account import Account
from models.case import Case
from models.errors import CaseNotFound, NotAllowed
from models.team_member import TeamMember
from models.user_task import UserTask

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


class Relation(IntEnum):
    """How close a person is to a case through one role; closer ones come first."""

    TEAM = 1
    """Holds the role on the case's team."""

    OWN = 2
    """Has or had a task on it by name, or began it."""

    WORK = 3
    """The case has or had a task for the role."""

    UNIT = 4
    """Holds the role in the case's unit."""

    NONE = 5
    """Nothing to do with the case; enough only for what concerns no case."""


@dataclass(frozen=True)
class Sight:
    """How close a role must be to see a case, and what it then sees."""

    needs: Relation
    compartments: frozenset[str]


VISITATOR = "Visitator"
COORDINATOR = "Koordinator"
YOUTH_COORDINATOR = "Ungekoordinator"
MENTOR = "Mentor"
CONTACT_PERSON = "Kontaktperson"
LOCAL_POLICE = "Nærpoliti"
BOARD = "Visitationsudvalg"
TEACHER = "Underviser"
LEADER = "Leder"
SSP = "SSP-konsulent"
PRISON_SERVICE = "Kriminalforsorg"
SPECIAL_UNIT = "Specialenhed"
MAIN_RESPONSIBLE = "Hovedansvarlig"
POLICE = "Politi"
PROSECUTION = "Anklagemyndighed"
TREATMENT = "Misbrugscenter"
TREATMENT_COORDINATOR = "Misbrugskoordinator"
YOUTH_PROBATION = "Ungekriminalforsorg"
PROCESS_OWNER = "Procesejer"
STEERING_GROUP = "Styregruppe"
ADMINISTRATOR = "Systemadministrator"

STAFF = frozenset(
    {
        VISITATOR,
        COORDINATOR,
        MENTOR,
        BOARD,
        TEACHER,
        LEADER,
        SSP,
        PRISON_SERVICE,
        SPECIAL_UNIT,
        MAIN_RESPONSIBLE,
        POLICE,
        PROSECUTION,
    }
)
OFFICE = frozenset({PROCESS_OWNER, STEERING_GROUP, ADMINISTRATOR})
"""Roles that see no persons at all."""

GUESTS = frozenset({"Rusmiddelrådgiver", LOCAL_POLICE, "Fraværskonsulent", "Familiehus"})
"""Roles that are invited to one case for one meeting. Being on its team opens the case to them
while the case asks something of them, and what they did there opens nothing afterwards."""

AUTHORITIES = frozenset(
    {"Børnerådgiver", "Casemanager", "Koordinationsudvalg", "Myndighedsrådgiver", "Voksenrådgiver"}
)
"""Roles that act for the social authority: its file is open to them on cases with work for them."""

SIGHT: dict[str, Sight] = {
    VISITATOR: Sight(Relation.UNIT, frozenset("B")),
    COORDINATOR: Sight(Relation.UNIT, frozenset("B")),
    YOUTH_COORDINATOR: Sight(Relation.UNIT, frozenset("B")),
    LEADER: Sight(Relation.UNIT, frozenset("AB")),
    MENTOR: Sight(Relation.OWN, frozenset("B")),
    CONTACT_PERSON: Sight(Relation.OWN, frozenset("B")),
    TEACHER: Sight(Relation.WORK, frozenset("B")),
    BOARD: Sight(Relation.WORK, frozenset("B")),
    SSP: Sight(Relation.WORK, frozenset("BC")),
    PRISON_SERVICE: Sight(Relation.WORK, frozenset("B")),
    SPECIAL_UNIT: Sight(Relation.WORK, frozenset("AB")),
    MAIN_RESPONSIBLE: Sight(Relation.OWN, frozenset("B")),
    POLICE: Sight(Relation.WORK, frozenset()),
    PROSECUTION: Sight(Relation.WORK, frozenset()),
    TREATMENT: Sight(Relation.WORK, frozenset()),
    TREATMENT_COORDINATOR: Sight(Relation.WORK, frozenset()),
    YOUTH_PROBATION: Sight(Relation.WORK, frozenset()),
    **dict.fromkeys(AUTHORITIES, Sight(Relation.WORK, frozenset("AB"))),
    **dict.fromkeys(GUESTS, Sight(Relation.TEAM, frozenset("B"))),
    LOCAL_POLICE: Sight(Relation.TEAM, frozenset()),
}
BLIND = frozenset(role for role, sight in SIGHT.items() if not sight.compartments)
"""Roles that no case opens to. Police, also as guests, and prosecution do their own tasks and see
nothing else, so that nothing of a programme reaches an investigation. Those who treat keep what
they know and give attendance only; the youth probation service answers what it is asked.
Source: retsplejeloven § 115."""

OTHER_LANE = Sight(Relation.WORK, frozenset("B"))
"""Lanes of diagrams from elsewhere: their holders see the cases that have work for them."""

MACHINE = Sight(Relation.OWN, frozenset("B"))
"""A token that may start cases or do tasks, in an office role: the cases that it works on."""

ANY_LANE = "*"
"""In `MAY`: every role that is neither an office role nor a guest's."""

COORDINATORS = (COORDINATOR, YOUTH_COORDINATOR)
"""Who leads a programme's cases from day to day."""

MAY: dict[str, dict[str, Relation]] = {
    "cases.start": {ANY_LANE: Relation.UNIT},
    "cases.cancel": {LEADER: Relation.UNIT, **dict.fromkeys(COORDINATORS, Relation.UNIT)},
    "cases.suspend": {LEADER: Relation.UNIT},
    "cases.correct": {LEADER: Relation.UNIT},
    "cases.move": {LEADER: Relation.UNIT},
    "cases.restart": {LEADER: Relation.UNIT},
    "tasks.assign": {LEADER: Relation.UNIT, **dict.fromkeys(COORDINATORS, Relation.UNIT)},
    "deadlines.move": {LEADER: Relation.UNIT, **dict.fromkeys(COORDINATORS, Relation.UNIT)},
    "deadlines.pause": {LEADER: Relation.UNIT, **dict.fromkeys(COORDINATORS, Relation.UNIT)},
    "incidents.retry": {
        LEADER: Relation.UNIT,
        **dict.fromkeys(COORDINATORS, Relation.UNIT),
        ADMINISTRATOR: Relation.NONE,
    },
    "incidents.skip": {LEADER: Relation.UNIT},
    "messages.send": {ANY_LANE: Relation.UNIT},
    "board.show": {LEADER: Relation.NONE, **dict.fromkeys(COORDINATORS, Relation.NONE)},
    "counts.show": {
        LEADER: Relation.NONE,
        **dict.fromkeys(COORDINATORS, Relation.NONE),
        STEERING_GROUP: Relation.NONE,
    },
    "definitions.show": {
        ANY_LANE: Relation.NONE,
        PROCESS_OWNER: Relation.NONE,
        STEERING_GROUP: Relation.NONE,
        ADMINISTRATOR: Relation.NONE,
        **dict.fromkeys(GUESTS, Relation.NONE),
    },
    "definitions.edit": {PROCESS_OWNER: Relation.NONE},
    "definitions.deploy": {PROCESS_OWNER: Relation.NONE, ADMINISTRATOR: Relation.NONE},
    "definitions.migrate": {PROCESS_OWNER: Relation.NONE, ADMINISTRATOR: Relation.NONE},
    "simulations.run": {ANY_LANE: Relation.NONE, PROCESS_OWNER: Relation.NONE},
    "accounts.edit": {ADMINISTRATOR: Relation.NONE},
    "access_log.show": {ADMINISTRATOR: Relation.NONE, LEADER: Relation.UNIT},
}
"""Action to role to the relation it needs. Seeing a case stands in `SIGHT`; doing a task
needs its own role and is settled by `may_do_task`."""


SCOPES = {
    "cases.start": "case",
    "messages.send": "message",
    "definitions.deploy": "deploy",
    "definitions.migrate": "deploy",
    "simulations.run": "simulate",
}
"""Actions that a token may take by its scope alone, whatever the roles of its account."""


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, or whose token it is."""

    name: str
    roles: frozenset[tuple[str, str | None]] = frozenset()
    """Role and unit; None means every unit."""

    id: UUID | None = None
    """The account's id, for the access log."""

    scopes: frozenset[str] = frozenset()
    """What the token was made for; empty for somebody who is signed in."""

    def holds(self, role: str, unit: str | None) -> bool:
        """Whether the person has the role there."""
        return (role, None) in self.roles or (role, unit) in self.roles

    def roles_in(self, unit: str | None) -> frozenset[str]:
        """The roles held in a unit; those of any unit when asked for none."""
        return frozenset(
            role for role, where in self.roles if unit is None or where in {None, unit}
        )


def only_unit(person: Person) -> str | None:
    """The unit where somebody works, if it is one."""
    units = {where for _, where in person.roles}
    return next(iter(units)) if len(units) == 1 else None


OPERATOR = Person("vejviser", frozenset({(PROCESS_OWNER, None), (ADMINISTRATOR, None)}))
"""Whoever sits at the command line of the server; a note or reason says who it was."""


@dataclass(frozen=True)
class Ties:
    """What connects one person with one case."""

    unit: str | None
    team_roles: frozenset[str] = field(default_factory=frozenset)
    """Roles the person fills on its team."""

    work_roles: frozenset[str] = field(default_factory=frozenset)
    """Roles for which it has, or had, tasks."""

    own_work: bool = False
    """It has or had a task of the person's own, or the person began it."""

    def relation(self, person: Person, role: str) -> Relation:
        """The closest relation that the role gives."""
        if role in self.team_roles:
            return Relation.TEAM
        if not person.holds(role, self.unit):
            return Relation.NONE
        if self.own_work:
            return Relation.OWN
        return Relation.WORK if role in self.work_roles else Relation.UNIT


def person_of(account: Account, scopes: Iterable[str] = ()) -> Person:
    """The person behind an account, or behind a token of it with these scopes."""
    roles = frozenset((held.role, held.unit_id) for held in account.roles)
    return Person(account.name, roles, account.id, frozenset(scopes))


def sight_of(role: str, scopes: frozenset[str] = frozenset()) -> Sight | None:
    """What a role may see, or a token of it with these scopes; None means no persons."""
    if role in OFFICE:
        return MACHINE if scopes & {"case", "task"} else None
    return SIGHT.get(role, OTHER_LANE)


def keeps_to_own(role: str) -> bool:
    """Whether holders of the role see only the cases that are theirs by name."""
    sight = sight_of(role)
    return sight is not None and sight.needs <= Relation.OWN


def may_see_case(person: Person, ties: Ties) -> bool:
    """Whether the person may know that the case exists."""
    return bool(compartments(person, ties))


def must_may(session: Session, person: Person, case_id: UUID, action: str, words: str) -> Ties:
    """What connects the person with a case on which they may take an action.

    Raises:
        CaseNotFound: there is none, or none that they may know of.
        NotAllowed: they may not; `words` say what.
    """
    connection = ties(session, person, case_id)
    if connection is None or not may_see_case(person, connection):
        raise CaseNotFound(case_id)
    if not may(person, action, connection):
        raise NotAllowed(person.name, words)
    return connection


def compartments(person: Person, ties: Ties) -> frozenset[str]:
    """Which of A, B and C are open to the person on this case."""
    return frozenset().union(*(sight.compartments for sight in _sights(person, ties).values()))


def roles_that_open(person: Person, ties: Ties) -> list[str]:
    """The roles through which the person sees the case, in alphabetical order."""
    return sorted(_sights(person, ties))


def _sights(person: Person, ties: Ties) -> dict[str, Sight]:
    """Each role that opens something of the case to the person, with what it opens."""
    roles = person.roles_in(ties.unit) | ties.team_roles
    sights = {role: sight_of(role, person.scopes) for role in roles}
    return {
        role: sight
        for role, sight in sights.items()
        if sight and ties.relation(person, role) <= sight.needs
    }


def may(person: Person, action: str, ties: Ties | None = None) -> bool:
    """Whether the person may take an action, on a case if `ties` are given.

    Without a case it tells whether any unit of the person's would do.
    """
    if SCOPES.get(action) in person.scopes:
        return True
    table = MAY[action]
    for role in person.roles_in(ties.unit if ties else None):
        lane = role not in OFFICE | GUESTS
        needs = table.get(role) or (table.get(ANY_LANE) if lane else None)
        if needs is None:
            continue
        if ties is None or needs is Relation.NONE or ties.relation(person, role) <= needs:
            return True
    return False


def units_of(person: Person, action: str) -> set[str] | None:
    """The units in which a role lets the person take an action without a case; None is all."""
    units = {held[1] for held in person.roles if may(_with_only(person, held), action)}
    return None if None in units else {str(unit) for unit in units}


def _with_only(person: Person, held: tuple[str, str | None]) -> Person:
    return replace(person, roles=frozenset({held}))


@dataclass(frozen=True)
class TaskTies:
    """What decides who may do a task."""

    role: str
    unit: str
    assignee: str | None
    on_team: bool
    """The person fills the task's role on the case's team."""

    role_taken: bool
    """Somebody does."""

    began: bool = False
    """The person began the case."""


def may_do_task(person: Person, task: TaskTies) -> bool:
    """Whether the task is this person's to take and finish.

    Assigned by name, or on the team for it, or holder of its role in its unit; roles that
    see only their own youths take a free task only while nobody fills the role there. A token
    for tasks may also do those of the cases that its account began, and an administrator's
    every task, so that none is stuck for want of a role. A guest's task is for the guest who is
    on the team.
    """
    if task.role in GUESTS:
        return task.on_team
    if task.assignee == person.name or task.on_team:
        return True
    if runs_all_tasks(person, task.unit) or (task.began and "task" in person.scopes):
        return True
    if not person.holds(task.role, task.unit):
        return False
    return not (keeps_to_own(task.role) and task.role_taken)


def runs_all_tasks(person: Person, unit: str | None) -> bool:
    """Whether this is a token for tasks of somebody who administers the unit's system."""
    return "task" in person.scopes and person.holds(ADMINISTRATOR, unit)


TIES = text("""
SELECT c.unit_id,
       ARRAY(SELECT m.role FROM team_member m JOIN account a ON a.id = m.account_id
              WHERE m.case_id = c.id AND a.name = :name
                AND (m.role <> ALL(:guests)
                     OR EXISTS (SELECT 1 FROM user_task t
                                 WHERE t.case_id = c.id AND t.role = m.role
                                   AND t.state = 'open'))) AS team_roles,
       ARRAY(SELECT r.role FROM unnest(CAST(:roles AS text[])) AS r(role)
              WHERE EXISTS (SELECT 1 FROM user_task t
                             WHERE t.case_id = c.id AND t.role = r.role)) AS work_roles,
       c.created_by = :name
       OR EXISTS (SELECT 1 FROM user_task t WHERE t.case_id = c.id AND t.assignee = :name
                                              AND t.role <> ALL(:guests))
       OR EXISTS (SELECT 1 FROM user_task t WHERE t.case_id = c.id AND t.completed_by = :name
                                              AND t.role <> ALL(:guests))
       AS own_work
  FROM "case" c
 WHERE c.id = :case
""")
"""Each part looks for one entry of an index, however many tasks the case has had."""


def ties(session: Session, person: Person, case_id: UUID) -> Ties | None:
    """What connects the person with the case; None if there is no such case."""
    held = sorted({role for role, _ in person.roles})
    facts = {"case": case_id, "name": person.name, "roles": held, "guests": sorted(GUESTS)}
    found = session.execute(TIES, facts).one_or_none()
    if found is None:
        return None
    return Ties(
        unit=found.unit_id,
        team_roles=frozenset(found.team_roles),
        work_roles=frozenset(found.work_roles),
        own_work=found.own_work,
    )


def visible_cases(person: Person) -> ColumnElement[bool]:
    """A condition on `Case`: those the person may see; `may_see_case` in SQL."""
    seen: list[ColumnElement[bool]] = [_on_team(person)]
    seen += [_seen_through(person, role, unit) for role, unit in sorted(person.roles, key=str)]
    return or_(false(), *seen)


def visible_tasks(person: Person) -> ColumnElement[bool]:
    """A condition on `UserTask` joined to `Case`: the person's to do, or on a case they see."""
    mine = and_(UserTask.assignee == person.name, UserTask.role.not_in(GUESTS), _still_tells())
    seen = [visible_cases(person), mine, _fills(person)]
    if "task" in person.scopes:
        seen.append(Case.created_by == person.name)
    seen += [_may_take(person, role, unit) for role, unit in sorted(person.roles, key=str)]
    return or_(*seen)


def _fills(person: Person) -> ColumnElement[bool]:
    """The person is on the case's team for the task's role."""
    filled = exists().where(
        TeamMember.case_id == UserTask.case_id,
        TeamMember.role == UserTask.role,
        TeamMember.account_id == Account.id,
        Account.name == person.name,
        or_(UserTask.role.not_in(GUESTS), UserTask.state == "open"),
        _still_tells(),
    )
    return filled.correlate(UserTask)


def _still_tells() -> ColumnElement[bool]:
    """Not a task that a blind role is done with: it would tell whose case there is."""
    return or_(UserTask.role.not_in(BLIND), UserTask.state == "open")


def membership_counts() -> ColumnElement[bool]:
    """A condition on `TeamMember`: not a guest of whom the case asks nothing any more."""
    task = aliased(UserTask)
    asked = exists().where(
        task.case_id == TeamMember.case_id, task.role == TeamMember.role, task.state == "open"
    )
    return or_(TeamMember.role.not_in(GUESTS), asked.correlate(TeamMember))


def _may_take(person: Person, role: str, unit: str | None) -> ColumnElement[bool]:
    """`may_do_task` in SQL, for one role that the person holds."""
    here = UserTask.unit_id == unit if unit else UserTask.unit_id.is_not(None)
    if role == ADMINISTRATOR and runs_all_tasks(person, unit):
        return here
    if role in GUESTS:
        return false()
    if not keeps_to_own(role):
        return and_(here, UserTask.role == role, _still_tells())
    taken = exists().where(TeamMember.case_id == UserTask.case_id, TeamMember.role == role)
    return and_(here, UserTask.role == role, ~taken.correlate(UserTask))


def _on_team(person: Person) -> ColumnElement[bool]:
    return exists().where(
        TeamMember.case_id == Case.id,
        TeamMember.role.not_in(OFFICE | BLIND),
        membership_counts(),
        TeamMember.account_id == Account.id,
        Account.name == person.name,
    )


def _seen_through(person: Person, role: str, unit: str | None) -> ColumnElement[bool]:
    sight = sight_of(role, person.scopes)
    if sight is None or sight.needs is Relation.TEAM or not sight.compartments:
        return false()
    here = Case.unit_id == unit if unit else Case.unit_id.is_not(None)
    if sight.needs is Relation.UNIT:
        return here
    mine = and_(
        or_(UserTask.assignee == person.name, UserTask.completed_by == person.name),
        UserTask.role.not_in(GUESTS),
    )
    whose = or_(mine, UserTask.role == role) if sight.needs is Relation.WORK else mine
    work = exists().where(UserTask.case_id == Case.id, whose).correlate(Case)
    return and_(here, or_(work, Case.created_by == person.name))
