"""Spoils good files at random: whatever the linter lets through must load and play.

`python -m tests.processes.lint.mutations` runs many and prints what fell; `test_mutations.py` runs
a few of them. The n-th mutation is the same on every machine.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from models.errors import Refused
from processes.bundles import read_library
from processes.diagram_files import ENDINGS
from processes.engine import Engine, Feel, load_definition
from processes.engine.diagram import read_diagram
from processes.lint import lint
from processes.rehearsal import CannotDo, Run
from processes.scenario import BadScenario
from processes.scenario_files import bundle_for

ROOT = Path(__file__).parents[3]
START = datetime.fromisoformat("2026-01-05T09:00:00+01:00")
LINT_SECONDS, PLAY_SECONDS = 5.0, 60.0
"""Seconds of this process's own work; a busy machine does not count."""

ACTS = 12
CANARY = "pwned"
SPAWNING = frozenset(
    {"os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.connect"}
)

NASTY = [
    "",
    "=",
    " ",
    "null",
    "true",
    "1",
    "-1",
    "1e308",
    "9" * 400,
    "P9999999999999999999Y",
    "R999999999999/PT0.000001S",
    "R/PT0S",
    "R5/P1D",
    "PT0S",
    "-P1D",
    "P1M2Y",
    "=1/0",
    "0000-00-00T99:99",
    "9999-12-31T23:59:59+14:00",
    "2026-02-30",
    "\u202e\u0000æøå😀",
    "a" * 20_000,
    "(" * 3_000 + "1" + ")" * 3_000,
    "[" * 400 + "]" * 400,
    "{a: " * 300 + "1" + "}" * 300,
    "not(" * 300 + "true" + ")" * 300,
    "1 + " * 3_000 + "1",
    "for i in 1..10000000000 return i",
    "for i in 1..1000, j in 1..1000 return i * j",
    "sum(for i in 1..100000 return i) > 1",
    "some x in [1, 2] satisfies x > 1",
    "{f: function(x) f(x), a: f(1)}",
    'matches("' + "a" * 40 + '!", "(a+)+$")',
    "__import__('os').system('touch pwned')",
    "().__class__.__base__.__subclasses__()",
    "open('pwned', 'w').write('x')",
    "exec(\"open('pwned','w')\")",
    "globalThis.pwned = 1",
    "constructor.constructor('globalThis.pwned = 1')()",
    '{"__proto__": {pwned: 1}}',
    "this.constructor.constructor('return process')()",
    "${pwned}",
    "{{7*7}}",
    "javascript:pwned()",
    "'; DROP TABLE event; --",
    "../../../etc/passwd",
    '"7" > 5',
    '@"2026-01-01"',
    'date("i går")',
    "x[1][2][3]",
    "a.b.c.d",
    "]]>",
    "<!-- -->",
]
ENTITIES = (
    '<!DOCTYPE l [<!ENTITY a "lol">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


@dataclass(frozen=True)
class Outcome:
    """What became of one spoiled file."""

    number: int
    file: str
    how: str
    end: str
    """`refused`, `played`, or what went wrong."""

    lint_seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing went wrong."""
        return self.end in {"refused", "played"}


class Hung(BaseException):
    """It took too long."""


class Spawned(BaseException):
    """Something was run that no diagram may run."""


def mutate(number: int) -> tuple[str, str, dict[str, str], str]:
    """The n-th spoiled file: its name, its text, the good ones around it, and what was done."""
    chance = random.Random(number)  # noqa: S311 — it is no secret
    folder = chance.choices(_folders(), weights=[1 if len(f) > 30 else 6 for f in _folders()])[0]
    name = chance.choice(sorted(folder))
    text, done = folder[name], []
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        spoil = chance.choice(_spoilers(name))
        done.append(spoil.__name__)
        text = spoil(text, chance)
    return name, text, {k: v for k, v in folder.items() if k != name}, "+".join(done)


@cache
def _folders() -> list[dict[str, str]]:
    """Bundles of good files: the programme, and every diagram of the conformance suite."""
    programme: dict[str, str] = {}
    for folder in ("en_vej_ind", "faelles"):
        programme |= _texts(ROOT / "bpmn" / folder)
    small = [
        _texts(path.parent) if _has_company(path) else {path.name: path.read_text("utf-8")}
        for path in sorted((ROOT / "tests" / "conformance").rglob("*.bpmn"))
        if "refused" not in path.parts
    ]
    return [programme, *small]


def _has_company(path: Path) -> bool:
    return any(p.name.endswith((".dmn", ".form.json")) for p in path.parent.iterdir())


def _texts(folder: Path) -> dict[str, str]:
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(folder.iterdir())
        if path.name.endswith(ENDINGS)
    }


# -- spoiling ----------------------------------------------------------------------------------


def _spoilers(name: str) -> list[Any]:
    return [*ANY_TEXT, *(OF_JSON if name.endswith(".json") else OF_XML)]


def truncate(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text) + 1)]


def garble(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice('<>"&={}[](),;\n\t\\/æ0\ud800\u0000') + text[at + 1 :]
    return text


def double(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    return "\n".join([*lines[:at], *lines[at : at + chance.randint(1, 6)], *lines[at:]])


def swap_lines(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def quote(text: str, chance: random.Random) -> str:
    """Something nasty where a quoted text was."""
    parts = text.split('"')
    if len(parts) > 2:
        at = chance.randrange(1, len(parts) - 1)
        parts[at] = chance.choice(NASTY).replace('"', "'").replace("<", "(")
    return '"'.join(parts)


def _tree(text: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError):
        return None


def _of_tree(change: Any) -> Any:
    def spoil(text: str, chance: random.Random) -> str:
        root = _tree(text)
        if (
            root is None
            or (elements := [e for e in root.iter("*") if "DI" not in str(e.tag)]) == []
        ):
            return text
        try:
            change(elements, chance)
        except ValueError:
            return text
        return etree.tostring(root, encoding="unicode")

    spoil.__name__ = change.__name__
    return spoil


def drop_attribute(elements: list[Any], chance: random.Random) -> None:
    element = chance.choice([e for e in elements if e.attrib] or elements)
    if element.attrib:
        del element.attrib[chance.choice(list(element.attrib))]


def change_attribute(elements: list[Any], chance: random.Random) -> None:
    element = chance.choice([e for e in elements if e.attrib] or elements)
    values = [value for e in elements for value in e.attrib.values()]
    if element.attrib:
        element.set(chance.choice(list(element.attrib)), chance.choice([*values, *NASTY]))


def rename_attribute(elements: list[Any], chance: random.Random) -> None:
    element = chance.choice([e for e in elements if e.attrib] or elements)
    names = [name for e in elements for name in e.attrib]
    if element.attrib:
        element.set(chance.choice(names), element.attrib.pop(chance.choice(list(element.attrib))))


def drop_element(elements: list[Any], chance: random.Random) -> None:
    element = chance.choice(elements)
    if element.getparent() is not None:
        element.getparent().remove(element)


def repeat_element(elements: list[Any], chance: random.Random) -> None:
    element = chance.choice(elements)
    if element.getparent() is not None:
        copy = etree.fromstring(etree.tostring(element))
        if chance.random() < 0.5 and copy.get("id"):
            copy.set("id", copy.get("id") + "_2")
        element.getparent().append(copy)


def move_element(elements: list[Any], chance: random.Random) -> None:
    element, target = chance.choice(elements), chance.choice(elements)
    inside = element is target or element in target.iterancestors()
    if element.getparent() is not None and not inside:
        target.append(element)


def rename_element(elements: list[Any], chance: random.Random) -> None:
    element = chance.choice(elements)
    element.tag = chance.choice([e.tag for e in elements])


def change_text(elements: list[Any], chance: random.Random) -> None:
    filled = [e for e in elements if e.text and e.text.strip()]
    texts = [e.text for e in filled]
    chance.choice(filled or elements).text = chance.choice([*texts, *NASTY])


def nest(elements: list[Any], chance: random.Random) -> None:
    element = chance.choice([e for e in elements if str(e.tag).endswith("Task")] or elements)
    for _ in range(chance.choice([2, 60, 260])):
        around = element.makeelement("{http://www.omg.org/spec/BPMN/20100524/MODEL}subProcess")
        around.set("id", f"{element.get('id')}_u")
        if element.getparent() is None:
            return
        element.getparent().replace(element, around)
        around.append(element)
        element = around


def bomb(text: str, chance: random.Random) -> str:
    head, _, rest = text.partition("?>")
    return f"{head}?>{ENTITIES}{rest.replace('>', '>&i;', chance.randint(1, 3))}"


def declare_encoding(text: str, chance: random.Random) -> str:
    encoding = chance.choice(["utf-16", "latin-1", "utf-7", "ebcdic", "ascii", "ucs-4"])
    return text.replace("UTF-8", encoding, 1)


def change_json(text: str, chance: random.Random) -> str:
    try:
        form = json.loads(text)
    except ValueError:
        return text
    places = list(_places(form))
    holder, key = chance.choice(places)
    values = [None, True, 0, -1, 1e308, [], {}, [[]], {"components": []}, *NASTY]
    act = chance.choice(["set", "drop", "swap", "deep"])
    if act == "drop":
        del holder[key]
    elif act == "swap":
        other, name = chance.choice(places)
        holder[key] = json.loads(json.dumps(other[name]))
    elif act == "deep":
        value: Any = holder[key]
        for _ in range(chance.choice([3, 200])):
            value = {"components": [value], "type": "group"}
        holder[key] = value
    else:
        holder[key] = chance.choice(values)
    return json.dumps(form, indent=1)


def _places(value: Any) -> Any:
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


ANY_TEXT = [truncate, garble, double, swap_lines, quote]
OF_JSON = [change_json] * 8
OF_XML = [
    *map(
        _of_tree,
        [
            drop_attribute,
            change_attribute,
            change_attribute,
            rename_attribute,
            drop_element,
            drop_element,
            repeat_element,
            move_element,
            rename_element,
            change_text,
            change_text,
            nest,
        ],
    ),
    bomb,
    declare_encoding,
]


# -- trying ------------------------------------------------------------------------------------


def attempt(number: int, feel: Feel) -> Outcome:
    """Lint one spoiled file, and play it if the linter finds no error."""
    name, text, around, how = mutate(number)
    began = time.process_time()
    try:
        with _watched(LINT_SECONDS):
            problems = lint({name: text}, feel, deployed=around)
        spent = time.process_time() - began
        for problem in problems:
            assert all((problem.message, problem.message_da, problem.line, problem.column)), problem
        if any(problem.severity == "error" for problem in problems):
            end = "refused"
        else:
            with _watched(PLAY_SECONDS):
                _play({**around, name: text}, name, Engine(feel), number)
                end = "played"
    except (Exception, Hung, Spawned) as error:  # noqa: BLE001 — it is the finding
        return Outcome(number, name, how, f"{type(error).__name__}: {str(error)[:300]}")
    if _harmed(feel):
        end = "ran code"
    return Outcome(number, name, how, end, spent)


def _play(files: dict[str, str], name: str, engine: Engine, number: int) -> None:
    chance = random.Random(number)  # noqa: S311 — it is no secret
    library = read_library(files)
    for key in _keys(files, name):
        run = Run(engine, load_definition(key, bundle_for(key, library)), START)
        _tried(lambda: run.start({}))  # noqa: B023 — called at once
        for _ in range(ACTS):
            if not hasattr(run, "step") or run.step.ended:
                break
            _tried(_act(run, chance))


def _keys(files: dict[str, str], name: str) -> list[str]:
    """The processes to play: those of the spoiled diagram, or all if it is a form or a table."""
    if name.endswith(".bpmn"):
        return [p.id for p in read_diagram(name, files[name]).processes if p.nodes]
    every = [n for n in files if n.endswith(".bpmn")]
    return [p.id for n in every[:3] for p in read_diagram(n, files[n]).processes if p.nodes]


def _act(run: Run, chance: random.Random) -> Any:
    waits = run.step.waits
    tasks = sorted(waits.tasks.values(), key=lambda task: (task.element, task.id))
    messages = sorted({sub.name for sub in waits.subscriptions.values() if sub.kind == "message"})
    kinds = ["complete"] * 3 * bool(tasks) + ["message"] * bool(messages) + ["travel"]
    kind = chance.choice(kinds)
    if kind == "complete":
        task = chance.choice(tasks)
        return lambda: run.complete(task.element, _answers(run, task.form, chance))
    if kind == "message":
        return lambda: run.message(chance.choice(messages), {"x": chance.choice(NASTY)})
    return lambda: run.travel(run.now + timedelta(days=chance.choice([1, 8, 40])))


def _answers(run: Run, form: str | None, chance: random.Random) -> dict[str, Any]:
    written = run.definition.form(form) if form else None
    if written is None:
        return {"n": chance.randint(0, 9), "svar": chance.choice(["ja", "nej"])}
    answers: dict[str, Any] = {}
    for one in written.get("components", []):
        if isinstance(one, dict) and isinstance(one.get("key"), str):
            answers[one["key"]] = _answer(one, chance)
    return answers


def _answer(one: dict[str, Any], chance: random.Random) -> Any:
    kind = one.get("type")
    values = one.get("values") if isinstance(one.get("values"), list) else []
    options = [v.get("value") for v in values if isinstance(v, dict)]
    if kind == "number":
        return chance.randint(0, 30)
    if kind == "checkbox":
        return chance.random() < 0.5
    if kind == "datetime":
        return "2026-03-01"
    return chance.choice(options) if options else "tekst"


def _tried(act: Any) -> None:
    """A step that the scenario's author would be told about is no crash."""
    try:
        act()
    except (CannotDo, BadScenario, Refused):
        return


def _harmed(feel: Feel) -> bool:
    return Path(CANARY).exists() or feel.evaluate("pwned = null", {"pwned": None}) is not True


@contextmanager
def _watched(seconds: float) -> Any:
    """Interrupt what works longer, and what runs programs."""

    def stop(*_: object) -> None:
        raise Hung(seconds)

    _listen()
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    _state["watching"] = True
    try:
        yield
    finally:
        _state["watching"] = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


_state = {"watching": False, "listening": False}


def _listen() -> None:
    if not _state["listening"]:
        _state["listening"] = True
        sys.addaudithook(_on_audit)


def _on_audit(event: str, arguments: Any) -> None:
    if _state["watching"] and event in SPAWNING:
        raise Spawned(event, arguments)


def main() -> int:
    """Run many, and print what fell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    feel, ends, slowest = Feel(), Counter[str](), 0.0
    try:
        for number in range(asked.first, asked.first + asked.count):
            outcome = attempt(number, feel)
            slowest = max(slowest, outcome.lint_seconds)
            ends[outcome.end if outcome.ok else "FELL"] += 1
            if not outcome.ok:
                print(json.dumps(vars(outcome), ensure_ascii=True), flush=True)  # noqa: T201
    finally:
        feel.close()
    print(json.dumps({**ends, "slowest_lint_s": round(slowest, 2)}))  # noqa: T201
    return 1 if ends["FELL"] else 0


if __name__ == "__main__":
    sys.exit(main())
