"""What does a programme's demo.yaml say, and what is refused in it?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes.demonstration import BadDemonstration, Vignette, read_demonstration


@pytest.fixture
def read(tmp_path):
    def reading(text):
        (tmp_path / "demo.yaml").write_text(text, encoding="utf-8")
        return read_demonstration(tmp_path)

    return reading


class TestReadDemonstration:
    def test_tells_how_far_each_case_has_come(self, read):
        shown = read("cases:\n- scenario: t_12\n- {scenario: t_01, before: maal, waited: P1DT2H}\n")

        assert shown.cases == (
            Vignette("t_12"),
            Vignette("t_01", before="maal", waited=timedelta(days=1, hours=2)),
        )

    def test_tells_what_recurs(self, read):
        shown = read("routine: {skriv_log: {log_dato: today}}\ncases: []\n")

        assert shown.routine == {"skriv_log": {"log_dato": "today"}}

    def test_shows_nothing_without_a_file(self, tmp_path):
        assert read_demonstration(tmp_path).cases == ()

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("cases: [", "not YAML"),
            ("routine: {}", "cases"),
            ("cases: [{before: maal}]", "scenario"),
            ("cases: [{scenario: t_01, waited: længe}]", "waited"),
            ("cases: [{scenario: t_01, times: 0}]", "times"),
            ("cases: [{scenario: t_01, exact: maaske}]", "exact"),
            ("cases: [{scenario: t_01, efter: maal}]", "efter"),
        ],
    )
    def test_says_what_is_wrong_in_it(self, read, text, says):
        with pytest.raises(BadDemonstration, match=says):
            read(text)
