"""Do the expressions of a form know their names: its own fields, and what the case knows?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from processes.engine.problems import Problem
from processes.forms.lint import parsed_formulas, written_in
from processes.lint.expressions import nearest
from processes.lint.sayings import SAYINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from processes.engine import Feel
    from processes.lint.vocabulary import Vocabulary

SPECIAL = frozenset({"this", "parent", "i", "_this_", "_parent_", "_i_", "value"})
"""What form-js gives every expression."""


def check_form_names(
    file: str, form: Mapping[str, Any], vocabulary: Vocabulary, feel: Feel
) -> Iterator[Problem]:
    """A name that neither the form nor anything around it writes."""
    own = written_in(form) | SPECIAL
    for one, _, check in parsed_formulas(form, feel):
        for name in check.variables:
            if name not in own and name not in vocabulary:
                hints = nearest(name, [*own, *vocabulary.words])
                english, danish = (text.format(name=name, **hints) for text in SAYINGS[RULE])
                element = one.get("id") or one.get("key")
                label = str(one.get("label") or "")
                yield Problem(file, element, None, RULE, english, danish, "warning", label)


RULE = "unknown-name"
