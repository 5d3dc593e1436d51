import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.policy import DEFAULT, Policy, Rate, merged, patched

# The examples of RFC 7396, appendix A.
RFC_7396: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("document", "patch", "expected"), RFC_7396)
def test_a_merge_patch_does_what_its_rfc_says(document: Any, patch: Any, expected: Any) -> None:
    assert merged(document, patch) == expected


def test_null_lifts_a_limit_and_restores_a_default() -> None:
    policy = patched(DEFAULT, {"limits": {"comments": {"network": None}}, "mode": "open"})
    assert policy.limits.comments.network is None
    assert policy.limits.comments.reader == DEFAULT.limits.comments.reader
    assert patched(policy, {"mode": None}).mode == "premoderate"
    assert patched(policy, {"limits": None}).limits == DEFAULT.limits
    assert patched(policy, {"limits": {"votes": {"reader": {"count": 1, "seconds": 2}}}}).limits.votes.reader == Rate(
        count=1, seconds=2
    )


@pytest.mark.parametrize(
    "patch",
    [
        {"mode": "anarchy"},
        {"unknown": 1},
        {"thresholds": {"hold": 90, "spam": 80}},
        {"thresholds": {"spam": 10}},
        {"limits": {"comments": {"reader": {"count": 0, "seconds": 1}}}},
        {"limits": {"ratings": {"reader": {"count": 1}}}},
        {"max_length": 10_001},
        {"max_length": "5"},
        {"help": {"links": [{"title": "x", "url": "javascript:alert(1)"}]}},
        {"require_consent": "yes"},
        {"help": {"beside_form": "yes"}},
        {"languages": "en"},
        {"languages": [""]},
        {"languages": ["english"]},
        {"languages": ["en_GB"]},
        {"languages": ["e"]},
        {"languages": ["en-"]},
        {"languages": ["en-x-private"]},
        {"languages": [None]},
        {"languages": ["en "]},
        {"languages": ["en\n"]},
        {"languages": ["en"] * 21},
        [],
        "open",
    ],
)
def test_what_makes_no_policy_is_refused(patch: Any) -> None:
    with pytest.raises(ValidationError):
        patched(DEFAULT, patch)


def test_languages_are_written_as_usual_and_each_once() -> None:
    tags = ["EN", "pt-br", "ZH-hANT-tw", "en", "es-419", "de-CH-1996", "sl-ROZAJ", "zh-yue", "pt-BR"]
    found = patched(DEFAULT, {"languages": tags}).languages
    assert found == ["en", "pt-BR", "zh-Hant-TW", "es-419", "de-CH-1996", "sl-rozaj", "zh-yue"]
    assert DEFAULT.languages == []
    assert patched(patched(DEFAULT, {"languages": tags}), {"languages": None}).languages == []


def test_what_readers_see_of_the_help_is_not_where_it_stands() -> None:
    help_ = patched(DEFAULT, {"help": {"beside_form": True, "title": "Help"}}).help
    assert help_.shown.model_dump() == {"title": "Help", "text": help_.text, "links": [help_.links[0].model_dump()]}
    assert not DEFAULT.help.beside_form


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)


DOCUMENTS = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), nested, max_leaves=10)


@given(DOCUMENTS, DOCUMENTS)
def test_a_patch_made_twice_is_made_once_and_changes_neither(document: Any, patch: Any) -> None:
    before = copy.deepcopy((document, patch))
    result = merged(document, patch)
    assert merged(result, patch) == result
    assert (document, patch) == before


def test_everything_waits_for_a_person_unless_the_owner_wants_otherwise() -> None:
    assert DEFAULT.mode == Policy().mode == "premoderate"
    assert DEFAULT.require_consent


def test_a_patch_changes_what_it_names_and_nothing_else() -> None:
    changed = patched(DEFAULT, {"limits": {"comments": {"reader": {"count": 3}}}})
    expected = DEFAULT.model_dump()
    expected["limits"]["comments"]["reader"]["count"] = 3
    assert changed.model_dump() == expected
