import subprocess
import sys
import time
from cProfile import Profile
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.markdown import DEPTH, LINK_REL, TAGS, URL_LENGTH, is_plain, plain, render

LARGEST = 10_000

ATTACKS = [
    # addresses that run
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java%0ascript:alert(1))",
    "[x](java\\\nscript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](\u00a0javascript:alert(1))",
    "[x](\u200bjavascript:alert(1))",
    "[x](\uff4aavascript:alert(1))",
    "[x](javascript\uff1aalert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](<java\\script:alert(1)>)",
    "[x](javascript\\:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](VBSCRIPT:msgbox(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[x](data:image/png;base64,iVBORw0KGgo=)",
    "[x](file:///etc/passwd)",
    "[x](feed:javascript:alert(1))",
    "[x](blob:https://a.example/1)",
    "[x](ftp://a.example/)",
    "[x](mailto:a@b.example)",
    "[x](tel:+123)",
    "[x](//evil.example)",
    "[x](/admin)",
    "[x](?a=1)",
    "[x](#top)",
    "[x](\\\\evil.example\\share)",
    "[x](http:javascript:alert(1))",
    "[x](https:///javascript:alert(1))",
    "[x](http:/\\evil.example)",
    "[x](https://)",
    "[x]()",
    "[x](<>)",
    "[x](http://[::1)",
    "[x](http://a.example:99999999/)",
    # automatic links
    "<javascript:alert(1)>",
    "<JAVASCRIPT:alert(1)>",
    "<data:text/html,x>",
    "<vbscript:x>",
    "<a@b.example>",
    '<https://a.example/"onmouseover=alert(1)>',
    "<https://a.example/'onmouseover='alert(1)>",
    "<https://a.example/&quot;onmouseover=alert(1)>",
    # out of an attribute
    '[x](https://a.example/"onmouseover="alert(1))',
    '[x](https://a.example/ "title\\" onmouseover=alert(1)")',
    "[x](https://a.example/ 't' onmouseover=alert(1))",
    '[x](https://a.example/"><script>alert(1)</script>)',
    "[x](https://a.example/&#34;&#62;<img src=x onerror=alert(1)>)",
    '[<a href="javascript:alert(1)">](https://a.example)',
    "[![x](javascript:alert(1))](https://a.example)",
    "[a](https://a.example)[b](javascript:alert(1))",
    "[[x](javascript:alert(1))](javascript:alert(2))",
    # references, which are not part of the subset
    "[x]: javascript:alert(1)\n\n[x]",
    "[x][y]\n\n[y]: data:text/html,x",
    # images and HTML
    "![x](https://a.example/x.png)",
    '![x](https://a.example/x.png" onerror="alert(1))',
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<body onload=alert(1)>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<p style=background:url(javascript:alert(1))>x</p>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="https://a.example" onclick="alert(1)" target=_blank>x</a>',
    "<form action=javascript:alert(1)><input type=submit>",
    "<object data=javascript:alert(1)></object>",
    "<template><img src=x onerror=alert(1)></template>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<details open ontoggle=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php echo 1 ?>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=javascript:alert(1)>",
    "</p></div></body><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "<scr\u0000ipt>alert(1)</script>",
    "<\u2028script>alert(1)</script>",
    # through code, lists and quotes
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    '```js" onmouseover="alert(1)\nx\n```',
    "```\n</code></pre><script>alert(1)</script>\n```",
    "- <img src=x onerror=alert(1)>",
    "> <img src=x onerror=alert(1)>",
    '1" onclick=alert(1). x',
    "**<b onmouseover=alert(1)>x</b>**",
    "*<script>*alert(1)</script>",
    "<div>\n\n[x](javascript:alert(1))\n\n</div>",
]


class Seen(HTMLParser):
    """What a browser would find in the HTML: its elements, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.oddities: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.oddities.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.oddities.append(data)

    def handle_decl(self, decl: str) -> None:
        self.oddities.append(decl)

    def handle_pi(self, data: str) -> None:
        self.oddities.append(data)

    def unknown_decl(self, data: str) -> None:
        self.oddities.append(data)


def assert_safe(html: str) -> Seen:
    seen = Seen(html)
    for tag, attributes in seen.elements:
        assert tag in TAGS
        if tag == "a":
            assert set(attributes) == {"href", "rel"}
            assert attributes["rel"] == LINK_REL
            address = urlsplit(attributes["href"] or "")
            assert address.scheme in {"http", "https"}
            assert address.netloc
        elif tag == "ol":
            assert set(attributes) <= {"start"}
            assert (attributes.get("start") or "1").isdigit()
        else:
            assert not attributes
    assert seen.open == []
    assert seen.oddities == []
    return seen


def tags(source: str) -> list[str]:
    return [tag for tag, _ in assert_safe(render(source)).elements]


def addresses(source: str) -> list[str | None]:
    return [attributes["href"] for tag, attributes in assert_safe(render(source)).elements if tag == "a"]


@pytest.mark.parametrize("source", ATTACKS)
def test_nothing_that_runs_gets_through(source: str) -> None:
    assert_safe(render(source))
    assert_safe(plain(source))


@pytest.mark.parametrize("wrapped", ["> {}", "- {}", "**{}**", "[{}](https://a.example)", "a\n{}\nb", "`{}"])
def test_nothing_that_runs_gets_through_inside_other_markup(wrapped: str) -> None:
    for source in ATTACKS:
        assert_safe(render(wrapped.format(source)))


@given(
    st.lists(st.sampled_from([*ATTACKS, *"<>\"'&`*_[]()!\\\n ", "](", "https://a.example", "- ", "> ", "```\n", "<a "]))
)
def test_no_mixture_of_attacks_gets_through(parts: list[str]) -> None:
    source = "".join(parts)
    assert_safe(render(source))
    assert_safe(plain(source))


def test_there_are_enough_attacks() -> None:
    assert len(set(ATTACKS)) == len(ATTACKS) >= 60


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("", ""),
        (" \n\t\n", ""),
        ("Hello", "<p>Hello</p>"),
        ("a\nb", "<p>a<br>\nb</p>"),
        ("a\r\nb\r\rc", "<p>a<br>\nb</p>\n<p>c</p>"),
        ("a\n\n \n\nb", "<p>a</p>\n<p>b</p>"),
        ("    indented", "<p>indented</p>"),
        ("*a* _b_ **c** __d__", "<p><em>a</em> <em>b</em> <strong>c</strong> <strong>d</strong></p>"),
        ("2 * 3 * 4 and snake_case_name", "<p>2 * 3 * 4 and snake_case_name</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("7. a", '<ol start="7">\n<li>a</li>\n</ol>'),
        ("> a\n> b", "<blockquote>\n<p>a<br>\nb</p>\n</blockquote>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("```python\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        (r"\*a\*", "<p>*a*</p>"),
        ("\"q\" & 'r' <b>", "<p>\"q\" &amp; 'r' &lt;b&gt;</p>"),
        ("&copy; &#65;", "<p>&amp;copy; &amp;#65;</p>"),
        ("薬を*飲む*。", "<p>薬を<em>飲む</em>。</p>"),
    ],
)
def test_the_subset_of_markdown(source: str, html: str) -> None:
    assert render(source) == html


@pytest.mark.parametrize(
    "source",
    ["# a", "a\n---", "***", "---", "| a |\n| - |\n| b |", "~~a~~", "<b>a</b>", "[x]: https://a.example"],
)
def test_what_is_not_in_the_subset_shows_as_typed(source: str) -> None:
    assert assert_safe(render(source)).text == source
    assert set(tags(source)) <= {"p", "br"}


def test_an_image_becomes_a_link_at_most() -> None:
    assert assert_safe(render("![a](https://b.example/c.png)")).text == "!a"


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("[a](https://b.example/c?d=1&e=2#f)", "https://b.example/c?d=1&e=2#f"),
        ("[a](HTTP://b.example)", "http://b.example"),
        ('[a](https://b.example "title")', "https://b.example"),
        ("<https://b.example/c>", "https://b.example/c"),
        ("[a](https://en.example/wiki/Baclofen_(drug))", "https://en.example/wiki/Baclofen_(drug)"),
        ("[a](https://薬.example/錠)", "https://xn--c31a.example/%E9%8C%A0"),
    ],
)
def test_web_links_become_links(source: str, address: str) -> None:
    assert [str(found).lower() for found in addresses(source)] == [address.lower()]


def test_a_link_to_nowhere_leaves_its_words() -> None:
    assert render("see [here]() or [there](http://a.example:99999999) or [*that*]( )") == (
        "<p>see here or there or <em>that</em></p>"
    )


def test_an_address_that_is_too_long_shows_as_typed() -> None:
    fitting = "https://a.example/".ljust(URL_LENGTH, "b")
    assert addresses(f"<{fitting}>") == [fitting]
    assert addresses(f"<{fitting}b> [x]({fitting}b)") == []


@pytest.mark.parametrize("deep", [">", "> ", "- ", "1. ", "> - ", "- > 1. "])
def test_what_nests_too_deeply_shows_as_typed(deep: str) -> None:
    seen = assert_safe(render(deep * 40 + "the end"))
    assert sum(tag in {"blockquote", "ul", "ol", "li"} for tag, _ in seen.elements) <= DEPTH + 1
    assert seen.text.strip().endswith("the end")


WORDS = st.text("abcXYZ äßéñ薬баклофен\U0001f600\u200d\u3000\u00a0.,;?!'\"()&<>=/:%\t\n", max_size=80)


@given(st.text(st.characters(categories=["L"], include_characters="\n"), max_size=80))
def test_letters_and_line_ends_are_plain(source: str) -> None:
    assert render(source) == plain(source)
    assert is_plain(source, render(source))


@given(WORDS.filter(lambda text: "<http" not in text and ">" not in text))
def test_prose_is_plain(source: str) -> None:
    assert render(source) == plain(source)


@pytest.mark.parametrize("source", ["*a*", "- a", "> a", "`a`", "[a](https://b.example)", "<https://b.example>", r"\*"])
def test_markup_is_not_plain(source: str) -> None:
    assert not is_plain(source, render(source))


HOSTILE = [
    "[", "]", "[]", "](", "![", "[a](", "[a](<b", "[a](http://b 'c ", "[a](http://b (c ", "[a](http://b)",
    "[`", "[*",
    "*", "**", "*a ", "**a *b ", "_", "_a_ ", "a_", "a**b", "*_", "*a_ ", "***a**b*c ",
    "`", "` `` ", "`a`", "`a``b```", "```\n", "~~~\n", "> ```\n", "- ```\n",
    ">", "> ", "> > > ", "> a\n", ">\n", "> > > > > > > > a\n", "> > > > a\nb\n", "> - > - > - a\n",
    "- ", "- a\n", "-\n", "- - - a\n", "* + - ", "1. ", "1. a\n", "1) - a\n", "- a\n\n",
    "  - a\n    - b\n", "- a\nb\n",
    "<", "<h", "<https://", "<https://a.example>", "<!--", "</", "\\", "\\\n", "&", "&#", "&amp;",
    "\n", "a\n", "a  \n", "a\n\n", " ", "\t", " \n", "\u00a0", "\u0301", "\ufdfa", "\U0001f468\u200d",
]  # fmt: skip


def hostile(size: int) -> dict[str, str]:
    letters = "".join(map(chr, range(0x4E00, 0x4E00 + size)))
    depth = size // 6
    repeated = {repr(part): (part * size)[:size] for part in HOSTILE}
    return repeated | {
        "brackets": "[" * (size // 2) + "]" * (size // 2),
        "emphasis in emphasis": "*a " * depth + "a* " * depth,
        "strong in strong": "**a " * depth + "a** " * depth,
        "staircase": "".join(" " * (2 * step) + "- a\n" for step in range(size))[:size],
        "runs of backticks": " ".join("`" * length for length in range(1, size))[:size],
        "a host of letters": f"[a](https://{letters})"[-size:],
        "hosts of letters": "".join(f"<https://{letters[at : at + 1000]}>\n" for at in range(0, size, 1000)),
        "an address of brackets": "[a](https://a.example/" + "(" * size,
    }


def calls(source: str) -> int:
    """How many calls, of Python and of C, rendering takes: work that does not depend on the machine."""
    with Profile() as profile:
        render(source)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("name", hostile(8))
def test_work_grows_with_the_length_and_not_with_its_square(name: str) -> None:
    small, large = hostile(1000)[name], hostile(4000)[name]
    render("x")
    assert calls(large) < 6 * calls(small) + 1000  # four times the text; a square would take sixteen times the calls
    assert calls(large) < 150 * 4000


def test_the_largest_hostile_texts_take_no_more_time_than_their_length_explains() -> None:
    render("x")
    for name, source in hostile(LARGEST).items():
        start = time.process_time()
        render(source)
        plain(source)
        assert time.process_time() - start < 3, name  # what is linear takes a fifth of a second


def test_only_rendering_loads_the_libraries() -> None:
    program = "import sys, chalicelib.markdown as m; m.plain('x'); print({'nh3', 'markdown_it'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
