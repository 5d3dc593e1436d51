"""Which comments a filtered queue shows."""

from collections.abc import Callable

from chalicelib.comments import Record
from chalicelib.language import language
from chalicelib.moderation.queue import Wanted
from chalicelib.text import normal

REPORT, APPEAL = "report", "appeal"
"""Reasons to look at a comment that are no check's findings."""
UNKNOWN = "und"
"""The tag (BCP 47) of a text whose language cannot be told."""

Test = Callable[[Record], bool]


def sieve(wanted: Wanted, author: str | None) -> Test:
    """Return what tells whether a comment is wanted; `author` is the mark of the one that `wanted.author` means."""
    tests: list[Test] = []
    if wanted.article_id:
        tests.append(lambda record: record.article_id == wanted.article_id)
    if wanted.author:
        tests.append(_by(author) if author else _signed(wanted.author))
    if wanted.reason:
        tests.append(_because(wanted.reason))
    if wanted.text:
        tests.append(_saying(wanted.text))
    if wanted.language:
        tests.append(lambda record: (language(record.text) or UNKNOWN) == wanted.language)
    return lambda record: all(test(record) for test in tests)


def _by(author: str) -> Test:
    return lambda record: record.author == author


def _signed(part: str) -> Test:
    form = normal(part)
    return lambda record: any(form in normal(line) for line in (record.name, record.email) if line)


def _because(reason: str) -> Test:
    if reason == REPORT:
        return lambda record: record.reports > 0
    if reason == APPEAL:
        return lambda record: record.appeal is not None
    return lambda record: any(finding.check == reason for finding in record.verdict.findings)


def _saying(words: str) -> Test:
    form = normal(words)
    return lambda record: form in normal(record.text)
