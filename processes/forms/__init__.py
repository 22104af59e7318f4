"""Forms: the form-js JSON that the browser shows, read and checked again on the server."""

from __future__ import annotations

from processes.forms.check import Checked, check_answers
from processes.forms.form import Form, compartment, form_keys
from processes.forms.lint import lint_form
from processes.forms.sentences import Sentence

__all__ = [
    "Checked",
    "Form",
    "Sentence",
    "check_answers",
    "compartment",
    "form_keys",
    "lint_form",
]
