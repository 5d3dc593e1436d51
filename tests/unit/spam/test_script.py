import pytest

from chalicelib.spam import Facts
from chalicelib.spam.script import script
from tests.unit.spam.submissions import submission

RUSSIAN, CHINESE, JAPANESE = (
    "Спасибо, это мне очень помогло",
    "谢谢。这篇文章对我很有帮助，非常感谢",
    "この記事はとても役に立ちました",
)
ENGLISH, ARABIC, KOREAN = (
    "Thank you, this helped me",
    "شكرا جزيلا لكم على هذه المقالة",
    "이 기사는 정말 도움이 되었습니다",
)


@pytest.mark.parametrize(
    ("text", "languages", "script_of"),
    [
        (RUSSIAN, ("en",), "Cyrillic"),
        (CHINESE, ("en", "de"), "Chinese"),
        (JAPANESE, ("en-GB",), "Japanese"),
        (ARABIC, ("fr",), "Arabic"),
        (KOREAN, ("es",), "Korean"),
        (ENGLISH, ("ru",), "Latin"),
        (RUSSIAN, ("sr-Latn",), "Cyrillic"),
    ],
)
def test_a_foreign_script_is_named_and_counts_little(text: str, languages: tuple[str, ...], script_of: str) -> None:
    found = script(submission(text, facts=Facts(languages=languages)))
    assert found is not None
    assert found.points == 10
    assert script_of in found.message


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        (RUSSIAN, ()),
        (RUSSIAN, ("en", "ru")),
        (RUSSIAN, ("uk",)),
        (RUSSIAN, ("sr",)),
        (RUSSIAN, ("en", "tlh")),  # where it is not known how a language is written, nothing is foreign
        (CHINESE, ("zh-Hant",)),
        (CHINESE, ("ja",)),
        (JAPANESE, ("ja",)),
        (KOREAN, ("ko",)),
        (ENGLISH, ("en",)),
        (ENGLISH, ("cy", "ga")),
        ("Спасибо!", ("en",)),
        ("My doctor wrote Баклофен and 谢谢 on the leaflet", ("en",)),
        ("👍👍👍 123 !!!", ("en",)),
        ("", ("en",)),
    ],
)
def test_the_sites_own_scripts_words_and_signs_are_innocent(text: str, languages: tuple[str, ...]) -> None:
    assert script(submission(text, facts=Facts(languages=languages))) is None
