"""Sender: finds a name that is a trade instead of a person, a website or an email address that sells."""

from collections.abc import Iterator

from chalicelib.spam.author import Author, author, host
from chalicelib.spam.disposable import is_disposable
from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding

KEYWORD = 15
"""For a name with one word of a trade in it, and nothing of a person."""
PHRASE = 30
"""For a name with several."""
CARRIED = 10
"""Added to a trade's sign when the website's host carries two words of the name, or one of a trade's name.

People, clubs and universities have a website called like them too."""
SELLS = 15
"""For a website with a trade's word in its host."""
CHEAP = 10
"""For a website with an ending that throw-away sites have."""
BUSINESS = 15
"""Added to a trade's sign for an email address at the website's own domain."""
MAIL_SELLS = 15
"""For an email address at a domain that has a trade's word or such an ending, when there is no website."""
DISPOSABLE = 20
"""For an email address that is lent for an hour."""
MOST = 60
"""Who sends it is never all that speaks against a comment."""
_CARRIED_WORDS = 2

Sign = tuple[int, str]


def sender(submission: Submission) -> Finding | None:
    """Find a name that is a trade, a website or email domain that sells or is the name's, a disposable address."""
    who = author(submission)
    signs = [*_of_the_name(who), *_of_the_website(who), *_of_the_email(who)]
    if not signs:
        return None
    return Finding(
        "sender",
        min(sum(points for points, _ in signs), MOST),
        f"The sender: {'; '.join(words for _, words in signs)}.",
        without="the website" if who.website else None,
    )


def _of_the_name(who: Author) -> Iterator[Sign]:
    if who.is_trade:
        named = ", ".join(f'"{word}"' for word in who.keywords[:3] or who.words[:3])
        yield (
            PHRASE if len(who.keywords) > 1 else KEYWORD,
            f"the name is what people search for, not a person's ({named})",
        )
    if who.has_shop and (len(who.in_host) >= _CARRIED_WORDS or (who.in_host and who.is_trade)):
        yield CARRIED, "the website is called like the name"


def _of_the_website(who: Author) -> Iterator[Sign]:
    if not who.website:
        return
    site = host(who.website)
    if site.word:
        yield SELLS, f'the website\'s name has "{site.word}" in it'
    if site.cheap:
        yield CHEAP, f"the website ends in .{who.website.rpartition('.')[2]}"
    if who.has_shop and who.is_own_domain:
        yield BUSINESS, "the email address is at the website's own domain"


def _of_the_email(who: Author) -> Iterator[Sign]:
    if not who.domain:
        return
    if is_disposable(who.domain):
        yield DISPOSABLE, "the email address is from a service that lends them for an hour"
    elif not who.website and host(who.domain).commercial:
        yield MAIL_SELLS, f'the email address is at "{who.domain}", where something is sold'
