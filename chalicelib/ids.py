"""Ids: of articles as they arrive, of comments and log entries as they sort by time."""

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_to_bytes

from pydantic import JsonValue

from chalicelib.errors import Invalid

ARTICLE_ID_BYTES = 512
ARTICLE_ID_SCHEMA: dict[str, JsonValue] = {
    "minLength": 1,
    "maxLength": ARTICLE_ID_BYTES,
    "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
}
"""An article id as JSON Schema can say it, which counts characters and knows no bytes."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32: sorts like the numbers it writes
_INVERSE = str.maketrans(_ALPHABET, _ALPHABET[::-1])
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""No order id is older."""
_MILLISECOND = timedelta(milliseconds=1)
_RANDOM_BITS = 42
_LENGTH = 18  # 48 bits of milliseconds and 42 random ones, 5 bits a letter


def article_id(segment: str) -> str:
    """Return the article id that one percent-encoded path segment stands for: the one place that decodes.

    Raises Invalid unless it is 1 to 512 bytes of UTF-8 without control characters.
    """
    if "%" in segment:
        try:
            segment = unquote_to_bytes(segment).decode("utf-8")
        except UnicodeDecodeError:
            raise Invalid("The article id is not UTF-8.") from None
    return checked_article_id(segment)


def checked_article_id(text: str) -> str:
    """Return the text when it can be an article id. Raises Invalid otherwise."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Invalid("The article id is not valid Unicode.") from None
    if not 1 <= size <= ARTICLE_ID_BYTES:
        raise Invalid(f"An article id has 1 to {ARTICLE_ID_BYTES} bytes of UTF-8; this one has {size}.")
    if any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in text):  # noqa: PLR2004 - C0, DEL, C1
        raise Invalid("An article id has no control characters.")
    return text


def base32(number: int, length: int) -> str:
    """Write a number in `length` letters that sort as numbers do."""
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (length - 1), -1, -5))


def order_id(at: datetime, randomness: int) -> str:
    """Return an id of 18 letters that sorts by time, to the millisecond, and then by the random number given."""
    milliseconds = (at - EARLIEST) // _MILLISECOND
    return base32(milliseconds << _RANDOM_BITS | randomness % (1 << _RANDOM_BITS), _LENGTH)


def order_time(order: str) -> datetime:
    """Return the time inside an order id."""
    number = 0
    for letter in order:
        number = number << 5 | _ALPHABET.index(letter)
    return EARLIEST + (number >> _RANDOM_BITS) * _MILLISECOND


def inverted(order: str) -> str:
    """Return the order id mirrored, so that the newest sorts first; its own inverse."""
    return order.translate(_INVERSE)
