import pytest
from pydantic import SecretStr

from chalicelib.errors import ReaderTokenInvalid
from chalicelib.keyring import Keyring, network
from chalicelib.settings import Secret

OLD, NEW = (Secret(kid=kid, key=SecretStr(kid * 32)) for kid in ("a1", "b2"))


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
