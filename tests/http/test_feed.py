from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import feedparser
import pytest

from tests.atom import entries, faults, link, read, value
from tests.conftest import Answer, Service
from tests.faults import counted
from tests.http.conftest import Site, path
from tests.http.test_article_ids import IDS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ARTICLE = "https://site.example/story?b=1#c"
MEDIA_TYPE = "application/atom+xml; charset=utf-8"


def feed_at(article: str) -> str:
    return f"{path(article)}/feed.atom"


def sent(service: Service, article: str = ARTICLE, **how: Any) -> Answer:
    """Return the answer to a reader of feeds, once it is a feed without faults."""
    answer = service.request("GET", feed_at(article), **how)
    assert (answer.status, answer.headers["content-type"]) == (200, MEDIA_TYPE)
    assert faults(read(answer.body)) == []
    return answer


def contents(answer: Answer) -> list[str]:
    return [value(entry, "content") for entry in entries(read(answer.body))]


def test_an_article_that_nobody_knows_is_a_feed_without_comments(service: Service) -> None:
    answer = sent(service)
    assert contents(answer) == []
    assert sent(service).body == answer.body


def test_the_newest_twenty_comments_are_in_the_feed(service: Service, site: Site) -> None:
    site.policy({"mode": "open", "limits": {"comments": None}})
    for number in range(23):
        site.comment(ARTICLE, f"Comment number {number}")
    assert contents(sent(service)) == [f"<p>Comment number {number}</p>" for number in range(22, 2, -1)]


def test_the_feed_tells_what_the_thread_tells(service: Service, site: Site) -> None:
    root = site.publish(ARTICLE, "It *helped* & <b>more</b> ]]>", name="עדה", website="https://ada.example/?a=1&b")
    site.publish(ARTICLE, "語&" * 5_000, parent_id=root)
    answer = sent(service)
    shown = {comment["html"] for comment in site.thread(ARTICLE)["comments"]}

    seen = feedparser.parse(answer.body, response_headers={"content-location": "https://a.example", **answer.headers})

    assert not seen.bozo
    assert set(contents(answer)) == shown
    newest, oldest = seen.entries
    assert (oldest.author, oldest.author_detail.href) == ("עדה", "https://ada.example/?a=1&b")
    assert oldest.link == f"https://site.example/story?b=1#comment-{root}"
    assert newest.author == "Anonymous"
    assert seen.feed.link == ARTICLE
    assert seen.feed.updated == newest.updated


@pytest.mark.parametrize("action", [None, "reject", "spam", "delete"])
def test_what_is_not_approved_is_not_in_the_feed_and_nothing_private_is(
    service: Service, site: Site, action: str | None
) -> None:
    private = {"text": "HiddenText", "name": "HiddenName", "website": "https://hidden.example/"}
    email = "hidden-mail@mail.example"
    published = site.publish(ARTICLE, "Public words", name="Ada", email=email)
    hidden = site.comment(ARTICLE, **private, email=email, parent_id=published)
    if action:
        site.decide(hidden["comment"]["id"], action, note="HiddenNote", reason="HiddenReason")

    answer = sent(service)

    assert contents(answer) == ["<p>Public words</p>"]
    told = (answer.text + repr(answer.headers)).lower()
    assert "hidden" not in told
    assert hidden["comment"]["id"] not in told
    assert hidden["reader"].lower() not in told


def test_a_comment_taken_down_leaves_the_feed_and_its_reply_stays(service: Service, site: Site) -> None:
    root = site.publish(ARTICLE, "Taken down later")
    site.publish(ARTICLE, "A reply", parent_id=root)
    before = sent(service)
    site.decide(root, "reject")
    after = sent(service, headers={"If-None-Match": before.headers["etag"]})
    assert contents(after) == ["<p>A reply</p>"]


def test_a_feed_is_sent_again_only_when_it_changed(service: Service, site: Site) -> None:
    first = sent(service)
    assert "s-maxage" in first.headers["cache-control"]
    known = {"If-None-Match": first.headers["etag"]}
    same = service.request("GET", feed_at(ARTICLE), headers=known)
    assert (same.status, same.body) == (304, b"")
    for name in ("etag", "cache-control"):
        assert same.headers[name] == first.headers[name]
    site.publish(ARTICLE, "A new comment.")
    changed = sent(service, headers=known)
    assert contents(changed) == ["<p>A new comment.</p>"]
    assert changed.headers["etag"] != first.headers["etag"]


def test_feed_and_thread_are_not_taken_for_one_another(service: Service) -> None:
    thread = service.request("GET", path(ARTICLE))
    feed = sent(service, headers={"If-None-Match": thread.headers["etag"]})
    assert service.request("GET", path(ARTICLE), headers={"If-None-Match": feed.headers["etag"]}).status == 200


def test_a_feed_is_one_query(service: Service, site: Site, table_client: "DynamoDBClient") -> None:
    site.publish(ARTICLE, "Something to read.")
    sent(service)
    for headers in ({}, {"If-None-Match": sent(service).headers["etag"]}):
        with counted(table_client) as made:
            service.request("GET", feed_at(ARTICLE), headers=headers)
        assert made == {"Query": 1}


def test_every_article_has_a_feed_of_its_own(service: Service, site: Site) -> None:
    for number, article in enumerate(IDS):
        site.publish(article, f"Words under article number {number}.")
    ids = set()
    for number, article in enumerate(IDS):
        answer = sent(service, article)
        feed = read(answer.body)
        assert contents(answer) == [f"<p>Words under article number {number}.</p>"]
        assert urljoin(f"https://api.example{feed_at(article)}", link(feed, "self")).endswith("/feed.atom")
        ids.add(value(feed, "id"))
    assert len(ids) == len(IDS)


@pytest.mark.parametrize("where", [f"{feed_at('a')}?limit=1", "/v1/articles/a%00b/feed.atom"])
def test_what_is_not_understood_is_refused(service: Service, where: str) -> None:
    answer = service.request("GET", where)
    assert (answer.status, answer.json()["code"]) == (422, "invalid")


def test_any_page_may_read_the_feed(service: Service) -> None:
    assert sent(service).headers["access-control-allow-origin"] == "*"
