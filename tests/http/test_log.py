"""The log over HTTP: filters, and files to take away; and figures made of it."""

import csv
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from chalicelib import export, stats
from chalicelib.audit import Circumstances, Entry
from chalicelib.dynamodb import DynamoStores
from chalicelib.dynamodb.log import entry_steps
from chalicelib.ids import order_id
from chalicelib.routes import audit
from tests.conftest import Answer, Service
from tests.http.conftest import Site, edit_token
from tests.samples import decision, record

HOSTILE = ['=1+1";,\r\n=2', "＝SUM(A1)", "@x\ty", "-1;=3", '"', "+1\n\n-2", "ok"]


def take(service: Service, **query: Any) -> Answer:
    answer = service.request("GET", "/v1/admin/audit", query=query, headers=service.owner)
    assert answer.status == 200, answer.text
    return answer


def everything(service: Service, **query: Any) -> list[Answer]:
    """Follow the links from file to file, as a client does."""
    files = [take(service, **query)]
    while "link" in files[-1].headers:
        link = re.fullmatch(r'<\?([^>]+)>; rel="next"', files[-1].headers["link"])
        assert link
        files.append(service.request("GET", f"/v1/admin/audit?{link[1]}", headers=service.owner))
        assert files[-1].status == 200
    return files


def rows(answer: Answer) -> list[dict[str, str]]:
    text = answer.body.decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline=""), strict=True))


def keep(stores: DynamoStores, *entries: Entry) -> None:
    for entry in entries:
        stores.connection.transact(entry_steps(stores.connection, entry))


def entry(number: int, at: datetime, action: str = "reject", **about: Any) -> Entry:
    facts = Circumstances(about.pop("article", "article"), "hold", 60, about.pop("checks", ("links",)), 30)
    made: Any = {"id": order_id(at, number), "at": at, "action": action, **about}
    return Entry.after(None, replace(decision(record(), "reject"), **made), facts)


def test_the_log_is_filtered_by_comment_person_action_article_and_time(site: Site) -> None:
    first, second = site.publish("one", "First."), site.publish("two", "Second.")
    site.decide(first, "reject")
    waits = site.comment("one", "Third.")
    where = f"/v1/comments/{waits['comment']['id']}"
    site.ok("PATCH", where, json={"text": "Third, again."}, headers=edit_token(waits["edit_token"]))

    def told(**query: Any) -> list[tuple[str, str]]:
        items = take(site.service, **query).json()["items"]
        return [(each["action"], each["comment_id"]) for each in items]

    assert told(comment=first) == [("reject", first), ("approve", first)]
    assert told(action="approve") == [("approve", second), ("approve", first)]
    assert told(by="Owner", comment=second) == [("approve", second)]
    assert told(by="author") == [("edit", waits["comment"]["id"])]
    assert told(by="nobody") == told(article="nobody's") == told(action="hide") == []
    now = datetime.now(UTC)
    assert len(told(since=(now - timedelta(hours=1)).isoformat().replace("+00:00", "Z"))) == 4
    assert told(until=(now - timedelta(hours=1)).isoformat().replace("+00:00", "Z")) == []
    assert told(since="9999-12-31T23:59:59-23:59") == told(until="0001-01-01T00:00:00+23:59") == []


@pytest.mark.parametrize("article", ["one", "薬/a?b=1#c"])
def test_entries_that_know_their_article_are_found_by_it(service: Service, stores: DynamoStores, article: str) -> None:
    now = datetime.now(UTC)
    keep(stores, entry(1, now, article=article), entry(2, now, article="other"))
    (found,) = take(service, article=article).json()["items"]
    assert found["id"] == order_id(now, 1)


def test_a_file_says_what_it_is(service: Service, site: Site) -> None:
    site.publish("files", "A comment.")
    table, lines = take(service, format="csv"), take(service, format="jsonl")
    assert table.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert re.fullmatch(
        r'attachment; filename="afterword-log-\d{4}-\d\d-\d\d\.csv"', table.headers["content-disposition"]
    )
    assert table.body.startswith("\ufeff".encode())
    assert lines.headers["content-type"] == "application/x-ndjson; charset=utf-8"
    assert "link" not in table.headers
    (row,), (line,) = rows(table), [json.loads(each) for each in lines.text.splitlines()]
    assert row["action"] == line["action"] == "approve"
    assert row["hash"] == line["hash"]
    assert (row["reason"], line["reason"], row["revision"], line["revision"]) == ("", None, "1", 1)


def test_hostile_words_break_no_row_and_make_no_formula(service: Service, site: Site) -> None:
    for number, words in enumerate(HOSTILE):
        typed = words.replace("\r", "")
        comment_id = site.comment(f"=article;-{number}", f"{words} text", name="=Ann")["comment"]["id"]
        site.decide(comment_id, "reject", reason=typed, note=typed)
    table = rows(take(service, format="csv", action="reject"))
    lines = [json.loads(each) for each in take(service, format="jsonl", action="reject").text.splitlines()]
    assert len(table) == len(lines) == len(HOSTILE)
    for row, line, words in zip(table, lines, reversed(HOSTILE), strict=True):
        assert line["note"] == line["reason"] == words.replace("\r", "")
        assert row["note"].replace("'", "") == line["note"]
        assert [cell for cell in row.values() if re.match("[=+\\-@\t\r\n＝＋－＠]", cell)] == []


def test_a_long_log_goes_on_in_the_next_file(
    service: Service, stores: DynamoStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    keep(stores, *(entry(number, now, note="x" * 300, by=f"b{number % 2}") for number in range(23)))
    monkeypatch.setattr(audit, "LINES", 7)
    for query in ({}, {"by": "b1"}):
        wanted = [order_id(now, number) for number in reversed(range(23)) if not query or number % 2]
        files = everything(service, format="csv", **query)
        assert [row["id"] for file in files for row in rows(file)] == wanted
        assert len(files) == (4 if not query else 2)
    monkeypatch.setattr(export, "MOST_BYTES", 2_000)
    files = everything(service, format="jsonl", since="2026-11-01T00:00:00Z")
    assert [json.loads(line)["id"] for file in files for line in file.text.splitlines()] == [
        order_id(now, number) for number in reversed(range(23))
    ]
    assert len(files) > 6
    assert all(len(file.body) <= 2_000 for file in files)
    assert len(rows(take(service, format="csv", limit=2))) == 2


def test_figures_of_a_day(service: Service, site: Site, stores: DynamoStores) -> None:
    now = datetime.now(UTC)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    keep(
        stores,
        entry(1, day, "submit", from_=None, to="pending", by="author"),
        entry(2, day, "approve", to="approved"),
        entry(3, day - timedelta(days=9), "approve", to="approved"),
    )
    waits = site.comment("figures", "Waits.")["comment"]["id"]

    def figures(**query: int) -> Any:
        return site.ok("GET", "/v1/admin/stats", query=query, headers=service.owner)

    found = figures(days=2)
    assert (found["from"], found["to"], found["complete"]) == (f"{day:%Y-%m-%d}", f"{now:%Y-%m-%d}", True)
    yesterday = found["days"][0]
    assert (yesterday["date"], yesterday["submitted"], yesterday["held"], yesterday["approved"]) == (
        f"{day:%Y-%m-%d}",
        1,
        1,
        1,
    )
    assert found["time_to_decision"] == {"count": 1, "median": 30, "p90": 30}
    assert {"check": "links", "fired": 1, "decided": 1, "disagreed": 1} in found["checks"]
    assert found["moderators"] == [{"name": "ann", "decisions": 1}]
    assert found["waiting"]["pending"] == 1
    assert 0 <= found["oldest_waiting"]["seconds"] < 60
    assert len(figures()["days"]) == 30
    assert figures(days=90)["moderators"] == [{"name": "ann", "decisions": 2}]
    site.decide(waits, "reject")
    assert figures(days=1)["oldest_waiting"] is None


def test_figures_of_too_many_entries_are_not_complete(
    service: Service, stores: DynamoStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    keep(stores, *(entry(number, now) for number in range(5)))
    for most, complete in ((5, True), (4, False)):
        monkeypatch.setattr(stats, "MOST_ENTRIES", most)
        found = service.request("GET", "/v1/admin/stats", query={"days": 1}, headers=service.owner).json()
        assert (found["complete"], found["days"][0]["rejected"]) == (complete, most)
