"""Roles that need a second factor, codes guessed from many places, recovery codes; accounts that are changed or signed out."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pyotp
import pytest
from starlette.testclient import TestClient

from services.api import sign_in
from services.api.passwords import hash_password
from services.api.roles import Scope
from streams.adapters.registry import Registry
from streams.adapters.registry_accounts import AccountStore
from streams.adapters.second_factors import CODES
from tests.unit.api.fake_doors import Api, from_our_page, problem_code

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password(PASSWORD)

AS_IT_IS = {"If-Match": "*"}


def make(api: Api, hashed: str, login: str = "kim@mapo", role: str = "operator") -> str:
    scope = Scope() if role == "operator" else Scope(districts=("11440",))
    account = api.doors.accounts.create(login, "", role, msgspec.json.encode(scope).decode(), "test")
    api.doors.accounts.set_password(account.account_id, hashed, "test")
    return account.account_id


def browser(api: Api, address: str = "10.0.0.1") -> TestClient:
    return TestClient(api.client.app, client=(address, 1))


def sign(client: TestClient, code: str = "", login: str = "kim@mapo") -> Any:
    return client.post("/v1/session", json={"login": login, "password": PASSWORD, "code": code})


def post(client: TestClient, path: str, body: object, method: str = "POST") -> Any:
    return client.request(method, path, json=body, headers=from_our_page(client))


def enrol(client: TestClient) -> tuple[pyotp.TOTP, list[str]]:
    totp = pyotp.TOTP(post(client, "/v1/me/totp", {"password": PASSWORD}).json()["secret"])
    before = totp.at(int(time.time()) - 30)  # so that the code of now has not been used
    return totp, post(client, "/v1/me/totp:confirm", {"code": before}).json()["recovery_codes"]


def test_a_role_that_needs_a_second_factor_does_nothing_before_it_has_one(api: Api, hashed: str) -> None:
    make(api, hashed)
    make(api, hashed, "lee@mapo", "coordinator")
    kim, lee = browser(api), browser(api)
    assert sign(kim).status_code == sign(lee, login="lee@mapo").status_code == 204
    assert kim.get("/v1/keys").status_code == 200
    ruled = api.call("PUT", "/v1/sign-in-rules", json={"totp_roles": ["operator"]}, headers=AS_IT_IS)
    assert ruled.json()["totp_roles"] == ["operator"]
    assert kim.get("/v1/me").json()["totp_needed"]  # at once, also where somebody is signed in already
    assert problem_code(kim.get("/v1/keys")) == "second_factor_needed"
    assert problem_code(post(kim, "/v1/clock", {"paused": True})) == "second_factor_needed"
    proof = api.doors.accounts.find_session(kim.cookies[api.doors.keyring.cookie], 60)
    assert proof is not None
    assert api.doors.accounts.valid([proof.digest], [], 60.0) == set()  # an open line ends
    assert lee.get("/v1/clock").status_code == 200
    enrol(kim)
    assert kim.get("/v1/keys").status_code == 200
    assert not kim.get("/v1/me").json()["totp_needed"]
    assert api.doors.accounts.events("sign-in rules")[-1][2] == "second factor needed: operator"


def test_codes_guessed_from_many_places_come_to_nothing_and_lock_nobody_out(
    api: Api, hashed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the password too tries code after code, each time from another address."""
    monkeypatch.setattr(sign_in, "FREE_CODES", 4)
    make(api, hashed)
    own = browser(api)
    sign(own)
    totp, spare = enrol(own)
    answers = {sign(browser(api, f"10.1.0.{n}"), "000000").content for n in range(8)}
    right = sign(browser(api, "10.2.0.1"), totp.now())  # as if it had been guessed
    assert (right.status_code, {right.content}) == (401, answers)  # nothing tells that password or code were right
    assert sign(own, totp.now()).status_code == 204  # the owner's browser
    assert sign(browser(api, "10.2.0.2"), spare[0]).status_code == 204  # and anywhere else with a recovery code


def test_a_page_left_open_does_not_give_the_password_away(api: Api, hashed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "FREE_TRIES", 3)
    make(api, hashed)
    thief, owner = browser(api), browser(api)
    sign(thief)
    sign(owner)
    body = {"old": "wrong wrong wrong", "new": PASSWORD + "!"}
    assert [post(thief, "/v1/me/password", body).status_code for _ in range(5)] == [401, 401, 401, 429, 429]
    assert post(owner, "/v1/me/totp", {"password": PASSWORD}).status_code == 200


def test_what_was_open_under_another_role_ends_with_it(api: Api, hashed: str) -> None:
    account_id = make(api, hashed)
    client = browser(api)
    sign(client)
    key = post(client, "/v1/keys", {"label": "city"}).json()["key"]
    bearer = {"Authorization": f"Bearer {key}"}
    renamed = api.call("PUT", f"/v1/accounts/{account_id}", json={"name": "김태용", "role": "operator"}, headers=AS_IT_IS)
    assert renamed.json()["name"] == "김태용"
    assert client.get("/v1/me").status_code == 200
    body = {"role": "care_manager", "scope": {"districts": ["11440"], "dongs": ["1144066000"]}}
    without = api.call("PUT", f"/v1/accounts/{account_id}", json={"role": "care_manager"}, headers=AS_IT_IS)
    assert problem_code(without) == "wrong_field"
    assert api.call("PUT", f"/v1/accounts/{account_id}", json=body, headers=AS_IT_IS).json()["role"] == "care_manager"
    assert client.get("/v1/me").status_code == 401
    assert api.client.get("/v1/clock", headers=bearer).status_code == 401
    sign(client)
    assert client.get("/v1/me").json()["scope"]["dongs"] == ["1144066000"]
    assert problem_code(api.call("PUT", "/v1/accounts/nobody", json=body, headers=AS_IT_IS)) == "not_found"


def test_an_account_is_signed_out_everywhere_by_the_operator(api: Api, hashed: str) -> None:
    account_id = make(api, hashed)
    client = browser(api)
    sign(client)
    key = post(client, "/v1/keys", {"label": "city"}).json()["key"]
    assert api.call("DELETE", f"/v1/accounts/{account_id}/sessions").status_code == 204
    assert client.get("/v1/me").status_code == 401
    assert api.client.get("/v1/clock", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    assert sign(client).status_code == 204
    assert problem_code(api.call("DELETE", "/v1/accounts/nobody/sessions")) == "not_found"


def test_new_recovery_codes_take_the_place_of_the_old_ones(api: Api, hashed: str) -> None:
    make(api, hashed)
    client = browser(api)
    sign(client)
    assert problem_code(post(client, "/v1/me/recovery-codes", {"password": PASSWORD, "code": "123456"})) == "wrong_field"
    totp, old = enrol(client)
    for body in ({"password": "wrong wrong wrong", "code": totp.now()}, {"password": PASSWORD, "code": "nonsense-code"}):
        assert problem_code(post(client, "/v1/me/recovery-codes", body)) == "sign_in_wrong"
    new = post(client, "/v1/me/recovery-codes", {"password": PASSWORD, "code": old[0]}).json()["recovery_codes"]
    assert len(set(new) - set(old)) == 10
    assert client.get("/v1/me").json()["recovery_codes_left"] == 10
    opens = [sign(browser(api, f"10.3.0.{n}"), code).status_code for n, code in enumerate((old[1], new[0], new[0]))]
    assert opens == [401, 204, 401]


def test_other_sessions_end_and_this_one_stays(api: Api, hashed: str) -> None:
    make(api, hashed)
    here, lost = browser(api), browser(api, "10.4.0.1")
    sign(here)
    sign(lost)
    assert here.delete("/v1/sessions/others", headers=from_our_page(here)).status_code == 204
    assert (here.get("/v1/me").status_code, lost.get("/v1/me").status_code) == (200, 401)
    assert problem_code(api.call("DELETE", "/v1/sessions/others")) == "not_found"  # the token has no sessions


# The store, on both databases


def test_recovery_codes_are_kept_as_digests_and_count_once(registry: Registry) -> None:
    store = AccountStore(registry)
    one, other = (store.create(f"{name}@mapo", "", "operator", "{}", "test").account_id for name in ("kim", "lee"))
    codes = store.factors.new_codes(one)
    with registry.engine.connect() as connection:
        held = repr(connection.exec_driver_sql("SELECT * FROM recovery_codes").all())
    assert not any(code in held or code.replace("-", "") in held for code in codes)
    assert not store.factors.use_code(other, codes[0])
    assert [store.factors.use_code(one, codes[0]) for _ in range(2)] == [True, False]
    assert store.factors.codes_left(one) == CODES - 1
    fresh = store.factors.new_codes(one)
    assert not store.factors.use_code(one, codes[1])
    store.reset(one, "test")
    assert not store.factors.use_code(one, fresh[0])


def test_the_rules_are_one_list_for_all_processes(registry: Registry) -> None:
    store, again = AccountStore(registry), AccountStore(registry)
    account = store.create("kim@mapo", "", "auditor", "{}", "test")
    session = store.open_session(account.account_id, 60)
    store.factors.set_roles(["auditor", "operator", "auditor"], "test")
    assert again.factors.roles() == ["auditor", "operator"]
    found = again.find_session(session, 60)
    assert found is not None
    assert found.lacks_factor
    again.switch_totp(account.account_id, True)
    found = store.find_session(session, 60)
    assert found is not None
    assert not found.lacks_factor
    store.factors.set_roles([], "test")
    assert again.factors.roles() == []
