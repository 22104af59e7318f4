"""A copy of a programme: its own from the first day, fit to deploy, and as good as the first."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from processes.access import OPERATOR
from processes.deploy import deploy_folder
from processes.diagram_files import SHARED, own_files, programmes, shared_files
from processes.engine.diagram import read_diagram
from processes.lint import lint
from processes.programme_copy import BadKey, BadName, KeyTaken, NoProgramme, copy_programme
from processes.simulate import simulate_file
from tests.processes.engine.notation import ENGINE, FEEL

BPMN = Path(__file__).parents[2] / "bpmn"
SOURCE = BPMN / "en_vej_ind"


@pytest.fixture
def made(tmp_path):
    return copy_programme(SOURCE, tmp_path / "bpmn", "klar_vej", "Klar & Vej")


def settings(folder):
    return json.loads((folder / f"{folder.name}.programme.json").read_text(encoding="utf-8"))


def labels(done, keys):
    return {one.label for one in done.definitions if one.key in keys}


class TestCopyProgramme:
    def test_has_processes_of_its_own(self, made):
        files = own_files(made)
        drawn = [
            process
            for name, text in files.items()
            if name.endswith(".bpmn")
            for process in read_diagram(name, text).processes
        ]

        assert {process.id for process in drawn} == {"klar_vej", "klar_vej_indskrivning"}
        assert "Klar & Vej" in {process.name for process in drawn}
        assert {process.file for process in drawn} <= {f"{process.id}.bpmn" for process in drawn}

    def test_says_nothing_of_the_old_key_outside_its_sources(self, made):
        told = {
            path.name: path.read_text(encoding="utf-8")
            for path in made.rglob("*")
            if path.suffix in {".bpmn", ".yaml"} or path.name.endswith(".form.json")
        }

        assert told
        assert not [name for name, text in told.items() if re.search("(?i)en.vej.ind", text)]

    def test_keeps_values_and_sources_and_drops_what_was_said_of_the_other(self, made):
        old, new = settings(SOURCE), settings(made)

        assert new["name"] == {"da": "Klar & Vej", "en": "Klar & Vej"}
        assert new["sources"] == old["sources"]
        assert [one["name"] for one in new["parameters"]] == [
            one["name"] for one in old["parameters"]
        ]
        assert "facts" not in new
        mails = [one["value"] for one in new["parameters"] if one["kind"] == "email"]
        assert mails
        assert all(mail.endswith("@klar-vej.example") for mail in mails)

    def test_brings_the_shared_parts_where_there_are_none(self, made):
        assert own_files(made.parent / SHARED) == own_files(BPMN / SHARED)

    def test_is_deployed_beside_the_first_without_touching_it(self, turn, made):
        first = deploy_folder(turn, SOURCE, "", OPERATOR)

        deploy_folder(turn, made, "", OPERATOR)
        again = deploy_folder(turn, SOURCE, "", OPERATOR)

        keys = {"en_vej_ind", "indskrivning"}
        assert labels(again, keys) == labels(first, keys) == {f"{key}:1" for key in keys}

    @pytest.mark.parametrize("source", programmes(BPMN), ids=lambda folder: folder.name)
    def test_of_any_programme_is_fit_and_plays_its_scenarios(self, source, tmp_path):
        new = copy_programme(source, tmp_path / "bpmn", "ny_udgave", "Ny udgave")

        problems = lint(own_files(new), FEEL, deployed=shared_files(new))
        scenarios = sorted((new / "scenarios").glob("t_*.yaml"))
        reports = {path.name: simulate_file(path, ENGINE)["failures"] for path in scenarios[:2]}

        assert problems == []
        assert scenarios
        assert all(failures == [] for failures in reports.values()), reports


class TestRefusal:
    @pytest.mark.parametrize(
        "key", ["", "Klar", "klar vej", "klar-vej", "_klar", "klar__vej", "1klar", "æble", "a" * 41]
    )
    def test_of_a_key_that_is_no_id(self, key, tmp_path):
        with pytest.raises(BadKey, match="such as klar_til_start"):
            copy_programme(SOURCE, tmp_path, key, "Klar")

        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("name", ["", " Klar", '"Klar"', "Klar: vej", "<b>", "x" * 81, "a\nb"])
    def test_of_a_name_that_would_break_a_file(self, name, tmp_path):
        with pytest.raises(BadName):
            copy_programme(SOURCE, tmp_path, "klar", name)

    @pytest.mark.parametrize("key", ["en_vej_ind", "indskrivning", "kursus", "faelles"])
    def test_of_a_key_that_is_taken(self, key):
        with pytest.raises(KeyTaken, match="Choose another key"):
            copy_programme(SOURCE, BPMN, key, "Klar")

    def test_of_a_source_that_is_no_programme(self, tmp_path):
        with pytest.raises(NoProgramme, match="en_vej_ind"):
            copy_programme(BPMN / "findes_ikke", tmp_path, "klar", "Klar")
