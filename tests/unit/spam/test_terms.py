import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.spam import Facts, Term
from chalicelib.spam.finding import Finding
from chalicelib.spam.terms import MOST_SPANS, terms
from tests.unit.spam.submissions import submission


def found_in(text: str, *listed: Term, name: str | None = None, website: str | None = None) -> Finding | None:
    return terms(submission(text, name=name, website=website, facts=Facts(terms=listed)))


@pytest.mark.parametrize(
    ("value", "text", "typed"),
    [
        ("viagra", "Buy viagra now", "viagra"),
        ("viagra", "VIAGRA", "VIAGRA"),
        ("Viagra", "(viagra)!", "viagra"),
        ("viagra", "buy vi\u200bag\u00adra!", "vi\u200bag\u00adra"),
        ("viagra", "buy \uff56\uff49\uff41\uff47\uff52\uff41", "\uff56\uff49\uff41\uff47\uff52\uff41"),
        ("viagra", "买viagra吧", "viagra"),
        ("buy now", "so  BUY \n NOW, please", "BUY \n NOW"),
        ("caf\u00e9", "the cafe\u0301.", "cafe\u0301"),
        ("stra\u00dfe", "die STRASSE dort", "STRASSE"),
        ("fi", "a \ufb01.", "\ufb01"),
        ("$$$", "win$$$today", "$$$"),
        ("c++", "in C++.", "C++"),
        ("таблетки", "дешёвые ТАБЛЕТКИ тут", "ТАБЛЕТКИ"),
        ("薬", "この薬を買う", "薬"),
        ("ยา", "ซื้อยาถูก", "ยา"),
        ("약", "이 약을 사세요", "약"),
        ("دواء", "اشتر دواء رخيص", "دواء"),
        ("\U0001f48a", "cheap\U0001f48a\U0001f48ahere", "\U0001f48a"),
        ("a a", "ba a a", "a a"),
    ],
)
def test_a_term_is_found_where_it_was_typed(value: str, text: str, typed: str) -> None:
    found = found_in(text, Term(value, "hold"))
    assert found is not None
    assert text[slice(*found.spans[0])] == typed
    assert f'"{value}"' in found.message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("cialis", "a specialist told me"),
        ("cialis", "socialist"),
        ("cialis", "cialis2"),
        ("buy now", "buy it now"),
        ("buy now", "buy nowhere"),
        ("таблетк", "таблетки"),
        ("دواء", "الدواء"),
        ("cafe", "caf\u00e9"),
        ("", "anything"),
        ("\u200b", "any\u200bthing"),
        ("薬", "藥"),
    ],
)
def test_a_part_of_a_word_or_another_word_is_innocent(value: str, text: str) -> None:
    assert found_in(text, Term(value, "spam")) is None


@pytest.mark.parametrize(("kind", "points", "lane"), [("hold", 50, None), ("spam", 100, None), ("urgent", 0, "urgent")])
def test_each_kind_has_its_weight(kind: str, points: int, lane: str | None) -> None:
    found = found_in("one overdose", Term("overdose", kind))  # type: ignore[arg-type]
    assert found is not None
    assert (found.points, found.lane) == (points, lane)


def test_several_terms_are_one_finding_with_the_heaviest_weight_and_the_urgent_lane() -> None:
    found = found_in("c b a", Term("a", "hold"), Term("b", "spam"), Term("c", "urgent"), Term("d", "spam"))
    assert found is not None
    assert (found.points, found.lane) == (100, "urgent")
    assert found.spans == ((0, 1), (2, 3), (4, 5))


def test_an_allowed_term_is_never_a_finding() -> None:
    assert found_in("I take baclofen", Term("baclofen", "allow")) is None
    assert found_in("I take baclofen", Term("baclofen", "spam"), Term("Baclofen", "allow")) is None


def test_a_term_in_the_name_or_the_website_is_found_without_a_span() -> None:
    found = found_in("hello", Term("casino", "hold"), name="Casino King", website="https://casino.example/")
    assert found is not None
    assert found.spans == ()
    assert "in the name and the website" in found.message


def test_a_finding_names_and_marks_only_so_many() -> None:
    listed = [Term(letter, "hold") for letter in "abcdefgh"]
    found = found_in("a b c d e f g h " * 50, *listed)
    assert found is not None
    assert len(found.spans) == MOST_SPANS
    assert "and 3 more" in found.message


ANY = st.text(st.characters(exclude_categories=()))


@given(ANY, ANY, ANY)
def test_spans_lie_in_the_text_and_hold_the_term(before: str, value: str, after: str) -> None:
    text = f"{before} {value} {after}"
    found = found_in(text, Term(value, "hold"))
    for start, end in found.spans if found else ():
        assert 0 <= start < end <= len(text)


@given(st.text("ab薬 .", min_size=1, max_size=6), st.text("ab薬 .", max_size=30))
def test_a_term_with_room_around_it_is_always_found(value: str, text: str) -> None:
    if value.strip():
        assert found_in(f"{text} , {value} , {text}", Term(value, "hold")) is not None
