"""Two people set a worker's training, or what is granted for somebody's care, through the API with the real core behind it:
neither overwrites what they have not seen, and who sets it first needs nothing."""

from __future__ import annotations

from typing import Any

import pytest

from services.api.roles import Role
from streams.adapters import board_keys as keys
from tests.core_world import at
from tests.unit.api.fake_doors import Api, problem_code
from tests.unit.api.scoped_world import scoped_world
from tests.unit.api.test_configured_by_two import Core, put
from tests.unit.core.test_crisis import crisis_district

TRAINING: dict[str, Any] = {
    "code": "dementia_training", "issued_at": "2026-03-01T00:00:00Z", "valid_until_at": "2027-03-01T00:00:00Z", "district": "11440",
}  # fmt: skip
GRANT: dict[str, Any] = {"district": "11440", "service": "check_in", "duration_min": 600}
HELD, HOLD = "/v1/workers/carer-1/credentials", "/v1/workers/carer-1/credentials"
GRANTED, AUTHORISE = "/v1/recipients/r-1/authorised", "/v1/recipients/r-1/authorise"
LATER, MORE = {"valid_until_at": "2028-03-01T00:00:00Z"}, {"duration_min": 900}

Setting = tuple[str, str, dict[str, Any], dict[str, Any]]
"""Where it is set and where it is read, a body, and what of it is set anew."""
SETTINGS: list[Setting] = [(HOLD, HELD, TRAINING, LATER), (AUTHORISE, GRANTED, GRANT, MORE)]


@pytest.fixture
def core(api: Api, monkeypatch: pytest.MonkeyPatch) -> Core:
    core = Core(api)
    monkeypatch.setattr(api.doors.clock, "now", lambda: at("09:00"))
    put(api, crisis_district())
    return core


def say(api: Api, path: str, body: dict[str, Any], match: str = "", key: str = "", **changes: Any) -> Any:
    headers = {"Prefer": "wait=5"} | ({"If-Match": match} if match else {}) | ({"Idempotency-Key": key} if key else {})
    return api.call("POST", path, json=body | changes, headers=headers)


def refused(response: Any, status: int, code: str) -> None:
    assert (response.status_code, problem_code(response)) == (status, code)
    assert response.json()["remedy"]["ko"]


def shown(api: Api, path: str, body: dict[str, Any]) -> dict[str, Any]:
    named = {name: body[name] for name in ("code", "service") if name in body}
    (row,) = [one for one in api.call("GET", path).json()["items"] if named.items() <= one.items()]
    return dict(row)


@pytest.mark.parametrize(("path", "read", "body", "anew"), SETTINGS)
def test_the_lost_update(api: Api, core: Core, path: str, read: str, body: dict[str, Any], anew: dict[str, Any]) -> None:
    assert say(api, path, body).json()["outcome"] == "accepted"
    seen = shown(api, read, body)
    assert seen == body | {name: seen[name] for name in seen if name not in body}  # read as it was set
    refused(say(api, path, body | anew), 428, "if_match_missing")
    assert say(api, path, body | anew, f'"{seen["version"]}"').json()["outcome"] == "accepted"
    refused(say(api, path, body | anew, f'"{seen["version"]}"', "a-second-person"), 412, "version_conflict")
    now = shown(api, read, body)
    assert (now | anew, now["version"]) == (now, seen["version"] + 1)
    assert say(api, path, body, "*", "a-third-one").json()["outcome"] == "accepted"  # whatever is there
    assert shown(api, read, body) == seen | {"version": seen["version"] + 2}


@pytest.mark.parametrize(("path", "read", "body", "anew"), SETTINGS)
def test_the_same_again_needs_no_version_and_changes_nothing(
    api: Api, core: Core, path: str, read: str, body: dict[str, Any], anew: dict[str, Any]
) -> None:
    say(api, path, body)
    before = shown(api, read, body)
    again = say(api, path, body)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert say(api, path, body, key="k-1").json()["outcome"] == "duplicate"
    assert shown(api, read, body) == before


@pytest.mark.parametrize(("path", "read", "body", "anew"), SETTINGS)
def test_a_retry_after_a_lost_answer_is_the_same_command(
    api: Api, core: Core, path: str, read: str, body: dict[str, Any], anew: dict[str, Any]
) -> None:
    say(api, path, body)
    match = f'"{shown(api, read, body)["version"]}"'
    for _ in range(2):
        assert say(api, path, body | anew, match).json()["outcome"] == "accepted"
    assert f'"{shown(api, read, body)["version"] - 1}"' == match


@pytest.mark.parametrize(("path", "read", "body", "anew"), SETTINGS)
def test_the_log_judges_what_the_board_does_not_show_yet(
    api: Api, core: Core, path: str, read: str, body: dict[str, Any], anew: dict[str, Any]
) -> None:
    core.lags = True
    assert say(api, path, body).json()["outcome"] == "accepted"
    refused(say(api, path, body | anew), 409, "version_conflict")  # the door took it for the first
    core.redis.hashes.clear()  # and an emptied Redis tells nobody that there is nothing
    assert say(api, path, body | anew).status_code == 503


def test_a_grant_that_was_taken_away_is_given_anew_like_a_first_one(api: Api, core: Core) -> None:
    say(api, AUTHORISE, GRANT)
    refused(say(api, AUTHORISE, GRANT, duration_min=0), 428, "if_match_missing")
    assert say(api, AUTHORISE, GRANT, '"1"', duration_min=0).json()["outcome"] == "accepted"
    assert api.call("GET", GRANTED).json()["items"] == []
    assert say(api, AUTHORISE, GRANT, key="k-2", **MORE).json()["outcome"] == "accepted"
    assert shown(api, GRANTED, GRANT)["version"] == 3
    refused(say(api, AUTHORISE, GRANT, '"1"'), 412, "version_conflict")  # who still has the first one on the screen


def test_each_service_is_granted_by_itself(api: Api, core: Core) -> None:
    for service in ("check_in", "", "meal_support"):
        assert say(api, AUTHORISE, GRANT, service=service).json()["outcome"] == "accepted"
    assert [one["service"] for one in api.call("GET", GRANTED).json()["items"]] == ["", "check_in", "meal_support"]
    cursor = api.call("GET", GRANTED + "?limit=2").json()["next_cursor"]
    (last,) = api.call("GET", f"{GRANTED}?cursor={cursor}").json()["items"]
    assert last["service"] == "meal_support"


def test_a_training_is_withdrawn_as_it_was_read_where_that_is_said(api: Api, core: Core) -> None:
    say(api, HOLD, TRAINING)
    say(api, HOLD, TRAINING, '"1"', **LATER)
    withdraw = f"{HOLD}/dementia_training/withdraw"
    refused(say(api, withdraw, {"reason": "mistake"}, '"1"'), 412, "version_conflict")
    assert shown(api, HELD, TRAINING)["valid_until_at"] == LATER["valid_until_at"]
    assert say(api, withdraw, {"reason": "mistake"}).json()["outcome"] == "accepted"  # nothing stands in its way
    refused(say(api, HOLD, TRAINING, **LATER), 428, "if_match_missing")  # a withdrawn one is not held again unseen


def test_who_may_read_it_and_each_look_is_written_down(tmp_path: Any) -> None:
    with scoped_world(tmp_path) as world:
        reads = world.api.doors.registry.list_reads
        assert world.call(Role.CARE_MANAGER, "GET", "/v1/recipients/R-own/authorised").status_code == 200
        assert world.call(Role.COOP_DISPATCHER, "GET", "/v1/workers/w-own/credentials").status_code == 200
        assert [(one.actor.partition(":")[0], one.subject, one.fields) for one in reads(None)] == [
            ("care_manager", "recipient:R-own", "authorised"), ("coop_dispatcher", "worker:w-own", "credentials"),
        ]  # fmt: skip
        for role, path in (
            (Role.CARE_MANAGER, "/v1/recipients/R-other/authorised"), (Role.COOP_DISPATCHER, "/v1/workers/w-other/credentials"),
            (Role.AUDITOR, "/v1/recipients/R-own/authorised"), (Role.AREA_MANAGER, "/v1/workers/w-own/credentials"),
        ):  # fmt: skip
            assert world.call(role, "GET", path).status_code == 404
        assert len(reads(None)) == 2


def test_what_is_on_record_stands_in_no_list_and_in_no_live_picture(api: Api, core: Core) -> None:
    say(api, HOLD, TRAINING)
    say(api, AUTHORISE, GRANT)
    board = core.redis.hashes[keys.board_key("11440")]
    assert {keys.holdings_field("carer-1").encode(), keys.grants_field("r-1").encode()} <= set(board)
    for path in ("/v1/counters", "/v1/workers", "/v1/visits"):
        assert "duration_min" not in api.call("GET", path).text
        assert "dementia_training" not in api.call("GET", path).text
