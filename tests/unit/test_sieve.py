from typing import Any

import pytest

from chalicelib.comments import Appeal, Record
from chalicelib.moderation import Wanted, sieve
from chalicelib.spam import Finding, Thresholds, Verdict
from tests.samples import NOW, record

FOUND = Verdict(60, "hold", Thresholds(), (Finding("links", 60, "Many links."), Finding("form_time", 0, "In time.")))
COMMENT = record(
    article_id="薬/a?b",
    name="\uff21da Łovelace",
    email="Ada@Mail.example",
    text="I have taken it for two years, and it was not the \uff23\uff35\uff32\uff25.",
    verdict=FOUND,
    reports=1,
    appeal=Appeal("Why?", NOW),
)
PLAIN = record(name=None, email=None, text="OK")


@pytest.mark.parametrize(
    ("wanted", "author", "takes"),
    [
        ({}, None, True),
        ({"article_id": "薬/a?b"}, None, True),
        ({"article_id": "薬/a"}, None, False),
        ({"author": "ada ł"}, None, True),
        ({"author": "MAIL.EX"}, None, True),
        ({"author": "nobody"}, None, False),
        ({"author": "0" * 26}, COMMENT.author, True),
        ({"author": "0" * 26}, "another", False),
        ({"reason": "links"}, None, True),
        ({"reason": "form_time"}, None, True),
        ({"reason": "terms"}, None, False),
        ({"reason": "report"}, None, True),
        ({"reason": "appeal"}, None, True),
        ({"text": "two  YEARS"}, None, True),
        ({"text": "the cure"}, None, True),
        ({"text": "three years"}, None, False),
        ({"text": " "}, None, True),
        ({"language": "en"}, None, True),
        ({"language": "de"}, None, False),
        ({"language": "und"}, None, False),
        ({"article_id": "薬/a?b", "reason": "links", "text": "cure", "language": "en", "author": "eve"}, None, False),
        ({"article_id": "薬/a?b", "reason": "links", "text": "cure", "language": "en", "author": "łove"}, None, True),
        ({"article_id": "薬/a?b", "reason": "terms", "text": "cure"}, None, False),
    ],
)
def test_every_filter_has_to_agree(wanted: dict[str, Any], author: str | None, *, takes: bool) -> None:
    assert sieve(Wanted(**wanted), author)(COMMENT) == takes


@pytest.mark.parametrize(
    ("wanted", "takes"),
    [
        ({"author": "a"}, False),
        ({"reason": "report"}, False),
        ({"reason": "appeal"}, False),
        ({"language": "und"}, True),
    ],
)
def test_what_a_comment_has_not_is_not_found_in_it(wanted: dict[str, Any], *, takes: bool) -> None:
    assert sieve(Wanted(**wanted), None)(PLAIN) == takes


def test_a_queue_without_filters_is_not_filtered() -> None:
    assert not Wanted("urgent", "riskiest").is_filtered
    for filters in ({"article_id": "a"}, {"author": "a"}, {"reason": "a"}, {"text": "a"}, {"language": "en"}):
        wanted: Any = filters
        assert Wanted(**wanted).is_filtered


def test_names_that_are_typed_otherwise_are_the_same() -> None:
    def found(part: str, comment: Record = COMMENT) -> bool:
        return sieve(Wanted(author=part), None)(comment)

    assert found("ada")
    assert found("\uff21DA")
    assert not found("ada", PLAIN)
