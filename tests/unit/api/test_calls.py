"""The phone at the API: whose number, masked and logged; wishes as commands; a new address sealed, taken back when refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.api import calls
from services.api.app import make_app, open_doors
from services.api.roles import Role
from streams import topics
from streams.contracts.board import CommandOutcome
from streams.contracts.inputs import RecordCall
from streams.contracts.queries import Answer
from streams.contracts.refusals import Refusal
from streams.settings import read_settings
from tests.core_world import CoreWorld
from tests.unit.api.conftest import NOWHERE
from tests.unit.api.fake_doors import Api, ListWriter
from tests.unit.api.scoped_world import NUMBERS, OTHER_DONG, OWN_DONG, ScopedWorld, make_world

HERE = {"lon": 126.9, "lat": 37.55}
MOVE = {"wish": "change_address", "address": "서울 마포구 성산동 5 301호", "dong": OWN_DONG, "place": HERE}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScopedWorld]:
    settings = read_settings(
        {"DOLBOM_STATE_DIR": str(tmp_path), "DOLBOM_REDIS_URL": f"redis://{NOWHERE}/0", "DOLBOM_BOOTSTRAP": NOWHERE}
    )
    writer = ListWriter(settings)
    doors = open_doors(settings, writer)

    async def ask(doors: Any, district: str, kind: str, *, recipient_ids: tuple[str, ...]) -> Answer:
        """The dispatcher, with a lunch for whoever is asked about."""
        core = CoreWorld()
        for recipient_id in recipient_ids:
            core.file(recipient_id, recipient_id=recipient_id)
        from streams.core.phone import promises_of

        return Answer(query_id="q", now_at=core.now_at, promises=promises_of(core.state, recipient_ids))

    monkeypatch.setattr(calls, "ask", ask)
    with TestClient(make_app(settings, doors), raise_server_exceptions=False) as client:
        yield make_world(Api(client, doors, writer, None))  # type: ignore[arg-type]


def ring(world: ScopedWorld, role: Role, number: str) -> Any:
    return world.call(role, "POST", "/v1/calls", json={"number": number})


def test_the_caller_is_found_masked_with_what_may_be_wished_and_the_look_is_logged(world: ScopedWorld) -> None:
    answer = ring(world, Role.COORDINATOR, "+82 " + NUMBERS["own"][1:])
    (found,) = answer.json()["recipients"]
    assert (found["recipient_id"], found["name"], found["whose"]) == ("R-own", "김***용", "own")
    (promise,) = found["promises"]
    assert promise["district"] == "11440"
    assert [option["wish"] for option in promise["options"]] == ["not_today", "later", "did_not_come", "change_address"]
    assert promise["options"][0]["follows"] == ["nothing_cooked"]
    assert NUMBERS["own"] not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    (read,) = world.api.doors.registry.list_reads("R-own")
    assert (read.fields, read.why) == ("phone,name", "telephone call")


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CARE_MANAGER])
def test_somebody_elses_number_is_answered_as_nobodys(world: ScopedWorld, role: Role) -> None:
    far, nobody = ring(world, role, NUMBERS["far"]), ring(world, role, "010-0000-0000")
    assert (far.status_code, far.content) == (nobody.status_code, nobody.content) == (200, b'{"recipients":[]}')
    assert world.api.doors.registry.list_reads("R-far") == []
    assert [one.fields for one in world.api.doors.registry.list_reads("nobody")] == ["phone,name"] * 2  # both were looked for


def test_a_number_in_the_wrong_place_is_not_quoted(world: ScopedWorld) -> None:
    refused = world.call(Role.COORDINATOR, "POST", "/v1/calls", json={"number": NUMBERS["own"] * 9})
    assert refused.status_code == 422
    assert NUMBERS["own"] not in refused.text
    assert world.call(Role.COORDINATOR, "GET", f"/v1/calls?number={NUMBERS['own']}").status_code in (404, 405)


def test_a_wish_is_a_command_and_no_address_is_in_it(world: ScopedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    decided(monkeypatch, "accepted")
    assert world.call(Role.COORDINATOR, "POST", "/v1/visits/v-own/call", json=MOVE).status_code == 200
    (envelope,) = world.api.writer.envelopes(topics.COMMANDS)
    payload = envelope.read_payload()
    assert isinstance(payload, RecordCall)
    assert (payload.wish, payload.dong, payload.place.x if payload.place else 0) == ("change_address", OWN_DONG, 126.9)
    assert "성산동" not in json.dumps(world.api.writer.records, default=lambda raw: raw.decode())
    person = world.api.doors.registry.find_person("R-own")
    assert person is not None
    assert person.address == MOVE["address"]


def test_an_address_is_taken_back_when_the_move_is_refused(world: ScopedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    decided(monkeypatch, "refused", Refusal.ALREADY_CLOSED)
    refused = world.call(Role.COORDINATOR, "POST", "/v1/visits/v-own/call", json=MOVE | {"dong": OTHER_DONG})
    assert refused.json()["code"] == "already_closed"
    person = world.api.doors.registry.find_person("R-own")
    assert person is not None
    assert person.address == ""
    assert world.api.doors.registry.homes(["R-own"])["R-own"] == ("11440", OWN_DONG)


def decided(monkeypatch: pytest.MonkeyPatch, outcome: str, code: Refusal | None = None) -> None:
    async def wait(self: Any, command_id: str, wait_s: float) -> CommandOutcome:
        await asyncio.sleep(0)
        return CommandOutcome(command_id=command_id, outcome=outcome, visit_id="v-own", code=code.value if code else "")

    from services.api.outcomes import OutcomeWaiter

    monkeypatch.setattr(OutcomeWaiter, "wait", wait)


@pytest.mark.parametrize(
    "body",
    [
        {"wish": "later"}, {"wish": "not_today", "later_at": "2026-11-03T04:00:00Z"}, {"wish": "change_address"},
        {**MOVE, "address": " "}, {**MOVE, "place": None}, {"wish": "not_today", "dong": OWN_DONG}, {"wish": "tomorrow"},
    ],
)  # fmt: skip
def test_half_a_wish_is_refused_and_nothing_is_written(world: ScopedWorld, body: dict[str, Any]) -> None:
    assert world.call(Role.COORDINATOR, "POST", "/v1/visits/v-own/call", json=body).status_code == 422
    assert world.api.writer.records == []


def test_a_care_manager_moves_nobody_out_of_their_dong(world: ScopedWorld) -> None:
    refused = world.call(Role.CARE_MANAGER, "POST", "/v1/visits/v-own/call", json=MOVE | {"dong": OTHER_DONG})
    assert refused.json()["code"] == "unknown_dong"
    assert world.api.writer.records == []
