"""The pages as text, without a browser."""

from typing import Any

import pytest

from chalicelib.rendering import article_page, error_page, tally_words


def thread(**changes: Any) -> dict[str, Any]:
    return {
        "article_id": "baclofen",
        "tally": {"count": 0, "average": None},
        "comments_count": 0,
        "comments": [],
        "next": None,
        "policy": {"mode": "premoderate", "max_length": 10_000, "require_consent": True, "challenge": "never"},
        "form": "signed-form-time",
        **changes,
    }


def comment(**changes: Any) -> dict[str, Any]:
    return {
        "id": "0" * 26,
        "parent_id": None,
        "depth": 0,
        "name": None,
        "website": None,
        "text": "Hello.",
        "html": "<p>Hello.</p>",
        "created_at": "2026-11-23T14:05:00Z",
        "edited_at": None,
        "revision": 1,
        "votes": 0,
        **changes,
    }


@pytest.mark.parametrize(
    ("count", "average", "words"),
    [
        (0, None, "Not yet rated. Be the first to rate this article."),
        (1, 5.0, "5.0 out of 5 stars from 1 rating"),
        (28, 4.32, "4.3 out of 5 stars from 28 ratings"),
        (4, 4.25, "4.3 out of 5 stars from 4 ratings"),
        (12345, 3.96, "4.0 out of 5 stars from 12,345 ratings"),
    ],
)
def test_a_tally_is_said_in_words(count: int, average: float | None, words: str) -> None:
    assert tally_words({"count": count, "average": average}) == words


def test_no_slot_of_a_template_is_left_open() -> None:
    page = article_page(thread(comments=[comment()], comments_count=1), reply_to="0" * 26)
    assert "{" not in page
    assert "}" not in page


def test_everything_but_sanitised_html_is_escaped() -> None:
    hostile = '"><script>x</script>'
    one = comment(name=hostile, html="<p><strong>safe</strong></p>", id=hostile, website=f"https://x.example/{hostile}")
    page = article_page(
        thread(article_id=hostile, comments=[one], comments_count=1, next=hostile, form=hostile), reply_to=hostile
    )
    assert "<script>x" not in page
    assert "<strong>safe</strong>" in page


def test_a_website_that_is_no_web_address_is_no_link() -> None:
    page = article_page(thread(comments=[comment(website="javascript:alert(1)")], comments_count=1), reply_to=None)
    assert "javascript:" not in page


def test_braces_in_a_value_stay_as_typed() -> None:
    page = article_page(thread(comments=[comment(name="{form} {0}")], comments_count=1), reply_to=None)
    assert "{form} {0}" in page


def test_a_closed_thread_offers_no_form_and_no_reply() -> None:
    policy = {**thread()["policy"], "mode": "closed"}
    page = article_page(thread(policy=policy, comments=[comment()], comments_count=1), reply_to=None)
    body = page.partition("<template")[0]
    assert "Comments are closed." in body
    assert "<textarea" not in body
    assert "data-reply-to" not in body


@pytest.mark.parametrize("required", [True, False])
def test_consent_is_required_as_policy_says(required: bool) -> None:  # noqa: FBT001 - a case of the table
    page = article_page(thread(policy={**thread()["policy"], "require_consent": required}), reply_to=None)
    box = page[page.index('id="afterword-consent"') :].partition(">")[0]
    assert ("required" in box) is required


def test_an_error_page_names_the_fields_in_words() -> None:
    page = error_page(
        {
            "title": "Not acceptable",
            "detail": "2 fields are not acceptable.",
            "errors": [{"pointer": "/text", "detail": "<Too> long."}, {"pointer": "/x<y", "detail": "Not known here."}],
            "request_id": "r-1",
        }
    )
    assert "<strong>Comment</strong>: &lt;Too&gt; long." in page
    assert "x&lt;y" in page
    assert "r-1" in page
    assert "2 fields are not acceptable." in page


def test_an_error_page_says_nothing_twice() -> None:
    errors = [{"pointer": "/text", "detail": "Please write something."}]
    page = error_page({"title": "Not acceptable", "detail": "Please write something.", "errors": errors})
    assert page.count("Please write something.") == 1
