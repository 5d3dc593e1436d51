from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import Service
from tests.http.conftest import Site, path

IDS = (
    "a#b",
    "..",
    ".",
    "a/b",
    "a%2Fb",
    "a%2fb",
    "a%252Fb",
    "薬/バクロフェン",
    "😀" * 128,
    "x|y",
    "x",
    "https://site.example/a?b=1#c",
    "https://site.example/a?b=1",
    "caf\u00e9",
    "cafe\u0301",
    "~",
    "#" + "0" * 64,
    "a" * 512,
    "A",
    "a ",
    "a.",
    "a/",
    "a+b",
    "a b",
    "é" * 256,
    "'\"<&>",
    "\u202eevil",
    "C#1~",
)

REFUSED = (
    ("a" * 513, 422),
    (quote("😀" * 128) + "a", 422),
    ("%00", 422),
    ("a%0Ab", 422),
    ("%7F", 422),
    ("%C2%85", 422),
    ("%ED%A0%80", 422),
    ("%FF", 422),
    ("%C0%AF", 422),
    ("%E8%96", 422),
    ("", 404),
)


def test_every_id_keeps_to_itself(site: Site) -> None:
    for number, article in enumerate(IDS):
        site.rate(article, number % 5 + 1)
        site.publish(article, f"Words under article number {number}.")
    for number, article in enumerate(IDS):
        thread = site.thread(article)
        assert thread["article_id"] == article
        assert thread["tally"]["histogram"][str(number % 5 + 1)] == 1
        assert thread["tally"]["count"] == thread["comments_count"] == 1
        assert [comment["text"] for comment in thread["comments"]] == [f"Words under article number {number}."]
        for sort in ("newest", "oldest", "best"):
            assert len(site.pages(article, sort=sort)) == 1


def test_counts_tell_ids_apart(site: Site) -> None:
    for article in IDS[::2]:
        site.rate(article, 4)
    counts = site.ok("GET", "/v1/counts", query={"id": list(IDS)})
    assert set(counts) == set(IDS)
    assert {article for article, count in counts.items() if count["ratings"]} == set(IDS[::2])


def test_the_queue_names_and_filters_by_article(site: Site) -> None:
    for article in IDS:
        site.comment(article, "Waiting here.")
    for article in IDS:
        items = site.queue(article=article)["items"]
        assert [item["comment"]["article_id"] for item in items] == [article]


def test_dots_may_also_come_percent_encoded(site: Site) -> None:
    site.rate("..", 5)
    assert site.ok("GET", "/v1/articles/%2E%2E")["tally"]["count"] == 1


@pytest.mark.parametrize(("segment", "status"), REFUSED)
@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("GET", "/comments", None),
        ("PUT", "/rating", {"stars": 5}),
        ("DELETE", "/rating", None),
        ("POST", "/comments", {"text": "Hello there", "consent": True}),
    ],
)
def test_what_is_no_id_is_refused_and_writes_nothing(
    service: Service,
    items: Callable[[], dict[tuple[str, str], Any]],
    segment: str,
    status: int,
    method: str,
    tail: str,
    body: Any,
) -> None:
    answer = service.request(method, f"/v1/articles/{segment}{tail}", json=body)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert items() == {}


def test_counts_refuse_what_is_no_id(service: Service) -> None:
    for bad in ("%ED%A0%80", "%00", "", "a" * 513):
        assert service.request("GET", f"/v1/counts?id={bad}").status in {400, 422}
    assert service.request("GET", "/v1/counts").status == 422
    assert service.request("GET", "/v1/counts", query={"id": [str(n) for n in range(101)]}).status == 422
    assert path("a/b") == "/v1/articles/a%2Fb"
