"""The OpenAPI 3.1 document, made from the endpoints and their models."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, JsonValue, TypeAdapter

from chalicelib.ids import ARTICLE_ID_SCHEMA
from chalicelib.routes.body import FORM
from chalicelib.routes.endpoint import DESK, KEY_HEADER, KEY_LENGTH, READER_HEADER, Endpoint, adapter
from chalicelib.routes.problem import MEDIA_TYPE, Problem
from chalicelib.settings import VERSION

REFERENCE = "#/components/schemas/{model}"

ABOUT = (
    "Star ratings and comments under any article. An article id is any Unicode text of 1 to 512 UTF-8 bytes without "
    "control characters, sent as one percent-encoded path segment. Every refusal is problem+json (RFC 9457)."
)

PATH_PARAMETERS: dict[str, dict[str, Any]] = {
    "article_id": {
        "description": "The article's id, percent-encoded as one segment.",
        "schema": {"type": "string", **ARTICLE_ID_SCHEMA},
        "example": "https://site.example/a?b=1#c",
    },
    "comment_id": {
        "description": "The comment's id.",
        "schema": {"type": "string", "pattern": "^[0-9a-z]{26}$"},
        "example": "3x9k2m5v8q1w7e4r6t0y2n5p8a",
    },
}

READER = {
    "name": READER_HEADER,
    "in": "header",
    "required": False,
    "description": "The reader token from an earlier answer; left out on a reader's first write.",
    "schema": {"type": "string"},
}
KEY = {
    "name": KEY_HEADER,
    "in": "header",
    "required": False,
    "description": "Any text; the same key with the same body is done once and answered alike, for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": "^[ -~]+$"},
}

SCHEMES: dict[str, dict[str, JsonValue]] = {
    "moderator": {"type": "http", "scheme": "bearer", "description": "A moderator's token, or the session cookie."},
    "author": {"type": "http", "scheme": "bearer", "description": "The edit_token that came with the comment."},
}

SCHEME_OF = {"owner": "moderator"}
"""An owner signs in as every moderator does."""

REFUSALS = {
    400: "The request cannot be read.",
    401: "Not signed in, or the reader token does not verify.",
    403: "Not allowed, or not sent by our own page.",
    404: "No such comment.",
    409: "Changed in between; the detail says who and when.",
    413: "The body is larger than 64 KiB.",
    415: "This content type is not read here.",
    422: "A field or the article id is not acceptable.",
    429: "Too often.",
    503: "The table is away or busy.",
}
WITH_RETRY = frozenset({429, 503})

Schemas = Mapping[tuple[str, str], Mapping[str, Any]]


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Return the OpenAPI document of the documented endpoints."""
    documented = [endpoint for endpoint in endpoints if endpoint.documented]
    schemas, definitions = _schemas(documented)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in documented:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Afterword", "version": VERSION, "description": ABOUT, "license": {"name": "MIT"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": SCHEMES,
        },
    }


def _schemas(endpoints: Iterable[Endpoint]) -> tuple[Schemas, dict[str, Any]]:
    inputs: Any = [("problem", "serialization", adapter(Problem))]
    for endpoint in endpoints:
        inputs += [
            (f"{endpoint.name}.{status}", "serialization", adapter(shape))
            for status, shape in endpoint.answers.items()
            if _is_shape(shape)
        ]
        if endpoint.body is not None:
            inputs.append((f"{endpoint.name}.body", "validation", adapter(endpoint.body)))
    schemas, definitions = TypeAdapter.json_schemas(inputs, ref_template=REFERENCE)
    found: dict[tuple[str, str], Mapping[str, Any]] = {
        (str(key), str(mode)): value for (key, mode), value in schemas.items()
    }
    return found, definitions.get("$defs", {})


def _is_shape(shape: object) -> bool:
    return shape is not None and not isinstance(shape, str)


def _operation(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [_tag(endpoint)],
        "parameters": [
            *_path_parameters(endpoint),
            *_query_parameters(endpoint.query),
            *_header_parameters(endpoint),
        ],
        "responses": _responses(endpoint, schemas),
    }
    scheme = SCHEME_OF.get(endpoint.access, endpoint.access)
    if scheme in SCHEMES:
        operation["security"] = [{scheme: []}]
    if endpoint.body is not None:
        schema = schemas[f"{endpoint.name}.body", "validation"]
        content = {kind: {"schema": schema} for kind in endpoint.takes if kind != FORM or len(endpoint.takes) == 1}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _tag(endpoint: Endpoint) -> str:
    if endpoint.access in DESK:
        return "moderators"
    return "service" if endpoint.path == "/health" else "readers"


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, **about}
        for name, about in PATH_PARAMETERS.items()
        if f"{{{name}}}" in endpoint.path
    ]


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _not_null(about)}
        for name, about in schema.get("properties", {}).items()
    ]


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a query parameter without null: in a query, absent is absent."""
    kinds = [kind for kind in schema.pop("anyOf", []) if kind.get("type") != "null"]
    if schema.get("default", ...) is None:
        del schema["default"]
    return {**schema, **kinds[0]} if kinds else schema


def _header_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    found = [READER] if endpoint.access == "reader" else []
    return found if endpoint.method == "GET" else [*found, KEY]


def _responses(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, shape in endpoint.answers.items():
        found[str(status)] = {"description": endpoint.summary}
        files = {kind: {"schema": {"type": "string"}} for kind in endpoint.also}
        if _is_shape(shape):
            schema = schemas[f"{endpoint.name}.{status}", "serialization"]
            found[str(status)]["content"] = {"application/json": {"schema": schema}, **files}
        elif isinstance(shape, str):
            found[str(status)]["content"] = {shape: {"schema": {"type": "string"}}, **files}
    problem = schemas["problem", "serialization"]
    for status in sorted(endpoint.refuses):
        found[str(status)] = {"description": REFUSALS[status], "content": {MEDIA_TYPE: {"schema": problem}}}
        if status in WITH_RETRY:
            seconds = {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
            found[str(status)]["headers"] = {"Retry-After": seconds}
    return found
