"""Signed tokens and keyed marks: what proves that a text is ours, and what stands for a person without naming one.

A token is `{kid}.{payload}.{mac}`: base64url, HMAC-SHA256, bound to a purpose and a context, so a token for
one purpose is worthless for another. A mark is an HMAC in 26 letters; without the key it leads back to nobody.
"""

import hashlib
import hmac
import ipaddress
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.errors import ReaderTokenInvalid
from chalicelib.ids import base32
from chalicelib.settings import Secret

MAX_TOKEN = 2048
_MARK_LETTERS = 26  # 130 bits, of which 128 are the HMAC's


def _mac(key: bytes, *parts: str) -> bytes:
    # JSON keeps the borders between the parts: ("ab", "c") and ("a", "bc") differ.
    message = json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()
    return hmac.new(key, message, hashlib.sha256).digest()


def _letters(digest: bytes) -> str:
    return base32(int.from_bytes(digest[:16], "big"), _MARK_LETTERS)


def mark(key: bytes, *parts: str) -> str:
    """Return the keyed mark of some texts: 26 letters, the same for the same key and texts."""
    return _letters(_mac(key, *parts))


def network(address: str) -> str:
    """Return the network an address lies in, /24 for IPv4 and /64 for IPv6; unparsable text is its own network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    bits = 24 if parsed.version == 4 else 64  # noqa: PLR2004 - the IP version
    return str(ipaddress.ip_network((parsed, bits), strict=False))


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader: a random id minted by us, and the marks derived from it."""

    token: str
    author: str
    """Keyed mark that ties a reader's comments together, for moderators."""
    minted: bool
    """True when the token is new and the answer has to carry it."""
    kid: str
    id: str


class Keyring:
    """The deployment's signing keys: the first signs, all verify.

    Marks hang on the key that signed the reader's token, so they stay the same when a new key is put in front.
    """

    def __init__(self, secrets: Sequence[Secret]) -> None:
        self._keys = {secret.kid: secret.key.get_secret_value().encode() for secret in secrets}
        self._kid = secrets[0].kid

    def sign(self, purpose: str, payload: str, context: str = "") -> str:
        """Return a token that holds the payload, readable by all, forgeable by none."""
        body = urlsafe_b64encode(payload.encode()).decode().rstrip("=")
        mac = _mac(self._keys[self._kid], "token", purpose, context, payload)
        return f"{self._kid}.{body}.{urlsafe_b64encode(mac).decode().rstrip('=')}"

    def opened(self, purpose: str, token: str, context: str = "") -> tuple[str, str] | None:
        """Return (key id, payload) of a token of ours for this purpose and context, None for any other text."""
        kid, _, rest = token.partition(".")
        body, _, given = rest.partition(".")
        key = self._keys.get(kid)
        if key is None or len(token) > MAX_TOKEN or not token.isascii():
            return None
        try:
            payload = urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
        except ValueError:
            return None
        canonical = urlsafe_b64encode(payload.encode()).decode().rstrip("=")
        expected = urlsafe_b64encode(_mac(key, "token", purpose, context, payload)).decode().rstrip("=")
        if body != canonical or not hmac.compare_digest(given, expected):
            return None
        return kid, payload

    def verify(self, purpose: str, token: str, context: str = "") -> str | None:
        """Return the payload of a token of ours for this purpose and context, None for any other text."""
        found = self.opened(purpose, token, context)
        return found[1] if found else None

    def mark(self, *parts: str) -> str:
        """Return a keyed mark under the first key, for what lives a day or less."""
        return mark(self._keys[self._kid], "mark", *parts)

    def secret(self, *parts: str) -> bytes:
        """Return 32 bytes that follow from these texts and the first key, and that nobody finds without the key."""
        return _mac(self._keys[self._kid], "secret", *parts)

    def mint(self, seed: bytes) -> Reader:
        """Return a new reader whose id comes from 16 or more bytes of randomness."""
        reader = _letters(hashlib.sha256(seed).digest())
        return self._reader(self.sign("reader", reader), self._kid, reader, minted=True)

    def mint_for(self, *parts: str) -> Reader:
        """Return the new reader that belongs to these texts: a retried first write mints the same one again."""
        return self.mint(_mac(self._keys[self._kid], "mint", *parts))

    def reader(self, token: str) -> Reader:
        """Return the reader a token names. Raises ReaderTokenInvalid when it is none of ours."""
        found = self.opened("reader", token)
        if found is None:
            raise ReaderTokenInvalid("The reader token does not verify. Leave the header out to get a new one.")
        return self._reader(token, *found, minted=False)

    def _reader(self, token: str, kid: str, reader: str, *, minted: bool) -> Reader:
        author = mark(self._keys[kid], "author", reader)
        return Reader(token=token, author=author, minted=minted, kid=kid, id=reader)

    def rating_mark(self, reader: Reader, article: str) -> str:
        """Return whose rating it is: not linkable from one article to another."""
        return mark(self._keys[reader.kid], "rating", reader.id, article)

    def comment_mark(self, reader: Reader, kind: str, comment_id: str) -> str:
        """Return whose vote or report it is (`kind`): not linkable from one comment to another."""
        return mark(self._keys[reader.kid], kind, reader.id, comment_id)

    def comment_id(self, reader: Reader, article: str, parent: str | None, normal_text: str) -> str:
        """Return the id of what this reader says here: the same words in the same place have the same id."""
        return mark(self._keys[reader.kid], "comment", reader.id, article, parent or "", normal_text)


def seconds(at: datetime) -> int:
    """Return whole seconds since 1970."""
    return int(at.timestamp())
