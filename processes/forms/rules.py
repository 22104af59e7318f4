"""The rules a form sets for one answer, as its browser form applies them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from operator import gt, lt
from typing import TYPE_CHECKING, Any

from processes.forms import sentences as say
from processes.forms.options import SEVERAL, SINGLE, is_among, options_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from processes.forms.form import Part
    from processes.forms.formulas import Formulas, Scope

EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]+"
    r"@[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*",
    re.ASCII | re.IGNORECASE,
)
"""Source: HTML Living Standard, valid e-mail address."""

PHONE = re.compile(r"(\+|00)[1-9]\d{5,24}\Z", re.ASCII)
REPEATED_GROUP = re.compile(r"\)[*+{]")
"""Without one no pattern takes for ever; with one V8 is asked, which has a limit on time."""

JS_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
JS_SPACE += "\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def broken_rules(part: Part, value: Any, scope: Scope, ask: Formulas) -> list[say.Sentence]:
    """One sentence for each rule that the value breaks."""
    rules = _resolved(part, scope, ask)
    return [
        *_number_rules(part, value),
        *_choice_rules(part, value, scope, ask),
        *_text_rules(rules, value, ask),
        *_required(part, rules, value),
        *_bounds(rules, value),
        *_lengths(rules, value),
    ]


@lru_cache(maxsize=512)
def pattern(text: str) -> re.Pattern[str]:
    """A form's pattern, written for JavaScript, as Python reads it.

    Raises:
        re.error: it uses what Python does not have, or is no pattern at all.
    """
    return re.compile(_translated(text), re.ASCII)


def _resolved(part: Part, scope: Scope, ask: Formulas) -> Mapping[str, Any]:
    computed = part.computed_rules
    if not computed:
        return part.fixed_rules
    found = dict(zip(computed, ask.results(list(computed.values()), scope), strict=True))
    return {**part.fixed_rules, **{name: v for name, v in found.items() if v is not None}}


def _number_rules(part: Part, value: Any) -> Iterator[say.Sentence]:
    number = _exact(value) if part.type == "number" else None
    if not number:
        return
    digits, step = part.spec.get("decimalDigits"), _exact(part.spec.get("increment"))
    if isinstance(digits, int) and digits >= 0 and (number * 10**digits).denominator != 1:
        yield {0: say.WHOLE, 1: say.ONE_DECIMAL}.get(digits, say.DECIMALS).format(digits=digits)
    if step and number % step:
        before = number - number % step
        facts = {"step": step, "before": before, "after": before + step}
        yield say.STEP.format(**{name: _decimal(fact) for name, fact in facts.items()})


def _choice_rules(part: Part, value: Any, scope: Scope, ask: Formulas) -> Iterator[say.Sentence]:
    if part.type not in SINGLE | SEVERAL or value is None:
        return
    options = options_of(part, scope, ask)
    chosen = value if part.type in SEVERAL else [value]
    if not all(is_among(one, options) for one in chosen):
        yield say.NOT_AN_OPTION


def _text_rules(rules: Mapping[str, Any], value: Any, ask: Formulas) -> Iterator[say.Sentence]:
    if not value or not isinstance(value, str | int | float):
        return
    text, wanted = str(value), rules.get("pattern")
    if wanted and not _fits(wanted, text, ask):
        own = rules.get("patternErrorMessage")
        yield say.Sentence(own, own) if own else say.PATTERN.format(pattern=wanted)
    if rules.get("validationType") == "phone" and not PHONE.search(text):
        yield say.PHONE
    if rules.get("validationType") == "email" and not EMAIL.fullmatch(text):
        yield say.EMAIL


def _fits(wanted: str, text: str, ask: Formulas) -> bool:
    """Whether the pattern finds something in the text, within a limited time."""
    found = ask.finds(wanted, text) if REPEATED_GROUP.search(wanted) else None
    return pattern(wanted).search(text) is not None if found is None else found


def _required(part: Part, rules: Mapping[str, Any], value: Any) -> Iterator[say.Sentence]:
    unticked = part.type == "checkbox" and value is False
    if rules.get("required") and (unticked or value is None or value in ("", [])):
        yield say.REQUIRED


def _bounds(rules: Mapping[str, Any], value: Any) -> Iterator[say.Sentence]:
    number = _exact(value)
    if number is None:
        return
    for name, sentence, breaks in (("min", say.LOWEST, lt), ("max", say.HIGHEST, gt)):
        if name not in rules:
            continue
        bound = _exact(rules[name])
        if bound is None:
            yield say.BAD_BOUND.format(bound=rules[name])
        elif breaks(number, bound):
            yield sentence.format(bound=rules[name])


def _lengths(rules: Mapping[str, Any], value: Any) -> Iterator[say.Sentence]:
    if not isinstance(value, str) or not value:
        return
    length = len(value.strip(JS_SPACE).encode("utf-16-le")) // 2
    shortest, longest = _exact(rules.get("minLength")), _exact(rules.get("maxLength"))
    if shortest is not None and length < shortest:
        yield say.SHORTEST.format(bound=rules["minLength"])
    if longest is not None and length > longest:
        yield say.LONGEST.format(bound=rules["maxLength"])


def _exact(value: Any) -> int | Fraction | None:
    """The number a JSON value means, without rounding; None if it means none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int):
        return value
    try:
        return Fraction(Decimal(str(value).strip()))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _decimal(number: float | Fraction) -> str:
    return f"{float(number):.15g}"


def _translated(text: str) -> str:
    """`$` is the very end, and named groups have a P."""
    parts = re.split(r"(\\.|\[(?:\\.|[^\]\\])*\]|\(\?<(?![=!])|\$)", text, flags=re.DOTALL)
    replaced = {"$": r"\Z", "(?<": "(?P<"}
    return "".join(replaced.get(part, part) for part in parts)
