"""In mode `trust` it is the signed reader token that is trusted, and never what somebody typed."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.comments import AuthorHistory
from chalicelib.dynamodb import DynamoStores
from chalicelib.dynamodb.keys import SUMMARY
from chalicelib.keyring import Keyring
from chalicelib.policy import DEFAULT, patched
from chalicelib.spam import Finding, Thresholds, Verdict
from chalicelib.submission import state_for
from tests.conftest import Service
from tests.http.conftest import Site, path, reader
from tests.samples import NOTHING_FOUND

TRUST = patched(DEFAULT, {"mode": "trust", "trust_after": 2})
HELD = Verdict(60, "hold", Thresholds(), (Finding("terms", 60, "Holds a term."),))
URGENT = replace(NOTHING_FOUND, findings=(Finding("terms", 0, "Urgent.", lane="urgent"),))
ME: dict[str, Any] = {"name": "Ada", "email": "ada@mail.example", "website": "https://ada.example/"}


@pytest.mark.parametrize(
    ("author", "verdict", "state"),
    [
        (AuthorHistory(), NOTHING_FOUND, "pending"),
        (AuthorHistory(comments=9, approved=1), NOTHING_FOUND, "pending"),
        (AuthorHistory(approved=2), NOTHING_FOUND, "approved"),
        (AuthorHistory(approved=9, rejected=1), NOTHING_FOUND, "pending"),
        (AuthorHistory(approved=9, spam=1), NOTHING_FOUND, "pending"),
        (AuthorHistory(trusted=True), NOTHING_FOUND, "approved"),
        (AuthorHistory(trusted=True, rejected=1), NOTHING_FOUND, "pending"),
        (AuthorHistory(trusted=True, spam=1), NOTHING_FOUND, "pending"),
        (AuthorHistory(trusted=True, approved=9), HELD, "pending"),
        (AuthorHistory(trusted=True, approved=9), URGENT, "pending"),
        (AuthorHistory(trusted=True, approved=9), replace(HELD, outcome="spam"), "spam"),
    ],
)
def test_who_is_published_at_once(author: AuthorHistory, verdict: Verdict, state: str) -> None:
    assert state_for(TRUST, author, verdict) == state


def test_a_moderators_word_counts_as_enough_approvals_only_in_mode_trust() -> None:
    assert state_for(DEFAULT, AuthorHistory(trusted=True, approved=99), NOTHING_FOUND) == "pending"


@pytest.fixture
def trusted(site: Site) -> str:
    """The token of a reader of whom a comment was approved, on a site that asks for no more."""
    site.policy({"mode": "trust", "trust_after": 1})
    token: str = site.rate("other", 5)["reader"]
    site.publish("trust", "A first comment.", token, **ME)
    return token


def test_trust_hangs_on_the_reader_token(site: Site, trusted: str) -> None:
    assert site.comment("trust", "The second one.", trusted)["status"] == "approved", "without any name"
    assert site.comment("another", "Under another name.", trusted, name="Ben")["status"] == "approved"


def test_the_same_name_and_address_under_another_token_are_not_trusted(site: Site, trusted: str) -> None:
    for number, token in enumerate((None, site.rate("other", 4)["reader"])):
        assert site.comment("trust", f"It is me again, {number}.", token, **ME)["status"] == "pending"


@pytest.mark.parametrize("forge", [lambda token: f"{token}x", str.swapcase, lambda token: token[::-1]])
def test_a_token_that_was_made_up_is_not_taken_at_all(service: Service, trusted: str, forge: Any) -> None:
    body = {"text": "It is me again.", "consent": True, **ME}
    answer = service.request("POST", f"{path('trust')}/comments", json=body, headers=reader(forge(trusted)))
    assert (answer.status, answer.json()["code"]) == (401, "reader_token_invalid")


def test_a_reader_whom_a_moderator_trusts_needs_no_approvals(site: Site, stores: DynamoStores) -> None:
    site.policy({"mode": "trust", "trust_after": 1000})
    ada, ben = (site.rate("other", stars)["reader"] for stars in (4, 5))
    author = Keyring(site.service.settings.secrets).reader(ada).author
    pk = stores.connection.keys.author(author)
    stores.connection.transact([stores.connection.change(pk, SUMMARY, "SET #trusted = :yes", yes=True)])
    assert site.comment("trust", "The first one.", ada, **ME)["status"] == "approved"
    assert site.comment("trust", "The first one, too.", ben, **ME)["status"] == "pending"
    site.decide(site.comment("trust", "Something else.", ada)["comment"]["id"], "reject")
    assert site.comment("trust", "And again.", ada)["status"] == "pending"


def test_one_rejected_comment_ends_the_trust_until_it_is_undone(site: Site, trusted: str) -> None:
    worse = site.comment("trust", "Something worse.", trusted)["comment"]["id"]
    rejection = site.decide(worse, "reject")["decision"]["id"]
    assert site.comment("trust", "Once more.", trusted)["status"] == "pending"
    site.ok("POST", "/v1/admin/undo", json={"decision_id": rejection}, headers=site.service.owner)
    assert site.comment("trust", "And again.", trusted)["status"] == "approved"
