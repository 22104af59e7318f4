from __future__ import annotations

from uuid import uuid4

from sqlalchemy import select

from models import AccessLog
from tests import make
from tests.diagrams import diagram, end, start, user_task


class TestStart:
    def test_answers_the_case_at_its_first_task(self, visitator):
        case = visitator.start(reference="T-01", data={"alder": 19})

        assert set(case) == {"id", "number", "definition", "version", "state", "data", "tasks"}
        assert (case["definition"], case["version"], case["state"]) == ("forloeb", 1, "active")
        assert case["data"] == {"alder": 19}
        [task] = case["tasks"]
        assert list(task) == [
            *("id", "case", "element", "name", "role", "assignee", "created_at", "due_at"),
            *("form", "state"),
        ]
        assert (task["element"], task["role"], task["case"]) == ("vurder", "Visitator", case["id"])
        assert task["due_at"] == "2026-02-07T13:00:00+01:00"

    def test_starts_one_case_a_key(self, visitator):
        same = {"Idempotency-Key": "k-1"}
        body = {"definition": "forloeb", "reference": "T-01"}

        first = visitator.post("/cases", body, headers=same)
        second = visitator.post("/cases", body, headers=same)

        assert second.status_code == 201
        assert second.get_json()["id"] == first.get_json()["id"]
        assert first.location == f"/api/v1/cases/{first.get_json()['id']}"

    def test_keeps_the_keys_of_two_accounts_apart(self, visitator, leader):
        same = {"Idempotency-Key": "k-1"}

        one = visitator.post("/cases", {"definition": "forloeb"}, headers=same).get_json()
        other = leader.post("/cases", {"definition": "forloeb"}, headers=same).get_json()

        assert one["id"] != other["id"]

    def test_takes_an_older_version_by_its_number(self, visitator):
        reply = visitator.start("forloeb:1")

        assert reply["version"] == 1

    def test_knows_no_other_definitions(self, visitator):
        reply = visitator.post("/cases", {"definition": "forloeb:2"})

        assert reply.status_code == 404
        assert reply.get_json()["code"] == "definition_not_found"

    def test_refuses_a_second_active_case_of_a_reference(self, visitator):
        visitator.start(reference="T-01")

        reply = visitator.post("/cases", {"definition": "forloeb", "reference": "T-01"})

        assert reply.status_code == 409
        assert reply.get_json()["code"] == "duplicate_reference"

    def test_refuses_what_may_be_a_cpr_number(self, visitator):
        reply = visitator.post("/cases", {"definition": "forloeb", "reference": "000000-0000"})

        assert reply.status_code == 422
        assert list(reply.get_json()["errors"]) == ["reference"]

    def test_lets_no_cpr_number_into_the_case_data(self, visitator):
        body = {"definition": "forloeb", "data": {"barn": {"nr": "010100-1234"}}}

        reply = visitator.post("/cases", body)

        assert reply.status_code == 422
        assert list(reply.get_json()["errors"]) == ["barn"]
        assert visitator.get("/cases").get_json()["items"] == []

    def test_names_each_field_that_is_missing_or_unknown(self, visitator):
        reply = visitator.post("/cases", {"dato": 1}, headers={"Accept-Language": "da"})

        assert reply.status_code == 422
        assert reply.get_json() == {
            "code": "invalid_request",
            "message": "Nogle felter skal ses efter.",
            "errors": {"definition": ["Skal med."], "dato": ["Det felt findes ikke."]},
        }

    def test_refuses_an_unknown_unit(self, visitator):
        reply = visitator.post("/cases", {"definition": "forloeb", "unit": "skagen"})

        assert reply.status_code == 422
        assert reply.get_json()["code"] == "unit_not_found"


class TestShow:
    def test_answers_the_case_to_those_who_may_see_it(self, visitator, leader):
        case = visitator.start()

        assert leader.get(f"/cases/{case['id']}").get_json()["number"] == case["number"]

    def test_hides_a_case_of_others_like_one_that_never_was(self, visitator, mentor, token_of):
        case = visitator.start()
        elsewhere = token_of("thisted", "Leder", unit_id="thisted")

        answers = [
            mentor.get(f"/cases/{case['id']}"),
            elsewhere.get(f"/cases/{case['id']}"),
            mentor.get(f"/cases/{uuid4()}"),
            mentor.get(f"/cases/{case['id']}/events"),
            mentor.get(f"/cases/{case['id']}/deadlines"),
        ]

        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.text for answer in answers}) == 1

    def test_opens_the_authority_case_only_to_its_roles(self, visitator, leader, rows):
        case = visitator.start(data={"fase": "Start"})
        kept = rows.get_one(make.Case, case["id"])
        kept.authority_data = {"afgoerelse": "hemmelig"}
        rows.commit()

        seen = visitator.get(f"/cases/{case['id']}")
        known = leader.get(f"/cases/{case['id']}")

        assert seen.get_json()["data"] == {"fase": "Start"}
        assert "hemmelig" not in seen.text
        assert known.get_json()["data"] == {"fase": "Start", "afgoerelse": "hemmelig"}

    def test_logs_each_look_with_its_purpose(self, visitator, leader, rows):
        case = visitator.start()

        leader.get(f"/cases/{case['id']}", headers=None)
        leader.headers = {"X-Purpose": "tilsyn på plads".encode().decode("latin-1")}
        leader.get(f"/cases/{case['id']}/events")
        leader.get("/cases")

        looks = rows.scalars(select(AccessLog).order_by(AccessLog.id)).all()
        assert [(look.action, look.purpose) for look in looks] == [
            ("api_cases.start", "api"),
            ("api_cases.show", "api"),
            ("api_cases.events", "tilsyn på plads"),
            ("api_cases.index", "tilsyn på plads"),
        ]
        assert {str(look.case_id) for look in looks} == {case["id"]}


class TestIndex:
    def test_pages_newest_first_and_stays_whole_while_cases_are_added(self, visitator):
        numbers = [visitator.start()["number"] for _ in range(3)]

        first = visitator.get("/cases", limit=2).get_json()
        visitator.start()
        second = visitator.get("/cases", limit=2, cursor=first["next"]).get_json()

        assert [case["number"] for case in first["items"]] == [numbers[2], numbers[1]]
        assert [case["number"] for case in second["items"]] == [numbers[0]]
        assert second["next"] is None

    def test_lists_only_what_the_caller_may_see(self, visitator, mentor):
        visitator.start()

        assert mentor.get("/cases").get_json() == {"items": [], "next": None}

    def test_filters_by_state_definition_and_reference(self, visitator):
        case = visitator.start(reference="T-01")
        visitator.start(reference="T-02")

        def found(**query):
            return [one["id"] for one in visitator.get("/cases", **query).get_json()["items"]]

        assert found(reference="T-01") == [case["id"]]
        assert len(found(definition="forloeb:1", state="active")) == 2
        assert found(definition="forloeb:2") == []
        assert found(state="completed") == []

    def test_refuses_a_cursor_and_a_limit_of_its_own_making(self, visitator):
        replies = [
            visitator.get("/cases", cursor="xyz"),
            visitator.get("/cases", cursor="bnVsbA=="),
            visitator.get("/cases", limit=0),
            visitator.get("/cases", limit="many"),
            visitator.get("/cases", state="asleep"),
        ]

        assert {reply.status_code for reply in replies} == {422}
        assert [*replies[0].get_json()["errors"]] == ["cursor"]


class TestEvents:
    def test_tells_what_happened_in_order(self, visitator):
        case = visitator.start()
        visitator.complete(case["tasks"][0], grund="ja")

        page = visitator.get(f"/cases/{case['id']}/events", limit=2).get_json()
        rest = visitator.get(f"/cases/{case['id']}/events", cursor=page["next"]).get_json()

        numbers = [event["number"] for event in page["items"] + rest["items"]]
        assert numbers == list(range(1, len(numbers) + 1))
        assert page["items"][0]["kind"] == "case.started"
        assert page["items"][0]["at"] == "2026-01-31T13:00:00+01:00"
        assert page["items"][0]["actor"] == "visitator"


class TestDeadlines:
    def test_tells_what_is_due_and_how_it_was_counted(self, visitator):
        case = visitator.start()

        [deadline] = visitator.get(f"/cases/{case['id']}/deadlines").get_json()["items"]

        assert (deadline["element"], deadline["duration"]) == ("vurder", "P7D")
        assert deadline["task"] == case["tasks"][0]["id"]
        assert deadline["arithmetic"]


class TestFromElsewhere:
    def test_sends_tasks_without_a_lane_to_the_owner(self, token_of, wiring):
        owner = token_of("koordinator")
        plain = diagram("plain", start(), user_task("a"), end(), flow="begynd>a>slut")

        deployed = owner.upload("/deployments", {"plain.bpmn": plain}).get_json()
        case = owner.start("plain")

        assert deployed["definitions"] == [{"key": "plain", "version": 1, "name": "Plain"}]
        assert case["tasks"][0]["role"] == "Koordinator"
        assert owner.complete(case["tasks"][0])["state"] == "completed"

    def test_lets_an_administrators_token_do_what_nobody_else_can(self, token_of):
        admin = token_of("admin", "Systemadministrator")
        lane = diagram(
            "x", start(), user_task("a"), end(), flow="begynd>a>slut", lanes={"Jobcenter": "a"}
        )
        admin.upload("/deployments", {"x.bpmn": lane})

        case = admin.start("x", data={"a": 1})
        [task] = admin.get("/tasks").get_json()["items"]

        assert case["data"] == {"a": 1}
        assert task["id"] == case["tasks"][0]["id"]
        assert admin.complete(task)["state"] == "completed"
