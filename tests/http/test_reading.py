from typing import Any

import pytest

from tests.conftest import Service
from tests.http.conftest import Site, path

ARTICLE = "reading"


@pytest.fixture
def threads(site: Site) -> list[str]:
    """Three threads with nested replies; the ids in newest-first display order."""
    site.policy({"mode": "open", "limits": {"comments": None}})

    def say(text: str, parent: str | None = None) -> str:
        return str(site.comment(ARTICLE, text, **({"parent_id": parent} if parent else {}))["comment"]["id"])

    first = say("first")
    second = say("second")
    second_a = say("second a", second)
    second_b = say("second b", second)
    second_a_1 = say("second a 1", second_a)
    third = say("third")
    first_a = say("first a", first)
    second_a_2 = say("second a 2", second_a)
    return [third, second, second_a, second_a_1, second_a_2, second_b, first, first_a]


def ids(comments: list[Any]) -> list[str]:
    return [comment["id"] for comment in comments]


def test_a_page_shows_a_root_then_its_replies_oldest_first(site: Site, threads: list[str]) -> None:
    thread = site.thread(ARTICLE)
    assert ids(thread["comments"]) == threads
    assert [comment["depth"] for comment in thread["comments"]] == [0, 0, 1, 2, 2, 1, 0, 1]
    assert (thread["comments_count"], thread["next"]) == (8, None)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 50])
def test_pages_of_any_size_show_the_same_order(site: Site, threads: list[str], limit: int) -> None:
    newest = ids(site.pages(ARTICLE, sort="newest", limit=limit))
    oldest = ids(site.pages(ARTICLE, sort="oldest", limit=limit))
    best = ids(site.pages(ARTICLE, sort="best", limit=limit))
    third, second, first = threads[:1], threads[1:6], threads[6:]
    assert newest == threads
    assert oldest == first + second + third
    assert best == threads, "without votes, the newest is best"


def test_the_first_page_leads_on_to_the_others(site: Site) -> None:
    site.policy({"mode": "open", "limits": {"comments": None}})
    said = [site.comment(ARTICLE, f"Comment number {number}")["comment"]["id"] for number in range(45)]
    thread = site.thread(ARTICLE)
    assert thread["comments_count"] == 45
    seen, cursor = ids(thread["comments"]), thread["next"]
    while cursor:
        page = site.ok("GET", f"{path(ARTICLE)}/comments", query={"cursor": cursor})
        seen, cursor = seen + ids(page["comments"]), page["next"]
    assert seen == said[::-1]


def test_exactly_a_page_has_no_next(site: Site) -> None:
    site.policy({"mode": "open", "limits": {"comments": None}})
    for number in range(20):
        site.comment(ARTICLE, f"Comment number {number}")
    assert site.thread(ARTICLE)["next"] is None


def test_replies_deeper_than_six_stand_beside_each_other(site: Site) -> None:
    site.policy({"mode": "open", "limits": {"comments": None}})
    said = [site.comment(ARTICLE, "level 0")["comment"]["id"]]
    for level in range(1, 10):
        said.append(site.comment(ARTICLE, f"level {level}", parent_id=said[-1])["comment"]["id"])
    comments = site.pages(ARTICLE)
    assert ids(comments) == said
    assert [comment["depth"] for comment in comments] == [0, 1, 2, 3, 4, 5, 6, 6, 6, 6]
    assert [comment["parent_id"] for comment in comments] == [None, *said[:-1]]


def test_pages_go_on_where_the_table_stops_at_a_megabyte(site: Site) -> None:
    lenient = {"hold": 5000, "spam": 9000}  # one letter ten thousand times is noise
    site.policy({"mode": "open", "limits": {"comments": None}, "thresholds": lenient})
    said = []
    for number in range(30):
        text = f"*{number}* " + "語" * 9_990
        said.append(site.comment(ARTICLE, text)["comment"]["id"])
    for sort in ("newest", "oldest", "best"):
        pages = ids(site.pages(ARTICLE, sort=sort, limit=50))
        assert pages == (said if sort == "oldest" else said[::-1])
    thread = site.thread(ARTICLE)
    rest = site.ok("GET", f"{path(ARTICLE)}/comments", query={"cursor": thread["next"], "limit": 50})
    assert ids(thread["comments"]) + ids(rest["comments"]) == said[::-1]


def test_a_cursor_is_bound_to_its_article_and_order(service: Service, site: Site, threads: list[str]) -> None:
    cursor = site.ok("GET", f"{path(ARTICLE)}/comments", query={"limit": 2})["next"]
    assert threads
    for where, query in (
        (ARTICLE, {"sort": "oldest"}),
        (ARTICLE, {"sort": "best"}),
        ("another", {}),
    ):
        answer = service.request("GET", f"{path(where)}/comments", query={"cursor": cursor, **query})
        assert (answer.status, answer.json()["code"]) == (422, "cursor_invalid")
    answer = service.request("GET", f"{path(ARTICLE)}/comments", query={"cursor": cursor[:-1] + "x"})
    assert answer.status == 422


def test_a_root_taken_down_leaves_its_replies_in_their_place(site: Site, threads: list[str]) -> None:
    site.decide(threads[1], "reject")
    comments = site.pages(ARTICLE)
    assert ids(comments) == [threads[0], *threads[2:]]
    assert comments[1]["parent_id"] == threads[1]
    assert site.thread(ARTICLE)["comments_count"] == 7
    for sort in ("newest", "oldest"):
        assert len(site.pages(ARTICLE, sort=sort, limit=1)) == 7
    site.decide(threads[1], "approve")
    for sort in ("newest", "best"):
        assert ids(site.pages(ARTICLE, sort=sort)) == threads


def test_an_unknown_article_is_an_empty_one(service: Service) -> None:
    answer = service.request("GET", "/v1/articles/nobody%20was%20here")
    thread = answer.json()
    assert answer.status == 200
    assert thread["tally"] == {
        "count": 0,
        "average": None,
        "histogram": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0},
        "score": None,
    }
    assert (thread["comments"], thread["comments_count"], thread["next"]) == ([], 0, None)
    assert thread["policy"] == {
        "mode": "premoderate",
        "max_length": 10_000,
        "require_consent": True,
        "challenge": "never",
        "help": None,
    }


def test_a_thread_is_sent_again_only_when_it_changed(service: Service, site: Site) -> None:
    first = service.request("GET", path(ARTICLE))
    assert "s-maxage" in first.headers["cache-control"]
    known = {"If-None-Match": first.headers["etag"]}
    same = service.request("GET", path(ARTICLE), headers=known)
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", first.headers["etag"])
    site.rate(ARTICLE, 5)
    changed = service.request("GET", path(ARTICLE), headers=known)
    assert (changed.status, changed.json()["tally"]["count"]) == (200, 1)
    site.publish(ARTICLE, "A new comment.")
    assert service.request("GET", path(ARTICLE), headers={"If-None-Match": changed.headers["etag"]}).status == 200


def test_public_answers_are_for_every_origin_and_private_ones_for_none(service: Service) -> None:
    for method, where in (
        ("GET", path(ARTICLE)),
        ("GET", f"{path(ARTICLE)}/comments?limit=0"),
        ("PUT", f"{path('a')}/rating"),
    ):
        answer = service.request(method, where, body=b"{}")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
    preflight = service.request("OPTIONS", f"{path(ARTICLE)}/rating", headers={"Origin": "https://a.example"})
    assert preflight.status == 200
    assert "PUT" in preflight.headers["access-control-allow-methods"]
    assert "Afterword-Reader" in preflight.headers["access-control-allow-headers"]
    for where in ("/v1/admin/queue", "/v1/admin/policy"):
        for headers in ({}, service.owner):
            answer = service.request("GET", where, headers={"Origin": "https://a.example", **headers})
            assert not [name for name in answer.headers if name.startswith("access-control")]
            assert answer.headers["cache-control"] == "no-store"


def test_an_article_page_is_shown_whatever_its_address_carries(service: Service) -> None:
    answer = service.request("GET", "/?utm_source=mail&reply_to=nobody")
    assert answer.status == 200
    assert "Leave a Reply" in answer.text
