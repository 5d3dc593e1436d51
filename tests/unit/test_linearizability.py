from typing import Any

import pytest

from tests.linearizability import IMPOSSIBLE, Operation, is_linearizable


def register(state: Any, operation: Operation) -> Any:
    if operation.name == "write":
        return operation.argument
    return state if operation.result == state else IMPOSSIBLE


def write(value: int, start: float, end: float) -> Operation:
    return Operation("a", "write", value, None, start, end)


def read(value: int | None, start: float, end: float) -> Operation:
    return Operation("b", "read", None, value, start, end)


@pytest.mark.parametrize(
    "history",
    [
        [],
        [read(None, 0, 1)],
        [write(1, 0, 1), read(1, 2, 3)],
        [write(1, 0, 3), read(1, 1, 2)],
        [write(1, 0, 3), read(None, 1, 2)],
        [write(1, 0, 9), write(2, 0, 9), read(2, 1, 2), read(1, 3, 4)],
        [write(1, 0, 1), write(2, 2, 5), read(1, 3, 4), read(2, 6, 7)],
    ],
)
def test_what_some_order_explains_is_linearizable(history: list[Operation]) -> None:
    assert is_linearizable(history, None, register)


@pytest.mark.parametrize(
    "history",
    [
        [read(1, 0, 1)],
        [write(1, 0, 1), read(None, 2, 3)],
        [write(1, 0, 1), read(2, 2, 3)],
        [write(1, 0, 9), read(1, 1, 2), read(None, 3, 4)],
        [write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)],
        [write(1, 0, 9), write(2, 0, 9), read(2, 1, 2), read(1, 3, 4), read(2, 5, 6)],
    ],
)
def test_what_no_order_explains_is_not(history: list[Operation]) -> None:
    assert not is_linearizable(history, None, register)


def test_many_at_once_are_checked_in_no_time() -> None:
    writes = [write(number, 0, 100) for number in range(12)]
    reads = [read(number, 101 + number, 101.5 + number) for number in (11, 11, 11)]
    assert is_linearizable([*writes, *reads], None, register)
    assert not is_linearizable([*writes, *reads, read(5, 200, 201)], None, register)
