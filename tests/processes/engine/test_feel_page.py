"""What `docs/feel.md` tells process owners is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.processes.engine.notation import FEEL

PAGE = (Path(__file__).parents[3] / "docs" / "feel.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(.+?)` \| `(.+?)` \|", PAGE, re.MULTILINE)
GIVEN = {
    "alder": "17",
    "by": '"Odense"',
    "samtykke": "true",
    "dage": "12",
    "start": 'date("2026-01-31")',
    "fødselsdag": 'date("2008-03-01")',
    "aftaler": '[{dag: "mandag", mødt: true}, {dag: "onsdag", mødt: false}]',
    "point": "[3, 1, 2]",
}


@pytest.fixture(scope="module")
def names():
    return dict(zip(GIVEN, FEEL.evaluate_all(list(GIVEN.values()), {}), strict=True))


@pytest.mark.parametrize(("expression", "gives"), ROWS)
def test_every_row_gives_what_it_says(names, expression, gives):
    assert FEEL.evaluate(expression, names) == FEEL.evaluate(gives, {})


def test_the_page_says_what_is_given():
    told = re.sub(r"\s+", " ", PAGE)

    assert len(ROWS) > 40
    for name, value in GIVEN.items():
        assert f"`{name} = {value}`" in told


def test_the_functions_that_are_listed_exist():
    functions = re.findall(r"`([a-z ]+)`", PAGE.split("## Functions")[1].split("`matches` and")[0])

    checks = FEEL.check_all([f"{name}(x)" for name in functions])

    assert len(functions) > 80
    assert [name for name, check in zip(functions, checks, strict=True) if check.errors] == []
    assert {word for check in checks for word in check.variables} == {"x"}
