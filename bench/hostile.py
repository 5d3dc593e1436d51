"""Judge 10,000 random, long and hostile texts, and count what raises, takes long or goes unexplained.

The texts are the same every time: pieces of spam and of people's sentences, letters of every script, the endings and
beginnings that patterns look for again and again, texts that grow, words that collide, all up to 10,000 characters.
"""

import json
import logging
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bench.command import Found, options, table
from chalicelib.spam import Verdict, judge, outside
from chalicelib.spam.evidence import Submission

COUNT = 10_000
LONGEST = 10_000
ROUNDS = 3
"""A verdict that took long is asked for again: a machine that others use makes any of them late, now and then."""
SUSPECTED = 0.025
UNITS = (
    *("a", "a.", "@a", "1", "\u00e9", "\u0301", "e\u0301\u200b", "\u043f", "\u85ac", "\U0001f600", "\u202e"),
    *("[url=", "[url=x]", "<a href=", "<a href=x>", "</a>", "](", "[](", "[x](http://", "http://", "www.", "a.com "),
    *("b u y ", "v1@gra ", "I ", "1.1", "+1 555 ", "(", ")", "a@a.", "a@b.co ", "@abc", "#tag ", "x\n", "0x", "''"),
    *("buy now ", "no prescription ", "I want to die ", "dr ", "contact whatsapp ", "a\u200bb", "\uff41", "\ufdfa"),
    *("\u2019s ", "\U0001d51e", "\ud800", "\u00ad", "&#118;", "-", "_", "\n", "!"),
)
PIECES = (
    *("buy", "now", "http://x.top/", "I", "took", "20", "tablets", "\u200b", "é", "薬", "<b>", "[url]", "!!!", "@x"),
    *("\n", "…", "💊", "+1 555 0100", "you", "die", "stop", "my", "doctor", "v i a g r a", "ca$h", "t.me/x", "a.b.c.d"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge and print; return the exit code."""
    parser = options("hostile", __doc__)
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many texts (default: {COUNT:,})")
    chosen = parser.parse_args(arguments)
    logging.disable(logging.ERROR)  # a check that fails is counted
    found = measure(chosen.count)
    sys.stdout.write((json.dumps(found, indent=2) if chosen.json else report(found)) + "\n")
    return 0


def measure(count: int) -> Found:
    """Return what became of so many texts."""
    judge(outside({"text": "warm"}))
    figures = {"texts": 0.0, "exceptions": 0, "checks_failed": 0, "spans_outside": 0, "unexplained": 0}
    slowest, whose = 0.0, ""
    for submission in submissions(count):
        figures["texts"] += 1
        try:
            spent, verdict = timed(submission)
        except Exception:  # noqa: BLE001 - that is what is counted
            figures["exceptions"] += 1
            continue
        if spent > slowest:
            slowest, whose = spent, submission.text
        figures["checks_failed"] += any("failed" in finding.message for finding in verdict.findings)
        figures["spans_outside"] += not spans_are_inside(verdict, submission)
        figures["unexplained"] += not is_explained(verdict)
        if sys.stderr.isatty() and figures["texts"] % 200 == 0:
            sys.stderr.write(f"\r{figures['texts']:,.0f} of {count:,}")
    how = {
        "slowest": f"CPU of judge(), the least of {ROUNDS} goes where the first took over {1000 * SUSPECTED:.0f} ms",
        "slowest_begins": ascii(whose[:40]),
    }
    return Found(figures={**figures, "slowest_ms": round(1000 * slowest, 1)}, how=how)


def timed(submission: Submission) -> tuple[float, Verdict]:
    """Return the seconds of CPU that a verdict takes, and the verdict."""
    spent, verdict = _once(submission)
    for _ in range(ROUNDS - 1 if spent > SUSPECTED else 0):
        spent = min(spent, _once(submission)[0])
    return spent, verdict


def _once(submission: Submission) -> tuple[float, Verdict]:
    fresh = replace(submission)  # a submission keeps what was read of it
    start = time.process_time()
    verdict = judge(fresh)
    return time.process_time() - start, verdict


def spans_are_inside(verdict: Verdict, submission: Submission) -> bool:
    """Tell whether all that is marked lies in the text."""
    size = len(submission.text)
    return all(0 <= start < end <= size for finding in verdict.findings for start, end in finding.spans)


def is_explained(verdict: Verdict) -> bool:
    """Tell whether a comment that is not published has a reason in words."""
    speaking = [finding for finding in verdict.findings if finding.points > 0 or finding.lane]
    return verdict.outcome == "publish" or (bool(speaking) and all(finding.message for finding in speaking))


def submissions(count: int) -> Iterator[Submission]:
    """Yield so many comments, the same every time; a third of them as long as can be."""
    chance = random.Random(5)  # noqa: S311 - the same every time
    makers = (_again, _pieces, _letters, _nested, _grown)
    for number in range(count):
        size = LONGEST if number % 3 == 0 else chance.randint(0, 400)
        text = makers[number % len(makers)](chance, size)[:LONGEST]
        others = {
            name: makers[chance.randrange(len(makers))](chance, chance.randint(0, 60))
            for name in ("author", "email", "url")
            if chance.random() < 1 / 3
        }
        yield outside({"text": text, **others})


Maker = Callable[[random.Random, int], str]


def _again(chance: random.Random, size: int) -> str:
    """One to three units again and again."""
    unit = "".join(chance.choice(UNITS) for _ in range(chance.randint(1, 3)))
    return unit * (size // len(unit) + 1)


def _pieces(chance: random.Random, size: int) -> str:
    return " ".join(chance.choice(PIECES) for _ in range(size // 4))


def _letters(chance: random.Random, size: int) -> str:
    """Letters of one block of Unicode, or of all."""
    start = chance.randrange(0x11_00)
    return "".join(
        chr(start * 256 + chance.randrange(256)) if number % 5 else chr(chance.choice([32, 10, 46, 64]))
        for number in range(size)
    )


def _nested(chance: random.Random, size: int) -> str:
    """What opens, so often, then what closes it."""
    opens, closes = chance.choice([("[url=x]", "[/url]"), ("<a href=x>", "</a>"), ("(", ")"), ("[", "](http://x.y)")])
    times = size // (len(opens) + len(closes)) + 1
    return opens * times + closes * times


def _grown(chance: random.Random, size: int) -> str:
    """Words that are each a little longer than the last, of two letters."""
    first, second = chance.choice("aIv1\u00e9\u85ac\u0430@"), chance.choice(" .-_\u200bx")
    made, length, total = list[str](), 1, 0
    while total < size:
        made.append(first * length + second)
        total, length = total + length + 1, length + chance.randint(0, 1)
    return "".join(made)


def report(found: Found) -> str:
    """Return the figures as a table."""
    return "\n".join(table(["figure", "value"], [[name, f"{value:,}"] for name, value in found["figures"].items()]))


if __name__ == "__main__":
    sys.exit(main())
