from __future__ import annotations

import pytest
from sqlalchemy import select

from models import Definition, Deployment, UserTask
from models.errors import DefinitionNotFound, DiagramsRefused, DuplicateReference, NotAllowed
from processes.access import OPERATOR
from processes.cases import start_case
from processes.definitions import find_definition
from processes.deploy import deploy, deploy_folder, deploy_programme, newest
from tests import diagrams
from tests.processes.conftest import FILES, FORM, deployed
from tests.programme_files import parameter, programme

PART = {
    "delt.bpmn": diagrams.diagram(
        "delt",
        diagrams.start(),
        diagrams.user_task("fast"),
        diagrams.end(),
        flow="begynd>fast>slut",
    )
}
NEWER_PART = {"delt.bpmn": PART["delt.bpmn"].replace("fast", "anden")}
CALLER = {
    "kalder.bpmn": diagrams.diagram(
        "kalder",
        diagrams.start(),
        '<bpmn:callActivity id="kald" calledElement="delt"/>',
        diagrams.end(),
        flow="begynd>kald>slut",
        lanes={"Visitator": "kald"},
    )
}

FLOW = "begynd>spoerg>slut"
ASKING = {
    "delt.bpmn": diagrams.diagram(
        "delt",
        diagrams.start(),
        diagrams.user_task("spoerg", form="spoerg.form.json"),
        diagrams.end(),
        flow=FLOW,
    ),
    "spoerg.form.json": FORM,
}


class TestDeploy:
    def test_numbers_versions_from_one(self, turn):
        first = deployed(turn)
        changed = {**FILES, "vurdering.form.json": FORM.replace("Grund", "Begrundelse")}

        second = deployed(turn, changed)

        assert [(d.key, d.version) for d in first.definitions] == [("forloeb", 1)]
        assert [(d.key, d.version) for d in second.definitions] == [("forloeb", 2)]

    def test_makes_no_version_of_what_has_not_changed(self, turn):
        deployed(turn)

        again = deployed(turn)

        assert [definition.version for definition in again.definitions] == [1]
        assert len(turn.session.scalars(select(Definition)).all()) == 1

    def test_pins_the_files_a_process_needs_and_no_others(self, turn):
        done = deployed(turn, {**FILES, "uvedkommende.form.json": FORM})

        assert set(done.definitions[0].files) == set(FILES)

    def test_keeps_the_forms_of_the_last_version_when_only_the_diagram_comes(self, turn):
        deployed(turn)
        only = {"forloeb.bpmn": FILES["forloeb.bpmn"].replace("P7D", "P9D")}

        done = deployed(turn, only)

        assert done.definitions[0].files["vurdering.form.json"] == FORM

    def test_pins_the_settings_and_keeps_them_when_only_the_diagram_comes(self, turn):
        settings = {"forloeb.programme.json": programme(), "andet.programme.json": programme()}
        first = deployed(turn, {**FILES, **settings})
        only = {"forloeb.bpmn": FILES["forloeb.bpmn"].replace("P7D", "P9D")}

        second = deployed(turn, only)

        assert set(first.definitions[0].files) == {*FILES, "forloeb.programme.json"}
        assert set(second.definitions[0].files) == {*FILES, "forloeb.programme.json"}

    def test_makes_a_version_of_another_value_and_refuses_one_not_of_its_kind(self, turn):
        settings = {"forloeb.programme.json": programme(parameter())}
        deployed(turn, {**FILES, **settings})
        settings["forloeb.programme.json"] = programme(parameter(value="P21D"))

        second = deployed(turn, {**FILES, **settings})

        assert second.definitions[0].version == 2
        settings["forloeb.programme.json"] = programme(parameter(value="3 uger"))
        with pytest.raises(DiagramsRefused) as refusal:
            deployed(turn, {**FILES, **settings})
        assert "programme-value" in {problem.rule for problem in refusal.value.problems}

    def test_pins_the_called_process_as_it_is_deployed(self, turn, visitator):
        deployed(turn, PART)
        deployed(turn, CALLER)
        deployed(turn, NEWER_PART)

        start_case(turn, "kalder", "", {}, "aalborg", visitator)

        assert turn.session.scalars(select(UserTask)).one().element == "fast"

    def test_takes_the_called_process_from_the_upload_first(self, turn, visitator):
        deployed(turn, PART)

        deployed(turn, {**CALLER, **NEWER_PART})

        start_case(turn, "kalder", "", {}, "aalborg", visitator)
        assert turn.session.scalars(select(UserTask)).one().element == "anden"

    def test_refuses_a_called_process_that_is_nowhere(self, turn):
        with pytest.raises(DiagramsRefused) as refusal:
            deployed(turn, CALLER)

        assert [p.element for p in refusal.value.problems if p.severity == "error"] == ["kald"]
        assert turn.session.scalars(select(Deployment)).all() == []

    def test_refuses_a_broken_file_with_its_line(self, turn):
        with pytest.raises(DiagramsRefused) as refusal:
            deployed(turn, {"i_stykker.bpmn": "<definitions>\n<oops"})

        assert (refusal.value.problems[0].file, refusal.value.problems[0].line) == (
            "i_stykker.bpmn",
            2,
        )

    def test_refuses_an_upload_without_a_process(self, turn):
        with pytest.raises(DiagramsRefused):
            deployed(turn, {"vurdering.form.json": FORM})

    def test_refuses_somebody_who_only_works_here(self, turn, mentor):
        with pytest.raises(NotAllowed):
            deploy(turn, FILES, "", mentor)

    def test_names_the_owner_of_tasks_without_a_lane(self, turn):
        assert deployed(turn).definitions[0].owner_role == "Koordinator"


class TestFindDefinition:
    def test_takes_the_newest_unless_a_version_is_named(self, turn):
        deployed(turn)
        changed = {**FILES, "vurdering.form.json": FORM.replace("Grund", "Begrundelse")}
        second = deploy(turn, changed, "", OPERATOR).definitions[0]

        assert find_definition(turn.session, "forloeb") == second.id
        assert find_definition(turn.session, "forloeb:1") != second.id

    @pytest.mark.parametrize("name", ["ukendt", "forloeb:9", "forloeb:"])
    def test_refuses_what_is_not_there(self, turn, name):
        deployed(turn)

        with pytest.raises(DefinitionNotFound):
            find_definition(turn.session, name)


class TestStartCase:
    def test_answers_the_same_case_to_the_same_key(self, turn, visitator):
        deployed(turn)
        first = start_case(turn, "forloeb", "T-1", {}, None, visitator, "k1")

        again = start_case(turn, "forloeb", "T-1", {}, None, visitator, "k1")

        assert again.id == first.id

    def test_refuses_a_second_active_case_of_one_reference(self, turn, visitator):
        deployed(turn)
        start_case(turn, "forloeb", "T-1", {}, None, visitator)

        with pytest.raises(DuplicateReference):
            start_case(turn, "forloeb", "T-1", {}, None, visitator)

    def test_refuses_somebody_from_another_unit(self, turn, visitator):
        from tests import make

        make.unit(turn.session, "odense")
        deployed(turn)

        with pytest.raises(NotAllowed):
            start_case(turn, "forloeb", "T-1", {}, "odense", visitator)


class TestDeployProgramme:
    RENAMED = CALLER["kalder.bpmn"].replace('id="kald" ', 'id="kald" name="Kald" ')

    def changed(self, turn, **files):
        before = newest(turn, "kalder").files
        deploy_programme(turn, "kalder", {**before, **files}, "", OPERATOR)
        return newest(turn, "kalder")

    def test_takes_up_what_was_published_of_a_shared_part_since(self, turn):
        deploy(turn, PART | CALLER, "", OPERATOR)
        deploy(turn, NEWER_PART, "", OPERATOR)

        published = self.changed(turn, **{"kalder.bpmn": self.RENAMED})

        assert published.files == {"kalder.bpmn": self.RENAMED, **NEWER_PART}
        assert newest(turn, "delt").version == 2

    def test_takes_up_a_shared_form_and_keeps_the_programmes_own(self, turn):
        newer, own = FORM.replace("Grund", "Begrundelse"), FORM.replace("Grund", "Egen grund")
        deploy(turn, ASKING | CALLER, "", OPERATOR)
        deploy(turn, ASKING | {"spoerg.form.json": newer}, "", OPERATOR)

        taken_up = self.changed(turn, **{"kalder.bpmn": self.RENAMED})
        kept = self.changed(turn, **{"spoerg.form.json": own})

        assert taken_up.files["spoerg.form.json"] == newer
        assert kept.files["spoerg.form.json"] == own
        assert newest(turn, "delt").files["spoerg.form.json"] == newer

    def test_makes_a_version_of_a_shared_part_whose_diagram_changed(self, turn):
        deploy(turn, PART | CALLER, "", OPERATOR)

        published = self.changed(turn, **NEWER_PART)

        assert published.files == CALLER | NEWER_PART
        assert newest(turn, "delt").files == NEWER_PART


class TestDeployFolder:
    @pytest.fixture
    def programmes(self, tmp_path):
        """Two programmes beside the part they share; the second asks it with a form of its own."""
        asked = diagrams.user_task("spoerg", form="spoerg.form.json")
        part = diagrams.diagram("delt", diagrams.start(), asked, diagrams.end(), flow=FLOW)
        for folder, name, content in (
            ("faelles", "delt.bpmn", part),
            ("faelles", "spoerg.form.json", FORM),
            ("den_ene", "kalder.bpmn", CALLER["kalder.bpmn"]),
            ("den_anden", "kalder.bpmn", CALLER["kalder.bpmn"].replace('"kalder"', '"anden"')),
            ("den_anden", "spoerg.form.json", FORM.replace("Grund", "Egen grund")),
        ):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / name).write_text(content, encoding="utf-8")
        return tmp_path

    def test_deploys_what_is_shared_once(self, turn, programmes):
        first = deploy_folder(turn, programmes / "den_ene", "", OPERATOR)
        second = deploy_folder(turn, programmes / "den_anden", "", OPERATOR)

        assert [(d.key, d.version) for d in first.definitions] == [("delt", 1), ("kalder", 1)]
        assert [(d.key, d.version) for d in second.definitions] == [("delt", 1), ("anden", 1)]

    def test_gives_a_shared_part_the_form_of_the_programme(self, turn, programmes):
        done = deploy_folder(turn, programmes / "den_anden", "", OPERATOR)

        shared, own = (definition.files["spoerg.form.json"] for definition in done.definitions)

        assert "Egen grund" not in shared
        assert "Egen grund" in own

    def test_gives_a_programme_the_shared_form_it_asks_by_itself(self, turn, programmes):
        asked = diagrams.user_task("spoerg", form="spoerg.form.json")
        alone = diagrams.diagram("alene", diagrams.start(), asked, diagrams.end(), flow=FLOW)
        (programmes / "alene").mkdir()
        (programmes / "alene" / "alene.bpmn").write_text(alone, encoding="utf-8")

        done = deploy_folder(turn, programmes / "alene", "", OPERATOR)

        assert done.definitions[-1].files["spoerg.form.json"] == FORM
