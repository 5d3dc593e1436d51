import base64
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from chalice.app import Chalice, CORSConfig, Response

from tools.gateway import (
    LARGEST_BODY,
    Gateway,
    MalformedAnswerError,
    Reply,
    Request,
    find_resource,
    read_answer,
)
from tools.wsgi_server import serving

PATTERNS = [
    "/",
    "/health",
    "/v1/articles/{article_id}",
    "/v1/articles/{article_id}/comments",
    "/v1/articles/{article_id}/fragment.html",
    "/v1/comments/{comment_id}",
    "/v1/{kind}/mine",
]


def make_app() -> Chalice:
    """An app that echoes the event it was given."""
    app = Chalice("echo", configure_logs=False, env={})
    cors = CORSConfig(allow_headers=["Afterword-Reader"], max_age=600)

    def echo() -> Response:
        assert app.current_request
        event = app.current_request.to_original_event()
        return Response(json.dumps(event), headers={"X-Echo": ["1", "2"]})

    @app.route("/v1/articles/{article_id}", cors=cors)
    def read(article_id: str) -> Response:
        return echo()

    @app.route(
        "/v1/articles/{article_id}/comments",
        methods=["GET", "POST"],
        content_types=["text/plain", "application/json", "application/octet-stream"],
        cors=cors,
    )
    def comments(article_id: str) -> Response:
        return echo()

    @app.route("/v1/admin/queue", methods=["GET"])
    def queue() -> Response:
        return echo()

    @app.route("/picture")
    def picture() -> Response:
        return Response(b"\x89PNG\xff", headers={"Content-Type": "image/png"})

    @app.route("/nothing")
    def nothing() -> Response:
        return Response("ignored", status_code=204)

    @app.route("/broken")
    def broken() -> Response:
        return Response("ok", headers={"X-Broken": "a\rb"})

    return app


@pytest.fixture(scope="module")
def gateway() -> Gateway:
    return Gateway(make_app)


def get(gateway: Gateway, raw_path: str, raw_query: str = "", **more: Any) -> Reply:
    return gateway.handle(Request("GET", raw_path, raw_query, **more))


def event_of(reply: Reply) -> Any:
    assert reply.status == 200, reply
    return json.loads(reply.body)


def header(reply: Reply, name: str) -> str | None:
    values = [value for given, value in reply.headers if given.lower() == name.lower()]
    assert len(values) < 2, values
    return values[0] if values else None


@pytest.mark.parametrize(
    ("path", "pattern", "parameters"),
    [
        ("/", "/", {}),
        ("/health", "/health", {}),
        ("/v1/articles/a%2Fb", "/v1/articles/{article_id}", {"article_id": "a%2Fb"}),
        ("/v1/articles/..", "/v1/articles/{article_id}", {"article_id": ".."}),
        ("/v1/articles/%2e%2e/comments", "/v1/articles/{article_id}/comments", {"article_id": "%2e%2e"}),
        ("/v1/articles/comments/comments", "/v1/articles/{article_id}/comments", {"article_id": "comments"}),
        ("/v1/articles/x|y", "/v1/articles/{article_id}", {"article_id": "x|y"}),
        ("/v1/comments/mine", "/v1/comments/{comment_id}", {"comment_id": "mine"}),
        ("/v1/votes/mine", "/v1/{kind}/mine", {"kind": "votes"}),
    ],
)
def test_a_path_finds_its_route_and_keeps_its_encoding(path: str, pattern: str, parameters: dict[str, str]) -> None:
    assert find_resource(PATTERNS, path) == (pattern, parameters)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/articles/",
        "/v1/articles//comments",
        "/v1/articles/a/b",
        "/v1/articles/a/fragment%2Ehtml",
        "/health/",
        "//health",
        "/v1%2Farticles/a",
        "",
        "*",
    ],
)
def test_a_path_of_no_route_is_404(gateway: Gateway, path: str) -> None:
    reply = get(gateway, path)
    assert reply.status == 404
    assert header(reply, "Content-Type") == "application/problem+json"
    problem = json.loads(reply.body)
    assert problem == {
        "type": "/docs#not_found",
        "title": "Not found",
        "status": 404,
        "detail": "Nothing is served at this path.",
        "code": "not_found",
        "errors": [],
        "request_id": header(reply, "x-amzn-RequestId"),
    }


def test_another_method_is_405_and_says_which_are_allowed(gateway: Gateway) -> None:
    reply = gateway.handle(Request("PATCH", "/v1/articles/a/comments"))
    assert (reply.status, header(reply, "Allow")) == (405, "GET, HEAD, OPTIONS, POST")
    assert json.loads(reply.body)["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("/v1/nowhere", "*"),
        ("/v1/administrators", "*"),
        ("/v1/admin", None),
        ("/v1/admin/nowhere", None),
        ("/nowhere", None),
    ],
)
def test_only_public_paths_tell_other_sites_of_an_error(gateway: Gateway, path: str, origin: str | None) -> None:
    assert header(get(gateway, path), "Access-Control-Allow-Origin") == origin


def test_the_event_is_shaped_as_api_gateway_shapes_it(gateway: Gateway) -> None:
    headers = [("Host", "afterword.example"), ("Accept", "a/b"), ("accept", "c/d"), ("User-Agent", "test")]
    event = event_of(
        get(
            gateway,
            "/v1/articles/%e8%96%ac%2F1",
            "id=a&id=%C3%A4+b&empty=&bare",
            headers=headers,
            source_ip="192.0.2.9",
        )
    )
    assert event["resource"] == event["requestContext"]["resourcePath"] == "/v1/articles/{article_id}"
    assert event["path"] == "/v1/articles/%e8%96%ac%2F1"
    assert event["requestContext"]["path"] == "/api/v1/articles/%e8%96%ac%2F1"
    assert event["pathParameters"] == {"article_id": "%e8%96%ac%2F1"}
    assert event["multiValueQueryStringParameters"] == {"id": ["a", "ä b"], "empty": [""], "bare": [""]}
    assert event["queryStringParameters"] == {"id": "ä b", "empty": "", "bare": ""}
    assert event["multiValueHeaders"]["Accept"] == ["a/b", "c/d"]
    assert event["headers"]["Accept"] == "c/d"
    assert event["requestContext"]["identity"]["sourceIp"] == "192.0.2.9"
    assert event["requestContext"]["identity"]["userAgent"] == "test"
    assert event["requestContext"]["domainName"] == "afterword.example"
    assert event["requestContext"]["stage"] == "api"
    assert (event["body"], event["isBase64Encoded"], event["stageVariables"]) == (None, False, None)


def test_absent_query_and_parameters_are_null(gateway: Gateway) -> None:
    event = event_of(get(gateway, "/v1/admin/queue"))
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None
    assert event["pathParameters"] is None


def test_each_request_has_an_id_of_its_own(gateway: Gateway) -> None:
    first, second = get(gateway, "/v1/admin/queue"), get(gateway, "/v1/admin/queue")
    assert event_of(first)["requestContext"]["requestId"] == header(first, "x-amzn-RequestId")
    assert header(first, "x-amzn-RequestId") != header(second, "x-amzn-RequestId")


@pytest.mark.parametrize("query", ["id=%ff", "%c3=1", "id=%ED%A0%80"])
def test_a_query_that_is_not_utf_8_is_400(gateway: Gateway, query: str) -> None:
    reply = get(gateway, "/v1/admin/queue", query)
    assert (reply.status, json.loads(reply.body)["code"]) == (400, "unreadable")


@pytest.mark.parametrize(
    ("body", "encoded"),
    [
        (b'{"text": "\xc3\xa4"}', False),
        (b"\x00", False),
        ("{}".encode("utf-16"), True),
        (b"\xed\xa0\x80", True),
    ],
)
def test_a_body_arrives_as_text_or_else_as_base64(gateway: Gateway, body: bytes, encoded: bool) -> None:  # noqa: FBT001
    reply = gateway.handle(Request("POST", "/v1/articles/a/comments", body=body))
    event = event_of(reply)
    assert event["isBase64Encoded"] is encoded
    assert (base64.b64decode(event["body"]) if encoded else event["body"].encode()) == body


def test_a_body_over_the_limit_is_413(gateway: Gateway) -> None:
    at_limit = Request("POST", "/v1/articles/a/comments", body=b" " * LARGEST_BODY)
    assert gateway.handle(at_limit).status == 200
    over = Request("POST", "/v1/articles/a/comments", body=b" " * (LARGEST_BODY + 1))
    reply = gateway.handle(over)
    assert (reply.status, json.loads(reply.body)["code"]) == (413, "body_too_large")
    assert header(reply, "Access-Control-Allow-Origin") == "*"


def test_head_is_get_without_the_body(gateway: Gateway) -> None:
    head = gateway.handle(Request("HEAD", "/picture", headers=[("Accept", "image/png")]))
    got = get(gateway, "/picture", headers=[("Accept", "image/png")])
    assert (head.status, head.body) == (200, b"")
    assert header(head, "Content-Length") == header(got, "Content-Length") == "5"
    assert got.body == b"\x89PNG\xff"


def test_an_answer_without_content_has_neither_body_nor_length(gateway: Gateway) -> None:
    reply = get(gateway, "/nothing")
    assert (reply.status, reply.body, header(reply, "Content-Length")) == (204, b"", None)


def test_a_header_may_have_several_values(gateway: Gateway) -> None:
    reply = get(gateway, "/v1/admin/queue")
    assert [value for name, value in reply.headers if name == "X-Echo"] == ["1", "2"]


def test_a_preflight_is_answered_from_the_routes_cors(gateway: Gateway) -> None:
    reply = gateway.handle(Request("OPTIONS", "/v1/articles/a/comments"))
    assert (reply.status, reply.body) == (200, b"")
    assert header(reply, "Access-Control-Allow-Origin") == "*"
    assert header(reply, "Access-Control-Allow-Methods") == "GET,HEAD,OPTIONS,POST"
    assert "Afterword-Reader" in (header(reply, "Access-Control-Allow-Headers") or "")
    assert header(reply, "Access-Control-Max-Age") == "600"


def test_there_is_no_preflight_where_the_route_allows_none(gateway: Gateway) -> None:
    reply = gateway.handle(Request("OPTIONS", "/v1/admin/queue"))
    assert (reply.status, header(reply, "Access-Control-Allow-Origin")) == (405, None)
    assert header(reply, "Allow") == "GET, HEAD"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"statusCode": "fine"},
        {"statusCode": 9},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "?", "isBase64Encoded": True},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"X-A": "薬"}},
        {"statusCode": 200, "multiValueHeaders": {"X-A": ["a\nb"]}},
    ],
)
def test_an_answer_that_is_none_is_refused(answer: object) -> None:
    with pytest.raises(MalformedAnswerError):
        read_answer(answer)


def test_a_broken_answer_becomes_a_500_that_tells_nothing(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    reply = get(gateway, "/broken")
    assert (reply.status, json.loads(reply.body)["code"]) == (500, "internal")
    assert b"X-Broken" not in reply.body
    assert str(header(reply, "x-amzn-RequestId")) in caplog.text


def test_threads_never_see_each_others_requests(gateway: Gateway) -> None:
    together = threading.Barrier(8)

    def ask(number: int) -> bool:
        together.wait(10)
        return all(
            event_of(get(gateway, f"/v1/articles/{number}-{turn}"))["pathParameters"]["article_id"]
            == f"{number}-{turn}"
            for turn in range(50)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))


@pytest.fixture(scope="module")
def port(gateway: Gateway) -> Iterator[int]:
    with serving(gateway) as port:
        yield port


def over_the_wire(port: int, request: bytes) -> tuple[bytes, Any]:
    """Send bytes as they are and read to the end: the status line, and the body read as JSON."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0], json.loads(body) if body else None


@pytest.mark.parametrize(
    ("target", "article_id"),
    [
        (b"/v1/articles/a%2Fb", "a%2Fb"),
        (b"/v1/articles/a%252Fb", "a%252Fb"),
        (b"/v1/articles/..", ".."),
        (b"/v1/articles/%2e%2e", "%2e%2e"),
        (b"/v1/articles/a%23b?x=1", "a%23b"),
        (b"/v1/articles/x|y", "x|y"),
        (b"http://elsewhere.example:80/v1/articles/a%2Fb", "a%2Fb"),
        (b"HTTP://elsewhere.example/v1/articles/a", "a"),
    ],
)
def test_a_path_comes_through_waitress_as_it_was_sent(port: int, target: bytes, article_id: str) -> None:
    request = b"GET " + target + b" HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1\r\nConnection: close\r\n\r\n"
    status, event = over_the_wire(port, request)
    assert status == b"HTTP/1.1 200 OK"
    assert event["pathParameters"] == {"article_id": article_id}
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"


def test_headers_and_body_come_through_waitress(port: int) -> None:
    chunked = b"Transfer-Encoding: chunked\r\n\r\n3\r\n{\xc3\xa4\r\n1\r\n}\r\n0\r\n\r\n"
    request = (
        b"POST /v1/articles/a/comments HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        b"Content-Type: text/plain\r\nAfterword-Reader: token\r\n" + chunked
    )
    _, event = over_the_wire(port, request)
    assert event["body"] == "{ä}"
    assert event["headers"]["Afterword-Reader"] == "token"
    assert event["headers"]["Content-Type"] == "text/plain"


def test_a_large_body_is_refused_through_waitress(port: int) -> None:
    head = b"POST /v1/articles/a/comments HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    status, problem = over_the_wire(port, head % (LARGEST_BODY + 1) + b" " * (LARGEST_BODY + 1))
    assert (status.split()[1], problem["code"]) == (b"413", "body_too_large")


def test_head_and_unknown_targets_come_through_waitress(port: int) -> None:
    closing = b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert over_the_wire(port, b"HEAD /v1/articles/a" + closing) == (b"HTTP/1.1 200 OK", None)
    assert over_the_wire(port, b"OPTIONS *" + closing)[0] == b"HTTP/1.1 404 Not Found"
    assert over_the_wire(port, b"CONNECT a:80" + closing)[0] == b"HTTP/1.1 404 Not Found"
    assert over_the_wire(port, b"GET http://a" + closing)[0] == b"HTTP/1.1 404 Not Found"


@pytest.mark.parametrize(
    ("request_head", "status", "code"),
    [
        ("GET /v1/articles/薬 HTTP/1.1\r\n".encode(), b"400", "unreadable"),
        (b"nonsense\r\n", b"400", "unreadable"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n", b"400", "unreadable"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: wonder\r\n", b"400", "unreadable"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n", b"413", "body_too_large"),
        # To the byte, as what is sent beyond it would make the system reset the connection.
        (b"GET / HTTP/1.1\r\nX-Large: ".ljust(64 * 1024 - 2, b"a"), b"431", "headers_too_large"),
    ],
)
def test_what_waitress_refuses_is_a_problem_document_too(
    port: int, request_head: bytes, status: bytes, code: str
) -> None:
    status_line, problem = over_the_wire(port, request_head + b"\r\n")
    assert (status_line.split()[1], problem["code"]) == (status, code)
