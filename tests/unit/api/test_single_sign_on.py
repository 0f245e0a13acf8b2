"""Single sign-on against an OpenID provider that is not ours, run as a process of its own (oidc-provider-mock)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from deploy.local.ports import free_ports
from services.api.app import make_app, open_doors
from streams.settings import read_settings
from tests.unit.api.conftest import NOWHERE
from tests.unit.api.fake_doors import Api, ListWriter

PEOPLE = (
    {"sub": "city-1", "email": "kim@mapo.example", "email_verified": True, "name": "김태용"},
    {"sub": "city-2", "email": "kim@mapo.example", "email_verified": True, "name": "사칭"},
    {"sub": "city-3", "email": "lee@mapo.example", "email_verified": False, "name": "이몽룡"},
)


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_ports().api
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    for person in PEOPLE:
        command += ["--user-claims", json.dumps(person)]
    log = (tmp_path_factory.mktemp("provider") / "log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 60
        while True:
            try:
                httpx.get(url + "/.well-known/openid-configuration").raise_for_status()
                break
            except httpx.HTTPError:
                assert time.monotonic() < end, "the provider does not answer"
                time.sleep(0.05)
        yield url
    finally:
        process.kill()
        process.wait()
        log.close()


@pytest.fixture
def api(provider: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Api]:
    settings = read_settings({
        "DOLBOM_STATE_DIR": str(tmp_path), "DOLBOM_REDIS_URL": f"redis://{NOWHERE}/0", "DOLBOM_BOOTSTRAP": NOWHERE,
        "DOLBOM_OIDC_ISSUER": provider, "DOLBOM_OIDC_CLIENT_ID": "dolbom", "DOLBOM_OIDC_CLIENT_SECRET": "s3cret",
    })  # fmt: skip
    writer = ListWriter(settings)
    doors = open_doors(settings, writer)
    doors.accounts.create("kim@mapo.example", "김태용", "operator", "{}", "test")
    doors.accounts.create("lee@mapo.example", "이몽룡", "operator", "{}", "test")
    with TestClient(make_app(settings, doors), raise_server_exceptions=False) as client:
        yield Api(client, doors, writer, caplog)


def sign_on(api: Api, sub: str, client: TestClient | None = None) -> str:
    """Through the provider's own page and back; where the browser ends up."""
    client = client or api.client
    begun = client.get("/sign-in/sso", follow_redirects=False)
    assert begun.status_code == 302
    there = httpx.post(begun.headers["location"], data={"sub": sub})
    back = there.headers["location"]
    assert "/sign-in/sso/callback" in back
    return str(client.get(back.removeprefix("http://testserver"), follow_redirects=False).headers["location"])


def test_a_person_of_the_city_comes_in_with_their_own_account(api: Api) -> None:
    assert api.client.get("/sign-in/ways").json() == {"sso": True}
    assert sign_on(api, "city-1") == "/"
    assert api.client.get("/v1/me").json()["login"] == "kim@mapo.example"
    assert sign_on(api, "city-1") == "/"  # now by who it is, not by the address


def test_nobody_else_gets_the_account_by_the_same_address(api: Api) -> None:
    sign_on(api, "city-1")
    stranger = TestClient(api.client.app)
    assert sign_on(api, "city-2", stranger) == "/sign-in#sso=failed"
    assert stranger.get("/v1/me").status_code == 401


@pytest.mark.parametrize("sub", ["city-3", "nobody-here"])
def test_an_address_that_nobody_verified_or_no_account_is_no_way_in(api: Api, sub: str) -> None:
    assert sign_on(api, sub) == "/sign-in#sso=failed"


def test_a_revoked_account_stays_outside(api: Api) -> None:
    account = api.doors.accounts.find_login("kim@mapo.example")
    assert account is not None
    api.doors.accounts.revoke(account.account_id, "test")
    assert sign_on(api, "city-1") == "/sign-in#sso=failed"


def test_nobody_finishes_what_another_browser_began(api: Api) -> None:
    """An attacker's answer, opened by the victim: the victim would work in the attacker's account."""
    begun = api.client.get("/sign-in/sso", follow_redirects=False)
    back = httpx.post(begun.headers["location"], data={"sub": "city-1"}).headers["location"].removeprefix("http://testserver")
    victim = TestClient(api.client.app)
    assert victim.get(back, follow_redirects=False).headers["location"] == "/sign-in#sso=failed"
    victim.get("/sign-in/sso", follow_redirects=False)  # with a sign-on of its own begun
    assert victim.get(back, follow_redirects=False).headers["location"] == "/sign-in#sso=failed"
    code = back.partition("code=")[2].partition("&")[0]
    assert code
    assert code not in api.logs.text
