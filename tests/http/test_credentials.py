"""Who may do what: every admin route asks for a token that stands, wherever else one may turn up."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.dynamodb import DynamoStores
from chalicelib.keyring import Keyring
from chalicelib.people import Act, NewModerator, add
from chalicelib.routes.body import FORM
from chalicelib.routes.credentials import COOKIE
from chalicelib.routes.endpoint import DESK, Endpoint
from chalicelib.settings import Secret
from tests.conftest import Service
from tests.http.conftest import OWN, Site, bearer, path, reader, registered
from tests.http.test_hostile_bodies import FORMS, GOOD, form

Items = Callable[[], dict[tuple[str, str], Any]]
FEWEST = 60
OWNERS_FORMS = {"post_desk_rules", "post_desk_people"}
"""Forms that do what only owners may; whoever is none reads so on the page."""
OVERTAKEN = {"post_decide", "post_desk_people"}
"""What a good form asks for may have been done by the API's endpoint before."""
ABSENT = {"post_undo", "delete_moderator", "delete_token", "post_token", "post_desk_tokens"}
"""What a good body asks for is not there: what matters is that the owner is let in."""


def admin(service: Service) -> list[Endpoint]:
    """Return what only moderators may do: the API's part for them, and the forms of the desk."""
    found = [each for each in registered(service) if each.access in {"moderator", "owner"}]
    assert {each.name for each in found} >= {*FORMS}
    return found


def sent(endpoint: Endpoint, comment_id: str) -> tuple[str, str, str | None, dict[str, str]]:
    """Return method, path, a body that the endpoint would take from the owner, and the header that tells its kind."""
    where = endpoint.path.replace("{comment_id}", comment_id).replace("{article_id}", "guarded")
    if endpoint.name in FORMS:
        return endpoint.method, where, form(endpoint.name, comment_id), {"Content-Type": FORM}
    body = json.dumps(GOOD[endpoint.name]) if endpoint.body is not None else None
    return endpoint.method, where, body, {}


def jwt(header: Mapping[str, Any], claims: Mapping[str, Any], key: str | None = None) -> str:
    """Return a JSON Web Token, signed with HMAC-SHA256 where there is a key."""
    parts = [_segment(json.dumps(part).encode()) for part in (header, claims)]
    mac = hmac.new(key.encode(), ".".join(parts).encode(), hashlib.sha256).digest() if key else b""
    return ".".join([*parts, _segment(mac)])


def _segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def expired(stores: DynamoStores, name: str) -> str:
    """Add a moderator whose only token has expired, and return it."""
    long_ago = datetime.now(UTC) - timedelta(days=2)
    act = Act("owner", long_ago, secrets.randbits(42), lambda _: None)
    return add(stores.people, NewModerator(name=name, days=1), act, lambda _: secrets.token_bytes(32)).token


@pytest.fixture
def waiting(site: Site) -> str:
    comment_id: str = site.comment("guarded", "An honest comment that waits.")["comment"]["id"]
    return comment_id


@pytest.fixture
def owner(service: Service) -> str:
    return service.owner["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def foreign(base_settings: Any, service: Service, table_client: Any) -> str:
    """A token that stands, of another site in the same table."""
    from chalicelib.dynamodb import open_stores  # noqa: PLC0415 - as in tests/conftest.py

    other = base_settings.model_copy(update={"site": f"t-{secrets.token_hex(8)}", "table": service.settings.table})
    act = Act("owner", datetime.now(UTC), secrets.randbits(42), lambda _: None)
    people = open_stores(table_client, other).people
    return add(people, NewModerator(name="Ann", role="owner"), act, lambda _: secrets.token_bytes(32)).token


@pytest.fixture
def wrong(service: Service, site: Site, stores: DynamoStores, owner: str, foreign: str) -> dict[str, str]:
    """Every wrong `Authorization` by name: forged, expired, revoked, foreign, malformed."""
    key = service.settings.secrets[0].key.get_secret_value()
    strange = Keyring([Secret(kid="k1", key="x" * 40)])
    good = site.moderator("Good")
    ids = site.ok("GET", "/v1/admin/tokens", headers=bearer(good))["items"]
    revoked = site.ok("POST", "/v1/admin/tokens", json={"label": "lost"}, headers=bearer(good))
    site.ok("DELETE", "/v1/admin/tokens", json={"id": revoked["items"][-1]["id"]}, headers=bearer(good))
    removed = site.moderator("Gone", role="owner")
    site.ok("DELETE", "/v1/admin/moderators", json={"name": "Gone"}, headers=service.owner)
    again = site.moderator("Gone", role="owner")
    site.ok("DELETE", "/v1/admin/moderators", json={"name": "Gone"}, headers=service.owner)
    session = site.session(good)["Cookie"].partition("=")[2]
    comment = site.comment("guarded", "Mine.")
    claims = {"sub": "owner", "role": "owner", "name": "Good", "exp": 4102444800, "iat": 0}
    hs, none = {"alg": "HS256", "typ": "JWT"}, {"alg": "none", "typ": "JWT"}
    tokens = {
        "expired": expired(stores, "Late"),
        "revoked": revoked["token"],
        "of somebody removed": removed,
        "of somebody removed twice": again,
        "of another site": foreign,
        "never made": "aft_" + "A" * 43,
        "never made, random": f"aft_{secrets.token_urlsafe(32)}",
        "its digest": hashlib.sha256(good.encode()).hexdigest(),
        "its digest with the prefix": f"aft_{_segment(hashlib.sha256(good.encode()).digest())}",
        "its id": ids[0]["id"],
        "its id with the prefix": f"aft_{ids[0]['id']}",
        "without the prefix": good.removeprefix("aft_"),
        "another prefix": good.replace("aft_", "aft-"),
        "prefix in capitals": good.replace("aft_", "AFT_"),
        "prefix twice": f"aft_{good}",
        "one letter less": good[:-1],
        "one letter more": good + "A",
        "other case": good.swapcase(),
        "turned round": good[::-1],
        "padded": f"{good}=",
        "twice": good * 2,
        "two, with a comma": f"{good},{good}",
        "in quotes": f'"{good}"',
        "with a NUL": f"{good}\x00",
        "percent-encoded": good.replace("_", "%5F"),
        "in base64": base64.b64encode(good.encode()).decode(),
        "as wide letters": "".join(chr(ord(sign) + 0xFEE0) for sign in good),
        "with a space inside": f"{good[:20]} {good[20:]}",
        "the name": "Good",
        "the owner's, one less": owner[:-1],
        "the owner's, one more": f"{owner}x",
        "the owner's, other case": owner.swapcase(),
        "the owner's, turned round": owner[::-1],
        "the owner's with the prefix": f"aft_{owner}",
        "a session": session,
        "a session with the prefix": f"aft_{session}",
        "a session never begun": Keyring(service.settings.secrets).sign("session", "x" * 43),
        "signed by us for nothing": Keyring(service.settings.secrets).sign("token", "owner"),
        "a reader's": comment["reader"],
        "an edit token": comment["edit_token"],
        "a form's time": site.thread("guarded")["form"],
        "a cursor": Keyring(service.settings.secrets).sign("cursor.queue", "x", "pending|"),
        "signed by another key": strange.sign("session", "x" * 43),
        "the signing key": key,
        "the signing key with its id": f"k1:{key}",
        "JWT, not signed": jwt(none, claims),
        "JWT, None": jwt({**none, "alg": "None"}, claims),
        "JWT, no algorithm": jwt({"typ": "JWT"}, claims),
        "JWT by our own key": jwt(hs, claims, key),
        "JWT by the owner's token": jwt(hs, claims, owner),
        "JWT by an empty key": jwt(hs, claims, " "),
        "JWT by a public key": jwt({"alg": "RS256", "typ": "JWT"}, claims, "-----BEGIN PUBLIC KEY-----"),
        "JWT with a key of its own": jwt({**hs, "jwk": {"kty": "oct", "k": "eA"}}, claims, "x"),
        "JWT with a key from elsewhere": jwt({**hs, "jku": "https://evil.example/keys"}, claims, "x"),
        "JWT with a key from a path": jwt({**hs, "kid": "../../dev/null"}, claims, " "),
        "JWT with a key by SQL": jwt({**hs, "kid": "' UNION SELECT 'x'--"}, claims, "x"),
        "JWT that has expired": jwt(hs, {**claims, "exp": 1}, key),
        "JWT with the prefix": f"aft_{jwt(none, claims)}",
        "JWT without a signature": jwt(none, claims).rstrip("."),
        "JWT of two dots": "..",
        "JWE": ".".join([_segment(b'{"alg":"dir","enc":"A128GCM"}'), "", "AAAA", "AAAA", "AAAA"]),
        "null": "null",
        "undefined": "undefined",
        "true": "true",
        "an object": '{"role":"owner"}',
        "a placeholder": "$OWNER",
        "nothing": "",
        "spaces": "   ",
        "letters outside ASCII": "ünïcode",
        "half a character": "\udcff",
        "very long": "x" * 5000,
        "SQL": "' OR '1'='1",
        "a path": "../../owner-token",
    }
    return {
        **{name: f"Bearer {token}" for name, token in tokens.items()},
        "no scheme": good,
        "no token": "Bearer",
        "no space": f"Bearer{good}",
        "Basic": f"Basic {base64.b64encode(f'Good:{good}'.encode()).decode()}",
        "Basic, the token bare": f"Basic {good}",
        "Token": f"Token {good}",
        "Digest": f'Digest username="owner", response="{good}"',
        "Negotiate": f"Negotiate {good}",
        "the scheme twice": f"Bearer Bearer {good}",
        "two credentials": f"Bearer x, Bearer {good}",
        "a colon": f"Bearer: {good}",
        "empty": "",
    }


def test_admin_routes_and_only_they_are_for_moderators(service: Service) -> None:
    inside = [each for each in registered(service) if each.path.startswith(("/v1/admin", "/admin"))]
    guarded = {each.name for each in admin(service)}
    pages = {each.name for each in inside if each.access == "desk"}
    assert guarded | pages == {each.name for each in inside}
    assert {(each.method, each.path) for each in inside if each.access == "desk" and each.method != "GET"} == {
        ("POST", "/admin/session"),
        ("DELETE", "/admin/session"),
    }, "of what is no page, only the door stands open"
    assert len(guarded) >= 40
    for each in registered(service):
        inside = each.path.startswith("/v1/admin") or each.path == "/admin" or each.path.startswith("/admin/")
        assert inside or each.access not in DESK, "a session counts nowhere else"


def test_every_admin_route_takes_the_owners_token(service: Service, waiting: str) -> None:
    for endpoint in admin(service):
        method, where, body, kind = sent(endpoint, waiting)
        answer = service.request(method, where, body=body, headers={**kind, **service.owner})
        done = {404} if endpoint.name in ABSENT else set(endpoint.answers)
        if endpoint.name in OVERTAKEN:
            done.add(409)
        assert answer.status in done, (endpoint.name, answer.text)


def test_every_route_of_moderators_takes_a_personal_token_and_an_owners_route_an_owners(
    service: Service, site: Site, waiting: str
) -> None:
    known = {role: bearer(site.moderator(f"The {role}", role=role)) for role in ("moderator", "owner")}
    last = ("post_decision", "post_desk_sessions")
    for endpoint in sorted(admin(service), key=lambda each: each.name in last):
        method, where, body, kind = sent(endpoint, waiting)
        for role, headers in known.items():
            answer = service.request(method, where, body=body, headers={**kind, **headers})
            refused = (endpoint.access == "owner" or endpoint.name in OWNERS_FORMS) and role == "moderator"
            assert (answer.status == 403) == refused, (endpoint.name, role, answer.text)
            assert answer.status != 401, (endpoint.name, role)


def test_wrong_credentials_are_401_and_change_nothing(
    service: Service, waiting: str, items: Items, wrong: Mapping[str, str]
) -> None:
    assert len(set(wrong.values())) >= FEWEST
    before = items()
    for name, authorization in wrong.items():
        for endpoint in admin(service):
            method, where, body, kind = sent(endpoint, waiting)
            answer = service.request(method, where, body=body, headers={**kind, "Authorization": authorization})
            assert (answer.status, answer.json()["code"]) == (401, "not_signed_in"), (name, endpoint.name)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.headers["cache-control"] == "no-store"
            assert "set-cookie" not in answer.headers
    assert items() == before


def test_a_wrong_token_is_not_made_right_by_a_session(
    service: Service, site: Site, owner: str, items: Items, wrong: Mapping[str, str]
) -> None:
    signed_in = site.session(owner)
    before = items()
    for name, authorization in wrong.items():
        headers = {**signed_in, "Authorization": authorization}
        assert service.request("GET", "/v1/admin/policy", headers=headers).status == 401, name
        assert service.request("POST", "/v1/admin/terms", json=GOOD["post_term"], headers=headers).status == 401, name
    assert items() == before


def test_nobody_signs_in_by_what_is_no_token(service: Service, items: Items, wrong: dict[str, str]) -> None:
    before = without_allowances(items())
    del wrong["no scheme"]  # It is a token that stands; only the header was none.
    for number, (name, authorization) in enumerate(wrong.items()):
        token, network = authorization.removeprefix("Bearer "), f"198.51.{number}.1"
        answer = service.request("POST", "/admin/session", json={"token": token}, ip=network)
        assert answer.status in {401, 422}, (name, answer.status)
        assert "set-cookie" not in answer.headers
    assert without_allowances(items()) == before


def without_allowances(found: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    return {key: item for key, item in found.items() if "|T|" not in key[0] and not key[1].startswith("DAY#")}


def test_a_moderator_changes_nothing_that_is_an_owners(
    service: Service, site: Site, waiting: str, items: Items
) -> None:
    token = site.moderator("Ann")
    signed_in = site.session(token)
    service.request("GET", "/v1/admin/me", headers=bearer(token))
    before = items()
    owners = [each for each in admin(service) if each.access == "owner"]
    assert {"patch_site_policy", "post_moderator", "delete_moderator", "get_moderators"} <= {
        each.name for each in owners
    }
    for endpoint in owners:
        method, where, body, kind = sent(endpoint, waiting)
        for headers in (bearer(token), signed_in):
            answer = service.request(method, where, body=body, headers={**kind, **headers})
            assert (answer.status, answer.json()["code"]) == (403, "forbidden"), endpoint.name
    for method, how in (
        ("GET", {"query": {"moderator": "owner"}}),
        ("POST", {"json": {"label": "a way in", "moderator": "owner"}}),
        ("POST", {"json": {"label": "a way in", "moderator": "Bea"}}),
    ):
        answer = service.request(method, "/v1/admin/tokens", headers=bearer(token), **how)
        assert answer.status == 403
    assert items() == before


def test_the_token_counts_in_its_header_only(service: Service, site: Site, waiting: str, items: Items) -> None:
    for token in (service.owner["Authorization"].removeprefix("Bearer "), site.moderator("Ann", role="owner")):
        service.request("GET", "/v1/admin/me", headers=bearer(token))
        before = items()
        for endpoint in admin(service):
            method, where, body, kind = sent(endpoint, waiting)
            elsewhere = {**kind, "Cookie": f"token={token}", "X-Authorization": f"Bearer {token}", **reader(token)}
            for query in ({"token": token}, {"access_token": token}, {"Authorization": f"Bearer {token}"}):
                assert service.request(method, where, body=body, query=query, headers=kind).status == 401
                answer = service.request(method, where, body=body, query=query, headers={**kind, **bearer(token)})
                assert answer.status == 422, "an address is written into logs, so it takes no token, right as it may be"
                assert token not in answer.text
            assert service.request(method, where, body=body, headers=elsewhere).status == 401
            as_cookie = {**kind, "Cookie": f"{COOKIE}={token}", **OWN}
            assert service.request(method, where, body=body, headers=as_cookie).status == 401
        assert items() == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "TRACE", "CONNECT", "PUT", "post", "X"])
def test_a_write_by_another_method_is_405_and_changes_nothing(
    service: Service, site: Site, owner: str, waiting: str, items: Items, method: str
) -> None:
    signed_in = site.session(owner)
    every = registered(service)
    before = items()
    for endpoint in admin(service) + [each for each in every if each.path == "/admin/session"]:
        _, where, body, kind = sent(endpoint, waiting)
        known = {each.method for each in every if each.path == endpoint.path}
        if method in known or (method == "HEAD" and "GET" in known):
            continue
        for headers in (service.owner, signed_in):
            answer = service.request(method, where, body=body, headers={**kind, **headers})
            assert (answer.status, "allow" in answer.headers) == (405, True), (method, where)
    assert items() == before


def test_reading_changes_nothing_by_any_credential(service: Service, site: Site, owner: str, items: Items) -> None:
    site.publish("guarded", "Public words.")
    signed_in = site.session(owner)
    before = items()
    for endpoint in admin(service):
        if endpoint.method == "GET" and "{" not in endpoint.path:
            for method in ("GET", "HEAD"):
                for headers in (service.owner, signed_in):
                    assert service.request(method, endpoint.path, headers=headers).status == 200, endpoint.name
    assert items() == before


def test_strangers_learn_nothing_about_what_is_there(service: Service, waiting: str) -> None:
    def refusal(comment_id: str) -> tuple[int, Any]:
        answer = service.request("GET", f"/v1/admin/comments/{comment_id}")
        return answer.status, {**answer.json(), "request_id": ""}

    assert refusal(waiting) == refusal("0" * 26) == refusal("not-an-id")
    for body in (b"", b"{", b"x" * 70_000):
        assert service.request("PATCH", "/v1/admin/policy", body=body).status == 401


def test_the_owners_token_makes_nobody_a_reader(service: Service) -> None:
    answer = service.request("PUT", f"{path('a')}/rating", json={"stars": 5}, headers=service.owner)
    assert answer.json()["reader"]
    assert answer.json()["reader"] != service.owner["Authorization"]


def test_a_readers_token_is_bound_to_reading(service: Service, site: Site, items: Items) -> None:
    """Every token is signed for one purpose: none can stand in for another."""
    comment = site.comment("guarded", "Tokens of all kinds.")
    for number in range(2):
        site.publish("guarded", f"Another {number}.")
    thread = site.thread("guarded")
    cursor = site.ok("GET", f"{path('guarded')}/comments", query={"limit": 1})["next"]
    personal = site.moderator("Ann")
    before = items()
    for token in (comment["edit_token"], thread["form"], cursor, personal):
        answer = service.request("PUT", f"{path('a')}/rating", json={"stars": 5}, headers=reader(token))
        assert (answer.status, answer.json()["code"]) == (401, "reader_token_invalid")
    for token in (comment["edit_token"], thread["form"], comment["reader"], personal):
        answer = service.request("GET", f"{path('guarded')}/comments", query={"cursor": token})
        assert (answer.status, answer.json()["code"]) == (422, "cursor_invalid")
    assert items() == before
