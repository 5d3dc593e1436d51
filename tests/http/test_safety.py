"""Safety, from what an author writes to what moderators see: help, reasons, adverse reactions as a file."""

import csv
import json
import re
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from chalicelib.dynamodb import DynamoStores
from chalicelib.dynamodb import queue as queue_store
from chalicelib.routes import adverse
from chalicelib.spam.finding import SAFETY, Finding, Thresholds, weigh
from tests.conftest import Answer, Service
from tests.http.conftest import OWN, Site, edit_token, path, reader
from tests.samples import NOW, ask_for, record

LANES = dict.fromkeys(("selfharm", "overdose", "emergency", "stopping"), "urgent") | {"adverse": None}
LINES_OF_HELP = {"title": "Help is near", "text": "Call 116 123.\nDay and night.", "links": []}


@pytest.fixture
def one_of_each(stores: DynamoStores) -> dict[str, str]:
    """Keep one comment for each reason of safety, and return their ids."""
    found: dict[str, str] = {}
    for number, check in enumerate(SAFETY, 1):
        text = f"I had a rash, number {number}."
        finding = Finding(check, 0, f"May be {check}.", ((8, 12),), LANES.get(check, "pending"))
        comment = record(number, text=text, verdict=weigh([finding], Thresholds()))
        comment = replace(comment, lane="urgent" if finding.lane == "urgent" else "pending")
        stores.comments.add(comment, ask_for(comment), None, NOW)
        found[check] = comment.id
    return found


def taken(service: Service, **query: Any) -> Answer:
    answer = service.request("GET", "/v1/admin/adverse", query=query, headers=service.owner)
    assert answer.status == 200, answer.text
    return answer


def lines(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_queue_is_filtered_by_each_reason(site: Site, one_of_each: dict[str, str]) -> None:
    for check, identity in one_of_each.items():
        (item,) = site.queue(reason=check)["items"]
        assert (item["comment"]["id"], item["verdict"]["findings"][0]["check"]) == (identity, check)
        assert item["verdict"]["outcome"] == ("publish" if check == "adverse" else "hold")


@pytest.mark.usefixtures("one_of_each")
def test_the_desk_has_words_for_each_reason(service: Service, site: Site) -> None:
    session = site.session(site.moderator("Ann"))
    page = service.request("GET", "/admin", headers={**session, **OWN}).text
    assert '<option value="selfharm">Suicide or self-harm</option>' in page
    assert '<li class="safety urgent" title="overdose"><b>Overdose or poisoning</b> May be overdose.</li>' in page
    assert page.count('<li class="safety ') == len(SAFETY)
    assert 'href="v1/admin/adverse?format=csv"' in page
    chosen = service.request("GET", "/admin?reason=pii", headers={**session, **OWN}).text
    assert '<option value="pii" selected>Personal data</option>' in chosen
    assert chosen.count('<li class="safety ') == 1


def test_possible_adverse_reactions_are_a_file_without_who_told_of_them(
    service: Service, one_of_each: dict[str, str]
) -> None:
    found = taken(service)
    assert found.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert re.fullmatch(
        r'attachment; filename="afterword-adverse-\d{4}-\d\d-\d\d\.csv"', found.headers["content-disposition"]
    )
    (row,) = csv.DictReader(StringIO(found.body.decode("utf-8-sig"), newline=""), strict=True)
    (line,) = lines(taken(service, format="jsonl"))
    assert row["comment_id"] == line["comment_id"] == one_of_each["adverse"]
    assert (row["words"], line["words"], line["state"]) == ("rash", ["rash"], "pending")
    for secret in ("Ada", "mail.example", "network", "author0"):
        assert secret not in found.text
    assert "link" not in found.headers


def test_what_was_decided_on_is_in_the_file_but_for_spam_and_what_is_deleted(
    service: Service, site: Site, stores: DynamoStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = Finding("adverse", 0, "May tell of an unwanted effect.")
    for number in range(1, 13):
        comment = record(number, verdict=weigh([noted] if number != 12 else [], Thresholds()))
        stores.comments.add(comment, ask_for(comment), None, NOW)
    for number, action in ((1, "approve"), (2, "reject"), (3, "spam"), (4, "delete"), (5, "approve")):
        site.decide(f"{number:026d}", action)
    wanted = [(number, "pending") for number in range(6, 12)] + [(1, "approved"), (5, "approved"), (2, "rejected")]
    for limit, pages, searched in ((5000, 50, 100), (2, 50, 100), (5000, 1, 3), (1, 1, 1), (3, 2, 2)):
        monkeypatch.setattr(adverse, "LINES", limit)
        monkeypatch.setattr(queue_store, "NOTED_PAGES", pages)
        monkeypatch.setattr(queue_store, "SEARCHED", searched)
        files = [taken(service, format="jsonl")]
        while "link" in files[-1].headers:
            link = re.fullmatch(r'<\?([^>]+)>; rel="next"', files[-1].headers["link"])
            assert link
            files.append(service.request("GET", f"/v1/admin/adverse?{link[1]}", headers=service.owner))
            assert files[-1].status == 200
        found = [(int(line["comment_id"]), line["state"]) for file in files for line in lines(file)]
        assert found == wanted, (limit, pages, searched)
        assert (len(files) > 1) == (limit < 5000 or pages < 50)
    monkeypatch.undo()
    monkeypatch.setattr("chalicelib.export.MOST_BYTES", 300)
    first = taken(service, format="jsonl")
    assert (len(lines(first)), "link" in first.headers) == (1, True)


def test_who_moderates_may_take_it_and_nobody_else(service: Service, site: Site) -> None:
    moderator = site.moderator("Ann")
    headers = {"Authorization": f"Bearer {moderator}"}
    assert service.request("GET", "/v1/admin/adverse", headers=headers).status == 200
    assert service.request("GET", "/v1/admin/adverse").status == 401
    assert service.request("GET", "/v1/admin/adverse?format=json", headers=headers).status == 422


def test_moderators_see_the_help_that_the_author_was_shown(service: Service, site: Site) -> None:
    site.ok("POST", "/v1/admin/terms", json={"value": "overdose", "kind": "urgent"}, headers=service.owner)
    site.policy({"help": LINES_OF_HELP})
    sent = site.comment("help", "I fear an overdose.")
    assert sent["help"] == LINES_OF_HELP
    site.policy({"help": {"title": "Quite another one"}})
    (item,) = site.queue(state="urgent")["items"]
    assert item["help"] == LINES_OF_HELP, "what was shown, not what would be"
    page = service.request("GET", "/admin", headers={**site.session(site.moderator("Ann")), **OWN}).text
    assert "What its author was shown: Help is near" in page
    calm = site.comment("help", "A calm remark.")
    assert site.case(calm["comment"]["id"])["help"] is None
    where = f"/v1/comments/{calm['comment']['id']}"
    body = {"text": "No, an overdose."}
    edited = site.ok("PATCH", where, json=body, headers=edit_token(calm["edit_token"]))
    assert edited["help"]["title"] == "Quite another one"
    assert site.ok("GET", where, headers=edit_token(calm["edit_token"]))["help"] == edited["help"]
    again = service.request(
        "POST",
        f"{path('help')}/comments",
        json={"text": "I fear an overdose.", "consent": True},
        headers=reader(sent["reader"]),
    )
    assert again.json()["help"] == LINES_OF_HELP


def test_help_beside_the_form_is_in_the_thread_and_on_the_page(service: Service, site: Site) -> None:
    assert site.thread("baclofen")["policy"]["help"] is None
    tag = service.request("GET", path("baclofen")).headers["etag"]
    site.policy({"help": {**LINES_OF_HELP, "beside_form": True}})
    assert site.thread("baclofen")["policy"]["help"] == LINES_OF_HELP
    assert service.request("GET", path("baclofen")).headers["etag"] != tag
    assert 'id="afterword-beside">Help is near</h3>' in service.request("GET", "/").text
    own = path("baclofen").replace("/v1/", "/v1/admin/") + "/policy"
    site.ok("PATCH", own, json={"help": {"title": "Here & now"}}, headers=service.owner)
    assert site.thread("baclofen")["policy"]["help"] == {**LINES_OF_HELP, "title": "Here & now"}
    assert "Here &amp; now</h3>" in service.request("GET", "/").text
    site.ok("PATCH", own, json={"help": {"beside_form": False}}, headers=service.owner)
    assert site.thread("baclofen")["policy"]["help"] is None
    assert site.thread("elsewhere")["policy"]["help"] == LINES_OF_HELP
    assert "afterword-beside" not in service.request("GET", "/").text
    site.ok("PATCH", own, json={"help": None}, headers=service.owner)
    assert site.thread("baclofen")["policy"]["help"] == LINES_OF_HELP


def test_the_same_words_in_the_queue_the_log_and_its_files(service: Service, site: Site) -> None:
    links = "See http://a.example http://b.example http://c.example"
    identity = site.comment("words", links)["comment"]["id"]
    (item,) = site.queue(article="words")["items"]
    verdict = item["verdict"]
    assert verdict["remedy"] == "Would pass without the links."
    site.decide(identity, "reject")
    said = [each["message"] for each in verdict["findings"]]
    for action in ("submit", "reject"):
        query = {"comment": identity, "action": action}
        (entry,) = site.ok("GET", "/v1/admin/audit", query=query, headers=service.owner)["items"]
        then = entry["circumstances"]
        assert (then["findings"], then["remedy"], then["score"]) == (said, verdict["remedy"], verdict["score"])
        for form in ("csv", "jsonl"):
            file = service.request("GET", "/v1/admin/audit", query={**query, "format": form}, headers=service.owner)
            assert all(words in file.text for words in (*said, verdict["remedy"]))
    assert site.case(identity)["history"][0]["circumstances"]["remedy"] == verdict["remedy"]
    session = {**site.session(site.moderator("Ann")), **OWN}
    for where in ("/admin/log", f"/admin/comments/{identity}", "/admin?state=rejected"):
        page = service.request("GET", where, headers=session).text
        assert verdict["remedy"] in page, where
        assert "Holds 3 links." in page, where
