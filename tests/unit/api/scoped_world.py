"""A small board in two districts, with somebody's and somebody else's of everything, and callers of every role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from starlette.testclient import TestClient

from services.api.app import make_app, open_doors
from services.api.roles import Role, Scope
from streams.adapters import board_keys as keys
from streams.adapters.persons import Person, WorkerPerson
from streams.contracts import codec
from streams.contracts.board import (
    CommandOutcome,
    Counters,
    ExceptionRow,
    OfferRow,
    StopRow,
    UnmetNeedRow,
    VisitRow,
    WorkerRow,
)  # fmt: skip
from streams.contracts.district import Place
from streams.settings import read_settings
from tests.unit.api.conftest import NOWHERE
from tests.unit.api.fake_doors import Api, ListWriter
from tests.unit.api.test_doors import a_config

AT = datetime(2026, 11, 3, 2, tzinfo=UTC)
HERE = Place(126.9, 37.55)
MAPO, EUNPYEONG = "11440", "11410"
OWN_DONG, OTHER_DONG, FAR_DONG = "1144066000", "1144068000", "1141055000"
PLACES = {  # side -> district, dong, area, organisation
    "own": (MAPO, OWN_DONG, "A", "coop-a"), "other": (MAPO, OTHER_DONG, "B", "coop-b"), "far": (EUNPYEONG, FAR_DONG, "C", "coop-c"),
}  # fmt: skip
COMMANDS = {side: f"c9db2a6d-01e2-59c9-b51d-6f488fbc378{n}" for n, side in enumerate((*PLACES, "absent"))}

NUMBERS = {side: f"010-1111-000{n}" for n, side in enumerate(PLACES)}

SCOPES: dict[Role, Scope] = {
    Role.CARE_MANAGER: Scope(districts=(MAPO,), dongs=(OWN_DONG,)),
    Role.COORDINATOR: Scope(districts=(MAPO,)),
    Role.AREA_MANAGER: Scope(districts=(MAPO,), areas=("A",)),
    Role.PROVIDER_STAFF: Scope(districts=(MAPO,), organisation="coop-a"),
    Role.COOP_DISPATCHER: Scope(districts=(MAPO,), organisation="coop-a"),
    Role.DISTRICT_OFFICER: Scope(districts=(MAPO,)),
    Role.OPERATOR: Scope(),
    Role.AUDITOR: Scope(districts=(MAPO,)),
    Role.SERVICE_KEY: Scope(districts=(MAPO,)),
}


def side_of_others(role: Role) -> str:
    """What is just outside the role's scope: in the same district where the scope is a part of one."""
    return "far" if SCOPES[role].is_whole_districts else "other"


def visit(side: str, **changes: Any) -> VisitRow:
    _, dong, area, organisation = PLACES[side]
    values: dict[str, Any] = {
        "visit_id": f"v-{side}", "reference": f"ref-{side}", "recipient_id": f"R-{side}", "service": "check_in",
        "meal_kind": "", "dong": dong, "area_id": area, "place": HERE, "state": "accepted", "ledger_class": "open",
        "priority": 2, "window_start_at": AT, "window_end_at": AT, "due_at": AT, "expected_at": None, "done_at": None,
        "late_min": 0, "worker_ids": (f"w-{side}",), "organisation": organisation, "requested_by": "operator",
        "kitchen_id": "", "rung": 0, "helped_from": "", "reason": "", "owner": "", "pinned_id": "", "version": 1,
        "changed_at": AT,
    }  # fmt: skip
    return VisitRow(**(values | changes))


def worker(side: str, **changes: Any) -> WorkerRow:
    _, _, area, organisation = PLACES[side]
    values: dict[str, Any] = {
        "worker_id": f"w-{side}", "kind": "rider", "organisation": organisation, "area_id": area, "mode": "bicycle",
        "status": "on", "place": HERE, "free_at": AT, "onboard": 0,
        "stops": (StopRow(f"v-{side}", "delivery", HERE, AT),),
    }  # fmt: skip
    return WorkerRow(**(values | changes))


def rows_of(side: str) -> dict[str, bytes]:
    _, dong, area, organisation = PLACES[side]
    exception = ExceptionRow(
        exception_id=f"x-{side}", kind="welfare_check", subject=f"v-{side}", visit_id=f"v-{side}",
        owner=f"care_manager:{dong}", dong=dong, area_id=area, raised_at=AT, due_at=AT, next_owner="coordinator",
        outcomes=("seen",), settled="",
    )  # fmt: skip
    offer = OfferRow(
        offer_id=f"o-{side}", kind="single", organisation=organisation, worker_id=f"w-{side}", visit_ids=(f"v-{side}",),
        begin_at=AT, expires_at=AT, outcome="",
    )  # fmt: skip
    need = UnmetNeedRow(
        need_id=f"n-{side}", visit_id=f"v-{side}", recipient_id=f"R-{side}", service="check_in", dong=dong, area_id=area,
        rung=0, stage="area", reasons=(), at=AT,
    )  # fmt: skip
    rows = {
        keys.visit_field(f"v-{side}"): visit(side), keys.worker_field(f"w-{side}"): worker(side),
        keys.exception_field(f"x-{side}"): exception, keys.offer_field(f"o-{side}"): offer, keys.need_field(f"n-{side}"): need,
    }  # fmt: skip
    return {name: codec.encode(row) for name, row in rows.items()}


class FakeRedis:
    """The hashes of two boards and the outcomes of commands, in memory."""

    def __init__(self) -> None:
        self.hashes: dict[str, dict[bytes, bytes]] = {}
        self.strings: dict[str, bytes] = {}
        self.asked: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if callable(found) and name != "pipeline":
            self.asked.append(name)
        return found

    async def hgetall(self, key: str) -> dict[bytes, bytes]:
        return dict(self.hashes.get(key, {}))

    async def hget(self, key: str, name: str) -> bytes | None:
        return self.hashes.get(key, {}).get(name.encode())

    async def hmget(self, key: str, names: list[str]) -> list[bytes | None]:
        return [self.hashes.get(key, {}).get(name.encode()) for name in names]

    async def hexists(self, key: str, name: str) -> bool:
        return name.encode() in self.hashes.get(key, {})

    async def hscan(self, key: str, cursor: int, match: bytes, count: int) -> tuple[int, dict[bytes, bytes]]:
        return 0, {name: row for name, row in self.hashes.get(key, {}).items() if name.startswith(match.rstrip(b"*"))}

    async def exists(self, *names: str) -> int:
        return sum(name in self.hashes for name in names)

    async def lrange(self, key: str, first: int, last: int) -> list[bytes]:
        return []

    async def get(self, key: str) -> bytes | None:
        return self.strings.get(key)

    async def mget(self, names: list[str]) -> list[bytes | None]:
        return [self.strings.get(name) for name in names]

    async def xrevrange(self, *args: Any, **more: Any) -> list[Any]:
        return []

    def pipeline(self, transaction: bool = True) -> _Pipe:
        return _Pipe(self)


class _Pipe:
    def __init__(self, redis: FakeRedis) -> None:
        self._redis = redis
        self._calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    async def __aenter__(self) -> _Pipe:
        return self

    async def __aexit__(self, *error: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, **named: self._calls.append((name, arguments, named))

    async def execute(self) -> list[Any]:
        return [await getattr(self._redis, name)(*arguments, **named) for name, arguments, named in self._calls]


@dataclass
class ScopedWorld:
    api: Api
    redis: FakeRedis
    keys: dict[Role, str]
    accounts: dict[Role, str]

    def call(self, role: Role, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[role]}", **more.pop("headers", {})}
        return self.api.client.request(method, path, headers=headers, **more)


@contextmanager
def scoped_world(folder: Path) -> Iterator[ScopedWorld]:
    """The world behind an API of its own, without broker and Redis."""
    settings = read_settings(
        {"DOLBOM_STATE_DIR": str(folder), "DOLBOM_REDIS_URL": f"redis://{NOWHERE}/0", "DOLBOM_BOOTSTRAP": NOWHERE,
         "DOLBOM_WEBHOOK_ALLOW": "127.0.0.1"}
    )
    writer = ListWriter(settings)
    doors = open_doors(settings, writer)
    doors.roster.follow = lambda in_force: in_force.close()  # type: ignore[attr-defined, method-assign]  # nothing is decided here
    with TestClient(make_app(settings, doors), raise_server_exceptions=False) as client:
        made = make_world(Api(client, doors, writer, None))  # type: ignore[arg-type]
        doors.live.end()  # an open line would never end; this one says hello and goodbye
        yield made


def make_world(api: Api) -> ScopedWorld:
    """Boards drawn, people stored with their homes, a key of every role."""
    redis = FakeRedis()
    for district, sides in ((MAPO, ("own", "other")), (EUNPYEONG, ("far",))):
        fields = {name: row for side in sides for name, row in rows_of(side).items()}
        fields[keys.POSITION] = json.dumps({"next_journal_offset": 7, "digest": "d"}).encode()
        fields[keys.COUNTERS] = codec.encode(Counters(visits=len(sides), by_state={}, by_class={}, by_area={}, open_exceptions=0))
        fields[keys.LEDGER] = b"{}"
        config = _config(district, sides)
        fields[keys.DISTRICT] = codec.encode(config)
        redis.hashes[keys.board_key(district)] = {name.encode(): row for name, row in fields.items()}
        redis.hashes[f"dolbom:geo:{district}"] = {f"w-{side}".encode(): b"[1,2]" for side in sides}
        api.doors.registry.put_roster(
            district, [w.organisation for w in config.workers], {w.worker_id: w.organisation for w in config.workers}, {}
        )
    for side in PLACES:
        outcome = CommandOutcome(command_id=COMMANDS[side], outcome="accepted", visit_id=f"v-{side}")
        redis.strings[keys.command_key(COMMANDS[side])] = codec.encode(outcome)
        district, dong, _, _ = PLACES[side]
        person = Person(recipient_id=f"R-{side}", name=f"김{side}용", phone=NUMBERS[side])
        api.doors.registry.put_recipients([person], {person.recipient_id: (district, dong)})
        api.doors.registry.put_workers([WorkerPerson(worker_id=f"w-{side}", name=f"박{side}더")])
    for part in (api.doors.board, api.doors.outcomes):
        part._redis = redis
    made = {
        role: api.doors.accounts.make_key(role.value, role.value, msgspec.json.encode(scope).decode(), "test")[1]
        for role, scope in SCOPES.items()
    }
    accounts = {side: api.doors.accounts.create(f"{side}@mapo", "이름", "operator", "{}", "test").account_id for side in PLACES}
    return ScopedWorld(api, redis, made, accounts)  # type: ignore[arg-type]


def _config(district: str, sides: tuple[str, ...]) -> Any:
    config = a_config(district)
    workers = tuple(
        msgspec.structs.replace(
            config.workers[0], worker_id=f"w-{side}", organisation=PLACES[side][3], area_id=PLACES[side][2]
        )
        for side in sides
    )
    areas = tuple(
        msgspec.structs.replace(config.areas[0], area_id=PLACES[side][2], dong_codes=(PLACES[side][1],)) for side in sides
    )
    return msgspec.structs.replace(config, workers=workers, areas=areas)
