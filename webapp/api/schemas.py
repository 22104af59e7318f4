"""The shapes that go in and out; unknown fields of a body are refused."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from webapp.api import sayings
from webapp.api.fields import Moment, no_cpr, storable, text

MOST_AT_ONCE = 500
LONGEST_REFERENCE = 40
LONGEST_KEY = 200


class ErrorSchema(Schema):
    """Every refusal; beside it `problems` where diagrams were refused."""

    code = fields.String(required=True)
    """Stable short name, such as `already_completed`."""

    message = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
    """Dotted path of a field to sentences."""


class ProblemSchema(Schema):
    """One finding in a diagram, form or decision."""

    file = fields.String(required=True)
    element = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    """The element's label; empty if it has none."""

    line = fields.Integer(required=True, allow_none=True)
    column = fields.Integer(required=True, allow_none=True)
    rule = fields.String(required=True)
    message = fields.String(required=True)


class RefusedDiagramsSchema(ErrorSchema):
    problems = fields.List(fields.Nested(ProblemSchema), required=True)
    warnings = fields.List(fields.Nested(ProblemSchema), required=True)


class DeploymentRequest(Schema):
    files = fields.List(Upload(), required=True, validate=validate.Length(1, error=sayings.EMPTY))
    """Diagrams, decisions, forms and settings; names end in .bpmn, .dmn, .form.json or
    .programme.json; the statutes are frister.json."""

    note = text(load_default="")


class DefinitionSchema(Schema):
    key = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)


class DeploymentSchema(Schema):
    id = fields.UUID(required=True)
    definitions = fields.List(fields.Nested(DefinitionSchema), required=True)
    warnings = fields.List(fields.Nested(ProblemSchema), required=True)


class DeployedDefinitionSchema(DefinitionSchema):
    id = fields.UUID(required=True)
    owner_role = fields.String(required=True)
    """Whose queue takes the tasks that no lane claims."""

    deployment = fields.UUID(required=True)
    created_at = Moment(required=True)


class TaskSchema(Schema):
    id = fields.UUID(required=True)
    case = fields.UUID(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    assignee = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    due_at = Moment(required=True, allow_none=True)
    form = fields.String(required=True, allow_none=True)
    """File name of the form; its JSON is at `/tasks/<id>/form`."""

    state = fields.String(required=True)


class CaseSchema(Schema):
    id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    definition = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True)
    data = fields.Dict(keys=fields.String(), required=True)
    """What the compartments hold that are open to the caller."""

    tasks = fields.List(fields.Nested(TaskSchema), required=True)
    """The open ones."""


class CaseRequest(Schema):
    definition = text(required=True)
    """A BPMN process id (its newest version), or `id:version`."""

    reference = fields.String(
        load_default="",
        validate=[
            storable,
            validate.Length(max=LONGEST_REFERENCE, error=sayings.TOO_LONG),
            no_cpr,
        ],
    )
    data = fields.Dict(keys=fields.String(), load_default=dict)
    unit = text(load_default=None, allow_none=True)


class EventSchema(Schema):
    number = fields.Integer(required=True)
    at = Moment(required=True)
    recorded_at = Moment(required=True)
    actor = fields.String(required=True, allow_none=True)
    """Account name; null is the system itself."""

    kind = fields.String(required=True)
    element = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    detail = fields.Dict(keys=fields.String(), required=True)


class DeadlineSchema(Schema):
    id = fields.UUID(required=True)
    case = fields.UUID(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, allow_none=True)
    task = fields.UUID(required=True, allow_none=True)
    state = fields.String(required=True)
    started_at = Moment(required=True)
    due_at = Moment(required=True)
    original_due_at = Moment(required=True)
    duration = fields.String(required=True)
    calendar = fields.String(required=True)
    roll = fields.String(required=True)
    legal_basis = fields.String(required=True)
    pausable = fields.Boolean(required=True)
    paused_at = Moment(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)
    arithmetic = fields.List(fields.Dict(), required=True)
    """How `due_at` came about, line by line."""


class AssigneeRequest(Schema):
    user = text(required=True)
    """Account name."""


class CompletionRequest(Schema):
    answers = fields.Dict(keys=fields.String(), load_default=dict)
    """Form key to JSON value."""


class MessageRequest(Schema):
    id = text(required=True, longest=LONGEST_KEY)
    """The sender's own id; the same id again is answered `duplicate` and does nothing."""

    name = text(required=True)
    """The BPMN message's name."""

    case = fields.UUID(load_default=None, allow_none=True)
    correlation = fields.Raw(load_default=None, allow_none=True)
    payload = fields.Dict(keys=fields.String(), load_default=dict)


class MessageSchema(Schema):
    state = fields.String(
        required=True, validate=validate.OneOf(["delivered", "waiting", "duplicate"])
    )


class DeadlineMoveRequest(Schema):
    due_at = Moment(required=True)
    reason = text(required=True)


class ReasonRequest(Schema):
    reason = text(required=True)


class SimulationRequest(Schema):
    files = fields.List(Upload(), load_default=list)
    """Diagrams, decisions and forms; what they call and is not among them is looked up among
    the deployed ones."""

    scenario = fields.Raw(required=True, metadata={"type": "string"})
    """YAML, as a text field or as a file."""


class ListQuery(Schema):
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, MOST_AT_ONCE, error=sayings.LIMIT)
    )
    cursor = text(load_default="")
    """`next` of the list before."""


def state(*known: str, default: str) -> fields.String:
    """A filter by state; `all` means every one."""
    choice = validate.OneOf([*known, "all"], error=sayings.UNKNOWN_STATE)
    return fields.String(load_default=default, validate=choice)


class CaseQuery(ListQuery):
    state = state("active", "suspended", "completed", "cancelled", default="all")
    definition = text(load_default=None)
    """A process id, or `id:version`."""

    reference = text(load_default=None)


class TaskQuery(ListQuery):
    role = text(load_default=None)
    assignee = text(load_default=None)
    """Account name; empty for tasks that nobody has taken."""

    case = fields.UUID(load_default=None)
    due_before = Moment(load_default=None)
    q = text(load_default=None)
    """Part of the task's name or element, or the case's reference or number."""

    state = state("open", "completed", "cancelled", default="open")


class DeadlineQuery(ListQuery):
    before = Moment(load_default=None)
    state = state("open", "met", "missed", "cancelled", default="open")


class DefinitionQuery(ListQuery):
    key = text(load_default=None)


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """The shape of a list of `item`."""
    shape: dict[str, Any] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True),
    }
    return Schema.from_dict(shape, name=item.__name__.removesuffix("Schema") + "List")


class IncidentSchema(Schema):
    id = fields.UUID(required=True)
    case = fields.UUID(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    message = fields.String(required=True)
    state = fields.String(required=True)
    created_at = Moment(required=True)
    resolved_at = Moment(required=True, allow_none=True)


class SkipRequest(ReasonRequest):
    result = fields.Raw(load_default=None, allow_none=True)
    """JSON, for an element that stores a result."""


class CorrectionRequest(ReasonRequest):
    values = fields.Dict(keys=fields.String(), required=True)
    """Top-level key to JSON value; null is not known."""

    revision = fields.Integer(load_default=None, allow_none=True)
    """That of the view on which it was decided, from `/position`."""


class PlaceSchema(Schema):
    """Where a new position could be."""

    scope = fields.String(required=True)
    """Id of the position it is inside of; empty for the case's own process."""

    element = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    inside = fields.String(required=True)
    """The name of what it is inside of."""


class PositionSchema(PlaceSchema):
    """Where a case stands."""

    id = fields.UUID(required=True)


class StandingSchema(Schema):
    revision = fields.Integer(required=True)
    positions = fields.List(fields.Nested(PositionSchema), required=True)
    places = fields.List(fields.Nested(PlaceSchema), required=True)
    restartable = fields.List(fields.Nested(PlaceSchema), required=True)


class PlaceRequest(Schema):
    scope = fields.UUID(load_default=None, allow_none=True)
    """Id of the position it shall be inside of; null for the case's own process."""

    element = text(required=True)


class MovePreviewRequest(Schema):
    cancel = fields.List(fields.UUID(), load_default=list)
    """Ids of positions."""

    create = fields.List(fields.Nested(PlaceRequest), load_default=list)


class MoveRequest(MovePreviewRequest, ReasonRequest):
    revision = fields.Integer(load_default=None, allow_none=True)


class RestartPreviewRequest(Schema):
    element = text(required=True)


class RestartRequest(RestartPreviewRequest, ReasonRequest):
    revision = fields.Integer(load_default=None, allow_none=True)


class TouchedSchema(Schema):
    kind = fields.String(required=True)
    """`tasks`, `deadlines`, `timers`, `subscriptions`, `jobs` or `incidents`."""

    element = fields.String(required=True)
    name = fields.String(required=True)
    due_at = Moment(required=True, allow_none=True)
    role = fields.String(required=True, allow_none=True)


class PreviewSchema(Schema):
    revision = fields.Integer(required=True)
    cancelled = fields.List(fields.Nested(TouchedSchema), required=True)
    created = fields.List(fields.Nested(TouchedSchema), required=True)
    ends = fields.Boolean(required=True)
    """Whether the case would come to its end."""

    joins = fields.List(fields.String(), required=True)
    """Names of the joins that would wait for ever."""
