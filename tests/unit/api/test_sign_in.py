"""Signing in and being signed out: passwords, codes, links, keys; nobody is locked out by somebody else's tries."""

from __future__ import annotations

import time
from typing import Any

import pyotp
import pytest
from starlette.testclient import TestClient

from services.api import sign_in
from services.api.passwords import hash_password, is_too_easy, totp_step
from services.api.sign_in import network_of, wait_after
from streams.adapters.registry import Registry
from streams.adapters.registry_accounts import AccountStore, LoginTaken, digest
from tests.unit.api.fake_doors import Api, from_our_page, problem_code

PASSWORD = "correct horse battery"
EVERYTHING = "{}"


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def kim(api: Api, hashed: str) -> str:
    """An operator's account with a password; its id."""
    account = api.doors.accounts.create("kim@mapo", "김태용", "operator", EVERYTHING, "test")
    api.doors.accounts.set_password(account.account_id, hashed, "test")
    return account.account_id


def change(api: Api, path: str, body: object, method: str = "POST") -> Any:
    """As our page does it, with the cookie."""
    return api.client.request(method, path, json=body, headers=from_our_page(api.client))


def sign(api: Api, password: str = PASSWORD, code: str = "", login: str = "kim@mapo", client: TestClient | None = None) -> Any:
    return (client or api.client).post("/v1/session", json={"login": login, "password": password, "code": code})


def test_a_password_opens_a_session_that_no_script_reads(api: Api, kim: str) -> None:
    response = sign(api)
    assert response.status_code == 204
    cookies = response.headers.get_list("set-cookie")
    assert all("HttpOnly" in one and "SameSite=strict" in one and "Secure" not in one for one in cookies)
    me = api.client.get("/v1/me").json()
    assert (me["login"], me["role"], me["actor"]) == ("kim@mapo", "operator", f"operator:{kim}")
    assert problem_code(api.client.post("/v1/clock", json={"paused": True})) == "token_missing"  # from nobody's page
    assert problem_code(api.client.post("/v1/clock", json={"paused": True}, headers={"Origin": "http://evil"})) == "token_missing"
    same = {**from_our_page(api.client), "Sec-Fetch-Site": "same-origin"}
    del same["Origin"]
    assert problem_code(api.client.post("/v1/clock", json={}, headers=same)) == "wrong_field"  # it went through


def test_behind_tls_cookies_go_over_nothing_else(api: Api, kim: str) -> None:
    client = TestClient(api.client.app, base_url="https://testserver")
    assert all("Secure" in one for one in sign(api, client=client).headers.get_list("set-cookie"))


def test_every_wrong_way_in_is_answered_the_same(api: Api, kim: str) -> None:
    revoked = api.doors.accounts.create("gone@mapo", "", "operator", EVERYTHING, "test")
    api.doors.accounts.revoke(revoked.account_id, "test")
    no_password = api.doors.accounts.create("new@mapo", "", "operator", EVERYTHING, "test")
    answers = [sign(api, "wrong"), *(sign(api, login=one) for one in ("nobody", "gone@mapo", "new@mapo")), sign(api, "")]
    assert len({(one.status_code, one.content) for one in answers}) == 1
    assert problem_code(answers[0]) == "sign_in_wrong"
    assert api.client.get("/v1/me").status_code == 401
    assert no_password.password_hash == ""


def test_tries_are_slowed_down_where_they_come_from_and_nowhere_else(
    api: Api, kim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "FREE_TRIES", 3)
    here = TestClient(api.client.app, client=("10.0.0.1", 1))
    known = TestClient(api.client.app, client=("10.0.0.1", 2))  # the same address, signed in there before
    elsewhere = TestClient(api.client.app, client=("10.0.0.2", 1))
    assert sign(api, client=known).status_code == 204
    assert [sign(api, "wrong", client=here).status_code for _ in range(4)] == [401, 401, 401, 429]
    slowed = sign(api, client=here)  # the right password does not help either
    assert problem_code(slowed) == "too_many_tries"
    assert int(slowed.headers["retry-after"]) > 0
    assert sign(api, client=known).status_code == 204
    assert sign(api, client=elsewhere).status_code == 204
    assert sign(api, "wrong", login="other@mapo", client=here).status_code == 401  # another login: another count


def test_waits_grow_and_end() -> None:
    assert [wait_after(n) for n in (0, 4, 5, 6, 7, 60)] == [0, 0, 15, 30, 60, 900]
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9") != network_of("2001:db8:1:3::9")
    assert network_of("10.0.0.1") == "10.0.0.1"


def test_a_second_factor_is_asked_for_once_it_was_shown_and_no_code_counts_twice(api: Api, kim: str) -> None:
    sign(api)
    assert problem_code(change(api, "/v1/me/totp", {"password": "wrong"})) == "sign_in_wrong"
    made = change(api, "/v1/me/totp", {"password": PASSWORD}).json()
    assert "<svg" in made["svg"]
    assert made["uri"].startswith("otpauth://totp/")
    assert sign(api).status_code == 204  # not yet confirmed: nobody locks themselves out
    now = int(time.time())
    codes = {step: pyotp.TOTP(made["secret"]).at((now // 30 + step) * 30) for step in (-1, 0, 1)}
    confirmed = change(api, "/v1/me/totp:confirm", {"code": codes[-1]})
    assert len(set(confirmed.json()["recovery_codes"])) == 10
    assert sign(api).status_code == 401
    assert sign(api, code="000000").status_code == 401
    assert sign(api, code=codes[1]).status_code == 204
    assert sign(api, code=codes[1]).status_code == 401  # overheard
    spare, other = confirmed.json()["recovery_codes"][:2]
    assert problem_code(change(api, "/v1/me/totp", {"password": PASSWORD})) == "wrong_field"  # it is not undone by beginning anew
    assert problem_code(change(api, "/v1/me/totp:remove", {"password": PASSWORD, "code": "000000"})) == "sign_in_wrong"
    assert sign(api, code=spare.upper()).status_code == 204  # the phone is lost
    assert sign(api, code=spare).status_code == 401
    assert api.client.get("/v1/me").json()["recovery_codes_left"] == 9
    assert problem_code(change(api, "/v1/me/totp:remove", {"password": "wrong", "code": other})) == "sign_in_wrong"
    assert change(api, "/v1/me/totp:remove", {"password": PASSWORD, "code": other}).status_code == 204
    assert sign(api).status_code == 204


def test_codes_are_those_of_the_standard() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B, SHA-1, last six digits
    assert totp_step(secret, "287082", now=59) == 1
    assert totp_step(secret, "081804", now=1111111109) == 37037036
    assert totp_step(secret, "287082", now=59 + 90) is None


def test_a_link_opens_once_and_its_holder_chooses_a_password(api: Api) -> None:
    body = {"login": "lee@mapo", "name": "이몽룡", "role": "coordinator", "scope": {"districts": ["11440"]}}
    made = api.call("POST", "/v1/accounts", json=body).json()
    assert problem_code(api.call("POST", "/v1/accounts", json=body)) == "key_reused"
    assert api.client.post("/v1/session", json={"link": made["link_secret"]}).status_code == 204
    assert problem_code(TestClient(api.client.app).post("/v1/session", json={"link": made["link_secret"]})) == "sign_in_wrong"
    assert problem_code(change(api, "/v1/me/password", {"new": "aaaaaaaaaaaa"})) == "wrong_field"
    assert change(api, "/v1/me/password", {"new": PASSWORD}).status_code == 204
    assert api.client.get("/v1/me").json()["has_password"]
    assert sign(api, login="LEE@mapo").status_code == 204
    assert problem_code(change(api, "/v1/me/password", {"new": PASSWORD * 2})) == "sign_in_wrong"


def test_a_new_password_ends_the_other_sessions(api: Api, kim: str) -> None:
    other = TestClient(api.client.app)
    sign(api)
    sign(api, client=other)
    body = {"old": PASSWORD, "new": PASSWORD + "!"}
    assert change(api, "/v1/me/password", body).status_code == 204
    assert api.client.get("/v1/me").status_code == 200
    assert other.get("/v1/me").status_code == 401


def test_signing_out_here_and_everywhere(api: Api, kim: str) -> None:
    other = TestClient(api.client.app)
    sign(api)
    sign(api, client=other)
    assert api.client.delete("/v1/session", headers=from_our_page(api.client)).status_code == 204
    assert api.client.get("/v1/me").status_code == 401
    assert other.delete("/v1/sessions", headers=from_our_page(other)).status_code == 204
    assert other.get("/v1/me").status_code == 401


def test_revoking_takes_effect_at_the_next_call(api: Api, kim: str) -> None:
    sign(api)
    key = change(api, "/v1/keys", {"label": "city", "role": "service_key"}).json()
    link = api.doors.accounts.make_link(kim, 60, "test")
    bearer = {"Authorization": f"Bearer {key['key']}"}
    assert TestClient(api.client.app).get("/v1/clock", headers=bearer).status_code == 200
    assert api.call("DELETE", f"/v1/accounts/{kim}").status_code == 204
    assert api.client.get("/v1/me").status_code == 401
    assert sign(api).status_code == 401
    assert problem_code(api.client.post("/v1/session", json={"link": link})) == "sign_in_wrong"
    # The keys that it made go with it.
    assert problem_code(TestClient(api.client.app).get("/v1/clock", headers=bearer)) == "token_wrong"
    reset = api.call("POST", f"/v1/accounts/{kim}/reset").json()
    assert api.client.post("/v1/session", json={"link": reset["link_secret"]}).status_code == 204
    assert problem_code(api.call("DELETE", "/v1/accounts/nobody")) == "not_found"


def test_after_a_theft_nothing_that_was_given_out_counts(api: Api, kim: str) -> None:
    sign(api)
    key = api.call("POST", "/v1/keys", json={"label": "city"}).json()["key"]
    assert api.call("DELETE", "/v1/all-access").status_code == 204
    assert api.client.get("/v1/me").status_code == 401
    assert TestClient(api.client.app).get("/v1/clock", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    assert sign(api).status_code == 204  # people sign in again


def test_a_key_acts_as_itself_only(api: Api) -> None:
    made = api.call("POST", "/v1/keys", json={"label": "city", "scope": {"districts": ["11440"]}}).json()
    bearer = {"Authorization": f"Bearer {made['key']}"}
    me = api.client.get("/v1/me", headers=bearer).json()
    assert (me["actor"], me["scope"]["districts"]) == (f"service_key:{made['key_id']}", ["11440"])
    borrowed = api.client.get("/v1/me", headers={**bearer, "X-Dolbom-Actor": "operator"})
    assert problem_code(borrowed) == "wrong_field"
    wrong = api.call("POST", "/v1/keys", json={"label": "x", "role": "coordinator"})
    assert (problem_code(wrong), wrong.json()["detail"]) == ("wrong_field", "scope.districts: is missing")
    listed = api.call("GET", "/v1/keys").text
    assert made["key_id"] in listed
    assert made["key"] not in listed


def test_the_sign_in_page_has_nothing_inline(api: Api) -> None:
    page = api.client.get("/sign-in")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "<script>" not in page.text
    assert "style=" not in page.text
    assert "onclick" not in page.text
    assert api.client.get("/sign-in/ways").json() == {"sso": False}
    assert api.client.get("/sign-in/sso", follow_redirects=False).status_code == 404


def test_secrets_of_any_kind_are_in_no_log(api: Api, kim: str) -> None:
    link = api.doors.accounts.make_link(kim, 60, "test")
    key = api.call("POST", "/v1/keys", json={"label": "city"}).json()["key"]
    sign(api, "my wrong password")
    api.client.post("/v1/session", json={"link": link})
    api.client.get("/v1/me", headers={"Authorization": f"Bearer {key}x"})
    for secret in (link, key, "my wrong password", "kim@mapo", "김태용", api.token):
        assert secret not in api.logs.text


@pytest.mark.parametrize(
    ("password", "easy"), [("012345678901", True), ("kim@mapo12345", True), ("aaaabbbbaaaa", True), (PASSWORD, False)]
)
def test_passwords_that_are_tried_first_are_not_taken(password: str, easy: bool) -> None:
    assert is_too_easy(password, "kim@mapo") == easy


# The store, on both databases


def test_the_store_keeps_no_secret_and_no_name_in_the_clear(registry: Registry) -> None:
    store = AccountStore(registry)
    account = store.create("Kim@mapo", "김태용", "operator", EVERYTHING, "test")
    with pytest.raises(LoginTaken):
        store.create("kim@MAPO ", "", "operator", EVERYTHING, "test")
    session = store.open_session(account.account_id, 60)
    link = store.make_link(account.account_id, 60, "test", uses=2)
    key, secret = store.make_key("city", "service_key", EVERYTHING, "test")
    store.put_totp(account.account_id, "GEZDGNBVGY3TQOJQ")
    held = ""
    with registry.engine.connect() as connection:
        for table in ("accounts", "sessions", "sign_in_links", "api_keys", "account_events", "vault_keys"):
            held += repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
    for text in ("Kim@mapo", "김태용", session, link, secret, "GEZDGNBVGY3TQOJQ"):
        assert text not in held
    found = store.find_login("KIM@mapo")
    assert found is not None
    assert (found.account_id, found.name) == (account.account_id, "김태용")
    assert store.find_totp(account.account_id) == "GEZDGNBVGY3TQOJQ"
    assert [store.use_link(link) is not None for _ in range(3)] == [True, True, False]
    assert store.valid([digest(session)], [key.key_id], 60.0) == {digest(session), key.key_id}
    store.revoke(account.account_id, "test")
    assert store.revoke_key(key.key_id, "test")
    assert store.valid([digest(session)], [key.key_id], 60.0) == set()
    assert (store.find_session(session, 60), store.find_key(secret), store.use_link(link)) == (None, None, None)
    assert [event for _, _, event in store.events(account.account_id)][-1] == "revoked"


def test_tries_at_the_same_time_count_one_by_one(registry: Registry) -> None:
    store = AccountStore(registry)
    assert [store.take_try("b", wait_after) for _ in range(5)] == [0.0] * 5
    assert 0 < store.take_try("b", wait_after) <= 15
    store.forgive("b")
    assert store.take_try("b", wait_after) == 0
