"""A new programme in the studio: a copy of one that is published, its own from the first day."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models import Definition
from tests import diagrams
from tests.programme_files import parameter, programme
from tests.webapp import programme as site

AT = "/studio/new-programme"
PART = {
    "delt.bpmn": diagrams.diagram(
        "delt",
        diagrams.start(),
        diagrams.user_task("samtale", form="vurdering.form.json"),
        diagrams.end(),
        flow="begynd>samtale>slut",
        lanes={"Visitator": "samtale"},
    ),
    "vurdering.form.json": site.FORM,
}
OWN_FORM = site.FORM.replace("Skole", "Lærested")
OWN = {
    "ungevej.bpmn": diagrams.diagram(
        "ungevej",
        diagrams.start(),
        '<bpmn:callActivity id="tal" name="Tal" calledElement="delt"/>',
        '<bpmn:callActivity id="luk" name="Luk" calledElement="lukkeri"/>',
        diagrams.end(),
        flow="begynd>tal>luk>slut",
        lanes={"Visitator": "tal luk"},
    ),
    "lukkeri.bpmn": diagrams.diagram(
        "lukkeri",
        diagrams.start(),
        diagrams.user_task("afslut", deadline="=luk_frist"),
        diagrams.end(),
        flow="begynd>afslut>slut",
        lanes={"Visitator": "afslut"},
    ),
    "vurdering.form.json": OWN_FORM,
    "ungevej.programme.json": programme(parameter("luk_frist")),
}


@pytest.fixture
def owner(as_, wiring):
    site.deployed(wiring, PART)
    site.deployed(wiring, OWN)
    return as_("procesejer", "Procesejer")


def make(owner, **typed):
    return owner.post(AT, **{"source": "ungevej", "key": "ny_vej", "name": "Ny Vej", **typed})


def labels(rows):
    query = select(Definition).order_by(Definition.key, Definition.version)
    return [one.label for one in rows.scalars(query)]


class TestBeginning:
    def test_publishes_a_copy_with_processes_and_values_of_its_own(self, owner, rows):
        done = make(owner)

        assert done.headers["Location"] == "/studio/ny_vej"
        assert labels(rows) == [
            "delt:1",
            "lukkeri:1",
            "ny_vej:1",
            "ny_vej_lukkeri:1",
            "ungevej:1",
        ]
        [new] = rows.scalars(select(Definition).where(Definition.key == "ny_vej")).all()
        assert set(new.files) == {
            "ny_vej.bpmn",
            "ny_vej_lukkeri.bpmn",
            "ny_vej.programme.json",
            "delt.bpmn",
            "vurdering.form.json",
        }
        assert new.files["vurdering.form.json"] == OWN_FORM

    def test_runs_at_once(self, owner, wiring):
        make(owner)

        assert site.open_task(wiring, site.begun(wiring, key="ny_vej"))

    def test_shows_its_values_to_go_through(self, owner):
        make(owner)

        page = owner.get("/studio/ny_vej").text

        assert "Ny Vej is there. Go through its values first" in page
        assert "/studio/ny_vej/parameters" in page

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"key": "Ny Vej"}, "small letters from a to z"),
            ({"key": "ungevej"}, "There is a process with this short name."),
            ({"key": "delt"}, "There is a process with this short name."),
            ({"name": "<b>"}, "letters, digits, spaces and the signs"),
        ],
    )
    def test_says_at_the_field_what_is_wrong_and_makes_nothing(self, owner, rows, typed, said):
        refused = make(owner, **typed)

        assert refused.status_code == 422
        assert said in refused.text
        assert 'aria-invalid="true"' in refused.text
        assert labels(rows) == ["delt:1", "lukkeri:1", "ungevej:1"]

    def test_is_for_those_who_may_publish(self, owner, as_):
        mentor = as_("mentor")

        assert f'href="{AT}"' in owner.get("/studio").text
        assert AT not in mentor.get("/studio").text
        assert mentor.get(AT).status_code == 403
        assert make(mentor).status_code == 403

    def test_begins_from_a_programme_and_not_from_a_part(self, owner):
        page = owner.get(f"{AT}?from=ungevej").text

        assert '<option value="ungevej" selected>' in page
        assert '<option value="delt"' not in page
        assert make(owner, source="findes_ikke").status_code == 404
