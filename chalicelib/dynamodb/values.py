"""Python values as DynamoDB's typed ones and back; absent stands for None."""

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]
"""An item as the table keeps it: attribute name to a plain value."""


def to_value(value: object) -> dict[str, Any]:
    """Return the typed form of a text, whole number, truth value, bytes, list or mapping."""
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, (list, tuple)):
        return {"L": [to_value(each) for each in value]}
    if isinstance(value, Mapping):
        return {"M": to_item(value)}
    msg = f"no DynamoDB form for {type(value).__name__}"
    raise TypeError(msg)


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return typed attributes; what is None is left out."""
    return {name: to_value(value) for name, value in values.items() if value is not None}


def from_value(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any plain value
    """Return the plain value of a typed one."""
    ((kind, content),) = value.items()
    if kind == "N":
        return int(content)
    if kind == "L":
        return [from_value(each) for each in content]
    if kind == "M":
        return from_item(content)
    return content


def from_item(item: Mapping[str, Any]) -> Item:
    """Return an item's plain values."""
    return {name: from_value(value) for name, value in item.items()}
