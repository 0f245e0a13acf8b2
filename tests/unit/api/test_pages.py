"""Every list comes in pages: whoever walks them meets every row once, and lists can be narrowed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.api.roles import Role
from streams.adapters import board_keys as keys
from streams.adapters.delivery_log import DeliveryLog
from streams.adapters.registry import Registry
from streams.contracts import codec
from streams.contracts.board import Counters
from streams.contracts.crisis import IssueRow, PostingRow, ProgrammeIssues, ProgrammeRow
from streams.contracts.holdings import CredentialRow, ExclusionRow, Exclusions, GrantRow, RecipientGrants, WorkerHoldings
from tests.unit.api.scoped_world import EUNPYEONG, MAPO, ScopedWorld, scoped_world
from tests.unit.api.test_delivery_retention import made

AT = datetime(2026, 11, 3, 3, tzinfo=UTC)
NARROWED = {
    "/v1/visits": "state=accepted", "/v1/workers": "status=on", "/v1/exceptions": "kind=welfare_check",
    "/v1/unmet-needs": "service=check_in", "/v1/offers": "open=true", "/v1/accounts": "role=operator",
    "/v1/keys": "role=auditor", "/v1/programmes": "on=true", "/v1/postings": "state=assigned",
    "/v1/organisations/{organisation}/endpoints": "disabled=false",
    "/v1/organisations/{organisation}/deliveries": "status=pending",
    "/v1/access-log": "recipient=R-own", "/v1/districts": "",
    "/v1/workers/{worker_id}/credentials": "", "/v1/recipients/{recipient_id}/authorised": "",
    "/v1/workers/{worker_id}/exclusions": "", "/v1/recipients/{recipient_id}/exclusions": "",
    "/v1/programmes/{programme_id}/equipment": "",
}  # fmt: skip
"""Each list, and a filter of it; districts are chosen, not searched, and what is on record of one person is short."""

OF_ONE = {"{organisation}": "coop-a", "{worker_id}": "w-own", "{recipient_id}": "R-own", "{programme_id}": "p-own-1"}


def on_record() -> dict[bytes, bytes]:
    """Two trainings of a worker, care granted for two services of a recipient, two exclusions of each, two issues of equipment."""
    held = tuple(CredentialRow(code=code, issued_at=AT, valid_until_at=AT, version=1) for code in ("fire", "lifting"))
    grants = tuple(
        GrantRow(
            service=service, from_date="2026-11-01", until_date="2026-11-30", duration_s=3600, budget_krw=0, visit_price_krw=0,
            hour_price_krw=0, version=1,
        )
        for service in ("check_in", "visiting_care")
    )  # fmt: skip
    apart = [
        ExclusionRow(recipient_id=recipient, worker_id=worker, by="worker", reason="", since_at=AT)
        for recipient, worker in (("R-own", "w-own"), ("R-own", "w-other"), ("R-other", "w-own"))
    ]
    issues = tuple(IssueRow(issue_id=one, worker_id="w-own", items={"mask": 1}, issued_at=AT) for one in ("i-1", "i-2"))
    return {
        keys.kept_from_recipient_field("R-own").encode(): codec.encode(Exclusions(exclusions=tuple(apart[:2]))),
        keys.kept_from_worker_field("w-own").encode(): codec.encode(Exclusions(exclusions=(apart[0], apart[2]))),
        keys.issues_field("p-own-1").encode(): codec.encode(ProgrammeIssues(programme_id="p-own-1", issues=issues)),
        keys.holdings_field("w-own").encode(): codec.encode(WorkerHoldings(worker_id="w-own", credentials=held)),
        keys.grants_field("R-own").encode(): codec.encode(RecipientGrants(recipient_id="R-own", grants=grants)),
    }


def crisis_of(side: str) -> bytes:
    programmes = tuple(
        ProgrammeRow(
            programme_id=f"p-{side}-{number}", name_ko="긴급", name_en="Crisis", is_on=number == 1, from_date="2026-11-01",
            until_date="2026-11-30", budget_krw=1, booked_krw=0, stock={}, booked_equipment={}, visits=0,
        )
        for number in (1, 2)
    )  # fmt: skip
    postings = tuple(
        PostingRow(
            posting_id=f"q-{side}-{state}", programme_id=f"p-{side}-1", recipient_id=f"R-{side}", dong="1144066000", state=state,
            worker_id="", from_at=AT, until_at=AT, reason="",
        )
        for state in ("assigned", "ended")
    )  # fmt: skip
    counters = Counters(
        visits=0, by_state={}, by_class={}, by_area={}, open_exceptions=0, programmes=programmes, postings=postings
    )
    return codec.encode(counters)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScopedWorld]:
    with scoped_world(tmp_path_factory.mktemp("pages")) as found:
        for district, side in ((MAPO, "own"), (EUNPYEONG, "far")):
            found.redis.hashes[keys.board_key(district)][keys.COUNTERS.encode()] = crisis_of(side)
        found.redis.hashes[keys.board_key(MAPO)].update(on_record())
        registry = found.api.doors.registry
        made(registry, ["delivered", "pending", "pending", "given_up"])
        registry.endpoints.put("coop-a", "http://127.0.0.1:9/archive", "archive")
        registry.log_read("operator", [f"recipient:R-{side}" for side in ("own", "own", "far")], "name", "test")
        yield found


def lists(world: ScopedWorld) -> list[str]:
    """Of the description: every read that answers items."""
    paths = world.call(Role.OPERATOR, "GET", "/openapi.json").json()["paths"]
    return [
        path for path, methods in paths.items() for answer in [methods.get("get", {}).get("responses", {}).get("200", {})]
        if "next_cursor" in json.dumps(answer.get("content", {}).get("application/json", {}).get("schema", {}))
    ]  # fmt: skip


def named(path: str) -> str:
    """With somebody who is there."""
    for what, whose in OF_ONE.items():
        path = path.replace(what, whose)
    return path


def read(world: ScopedWorld, path: str, query: str) -> Any:
    answer = world.call(Role.OPERATOR, "GET", f"{named(path)}?{query}")
    assert answer.status_code == 200, (path, query, answer.text)
    return answer.json()


def test_every_list_says_that_it_comes_in_pages(world: ScopedWorld) -> None:
    paths = world.call(Role.OPERATOR, "GET", "/openapi.json").json()["paths"]
    assert set(lists(world)) == set(NARROWED)
    for path in lists(world):
        assert {"limit", "cursor"} <= {one["name"] for one in paths[path]["get"]["parameters"]}, path


@pytest.mark.parametrize("path", NARROWED)
def test_whoever_walks_the_pages_meets_every_row_once(world: ScopedWorld, path: str) -> None:
    query = "recipient=R-own&" if path == "/v1/access-log" else ""  # else each look at accounts adds a row to it
    whole = read(world, path, f"{query}limit=1000")
    assert whole["next_cursor"] is None
    assert len(whole["items"]) > 1
    walked, cursor = [], ""
    while cursor is not None:
        page = read(world, path, f"{query}limit=1{cursor and f'&cursor={cursor}'}")
        assert len(page["items"]) == 1
        walked += page["items"]
        cursor = page["next_cursor"]
    assert walked == whole["items"]


@pytest.mark.parametrize("path", [path for path in NARROWED if NARROWED[path]])
def test_a_list_can_be_narrowed(world: ScopedWorld, path: str) -> None:
    whole = read(world, path, "")["items"]
    found = read(world, path, NARROWED[path])["items"]
    name, _, value = NARROWED[path].partition("=")
    assert found
    if name in ("state", "status", "kind", "service", "role"):
        assert found == [one for one in whole if one[name] == value]


@pytest.mark.parametrize("path", NARROWED)
def test_a_cursor_of_nobody_is_refused(world: ScopedWorld, path: str) -> None:
    for cursor in ("x", "bm8", "1e400", "nan", "W10"):
        answer = world.call(Role.OPERATOR, "GET", f"{named(path)}?cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (422, "wrong_field"), (path, cursor)


def test_a_list_of_accounts_is_a_read_of_those_shown(world: ScopedWorld) -> None:
    registry = world.api.doors.registry
    before = len(registry.list_reads(None))
    first = read(world, "/v1/accounts", "limit=1")["items"][0]["account_id"]
    assert [one.subject for one in registry.list_reads(None)[before:]] == [f"account:{first}"]


def test_webhooks_that_were_made_at_the_same_time_are_not_lost_between_two_pages(registry: Registry) -> None:
    made(registry, ["pending"] * 5)
    log, walked, after = DeliveryLog(registry), [], None
    while len(walked) < 9:
        page, after = log.page("coop-a", limit=2, after=after)
        walked += [one.effect_id for one in page]
        if after is None:
            break
    assert walked == [f"11440-{number}-0" for number in (4, 3, 2, 1, 0)]


