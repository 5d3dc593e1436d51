import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import feedparser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.comments import Comment
from chalicelib.feed import MEDIA_TYPE, address, atom
from tests.atom import ATOM, REPLY, entries, faults, link, read, value
from tests.samples import NOW, moments, record

PLACE = "https://api.example/v1/articles/x/feed.atom"

HOSTILE = {
    "end of CDATA": "]]> <![CDATA[ ]]>",
    "script": "<script>alert(1)</script>",
    "entities": "& &amp; &lt; &#0; &xxe;",
    "doctype": '<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>',
    "instruction": "<?xml version='1.0'?> <!-- --",
    "quotes": "\"'`",
    "controls": "".join(map(chr, range(0x20))) + "\x7f\x80\x85\x9f",
    "no characters": "\ufffe\uffff\U0001fffe\ufdd0",
    "halves": "\ud83d \ude00 \udfff",
    "right to left": "\u202eadA \u05d0\u05d3\u05d4 \u202b",
    "emoji": "👩🏽\u200d🔬🏳️\u200d🌈",
    "long": "<&語😀>" * 2000,
}
"""What must not harm the feed, wherever it stands."""


def comment(number: int = 1, **changes: Any) -> Comment:
    return replace(record(number).public, **changes)


def reply(number: int, parent: Comment, **changes: Any) -> Comment:
    return comment(number, parent_id=parent.id, depth=parent.depth + 1, **changes)


def feed_of(*comments: Comment, article: str = "article", site: str = "main") -> Any:
    """Return the feed as a strict reader sees it, once it was found to be without faults."""
    feed = read(atom(site, article, comments))
    assert faults(feed) == []
    return feed


def as_kept(text: str) -> str:
    """Return the text as XML brings it over: without what it cannot hold, and with line ends as it writes them."""
    held = "".join(letter if is_xml(ord(letter)) else "\ufffd" for letter in text)
    return held.replace("\r\n", "\n").replace("\r", "\n")


def is_xml(code: int) -> bool:
    """Tell what XML 1.0 calls a character (section 2.2)."""
    return code in {0x9, 0xA, 0xD} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code > 0xFFFF


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_another_parser_finds_no_fault_whatever_was_typed(hostile: str) -> None:
    typed = comment(name=hostile, html=f"<p>{hostile}</p>", text=hostile, website=f"https://a.example/{hostile}")
    written = atom("main", hostile, [typed, reply(2, typed)]).encode()

    seen = feedparser.parse(written, response_headers={"content-type": MEDIA_TYPE, "content-location": PLACE})

    assert not seen.bozo, seen.get("bozo_exception")
    assert (seen.version, len(seen.entries)) == ("atom10", 2)
    assert seen.feed.id
    assert [each.rel for each in seen.feed.links] == ["self"]
    assert seen.feed.links[0].href == PLACE
    for entry in seen.entries:
        assert entry.id
        assert entry.author_detail.name
        assert entry.published_parsed
        assert entry.updated_parsed
        assert entry.content[0].type == "text/html"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"<title>.*?</title>", ""),
        (r"<id>.*?</id>", "<id>article</id>"),
        (r"(<id>.*?</id>)", r"\1\1"),
        (r"(?s)<author>.*?</author>", ""),
        (r"<name>.*?</name>", ""),
        (r"Z</updated>", "</updated>"),
        (r"T(.*)</published>", r" \1</published>"),
        (r'(rel="alternate" .*?href=").*?"', r'\1not absolute"'),
        (r'ref="urn:.*?"', ""),
        (r"<uri>.*?</uri>", "<uri>https://a.example/100%</uri>"),
        (r'type="html"', 'type="markdown"'),
        (r"<entry>", "<entry>words"),
        (r"<name>", "<email>a@a.example</email><email>b@b.example</email><name>"),
    ],
)
def test_the_strict_reader_sees_what_is_wrong(right: str, wrong: str) -> None:
    root = comment(1, website="https://a.example/")
    good = atom("main", "https://site.example/", [root, reply(2, root)])
    bad = re.sub(right, wrong, good)
    assert bad != good
    assert faults(read(good)) == []
    assert faults(read(bad)) != []


# Not only what can be typed today: the feed has to be read whatever is in the table.
anything = st.text(st.characters(exclude_categories=()), min_size=1)
comments = st.builds(
    Comment,
    id=st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=26, max_size=26),
    parent_id=st.none() | st.just("p" * 26),
    depth=st.integers(0, 6),
    name=st.none() | anything,
    website=st.none() | anything | anything.map("https://a.example/{}".format),
    text=anything,
    html=anything,
    created_at=moments,
    edited_at=st.none() | moments,
    revision=st.integers(1, 9),
    votes=st.integers(0, 9),
)


@given(anything | anything.map("https://{}".format), st.lists(comments, max_size=3, unique_by=lambda each: each.id))
@example("https://[", [])
@example("https://a.example:99999/", [])
@example("https://\u2100.example/", [])
def test_any_text_makes_a_feed_without_faults(article: str, several: list[Comment]) -> None:
    feed = feed_of(*several, article=article)

    assert value(feed, "title") == as_kept(f"Comments on {article}")
    newest_first = sorted(several, key=lambda each: each.created_at, reverse=True)
    for entry, said in zip(entries(feed), newest_first, strict=True):
        assert value(entry, "author/name") == as_kept(said.name or "Anonymous")
        assert value(entry, "content") == as_kept(said.html)


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_markup_stays_text(hostile: str) -> None:
    (entry,) = entries(feed_of(comment(name=hostile, html=f"<p>{hostile}</p>"), article=hostile))

    assert value(entry, "content") == as_kept(f"<p>{hostile}</p>")
    assert value(entry, "author/name") == as_kept(hostile)
    (content,) = entry.findall(f"{ATOM}content")
    assert content.get("type") == "html"


def test_a_feed_without_comments_is_always_the_same() -> None:
    feed = feed_of()

    assert entries(feed) == []
    assert value(feed, "updated") == "1970-01-01T00:00:00Z"
    assert value(feed, "title") == "Comments on article"
    assert atom("main", "article", []) == atom("main", "article", [])


def test_the_newest_comment_comes_first_wherever_it_stands_in_its_thread() -> None:
    old, newer = comment(1), comment(2)
    late = reply(3, old)

    feed = feed_of(newer, old, late)

    assert [value(entry, "published")[-3:] for entry in entries(feed)] == ["18Z", "17Z", "16Z"]


def test_a_comment_is_told_with_its_times_and_its_author() -> None:
    said = comment(name="Ada", website="https://ada.example/?a=1&b=2", edited_at=NOW + timedelta(minutes=5))

    feed = feed_of(said)
    (entry,) = entries(feed)

    assert value(entry, "title") == "Comment of 23 November 2026 by Ada"
    assert value(entry, "published") == "2026-11-23T12:30:16Z"
    assert value(entry, "updated") == value(feed, "updated") == "2026-11-23T12:35:15Z"
    assert value(entry, "author/name") == "Ada"
    assert value(entry, "author/uri") == "https://ada.example/?a=1&b=2"
    assert value(entry, "content") == said.html


def test_the_feed_is_as_new_as_its_latest_change() -> None:
    edited = comment(1, edited_at=NOW + timedelta(hours=1))
    assert value(feed_of(comment(2), edited), "updated") == "2026-11-23T13:30:15Z"
    assert value(feed_of(comment(2), comment(1)), "updated") == "2026-11-23T12:30:17Z"


def test_no_edit_comes_before_the_comment_it_edits() -> None:
    (entry,) = entries(feed_of(comment(edited_at=NOW)))  # a second too early, as whole seconds may be
    assert value(entry, "updated") == value(entry, "published")


def test_an_author_may_be_anonymous() -> None:
    (entry,) = entries(feed_of(comment(name=None, website=None)))
    assert value(entry, "author/name") == "Anonymous"
    assert entry.find(f"{ATOM}author/{ATOM}uri") is None
    assert value(entry, "title").endswith(" by Anonymous")


def test_a_name_from_right_to_left_turns_nothing_round_because_nothing_follows_it() -> None:
    name = "\u202e\u05e2\u05d3\u05d4"
    (entry,) = entries(feed_of(comment(name=name)))
    assert value(entry, "title") == f"Comment of 23 November 2026 by {name}"


def test_a_reply_names_what_it_answers_by_its_id() -> None:
    root = comment(1)
    (answer, asked) = entries(feed_of(root, reply(2, root)))

    (answering,) = answer.findall(REPLY)
    assert answering.attrib == {"ref": value(asked, "id")}
    assert asked.find(REPLY) is None
    assert value(answer, "title").startswith("Reply of ")


def test_an_article_that_is_an_address_is_linked_and_each_comment_on_it() -> None:
    root = comment(1)
    feed = feed_of(root, reply(2, root), article="https://site.example/a?b=1&c=2#top")
    (answer, asked) = entries(feed)

    assert link(feed, "alternate") == "https://site.example/a?b=1&c=2#top"
    assert link(asked, "alternate") == f"https://site.example/a?b=1&c=2#comment-{root.id}"
    (answering,) = answer.findall(REPLY)
    assert answering.get("href") == link(asked, "alternate")


def test_an_article_that_is_no_address_is_not_linked() -> None:
    feed = feed_of(comment(1), article="javascript:alert(1)")
    assert link(feed, "alternate") is None
    assert link(entries(feed)[0], "alternate") is None


@pytest.mark.parametrize("article", ["a", "a#b", "..", "a/b", "薬/バクロフェン", "https://site.example/a?b=1#c"])
def test_the_feed_leads_to_itself(article: str) -> None:
    own = link(feed_of(article=article), "self")
    assert own is not None
    assert urljoin(PLACE, own) == PLACE


def test_ids_stay_and_stand_for_one_thing_only() -> None:
    said = comment(1)
    articles = ["a", "A", "a ", "a#b", "a%20", "a%2520", "caf\u00e9", "cafe\u0301", "\ufffe", "\uffff", "a" * 512]
    feeds = [feed_of(said, article=article, site=site) for article in articles for site in ("main", "other")]

    assert len({value(feed, "id") for feed in feeds}) == len(feeds)
    assert {value(entries(feed)[0], "id") for feed in feeds} == {value(entries(feed_of(said))[0], "id")}
    edited = replace(said, html="Other words.", revision=2, edited_at=NOW + timedelta(minutes=1), name="Eve")
    assert value(entries(feed_of(edited))[0], "id") == value(entries(feed_of(said))[0], "id")
    # Written down: with other ids, every feed reader would show everything again.
    assert value(feed_of(), "id") == "urn:uuid:58fc71bb-1c55-5a9d-bfa5-cf3b8e5713ae"
    assert value(entries(feed_of(said))[0], "id") == "urn:uuid:ae3e94a5-b731-572d-9bd5-2954182c4675"


@pytest.mark.parametrize(
    ("typed", "uri"),
    [
        ("https://a.example", "https://a.example"),
        ("HTTP://A.example:8080/%7Ea/?q=1&r=%2F#f", "http://A.example:8080/%7Ea/?q=1&r=%2F#f"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https://a.example/%zz%4", "https://a.example/%25zz%254"),
        ("https://a.example/x y<z>\"'{}|\\^`", "https://a.example/x%20y%3Cz%3E%22'%7B%7D%7C%5C%5E%60"),
        ("https://a.example/[x]?[y]#[z]#", "https://a.example/%5Bx%5D?%5By%5D#%5Bz%5D%23"),
        ("https://a.example/薬?語#é", "https://a.example/%E8%96%AC?%E8%AA%9E#%C3%A9"),
        ("https://bücher.example/", "https://b%C3%BCcher.example/"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443/"),
        ("https://a.example/\ud800", "https://a.example/%EF%BF%BD"),
    ],
)
def test_an_address_is_written_as_a_uri(typed: str, uri: str) -> None:
    assert address(typed) == uri
    assert address(uri) == uri


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a",
        "/a",
        "//a.example/",
        "https:",
        "https://",
        "https:///a",
        "https://:80/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://[",
        "https://[::1/",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "ftp://a.example/",
        "mailto:a@a.example",
        "httpsx://a.example/",
        "urn:isbn:1",
    ],
)
def test_anything_else_is_no_address(typed: str) -> None:
    assert address(typed) is None
