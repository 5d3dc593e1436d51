"""Person: finds what speaks for a person: own experience, a question, an answer to somebody, and nothing to sell."""

import re

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.reading import Reading

EXPERIENCE = -6
QUESTION = -4
ANSWER = -5
"""Together at most -15: a liar can do all of it."""

_LEAST_FIRST = 2
_SHARE_OF_WORDS = 20
_PHONE = 9
_APART = 3

# "I" and "my" in the languages that comments of this kind come in; the longest text needs no more than these.
_FIRST = frozenset(
    (  # noqa: SIM905 - as a list, one to a line, nobody would read them
        "i i'm i've i'd i'll im ive my me mine myself we our us ich mir mich mein meine meiner meinem meinen wir "
        "uns je j'ai j'avais j'étais moi mon ma mes m'a nous notre yo mi mis conmigo tengo tomo estoy llevo nos "
        "io mio mia miei ho sono eu meu minha estou tenho ja mnie mam moja mój jestem ik mij mijn jag mig min "
        "jeg meg benim bana я мне меня мой моя мы нас мені мене мій"
    ).split()
)
_PRICE = re.compile(r"[$£€₹₽¥₺₴]\s?\d|\d\s?[$£€₹₽¥₺₴]")
_PRICE_SIGNS = frozenset("$£€₹₽¥₺₴")
_ASKS = "?？؟"


def person(submission: Submission) -> Finding | None:
    """Find own experience, a question and an answer, in a comment that has no link, contact or price."""
    reading = submission.reading
    if submission.website or _sells(submission.text, reading):
        return None
    found = {
        "tells of own experience": EXPERIENCE if _is_own(reading) else 0,
        "asks something": QUESTION if any(sign in submission.text for sign in _ASKS) else 0,
        "answers somebody": ANSWER if submission.facts.answers or _names_another(submission.text) else 0,
    }
    said = [words for words, points in found.items() if points]
    if not said:
        return None
    *first, last = said
    listed = f"{', '.join(first)} and {last}" if first else last
    return Finding("person", sum(found.values()), f"The author {listed}, and has nothing to sell.")


def _is_own(reading: Reading) -> bool:
    first = sum(map(_FIRST.__contains__, reading.words))
    return first >= _LEAST_FIRST and _SHARE_OF_WORDS * first >= len(reading.words)


def _names_another(text: str) -> bool:
    """Tell whether the text begins with the one it answers: "@Jo"."""
    return text.startswith("@") and text[1:2].isalpha()


def _sells(text: str, reading: Reading) -> bool:
    """Tell whether there is a link, a mail address, a phone number, a price or a name at another service."""
    if reading.links or reading.emails or reading.disguised or any(start for _, (start, _) in reading.handles):
        return True
    if _is_called(reading):
        return True
    return not _PRICE_SIGNS.isdisjoint(text) and bool(_PRICE.search(text))


def _is_called(reading: Reading) -> bool:
    """Tell whether there is a phone number, in one piece or in several: doses and years have fewer digits."""
    end, digits = -_APART, 0
    for number, (start, stop) in reading.numbers:
        digits = sum(map(str.isdigit, number)) + (digits if start - end < _APART else 0)
        if digits >= _PHONE:
            return True
        end = stop
    return False
