"""Who is not to meet whom, and what was handed out of a programme's stock, read through the API with the real core behind it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from services.api.roles import Role
from streams.adapters import board_keys as keys
from streams.contracts import codec
from streams.contracts.eligibility import Exclusion
from streams.contracts.holdings import ExclusionRow, Exclusions
from tests.core_world import at
from tests.unit.api.fake_doors import Api
from tests.unit.api.scoped_world import MAPO, scoped_world
from tests.unit.api.test_configured_by_two import Core, put
from tests.unit.core.test_crisis import crisis_district

BANNED = {"district": "11440", "recipient_id": "r-1", "worker_id": "carer-1", "by": "recipient", "reason": "not_on_good_terms"}
OF_RECIPIENT, OF_WORKER = "/v1/recipients/r-1/exclusions", "/v1/workers/carer-1/exclusions"
ISSUED = "/v1/programmes/crisis/equipment"
ON = {"district": "11440", "from_date": "2026-03-02", "until_date": "2026-03-20", "budget_krw": 0, "stock": {"mask": 5}}


@pytest.fixture
def core(api: Api, monkeypatch: pytest.MonkeyPatch) -> Core:
    core = Core(api)
    monkeypatch.setattr(api.doors.clock, "now", lambda: at("09:00"))
    listed = Exclusion(recipient_id="r-1", worker_id="carer-2", by="worker", since_at=at("06:30"))
    put(api, replace(crisis_district(), exclusions=(listed,)))
    return core


def say(api: Api, path: str, body: dict[str, Any]) -> Any:
    return api.call("POST", path, json=body, headers={"Prefer": "wait=5"}).json()


def items(api: Api, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.call("GET", path).json()["items"]
    return found


def test_what_holds_is_read_on_both_sides_until_it_is_lifted(api: Api, core: Core) -> None:
    assert say(api, "/v1/exclusions", BANNED)["outcome"] == "accepted"
    said = BANNED | {"since_at": "2026-03-02T00:00:00Z"}
    listed = {**said, "worker_id": "carer-2", "by": "worker", "reason": "", "since_at": "2026-03-01T21:30:00Z"}
    assert items(api, OF_RECIPIENT) == [said, listed]
    assert items(api, OF_WORKER) == [said]
    assert items(api, "/v1/workers/carer-2/exclusions?district=11440") == [listed]
    pair = {name: BANNED[name] for name in ("district", "recipient_id", "worker_id")}
    assert say(api, "/v1/exclusions:lift", pair)["outcome"] == "accepted"
    assert (items(api, OF_RECIPIENT), items(api, OF_WORKER)) == ([listed], [])


def test_it_stands_in_no_list_and_in_no_live_picture(api: Api, core: Core) -> None:
    say(api, "/v1/exclusions", BANNED)
    board = core.redis.hashes[keys.board_key("11440")]
    assert {keys.kept_from_recipient_field("r-1").encode(), keys.kept_from_worker_field("carer-1").encode()} <= set(board)
    for path in ("/v1/counters", "/v1/workers", "/v1/visits"):
        assert "not_on_good_terms" not in api.call("GET", path).text


AT = datetime(2026, 11, 3, 3, tzinfo=UTC)


def test_who_may_read_it_and_each_look_is_written_down(tmp_path: Path) -> None:
    with scoped_world(tmp_path) as world:
        reads = world.api.doors.registry.list_reads
        for role, path in (
            (Role.CARE_MANAGER, "/v1/recipients/R-own/exclusions"), (Role.COORDINATOR, "/v1/workers/w-own/exclusions"),
            (Role.PROVIDER_STAFF, "/v1/workers/w-own/exclusions"),
        ):  # fmt: skip
            assert world.call(role, "GET", path).status_code == 200
        assert [(one.actor.partition(":")[0], one.subject, one.fields) for one in reads(None)] == [
            ("care_manager", "recipient:R-own", "exclusions"), ("coordinator", "worker:w-own", "exclusions"),
            ("provider_staff", "worker:w-own", "exclusions"),
        ]  # fmt: skip
        for role, path in (
            (Role.CARE_MANAGER, "/v1/recipients/R-other/exclusions"), (Role.CARE_MANAGER, "/v1/workers/w-own/exclusions"),
            (Role.COORDINATOR, "/v1/workers/w-far/exclusions"), (Role.PROVIDER_STAFF, "/v1/workers/w-other/exclusions"),
            (Role.AUDITOR, "/v1/recipients/R-own/exclusions"), (Role.PROVIDER_STAFF, "/v1/recipients/R-own/exclusions"),
        ):  # fmt: skip
            assert world.call(role, "GET", path).status_code == 404
        assert len(reads(None)) == 3


def test_an_organisation_is_told_of_those_to_whom_its_people_go_and_of_nobody_else(tmp_path: Path) -> None:
    with scoped_world(tmp_path) as world:
        rows = tuple(
            ExclusionRow(recipient_id=one, worker_id="w-own", by="worker", reason="", since_at=AT) for one in ("R-other", "R-own")
        )
        board = world.redis.hashes[keys.board_key(MAPO)]
        board[keys.kept_from_worker_field("w-own").encode()] = codec.encode(Exclusions(exclusions=rows))

        def told(role: Role) -> list[str]:
            found = world.call(role, "GET", "/v1/workers/w-own/exclusions").json()["items"]
            return [one["recipient_id"] for one in found]

        assert told(Role.COORDINATOR) == ["R-other", "R-own"]
        assert told(Role.COOP_DISPATCHER) == ["R-own"]


# --- equipment


def test_what_was_handed_out_is_listed_with_who_has_it_and_since_when(api: Api, core: Core) -> None:
    assert say(api, "/v1/programmes/crisis/switch-on", ON)["outcome"] == "accepted"
    assert items(api, ISSUED) == []
    given = {"district": "11440", "items": {"mask": 2}, "valid_until_at": "2026-03-09T00:00:00Z"}
    for worker_id in ("carer-1", "carer-2"):
        assert say(api, ISSUED, given | {"worker_id": worker_id})["outcome"] == "accepted"
    refused = api.call("POST", ISSUED, json=given | {"worker_id": "carer-3"}, headers={"Prefer": "wait=5"})
    assert (refused.status_code, refused.json()["code"]) == (409, "stock_used_up")
    told = items(api, ISSUED)
    assert sorted(one["worker_id"] for one in told) == ["carer-1", "carer-2"]
    assert {(json.dumps(one["items"]), one["issued_at"]) for one in told} == {('{"mask": 2}', "2026-03-02T00:00:00Z")}
    (row,) = items(api, "/v1/programmes")
    assert (row["stock"], row["booked_equipment"]) == ({"mask": 5}, {"mask": 4})
    assert items(api, "/v1/programmes/other/equipment") == []


def test_a_visit_and_a_posting_are_no_issue_of_equipment(api: Api, core: Core) -> None:
    say(api, "/v1/programmes/crisis/switch-on", ON | {"budget_krw": 1_000_000, "stock": {"mask": 50, "gloves": 50}})
    posting = {
        "district": "11440", "reference": "P-1", "programme_id": "crisis", "recipient_id": "r-1", "dong": "1144000001",
        "asked_by": "recipient", "from_at": "2026-03-02T03:00:00Z", "until_at": "2026-03-04T03:00:00Z",
    }  # fmt: skip
    say(api, "/v1/postings", posting)
    assert core.states["11440"].programmes["crisis"].booked_equipment
    assert items(api, ISSUED) == []
