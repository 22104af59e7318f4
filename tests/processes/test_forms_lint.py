"""What a form's owner is told before anybody meets the form."""

from __future__ import annotations

import pytest

from processes.engine.feel import Feel
from processes.forms import Form, compartment, form_keys, lint_form

FEEL = Feel()


def question(type_="textfield", **spec):
    return {"type": type_, "key": "svar", "id": "svar", "label": "Svar"} | spec


def rules(*components, **whole):
    found = lint_form("f.form.json", {"components": list(components), **whole}, FEEL)
    return [problem.rule for problem in found]


class TestLintForm:
    def test_finds_nothing_in_a_good_form(self):
        assert rules(question(), {"type": "text", "text": "# Hej"}, {"type": "spacer"}) == []

    @pytest.mark.parametrize(
        ("wrong", "rule"),
        [
            ({"type": "slider", "id": "x"}, "form-component"),
            (question("filepicker"), "form-file"),
            (question(key=""), "form-key"),
            (question(label=""), "form-label"),
            ({"type": "datetime", "key": "d", "label": "", "subtype": "date"}, "form-label"),
            ({"type": "dynamiclist", "label": "L", "components": []}, "form-path"),
            (question("datetime", subtype="year"), "form-subtype"),
            (question("expression", expression="a + 1"), "form-expression"),
            (question("select", values=[]), "form-options"),
            (question("radio", values=[{"label": "Ja"}]), "form-options"),
            (question(validate={"pattern": "["}), "form-pattern"),
            (question(validate={"pattern": "\\p{L}"}), "form-pattern"),
            (question("number", validate={"max": "ti"}), "form-bound"),
            (question(conditional={"hide": "a = 1"}), "form-condition"),
            (question(conditional={"hide": "=a = (1"}), "form-feel"),
            (question("number", validate={"max": "=1 +"}), "form-feel"),
        ],
    )
    def test_finds_what_is_wrong(self, wrong, rule):
        assert rules(wrong) == [rule]

    @pytest.mark.parametrize(
        "others",
        [
            [question(id="b")],
            [question(id="b", key="svar.mere")],
            [{"type": "group", "components": [question(id="b")], "label": "G"}],
            [{"type": "dynamiclist", "path": "svar", "components": [], "label": "L", "id": "b"}],
        ],
    )
    def test_finds_two_fields_at_one_place(self, others):
        assert rules(question(), *others) == ["form-duplicate-key"]

    def test_lets_one_key_stand_in_two_groups(self):
        groups = [
            {"type": "group", "path": path, "label": path, "components": [question(id=path)]}
            for path in ("mor", "far")
        ]

        assert rules(*groups) == []

    def test_finds_an_id_used_twice(self):
        assert rules(question(), question(key="b")) == ["form-duplicate-id"]

    def test_finds_a_component_with_the_id_of_the_form(self):
        assert rules(question(id="mentor"), id="mentor") == ["form-duplicate-id"]

    def test_finds_an_unknown_compartment(self):
        assert rules(compartment="D") == ["form-compartment"]

    @pytest.mark.parametrize("form", [None, [], "form", {"components": {}}])
    def test_refuses_what_is_no_form(self, form):
        assert [problem.rule for problem in lint_form("f", form)] == ["form-not-json"]

    def test_speaks_both_languages_and_names_the_place(self):
        [problem] = lint_form("f.form.json", {"components": [question(key="", id="felt_1")]})

        assert problem.file == "f.form.json"
        assert problem.element == "felt_1"
        assert "no key" in problem.message
        assert "ingen nøgle" in problem.message_da

    def test_only_warns_of_a_missing_label(self):
        [problem] = lint_form("f.form.json", {"components": [question(label="")]})

        assert problem.severity == "warning"


class TestForm:
    FORM = {  # noqa: RUF012 - read only
        "compartment": "A",
        "components": [
            question(key="navn"),
            question("datetime", key="foedt", subtype="date"),
            {
                "type": "group",
                "path": "adresse",
                "components": [question(key="gade"), question("datetime", key="fra.dato")],
            },
            {
                "type": "dynamiclist",
                "path": "moeder",
                "components": [question("datetime", key="tid", subtype="datetime")],
            },
            {"type": "text", "text": "Hej"},
        ],
    }

    def test_lists_every_place_with_its_kind(self):
        assert form_keys(self.FORM) == {
            "navn": "",
            "foedt": "date",
            "adresse/gade": "",
            "adresse/fra/dato": "date",
            "moeder": "list",
            "moeder/*/tid": "date and time",
        }

    def test_knows_its_compartment(self):
        assert Form.of(self.FORM).compartment == "A"
        assert compartment({}) == "B"

    def test_reads_its_file(self):
        assert Form.parse('{"components": []}').parts == ()
