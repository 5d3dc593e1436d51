"""Desk: how soon the first card of a queue of 10,000 is on the screen, and what its page asks of the table.

Opens the moderator page in Chromium, turn by turn over a queue of 10 comments and over one of 10,000, and reads from
the browser when the first card was painted. Calls are counted at the client, from the request for the page to its
answer; the numbers of the trays are another request, which the page sends afterwards.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from shutil import which
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.command import Found, options, run, table
from bench.filling import fill_queue, stop_stream
from bench.meter import Consumed, metered
from bench.timing import Spread
from bench.workbench import Workbench, open_workbench
from tools import terminal
from tools.wsgi_server import serving

SIZES = (10, 10_000)
ROUNDS = 7
BUDGET_MS = 1000
NO_BROWSER = 2
ARTICLE = "https://site.example/desk"

_PAINTED = """() => new Promise(resolve => {
  const seen = new PerformanceObserver(list => {
    const card = list.getEntries().find(entry => entry.element?.closest('article.card'));
    if (card) { seen.disconnect(); resolve(card.startTime); }
  });
  seen.observe({type: 'largest-contentful-paint', buffered: true});
  setTimeout(() => resolve(-1), 10000);
})"""
"""Milliseconds from the start of the navigation until something of a card was painted: a text of 500 characters is the
largest thing on the page."""


def main() -> int:
    """Measure and print."""
    parser = options("desk", __doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="how many wait, separated by commas")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each page is opened")
    chosen = parser.parse_args()
    browser = os.environ.get("CHROME_PATH") or which("chromium") or which("chromium-browser") or which("google-chrome")
    if browser is None:
        sys.stderr.write("There is no Chromium: install one, or set CHROME_PATH.\n")
        return NO_BROWSER
    sizes = [int(size) for size in chosen.sizes.split(",")]
    return run(lambda endpoint: measure(endpoint, browser, sizes, chosen.rounds), report, as_json=chosen.json)


def measure(endpoint: str, browser: str, sizes: Sequence[int], rounds: int) -> Found:
    """Open each queue so many times, turn by turn."""
    with ExitStack() as stack:
        bench = stack.enter_context(open_workbench(endpoint))
        stop_stream(bench)
        desks = {size: bench.at(f"desk-{size}") for size in sizes}
        _fill(desks)
        consumed = {size: _consumed(desk) for size, desk in desks.items()}
        playwright = stack.enter_context(sync_playwright())
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        stack.callback(opened.close)
        pages = {size: _sign_in(stack, opened, desk) for size, desk in desks.items()}
        painted: dict[int, list[int]] = {size: [] for size in sizes}
        with terminal.progress() as shown:
            task = shown.add_task("Opening", total=rounds * len(sizes), unit="pages")
            for _ in range(rounds):
                for size, page in pages.items():
                    page.reload()
                    painted[size].append(round(page.evaluate(_PAINTED) * 1_000_000))
                    shown.advance(task)
    return Found(figures=_figures(painted, consumed), how=_how(painted, consumed, rounds))


def _fill(desks: Mapping[int, Workbench]) -> None:
    with terminal.progress() as shown:
        task = shown.add_task("Filling", total=sum(desks), unit="comments")
        for size, desk in desks.items():
            fill_queue(desk, ARTICLE, size, lambda done: shown.update(task, advance=done))


def _consumed(desk: Workbench) -> Consumed:
    """Return what the page of the queue asks of the table, in a process that knows nothing yet."""
    with metered(desk.client) as meter, meter.reading() as consumed:
        desk.owner.answer(desk.owner.request("GET", "/admin"))
    return consumed


def _sign_in(stack: ExitStack, browser: Browser, desk: Workbench) -> Page:
    port = stack.enter_context(serving(desk.gateway))
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"http://127.0.0.1:{port}/admin")
    page.get_by_label("Your moderator token").fill(desk.owner.headers["Authorization"].removeprefix("Bearer "))
    page.get_by_role("button", name="Sign in").click()
    page.locator("article.card").first.wait_for()
    return page


def _figures(painted: Mapping[int, Sequence[int]], consumed: Mapping[int, Consumed]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for size, each in consumed.items():
        figures[f"first_card_ms_{size}"] = Spread.of(painted[size]).median
        figures[f"desk_queries_{size}"] = each.calls.count("Query")
        figures[f"desk_calls_{size}"] = len(each.calls)
        figures[f"desk_rru_{size}"] = each.read
    medians = [Spread.of(times).median for times in painted.values()]
    figures["first_card_ratio"] = round(max(medians) / min(medians), 3)
    return figures


def _how(painted: Mapping[int, Sequence[int]], consumed: Mapping[int, Consumed], rounds: int) -> dict[str, Any]:
    return {
        "engine": "dynoxide, in another process; without its stream",
        "page": "/admin, twenty cards of 500 ASCII characters, in Chromium at 1280 by 900, loaded anew each time",
        "first card": (
            "milliseconds from the start of the navigation until something of a card was painted, by the browser's own "
            f"largest-contentful-paint; the median of {rounds} rounds, in each of which every size has its turn"
        ),
        "calls": {str(size): each.calls for size, each in consumed.items()},
        "spread": {str(size): asdict(Spread.of(times)) for size, times in painted.items()},
    }


def report(found: Found) -> str:
    """Return the figures as a Markdown table."""
    figures, how = found["figures"], found["how"]
    rows = [
        [
            size,
            f"{figures[f'first_card_ms_{size}']:.0f}",
            f"{figures[f'desk_queries_{size}']:.0f}",
            ", ".join(how["calls"][size]),
            f"{figures[f'desk_rru_{size}']:g}",
        ]
        for size in how["spread"]
    ]
    head = ["waiting", f"first card, ms (budget {BUDGET_MS})", "Queries", "calls", "read units"]
    return "\n".join([*table(head, rows), "", *(f"{name}: {words}." for name, words in list(how.items())[:3])])


if __name__ == "__main__":
    sys.exit(main())
