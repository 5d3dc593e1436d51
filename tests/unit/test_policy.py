from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.policy import DEFAULT, Rate, merged, patched

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
        [],
        "open",
    ],
)
def test_what_makes_no_policy_is_refused(patch: Any) -> None:
    with pytest.raises(ValidationError):
        patched(DEFAULT, patch)
