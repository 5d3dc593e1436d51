from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session
from botocore.validate import validate_parameters

from chalicelib.dynamodb.table import BY_OWNER, BY_RANK, DEFINITION, TIME_TO_LIVE, create_table


class Engine:
    """As much of a client as creating a table takes."""

    def __init__(self, error: str | None = None) -> None:
        self.error = error
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def create_table(self, **request: Any) -> None:
        self.asked.append(("create_table", request))
        if self.error:
            raise ClientError({"Error": {"Code": self.error, "Message": ""}}, "CreateTable")

    def get_waiter(self, name: str) -> "Engine":
        self.asked.append((name, {}))
        return self

    def wait(self, **request: Any) -> None:
        self.asked.append(("wait", request))

    def update_time_to_live(self, **request: Any) -> None:
        self.asked.append(("update_time_to_live", request))


def create(engine: Any) -> bool:
    return create_table(engine, "comments")


def test_a_new_table_has_its_time_to_live_once_it_is_there() -> None:
    engine = Engine()
    assert create(engine)
    assert [name for name, _ in engine.asked] == ["create_table", "table_exists", "wait", "update_time_to_live"]
    assert engine.asked[-1][1]["TimeToLiveSpecification"] == {"AttributeName": TIME_TO_LIVE, "Enabled": True}


def test_a_table_that_is_there_stays_as_it_is() -> None:
    engine = Engine("ResourceInUseException")
    assert not create(engine)
    assert len(engine.asked) == 1


def test_any_other_trouble_is_told() -> None:
    with pytest.raises(ClientError):
        create(Engine("LimitExceededException"))


def test_the_definition_is_one_that_dynamodb_reads() -> None:
    shape = Session().get_service_model("dynamodb").operation_model("CreateTable").input_shape
    validate_parameters({"TableName": "afterword", **DEFINITION}, shape)


def test_every_key_is_declared_and_nothing_else() -> None:
    declared = {each["AttributeName"] for each in DEFINITION["AttributeDefinitions"]}
    indexes = {index["IndexName"]: index for index in DEFINITION["GlobalSecondaryIndexes"]}
    schemas = [DEFINITION["KeySchema"], *(index["KeySchema"] for index in indexes.values())]
    assert declared == {key["AttributeName"] for schema in schemas for key in schema}
    assert set(indexes) == {BY_OWNER, BY_RANK}
    assert indexes[BY_OWNER]["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert DEFINITION["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
