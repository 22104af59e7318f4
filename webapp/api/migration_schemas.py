"""The shapes of moving cases between versions."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from webapp.api import sayings
from webapp.api.fields import Moment, text
from webapp.api.schemas import LONGEST_KEY, ListQuery, state

ELEMENT = validate.Length(1, LONGEST_KEY, error=sayings.TOO_LONG)


class MigrationRequest(Schema):
    definition = text(required=True, longest=LONGEST_KEY)
    """A process key."""

    old = fields.Integer(required=True, data_key="from")
    new = fields.Integer(required=True, data_key="to")
    rename = fields.Dict(
        keys=fields.String(validate=ELEMENT),
        values=fields.String(validate=ELEMENT),
        load_default=dict,
    )
    """Old element id to the one that takes its place; all others go by their own id."""

    cancel = fields.List(fields.String(validate=ELEMENT), load_default=list)
    """Old elements whose open work is cancelled."""

    reason = text(load_default="")
    dry_run = fields.Boolean(load_default=False)
    case = fields.UUID(load_default=None, allow_none=True)
    """Only this case; null for every running one of the version."""


class ProgressSchema(Schema):
    total = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    moved = fields.Integer(required=True)
    """In a dry run: those that could be."""

    refused = fields.Integer(required=True)
    skipped = fields.Integer(required=True)
    """They had ended, or were on another version."""


class MigrationSchema(Schema):
    id = fields.UUID(required=True)
    definition = fields.String(required=True)
    old = fields.Integer(required=True, data_key="from")
    new = fields.Integer(required=True, data_key="to")
    rename = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    cancel = fields.List(fields.String(), required=True)
    reason = fields.String(required=True)
    dry_run = fields.Boolean(required=True)
    undoes = fields.UUID(required=True, allow_none=True)
    state = fields.String(required=True)
    """`running`, `stopped` or `done`."""

    progress = fields.Nested(ProgressSchema, required=True)
    created_at = Moment(required=True)
    created_by = fields.String(required=True)
    finished_at = Moment(required=True, allow_none=True)


class WorkSchema(Schema):
    id = fields.String(required=True)
    kind = fields.String(required=True)
    """`task`, `timer`, `subscription`, `job` or `incident`."""

    element = fields.String(required=True)
    name = fields.String(required=True)
    to = fields.String(required=True)
    """The element's new id, where that is another one; else empty."""


class ShiftSchema(Schema):
    id = fields.String(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    old = fields.String(required=True, allow_none=True)
    new = fields.String(required=True, allow_none=True)


class RefusalSchema(Schema):
    element = fields.String(required=True)
    name = fields.String(required=True)
    reason = fields.String(required=True)
    """A stable short name, such as `removed`."""

    message = fields.String(required=True)


class MovedCaseSchema(Schema):
    case = fields.UUID(required=True)
    number = fields.Integer(required=True)
    state = fields.String(required=True)
    kept = fields.List(fields.Nested(WorkSchema), required=True)
    cancelled = fields.List(fields.Nested(WorkSchema), required=True)
    added = fields.List(fields.Nested(WorkSchema), required=True)
    deadlines = fields.List(fields.Nested(ShiftSchema), required=True)
    timers = fields.List(fields.Nested(ShiftSchema), required=True)
    refused = fields.List(fields.Nested(RefusalSchema), required=True)
    done_at = Moment(required=True, allow_none=True)


class MovedCaseQuery(ListQuery):
    state: Any = state("waiting", "moved", "refused", "skipped", default="all")
