import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam.links import links
from tests.unit.spam.submissions import submission

PROSE = " I have taken this medicine for about two years now and this page answered most of my questions."
ADDRESS = "https://a.example/b"

ONE_LINK = [
    (ADDRESS, ADDRESS),
    ("HTTP://A.EXAMPLE", "HTTP://A.EXAMPLE"),
    ("www.a.example", "www.a.example"),
    (f"See {ADDRESS}.", ADDRESS),
    (f"See ({ADDRESS}), please", ADDRESS),
    (f'"{ADDRESS}"', ADDRESS),
    (f"*{ADDRESS}*", ADDRESS),
    ("https://a.example/Baclofen_(drug)", "https://a.example/Baclofen_(drug)"),
    (f"<{ADDRESS}>", ADDRESS),
    (f"[here]({ADDRESS})", f"[here]({ADDRESS})"),
    (f"[{ADDRESS}]({ADDRESS})", f"[{ADDRESS}]({ADDRESS})"),
    (f"[here](<{ADDRESS}>)", f"[here](<{ADDRESS}>)"),
    (f'[here]( {ADDRESS} "title")', f'[here]( {ADDRESS} "title")'),
    ("[here](//a.example)", "[here](//a.example)"),
    ("[a](https://a.example/b_(c))", "[a](https://a.example/b_(c))"),
    (f'<a href="{ADDRESS}">here</a>', f'<a href="{ADDRESS}">here</a>'),
    (f'<A HREF="{ADDRESS}">{ADDRESS}</A>', f'<A HREF="{ADDRESS}">{ADDRESS}</A>'),
    ('<a href="/b">here', '<a href="/b">'),
    (f"[url={ADDRESS}]here[/url]", f"[url={ADDRESS}]here[/url]"),
    (f"[URL]{ADDRESS}[/URL]", f"[URL]{ADDRESS}[/URL]"),
    (f"[url]{ADDRESS}", ADDRESS),
    (f"[link={ADDRESS}]here", f"[link={ADDRESS}]"),
    ("詳しくは https://a.example/薬 を見て", "https://a.example/薬"),
    ("详见https://a.example/b。谢谢", "https://a.example/b"),
    ("انظر https://a.example/b الآن", "https://a.example/b"),
]


@pytest.mark.parametrize(("typed", "link"), ONE_LINK)
def test_a_link_in_any_dress_is_one_link(typed: str, link: str) -> None:
    text = typed + PROSE + PROSE
    found = links(submission(text))
    assert found is not None
    assert [text[start:end] for start, end in found.spans] == [link]
    assert found.points == 10


@pytest.mark.parametrize(
    ("count", "website", "points"),
    [
        (1, None, 10),
        (2, None, 25),
        (3, None, 50),
        (40, None, 50),
        (1, ADDRESS, 25),
        (2, ADDRESS, 50),
        (3, ADDRESS, 50),
    ],
)
def test_more_links_weigh_more_and_a_website_beside_them_counts(count: int, website: str | None, points: int) -> None:
    found = links(submission(f"{ADDRESS} {PROSE} " * count, website=website))
    assert found is not None
    assert found.points == points
    assert len(found.spans) == count
    assert str(count) in found.message
    assert ("website" in found.message) == bool(website)


def test_links_that_are_more_than_half_of_the_text_weigh_more() -> None:
    half = links(submission(f"{ADDRESS} {'x' * (len(ADDRESS) - 1)}"))
    more = links(submission(f"{ADDRESS} {'x' * (len(ADDRESS) - 2)}  \n"))
    assert half is not None
    assert more is not None
    assert (half.points, more.points) == (10, 35)
    assert "half" in more.message


def test_a_link_to_an_honest_host_needs_no_words_beside_it() -> None:
    bare = links(submission("https://www.nhs.uk/medicines/baclofen/"))
    beside_another = links(submission("https://www.nhs.uk/medicines/baclofen/ https://a.example"))
    assert bare is not None
    assert beside_another is not None
    assert (bare.points, beside_another.points) == (10, 50)


def test_links_hidden_inside_one_element_are_counted_one_by_one() -> None:
    found = links(submission(f"<a href=x>{ADDRESS} {ADDRESS} {ADDRESS}</a>{PROSE}{PROSE}"))
    assert found is not None
    assert len(found.spans) == 4


@pytest.mark.parametrize(
    "text",
    [
        "No link at all.",
        "I took http once, and www too. https:// is how links begin, www. as well.",
        "[a](b) and [1] (see note)",
        "if x <a and b> c",
        "the <abbr> element, [urls] and [url]",
        "Dr.Smith said: take 2.5 mg e.g. at night",
        "awww.that is sweet",
        "me@example.org",
        "薬をください。",
        "",
    ],
)
def test_a_text_without_links_is_innocent(text: str) -> None:
    assert links(submission(text, website=ADDRESS)) is None


PIECES = [
    "<a ",
    ">",
    "</a>",
    "[",
    "]",
    "(",
    ")",
    "](",
    "[url",
    "[/url]",
    "=",
    "http://",
    "www.",
    "x",
    " ",
    "\n",
    "薬",
    ".",
]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text())
def test_spans_lie_in_the_text_in_order_and_apart(text: str) -> None:
    found = links(submission(text))
    spans = found.spans if found else ()
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(0 <= start < end <= len(text) for start, end in spans)


@pytest.mark.parametrize(
    "part",
    [*PIECES, "[a](http://", "[a](http://x", "[a](http://x(", "[a](http://x(y", "[a](//x ", "[a](  ",
     "<a href=", "<a =>", "[url]", "[url=x]", "[url=x][/url]", "<a =></a>", "http://a) ", "www.x.", "[[", "[a]", "http://x.,"],
)  # fmt: skip
def test_hostile_texts_take_linear_time(part: str) -> None:
    def seconds(size: int) -> float:
        sample = submission((part * size)[:size])
        times = []
        for _ in range(3):
            start = time.process_time()
            links(sample)
            times.append(time.process_time() - start)
        return min(times)

    assert seconds(160_000) < 40 * seconds(10_000) + 0.05  # sixteen times the text; a square would take 256 times
