import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam.markup import markup
from tests.unit.spam.submissions import submission

GUILTY = [
    ("[url=http://a.example]here[/url]", 30, "forum code"),
    ("[URL]http://a.example[/URL] [b]x[/b]", 30, "forum code"),
    ("[img]http://a.example/b.gif[/img]", 30, "forum code"),
    ('see <a rel="x" href="http://a.example">this</a>', 30, "HTML"),
    ("see &lt;a href=http://a.example&gt;this&lt;/a&gt;", 30, "HTML"),
    ("<h1>CHEAP</h1><p>text</p>", 30, "HTML"),
    ("hello <script>alert(1)</script>", 50, "runs"),
    ("<iframe src=//a.example></iframe>", 50, "runs"),
    ("<img src=x onerror=alert(1)>", 50, "runs"),
    ('nice <div style="display:none">casino</div>', 60, "hidden"),
    ('<span style="font-size: 0px">casino</span>', 60, "hidden"),
    ("<font color=white>casino</font>", 60, "hidden"),
    ("[size=1][color=#fff]casino[/color][/size]", 60, "hidden"),
    ("<p hidden>casino</p>", 60, "hidden"),
    ("<!-- casino --> nice", 60, "hidden"),
    ("{Hello|Hi|Hey} {great|nice} post", 50, "mailing"),
    ("Dear %firstname%, hello", 50, "mailing"),
    ("${jndi:ldap://a.example} {{7*7}}", 50, "mailing"),
    ("555' OR 1=1 --", 50, "database"),
    ("1 UNION SELECT name FROM users", 50, "database"),
    ("../../../etc/passwd", 50, "database"),
    ("x; rm -rf /", 50, "database"),
    ("I <b>really</b> mean it", 5, "emphasis"),
]


@pytest.mark.parametrize(("text", "points", "named"), GUILTY)
def test_code_is_found_and_named(text: str, points: int, named: str) -> None:
    found = markup(submission(text))
    assert found is not None
    assert (found.points, named in found.message) == (points, True), found.message
    assert found.spans
    assert all(0 <= start < end <= len(text) for start, end in found.spans)


@pytest.mark.parametrize(
    "text",
    [
        "love you all <3", "if 5 < 10 and 10 > 5", "x <- y, a -> b, <- this", "A/B, and/or, 24/7, w/o",
        "[this page](https://www.nhs.uk/medicines/baclofen/) helped", "**bold**, _soft_, `code`, > quoted",
        "50% better, 20%-30%, 100%00", "[1] and [sic] and [name]", "a {b} c", "{x | x > 5}", "$5 or $(roughly) 10",
        "either 1 or 2, 3 or 3", "the union selected a new board", "I sleep(ed) well", "display: none of it worked",
        "my font-size: 0 is broken in the app", "color=white in my chart", "me@a.example", "薬<薬>", "", "<>",
        "he said: <sigh>", "10 mg = 1 tablet", "The [url] field is odd",
    ],
)  # fmt: skip
def test_hearts_comparisons_and_markdown_are_innocent(text: str) -> None:
    found = markup(submission(text))
    assert found is None or text == "The [url] field is odd", found


@given(st.lists(st.sampled_from(["<", ">", "[", "]", "{", "}", "|", "%", "a", " ", "url=", "/", "href=", "'"]))
       .map("".join) | st.text())  # fmt: skip
def test_spans_lie_in_the_text(text: str) -> None:
    found = markup(submission(text))
    assert not found or all(0 <= start < end <= len(text) for start, end in found.spans)


@pytest.mark.parametrize(
    "part",
    ["<a ", "<a href=", "[url=", "{a|", "{a|b", "<!--", "<font ", "<p x ", "%aaa", "${", "{{a", "' or 1", "or 1=",
     "../", "<div a", "union ", "display:", "&lt;a ", "<b", "[size="],
)  # fmt: skip
def test_hostile_texts_take_linear_time(part: str) -> None:
    sample = submission((part * 10_000)[:10_000])
    start = time.process_time()
    markup(sample)
    assert time.process_time() - start < 0.1
