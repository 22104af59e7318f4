"""The browser's form and the server's check say the same of random submissions."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from models.errors import InvalidAnswers
from processes.engine.feel import Feel
from processes.forms import Form, check_answers
from processes.forms.paths import put

ROOT = Path(__file__).parents[2]
SUBMISSIONS = 200
FEEL = Feel()

MANY: dict[str, Any] = {
    "type": "default",
    "id": "many",
    "schemaVersion": 19,
    "components": [
        {
            "type": "textfield",
            "id": "f_navn",
            "key": "navn",
            "validate": {"required": True, "minLength": 2, "maxLength": "=loft"},
        },
        {"type": "textfield", "id": "f_sag", "key": "sag", "validate": {"pattern": "^T-\\d\\d$"}},
        {
            "type": "textfield",
            "id": "f_mail",
            "key": "kontakt.mail",
            "validate": {"validationType": "email"},
        },
        {
            "type": "textfield",
            "id": "f_tlf",
            "key": "kontakt.tlf",
            "validate": {"validationType": "phone"},
        },
        {
            "type": "textarea",
            "id": "f_tekst",
            "key": "tekst",
            "conditional": {"hide": "=alder < 18"},
            "validate": {"required": True},
        },
        {
            "type": "number",
            "id": "f_alder",
            "key": "alder",
            "decimalDigits": 1,
            "validate": {"min": 12, "max": "=loft * 3"},
        },
        {"type": "number", "id": "f_trin", "key": "trin", "increment": "0.25"},
        {"type": "checkbox", "id": "f_ja", "key": "ja", "validate": {"required": True}},
        {
            "type": "select",
            "id": "f_valg",
            "key": "valg",
            "values": [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}],
            "conditional": {"hide": "=ja"},
            "validate": {"required": True},
        },
        {"type": "radio", "id": "f_mentor", "key": "mentor", "valuesKey": "mentorer"},
        {
            "type": "textfield",
            "id": "f_efter",
            "key": "efter",
            "defaultValue": "straks",
            "conditional": {"hide": '=valg = "a"'},
        },
        {
            "type": "checklist",
            "id": "f_flere",
            "key": "flere",
            "values": [{"label": "En", "value": 1}, {"label": "To", "value": 2}],
            "validate": {"required": True},
        },
        {"type": "taglist", "id": "f_tags", "key": "tags", "valuesExpression": "=mentorer"},
        {
            "type": "datetime",
            "id": "f_dag",
            "key": "dag",
            "subtype": "date",
            "dateLabel": "Dag",
            "validate": {"required": True},
        },
        {"type": "datetime", "id": "f_tid", "key": "tid", "subtype": "time", "timeLabel": "Tid"},
        {
            "type": "datetime",
            "id": "f_moede",
            "key": "moede",
            "subtype": "datetime",
            "timeSerializingFormat": "utc_offset",
            "dateLabel": "Dag",
            "timeLabel": "Tid",
            "conditional": {"hide": "=date(dag) > date(graense)"},
        },
        {"type": "expression", "id": "f_sum", "key": "sum", "expression": "=alder + trin"},
        {"type": "textfield", "id": "f_fast", "key": "fast", "disabled": True},
        {"type": "textfield", "id": "f_laes", "key": "laes", "readonly": True},
        {
            "type": "group",
            "id": "g_bolig",
            "path": "bolig",
            "conditional": {"hide": "=sum > 30"},
            "components": [
                {
                    "type": "textfield",
                    "id": "f_gade",
                    "key": "gade",
                    "validate": {"required": True},
                },
                {
                    "type": "number",
                    "id": "f_leje",
                    "key": "leje",
                    "conditional": {"hide": '=bolig.gade = "x"'},
                },
            ],
        },
        {
            "type": "dynamiclist",
            "id": "l_moeder",
            "path": "moeder",
            "components": [
                {
                    "type": "datetime",
                    "id": "f_mdag",
                    "key": "mdag",
                    "subtype": "date",
                    "dateLabel": "Dag",
                    "validate": {"required": True},
                },
                {"type": "checkbox", "id": "f_aflyst", "key": "aflyst"},
                {
                    "type": "textfield",
                    "id": "f_hvorfor",
                    "key": "hvorfor",
                    "conditional": {"hide": "=this.aflyst = false"},
                    "validate": {"required": True, "maxLength": "=loft"},
                },
            ],
        },
    ],
}
KEYS = {
    "f_mail": "kontakt.mail",
    "f_tlf": "kontakt.tlf",
    "f_gade": "bolig.gade",
    "f_leje": "bolig.leje",
}
TYPED: dict[str, tuple[list[Any], list[Any]]] = {
    "navn": (["ab", "abcde"], ["", "a", "abcdef", "abcdefghijklmn", "  a  "]),
    "sag": (["", "T-01"], ["T-1", "xT-01"]),
    "kontakt.mail": (["", "a@example.org"], ["a@", "a"]),
    "kontakt.tlf": (["", "+4599310000"], ["99310000"]),
    "tekst": (["linje 1\nlinje 2", "x"], [""]),
    "alder": ([None, 12, 15, 14.5], [11, 17.55, 31]),
    "trin": ([None, 0, 0.25, 1, 20], [0.3]),
    "ja": ([True], [False]),
    "valg": (["a", "b"], [None]),
    "mentor": ([None, "mentor", "mentor2"], []),
    "efter": (["", "senere"], []),
    "flere": ([[1], [2, 1]], [[]]),
    "tags": ([[], ["mentor2"]], []),
    "dag": (["2026-01-31", "2026-03-01"], [None]),
    "tid": ([None, "09:30"], []),
    "moede": ([None, "2026-01-31T09:30+01:00"], []),
    "fast": (["x"], []),
    "laes": (["x"], []),
    "bolig.gade": (["x", "Nytorv"], [""]),
    "bolig.leje": ([None, 5000], []),
    "moeder.0.mdag": (["2026-01-31"], [None]),
    "moeder.0.aflyst": ([True, False], []),
    "moeder.0.hvorfor": (["syg"], ["", "en meget lang grund"]),
    "moeder.1.mdag": (["2026-02-28"], [None]),
    "moeder.1.aflyst": ([False], [True]),
}
"""What is typed at each path: what passes, mostly, and what does not."""

WRONG = 0.08
"""How often something is typed that does not pass: one form asks some twenty questions."""


@pytest.fixture(scope="module")
def script(tmp_path_factory) -> Path:
    """The harness with form-js in it."""
    bundle = tmp_path_factory.mktemp("forms") / "forms_agree.js"
    source = Path(__file__).with_name("forms_agree.js")
    esbuild = ROOT / "node_modules" / "esbuild" / "bin" / "esbuild"
    node = Path(sys.executable).with_name("node")
    command = [node, esbuild, source, "--bundle", f"--outfile={bundle}", "--log-level=error"]
    subprocess.run(command, check=True, cwd=ROOT)
    return bundle


def submissions(chance: Random) -> list[dict[str, Any]]:
    return [
        {"schema": MANY, "context": context(chance), "typed": typed(chance)}
        for _ in range(SUBMISSIONS)
    ]


def typed(chance: Random) -> list[list[Any]]:
    return [
        [path, chance.choice(bad if bad and chance.random() < WRONG else good)]
        for path, (good, bad) in TYPED.items()
        if chance.random() > WRONG
    ]


def context(chance: Random) -> dict[str, Any]:
    """What the case knew already; nulls stay at home, as on the task page."""
    known = {
        "loft": chance.choice([5, 10]),
        "mentorer": ["mentor", {"label": "Mentor 2", "value": "mentor2"}],
        "graense": "2026-02-15",
        "moeder": [{} for _ in range(chance.randint(0, 2))],
    }
    maybe = {"navn": "før", "alder": 16, "valg": "b", "laes": "læst", "fast": "fast", "trin": "x"}
    return known | {key: value for key, value in maybe.items() if chance.random() < 0.3}


def by_key(errors: dict[str, Any]) -> dict[str, int]:
    """The browser's errors by dotted key, with how many each field has."""
    told = {}
    for field, said in errors.items():
        key = KEYS.get(field, field.removeprefix("f_"))
        items = said if isinstance(said, dict) else dict(enumerate(said))
        nested = field in {"f_mdag", "f_aflyst", "f_hvorfor"}
        if nested:
            told |= {f"moeder.{n}.{key}": len(one) for n, one in items.items() if one}
        else:
            told[key] = len(said)
    return told


def on_the_server(answers: dict[str, Any], known: dict[str, Any]) -> tuple[Any, dict[str, int]]:
    try:
        return check_answers(Form.of(MANY), answers, known, FEEL).answers, {}
    except InvalidAnswers as refused:
        return None, {key: len(said) for key, said in refused.errors.items()}


def all_on_the_server(
    given: list[dict[str, Any]], cases: list[dict[str, Any]]
) -> list[tuple[Any, dict[str, int]]]:
    """In a thread of its own: Playwright's event loop runs in ours, and V8 must not join it."""
    with ThreadPoolExecutor(1) as other:
        return list(other.map(on_the_server, given, [case["context"] for case in cases]))


def everything(case: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    """What the browser sent, and what it held back: hidden, disabled and read-only fields."""
    given: dict[str, Any] = deepcopy(sent["data"])
    rows = len(case["context"]["moeder"])
    for path, value in case["typed"]:
        steps = tuple(int(step) if step.isdigit() else step for step in path.split("."))
        if steps[0] != "moeder" or int(steps[1]) < rows:
            put(given, steps, value)
    return given


def test_browser_and_server_say_the_same(open_page, script):
    cases = submissions(Random(20260131))  # noqa: S311 - the same cases every time
    page = open_page()
    page.goto("about:blank")
    page.add_script_tag(path=script)

    sent = page.evaluate("cases => submitAll(cases)", cases)

    errors = [by_key(one["errors"]) for one in sent]
    told = all_on_the_server([one["data"] for one in sent], cases)
    assert [wrong for _, wrong in told] == errors
    passed = [number for number, wrong in enumerate(errors) if not wrong]
    assert SUBMISSIONS / 4 < len(passed) < SUBMISSIONS * 3 / 4
    assert [told[n][0] for n in passed] == [sent[n]["data"] for n in passed]
    assert all_on_the_server(list(map(everything, cases, sent)), cases) == told
