"""The policy `edits: keep`: what was let through stays on the page while a newer text waits."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.dynamodb import DynamoStores
from tests.conftest import Service
from tests.http.conftest import EXACT, Site, edit_token, path, reader
from tests.http.test_undoing import undo, without_history

pytestmark = pytest.mark.usefixtures("engine", "exact_counts")

ARTICLE = EXACT
OLD, NEW = "It *helped* me.", "It **cured** me, buy it at https://a.example"


@pytest.fixture
def sent(site: Site) -> Any:
    """A comment that was let through and then edited."""
    site.policy({"edits": "keep", "reports_to_hide": 2})
    sent = site.comment(ARTICLE, OLD)
    site.decide(sent["comment"]["id"], "approve")
    edit(site, sent, NEW)
    return sent


@pytest.fixture
def mine(sent: Any) -> str:
    comment_id: str = sent["comment"]["id"]
    return comment_id


def edit(site: Site, sent: Any, text: str) -> Any:
    body, headers = {"text": text}, edit_token(sent["edit_token"])
    return site.ok("PATCH", f"/v1/comments/{sent['comment']['id']}", json=body, headers=headers)


def page(site: Site) -> list[tuple[str, str, int]]:
    return [(each["text"], each["html"], each["revision"]) for each in site.thread(ARTICLE)["comments"]]


SHOWN = [(OLD, "<p>It <em>helped</em> me.</p>", 1)]


def test_the_old_text_stays_until_the_new_one_is_let_through(site: Site, sent: Any, mine: str) -> None:
    assert page(site) == SHOWN
    assert site.thread(ARTICLE)["comments"][0]["edited_at"] is None
    (item,) = site.queue()["items"]
    assert (item["state"], item["comment"]["text"], item["comment"]["revision"]) == ("pending", NEW, 2)
    view = site.ok("GET", f"/v1/comments/{mine}", headers=edit_token(sent["edit_token"]))
    assert (view["status"], view["comment"]["text"]) == ("pending", NEW)
    edit(site, sent, "A third text.")
    assert page(site) == SHOWN
    site.decide(mine, "approve", 3)
    assert [text for text, _, _ in page(site)] == ["A third text."]
    assert site.thread(ARTICLE)["comments_count"] == 1


@pytest.mark.parametrize("action", ["reject", "spam", "delete"])
def test_to_decide_against_it_takes_the_old_text_away_and_undo_brings_that_one_back(
    site: Site, service: Service, mine: str, action: str
) -> None:
    before, thread = site.case(mine), site.thread(ARTICLE)["comments"]
    decision = site.decide(mine, action, 2)["decision"]
    assert page(site) == []
    assert undo(service, decision).status == 200
    assert page(site) == SHOWN, "never the text that waits"
    assert site.thread(ARTICLE)["comments"] == thread
    assert without_history(site.case(mine)) == without_history(before)


@pytest.mark.parametrize("fields", [{}, {"redact": [[5, 14]]}])
def test_to_undo_an_approval_brings_the_old_text_back(
    site: Site, service: Service, mine: str, fields: dict[str, Any]
) -> None:
    thread = site.thread(ARTICLE)["comments"]
    decision = site.decide(mine, "approve", 2, **fields)["decision"]
    assert page(site) != SHOWN
    assert undo(service, decision).status == 200
    assert site.thread(ARTICLE)["comments"] == thread
    (item,) = site.queue()["items"]
    assert (item["comment"]["text"], item["comment"]["revision"]) == (NEW, 4 if fields else 2)
    site.decide(mine, "approve", item["comment"]["revision"])
    assert [text for text, _, _ in page(site)] == [NEW]


def test_an_old_text_that_was_an_edit_itself_comes_back_as_one(
    site: Site, service: Service, sent: Any, mine: str
) -> None:
    site.decide(mine, "approve", 2)
    edit(site, sent, "A third text.")
    thread = site.thread(ARTICLE)["comments"]
    assert (thread[0]["text"], thread[0]["revision"], bool(thread[0]["edited_at"])) == (NEW, 2, True)
    for action in ("reject", "approve"):
        assert undo(service, site.decide(mine, action, 3)["decision"]).status == 200
        assert site.thread(ARTICLE)["comments"] == thread


def test_without_the_old_text_an_undo_is_refused_and_shows_nothing(
    site: Site, service: Service, mine: str, stores: DynamoStores
) -> None:
    decision = site.decide(mine, "reject", 2)["decision"]
    connection = stores.connection
    connection.transact([connection.delete(connection.keys.comment(mine), "R#0000001")])
    assert undo(service, decision).status == 503
    assert (page(site), site.case(mine)["state"]) == ([], "rejected")


def test_its_author_takes_it_away_altogether(site: Site, sent: Any, mine: str) -> None:
    site.ok("DELETE", f"/v1/comments/{mine}", headers=edit_token(sent["edit_token"]))
    assert (page(site), site.thread(ARTICLE)["comments_count"]) == ([], 0)
    site.decide(mine, "restore", 2)
    assert page(site) == [], "what comes back waits, and shows nothing meanwhile"


def test_votes_and_replies_on_it_still_work(site: Site, service: Service, mine: str) -> None:
    assert service.request("PUT", f"/v1/comments/{mine}/vote").json()["votes"] == 1
    reply = site.publish(ARTICLE, "I read the old text.", parent_id=mine)
    assert [(each["id"], each["votes"]) for each in site.thread(ARTICLE)["comments"]] == [(mine, 1), (reply, 0)]
    undo(service, site.decide(mine, "approve", 2)["decision"])
    assert service.request("PUT", f"/v1/comments/{mine}/vote").json()["votes"] == 2
    assert (site.thread(ARTICLE)["comments"][0]["text"], site.thread(ARTICLE)["comments"][0]["votes"]) == (OLD, 2)


def test_reports_are_on_the_text_that_readers_see(site: Site, service: Service, mine: str) -> None:
    token = site.rate("elsewhere", 3)["reader"]
    where, body = f"/v1/comments/{mine}/reports", {"reason": "abuse"}
    assert service.request("POST", where, json=body, headers=reader(token)).status == 202
    assert site.case(mine)["reports"][0]["revision"] == 1
    site.decide(mine, "approve", 2)
    assert service.request("POST", where, json=body, headers=reader(token)).status == 202
    assert len([each for each in site.case(mine)["reports"] if each["open"]]) == 1, "the new text was never reported"


def test_enough_reports_hide_the_old_text_too(site: Site, mine: str) -> None:
    for _ in range(2):
        site.ok("POST", f"/v1/comments/{mine}/reports", json={"reason": "abuse"})
    assert page(site) == []
    assert site.done_to(mine) == ["approve", "edit", "hide"]
    assert site.case(mine)["state"] == "pending"


def test_a_new_text_that_is_spam_withdraws_both(site: Site, sent: Any) -> None:
    site.ok("POST", "/v1/admin/terms", json={"value": "casino", "kind": "spam"}, headers=site.service.owner)
    edit(site, sent, "Come to the casino.")
    assert page(site) == []


def test_where_the_policy_publishes_there_is_nothing_to_keep(site: Site, sent: Any, stores: DynamoStores) -> None:
    site.policy({"mode": "open"})
    edit(site, sent, "A harmless text.")
    assert [text for text, _, _ in page(site)] == ["A harmless text."]
    record = stores.comments.get(sent["comment"]["id"], datetime.now(UTC))
    assert record
    assert (record.state, record.kept_revision) == ("approved", None)


def test_the_old_text_is_what_every_page_and_feed_shows(site: Site, service: Service, mine: str) -> None:
    assert mine in {each["id"] for each in site.pages(ARTICLE)}
    for where in (path(ARTICLE), f"{path(ARTICLE)}/comments?sort=best", f"{path(ARTICLE)}/feed.atom"):
        text = service.request("GET", where).text
        assert "helped" in text
        assert "cured" not in text
