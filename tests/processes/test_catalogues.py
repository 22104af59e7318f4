"""A programme's own texts in English: which there are, which are missing, how they travel."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from processes import catalogues
from processes.bundles import bundle_of, read_library
from processes.catalogues import completed_catalogue, english_in, gaps_of, read_catalogue
from processes.engine.problems import BadDiagram
from processes.wording import translated_form, wording
from tests.processes.engine.notation import definitions, end, flows, process, props, start
from webapp.cli import main

FORM = {
    "compartment": "B",
    "components": [
        {
            "type": "radio",
            "key": "svar",
            "label": "Svar",
            "values": [{"label": "Ja", "value": "j"}],
        },
        {"type": "textfield", "key": "note", "label": "Bemærkning", "description": "Kort"},
    ],
}
TASK = (
    '<bpmn:userTask id="spoerg" name="Spørg"><bpmn:extensionElements>'
    '<spiffworkflow:properties><spiffworkflow:property name="form" value="f.form.json"/>'
    '<spiffworkflow:property name="legalBasis" value="Programmets egen frist"/>'
    "</spiffworkflow:properties>"
    "<spiffworkflow:instructionsForEndUser>Spørg roligt.</spiffworkflow:instructionsForEndUser>"
    "</bpmn:extensionElements></bpmn:userTask>"
)
DIAGRAM = definitions(
    process(start() + TASK + end() + flows("s>spoerg spoerg>e"), "delt", props(ownerRole="Mentor"))
)


def po(**words):
    return "".join(f'msgid "{text}"\nmsgstr "{english}"\n\n' for text, english in words.items())


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "delt"
    home.mkdir()
    (home / "delt.bpmn").write_text(DIAGRAM, encoding="utf-8")
    (home / "f.form.json").write_text(json.dumps(FORM), encoding="utf-8")
    return home


class TestWording:
    def test_is_what_people_read_in_diagrams_and_forms(self):
        texts = wording({"delt.bpmn": DIAGRAM, "f.form.json": json.dumps(FORM)})

        assert {"Spørg", "Spørg roligt.", "Programmets egen frist", "Mentor"} <= texts.keys()
        assert {"Svar", "Ja", "Bemærkning", "Kort"} <= texts.keys()
        assert texts["Svar"] == ["f.form.json"]

    def test_is_no_expression_and_no_number(self):
        form = {
            "components": [{"type": "text", "text": "=navn"}, {"type": "text", "text": "1.–2."}]
        }

        assert wording({"f.form.json": json.dumps(form)}) == {}

    def test_of_a_table_is_its_name_its_columns_and_its_rules(self):
        table = (
            '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/">'
            '<decision id="d" name="Valg"><decisionTable><input label="Alder"/>'
            '<output label="Svar" name="svar"/><rule><description>For ung</description></rule>'
            "</decisionTable></decision></definitions>"
        )

        assert list(wording({"d.dmn": table})) == ["Valg", "Alder", "Svar", "For ung"]


class TestTranslatedForm:
    def test_stays_danish_where_a_question_is_not_wholly_translated(self):
        english = {"Svar": "Answer", "Ja": "Yes", "Bemærkning": "Note"}.get

        svar, note = translated_form(FORM, english)["components"]

        assert (svar["label"], svar["values"][0]["label"], svar["lang"]) == ("Answer", "Yes", "en")
        assert (note["label"], note["description"], note["lang"]) == ("Bemærkning", "Kort", "da")

    def test_leaves_keys_and_values_alone(self):
        said = translated_form(FORM, {"Svar": "Answer", "Ja": "Yes"}.get)

        assert said["components"][0]["values"][0]["value"] == "j"
        assert FORM["components"][0]["label"] == "Svar"


class TestCatalogue:
    def test_leaves_out_what_is_still_empty(self):
        assert read_catalogue("x.en.po", po(Ja="Yes", Nej="")) == {"Ja": "Yes"}

    def test_of_the_process_itself_has_the_last_say(self):
        files = {"delt.en.po": po(Ja="Yes", Plan="Plan"), "aa.en.po": po(Ja="Aye", Nej="No")}

        assert english_in(files, "delt") == {"Ja": "Yes", "Nej": "No", "Plan": "Plan"}

    @pytest.mark.parametrize("text", ["msgid\n", po(Ja="Y\0s")])
    def test_that_cannot_be_read_is_refused_by_name(self, text):
        with pytest.raises(BadDiagram, match=r"x\.en\.po"):
            read_catalogue("x.en.po", text)

    @pytest.mark.parametrize("charset", ["klingon", "hex", "cp037"])
    def test_is_text_already_whatever_its_header_says(self, charset):
        head = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset={charset}\\n"\n\n'

        assert read_catalogue("x.en.po", head + po(Prøve="Trial")) == {"Prøve": "Trial"}

    def test_is_read_without_its_remarks(self, monkeypatch):
        said = []
        monkeypatch.setattr(catalogues, "read_po", lambda file, **_: said.append(file.read()) or ())
        old = '#~ msgid "Nej"\n#~ msgstr "No"\n'

        read_catalogue("x.en.po", "#: a.bpmn:1\n#. tale\n#, fuzzy\n" + po(Ja="# Yes") + old)

        assert said == ['\n\n#, fuzzy\nmsgid "Ja"\nmsgstr "# Yes"\n\n\n\n']

    def test_travels_with_every_version_of_its_programme(self):
        library = read_library({"delt.bpmn": DIAGRAM, "delt.en.po": po(Ja="Yes")})

        before = bundle_of(library.processes["delt"], library, lambda _: {})
        alone = read_library({"delt.bpmn": DIAGRAM})
        after = bundle_of(alone.processes["delt"], alone, lambda _: before)

        assert before["delt.en.po"] == after["delt.en.po"] == po(Ja="Yes")


class TestTranslations:
    """`vejviser translations`."""

    def test_tells_what_is_missing_and_what_nothing_says(self, folder):
        (folder / "delt.en.po").write_text(po(Ja="Yes", Gammel="Old"), encoding="utf-8")

        told = CliRunner().invoke(main, ["translations", str(folder)])

        assert told.exit_code == 1
        assert "missing: Svar" in told.output
        assert "missing: Ja" not in told.output
        assert "unused: Gammel" in told.output

    def test_writes_empty_entries_and_keeps_what_was_translated(self, folder):
        (folder / "delt.en.po").write_text(po(Ja="Yes", Gammel="Old"), encoding="utf-8")

        CliRunner().invoke(main, ["translations", str(folder), "--write"])

        written = (folder / "delt.en.po").read_text(encoding="utf-8")
        assert read_catalogue("delt.en.po", written) == {"Ja": "Yes"}
        assert 'msgid "Svar"\nmsgstr ""' in written
        assert "Gammel" not in written
        assert completed_catalogue(folder) == written

    def test_is_content_with_what_the_shared_parts_translate(self, folder):
        shared = folder.parent / "faelles"
        shared.mkdir()
        (shared / "faelles.en.po").write_text(po(Svar="Answer"), encoding="utf-8")

        assert "Svar" not in gaps_of(folder).missing
