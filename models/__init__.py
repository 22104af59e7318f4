"""Every table, and the rules that hold on one row."""

from __future__ import annotations

from models.access_log import AccessLog
from models.account import Account, AccountRole
from models.api_token import SCOPES, ApiToken
from models.base import Base
from models.case import Case, CaseState
from models.clock import Clock
from models.commitment import Commitment
from models.confidential_note import ConfidentialNote
from models.deadline import Deadline, DeadlineChange
from models.definition import Definition, Deployment
from models.draft import Draft
from models.event import Event
from models.heartbeat import Heartbeat
from models.incident import Incident
from models.job import Job
from models.message import Message
from models.migration import Migration, MigrationCase
from models.process_instance import ProcessInstance
from models.start_event import StartEvent
from models.subscription import Subscription
from models.team_member import TeamMember
from models.timer import Timer
from models.unit import ClosingDay, Unit
from models.user_task import UserTask

__all__ = [
    "SCOPES",
    "AccessLog",
    "Account",
    "AccountRole",
    "ApiToken",
    "Base",
    "Case",
    "CaseState",
    "Clock",
    "ClosingDay",
    "Commitment",
    "ConfidentialNote",
    "Deadline",
    "DeadlineChange",
    "Definition",
    "Deployment",
    "Draft",
    "Event",
    "Heartbeat",
    "Incident",
    "Job",
    "Message",
    "Migration",
    "MigrationCase",
    "ProcessInstance",
    "StartEvent",
    "Subscription",
    "TeamMember",
    "Timer",
    "Unit",
    "UserTask",
]
