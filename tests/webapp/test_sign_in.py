from __future__ import annotations

import pytest

from processes.accounts import HASHER
from tests import make
from webapp.sign_in import safe_next

PASSWORD = "et langt kodeord"


@pytest.fixture
def mentor(rows):
    make.account(rows, "mentor", "Mentor", password_hash=HASHER.hash(PASSWORD))
    rows.commit()


class TestSignIn:
    def test_leads_staff_to_their_inbox(self, visitor, mentor):
        reply = visitor.post("/sign-in", name="mentor", password=PASSWORD)

        assert reply.status_code == 303
        assert reply.location == "/tasks"

    def test_leads_back_to_the_page_that_was_asked_for(self, visitor, mentor):
        reply = visitor.post("/sign-in", name="mentor", password=PASSWORD, next="/cases?q=T")

        assert reply.location == "/cases?q=T"

    def test_refuses_a_wrong_password_and_keeps_the_name(self, visitor, mentor):
        reply = visitor.post("/sign-in", name="mentor", password="forkert")

        assert reply.status_code == 422
        assert 'value="mentor"' in reply.text
        assert visitor.get("/tasks").location.startswith("/sign-in")

    def test_says_the_same_of_an_unknown_name(self, visitor, mentor):
        wrong = visitor.post("/sign-in", name="mentor", password="forkert")
        unknown = visitor.post("/sign-in", name="ingen", password="forkert")

        assert wrong.status_code == unknown.status_code
        assert "hører ikke sammen" in unknown.text

    def test_makes_a_name_wait_after_five_wrong_passwords(self, visitor, mentor):
        for _ in range(5):
            visitor.post("/sign-in", name="mentor", password="forkert")

        reply = visitor.post("/sign-in", name="mentor", password=PASSWORD)

        assert reply.status_code == 429

    def test_refuses_an_account_that_is_closed(self, visitor, rows):
        make.account(rows, "mentor", password_hash=HASHER.hash(PASSWORD), active=False)
        rows.commit()

        reply = visitor.post("/sign-in", name="mentor", password=PASSWORD)

        assert reply.status_code == 422

    def test_refuses_a_form_without_its_token(self, visitor, mentor):
        reply = visitor.client.post("/sign-in", data={"name": "mentor", "password": PASSWORD})

        assert reply.status_code == 400

    def test_hides_the_accounts_outside_the_demonstration(self, visitor, mentor):
        page = visitor.get("/sign-in").text

        assert "Mentor" not in page


class TestSignOut:
    def test_ends_the_session(self, as_):
        mentor = as_("mentor")

        mentor.post("/sign-out")

        assert mentor.get("/tasks").location.startswith("/sign-in")


class TestSafeNext:
    @pytest.mark.parametrize(
        "address", ["https://else.where/", "//else.where", "/\\else.where", "tasks", "", None]
    )
    def test_never_leaves_the_site(self, address):
        assert safe_next(address) is None

    def test_keeps_an_address_of_ours(self):
        assert safe_next("/cases?q=T-01") == "/cases?q=T-01"
