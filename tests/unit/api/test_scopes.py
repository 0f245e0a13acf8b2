"""What a limited caller sees of a board, of its live line and of people; whom it may store and file for."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from services.api.callers import Caller
from services.api.live import Client, LiveHub
from services.api.roles import Role, Scope, wrong_scope
from services.api.scopes import View
from streams.adapters import board_keys as keys
from streams.contracts import codec
from streams.contracts.board import CommandOutcome, Counters, ExceptionRow, Frame, RestRow, WeekRow
from tests.unit.api.fake_doors import Api, problem_code
from tests.unit.api.scoped_world import (
    AT,
    MAPO,
    OTHER_DONG,
    OWN_DONG,
    PLACES,
    SCOPES,
    ScopedWorld,
    make_world,
    rows_of,
    visit,
    worker,
)
from tests.unit.api.test_bad_input import VISIT


@pytest.fixture
def world(api: Api) -> ScopedWorld:
    return make_world(api)


def caller(role: Role) -> Caller:
    return Caller(f"key:{role}", role, SCOPES[role], f"{role}:1", "proof")


def frame(*visits: Any, workers: tuple[Any, ...] = ()) -> bytes:
    counters = Counters(visits=99, by_state={}, by_class={}, by_area={}, open_exceptions=9)
    return codec.encode(Frame(id="8-0", district=MAPO, now_at=AT, visits=visits, workers=workers, counters=counters))


def whole_board() -> dict[bytes, bytes]:
    fields = {name: row for side in ("own", "other") for name, row in rows_of(side).items()}
    return {name.encode(): row for name, row in fields.items()} | {keys.POSITION.encode(): b'{"next_journal_offset":7}'}


# Lists and counters


@pytest.mark.parametrize("role", [Role.CARE_MANAGER, Role.AREA_MANAGER, Role.COOP_DISPATCHER])
def test_a_part_of_a_district_shows_its_own_rows_and_counters_that_add_up(world: ScopedWorld, role: Role) -> None:
    for path, id_ in (("visits", "visit_id"), ("workers", "worker_id"), ("exceptions", "exception_id"), ("offers", "offer_id")):
        items = world.call(role, "GET", f"/v1/{path}").json()["items"]
        assert [one[id_].partition("-")[2] for one in items] == ["own"], path
    counters = world.call(role, "GET", "/v1/counters").json()
    assert counters["visits"] == sum(counters["by_state"].values()) == 1
    assert counters["open_exceptions"] == 1


def test_an_organisation_is_told_that_its_address_is_off(world: ScopedWorld) -> None:
    """With its only address off no webhook can tell it; another's is none of its business."""
    board = world.redis.hashes[keys.board_key(MAPO)]
    for number, organisation in enumerate((PLACES["own"][3], PLACES["other"][3])):
        row = codec.decode(board[b"x:x-own"], ExceptionRow)
        of_address = replace(
            row, exception_id=f"x-off-{number}", kind="endpoint_disabled", subject=organisation, visit_id="", owner="operator"
        )
        board[f"x:x-off-{number}".encode()] = codec.encode(of_address)
    try:
        found = world.call(Role.COOP_DISPATCHER, "GET", "/v1/exceptions?kind=endpoint_disabled").json()["items"]
        assert [(one["exception_id"], one["owner"]) for one in found] == [("x-off-0", "operator")]
        settled = world.call(Role.COOP_DISPATCHER, "POST", "/v1/exceptions/x-off-0/settle", json={"outcome": "seen"})
        assert settled.status_code == 404  # the operator's, to settle
    finally:
        for number in (0, 1):
            del board[f"x:x-off-{number}".encode()]


def test_workers_stops_at_other_peoples_homes_are_not_shown(world: ScopedWorld) -> None:
    shared = worker("own", stops=(*worker("own").stops, *worker("other").stops))
    world.redis.hashes[keys.board_key(MAPO)][b"w:w-own"] = codec.encode(shared)
    (seen,) = world.call(Role.CARE_MANAGER, "GET", "/v1/workers").json()["items"]
    assert [stop["visit_id"] for stop in seen["stops"]] == ["v-own"]
    (all_of_it, _) = world.call(Role.COORDINATOR, "GET", "/v1/workers").json()["items"][::-1]
    assert len(all_of_it["stops"]) == 2


def test_an_organisation_sees_a_visit_from_the_offer_on(world: ScopedWorld) -> None:
    for state, shown in (("planned", 0), ("offered", 1), ("accepted", 1), ("done", 1), ("cancelled", 0)):
        world.redis.hashes[keys.board_key(MAPO)][b"v:v-own"] = codec.encode(visit("own", state=state))
        assert len(world.call(Role.PROVIDER_STAFF, "GET", "/v1/visits").json()["items"]) == shown, state


def test_a_configuration_shows_an_organisation_its_own_workers_only(world: ScopedWorld) -> None:
    def workers(role: Role) -> list[str]:
        found = world.call(role, "GET", "/v1/district").json()["workers"]
        return [one["worker_id"] for one in found]

    assert workers(Role.COOP_DISPATCHER) == ["w-own"]
    assert workers(Role.CARE_MANAGER) == []
    assert workers(Role.COORDINATOR) == ["w-own", "w-other"]


# Names


def names(world: ScopedWorld, role: Role) -> tuple[set[str], set[str]]:
    body = {"recipient_ids": ["R-own", "R-other", "R-far"], "worker_ids": ["w-own", "w-other", "w-far"]}
    said = world.call(role, "POST", "/v1/people/names", json=body).json()
    return set(said["recipients"]), set(said["workers"])


def test_names_are_of_the_people_in_scope(world: ScopedWorld) -> None:
    assert names(world, Role.OPERATOR) == ({"R-own", "R-other", "R-far"}, {"w-own", "w-other", "w-far"})
    assert names(world, Role.COORDINATOR) == ({"R-own", "R-other"}, {"w-own", "w-other"})
    assert names(world, Role.CARE_MANAGER) == ({"R-own"}, {"w-own"})
    assert names(world, Role.COOP_DISPATCHER) == ({"R-own"}, {"w-own"})
    world.redis.hashes[keys.board_key(MAPO)][b"v:v-own"] = codec.encode(visit("own", state="offered"))
    assert names(world, Role.COOP_DISPATCHER) == (set(), {"w-own"})  # only asked so far


def test_only_what_was_read_is_logged_and_by_whom(world: ScopedWorld) -> None:
    names(world, Role.CARE_MANAGER)
    reads = world.call(Role.OPERATOR, "GET", "/v1/access-log", params={"recipient": "R-own"}).json()["items"]
    (read,) = reads
    assert read["actor"].startswith("care_manager:")
    assert (read["subject"], read["fields"], read["why"]) == ("recipient:R-own", ["name"], "live board")
    assert world.call(Role.OPERATOR, "GET", "/v1/access-log", params={"recipient": "R-other"}).json()["items"] == []


def test_the_access_log_comes_in_pages(world: ScopedWorld) -> None:
    for _ in range(5):
        names(world, Role.CARE_MANAGER)
    first = world.call(Role.AUDITOR, "GET", "/v1/access-log", params={"recipient": "R-own", "limit": 3}).json()
    more = {"recipient": "R-own", "limit": 3, "cursor": first["next_cursor"]}
    last = world.call(Role.AUDITOR, "GET", "/v1/access-log", params=more).json()
    assert (len(first["items"]), len(last["items"]), last["next_cursor"]) == (3, 2, None)


def test_nobody_files_their_way_to_somebody_elses_name(world: ScopedWorld) -> None:
    """A visit in one's own dong for a person who is not would be a reason to read the name, and bring the address out."""
    body = {**VISIT, "district": MAPO, "dong": OWN_DONG, "recipient_id": "R-other"}
    assert problem_code(world.call(Role.CARE_MANAGER, "POST", "/v1/visits", json=body)) == "unknown_recipient"
    body["recipient_id"] = "R-never-stored"
    assert problem_code(world.call(Role.CARE_MANAGER, "POST", "/v1/visits", json=body)) == "unknown_recipient"
    body["recipient_id"] = "R-own"
    filed = world.call(Role.CARE_MANAGER, "POST", "/v1/visits", json=body)
    assert filed.status_code == 202
    visit_id = filed.json()["visit_id"]  # one's own, though no board shows it yet
    cancelled = world.call(Role.CARE_MANAGER, "POST", f"/v1/visits/{visit_id}/cancel", json={"reason": "office"})
    assert cancelled.status_code == 202
    assert world.call(Role.COOP_DISPATCHER, "GET", f"/v1/visits/{visit_id}").status_code == 404


def store(world: ScopedWorld, **person: str) -> Any:
    body = {"recipients": [{"name": "이몽룡", **person}]}
    return world.call(Role.CARE_MANAGER, "POST", "/v1/recipients:batch", json=body)


def test_people_are_stored_as_ones_own_and_nobody_elses_are_replaced(world: ScopedWorld) -> None:
    assert store(world, recipient_id="R-new").status_code == 200
    assert world.api.doors.registry.homes(["R-new"]) == {"R-new": (MAPO, OWN_DONG)}
    assert problem_code(store(world, recipient_id="R-other")) == "unknown_recipient"
    assert problem_code(store(world, recipient_id="R-new", dong=OTHER_DONG)) == "unknown_dong"
    assert problem_code(store(world, recipient_id="R-new", district="11410")) == "unknown_district"
    person = world.api.doors.registry.find_person("R-other")
    assert person is not None
    assert person.name == "김other용"


def test_a_member_that_stands_twice_hides_nothing(world: ScopedWorld) -> None:
    raw = b'{"worker_id": "w-other", "worker_id": "w-own", "reason": "asked"}'
    response = world.call(Role.AREA_MANAGER, "POST", "/v1/visits/v-own/forbid", content=raw)
    assert problem_code(response) == "not_json"


# The live line


def test_a_view_follows_frame_by_frame() -> None:
    view = View(caller(Role.CARE_MANAGER))
    rows = {name.decode() for name in view.take(whole_board()) if b":" in name}
    assert rows == {"v:v-own", "w:w-own", "x:x-own", "o:o-own", "n:n-own"}
    assert view.narrow(frame(visit("other", version=2))) is None
    told = codec.decode(view.narrow(frame(visit("own", state="done", ledger_class="done"), visit("other"))) or b"", Frame)
    assert [row.visit_id for row in told.visits] == ["v-own"]
    assert told.counters is not None
    assert (told.counters.visits, told.counters.by_state["done"]) == (1, 1)
    assert not view.lost


def test_a_visit_that_goes_to_another_organisation_is_taken_off_the_page() -> None:
    client = Client(MAPO, caller(Role.COOP_DISPATCHER))
    assert client.view is not None
    client.view.take(whole_board())
    client.skip_to(7)
    client.put(8, b"event: board\nid: 8-0.m\ndata: " + frame(visit("own", organisation="coop-b")) + b"\n\n")
    assert client.drain() == b""
    assert client.wants_snapshot


def test_who_leaves_ones_homes_is_told_of_once_more_without_stops() -> None:
    view = View(caller(Role.CARE_MANAGER))
    view.take(whole_board())
    gone = worker("own", stops=worker("other").stops)
    told = codec.decode(view.narrow(frame(workers=(gone,))) or b"", Frame)
    assert [(row.worker_id, row.stops) for row in told.workers] == [("w-own", ())]
    assert view.narrow(frame(workers=(gone,))) is None


def first_events(hub: LiveHub, who: Caller) -> dict[str, Any]:
    async def read() -> dict[str, Any]:
        found: dict[str, Any] = {}
        async for chunk in hub.stream(MAPO, "", who):
            for event in chunk.decode().split("\n\n"):
                lines = dict(line.split(": ", 1) for line in event.splitlines() if ": " in line)
                if "event" in lines:
                    found[lines["event"]] = json.loads(lines["data"])
            if "snapshot" in found:
                return found
        return found

    return asyncio.run(asyncio.wait_for(read(), 60))


def test_the_live_lines_first_picture_is_of_ones_scope(world: ScopedWorld) -> None:
    hub = world.api.doors.live
    part = first_events(hub, caller(Role.COOP_DISPATCHER))["snapshot"]
    assert [row["visit_id"] for row in part["visits"]] == ["v-own"]
    assert (list(part["positions"]), part["ledger"], part["unmet_needs"]) == (["w-own"], None, [])
    whole = first_events(hub, caller(Role.COORDINATOR))["snapshot"]
    assert {row["visit_id"] for row in whole["visits"]} == {"v-own", "v-other"}
    assert whole["ledger"] == {}


OF_A_KEY = {
    "an organisation": Scope(districts=(MAPO,), organisation="coop-a"), "dongs": Scope(districts=(MAPO,), dongs=(OWN_DONG,)),
    "areas": Scope(districts=(MAPO,), areas=("A",)), "a district": Scope(districts=(MAPO,)), "everything": Scope(),
}  # fmt: skip
CALLERS = {role.value: caller(role) for role in Role} | {
    f"a key of {name}": Caller(f"key:{name}", Role.SERVICE_KEY, scope, "service_key:1", "proof") for name, scope in OF_A_KEY.items()
}


@pytest.mark.parametrize("name", list(CALLERS))
def test_every_roles_live_line_shows_its_scope_alone(world: ScopedWorld, name: str) -> None:
    """The first picture, and the frames after it."""
    who = CALLERS[name]
    sides = {"own", "other"} if who.scope.is_whole_districts else {"own"}
    picture = first_events(world.api.doors.live, who)["snapshot"]
    for rows, id_ in (("visits", "visit_id"), ("workers", "worker_id"), ("exceptions", "exception_id"), ("offers", "offer_id")):
        assert {row[id_].partition("-")[2] for row in picture[rows]} == sides, rows
    assert {row["need_id"].partition("-")[2] for row in picture["unmet_needs"]} == (set() if who.scope.organisation else sides)
    assert (picture["ledger"] is None) == (not who.scope.is_whole_districts)
    assert set(picture["positions"]) == {f"w-{side}" for side in sides}
    client = Client(MAPO, who)
    if client.view is not None:
        client.view.take(whole_board())
    client.skip_to(7)
    client.put(8, b"event: board\nid: 8-0.m\ndata: " + frame(visit("own"), visit("other"), workers=(worker("other"),)) + b"\n\n")
    client.put(0, b'event: positions\ndata: {"w-own":[1,2],"w-other":[3,4]}\n\n')
    told = client.drain()
    assert b"v-own" in told
    assert (b"other" in told) == (sides == {"own", "other"})


# Scopes


@pytest.mark.parametrize(
    ("role", "scope", "wrong"),
    [
        (Role.CARE_MANAGER, Scope(districts=(MAPO,)), "scope.dongs: is missing"),
        (Role.COORDINATOR, Scope(), "scope.districts: is missing"),
        (Role.COORDINATOR, Scope(districts=(MAPO,), organisation="coop-a"), "scope.organisation: does not go with the role"),
        (Role.SERVICE_KEY, Scope(organisation="coop-a"), "scope.districts: is missing"),
        (Role.OPERATOR, Scope(districts=(MAPO,)), "scope.districts: does not go with the role"),
        (Role.SERVICE_KEY, Scope(), ""),
    ],
)
def test_a_scope_goes_with_its_role(role: Role, scope: Scope, wrong: str) -> None:
    assert wrong_scope(role, scope) == wrong
    assert msgspec.json.decode(msgspec.json.encode(scope), type=Scope) == scope


# What a worker earned


def test_a_workers_week_is_for_those_who_weigh_shares_and_for_its_own_organisation(world: ScopedWorld) -> None:
    for side in ("own", "other"):
        row = worker(side, week=WeekRow(week="2026-W45", income_krw=777_000, declined=3))
        world.redis.hashes[keys.board_key(MAPO)][f"w:w-{side}".encode()] = codec.encode(row)
    sees = {
        role: "777000" in world.call(role, "GET", "/v1/workers").text for role in Role if role is not Role.OPERATOR
    }  # fmt: skip
    no = {Role.CARE_MANAGER, Role.AREA_MANAGER}
    assert {role for role, seen in sees.items() if not seen} == no
    for role in no:
        caller_of = View(caller(role))
        taken = caller_of.take(whole_board() | {b"w:w-own": world.redis.hashes[keys.board_key(MAPO)][b"w:w-own"]})
        assert b"777000" not in b"".join(taken.values())
        told = caller_of.narrow(frame(visit("own"), workers=(worker("own", week=WeekRow(income_krw=777_000)),)))
        assert told is not None
        assert b"w-own" in told
        assert b"777000" not in told


def test_a_workers_rests_are_for_the_same_eyes(world: ScopedWorld) -> None:
    rests = (RestRow(begin_at=AT, until_at=AT, taken=True),)
    for side in ("own", "other"):
        world.redis.hashes[keys.board_key(MAPO)][f"w:w-{side}".encode()] = codec.encode(worker(side, rests=rests))
    seen = {role for role in Role if '"taken":true' in world.call(role, "GET", "/v1/workers").text}
    assert Role.COORDINATOR in seen
    assert not seen & {Role.CARE_MANAGER, Role.AREA_MANAGER}
    told = View(caller(Role.CARE_MANAGER)).narrow(frame(visit("own"), workers=(worker("own", rests=rests),)))
    assert told is None or b'"taken":true' not in told


def test_who_gave_a_command_hears_of_it_from_any_process_and_nobody_else_does(world: ScopedWorld) -> None:
    """About no visit: what was granted, a training. This process did not take it, or was started again since."""
    command_id = "0f6d2a52-6d0a-5a5e-8f55-2f0d0a7f2c11"
    me = world.call(Role.CARE_MANAGER, "GET", "/v1/me").json()["actor"]
    outcome = CommandOutcome(command_id=command_id, outcome="refused", code="unknown_dong", actor=me)
    world.redis.strings[keys.command_key(command_id)] = codec.encode(outcome)
    told = {role: world.call(role, "GET", f"/v1/commands/{command_id}").json() for role in Role}
    assert {role for role, answer in told.items() if answer["outcome"] == "refused"} == {Role.CARE_MANAGER, Role.OPERATOR}
    assert {answer["outcome"] for answer in told.values()} == {"refused", "pending"}
    assert me not in str(told)


def test_me_says_what_the_role_may_do_here(world: ScopedWorld) -> None:
    may = {role: set(world.call(role, "GET", "/v1/me").json()["may"]) for role in Role}
    assert "POST /v1/visits/{visit_id}/cancel" in may[Role.CARE_MANAGER]
    assert "POST /v1/visits/{visit_id}/cancel" not in may[Role.COOP_DISPATCHER]
    assert "GET /v1/ledger" in may[Role.COORDINATOR]
    assert "GET /v1/ledger" not in may[Role.CARE_MANAGER]
    assert "POST /v1/accounts" in may[Role.OPERATOR]
    assert all("POST /v1/accounts" not in operations for role, operations in may.items() if role is not Role.OPERATOR)
