from string import ascii_lowercase, ascii_uppercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from chalicelib.errors import ReaderTokenInvalid
from chalicelib.keyring import MAX_TOKEN, Keyring, mark, network
from chalicelib.settings import Secret

OLD, NEW = (Secret(kid=kid, key=SecretStr(kid * 32)) for kid in ("a1", "b2"))
TEXT = st.text(st.characters(codec="utf-8"), max_size=100)


@pytest.fixture
def keyring() -> Keyring:
    return Keyring([OLD])


def test_a_token_opens_for_its_purpose_and_context_only(keyring: Keyring) -> None:
    token = keyring.sign("cursor", "C#1~", "article")
    assert keyring.verify("cursor", token, "article") == "C#1~"
    assert keyring.verify("cursor", token, "another") is None
    assert keyring.verify("form", token, "article") is None


def test_no_bent_token_opens(keyring: Keyring) -> None:
    token = keyring.sign("cursor", "payload")
    kid, body, mac = token.split(".")
    bent = [token[:-1], token + "A", f"{kid}.{body}=.{mac}", f"{kid}.{body}.", f"x.{body}.{mac}", "", ".", "..", body]
    bent += [f"{kid}.{body[:-1]}.{mac}", f"{kid}.{body}A.{mac}", token.upper(), f"{kid}.ü.{mac}", "a" * 5000]
    bent += [token[:at] + ("A" if letter != "A" else "B") + token[at + 1 :] for at, letter in enumerate(token)]
    assert [text for text in bent if keyring.verify("cursor", text) is not None] == []


def test_a_reader_stays_who_they_are_when_a_new_key_is_put_in_front(keyring: Keyring) -> None:
    minted = keyring.mint(b"0" * 32)
    rotated = Keyring([NEW, OLD])
    known = rotated.reader(minted.token)
    assert (known.author, known.id, known.minted) == (minted.author, minted.id, False)
    assert rotated.rating_mark(known, "x") == keyring.rating_mark(minted, "x")
    with pytest.raises(ReaderTokenInvalid):
        Keyring([NEW]).reader(minted.token)


def test_marks_do_not_link_one_article_to_another(keyring: Keyring) -> None:
    ann = keyring.mint(b"1" * 32)
    marks = {keyring.rating_mark(ann, article) for article in ("x", "y")} | {ann.author, ann.id}
    assert len(marks) == 4
    assert keyring.mark("ab", "c") != keyring.mark("a", "bc")


def test_a_first_write_sent_again_mints_the_same_reader(keyring: Keyring) -> None:
    assert keyring.mint_for("net", "key") == keyring.mint_for("net", "key")
    assert keyring.mint_for("net", "key") != keyring.mint_for("net", "other")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("not an address", "not an address"),
    ],
)
def test_a_network_is_24_or_64_bits(address: str, expected: str) -> None:
    assert network(address) == expected


def other_spellings(token: str) -> list[str]:
    kid, body, mac = token.split(".")
    letters = ascii_uppercase + ascii_lowercase + digits + "-_"
    # The last letter of 32 bytes in base64 holds two bits that mean nothing: four spellings of one value.
    last = letters.index(mac[-1])
    sloppy = [mac[:-1] + letters[last - last % 4 + spare] for spare in range(4)]
    return [
        *(f"{kid}.{body}.{spelling}" for spelling in sloppy if spelling != mac),
        f"{kid}.{body}.{mac}=",
        f"{kid}.{body}\n.{mac}",
        f"{kid}. {body}.{mac}",
        f"{kid}.!{body}.{mac}",
        f" {token}",
        f"{token}\n",
    ]


def test_a_token_has_one_spelling(keyring: Keyring) -> None:
    token = keyring.sign("reader", "a")
    assert [text for text in other_spellings(token) if keyring.verify("reader", text) is not None] == []


@given(TEXT, TEXT, TEXT, TEXT, TEXT)
def test_any_payload_comes_back_and_only_where_it_belongs(
    purpose: str, context: str, payload: str, other: str, another: str
) -> None:
    keyring = Keyring([OLD])
    token = keyring.sign(purpose, payload, context)
    assert keyring.verify(purpose, token, context) == payload
    assert (purpose, context) == (other, another) or keyring.verify(other, token, another) is None


def test_a_token_under_one_key_is_none_under_another(keyring: Keyring) -> None:
    token = keyring.sign("reader", "a")
    assert Keyring([NEW, OLD]).verify("reader", token) == "a"
    assert Keyring([NEW, OLD]).verify("reader", token.replace("a1.", "b2.", 1)) is None
    assert keyring.verify("cursor", keyring.sign("cursor", "x" * MAX_TOKEN)) is None


def test_a_comment_is_known_by_who_says_what_where(keyring: Keyring) -> None:
    ann, ben = keyring.mint(b"ann"), keyring.mint(b"ben")
    said = [
        (ann, "x", None, "words"),
        (ben, "x", None, "words"),
        (ann, "y", None, "words"),
        (ann, "x", "parent", "words"),
        (ann, "x", None, "others"),
    ]
    ids = [keyring.comment_id(*words) for words in said]
    assert len(set(ids)) == len(ids)
    rotated = Keyring([NEW, OLD])
    assert rotated.comment_id(rotated.reader(ann.token), "x", None, "words") == ids[0]


@given(st.lists(TEXT, min_size=1, max_size=3), st.lists(TEXT, min_size=1, max_size=3))
def test_marks_differ_when_their_parts_do(one: list[str], other: list[str]) -> None:
    assert (mark(b"key", *one) == mark(b"key", *other)) == (one == other)
    assert mark(b"key", *one) != mark(b"another", *one)
