import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.text import (
    MARKS_IN_A_ROW,
    bad_character,
    bad_line_character,
    fingerprint,
    is_blank,
    mapped,
    normal,
)

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)  # lone surrogates too
KNOTTY = st.text(
    "aA \xdf\u0130\u0345\u0301\u0316\u0344\u034f\u200b\xa8\u3000\n\u1100\u1161\u11a8\uff76\uff9e\ufdfa\U0001f468\u200d"
)


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("", ""),
        ("  Hello \t\r\n  World ", "hello world"),
        ("\uff22\uff41\uff43\uff4c\uff4f\uff46\uff45\uff4e", "baclofen"),
        ("ba\u200bclo\u00adfen", "baclofen"),
        ("\u202ebaclofen\u202c\u2066!\u2069", "baclofen!"),
        ("Stra\u00dfe", "strasse"),
        ("e\u0301", "\u00e9"),
        ("e\u200d\u0301", "\u00e9"),
        ("\u0391\u03a3", "\u03b1\u03c3"),
        ("\u03b1\u03c2", "\u03b1\u03c3"),
        ("БАКЛОФЕН", "баклофен"),
        ("ﾊﾞｸﾛﾌｪﾝ", "バクロフェン"),
        ("\u1107\u1161\u11a8", "\ubc15"),
        ("a\u00a0\u3000b", "a b"),
        ("\x00a\x07b\x9f", "ab"),
        ("\u2764\ufe0f", "\u2764"),
        ("\ud800", "\ud800"),
    ],
)
def test_the_normal_form_forgets_how_a_text_was_written(typed: str, form: str) -> None:
    assert normal(typed) == form


@given(ANY | KNOTTY)
@example("\u0344" * 40)
def test_the_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    assert normal(normal(text)) == normal(text)


def test_the_normal_form_of_every_character_is_stable() -> None:
    changing = [
        letter
        for letter in map(chr, range(sys.maxunicode + 1))
        if unicodedata.normalize("NFKD", letter).casefold() != letter or unicodedata.category(letter)[0] == "M"
    ]
    texts = [text for letter in changing for text in (letter, f"a{letter}\u0345\u0316", f"\u0301{letter}")]
    assert [text for text in texts if normal(normal(text)) != normal(text)] == []


def test_every_format_character_is_invisible() -> None:
    seen = [
        f"{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) == "Cf" and normal(f"a{chr(code)}b") != "ab"
    ]
    assert seen == []


def test_no_letter_keeps_more_marks_than_any_script_needs() -> None:
    text = "a" + "\u0316" * 5000 + "b" + "\u0316" * MARKS_IN_A_ROW
    assert normal(text) == "a" + "\u0316" * MARKS_IN_A_ROW + "b" + "\u0316" * MARKS_IN_A_ROW


@given(ANY | KNOTTY)
def test_the_mapped_form_is_the_normal_form_and_leads_back(text: str) -> None:
    form = mapped(text)
    assert form.text == normal(text)
    assert len(form.typed) == len(form.text)
    assert all(0 <= start < end <= len(text) for start, end in form.typed)
    assert list(form.typed) == sorted(form.typed)


def test_a_span_of_the_normal_form_is_found_in_the_text_as_typed() -> None:
    typed = "I took  BA\u200bCLOFE\u0301N\u200b today"
    form = mapped(typed)
    start = form.text.index("baclof")
    begin, end = form.span(start, start + len("baclof\u00e9n"))
    assert typed[begin:end] == "BA\u200bCLOFE\u0301N\u200b"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Great article, thanks!", "great  ARTICLE thanks"),
        ("Gre\u200bat article", "Great article."),
        ("10mg of Baclofen", "10 mg of baclofen"),
        ("Спасибо, доктор!", "спасибо доктор"),
    ],
)
def test_texts_that_differ_only_in_dress_have_one_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10 mg", "20 mg"),
        ("\u0915\u093e\u092e", "\u0915\u092e"),
        ("\U0001f600", "\U0001f622"),
        ("!!!", "???"),
        ("", "!"),
        ("\ud800", "\udc00"),
    ],
)
def test_different_texts_have_different_fingerprints(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_a_fingerprint_is_64_hex_digits() -> None:
    assert len(fingerprint("")) == 64
    assert int(fingerprint("薬"), 16) > 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "\u200b\u200d",
        "\u00a0\u3000\u2028",
        "\u0301",
        " \u0301\u20dd",
        "\u3164\u115f",
        "\u2800",
        "\u00ad\ufe0f",
        "\x00",
    ],
)
def test_a_text_that_shows_nothing_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", ".", "薬", "\U0001f600", "\u200ba", "\u0301x", "\u0627\u0301", "1\ufe0f\u20e3"])
def test_a_text_that_shows_something_is_not_blank(text: str) -> None:
    assert not is_blank(text)


@given(ANY)
def test_a_text_whose_normal_form_has_a_letter_is_not_blank(text: str) -> None:
    if any(letter.isalnum() for letter in normal(text)):
        assert not is_blank(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a\x00b", "U+0000"),
        ("\x0b", "U+000B"),
        ("\x1f", "U+001F"),
        ("\x7f", "U+007F"),
        ("\x80", "U+0080"),
        ("\x9f", "U+009F"),
        ("\ud800", "U+D800"),
        ("fine \udfff", "U+DFFF"),
        ("\x01\x02", "U+0001"),
    ],
)
def test_a_bad_character_is_named(text: str, name: str) -> None:
    assert name in (bad_character(text) or "")
    assert name in (bad_line_character(text) or "")


@pytest.mark.parametrize(
    "text", ["", "a b", "\xa0", "\U0001f600", "\ud7ff\ue000", "\ufffe", "\u0915\u094d\u200d\u0937"]
)
def test_a_text_of_ordinary_characters_is_taken(text: str) -> None:
    assert bad_character(text) is None
    assert bad_line_character(text) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [("a\nb", "line"), ("a\r", "line"), ("a\u2028b", "line"), ("\u2029", "line"), ("a\tb", "tab")],
)
def test_a_single_line_has_no_line_breaks_or_tabs(text: str, word: str) -> None:
    assert bad_character(text) is None
    assert word in (bad_line_character(text) or "")


@given(ANY)
def test_what_is_taken_can_be_written_as_utf8(text: str) -> None:
    if bad_character(text) is None:
        assert text.encode().decode() == text
