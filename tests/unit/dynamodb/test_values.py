from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.dynamodb.values import from_item, from_value, to_item, to_value


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)


values = st.recursive(st.text() | st.booleans() | st.integers() | st.binary(), nested, max_leaves=10)


@given(values)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    found = from_value(to_value(value))
    assert found == value
    assert type(found) is type(value)


@given(st.dictionaries(st.text(), st.none() | values))
def test_what_is_absent_is_left_out(item: dict[str, object]) -> None:
    assert from_item(to_item(item)) == {name: value for name, value in item.items() if value is not None}


def test_truth_is_no_number() -> None:
    assert [to_value(value) for value in (True, 1, 0)] == [{"BOOL": True}, {"N": "1"}, {"N": "0"}]


@pytest.mark.parametrize("value", [1.5, {1, 2}, object()])
def test_what_has_no_form_is_our_mistake(value: object) -> None:
    with pytest.raises(TypeError):
        to_value(value)
