"""The API's own documentation: `/openapi.json`, and a page of it that loads nothing from outside."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from markupsafe import Markup

from chalicelib.errors import Refusal
from chalicelib.routes.endpoint import HTML, PAGE_HEADERS, Answer, Call, Endpoints
from chalicelib.routes.openapi import document
from chalicelib.routes.problem import STATUS

CACHED = {"Cache-Control": "public, max-age=300"}
_REFERENCE = "#/components/schemas/"

_PAGE = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Afterword API</title>
<link rel="stylesheet" href="/web/docs.css">
</head>
<body>
<header><h1>Afterword API</h1><p>{about}</p><p><a href="/openapi.json">openapi.json</a></p></header>
<nav aria-label="Contents"><ul>{contents}</ul></nav>
<main>{operations}
<h2 id="shapes">Shapes</h2>{shapes}
<h2 id="errors">Error codes</h2><table><thead><tr><th>Code</th><th>Status</th><th>Means</th></tr></thead>
<tbody>{codes}</tbody></table></main>
</body>
</html>
""")
_OPERATION = Markup("""<section id="{id}"><h2><code><b>{method}</b> {path}</code></h2><p>{summary}{access}</p>
{parameters}{body}<h3>Answers</h3><ul>{answers}</ul></section>
""")
_SHAPE = Markup('<section id="shape-{name}"><h3>{name}</h3><p>{words}</p><pre tabindex="0">{schema}</pre></section>\n')
_CODE = Markup('<tr id="{code}"><td><code>{code}</code></td><td>{status}</td><td>{words}</td></tr>\n')

_OTHER_CODES = (
    ("internal", 500, "Something we did not foresee; the request id finds it."),
    ("method_not_allowed", 405, "The path does not know the method. Said by the gateway, before us."),
    ("headers_too_large", 431, "The request line and headers are too large. Said by the gateway, before us."),
)


def register(endpoints: Endpoints) -> None:
    """Register the document and its page."""

    @cache
    def made() -> dict[str, Any]:
        return document(endpoints.all)

    @endpoints.endpoint("GET", "/openapi.json", answers={200: "application/json"}, documented=False)
    def get_openapi(_call: Call) -> Answer:
        """Send the OpenAPI document."""
        return Answer(json.dumps(made(), ensure_ascii=False), headers=CACHED)

    @endpoints.endpoint("GET", "/docs", answers={200: HTML}, documented=False)
    def get_docs(_call: Call) -> Answer:
        """Show the API's documentation."""
        return Answer(_page(made()), headers={**CACHED, **PAGE_HEADERS}, media_type=HTML)


def _page(openapi: Mapping[str, Any]) -> str:
    operations = [
        (method.upper(), path, operation)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]
    return _PAGE.format(
        about=openapi["info"]["description"],
        contents=_joined(
            Markup('<li><a href="#{}"><code>{} {}</code></a></li>').format(operation["operationId"], method, path)
            for method, path, operation in operations
        ),
        operations=_joined(_operation(*each) for each in operations),
        shapes=_joined(_shape(name, schema) for name, schema in openapi["components"]["schemas"].items()),
        codes=_joined(_codes()),
    )


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Markup:
    return _OPERATION.format(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        access=_access(operation.get("security", [])),
        parameters=_parameters(operation["parameters"]),
        body=_body(operation.get("requestBody")),
        answers=_joined(_answer(status, answer) for status, answer in operation["responses"].items()),
    )


def _access(security: Iterable[Mapping[str, Any]]) -> str:
    words = {"moderator": " Moderators only.", "author": " The comment's author only."}
    return "".join(words[scheme] for each in security for scheme in each)


def _parameters(parameters: Iterable[Mapping[str, Any]]) -> Markup:
    items = _joined(
        Markup("<li><code>{}</code> in {}{}: {} <code>{}</code></li>").format(
            each["name"],
            each["in"],
            ", required" if each["required"] else "",
            each.get("description", ""),
            json.dumps(each["schema"], ensure_ascii=False),
        )
        for each in parameters
    )
    return Markup("<h3>Parameters</h3><ul>{}</ul>").format(items) if items else Markup("")


def _body(body: Mapping[str, Any] | None) -> Markup:
    if body is None:
        return Markup("")
    kinds = ", ".join(body["content"])
    schema = next(iter(body["content"].values()))["schema"]
    return Markup("<h3>Body</h3><p>{} as <code>{}</code></p>").format(_link(schema), kinds)


def _answer(status: str, answer: Mapping[str, Any]) -> Markup:
    content = answer.get("content", {})
    shape = _link(next(iter(content.values()))["schema"]) if content else Markup("no body")
    return Markup("<li><b>{}</b> {} {}</li>").format(status, shape, answer["description"])


def _link(schema: Mapping[str, Any]) -> Markup:
    name = schema.get("$ref", "").removeprefix(_REFERENCE)
    if name:
        return Markup('<a href="#shape-{0}">{0}</a>').format(name)
    if "additionalProperties" in schema:
        return Markup("map of {}").format(_link(schema["additionalProperties"]))
    return Markup("<code>{}</code>").format(schema.get("type", "any"))


def _shape(name: str, schema: Mapping[str, Any]) -> Markup:
    shown = {key: value for key, value in schema.items() if key not in {"description", "title"}}
    text = json.dumps(shown, indent=2, ensure_ascii=False).replace(_REFERENCE, "")
    return _SHAPE.format(name=name, words=schema.get("description", ""), schema=text)


def _codes() -> Iterable[Markup]:
    for refusal, status in STATUS.items():
        yield _CODE.format(code=refusal.code, status=status, words=_first_line(refusal))
    for code, status, words in _OTHER_CODES:
        yield _CODE.format(code=code, status=status, words=words)


def _first_line(refusal: type[Refusal]) -> str:
    return (refusal.__doc__ or "").partition("\n")[0]
