"""Another page in the same browser changes nothing in the user's name: it cannot read the token that our page sends along."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.unit.api.fake_doors import Api, from_our_page, problem_code
from tests.unit.api.test_bad_input import VISIT

OWN = "http://testserver"


def signed_in(api: Api, login: str = "kim@mapo") -> TestClient:
    """A browser in which an operator of this login is signed in."""
    account = api.doors.accounts.find_login(login) or api.doors.accounts.create(login, "", "operator", "{}", "test")
    client = TestClient(api.client.app)
    link = api.doors.accounts.make_link(account.account_id, 60, "test")
    assert client.post("/v1/session", json={"link": link}).status_code == 204
    return client


def csrf_of(client: TestClient) -> str:
    return str(client.get("/v1/me").json()["csrf"])


UNSAFE = [
    ("POST", "/v1/visits", VISIT), ("POST", "/v1/keys", {"label": "k"}), ("DELETE", "/v1/all-access", None),
    ("PUT", "/v1/organisations/coop-a/endpoint", {"url": "http://127.0.0.1:9/h"}), ("POST", "/v1/people/names", {}),
    ("POST", "/v1/clock", {"paused": True}), ("DELETE", "/v1/session", None),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), UNSAFE)
def test_a_forged_request_does_nothing(api: Api, method: str, path: str, body: object) -> None:
    client, neighbour = signed_in(api), signed_in(api, "lee@mapo")
    token = csrf_of(client)
    forged = [
        ({"Origin": "https://evil.example"}, "token_missing"),
        ({"Origin": "https://evil.example", "X-Dolbom-CSRF": token}, "token_missing"),
        ({"Sec-Fetch-Site": "cross-site", "X-Dolbom-CSRF": token}, "token_missing"),
        ({"Sec-Fetch-Site": "same-site", "X-Dolbom-CSRF": token}, "token_missing"),
        ({"Origin": "null", "X-Dolbom-CSRF": token}, "token_missing"),
        ({"X-Dolbom-CSRF": token}, "token_missing"),
        ({"Origin": OWN}, "csrf_wrong"),
        ({"Origin": OWN, "X-Dolbom-CSRF": ""}, "csrf_wrong"),
        ({"Origin": OWN, "X-Dolbom-CSRF": "0" * 64}, "csrf_wrong"),
        ({"Origin": OWN, "X-Dolbom-CSRF": csrf_of(neighbour)}, "csrf_wrong"),
    ]
    for headers, code in forged:
        assert problem_code(client.request(method, path, json=body, headers=headers)) == code, headers
    assert client.get("/v1/me").status_code == 200
    assert api.writer.records == []
    assert api.doors.accounts.list_keys() == []


def test_our_own_page_comes_through(api: Api) -> None:
    client = signed_in(api)
    assert client.post("/v1/visits", json=VISIT, headers=from_our_page(client)).status_code == 202


def test_every_sign_in_has_a_token_of_its_own(api: Api) -> None:
    client = signed_in(api)
    before = csrf_of(client)
    assert csrf_of(client) == before  # the same for all tabs of a session
    link = api.doors.accounts.make_link(api.doors.accounts.list_accounts()[0].account_id, 60, "test")
    assert client.post("/v1/session", json={"link": link}).status_code == 204
    assert csrf_of(client) != before
    old = {"Origin": OWN, "X-Dolbom-CSRF": before}
    assert problem_code(client.post("/v1/visits", json=VISIT, headers=old)) == "csrf_wrong"
    by_token = TestClient(api.client.app)
    tokens = set()
    for _ in range(3):
        by_token.post("/v1/session", json={"token": api.token})
        tokens.add(csrf_of(by_token))
    assert len(tokens) == 3


def test_keys_and_the_token_need_none(api: Api) -> None:
    key = api.call("POST", "/v1/keys", json={"label": "city"}).json()["key"]
    bearer = {"Authorization": f"Bearer {key}"}
    evil = {"Origin": "https://evil.example"}  # no browser adds an Authorization header by itself
    assert api.client.post("/v1/visits", json=VISIT, headers={**bearer, **evil}).status_code == 202
    assert api.client.get("/v1/me", headers=bearer).json()["csrf"] == ""
    client = signed_in(api)  # a cookie beside the header does not make it one
    assert client.post("/v1/visits", json=VISIT, headers=bearer).status_code == 202
    assert client.get("/v1/me", headers=bearer).json()["csrf"] == ""


def test_nobody_is_signed_in_by_another_page(api: Api) -> None:
    client = TestClient(api.client.app)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert problem_code(client.post("/v1/session", json={"token": api.token}, headers=headers)) == "token_missing"
    assert client.get("/v1/me").status_code == 401
    assert client.post("/v1/session", json={"token": api.token}, headers={"Origin": OWN}).status_code == 204


def test_after_a_theft_sessions_opened_with_the_token_are_over_too(api: Api) -> None:
    client = TestClient(api.client.app)
    assert client.post("/v1/session", json={"token": api.token}).status_code == 204
    assert client.get("/v1/clock").status_code == 200
    assert api.call("DELETE", "/v1/all-access").status_code == 204
    assert problem_code(client.get("/v1/clock")) == "token_wrong"
    assert client.post("/v1/session", json={"token": api.token}).status_code == 204
    assert client.get("/v1/clock").status_code == 200
