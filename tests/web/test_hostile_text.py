"""Hostile text, names and websites, approved and shown: nothing runs, and text is shown as typed."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.conftest import Service
from tests.web.conftest import ARTICLE, Newsroom, Visitor
from tests.web.desk import signed_in

Enter = Callable[..., Visitor]

# Each would set `window.hacked`, open a dialog or ask another host if anything of it ran or loaded.
PAYLOADS = (
    "<script>window.hacked=1;alert(1)</script>",
    "<img src=https://evil.example/x onerror=alert(1)>",
    "<svg onload=window.hacked=1>",
    "<svg><script>alert(1)</script></svg>",
    '"><script>window.hacked=1</script>',
    "'><img src=x onerror=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</template><script>alert(1)</script>",
    "<iframe src=javascript:alert(1)></iframe>",
    '<a href="javascript:alert(1)">click</a>',
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    '<meta http-equiv=refresh content="0;url=https://evil.example/">',
    "<base href=https://evil.example/>",
    "<form action=https://evil.example/><button>Submit comment</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<video src=https://evil.example/x onerror=alert(1)></video>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<x onclick=alert(1) style=position:fixed;inset:0>click",
    "{text} {0} {article_id.real} %s $html ${alert(1)} {{7*7}}",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;",
    "\u202e<script>alert(1)</script>",
)

# Markdown that must not become a live link or picture; what the page shows of it is Markdown's business.
MARKDOWN = (
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](data:text/html,<script>alert(1)</script>)",
    "[click](vbscript:x)",
    "![x](https://evil.example/x.png)",
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    '[x](https://ok.example/" onmouseover="alert(1))',
    "`<script>alert(1)</script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
)

WEBSITES = (
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)//https://ok.example",
    "data:text/html,<script>alert(1)</script>",
    'https://ok.example/"onmouseover="alert(1)',
    "https://ok.example/'><script>alert(1)</script>",
    "https://ok.example/%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "//evil.example",
)


def run_wild(page: Page) -> None:
    """Touch everything a comment could have hidden something in."""
    for comment in page.locator(".comment .text, .comment .author").all():
        comment.hover()
    assert page.evaluate("window.hacked") is None
    assert (
        page.locator(".comment :is(script, img, iframe, style, link, meta, base, form, input, video, svg)").count() == 0
    )
    attributes = page.evaluate(
        "[...document.querySelectorAll('.comment *')].flatMap(node => [...node.attributes])"
        ".filter(({name, value}) => name.startsWith('on') || name === 'style'"
        " || /^\\s*(javascript|data|vbscript):/i.test(value))"
        ".map(({name, value}) => name + '=' + value)",
    )
    assert attributes == []


def test_hostile_text_and_names_are_shown_as_typed(visitors: Enter, newsroom: Newsroom) -> None:
    typed = {newsroom.publish(payload, name=payload[:80]): payload for payload in reversed(PAYLOADS[:20])}
    page = visitors().open()
    for identity, payload in typed.items():
        comment = page.locator(f"#comment-{identity}")
        expect(comment.locator(".text")).to_have_text(payload, use_inner_text=False)
        assert comment.locator(".author").text_content() == payload[:80].strip()
    run_wild(page)


def test_the_rest_is_shown_as_typed_when_loaded_by_script(visitors: Enter, newsroom: Newsroom) -> None:
    typed = {newsroom.publish(payload): payload for payload in PAYLOADS}
    page = visitors().open()
    page.get_by_role("button", name="Load more comments").click()
    expect(page.locator(".thread > .comment")).to_have_count(len(PAYLOADS))
    for identity, payload in typed.items():
        expect(page.locator(f"#comment-{identity} .text")).to_have_text(payload)
    run_wild(page)


def test_markdown_makes_no_live_danger(visitors: Enter, newsroom: Newsroom) -> None:
    for payload in MARKDOWN:
        newsroom.publish(payload)
    page = visitors().open()
    expect(page.locator(".thread > .comment")).to_have_count(len(MARKDOWN))
    run_wild(page)
    links = page.locator(".comment .text a").evaluate_all("links => links.map(link => link.protocol)")
    assert set(links) <= {"https:", "http:"}


def test_a_website_is_refused_or_a_plain_web_link(visitors: Enter, service: Service, newsroom: Newsroom) -> None:
    for number, website in enumerate(WEBSITES):
        body = {"text": f"Visit number {number}.", "consent": True, "name": "Jo", "website": website}
        answer = service.request("POST", f"{ARTICLE}/comments", json=body)
        assert answer.status in {202, 422}
        if answer.status == 202:
            newsroom.decide(answer.json()["comment"]["id"], "approve")
    page = visitors().open()
    run_wild(page)
    links = page.locator(".comment .author a").evaluate_all("links => links.map(link => [link.origin, link.rel])")
    assert all(link == ["https://ok.example", "ugc nofollow noopener"] for link in links)


def test_an_author_sees_their_own_hostile_text_as_typed(visitors: Enter) -> None:
    page = visitors().open()
    page.get_by_label("Name").fill(PAYLOADS[1][:80])
    page.get_by_label("Comment", exact=True).fill(PAYLOADS[0])
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Submit comment").click()
    expect(page.locator(".comment.waiting .text")).to_have_text(PAYLOADS[0])
    expect(page.locator(".comment.waiting .author")).to_have_text(PAYLOADS[1][:80])
    run_wild(page)


def test_moderators_read_hostile_text_as_typed(visitors: Enter, newsroom: Newsroom) -> None:
    payloads = [*PAYLOADS, *MARKDOWN]
    newsroom.policy({"thresholds": {"hold": 5_000, "spam": 9_000}})  # or much of it is in the lane of spam
    for payload in payloads:
        newsroom.submit(payload, name=payload.partition("\n")[0][:80])
    page = signed_in(visitors(), newsroom)
    expect(page.get_by_role("article").first).to_be_visible()
    more = page.get_by_role("link", name="Show more")
    while more.is_visible():
        seen = page.get_by_role("article").count()
        more.click()
        expect(page.get_by_role("article").nth(seen)).to_be_visible()
    shown = page.locator(".card .text").evaluate_all("nodes => nodes.map(node => node.textContent)")
    assert sorted(shown) == sorted(item["comment"]["text"] for item in newsroom.waiting())
    assert set(shown) <= set(payloads)
    assert len(shown) > 10
    alive = ":is(script, img, iframe, style, link, meta, base, form, input, video, svg)"
    assert page.locator(f".card :is(.text, .name, .parent) {alive}").count() == 0
    assert page.evaluate("window.hacked") is None


def test_a_hostile_reply_to_is_no_markup(visitors: Enter) -> None:
    page = visitors().open("/?reply_to=%22%3E%3Cscript%3Ewindow.hacked%3D1%3C%2Fscript%3E")
    assert page.evaluate("window.hacked") is None
