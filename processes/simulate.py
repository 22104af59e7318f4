"""Run any diagram with the real engine on a virtual clock: in memory, nothing sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handlers import HANDLERS
from handlers.adapters.recorded import recorded_ports
from handlers.contract import JobContext, SetPhase
from handlers.errors import Fault, TryAgain
from models import calendar
from models.errors import InvalidAnswers
from processes.bundles import Library, bundle_of, gather_library, read_library
from processes.diagram_files import ENDINGS, SHARED
from processes.engine import BadDiagram, NotPossible, NotWaiting, load_definition
from processes.engine.commands import (
    Broadcast,
    Command,
    Complete,
    Correct,
    Deliver,
    FailJob,
    FinishJob,
    Fire,
    Move,
    RaiseIncident,
    Restart,
    Resume,
    Skip,
    Start,
    Suspend,
)
from processes.engine.definition import missing_process
from processes.engine.step import CaseData, OutgoingMessage
from processes.forms import check_answers, compartment
from processes.scenario import BadScenario, Scenario, ScenarioStep, read_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from processes.engine import Definition, Engine
    from processes.engine.step import ArmedTimer, Incident, Job, OpenTask, Step, Subscription

BUFFER = "P30D"
MOST_TURNS = 10_000
MOST_TIMERS = 20_000


class CannotDo(Exception):
    """A step asks for something the case does not offer."""


@dataclass
class Run:
    """A case in memory, on its own clock."""

    engine: Engine
    definition: Definition
    now: datetime
    closing_days: frozenset[date] = frozenset()
    saving: bool = False
    """Whether the state is frozen and restored at every wait, as the database does."""

    by_hand: frozenset[str] = frozenset()
    """Service tasks whose jobs wait for somebody to say how they went."""

    step: Step = field(init=False)
    trace: list[dict[str, Any]] = field(default_factory=list)
    buffered: list[tuple[OutgoingMessage, datetime]] = field(default_factory=list)
    suspended_at: datetime | None = None
    kept: list[FinishJob | FailJob] = field(default_factory=list)
    """How jobs went that were done while the case was suspended."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    """Messages that nothing on the case waited for when they were thrown."""

    phase: str | None = None
    ended_at: datetime | None = None
    item_base: int = 1

    def start(self, data: dict[str, Any], reference: str = "T-00") -> None:
        """Begin the case and run its first jobs."""
        self._took(
            self.engine.start(
                self.definition,
                CaseData(data, facts={"reference": reference}),
                Start(),
                now=self.now,
                closing_days=self.closing_days,
            )
        )

    def act(self, command: Command) -> None:
        """One command, then the jobs and messages it leads to."""
        self._took(self._step(command))

    def travel(self, target: datetime) -> None:
        """Move the clock forward; timers fire in due order, each at its own time."""
        if target.timestamp() < self.now.timestamp():
            raise CannotDo("the clock does not go backward")
        fired = 0
        while (timer := self._next_timer(target)) is not None:
            fired += 1
            if fired > MOST_TIMERS:
                raise CannotDo(f"more than {MOST_TIMERS} timers fire: see '{timer.element}'")
            self.now = max(self.now, timer.due_at)
            self.act(Fire(timer.id))
        self.now = target
        self._go_on()

    def complete(
        self,
        element: str,
        answers: dict[str, Any],
        role: str | None = None,
        item: int | None = None,
    ) -> None:
        """Finish the oldest open task of an element, or the one at a position."""
        task = self._task(element, item, role)
        if role is not None and task.role != role:
            raise CannotDo(f"'{element}' is for the role {task.role or '(none)'}, not {role}")
        form = self.definition.form(task.form) if task.form else None
        if task.form and form is None:
            raise CannotDo(f"the form '{task.form}' is not among the files")
        context = {**self.step.data.values, **task.local}
        checked = check_answers(form, answers, context, self.engine.feel, self.now)
        part = compartment(form) if form else "B"
        kept = {} if part == "C" else checked.answers
        self.act(Complete(task.id, kept, checked.kinds if kept else {}, part))

    def message(self, name: str, payload: dict[str, Any], correlation: object = None) -> str:
        """Hand a message over now, or keep it until something waits for it."""
        if name not in message_names(self.definition):
            raise CannotDo(f"no diagram here knows a message called '{name}'")
        found = self._subscription(name, correlation)
        if found is None or self.step.waits.suspended:
            expiry = calendar.due(self.now, BUFFER).at
            self.buffered.append((OutgoingMessage(name, payload, correlation), expiry))
            return "waiting"
        self.act(Deliver(found.id, payload))
        return "delivered"

    def signal(self, name: str, payload: dict[str, Any]) -> None:
        """Tell everything on this case that waits for a signal."""
        if name not in signal_names(self.definition):
            raise CannotDo(f"no diagram here knows a signal called '{name}'")
        self.act(Broadcast(name, payload))

    def job(self, element: str, result: object, fault: str | None) -> None:
        """Say how a service task's job went."""
        job = next((j for j in self.step.waits.jobs.values() if j.element == element), None)
        if job is None:
            raise CannotDo(f"no job of '{element}' is waiting")
        outcome = FailJob(job.id, fault) if fault else FinishJob(job.id, result)
        if self.step.waits.suspended:
            self.kept.append(outcome)
        else:
            self.act(outcome)

    def suspend(self, reason: str) -> None:
        """Let the case rest."""
        self.act(Suspend(reason))
        self.suspended_at = self.now

    def resume(self, reason: str) -> None:
        """Go on with a case that rests: first what was done meanwhile, then what was kept."""
        self._keep(self._step(Resume(reason)))
        since, until = self.suspended_at or self.now, calendar.due(self.now, BUFFER).at
        self.buffered = [
            (message, min(self.now + (expiry - since), until)) for message, expiry in self.buffered
        ]
        for outcome in self.kept:
            if outcome.job in self.step.waits.jobs:
                self._keep(self._step(outcome))
        self.kept = []
        self._go_on()

    def skip(self, element: str, result: object) -> None:
        """Go on after a failed element as if it had been done."""
        incidents = self.step.waits.incidents.values()
        found = next((one for one in incidents if one.element == element), None)
        if found is None:
            raise CannotDo(f"'{element}' has not failed")
        self.act(Skip(found.id, "", result))

    def correct(self, values: dict[str, Any], reason: str) -> None:
        """Put right what the case knows."""
        self.act(Correct(values, reason, self.definition.kinds_of(values)))

    def move(self, element: str, away_from: str | None) -> None:
        """Take the tokens away from one element and put one in front of another."""
        state = self.step.state if self.saving else self.step.live
        standing = self.engine.standing(self.definition, state)
        gone = [one for one in standing.positions if one.element == away_from]
        if away_from is not None and not gone:
            raise CannotDo(f"the case does not stand at '{away_from}'")
        scope = gone[0].scope if gone else ""
        places = [one.scope for one in standing.places if one.element == element]
        if not places:
            raise CannotDo(f"no token can be put at '{element}'")
        where = scope if scope in places else places[0]
        self.act(Move(tuple(one.id for one in gone), ((where, element),), ""))

    def restart(self, element: str) -> None:
        """Begin an activity anew; a case that has ended is reopened."""
        self.act(Restart(element, ""))

    # -- inside ----------------------------------------------------------------------------

    def _took(self, step: Step) -> None:
        self._keep(step)
        self._go_on()

    def _keep(self, step: Step) -> None:
        self.step = step
        self._remember(step)
        if step.messages:
            expiry = calendar.due(self.now, BUFFER).at
            self.buffered += [(thrown, expiry) for thrown in step.messages]
        self.sent += [
            {"at": _iso(self.now), "message": thrown.name, "with": thrown.payload}
            for thrown in step.messages
        ]

    def _go_on(self) -> None:
        """Run the jobs that nobody wants to settle by hand, and deliver what was kept."""
        for _ in range(MOST_TURNS):
            if self.step.waits.suspended:
                return
            command = self._next_job() or self._next_delivery()
            if command is None:
                return
            self._keep(self._step(command))
        raise CannotDo(f"more than {MOST_TURNS} jobs and messages follow from one step")

    def _step(self, command: Command) -> Step:
        return self.engine.act(
            self.definition,
            self.step.state if self.saving else self.step.live,
            self.step.data,
            command,
            now=self.now,
            closing_days=self.closing_days,
        )

    def _remember(self, step: Step) -> None:
        for happening in step.happened:
            if happening.kind == "element.completed" and not happening.detail.get("whole"):
                self.trace.append(
                    {
                        "at": _iso(happening.at),
                        "kind": happening.detail["kind"],
                        "element": happening.element,
                    }
                )
        if not step.ended:
            self.ended_at = None
        elif self.ended_at is None:
            self.ended_at = step.happened[-1].at if step.happened else self.now

    def _next_job(self) -> Command | None:
        jobs = self.step.waits.jobs.values()
        job = next((job for job in jobs if job.element not in self.by_hand), None)
        return None if job is None else self._outcome(job)

    def _next_delivery(self) -> Command | None:
        self.buffered = [kept for kept in self.buffered if kept[1] >= self.now]
        for kept in self.buffered:
            message = kept[0]
            found = self._subscription(message.name, message.correlation)
            if found is not None:
                self.buffered.remove(kept)
                return Deliver(found.id, message.payload)
        return None

    def _outcome(self, job: Job) -> Command:
        handler = HANDLERS.get(job.operation)
        if handler is None:
            return RaiseIncident(job.id, f"there is no operation called '{job.operation}'")
        try:
            done = handler(job.parameters, self._context(job), recorded_ports())
        except Fault as fault:
            return FailJob(job.id, fault.code, dict(fault.facts))
        except (TryAgain, Exception) as error:  # noqa: BLE001 — a handler may fail in any way
            return RaiseIncident(job.id, str(error))
        for effect in done.effects:
            if isinstance(effect, SetPhase):
                self.phase = effect.phase
        return FinishJob(job.id, done.result, done.kinds)

    def _context(self, job: Job) -> JobContext:
        return JobContext(
            key=job.id,
            case_id=next(iter(self.step.waits.instances)),
            case_number=0,
            case_reference=str(self.step.data.facts["reference"]),
            unit="simulation",
            element=job.element,
            now=self.now,
            closing_days=self.closing_days,
        )

    def _subscription(self, name: str, correlation: object) -> Subscription | None:
        for found in self.step.waits.subscriptions.values():
            if (
                found.kind == "message"
                and found.name == name
                and (correlation is None or found.correlation in (None, correlation))
            ):
                return found
        return None

    def _next_timer(self, target: datetime) -> ArmedTimer | None:
        due = [t for t in self.step.waits.timers.values() if t.due_at <= target]
        return min(due, key=lambda timer: (timer.due_at.timestamp(), timer.id), default=None)

    def _task(self, element: str, item: int | None, role: str | None) -> OpenTask:
        tasks = [t for t in self.step.waits.tasks.values() if t.element == element]
        tasks = [t for t in tasks if t.role == role] or tasks
        if item is not None:
            tasks = self._at(tasks, item - self.item_base)
        if not tasks:
            open_now = ", ".join(sorted({t.element for t in self.step.waits.tasks.values()}))
            raise CannotDo(f"no task '{element}' is open; open now: {open_now or 'none'}")
        return tasks[0]

    def _at(self, tasks: list[OpenTask], position: int) -> list[OpenTask]:
        """The tasks of a multi-instance's part; else one of several, the oldest first."""
        if any(task.item is not None for task in tasks):
            return [task for task in tasks if task.item == position]
        return tasks[position:][:1] if position >= 0 else []


def simulate(
    scenario: Scenario, files: Mapping[str, str], engine: Engine, *, saving: bool = False
) -> dict[str, Any]:
    """Play a scenario; the answer has the shape the contract gives for `simulate --json`."""
    return play(scenario, load_definition(scenario.process, files), engine, saving=saving)


def play(
    scenario: Scenario, definition: Definition, engine: Engine, *, saving: bool = False
) -> dict[str, Any]:
    """As `simulate`, with diagrams that have been read already."""
    run = Run(
        engine=engine,
        definition=definition,
        now=scenario.start,
        closing_days=frozenset(scenario.closing_days),
        saving=saving,
    )
    failures = follow(scenario, run)
    if any(failure["step"] is None for failure in failures):
        return _broken("start", [failure["reason"] for failure in failures])
    expected = any(s.action == "expect" and "incidents" in s.value for s in scenario.steps)
    return _report(run, failures, expected=expected)


def follow(scenario: Scenario, run: Run) -> list[dict[str, Any]]:
    """Begin a case and do every step of a scenario to it; what could not be done or was not so.

    It stops at the first step that could not be done.
    """
    run.by_hand = _by_hand(scenario.steps)
    run.item_base = _item_base(scenario)
    failed = _reasons(lambda: run.start(scenario.data, scenario.reference))
    failures: list[dict[str, Any]] = [
        {"step": None, "what": "start", "reason": reason} for reason in failed
    ]
    for position, step in enumerate(scenario.steps if not failed else (), start=1):
        run.by_hand = _by_hand(scenario.steps[position:])
        failed = _play(step, run)
        failures += [
            {"step": step.number, "what": str(step), "reason": reason} for reason in failed
        ]
        if failed and step.action != "expect":
            break
    return failures


def simulate_file(path: Path, engine: Engine, *, saving: bool = False) -> dict[str, Any]:
    """Play a scenario file with the diagrams around it.

    Raises:
        BadScenario, BadDiagram.
    """
    scenario = read_scenario(path.read_text(encoding="utf-8"), path.name)
    return simulate(scenario, scenario_files(path, scenario), engine, saving=saving)


def scenario_files(path: Path, scenario: Scenario) -> dict[str, str]:
    """The bundle of a scenario's process: its own diagram and what that needs.

    Looked for in the file the scenario names, beside it, in the folder above `scenarios/`, and
    among the shared parts. Other files there may be broken; they are none of its business.

    Raises:
        BadScenario: the diagram it names is not there.
        BadDiagram: the diagram cannot be read, or no file holds the process.
    """
    beside = _files_around(path.resolve().parent)
    first = {}
    if scenario.file:
        named = path.resolve().parent / scenario.file
        if not named.is_file():
            raise BadScenario(f"the diagram '{scenario.file}' is not beside the scenario")
        first = {named.name: _text(named)}
    return bundle_for(scenario.process, gather_library(first, beside))


def bundle_for(key: str, library: Library) -> dict[str, str]:
    """The bundle of one process of a library.

    Raises:
        BadDiagram: there is no such process, or the file that seems to hold it is broken.
    """
    process = library.processes.get(key)
    if process is not None:
        return bundle_of(process, library, lambda _: {})
    diagrams = {name: text for name, text in library.files.items() if name.endswith(".bpmn")}
    read_library({name: text for name, text in diagrams.items() if f'"{key}"' in text})
    raise BadDiagram([missing_process(key, sorted(library.processes), ", ".join(diagrams))])


def _files_around(here: Path) -> dict[str, str]:
    """File name to text; the scenario's own folder wins over the one above, that over shared."""
    home = here.parent if here.name == "scenarios" else here
    files: dict[str, str] = {}
    for folder in (here, home, home.parent / SHARED, Path("bpmn").resolve() / SHARED):
        for file in sorted(folder.iterdir()) if folder.is_dir() else []:
            if file.name.endswith(ENDINGS) and file.is_file():
                files.setdefault(file.name, _text(file))
    return files


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8-sig", errors="replace")


def message_names(definition: Definition) -> set[str]:
    """Every message that a diagram of the bundle names."""
    declared = {name for diagram in definition.diagrams for name in diagram.messages.values()}
    caught = {
        trigger.name
        for process in definition.processes.values()
        for _, node in process.walk()
        for trigger in node.triggers
        if trigger.kind == "message"
    }
    return declared | caught


def signal_names(definition: Definition) -> set[str]:
    """Every signal that a diagram of the bundle names."""
    return {name for diagram in definition.diagrams for name in diagram.signals.values()}


def _by_hand(steps: Sequence[ScenarioStep]) -> frozenset[str]:
    """The service tasks that a step still to come speaks of; all others run their handlers."""
    return frozenset(step.value for step in steps if step.action == "job")


def _item_base(scenario: Scenario) -> int:
    """Items count from 1; a scenario that names item 0 counts all of them from 0."""
    return 0 if any(step.more.get("item") == 0 for step in scenario.steps) else 1


def _play(step: ScenarioStep, run: Run) -> list[str]:
    """Do one step; the reasons why it could not be done, or what was not as expected."""
    if step.action == "expect":
        return _differences(step.value, run)
    return _reasons(lambda: _do(step, run))


def _reasons(act: Callable[[], None]) -> list[str]:
    """Why something could not be done; empty if it was."""
    try:
        act()
    except (CannotDo, NotPossible, NotWaiting, calendar.CalendarError) as error:
        return [str(error)]
    except InvalidAnswers as refused:
        return [f"{path}: {'; '.join(map(str, said))}" for path, said in refused.errors.items()]
    except Exception as error:  # noqa: BLE001 — somebody else's diagram must not stop the report
        return [f"{type(error).__name__}: {error}"]
    return []


def _do(step: ScenarioStep, run: Run) -> None:
    given = step.more.get("with") or {}
    if step.action == "complete":
        run.complete(step.value, given, step.more.get("role"), step.more.get("item"))
    elif step.action == "travel":
        run.travel(calendar.due(run.now, step.value).at)
    elif step.action == "until":
        run.travel(step.value)
    elif step.action == "message":
        run.message(step.value, given, step.more.get("correlation"))
    elif step.action == "signal":
        run.signal(step.value, given)
    else:
        _supervise(step, run, given)


def _supervise(step: ScenarioStep, run: Run, given: dict[str, Any]) -> None:
    """What a supervisor does to a running case."""
    if step.action == "suspend":
        run.suspend(step.value)
    elif step.action == "resume":
        run.resume(step.value)
    elif step.action == "skip":
        run.skip(step.value, step.more.get("result"))
    elif step.action == "correct":
        run.correct(given, step.value)
    elif step.action == "move":
        run.move(step.value, step.more.get("from"))
    elif step.action == "restart":
        run.restart(step.value)
    elif step.action == "job":
        run.job(step.value, step.more.get("result"), step.more.get("fault"))


def _differences(expected: dict[str, Any], run: Run) -> list[str]:
    found: list[str] = []
    waits = run.step.waits
    if "tasks" in expected:
        _compare(
            "open tasks",
            sorted(set(expected["tasks"] or [])),
            sorted(set(_elements(waits.tasks))),
            found,
        )
    for name, value in (expected.get("data") or {}).items():
        _compare(f"data.{name}", value, run.step.data.values.get(name), found)
    if "sent" in expected:
        names = [sent["message"] for sent in run.sent]
        _compare("messages sent", list(expected["sent"] or []), names, found)
    if "ended" in expected:
        _compare("ended", expected["ended"], run.step.ended, found)
    if "incidents" in expected:
        _compare(
            "incidents",
            sorted(expected["incidents"] or []),
            sorted(_elements(waits.incidents)),
            found,
        )
    if "trace" in expected:
        trace = [entry["element"] for entry in run.trace]
        _compare("the trace", expected["trace"] or [], trace, found)
    for element, due in (expected.get("deadlines") or {}).items():
        dues = [d.due_at for d in waits.deadlines.values() if d.element == element]
        _compare_due(f"deadline of {element}", due, dues, found)
    for element, due in (expected.get("timers") or {}).items():
        dues = [t.due_at for t in waits.timers.values() if t.element == element]
        _compare_due(f"timer {element}", due, dues, found)
    return found


def _elements(waits: Mapping[str, OpenTask | Incident]) -> list[str]:
    return [wait.element for wait in waits.values()]


def _same(expected: Any, actual: Any) -> bool:
    """Whether two JSON values are equal; to Python, `true` would be 1."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, dict) and isinstance(actual, dict):
        pairs = [(expected[key], actual[key]) for key in expected.keys() & actual.keys()]
        return expected.keys() == actual.keys() and all(_same(a, b) for a, b in pairs)
    if isinstance(expected, list) and isinstance(actual, list):
        pairs = list(zip(expected, actual, strict=False))
        return len(expected) == len(actual) and all(_same(a, b) for a, b in pairs)
    return bool(expected == actual)


def _compare(what: str, expected: object, actual: object, found: list[str]) -> None:
    if not _same(expected, actual):
        found.append(f"{what} should be {expected!r} and is {actual!r}")


def _compare_due(what: str, expected: object, dues: list[datetime], found: list[str]) -> None:
    wanted = calendar.parse_instant(str(expected))
    if wanted.timestamp() not in [due.timestamp() for due in dues]:
        shown = ", ".join(map(_iso, dues)) or "none"
        found.append(f"{what} should be due {expected} and is due {shown}")


def _report(run: Run, failures: list[dict[str, Any]], *, expected: bool) -> dict[str, Any]:
    """`expected` says that the scenario itself speaks of incidents, so that they are no failure."""
    waits = run.step.waits
    incidents = [] if expected else list(waits.incidents.values())
    own_timers = [t for t in waits.timers.values() if t.element not in _task_elements(run)]
    return {
        "ok": not failures and not incidents,
        "ended": run.step.ended,
        "ended_at": _iso(run.ended_at) if run.ended_at else None,
        "now": _iso(run.now),
        "phase": run.phase,
        "data": run.step.data.values,
        "open_tasks": [_open_task(task) for task in waits.tasks.values()],
        "timers": [
            {"element": timer.element, "due_at": _iso(timer.due_at)}
            for timer in sorted(own_timers, key=lambda t: t.due_at.timestamp())
        ],
        "incidents": [
            {"element": incident.element, "message": incident.message}
            for incident in waits.incidents.values()
        ],
        "trace": run.trace,
        "sent": run.sent,
        "failures": failures
        + [
            {"step": None, "what": f"incident at {i.element}", "reason": i.message}
            for i in incidents
        ],
    }


def _open_task(task: OpenTask) -> dict[str, Any]:
    due = _iso(task.due_at) if task.due_at else None
    return {"element": task.element, "role": task.role, "due_at": due}


def _task_elements(run: Run) -> set[str]:
    """User tasks carry their own deadline's timer; the list of timers is for timer events."""
    return {task.element for task in run.step.waits.tasks.values()}


def _iso(at: datetime) -> str:
    return at.astimezone(calendar.COPENHAGEN).isoformat()


def broken_bundle(error: BadDiagram) -> dict[str, Any]:
    """The report of a scenario whose diagram cannot be run."""
    report = _broken("", [])
    for problem in error.problems:
        what = str(problem.element or problem.file)
        report["failures"].append({"step": None, "what": what, "reason": str(problem)})
    return report


def _broken(what: str, reasons: list[str]) -> dict[str, Any]:
    """The report of a case that never began."""
    return {
        "ok": False,
        "ended": False,
        "ended_at": None,
        "now": None,
        "phase": None,
        "data": {},
        "open_tasks": [],
        "timers": [],
        "incidents": [],
        "trace": [],
        "sent": [],
        "failures": [{"step": None, "what": what, "reason": reason} for reason in reasons],
    }
