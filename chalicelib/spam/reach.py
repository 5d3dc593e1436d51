"""Reach: the ways that a comment names to get hold of somebody: phone numbers, addresses, messengers."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.spam.author import host, host_name
from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Span
from chalicelib.spam.lexicon import TEXTS, Place
from chalicelib.spam.reading import Reading

CHATS = frozenset(["wa.me", "t.me", "telegram.me", "chat.whatsapp.com", "api.whatsapp.com", "signal.me", "discord.gg"])
FEWEST_DIGITS = 9
MOST_DIGITS = 14
"""Digits of a phone number with its country, as ITU-T E.164 has it."""
_WIDEST_GAP = 3
_GROUPED = 2
_LOCAL_DIGITS = 10
_FREE = ("0800", "0808", "0300", "0303", "0345", "116", "1800273")
"""How numbers begin that only public services and charities have."""
_NOT_OF_PHONES = frozenset("/,:")
_MOST = 20
_BEHIND = 3


@dataclass(frozen=True, slots=True)
class Reach:
    """What was found, as typed."""

    phones: tuple[Span, ...]
    emails: tuple[Span, ...]
    handles: tuple[Span, ...]
    chats: tuple[Span, ...]
    """Links that open a messenger."""
    channels: tuple[Span, ...]
    """Names of messengers."""
    invitations: tuple[Span, ...]
    others: tuple[Span, ...]
    """Invitations to get hold of a third person: a doctor, a trader, a lender."""

    @property
    def addresses(self) -> tuple[Span, ...]:
        """Where somebody can be reached: a number, an address, or a handle beside a messenger's name."""
        return (*self.phones, *self.emails, *self.chats, *(self.handles if self.channels else ()))

    @property
    def any(self) -> bool:
        return bool(self.addresses or self.invitations or self.others)


def reach(submission: Submission) -> Reach:
    """Return the ways to get hold of somebody that a comment names."""
    reading = submission.reading
    found = TEXTS.find(reading.words)
    return Reach(
        phones=tuple(phones(reading)) if reading.numbers else (),
        emails=tuple(span for _, span in reading.emails[:_MOST]),
        handles=(*(span for _, span in reading.handles[:_MOST]), *_called(reading, found.get("channel", ()))),
        chats=tuple(span for link, span in reading.links[:_MOST] if host_name(link) in CHATS),
        channels=spans(reading, found.get("channel", ())),
        invitations=spans(reading, found.get("invite", ())),
        others=spans(reading, found.get("contact.third", ())),
    )


def spans(reading: Reading, places: tuple[tuple[int, int], ...]) -> tuple[Span, ...]:
    """Return where phrases were typed, the first of many only."""
    return tuple(reading.span(*place) for place in places[:_MOST])


def shops(reading: Reading) -> tuple[tuple[str, Span], ...]:
    """Return the links whose host gives away that something is sold there."""
    return tuple((link, span) for link, span in reading.links[:_MOST] if host(host_name(link)).commercial)


def _called(reading: Reading, channels: tuple[Place, ...]) -> Iterator[Span]:
    """Yield the names that stand behind a messenger's, as `wickr: mira_sun9`: of letters with digits or a line."""
    for _, last in channels[:_MOST]:
        for at in range(last + 1, min(last + 1 + _BEHIND, len(reading.words))):
            word = reading.words[at]
            if "_" in word.strip("_") or (word.isalnum() and not word.isalpha() and not word[0].isdigit()):
                yield reading.places[at]


def phones(reading: Reading) -> Iterator[Span]:
    """Yield where phone numbers stand that are not those of public services."""
    run: list[tuple[str, Span]] = []
    count = 0
    for number, span in reading.numbers:
        if run and not _goes_on(reading.text, run[-1][1][1], span[0], number):
            if _is_phone(run):
                yield run[0][1][0], run[-1][1][1]
                count += 1
            run = []
        if not _NOT_OF_PHONES.isdisjoint(number):
            continue
        run.append((number, span))
        if count == _MOST:
            return
    if run and _is_phone(run):
        yield run[0][1][0], run[-1][1][1]


def _goes_on(text: str, end: int, start: int, number: str) -> bool:
    return start - end <= _WIDEST_GAP and not number.startswith("+") and not text[end:start].strip(" -.()\u00a0")


def _is_phone(run: list[tuple[str, Span]]) -> bool:
    if len(run) > MOST_DIGITS:
        return False
    typed = " ".join(number for number, _ in run)
    digits = "".join(filter(str.isdigit, typed))
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS or digits.startswith(_FREE):
        return False
    grouped = len(typed.replace("-", " ").replace(".", " ").replace(")", " ").split()) > _GROUPED
    return typed.startswith(("+", "0")) or (grouped and len(run[0][0]) > 1) or len(digits) == _LOCAL_DIGITS
