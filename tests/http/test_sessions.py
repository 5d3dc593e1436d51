"""The desk's session: what the cookie opens, whose requests it counts for, and how it ends."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from chalicelib.dynamodb import DynamoStores, open_stores
from chalicelib.keyring import Keyring
from chalicelib.people import MOST_SESSIONS
from chalicelib.routes import create_app
from chalicelib.routes.credentials import COOKIE
from chalicelib.routes.session import SIGN_INS
from chalicelib.settings import Settings
from tests.conftest import Answer, Service
from tests.faults import injected
from tests.http.conftest import OWN, Site, bearer, cookie, path, registered
from tests.http.test_credentials import admin, sent
from tools.gateway import Gateway

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Items = Callable[[], dict[tuple[str, str], Any]]

FORM = "application/x-www-form-urlencoded"
POLICY, TERMS, SESSION = "/v1/admin/policy", "/v1/admin/terms", "/admin/session"
TERM = {"value": "casino"}
HOST = "afterword.example"
FOREIGN: tuple[dict[str, str], ...] = (
    {},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://evil.example"},
    {"Origin": f"https://{HOST}.evil.example"},
    {"Origin": f"https://evil.example#{HOST}"},
    {"Origin": f"https://www.{HOST}"},
    {"Origin": f"https://{HOST}:8443"},
    {"Origin": f"http://{HOST}"},
    {"Origin": f"https://{HOST}/"},
    {"Origin": f"https://{HOST}, https://evil.example"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": HOST},
    {"Origin": "*"},
    {"Referer": f"https://{HOST}/admin"},
    {"Origin": f"https://{HOST}", "Sec-Fetch-Site": "cross-site"},
    {"Origin": f"https://{HOST}", "Sec-Fetch-Site": "same-site"},
    {"Origin": f"https://{HOST}", "Sec-Fetch-Site": "none"},
    {"Origin": f"https://{HOST}", "Sec-Fetch-Site": ""},
    {"Origin": f"https://{HOST}", "Host": "evil.example"},
    {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
)
"""What a browser says of requests that another page makes it send, or that it says nothing of."""
KINDS = ("application/json", "text/plain", FORM, "multipart/form-data; boundary=x")
"""JSON by fetch; and what a form of another page can send."""


@pytest.fixture
def ann(site: Site) -> str:
    """The token of a moderator."""
    return site.moderator("Ann")


@pytest.fixture
def owner(service: Service) -> str:
    return service.owner["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def waiting(site: Site) -> str:
    comment_id: str = site.comment("guarded", "An honest comment that waits.")["comment"]["id"]
    return comment_id


def sign_in(service: Service, token: str, **how: Any) -> Answer:
    return service.request("POST", SESSION, json={"token": token}, **how)


def is_open(service: Service, session: dict[str, str]) -> bool:
    status = service.request("GET", POLICY, headers=session).status
    assert status in {200, 401}
    return status == 200


def held(items: Items) -> list[dict[str, Any]]:
    return [item for item in items().values() if item.get("kind") == {"S": "session"}]


def test_the_cookie_is_kept_from_scripts_from_other_hosts_and_from_lines_without_tls(
    service: Service, ann: str
) -> None:
    answer = sign_in(service, ann)
    assert answer.json() == {"name": "Ann", "role": "moderator", "via": "session"}
    name_and_value, *attributes = answer.headers["set-cookie"].split("; ")
    name, _, value = name_and_value.partition("=")
    assert name == "__Host-afterword-session", "browsers take the prefix only with Secure, Path=/ and no Domain"
    assert set(attributes) == {"HttpOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age=43200"}
    assert ann not in value
    assert answer.headers["cache-control"] == "no-store"


def test_a_form_signs_in_and_out_and_leads_to_the_desk(service: Service, ann: str) -> None:
    headers = {"Content-Type": FORM, **OWN}
    came = service.request("POST", SESSION, body=f"token={ann}", headers=headers)
    assert (came.status, came.headers["location"], came.body) == (303, "../admin", b"")
    assert not came.headers["location"].startswith("/"), "a stage's path may stand before it"
    session = {"Cookie": came.headers["set-cookie"].partition(";")[0], **OWN}
    assert is_open(service, session)
    left = service.request("POST", SESSION, body="_method=DELETE", headers={**headers, **session})
    assert (left.status, left.headers["location"]) == (303, "../admin")
    assert left.headers["set-cookie"].startswith(f"{COOKIE}=;")
    assert "Max-Age=0" in left.headers["set-cookie"]
    assert not is_open(service, session)


@pytest.mark.parametrize("token", ["wrong", "", "aft_", f"aft_{'A' * 43}", "a b", "ключ", "\x00", "x" * 1024])
def test_a_wrong_token_in_a_form_leads_back_to_the_door_which_says_so(
    service: Service, items: Items, token: str
) -> None:
    headers = {"Content-Type": FORM, "Accept": "text/html", **OWN}
    answer = service.request("POST", SESSION, body=urlencode({"token": token}), headers=headers)
    assert (answer.status, answer.headers["location"], answer.body) == (303, "../admin?refused=", b"")
    assert "set-cookie" not in answer.headers
    assert held(items) == []
    page = service.request("GET", "/admin?refused=", headers=OWN)
    assert page.status == 200
    (said,) = re.findall(r'role="alert">([^<]+)<', page.text)
    assert said.startswith("This token was not accepted.")
    assert 'aria-invalid="true"' in page.text
    plain = service.request("GET", "/admin").text
    assert "not accepted" not in plain
    assert "aria-invalid" not in plain


def test_who_tries_too_often_by_a_form_is_told_by_a_page(service: Service, ann: str) -> None:
    headers = {"Content-Type": FORM, "Accept": "text/html", **OWN}
    for _ in range(SIGN_INS.count):
        sign_in(service, "wrong")
    answer = service.request("POST", SESSION, body=f"token={ann}", headers=headers)
    assert (answer.status, answer.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert "set-cookie" not in answer.headers


def test_a_session_does_what_its_moderator_may(service: Service, site: Site, ann: str, waiting: str) -> None:
    session = site.session(ann)
    assert site.ok("GET", "/v1/admin/me", headers=session) == {"name": "Ann", "role": "moderator", "via": "session"}
    ruling = {"action": "approve", "revision": 1}
    decided = site.ok("POST", f"/v1/admin/comments/{waiting}/decision", json=ruling, headers=session)
    assert decided["decision"]["by"] == "Ann"
    assert site.ok("GET", "/v1/admin/audit", headers=service.owner)["items"][0]["by"] == "Ann"
    assert site.ok("POST", TERMS, json=TERM, headers=session)["items"]
    assert service.request("PATCH", POLICY, json={"mode": "open"}, headers=session).status == 403


def test_the_owner_signs_in_with_the_token_of_the_environment(service: Service, site: Site, owner: str) -> None:
    session = site.session(owner)
    assert site.ok("GET", "/v1/admin/me", headers=session) == {"name": "owner", "role": "owner", "via": "session"}
    assert site.ok("PATCH", POLICY, json={"mode": "open"}, headers=session)["mode"] == "open"


def test_what_other_pages_make_a_browser_send_is_refused_and_changes_nothing(
    service: Service, site: Site, owner: str, waiting: str, items: Items
) -> None:
    session = {"Cookie": site.session(owner)["Cookie"]}
    writes = [each for each in admin(service) if each.method != "GET"]
    before = items()
    for said in FOREIGN:
        for endpoint in writes:
            method, where, body, kind = sent(endpoint, waiting)
            answer = service.request(method, where, body=body, headers={**kind, **session, **said})
            assert (answer.status, answer.json()["code"]) == (403, "forbidden"), (endpoint.name, said)
            posted = service.request("POST", where, body=body, headers={**kind, **session, **said})
            assert posted.status in {403, 405}, (endpoint.name, said)
        for kind in KINDS:
            for where, body in (
                (SESSION, b"_method=DELETE"),
                (TERMS, b"value=casino"),
                (TERMS, b'{"value": "casino"}'),
            ):
                headers = {**session, **said, "Content-Type": kind}
                assert service.request("POST", where, body=body, headers=headers).status == 403, (kind, said)
    assert items() == before
    assert is_open(service, session)


def test_a_cookie_among_others_is_found_and_one_of_another_name_is_none(service: Service, site: Site, ann: str) -> None:
    value = site.session(ann)["Cookie"]
    bare = value.partition("=")[2]
    for sent_cookie, status in (
        (f"a=b; {value}; c=d", 200),
        (f"{value};a=b", 200),
        (f"x{value}", 401),
        (f"afterword-session={bare}", 401),
        (f"__Secure-afterword-session={bare}", 401),
        (f"{COOKIE.upper()}={bare}", 401),
        (bare, 401),
        (f"a={value}", 401),
        ("", 401),
        (";;;=;", 401),
    ):
        assert service.request("GET", POLICY, headers={"Cookie": sent_cookie}).status == status, sent_cookie


def test_a_forged_cookie_is_nobodys_and_costs_no_look_at_the_table(
    service: Service, site: Site, ann: str, items: Items, table_client: "DynamoDBClient"
) -> None:
    value = site.session(ann)["Cookie"].partition("=")[2]
    kid, payload, mac = value.split(".")
    forged = ["", "x", "..", "k1..", value[:-1], value + "A", value.swapcase(), f"{kid}.{mac}.{payload}"]
    forged += [f"{kid}.{payload}.", f"k2.{payload}.{mac}", f"{kid}.{payload}A.{mac}", '"' + value + '"', "ü", ann]
    forged += [Keyring(service.settings.secrets).sign("edit", "x" * 43), "a" * 5000]
    before = items()
    with injected(table_client, {("*", "away"): 1.0}):
        for each in forged:
            assert service.request("GET", POLICY, headers=cookie(each)).status == 401, each
            assert service.request("POST", TERMS, json=TERM, headers=cookie(each)).status == 401, each
    unknown = Keyring(service.settings.secrets).sign("session", "x" * 43)
    assert service.request("POST", TERMS, json=TERM, headers=cookie(unknown)).status == 401
    assert items() == before


def test_a_session_works_at_the_desk_only(service: Service, site: Site, ann: str, waiting: str) -> None:
    session = site.session(ann)
    for endpoint in registered(service):
        if endpoint.access == "author":
            where = endpoint.path.replace("{comment_id}", waiting)
            body = {"json": {"text": "By a moderator."}} if endpoint.body is not None else {}
            assert service.request(endpoint.method, where, headers=session, **body).status == 401, endpoint.name
    value = session["Cookie"].partition("=")[2]
    assert service.request("GET", POLICY, headers=bearer(value)).status == 401, "nor as a token"
    assert sign_in(service, value).status == 401, "nor to sign in again"
    rated = service.request("PUT", f"{path('a')}/rating", json={"stars": 5}, headers=session)
    assert rated.json()["reader"], "to readers' paths a moderator is a reader like any other"


def test_a_session_ends_with_its_token_and_the_others_go_on(service: Service, site: Site, ann: str) -> None:
    phone = site.ok("POST", "/v1/admin/tokens", json={"label": "phone"}, headers=bearer(ann))
    made, other = site.session(phone["token"]), site.session(ann)
    assert is_open(service, made)
    site.ok("DELETE", "/v1/admin/tokens", json={"id": phone["items"][-1]["id"]}, headers=other)
    assert (is_open(service, made), is_open(service, other)) == (False, True)


def test_a_session_ends_with_its_moderator(service: Service, site: Site, ann: str) -> None:
    session = site.session(ann)
    site.ok("DELETE", "/v1/admin/moderators", json={"name": "Ann"}, headers=service.owner)
    assert not is_open(service, session)
    site.moderator("Ann")
    assert not is_open(service, session), "nor does another of the name bring it back"


def test_signing_out_ends_one_session_and_everywhere_all(
    service: Service, site: Site, ann: str, owner: str, items: Items
) -> None:
    sessions = [site.session(ann) for _ in range(4)]
    others = site.session(owner)
    left = service.request("DELETE", SESSION, headers=sessions[0])
    assert (left.status, left.body) == (204, b"")
    assert "Max-Age=0" in left.headers["set-cookie"]
    assert [is_open(service, each) for each in sessions] == [False, True, True, True]
    everywhere = service.request("DELETE", "/v1/admin/sessions", headers=sessions[1])
    assert everywhere.json() == {"ended": 3}
    assert "Max-Age=0" in everywhere.headers["set-cookie"]
    assert not any(is_open(service, each) for each in sessions)
    assert is_open(service, others), "of nobody else"
    assert service.request("GET", POLICY, headers=bearer(ann)).status == 200, "the token stays"
    assert len(held(items)) == 1
    ended = site.ok("DELETE", "/v1/admin/sessions", headers=service.owner)
    assert (ended, is_open(service, others)) == ({"ended": 1}, False)


def test_who_is_not_signed_in_signs_out_in_peace(service: Service, ann: str) -> None:
    for headers in (OWN, cookie("forged"), bearer(ann), {}):
        assert service.request("DELETE", SESSION, headers=headers).status == 204


def test_old_sessions_make_room_for_new_ones(service: Service, site: Site, stores: DynamoStores, ann: str) -> None:
    sessions = [site.session(ann)]
    for number in range(MOST_SESSIONS):
        answer = sign_in(service, ann, ip=f"198.51.{number}.1")
        sessions.append({"Cookie": answer.headers["set-cookie"].partition(";")[0]})
    assert len(stores.people.people(0).held_by("Ann", "session")) == MOST_SESSIONS
    assert is_open(service, sessions[-1])


def at(settings: Settings, stores: DynamoStores, now: datetime) -> Service:
    """Return the service at another time."""
    return Service(Gateway(lambda: create_app(settings, stores, lambda: now)), settings)


def test_a_session_lasts_twelve_hours_and_no_longer_than_its_token(
    settings: Settings, stores: DynamoStores, site: Site, ann: str
) -> None:
    now = datetime.now(UTC)
    session = site.session(ann)
    assert is_open(at(settings, stores, now + timedelta(hours=11, minutes=59)), session)
    assert not is_open(at(settings, stores, now + timedelta(hours=12, minutes=1)), session)
    short = site.moderator("Bea", days=1)
    late = at(settings, stores, now + timedelta(hours=20))
    answer = sign_in(late, short, ip="198.51.100.9")
    lasts = int(answer.headers["set-cookie"].rpartition("Max-Age=")[2])
    assert 3 * 3600 < lasts <= 4 * 3600
    assert is_open(late, Site(late).session(short))
    assert service_status(at(settings, stores, now + timedelta(hours=25)), short) == 401


def service_status(service: Service, token: str) -> int:
    return service.request("GET", POLICY, headers=bearer(token)).status


def test_the_owners_session_ends_when_the_token_of_the_environment_changes(
    settings: Settings, stores: DynamoStores, site: Site, owner: str
) -> None:
    session = site.session(owner)
    for token in ("another-token-of-the-owner-in-the-environment", None):
        told = {
            "AFTERWORD_SECRETS": ",".join(f"{each.kid}:{each.key.get_secret_value()}" for each in settings.secrets),
            "AFTERWORD_OWNER_TOKEN": token or "",
        }
        changed = Settings.from_environ(told).model_copy(update={"site": settings.site, "table": settings.table})
        elsewhere = Service(Gateway(lambda changed=changed: create_app(changed, stores)), changed)
        assert not is_open(elsewhere, session)


def test_another_process_takes_a_session_at_once_and_a_revoked_token_for_seconds(
    settings: Settings, service: Service, site: Site, ann: str, table_client: "DynamoDBClient"
) -> None:
    stores = open_stores(table_client, settings)
    other = Service(Gateway(lambda: create_app(settings, stores)), settings)
    assert service_status(other, ann) == 200
    session = site.session(ann)
    assert is_open(other, session), "it looks again for what is signed by us"
    site.ok("DELETE", "/v1/admin/sessions", headers=session)
    assert not is_open(service, session)
    stores.people.people(0)  # as after five seconds
    assert not is_open(other, session)


def test_signing_in_is_throttled_by_network_right_or_wrong(service: Service, site: Site, ann: str) -> None:
    for number in range(SIGN_INS.count):
        assert sign_in(service, ann if number % 2 else "wrong").status == (200 if number % 2 else 401)
    for token in (ann, "wrong"):
        answer = sign_in(service, token)
        assert (answer.status, answer.json()["code"]) == (429, "limit_reached")
        assert 1 <= int(answer.headers["retry-after"]) <= 30
        assert "set-cookie" not in answer.headers
    assert sign_in(service, ann, ip="198.51.100.9").status == 200
    assert service_status(service, ann) == 200, "who holds a token goes on"
    site.queue()


@pytest.mark.parametrize("fault", ["away", "throttle", "lost"])
def test_nobody_signs_in_while_tries_cannot_be_counted(
    hasty_client: "DynamoDBClient", settings: Settings, ann: str, items: Items, fault: Any
) -> None:
    stores = open_stores(hasty_client, settings)
    service = Service(Gateway(lambda: create_app(settings, stores)), settings)
    with injected(hasty_client, {("UpdateItem", fault): 1.0}):
        answer = sign_in(service, ann)
        assert service_status(service, ann) == 200, "that its use cannot be noted matters to nobody"
    assert (answer.status, answer.json()["code"]) == (503, "unavailable")
    assert "set-cookie" not in answer.headers
    assert held(items) == []
    assert sign_in(service, ann).status == 200


def test_without_the_table_nobody_is_let_in_and_nobody_is_sent_away(
    hasty_client: "DynamoDBClient", settings: Settings, site: Site, ann: str
) -> None:
    session = site.session(ann)
    stores = open_stores(hasty_client, settings)
    service = Service(Gateway(lambda: create_app(settings, stores)), settings)
    with injected(hasty_client, {("*", "away"): 1.0}):
        for headers in (session, bearer(ann)):
            assert service.request("GET", "/v1/admin/me", headers=headers).status == 503
        assert service.request("GET", "/v1/admin/me", headers=service.owner).status == 200
    for headers in (session, bearer(ann)):
        assert service.request("GET", "/v1/admin/me", headers=headers).status == 200


def test_a_page_on_this_machine_needs_no_tls_and_a_told_origin_is_the_only_one(
    settings: Settings, stores: DynamoStores, site: Site, ann: str
) -> None:
    session = {"Cookie": site.session(ann)["Cookie"]}
    told = settings.model_copy(update={"origin": "https://desk.example"})
    for setting, host, origin, status in (
        (settings, "127.0.0.1:8000", "http://127.0.0.1:8000", 200),
        (settings, "localhost:8000", "http://localhost:8000", 200),
        (settings, "[::1]:8000", "http://[::1]:8000", 200),
        (settings, "localhost", "http://localhost", 200),
        (settings, "127.0.0.1:8000", "http://127.0.0.1:8001", 403),
        (settings, "localhost:8000", "http://127.0.0.1:8000", 403),
        (settings, "localhost.evil.example", "http://localhost.evil.example", 403),
        (settings, "10.0.0.1", "http://10.0.0.1", 403),
        (settings, "afterword.example:8443", "https://afterword.example:8443", 200),
        (told, "internal.execute-api.example", "https://desk.example", 200),
        (told, "internal.execute-api.example", "https://internal.execute-api.example", 403),
        (told, "127.0.0.1:8000", "http://127.0.0.1:8000", 403),
    ):
        service = Service(Gateway(lambda setting=setting: create_app(setting, stores)), setting)
        headers = {**session, "Host": host, "Origin": origin}
        assert service.request("POST", TERMS, json=TERM, headers=headers).status == status, (host, origin)


def test_another_page_cannot_sign_somebody_in_or_out(service: Service, ann: str, items: Items) -> None:
    before = items()
    for said in FOREIGN[1:14]:
        for body in (f"token={ann}", "_method=DELETE"):
            answer = service.request("POST", SESSION, body=body, headers={"Content-Type": FORM, **said})
            assert answer.status == 403, (said, body)
            assert "set-cookie" not in answer.headers
    assert items() == before


def test_nothing_the_table_holds_signs_anybody_in(service: Service, site: Site, ann: str, items: Items) -> None:
    session = site.session(ann)["Cookie"].partition("=")[2]
    kept = str(items())
    assert ann not in kept
    assert ann.removeprefix("aft_") not in kept
    assert session not in kept
    assert session.split(".")[1] not in kept
    for text in texts(items()):
        assert service.request("GET", POLICY, headers=bearer(text)).status == 401
        assert service.request("GET", POLICY, headers=cookie(text)).status == 401


def texts(value: Any) -> Iterator[str]:
    """Yield every text, and the parts of keys, that can stand in a header."""
    if isinstance(value, str):
        yield from (part for part in (value, *value.split("#"), *value.split("|")) if part.isprintable())
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(list(key) if isinstance(key, tuple) else key)
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
