"""What the user can put right: one exception a reason, each from its facts.

`code` is public API. The web layer maps the class to a status and translates by
class and `facts`; the sentence here is what logs and the command line show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

StuckCode = Literal[
    "data_unreadable",
    "definition_missing",
    "rows_differ",
    "snapshot_newer",
    "snapshot_unreadable",
    "unexpected",
]
"""Why a case cannot go on: what is stored of it, or a failure that nobody planned."""


class Refused(Exception):
    """The command was understood and is not carried out; nothing has changed."""

    code: ClassVar[str] = "refused"

    @property
    def facts(self) -> dict[str, Any]:
        """What the sentence was made from, by name."""
        return dict(vars(self))


class DefinitionNotFound(Refused):
    """No such process, or no such version of it."""

    code = "definition_not_found"

    def __init__(self, definition: str) -> None:
        super().__init__(f"There is no process definition {definition}.")
        self.definition = definition


class DefinitionUnreadable(DefinitionNotFound):
    """The version is there, and what is stored of it is broken."""

    def __init__(self, definition: str) -> None:
        super().__init__(definition)
        self.args = (f"What is stored of the process definition {definition} cannot be read.",)


class CaseNotFound(Refused):
    """No such case, or none that this person may know of."""

    code = "case_not_found"

    def __init__(self, case: UUID | int | str) -> None:
        super().__init__(f"There is no case {case}.")
        self.case = case


class TaskNotFound(Refused):
    """No such task, or the case went on without it."""

    code = "task_not_found"

    def __init__(self, task: UUID | str) -> None:
        super().__init__(f"There is no open task {task}.")
        self.task = task


class DeadlineNotFound(Refused):
    """No such deadline, or it is over."""

    code = "deadline_not_found"

    def __init__(self, deadline: UUID | str) -> None:
        super().__init__(f"There is no open deadline {deadline}.")
        self.deadline = deadline


class IncidentNotFound(Refused):
    """No such incident, or it is resolved."""

    code = "incident_not_found"

    def __init__(self, incident: UUID | str) -> None:
        super().__init__(f"There is no open incident {incident}.")
        self.incident = incident


class AccountNotFound(Refused):
    """No active account of that name."""

    code = "account_not_found"

    def __init__(self, account: str) -> None:
        super().__init__(f"There is no active account {account}.")
        self.account = account


class UnitNotFound(Refused):
    """No such unit."""

    code = "unit_not_found"

    def __init__(self, unit: str) -> None:
        super().__init__(f"There is no unit {unit}.")
        self.unit = unit


class NotAllowed(Refused):
    """The person's roles do not reach this."""

    code = "not_allowed"

    def __init__(self, who: str, action: str) -> None:
        super().__init__(f"{who} is not allowed to {action}.")
        self.who = who
        self.action = action


class AlreadyClaimed(Refused):
    """Somebody else holds the task."""

    code = "already_claimed"

    def __init__(self, task: UUID, by: str) -> None:
        super().__init__(f"{by} holds task {task}.")
        self.task = task
        self.by = by


class AlreadyCompleted(Refused):
    """Somebody has finished the task."""

    code = "already_completed"

    def __init__(self, task: UUID, by: str | None, at: datetime | None) -> None:
        when = f" at {at:%Y-%m-%d %H:%M}" if at else ""
        super().__init__(f"{by or 'Somebody'} completed task {task}{when}.")
        self.task = task
        self.by = by
        self.at = at


class InvalidAnswers(Refused):
    """The form's rules say no."""

    code = "invalid_answers"

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(f"These answers need another look: {', '.join(sorted(errors))}.")
        self.errors = {field: list(messages) for field, messages in errors.items()}
        """Form key to sentences; one of ours knows every language of the pages."""


class UnknownMessage(Refused):
    """No deployed diagram catches a message of that name."""

    code = "unknown_message"

    def __init__(self, name: str) -> None:
        super().__init__(f"No diagram waits for a message named {name}.")
        self.name = name


class AmbiguousMessage(Refused):
    """Several cases wait for it; the sender must say which one."""

    code = "ambiguous_message"

    def __init__(self, name: str, cases: int) -> None:
        super().__init__(f"{cases} cases wait for {name}; the correlation must point to one.")
        self.name = name
        self.cases = cases


class DeadlineNotPausable(Refused):
    """The law, or the diagram, keeps the deadline running."""

    code = "deadline_not_pausable"

    def __init__(self, deadline: UUID, legal_basis: str = "") -> None:
        why = f" ({legal_basis})" if legal_basis else ""
        super().__init__(f"Deadline {deadline} cannot be paused{why}.")
        self.deadline = deadline
        self.legal_basis = legal_basis


class StaleRevision(Refused):
    """Somebody moved the case after this view of it was read."""

    code = "stale_revision"

    def __init__(self, case: UUID, expected: int, found: int) -> None:
        super().__init__(f"Case {case} has moved on from revision {expected} to {found}.")
        self.case = case
        self.expected = expected
        self.found = found


class CaseNotActive(Refused):
    """The case is suspended or over."""

    code = "case_not_active"

    def __init__(self, case: UUID, state: str) -> None:
        super().__init__(f"Case {case} is {state}.")
        self.case = case
        self.state = state


class CaseSuspended(CaseNotActive):
    """The case rests; it has to be taken up again first."""

    code = "case_suspended"

    def __init__(self, case: UUID) -> None:
        super().__init__(case, state="suspended")


class CaseNotSuspended(Refused):
    """There is nothing to take up again: the case does not rest."""

    code = "case_not_suspended"

    def __init__(self, case: UUID, state: str) -> None:
        super().__init__(f"Case {case} is {state}, not suspended.")
        self.case = case
        self.state = state


class CaseStuck(Refused):
    """What is stored of the case cannot be read, so it cannot be moved; an incident tells why."""

    code = "case_stuck"

    def __init__(self, case: UUID, why: StuckCode, told: str = "") -> None:
        super().__init__(f"Case {case} cannot be moved: {told or why}.")
        self.case = case
        self.why = why
        self.told = told
        """For the log and the administrator; never a case's data."""


class DuplicateReference(Refused):
    """An active case of the process has the reference already."""

    code = "duplicate_reference"

    def __init__(self, reference: str) -> None:
        super().__init__(f"An active case has the reference {reference} already.")
        self.reference = reference


class NotPossible(Refused):
    """The case's position, or its diagram, does not allow what a supervisor asks for.

    `why` is one of: `nothing` (nothing would change), `ends` (the case would end), `no_place` (no
    token can begin there), `closed` (the place would be taken away), `part` (one of several),
    `gone` (the position is not there any more), `no_restart` (the diagram does not offer it),
    `many` (a whole list), `whole_case` (no element of it), `no_default` (no flow says where to go
    on), `no_way` (asking which way to go fails).
    """

    code = "not_possible"

    def __init__(self, why: str, name: str = "") -> None:
        super().__init__(f"Not possible ({why}): {name}.")
        self.why = why
        self.name = name


class CprNumber(Refused):
    """A text holds what may be a CPR number; the error does not repeat it."""

    code = "cpr_number"

    def __init__(self) -> None:
        super().__init__("The text holds what may be a CPR number.")


class DuplicateAccount(Refused):
    """The account name is taken."""

    code = "duplicate_account"

    def __init__(self, account: str) -> None:
        super().__init__(f"There is an account {account} already.")
        self.account = account


class UnknownScope(Refused):
    """A token cannot be given this scope."""

    code = "unknown_scope"

    def __init__(self, scope: str, known: Sequence[str]) -> None:
        super().__init__(f"There is no scope {scope}; choose among {', '.join(known)}.")
        self.scope = scope
        self.known = list(known)


class MigrationNotFound(Refused):
    """No such migration."""

    code = "migration_not_found"

    def __init__(self, migration: UUID | str) -> None:
        super().__init__(f"There is no migration {migration}.")
        self.migration = migration


class UnknownElement(Refused):
    """A mapping names an element that the version does not have."""

    code = "unknown_element"

    def __init__(self, element: str, definition: str) -> None:
        super().__init__(f"The version {definition} has no element {element}.")
        self.element = element
        self.definition = definition


class NothingToMove(Refused):
    """No case could be moved like this."""

    code = "nothing_to_move"

    def __init__(self, definition: str) -> None:
        super().__init__(f"There is no running case to move from {definition}.")
        self.definition = definition


class DiagramsRefused(Refused):
    """The deployment has errors; nothing of it was stored."""

    code = "diagrams_refused"

    def __init__(self, problems: Sequence[Any]) -> None:
        super().__init__(f"{len(problems)} problem(s) in the diagrams.")
        self.problems = list(problems)
        """Records of `processes.lint.Problem`."""


class DatabaseDown(Exception):
    """The database does not answer; nothing has changed, and trying again may help."""

    def __init__(self) -> None:
        super().__init__("The database does not answer.")
