"""An event of the history as a sentence that a colleague would say."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import g
from markupsafe import Markup
from sqlalchemy import and_, or_, select

from models.account import Account
from models.event import Event
from webapp import words
from webapp.answers import as_words, label_of, plain
from webapp.current import wiring
from webapp.programme_words import said
from webapp.programme_words import sentence as gettext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import ColumnElement

    from models.deadline import DeadlineChange

BY_PEOPLE = frozenset({"userTask", "manualTask"})
MILESTONES = (
    "activity.chosen",
    "case.cancelled",
    "case.ended",
    "case.recovered",
    "case.moved",
    "case.reopened",
    "case.restarted",
    "case.resumed",
    "case.started",
    "case.stuck",
    "case.suspended",
    "data.corrected",
    "deadline.missed",
    "deadline.moved",
    "deadline.paused",
    "deadline.recounted",
    "deadline.resumed",
    "deadline.warned",
    "incident.raised",
    "incident.retried",
    "incident.skipped",
    "instance.started",
    "message.received",
    "outcome.registered",
    "phase.changed",
    "task.assigned",
    "task.released",
    "team.assigned",
    "team.released",
)
QUIET = frozenset(
    {
        "deadline.cancelled",
        "deadline.escalated",
        "deadline.met",
        "instance.ended",
        "job.requested",
    }
)
"""Kinds that only repeat what another line has said."""


def sentences(events: Iterable[Event]) -> list[tuple[Event, Markup]]:
    """The events worth reading, each with its sentence."""
    return [(event, sentence_of(event)) for event in events if is_told(event)]


def is_told(event: Event) -> bool:
    """Whether a reader learns something that no other line says."""
    if event.kind in QUIET:
        return False
    return event.kind != "element.completed" or _was_done_by_a_person(event)


def worth_telling() -> ColumnElement[bool]:
    """The condition on `Event` for a short history: what people did and what went wrong."""
    by_people = Event.detail["kind"].astext.in_(BY_PEOPLE)
    return or_(Event.kind.in_(MILESTONES), and_(Event.kind == "element.completed", by_people))


def sentence_of(event: Event) -> Markup:
    """What happened, in the reader's language."""
    tell = SENTENCES.get(event.kind)
    if tell is None:
        return gettext("%(what)s: “%(name)s”", what=event.kind, name=_name(event))
    return tell(event)


def change_sentence(change: DeadlineChange) -> Markup:
    """How and why somebody moved, paused or resumed a deadline."""
    facts = {
        "who": display_name(change.by),
        "at": words.day_and_clock(change.at),
        "old": words.day_and_clock(change.old_due),
        "new": words.day_and_clock(change.new_due) if change.new_due else "",
        "reason": change.reason,
    }
    if change.kind == "moved":
        return gettext("%(at)s: %(who)s moved it from %(old)s to %(new)s: %(reason)s", **facts)
    if change.kind == "paused":
        return gettext("%(at)s: %(who)s paused it: %(reason)s", **facts)
    return gettext("%(at)s: %(who)s resumed it, now due %(new)s.", **facts)


def display_name(account: str | None) -> str:
    """How an account is called on the pages; the system itself is Vejviser."""
    if account is None:
        return "Vejviser"
    if "people" not in g:
        with wiring().reading() as reading:
            rows = reading.execute(select(Account.name, Account.display_name))
            g.people = dict(rows.all())
    people: dict[str, str] = g.people
    return people.get(account, account)


def _who(event: Event) -> str:
    return display_name(event.actor)


def _name(event: Event) -> Markup:
    """What the diagram calls it, in the reader's language."""
    return said(event.name) if event.name else Markup.escape(event.element or "")


def _detail(event: Event, key: str) -> Any:
    return event.detail.get(key) or ""


def _was_done_by_a_person(event: Event) -> bool:
    return bool(event.name) and (event.detail.get("kind") in BY_PEOPLE)


def _moment(event: Event, key: str) -> str:
    try:
        return words.day_and_clock(datetime.fromisoformat(str(event.detail[key])))
    except (KeyError, ValueError):
        return ""


def _completed(event: Event) -> Markup:
    return gettext("%(who)s completed “%(name)s”.", who=_who(event), name=_name(event))


def _chosen(event: Event) -> Markup:
    facts = {"who": _who(event), "name": _name(event)}
    if not event.detail.get("activity"):
        return gettext("%(who)s finished “%(name)s”.", **facts)
    what = said(_detail(event, "chosen") or _detail(event, "activity"))
    return gettext("%(who)s chose “%(what)s” in “%(name)s”.", what=what, **facts)


def _deadline_opened(event: Event) -> Markup:
    due = _moment(event, "due")
    if not due:
        return gettext("A deadline began for “%(name)s”.", name=_name(event))
    return gettext("A deadline began for “%(name)s”: %(due)s.", name=_name(event), due=due)


def _assigned(event: Event) -> Markup:
    to = str(_detail(event, "to"))
    if to == event.actor:
        return gettext("%(who)s took “%(name)s”.", who=_who(event), name=_name(event))
    return gettext(
        "%(who)s gave “%(name)s” to %(to)s.",
        who=_who(event),
        name=_name(event),
        to=display_name(to),
    )


def _outcome(event: Event) -> Markup:
    words = ", ".join(as_words(value) for value in event.detail.values() if value)
    return gettext("Outcome: %(words)s.", words=words)


def _moved(event: Event) -> Markup:
    facts = {"who": _who(event), "reason": _detail(event, "reason")}
    gone, new = (_names(event.detail.get(key)) for key in ("cancelled", "created"))
    if not gone:
        return gettext("%(who)s put the case also at %(new)s: %(reason)s", new=new, **facts)
    if not new:
        return gettext("%(who)s took the case away from %(gone)s: %(reason)s", gone=gone, **facts)
    return gettext(
        "%(who)s moved the case from %(gone)s to %(new)s: %(reason)s", gone=gone, new=new, **facts
    )


def _names(told: Any) -> Markup:
    return Markup(", ").join(gettext("“%(name)s”", name=said(one["name"])) for one in told or [])


def _corrected(event: Event) -> Markup:
    """With old and new only where the reader sees the compartment they lie in."""
    facts = {"who": _who(event), "reason": _detail(event, "reason")}
    changes = event.detail.get("changes", {})
    if event.detail.get("compartment") not in g.get("compartments", frozenset()):
        return gettext("%(who)s corrected what the case knows: %(reason)s", **facts)
    told = "; ".join(
        f"{_label(key)}: {as_words(one['from'])} → {as_words(one['to'])}"
        for key, one in changes.items()
    )
    return gettext("%(who)s corrected %(told)s (%(reason)s)", told=told, **facts)


def _label(key: str) -> str:
    look = g.get("case_look")
    return label_of(look.files, key) if look else plain(key)


def _deadline_moved(event: Event) -> Markup:
    return gettext(
        "%(who)s moved the deadline of “%(name)s”: %(reason)s",
        who=_who(event),
        name=_name(event),
        reason=_detail(event, "reason"),
    )


def _deadline_paused(event: Event) -> Markup:
    return gettext(
        "%(who)s paused the deadline of “%(name)s”: %(reason)s",
        who=_who(event),
        name=_name(event),
        reason=_detail(event, "reason"),
    )


SENTENCES: dict[str, Callable[[Event], Markup]] = {
    "case.started": lambda e: gettext("%(who)s opened the case.", who=_who(e)),
    "case.ended": lambda _: gettext("The case was closed."),
    "case.cancelled": lambda e: gettext(
        "%(who)s ended the case: %(reason)s", who=_who(e), reason=_detail(e, "reason")
    ),
    "case.suspended": lambda e: gettext(
        "%(who)s let the case rest: %(reason)s", who=_who(e), reason=_detail(e, "reason")
    ),
    "case.resumed": lambda e: gettext(
        "%(who)s took the case up again: %(reason)s", who=_who(e), reason=_detail(e, "reason")
    ),
    "case.stuck": lambda _: gettext("The case could not go on and waits for help."),
    "case.recovered": lambda _: gettext("The case can go on again."),
    "case.moved": _moved,
    "case.restarted": lambda e: gettext(
        "%(who)s began “%(name)s” anew: %(reason)s",
        who=_who(e),
        name=_name(e),
        reason=_detail(e, "reason"),
    ),
    "case.reopened": lambda e: gettext(
        "%(who)s reopened the case at “%(name)s”: %(reason)s",
        who=_who(e),
        name=_name(e),
        reason=_detail(e, "reason"),
    ),
    "data.corrected": _corrected,
    "incident.skipped": lambda e: gettext(
        "%(who)s went on without “%(name)s”: %(reason)s",
        who=_who(e),
        name=_name(e),
        reason=_detail(e, "reason"),
    ),
    "case.migrated": lambda e: gettext(
        "%(who)s moved the case from version %(old)s to %(new)s: %(reason)s",
        who=_who(e),
        old=_detail(e, "from"),
        new=_detail(e, "to"),
        reason=_detail(e, "reason"),
    ),
    "element.completed": _completed,
    "element.cancelled": lambda e: gettext(
        "“%(name)s” fell away because the case took another way.", name=_name(e)
    ),
    "task.opened": lambda e: gettext("“%(name)s” was put in the inbox.", name=_name(e)),
    "task.released": lambda e: gettext(
        "%(who)s handed “%(name)s” back.", who=_who(e), name=_name(e)
    ),
    "task.assigned": _assigned,
    "activity.chosen": _chosen,
    "timer.fired": lambda e: gettext("The time for “%(name)s” came.", name=_name(e)),
    "message.received": lambda e: gettext("The message “%(name)s” arrived.", name=_name(e)),
    "message.sent": lambda e: gettext("The message “%(name)s” was sent.", name=_name(e)),
    "signal.sent": lambda e: gettext("The signal “%(name)s” was given.", name=_name(e)),
    "escalation.thrown": lambda e: gettext("“%(name)s” was escalated.", name=_name(e)),
    "job.faulted": lambda e: gettext(
        "“%(name)s” answered with the error %(code)s.", name=_name(e), code=_detail(e, "code")
    ),
    "incident.raised": lambda e: gettext(
        "“%(name)s” could not be done and waits for help.", name=_name(e)
    ),
    "incident.retried": lambda e: gettext(
        "%(who)s tried “%(name)s” again.", who=_who(e), name=_name(e)
    ),
    "deadline.opened": _deadline_opened,
    "deadline.missed": lambda e: gettext("The deadline of “%(name)s” was missed.", name=_name(e)),
    "deadline.warned": lambda e: gettext(
        "The deadline of “%(name)s” comes near while the case rests.", name=_name(e)
    ),
    "deadline.moved": _deadline_moved,
    "deadline.recounted": lambda e: gettext(
        "The deadline of “%(name)s” is %(due)s in the new version.",
        name=_name(e),
        due=_moment(e, "new"),
    ),
    "deadline.paused": _deadline_paused,
    "deadline.resumed": lambda e: gettext(
        "%(who)s resumed the deadline of “%(name)s”.", who=_who(e), name=_name(e)
    ),
    "job.kept": lambda e: gettext(
        "“%(name)s” was done while the case rests; its result is kept until it goes on.",
        name=_name(e),
    ),
    "job.too_late": lambda e: gettext(
        "“%(name)s” was done after the case had gone on; its result was dropped.", name=_name(e)
    ),
    "outcome.registered": _outcome,
    "phase.changed": lambda e: gettext("The phase is now %(phase)s.", phase=said(_detail(e, "to"))),
    "team.assigned": lambda e: gettext(
        "%(who)s is on the team as %(role)s.",
        who=display_name(_detail(e, "account")),
        role=said(_detail(e, "role")),
    ),
    "team.released": lambda e: gettext(
        "Nobody is on the team as %(role)s any more.", role=said(_detail(e, "role"))
    ),
    "instance.started": lambda e: gettext("“%(name)s” began beside the course.", name=_name(e)),
}
"""Kind of event to its sentence; a kind unknown here is shown by its own name."""

FILTERS = {"change_sentence": change_sentence, "display_name": display_name}
