"""Every rule of a form, asked on the server: what passes, what is refused, what is dropped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidAnswers
from processes.engine.feel import Feel
from processes.forms import Form, Sentence, check_answers

FEEL = Feel()
NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


def form(*components):
    return Form.of({"type": "default", "components": list(components)})


def question(type_="textfield", key="svar", **spec):
    return {"type": type_, "key": key, "label": key, "id": key, **spec}


def check(asked, answers, context=None):
    return check_answers(asked, answers, context or {}, FEEL, NOW)


def errors(asked, answers, context=None):
    with pytest.raises(InvalidAnswers) as refused:
        check(asked, answers, context)
    return {key: [str(one) for one in said] for key, said in refused.value.errors.items()}


def accepts(asked, value, context=None):
    """Whether one question's answer passes."""
    try:
        return check(form(asked), {"svar": value}, context).answers == {"svar": value}
    except InvalidAnswers:
        return False


class TestAnswers:
    def test_may_be_anything_where_there_is_no_form(self):
        assert check(None, {"a": {"b": [1]}}).answers == {"a": {"b": [1]}}

    def test_takes_a_form_as_it_was_written(self):
        written = {"components": [question()]}

        assert check(written, {"svar": "x"}).answers == {"svar": "x"}

    def test_refuses_what_the_form_does_not_ask(self):
        assert errors(form(question()), {"andet": 1}) == {"andet": ["The form has no such field."]}

    def test_tells_every_error_at_its_field(self):
        asked = form(question(key="a"), question("number", key="b"))

        assert list(errors(asked, {"a": 1, "b": "x", "c": 2})) == ["a", "b", "c"]

    def test_says_it_in_danish_too(self):
        with pytest.raises(InvalidAnswers) as refused:
            check(form(question(validate={"required": True})), {})

        [said] = refused.value.errors["svar"]
        assert isinstance(said, Sentence)
        assert said.in_language("da") == "Skal udfyldes."
        assert said.in_language("en") == "Must be filled in."

    def test_leaves_out_what_was_left_out(self):
        assert check(form(question(), question(key="b")), {"b": "x"}).answers == {"b": "x"}

    def test_fills_in_the_forms_own_default(self):
        assert check(form(question(defaultValue="SSP")), {}).answers == {"svar": "SSP"}

    def test_prefers_what_the_case_had_to_the_default(self):
        asked = form(question(defaultValue="SSP"))

        assert check(asked, {}, {"svar": "Politi"}).answers == {}
        assert check(asked, {}, {"svar": None}).answers == {}

    @pytest.mark.parametrize("key", ["load", "Meta", "fields", "_schema", "context", "é", "a b"])
    def test_takes_any_key(self, key):
        assert check(form(question(key=key)), {key: "x"}).answers == {key: "x"}


class TestTypes:
    @pytest.mark.parametrize(
        ("type_", "good", "bad"),
        [
            ("textfield", ["", "æøå", "a\nb"], [1, True, [], {}, "a\x00", "\ud800"]),
            ("textarea", ["", "a\nb"], [1, "\x00"]),
            ("number", [0, -1, 1.5, 10**30], ["1", True, float("nan"), float("inf"), []]),
            ("checkbox", [True, False], [0, 1, "true", []]),
            ("filepicker", [None], ["fil.pdf", [], {}]),
        ],
    )
    def test_takes_only_its_json(self, type_, good, bad):
        asked = question(type_)

        assert [value for value in [*good, None] if not accepts(asked, value)] == []
        assert [value for value in bad if accepts(asked, value)] == []

    def test_takes_a_number_as_text_where_the_form_says_so(self):
        asked = question("number", serializeToString=True)

        assert accepts(asked, "1.50")
        assert not accepts(asked, 1.5)
        assert not accepts(asked, "halvanden")

    @pytest.mark.parametrize(
        ("subtype", "good", "bad"),
        [
            (
                "date",
                ["2026-01-31"],
                ["2026-02-30", "31/1", "20260131", "2026-W05-6", "٢٠٢٦-01-31"],
            ),
            ("time", ["09:30", "09:30Z", "09:30+01:00", "09:30:00"], ["9:30", "25:00", "nu"]),
            (
                "datetime",
                ["2026-01-31T09:30", "2026-01-31T09:30+01:00", "2026-01-31T08:30Z"],
                ["2026-01-31", "2026-01-31 09:30", "2026-01-31T24:30"],
            ),
        ],
    )
    def test_takes_real_dates_and_times(self, subtype, good, bad):
        asked = question("datetime", subtype=subtype)

        assert [value for value in good if not accepts(asked, value)] == []
        assert [value for value in bad if accepts(asked, value)] == []

    @pytest.mark.parametrize(
        ("subtype", "value", "kind"),
        [
            ("date", "2026-01-31", "date"),
            ("time", "09:30", "time"),
            ("datetime", "2026-01-31T09:30", "date and time"),
        ],
    )
    def test_remembers_what_json_cannot_say(self, subtype, value, kind):
        asked = form(question("datetime", subtype=subtype))

        assert check(asked, {"svar": value}).kinds == {"svar": kind}
        assert check(asked, {"svar": None}).kinds == {}


class TestRules:
    @pytest.mark.parametrize(
        ("type_", "empty"),
        [
            ("textfield", ""),
            ("number", None),
            ("checkbox", False),
            ("select", None),
            ("checklist", []),
            ("datetime", None),
        ],
    )
    def test_asks_for_what_is_required(self, type_, empty):
        asked = form(question(type_, validate={"required": True}, values=["a"]))

        assert errors(asked, {"svar": empty}) == {"svar": ["Must be filled in."]}
        assert errors(asked, {}) == {"svar": ["Must be filled in."]}

    @pytest.mark.parametrize("empty", ["textfield", "number", "select", "datetime"])
    def test_does_not_ask_again_for_what_the_case_has(self, empty):
        asked = form(question(empty, validate={"required": True}, values=["2026-01-31"]))
        known = {"number": 5}.get(empty, "2026-01-31")

        assert check(asked, {}, {"svar": known}).answers == {}

    @pytest.mark.parametrize(("value", "passes"), [(2, True), (5, True), (1.9, False), (6, False)])
    def test_keeps_numbers_between_their_bounds(self, value, passes):
        assert accepts(question("number", validate={"min": 2, "max": 5}), value) is passes

    def test_computes_bounds(self):
        asked = form(
            question("number", key="antal"),
            question("number", validate={"min": "=antal", "max": "=antal + 1"}),
        )

        assert check(asked, {"antal": 3, "svar": 4}).answers == {"antal": 3, "svar": 4}
        assert errors(asked, {"antal": 3, "svar": 5}) == {"svar": ["Must be at most 4."]}

    def test_leaves_a_bound_out_that_computes_to_nothing(self):
        asked = form(question("number", validate={"max": "=ukendt"}))

        assert check(asked, {"svar": 5}).answers == {"svar": 5}

    def test_says_so_when_a_bound_is_no_number(self):
        asked = form(question("number", validate={"max": '="fem"'}))

        assert errors(asked, {"svar": 5}) == {"svar": ["The form's limit fem is not a number."]}

    @pytest.mark.parametrize(
        ("value", "passes"), [("abc", True), ("  abc  ", True), ("ab", False), ("abcdef", False)]
    )
    def test_counts_characters_without_space_around(self, value, passes):
        assert accepts(question(validate={"minLength": 3, "maxLength": "=2 + 3"}), value) is passes

    def test_leaves_short_rules_to_answers_that_are_there(self):
        assert accepts(question(validate={"minLength": 3, "pattern": "x"}), "")

    @pytest.mark.parametrize(
        ("pattern", "value", "passes"),
        [
            ("T-\\d{2}", "sag T-01", True),
            ("^T-\\d{2}$", "sag T-01", False),
            ("^T-\\d{2}$", "T-01\n", False),
            ("^\\d+$", "٣", False),
            ("^(?<bogstav>[$a])$", "$", True),
            ("^\\$$", "$", True),
        ],
    )
    def test_reads_patterns_as_the_browser_does(self, pattern, value, passes):
        assert accepts(question(validate={"pattern": pattern}), value) is passes

    def test_gives_a_pattern_that_would_take_for_ever_two_seconds(self):
        endless = question(validate={"pattern": "^(a+)+$"})

        assert not accepts(endless, "a" * 60 + "!")
        assert accepts(endless, "a" * 60)

    @pytest.mark.parametrize(("value", "passes"), [("a-b@c", True), ("a-b", False)])
    def test_reads_repeated_groups_that_only_older_browsers_take(self, value, passes):
        assert accepts(question(validate={"pattern": r"^(a\-b)+\@c$"}), value) is passes

    def test_says_it_in_the_forms_own_words(self):
        rules = {"pattern": "x", "patternErrorMessage": "Skriv et x."}

        assert errors(form(question(validate=rules)), {"svar": "y"}) == {"svar": ["Skriv et x."]}

    @pytest.mark.parametrize(
        ("kind", "good", "bad"),
        [
            (
                "email",
                ["a@example.org", "a.b+c@ex-ample.org"],
                ["a", "a@", "@b", "a b@example.org"],
            ),
            ("phone", ["+4599310000", "004599310000"], ["99310000", "+45 99 31 00 00", "+45abc"]),
        ],
    )
    def test_knows_addresses_and_phone_numbers(self, kind, good, bad):
        asked = question(validate={"validationType": kind})

        assert [value for value in good if not accepts(asked, value)] == []
        assert [value for value in bad if accepts(asked, value)] == []

    @pytest.mark.parametrize(
        ("digits", "value", "passes"),
        [(0, 3, True), (0, 3.5, False), (1, 3.5, True), (1, 3.25, False), (2, 0.1, True)],
    )
    def test_counts_decimals(self, digits, value, passes):
        assert accepts(question("number", decimalDigits=digits), value) is passes

    def test_names_the_nearest_steps(self):
        asked = form(question("number", increment="0.25"))

        assert check(asked, {"svar": 0.5}).answers == {"svar": 0.5}
        [said] = errors(asked, {"svar": 0.3})["svar"]
        assert "0.25 and 0.5" in said


class TestChoices:
    VALUES = ({"label": "Ja", "value": "ja"}, {"label": "Nej", "value": "nej"}, 1, True)

    @pytest.mark.parametrize("type_", ["select", "radio"])
    def test_takes_one_of_the_options(self, type_):
        asked = question(type_, values=list(self.VALUES))

        assert accepts(asked, "ja")
        assert accepts(asked, None)
        assert not accepts(asked, "måske")
        assert not accepts(asked, ["ja"])

    @pytest.mark.parametrize("type_", ["checklist", "taglist"])
    def test_takes_several_of_the_options(self, type_):
        asked = question(type_, values=list(self.VALUES))

        assert accepts(asked, ["ja", 1])
        assert accepts(asked, [])
        assert not accepts(asked, ["ja", "måske"])
        assert not accepts(asked, "ja")

    def test_tells_one_from_true(self):
        yes = True

        assert not accepts(question("select", values=[1]), yes)
        assert not accepts(question("select", values=[yes]), 1)

    def test_takes_options_from_the_case(self):
        asked = question("select", valuesKey="mentorer")
        context = {"mentorer": ["mentor", {"label": "Mentor 2", "value": "mentor2"}]}

        assert accepts(asked, "mentor2", context)
        assert not accepts(asked, "leder", context)
        assert not accepts(asked, "mentor")

    def test_computes_options(self):
        asked = question("select", valuesExpression="=for n in mentorer return n.navn")
        context = {"mentorer": [{"navn": "mentor"}]}

        assert accepts(asked, "mentor", context)
        assert not accepts(asked, "leder", context)


class TestHiding:
    ASKED = form(
        question("checkbox", key="samtykke"),
        question(key="hvorfor", conditional={"hide": "=samtykke"}, validate={"required": True}),
    )

    def test_strips_what_is_hidden(self):
        given = {"samtykke": True, "hvorfor": "skjult"}

        assert check(self.ASKED, given).answers == {"samtykke": True}

    def test_asks_for_what_is_shown(self):
        assert errors(self.ASKED, {"samtykke": False}) == {"hvorfor": ["Must be filled in."]}

    def test_does_not_look_at_what_is_hidden(self):
        given = {"samtykke": True, "hvorfor": ["ikke tekst"]}

        assert check(self.ASKED, given).answers == {"samtykke": True}

    @pytest.mark.parametrize("alder", [None, 20])
    def test_hides_what_is_older_or_unknown(self, alder):
        asked = form(question(conditional={"hide": "=alder >= 18"}))

        assert check(asked, {"svar": "x"}, {"alder": alder}).answers == {}

    def test_takes_an_unknown_name_for_null(self):
        asked = form(question(conditional={"hide": "=ukendt = 5"}))

        assert check(asked, {"svar": "x"}).answers == {"svar": "x"}

    def test_takes_a_hidden_answer_for_none(self):
        asked = form(
            question("checkbox", key="a"),
            question(key="b", conditional={"hide": "=a"}),
            question(key="c", conditional={"hide": '=b != "x"'}),
        )

        assert check(asked, {"a": True, "b": "x", "c": "y"}).answers == {"a": True}

    def test_hides_whole_groups(self):
        inside = [question(key="b"), {"type": "group", "components": [question(key="c")]}]
        group = {"type": "group", "conditional": {"hide": "=a"}, "components": inside}
        asked = form(question("checkbox", key="a"), group)

        assert check(asked, {"a": True, "b": "x", "c": "y"}).answers == {"a": True}

    def test_takes_only_feel_for_a_condition(self):
        assert accepts(question(conditional={"hide": "true"}), "x")


class TestLockedFields:
    def test_drops_disabled_fields(self):
        assert check(form(question(disabled=True)), {"svar": "x"}).answers == {}

    @pytest.mark.parametrize("readonly", [True, "=alder > 18"])
    def test_keeps_what_the_case_had_in_fields_to_read(self, readonly):
        asked = form(question(readonly=readonly))
        context = {"svar": "før", "alder": 20}

        assert check(asked, {"svar": "efter"}, context).answers == {"svar": "før"}

    def test_lets_people_write_when_the_condition_is_false(self):
        asked = question(readonly="=alder > 18")

        assert accepts(asked, "efter", {"svar": "før", "alder": 17})

    def test_computes_on_the_server(self):
        asked = form(
            question("number", key="a"),
            question("expression", key="dobbelt", expression="=a * 2"),
            question("expression", key="frist", expression='=date("2026-01-31") + duration("P1D")'),
            question(key="hvorfor", conditional={"hide": "=dobbelt > 10"}),
        )

        checked = check(asked, {"a": 6, "dobbelt": 1, "frist": "1999-01-01", "hvorfor": "x"})

        assert checked.answers == {"a": 6, "dobbelt": 12, "frist": "2026-02-01"}
        assert checked.kinds == {"frist": "date"}

    def test_counts_today_by_the_cases_clock(self):
        asked = form(question("expression", key="idag", expression="=today()"))

        assert check(asked, {}).answers == {"idag": "2026-01-31"}

    def test_computes_from_what_was_computed(self):
        asked = form(
            question("expression", key="b", expression="=a + 1"),
            question("expression", key="a", expression="=n + 1"),
            question("number", key="n"),
        )

        assert check(asked, {"n": 1}).answers == {"b": 3, "a": 2, "n": 1}


class TestNesting:
    GROUP = form(
        {
            "type": "group",
            "path": "adresse",
            "components": [question(key="gade"), question(key="by.navn")],
        }
    )
    MEETINGS = form(
        {
            "type": "dynamiclist",
            "path": "moeder",
            "components": [
                question("datetime", key="dato", subtype="date", validate={"required": True}),
                question("checkbox", key="aflyst"),
                question(key="hvorfor", conditional={"hide": "=not(this.aflyst)"}),
                question("number", key="nr", validate={"max": "=i[1]"}),
            ],
        }
    )

    def test_nests_groups_and_dotted_keys(self):
        given = {"adresse": {"gade": "Nytorv", "by": {"navn": "Aalborg"}}}

        assert check(self.GROUP, given).answers == given

    def test_names_the_place_of_a_nested_error(self):
        given = {"adresse": {"gade": 1, "by": {"navn": "x", "nr": 9}, "land": "DK"}}

        assert list(errors(self.GROUP, given)) == ["adresse.gade", "adresse.by.nr", "adresse.land"]

    def test_refuses_a_group_that_is_none(self):
        assert list(errors(self.GROUP, {"adresse": "Nytorv"})) == ["adresse"]

    def test_checks_each_item_by_itself(self):
        first = {"dato": "2026-01-31", "aflyst": True, "hvorfor": "syg", "nr": 1}
        second = {"dato": "2026-02-28", "aflyst": False, "hvorfor": "skjult", "nr": 2}

        checked = check(self.MEETINGS, {"moeder": [first, second]})

        del second["hvorfor"]
        assert checked.answers == {"moeder": [first, second]}
        assert checked.kinds == {"moeder/0/dato": "date", "moeder/1/dato": "date"}

    def test_names_the_item_of_an_error(self):
        given = {"moeder": [{"dato": "2026-01-31"}, {"nr": 9}]}

        assert errors(self.MEETINGS, given) == {
            "moeder.1.dato": ["Must be filled in."],
            "moeder.1.nr": ["Must be at most 2."],
        }

    @pytest.mark.parametrize("items", ["x", {"0": {}}, ["x"], [1]])
    def test_refuses_what_is_no_list_of_items(self, items):
        assert errors(self.MEETINGS, {"moeder": items})

    def test_keeps_a_list_that_was_emptied(self):
        before = {"moeder": [{"dato": "2026-01-31"}]}

        assert check(self.MEETINGS, {"moeder": []}, before).answers == {"moeder": []}
        assert check(self.MEETINGS, {}, before).answers == {}

    def test_shows_items_what_is_around_them(self):
        inner = question("number", key="n", validate={"max": "=parent.this.loft"})
        outer = {"type": "dynamiclist", "path": "indre", "components": [inner]}
        asked = form(
            {
                "type": "dynamiclist",
                "path": "ydre",
                "components": [question("number", key="loft"), outer],
            }
        )

        given = {"ydre": [{"loft": 3, "indre": [{"n": 4}]}]}

        assert errors(asked, given) == {"ydre.0.indre.0.n": ["Must be at most 3."]}


VARIED = form(
    question(key="tekst", validate={"maxLength": 5, "pattern": "^[a-z]*$"}),
    question("number", key="tal", validate={"min": 0, "max": 10}, increment=0.5),
    question("checkbox", key="ja", defaultValue=True),
    question("select", key="valg", values=["a", "b"], conditional={"hide": "=ja"}),
    question("checklist", key="flere", values=["a", "b", 1]),
    question("datetime", key="dag", subtype="date"),
    question("expression", key="sum", expression="=tal + 1"),
    {
        "type": "dynamiclist",
        "path": "liste",
        "components": [
            question(key="navn", validate={"required": True}),
            question("number", key="alder", conditional={"hide": '=this.navn = "x"'}),
        ],
    },
)

SOMETHING = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(["", "a", "b", "abc", "x", "2026-01-31", "ABCDEF"]),
    st.sampled_from([0, 0.5, 3, 10, 11, -1, 0.3]),
    st.lists(st.sampled_from(["a", "b", 1, "c"]), max_size=2),
    st.lists(
        st.fixed_dictionaries(
            {}, optional={"navn": st.sampled_from(["a", "x", ""]), "alder": st.integers(0, 9)}
        ),
        max_size=2,
    ),
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "tekst": SOMETHING,
            "tal": SOMETHING,
            "ja": SOMETHING,
            "valg": SOMETHING,
            "flere": SOMETHING,
            "dag": SOMETHING,
            "sum": SOMETHING,
            "liste": SOMETHING,
        },
    )
)
def test_what_passed_once_passes_again_unchanged(answers):
    try:
        once = check(VARIED, answers)
    except InvalidAnswers as refused:
        assert all(said for said in refused.errors.values())  # noqa: PT017 - either way is lawful
        return

    assert check(VARIED, once.answers) == once
