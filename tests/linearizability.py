"""A check that a history of concurrent operations on one object could have happened one after the other.

J. M. Wing and C. Gong, "Testing and verifying concurrent objects", J. Parallel Distrib. Comput. 17 (1993): try every
operation that may have come first, and go on with the rest; what was tried from the same state is not tried again.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """What one client asked for, what it was answered, and between which two moments that was."""

    client: str
    name: str
    argument: Any
    result: Any
    start: float
    end: float


Step = Callable[[Any, Operation], Any]
"""Gives the state after an operation, or IMPOSSIBLE when its result cannot come from that state."""

IMPOSSIBLE = object()


def is_linearizable(history: Sequence[Operation], initial: Hashable, step: Step) -> bool:
    """Tell whether some order of the operations explains every result, and keeps to what was over before what began."""
    operations = sorted(history, key=lambda each: each.start)
    everything = (1 << len(operations)) - 1
    tried: set[tuple[int, Hashable]] = set()
    todo: list[tuple[int, Hashable]] = [(everything, initial)]
    while todo:
        left, state = todo.pop()
        if not left:
            return True
        if (left, state) in tried:
            continue
        tried.add((left, state))
        for number in _first(operations, left):
            after = step(state, operations[number])
            if after is not IMPOSSIBLE:
                todo.append((left & ~(1 << number), after))
    return False


def _first(operations: Sequence[Operation], left: int) -> list[int]:
    """Return which of the operations left may have come first: none of the others was over before it began."""
    numbers = [number for number in range(len(operations)) if left >> number & 1]
    earliest_end = min(operations[number].end for number in numbers)
    return [number for number in numbers if operations[number].start <= earliest_end]


def overlapping(history: Sequence[Operation], one: Operation) -> list[Operation]:
    """Return the operations that were under way at the same time as this one."""
    return [each for each in history if each is not one and each.start <= one.end and one.start <= each.end]
