"""The environment, read once into one frozen, validated object."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

VERSION = "0.1.0"

PREFIX = "AFTERWORD_"


class Secret(BaseModel):
    """One signing key: `kid` names it inside tokens, `key` holds at least 32 characters."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    kid: Annotated[str, Field(pattern=r"^[a-z0-9]{1,16}$")]
    key: Annotated[SecretStr, Field(min_length=32)]


class Settings(BaseModel):
    """What a deployment is told through its environment; each field is `AFTERWORD_` and its name in capitals.

    There is no default secret: without one, nothing starts.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    secrets: Annotated[tuple[Secret, ...], Field(min_length=1)]
    """Signing keys as `kid:key`, separated by commas; the first signs, all verify."""
    table: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{3,255}$")] = "afterword"
    """Name of the DynamoDB table."""
    site: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] = "main"
    """Site id every key begins with, so that several sites may share one table."""
    stage: str = "local"
    """Name of the deployment stage, shown in logs."""
    owner_token: Annotated[SecretStr, Field(min_length=32)] | None = None
    """The first owner's token; without it nobody can sign in as the owner from the environment."""
    origin: Annotated[str, Field(pattern=r"^https?://[a-z0-9.\-\[\]:]+$")] | None = None
    """The origin of the moderators' page, where that is not `https://` and the Host header."""
    dynamodb_endpoint: str | None = None
    """Address of another DynamoDB engine, for development and tests."""
    region: str | None = None
    """AWS region of the table; the function's own region when absent."""

    @field_validator("secrets", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.strip().partition(":") for part in value.split(",") if part.strip()]
        return [{"kid": kid, "key": key} for kid, _, key in pairs]

    @field_validator("secrets")
    @classmethod
    def _distinct(cls, value: tuple[Secret, ...]) -> tuple[Secret, ...]:
        if len({secret.kid for secret in value}) != len(value):
            msg = "each secret needs a key id of its own"
            raise ValueError(msg)
        return value

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from environment variables; empty ones count as absent.

        Raises pydantic's ValidationError, which names the variable at fault and never prints a secret.
        """
        names = {name: environ.get(PREFIX + name.upper(), "") for name in cls.model_fields}
        return cls.model_validate({name: value for name, value in names.items() if value})


class SettingsError(Exception):
    """The environment is not what a start needs; the message names each variable at fault, and never its value."""

    def __init__(self, error: ValidationError) -> None:
        faults = {PREFIX + str(fault["loc"][0]).upper(): fault for fault in error.errors(include_input=False)}
        words = (
            f"{name} is not set" if fault["type"] == "missing" else f"{name}: {fault['msg']}"
            for name, fault in faults.items()
        )
        super().__init__("; ".join(words))
