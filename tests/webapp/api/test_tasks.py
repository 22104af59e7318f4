from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from models import ConfidentialNote
from processes.access import OPERATOR
from processes.deploy import deploy
from tests import make
from tests.diagrams import diagram, end, start, user_task
from tests.webapp.api.conftest import form


@pytest.fixture
def task(visitator):
    return visitator.start(reference="T-01")["tasks"][0]


class TestIndex:
    def test_lists_what_the_caller_may_do_or_see(self, visitator, mentor, leader, task):
        lists = [caller.get("/tasks").get_json()["items"] for caller in (visitator, mentor, leader)]

        assert [len(tasks) for tasks in lists] == [1, 0, 1]
        assert lists[0][0] == task

    def test_filters_by_everything_the_contract_names(self, visitator, task):
        def found(**query):
            reply = visitator.get("/tasks", **query)
            assert reply.status_code == 200, reply.text
            return len(reply.get_json()["items"])

        assert found(role="Visitator") == 1
        assert found(role="Mentor") == 0
        assert found(case=task["case"]) == 1
        assert found(case=uuid4()) == 0
        assert found(assignee="") == 1
        assert found(assignee="visitator") == 0
        assert found(due_before="2026-02-07T13:00:01+01:00") == 1
        assert found(due_before="2026-02-07T12:00:00Z") == 0
        assert found(q="t-01") == 1
        assert found(q="VURD") == 1
        assert found(q="%") == 0
        assert found(state="completed") == 0

    def test_reads_an_offset_whose_plus_was_not_escaped(self, visitator, task):
        reply = visitator.send("GET", "/tasks?due_before=2026-03-01T00:00:00+01:00")

        assert len(reply.get_json()["items"]) == 1

    def test_pages_tasks_with_and_without_a_due_time(self, visitator, rows):
        case = rows.get_one(make.Case, visitator.start()["id"])
        for days in (3, 1, None, None):
            due = make.NOON + timedelta(days=days) if days else None
            make.user_task(rows, case, role="Visitator", due_at=due)
        rows.commit()

        pages, cursor = [], None
        while not pages or cursor:
            page = visitator.get("/tasks", limit=2, cursor=cursor or "").get_json()
            pages.append([task["due_at"] for task in page["items"]])
            cursor = page["next"]

        assert [[due and due[8:10] for due in page] for page in pages] == [
            ["01", "03"],
            ["07", None],
            [None],
        ]

    def test_refuses_filters_that_cannot_be_read(self, visitator):
        reply = visitator.get("/tasks", case="x", due_before="2026-02-01T09:00:00", q="\0")

        assert reply.status_code == 422
        assert set(reply.get_json()["errors"]) == {"case", "due_before", "q"}

    def test_leaves_the_tasks_of_other_mentors_youths_alone(self, token_of, mentor, rows):
        other = token_of("mentor2", "Mentor")
        case = make.case(rows)
        make.team_member(rows, case, rows.scalar(select(make.Account).filter_by(name="mentor2")))
        make.user_task(rows, case)
        rows.commit()

        assert mentor.get("/tasks").get_json()["items"] == []
        assert len(other.get("/tasks").get_json()["items"]) == 1


class TestShow:
    def test_answers_one_task(self, visitator, task):
        assert visitator.get(f"/tasks/{task['id']}").get_json() == task

    def test_hides_tasks_of_others_like_ones_that_never_were(self, mentor, task):
        replies = [mentor.get(f"/tasks/{id_}") for id_ in (task["id"], uuid4())]

        assert {reply.status_code for reply in replies} == {404}
        assert replies[0].text == replies[1].text

    def test_hands_out_the_form(self, visitator, task):
        shown = visitator.get(f"/tasks/{task['id']}/form").get_json()

        assert shown["components"][0]["key"] == "grund"

    def test_has_no_form_for_a_task_without_one(self, visitator, rows):
        bare = make.user_task(rows, rows.get_one(make.Case, visitator.start()["id"]))
        rows.commit()

        assert visitator.get(f"/tasks/{bare.id}/form").status_code == 404


class TestAssignee:
    def test_takes_a_task_once_and_again(self, visitator, task):
        replies = [
            visitator.send("PUT", f"/tasks/{task['id']}/assignee", json={"user": "visitator"})
            for _ in range(2)
        ]

        assert [reply.status_code for reply in replies] == [200, 200]
        assert replies[1].get_json() == {**task, "assignee": "visitator"}

    def test_says_who_holds_the_task(self, visitator, token_of, task):
        visitator.send("PUT", f"/tasks/{task['id']}/assignee", json={"user": "visitator"})
        second = token_of("visitator2", "Visitator")

        take = second.send("PUT", f"/tasks/{task['id']}/assignee", json={"user": "visitator2"})
        free = second.send("DELETE", f"/tasks/{task['id']}/assignee")
        done = second.post(f"/tasks/{task['id']}/completion", {"answers": {"grund": "x"}})

        for reply in (take, free, done):
            assert reply.status_code == 409
            assert reply.get_json() == {
                "code": "already_claimed",
                "message": "Visitator has taken this task.",
                "errors": {},
            }

    def test_lets_the_leader_hand_a_task_over(self, leader, token_of, task):
        token_of("visitator2", "Visitator")

        reply = leader.send("PUT", f"/tasks/{task['id']}/assignee", json={"user": "visitator2"})

        assert reply.get_json()["assignee"] == "visitator2"

    def test_keeps_others_from_handing_tasks_over(self, visitator, token_of, task):
        token_of("visitator2", "Visitator")

        reply = visitator.send("PUT", f"/tasks/{task['id']}/assignee", json={"user": "visitator2"})

        assert reply.status_code == 403
        assert reply.get_json()["code"] == "not_allowed"

    def test_refuses_an_account_that_does_not_exist(self, leader, task):
        reply = leader.send("PUT", f"/tasks/{task['id']}/assignee", json={"user": "ingen"})

        assert reply.status_code == 422
        assert reply.get_json()["code"] == "account_not_found"

    def test_hands_a_task_back(self, visitator, task):
        visitator.send("PUT", f"/tasks/{task['id']}/assignee", json={"user": "visitator"})

        reply = visitator.send("DELETE", f"/tasks/{task['id']}/assignee")

        assert reply.status_code == 200
        assert reply.get_json()["assignee"] is None


class TestCompletion:
    def test_moves_the_case_on(self, visitator, task):
        case = visitator.complete(task, grund="enig")

        assert case["id"] == task["case"]
        assert case["data"] == {"grund": "enig"}
        assert case["tasks"] == []

    def test_refuses_a_second_one_and_says_who_was_first(self, visitator, token_of, task):
        visitator.complete(task, grund="enig")

        reply = token_of("visitator2", "Visitator").post(f"/tasks/{task['id']}/completion", {})

        assert reply.status_code == 409
        assert reply.get_json()["code"] == "already_completed"
        assert reply.get_json()["message"].startswith("Visitator completed this task on 31 Jan")

    def test_names_the_fields_that_need_another_look(self, visitator, task):
        path, wrong = f"/tasks/{task['id']}/completion", {"answers": {"anden": 1}}

        english = visitator.post(path, wrong)
        danish = visitator.post(path, wrong, headers={"Accept-Language": "da-DK, en;q=0.5"})

        assert english.status_code == danish.status_code == 422
        assert english.get_json()["code"] == "invalid_answers"
        assert english.get_json()["errors"] == {
            "grund": ["Must be filled in."],
            "anden": ["The form has no such field."],
        }
        assert danish.get_json()["errors"]["grund"] == ["Skal udfyldes."]
        assert danish.get_json()["message"] == "Nogle svar skal ses efter."

    def test_is_not_for_another_role(self, leader, mentor, task):
        seen = leader.post(f"/tasks/{task['id']}/completion", {"answers": {"grund": "x"}})
        unseen = mentor.post(f"/tasks/{task['id']}/completion", {"answers": {"grund": "x"}})

        assert (seen.status_code, unseen.status_code) == (403, 404)

    def test_keeps_what_is_confidential_out_of_the_case(self, token_of, wiring, rows):
        ssp = token_of("ssp", "SSP-konsulent")
        secret = diagram(
            "raad",
            start(),
            user_task("drøft", form="raad.form.json"),
            end(),
            flow="begynd>drøft>slut",
            lanes={"SSP-konsulent": "drøft"},
        )
        with wiring.turn() as turn:
            files = {"raad.bpmn": secret, "raad.form.json": form("raad", "note", compartment="C")}
            deploy(turn, files, "", OPERATOR)
        ssp.headers = {"X-Purpose": "§ 115"}

        case = ssp.complete(ssp.start("raad")["tasks"][0], note="fortroligt")

        assert case["data"] == {}
        kept = rows.scalars(select(ConfidentialNote)).one()
        assert (kept.answers, kept.purpose) == ({"note": "fortroligt"}, "§ 115")
        assert "fortroligt" not in ssp.get(f"/cases/{case['id']}/events").text
