"""Is this a form that people can answer and the server can check?"""

from __future__ import annotations

import re
from types import NoneType
from typing import TYPE_CHECKING, Any

from processes.engine.problems import Problem
from processes.forms.form import BOUNDS, COMPARTMENTS, CONTAINERS, KEYED, SILENT, formula
from processes.forms.moments import KINDS
from processes.forms.options import SEVERAL, SINGLE, fixed_options
from processes.forms.rules import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from processes.forms.formulas import Feel

SAYINGS = {
    "form-not-json": (
        "The form is not JSON as the form editor writes it. Save it again from there.",
        "Formularen er ikke JSON, som formulareditoren skriver det. Gem den igen derfra.",
    ),
    "form-compartment": (
        "The compartment {fact} is unknown; write A, B or C.",
        "Rummet {fact} er ukendt; skriv A, B eller C.",
    ),
    "form-component": (
        "The component type {fact} is unknown; use one of the form editor's.",
        "Komponenttypen {fact} er ukendt; brug en fra formulareditoren.",
    ),
    "form-file": (
        "Files cannot be handed in here; ask for a reference to the document instead.",
        "Her kan ikke afleveres filer; spørg i stedet efter en henvisning til dokumentet.",
    ),
    "form-key": (
        "The field has no key; give it one so that its answer has a place.",
        "Feltet har ingen nøgle; giv det en, så svaret har et sted at bo.",
    ),
    "form-path": (
        "The list has no path; give it one so that its answers have a place.",
        "Listen har ingen sti; giv den en, så svarene har et sted at bo.",
    ),
    "form-duplicate-key": (
        "The key {fact} is used twice; rename one of the fields.",
        "Nøglen {fact} bruges to gange; omdøb et af felterne.",
    ),
    "form-duplicate-id": (
        "The id {fact} is used twice; give one of the components another.",
        "Id'et {fact} bruges to gange; giv en af komponenterne et andet.",
    ),
    "form-label": (
        "The field has no label; people who cannot see the form need one.",
        "Feltet har ingen ledetekst; folk, der ikke kan se formularen, har brug for en.",
    ),
    "form-options": (
        "There is nothing to choose from; add options with values.",
        "Der er intet at vælge imellem; tilføj valgmuligheder med værdier.",
    ),
    "form-pattern": (
        "The pattern {fact} cannot be used; write a regular expression.",
        "Mønsteret {fact} kan ikke bruges; skriv et regulært udtryk.",
    ),
    "form-bound": (
        "The limit {fact} is not a number; write a number, or FEEL that begins with =.",
        "Grænsen {fact} er ikke et tal; skriv et tal, eller FEEL der begynder med =.",
    ),
    "form-subtype": (
        "The date field's subtype {fact} is unknown; choose date, time or datetime.",
        "Datofeltets undertype {fact} er ukendt; vælg date, time eller datetime.",
    ),
    "form-condition": (
        "The condition {fact} is not FEEL; begin it with =.",
        "Betingelsen {fact} er ikke FEEL; begynd den med =.",
    ),
    "form-expression": (
        "The field computes nothing; give it FEEL that begins with =.",
        "Feltet beregner ikke noget; giv det FEEL, der begynder med =.",
    ),
    "form-feel": ("FEEL error: {fact}.", "Fejl i FEEL: {fact}."),
}


def lint_form(name: str, form: Any, feel: Feel | None = None) -> list[Problem]:
    """What the form's owner should mend; with `feel` also the syntax of its expressions.

    `name` is the file's. A label that is missing is a warning, everything else an error.
    """
    if not _is_form(form):
        return [_problem(name, None, "form-not-json")]
    broken = [one for one in _components(form) if not _is_readable(one)]
    if broken:
        return [_problem(name, None, "form-component", shown) for shown in _shown(broken)]
    found = [*_whole(name, form), *_places(name, form)]
    for one in _components(form):
        found += [_problem(name, one, rule, fact) for rule, fact in _findings(one)]
    return found + (list(_syntax(name, form, feel)) if feel else [])


def _is_form(form: Any) -> bool:
    if not isinstance(form, dict) or not isinstance(form.get("components", []), list):
        return False
    texts = [form.get("id"), form.get("compartment")]
    return all(isinstance(text, str | NoneType) for text in texts)


def _is_readable(one: Mapping[str, Any]) -> bool:
    """Whether what names the component and its parts is of the kind that the form editor writes."""
    texts = all(
        isinstance(one.get(name, ""), str | NoneType) for name in ("type", "id", "key", "path")
    )
    parts = ("validate", "conditional")
    return texts and all(isinstance(one.get(name), dict | NoneType) for name in parts)


def _shown(broken: list[Mapping[str, Any]]) -> dict[str, None]:
    return dict.fromkeys(str(one.get("type"))[:40] for one in broken)


def _whole(name: str, form: Mapping[str, Any]) -> Iterator[Problem]:
    named = form.get("compartment", "B")
    if named not in COMPARTMENTS:
        yield _problem(name, None, "form-compartment", str(named))
    seen = {form.get("id")} - {None}
    for one in _components(form):
        id_ = one.get("id")
        if id_ in seen:
            yield _problem(name, one, "form-duplicate-id", str(id_))
        seen |= {id_} if isinstance(id_, str) else set()


def _findings(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    type_ = one.get("type")
    if type_ not in KEYED | CONTAINERS | SILENT:
        yield "form-component", str(type_)
        return
    if type_ == "filepicker":
        yield "form-file", ""
    if type_ in KEYED and not one.get("key"):
        yield "form-key", ""
    if type_ == "dynamiclist" and not one.get("path"):
        yield "form-path", ""
    if type_ in KEYED | {"group", "dynamiclist"} and not _label(one):
        yield "form-label", ""
    if type_ == "datetime" and one.get("subtype", "date") not in KINDS:
        yield "form-subtype", str(one["subtype"])
    if type_ == "expression" and formula(one.get("expression")) in {None, ""}:
        yield "form-expression", ""
    yield from _choice(one)
    yield from _rules(one)


def _label(one: Mapping[str, Any]) -> Any:
    if one["type"] == "datetime":
        return one.get("dateLabel") or one.get("timeLabel") or one.get("label")
    return one["type"] == "expression" or one.get("label")


def _choice(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if one["type"] not in SINGLE | SEVERAL:
        return
    elsewhere = one.get("valuesKey") or formula(one.get("valuesExpression"))
    if not elsewhere and not fixed_options(one.get("values")):
        yield "form-options", ""


def _rules(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    rules = one.get("validate") or {}
    if not _compiles(rules.get("pattern")):
        yield "form-pattern", str(rules["pattern"])
    for name in BOUNDS:
        bound = rules.get(name)
        if bound is not None and formula(bound) is None and not _is_number(bound):
            yield "form-bound", str(bound)
    hide = (one.get("conditional") or {}).get("hide")
    if hide and formula(hide) is None:
        yield "form-condition", str(hide)


def _compiles(text: Any) -> bool:
    try:
        pattern(text or "")
    except (re.error, TypeError):
        return False
    return True


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, bool)


def _places(name: str, form: Mapping[str, Any]) -> Iterator[Problem]:
    """Two fields may not write to one place, nor one inside another's."""
    taken: dict[tuple[str, ...], bool] = {}
    for one, path, closed in _claims(form, ()):
        above = any(taken.get(path[:end]) for end in range(1, len(path) + 1))
        below = any(other[: len(path)] == path for other in taken)
        if above or below:
            yield _problem(name, one, "form-duplicate-key", ".".join(path))
        taken[path] = closed


def _claims(
    spec: Mapping[str, Any], at: tuple[str, ...]
) -> Iterator[tuple[Mapping[str, Any], tuple[str, ...], bool]]:
    for one in _children(spec):
        keyed = one.get("type") in KEYED
        written = one.get("key") if keyed else one.get("path")
        path = (*at, *str(written).split(".")) if written else at
        if keyed and written:
            yield one, path, True
        elif written and one.get("type") == "dynamiclist":
            yield one, path, False
            path = (*path, "*")
        yield from _claims(one, path)


def _syntax(name: str, form: Mapping[str, Any], feel: Feel) -> Iterator[Problem]:
    for one, text, said in parsed_formulas(form, feel):
        for error in said.errors:
            yield _problem(name, one, "form-feel", f"{error} ({text})")


def parsed_formulas(
    form: Mapping[str, Any], feel: Feel
) -> Iterator[tuple[Mapping[str, Any], str, Any]]:
    """Every expression of a form: its component, its text, and what parsing it gave."""
    for unary in (True, False):
        asked = [(one, text) for one in _components(form) for text in _formulas(one, unary=unary)]
        checks = feel.check_all([text for _, text in asked], unary=unary) if asked else []
        for (one, text), said in zip(asked, checks, strict=True):
            yield one, text, said


def written_in(form: Mapping[str, Any]) -> set[str]:
    """Every name that the form's own components write, at any depth."""
    texts = [one.get(name) for one in _components(form) for name in ("key", "path")]
    return {part for text in texts if isinstance(text, str) for part in text.split(".")}


def _formulas(one: Mapping[str, Any], *, unary: bool) -> Iterator[str]:
    rules = one.get("validate") or {}
    tests = [(one.get("conditional") or {}).get("hide"), one.get("readonly")]
    values = [one.get("expression"), one.get("valuesExpression"), *map(rules.get, BOUNDS)]
    for written in tests if unary else values:
        text = formula(written)
        if text:
            yield text


def _components(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for one in _children(spec):
        yield one
        yield from _components(one)


def _children(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inner = spec.get("components")
    return [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []


def _problem(name: str, one: Mapping[str, Any] | None, rule: str, fact: str = "") -> Problem:
    en, da = (text.format(fact=fact) for text in SAYINGS[rule])
    about = one or {}
    element = about.get("id") or about.get("key")
    severity = "warning" if rule == "form-label" else "error"
    label = str(about.get("label") or about.get("dateLabel") or "")
    return Problem(name, element, None, rule, en, da, severity, label)
