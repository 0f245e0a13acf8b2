"""Two people edit the same thing: the second is told, and nothing of the first is lost. At the door, and in both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.api.problems import Problem
from services.api.roles import Role
from services.api.tags import account_tag, endpoint_tag, rules_tag
from streams.adapters.registry import Registry
from streams.adapters.registry_accounts import Account, AccountStore
from streams.contracts.refusals import Refusal
from tests.unit.api.fake_doors import Api, problem_code

Edits = tuple[str, str, dict[str, Any], dict[str, Any]]
"""A path, the tag that was read there, and two people's edits."""
URL = "http://127.0.0.1:9000/hooks"


def an_account(api: Api) -> Edits:
    account = api.call("POST", "/v1/accounts", json={"login": "kim@mapo", "role": "operator"}).json()
    (listed,) = api.call("GET", "/v1/accounts").json()["items"]
    assert listed["etag"] == account["etag"]
    path = f"/v1/accounts/{account['account_id']}"
    return path, account["etag"], {"name": "김", "role": "operator"}, {"name": "이", "role": "auditor"}


def an_endpoint(api: Api) -> Edits:
    path = "/v1/organisations/coop/endpoints/archive"
    tag = api.call("PUT", path, json={"url": URL}).json()["etag"]
    (listed,) = api.call("GET", "/v1/organisations/coop/endpoints").json()["items"]
    assert listed["etag"] == tag
    return path, tag, {"url": URL, "types": ["offer.made"]}, {"url": URL + "/2"}


def the_rules(api: Api) -> Edits:
    tag = api.call("GET", "/v1/sign-in-rules").headers["etag"]
    return "/v1/sign-in-rules", tag, {"totp_roles": ["operator"]}, {"totp_roles": ["auditor"]}


def wishes(api: Api) -> Edits:
    person = {"recipient_id": "R-1", "name": "이몽룡", "phone": "010-1234-5678"}
    assert api.call("POST", "/v1/recipients:batch", json={"recipients": [person]}).status_code == 200
    tag = api.call("GET", "/v1/recipients/R-1/notices").headers["etag"]
    return "/v1/recipients/R-1/notices", tag, {"channels": ["sms"]}, {"channels": ["voice"]}


@pytest.mark.parametrize("make", [an_account, an_endpoint, the_rules, wishes])
def test_an_edit_is_of_what_was_read_or_is_not_made(api: Api, make: Callable[[Api], Edits]) -> None:
    path, read, first, second = make(api)

    def put(body: dict[str, Any], **headers: str) -> Any:
        return api.call("PUT", path, json=body, headers=headers)

    missing = put(first)
    assert (missing.status_code, problem_code(missing)) == (428, "if_match_missing")
    for wrong in ('"7"', f'"{32 * "0"}"', "nonsense"):
        assert (put(first, **{"If-Match": wrong}).status_code) == 412
    done = put(first, **{"If-Match": read})
    assert done.status_code == 200
    assert done.headers["etag"] == done.json()["etag"] != read
    late = put(second, **{"If-Match": read})
    assert (late.status_code, late.json()["status"], problem_code(late)) == (412, 412, "version_conflict")
    assert put(first, **{"If-Match": done.headers["etag"]}).headers["etag"] == done.headers["etag"]  # nothing of the late one
    assert put(second, **{"If-Match": f'"{32 * "0"}", {done.headers["etag"]}'}).status_code == 200


def test_the_same_endpoint_again_needs_no_tag_and_a_removed_one_is_made_anew(api: Api) -> None:
    path, read, first, _ = an_endpoint(api)
    assert api.call("PUT", path, json={"url": URL}).json()["etag"] == read
    assert api.call("DELETE", path, headers={"If-Match": read}).status_code == 204
    assert api.call("PUT", path, json=first).status_code == 200


def test_nobody_takes_away_what_somebody_else_has_just_changed(api: Api) -> None:
    path, read, first, _ = an_endpoint(api)
    now = api.call("PUT", path, json=first, headers={"If-Match": read}).headers["etag"]
    for headers, status in (({}, 428), ({"If-Match": read}, 412), ({"If-Match": now}, 204), ({"If-Match": now}, 404)):
        assert api.call("DELETE", path, headers=headers).status_code == status
    path, read, first, _ = an_account(api)
    api.call("PUT", path, json=first, headers={"If-Match": read})
    assert api.call("DELETE", path, headers={"If-Match": read}).status_code == 412
    assert api.call("GET", "/v1/accounts").json()["items"][0]["revoked_at"] is None
    assert api.call("DELETE", path).status_code == 204  # a stolen account is revoked whatever it was


def test_whoever_says_so_replaces_whatever_stands_there(api: Api) -> None:
    path, read, first, second = an_endpoint(api)
    for body in (first, second):
        assert api.call("PUT", path, json=body, headers={"If-Match": "*"}).json()["etag"] != read


def test_a_tag_tells_nothing_of_what_it_is_of(api: Api) -> None:
    _, tag, _, _ = an_endpoint(api)
    other = endpoint_tag(api.doors.registry, api.doors.registry.endpoints.put("coop-2", URL, "archive"))
    assert tag != other
    assert json.dumps(URL) not in tag


def one_wins(edit: Callable[[int], Any]) -> list[int]:
    def tried(number: int) -> int:
        try:
            edit(number)
        except Problem:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(tried, range(8)))


def matching(tag: str, now: str) -> None:
    if tag != now:
        raise Problem(Refusal.VERSION_CONFLICT)


def test_of_eight_edits_of_the_same_at_the_same_time_one_is_made(registry: Registry) -> None:
    store = AccountStore(registry)
    account = store.create("kim", "", "operator", "{}", "test")
    read = account_tag(registry, account)

    def check(before: Account) -> None:
        matching(read, account_tag(registry, before))

    made = one_wins(lambda n: store.change(account.account_id, "auditor", "{}", f"name {n}", "test", check))
    assert sum(made) == 1
    found = store.find(account.account_id)
    assert found is not None
    assert found.name == f"name {made.index(1)}"

    held = endpoint_tag(registry, registry.endpoints.put("coop", URL))
    moved = one_wins(
        lambda n: registry.endpoints.put("coop", f"{URL}/{n}", check=lambda before: matching(held, endpoint_tag(registry, before)))
    )
    assert sum(moved) == 1
    assert registry.endpoints.get("coop").url == f"{URL}/{moved.index(1)}"

    none = rules_tag(registry, [])
    roles = [role.value for role in Role][:8]
    ruled = one_wins(
        lambda n: store.factors.set_roles([roles[n]], "test", lambda before: matching(none, rules_tag(registry, before)))
    )
    assert sum(ruled) == 1
    assert store.factors.roles() == [roles[ruled.index(1)]]
