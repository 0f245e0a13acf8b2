"""Reads the live board from Redis (written by the board projection): rows as they stand there, filtered and in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.api.callers import Caller, limits
from services.api.problems import Problem
from services.api.scopes import limited_fields
from streams.adapters import board_keys as keys
from streams.contracts import codec
from streams.contracts.board import ExceptionRow, OfferRow, UnmetNeedRow, VisitRow, WorkerRow
from streams.contracts.district import DistrictConfig
from streams.contracts.refusals import Refusal

SCAN_AT_ONCE = 20_000  # fields looked at in one call: nearly always the whole board, in a millisecond

Row = TypeVar("Row", VisitRow, WorkerRow, ExceptionRow, OfferRow, UnmetNeedRow)


def geo_key(district: str) -> str:
    return f"dolbom:geo:{district}"


class _Position(msgspec.Struct):
    next_journal_offset: int = 0


@dataclass(frozen=True)
class Snapshot:
    """A district's board at one moment. `position` is the live stream's number up to which it is drawn."""

    district: str
    position: int
    fields: dict[bytes, bytes]
    positions: dict[bytes, bytes]

    def rows(self, prefix: bytes) -> list[bytes]:
        return [value for name, value in sorted(self.fields.items()) if name.startswith(prefix)]

    def field(self, name: str) -> bytes | None:
        return self.fields.get(name.encode())


class BoardReader:
    """Raises a `board_unavailable` problem while the board is not there; Redis errors pass (they mean the same). Hands out
    what the caller of the request may see (`callers.limits`), whichever route asks."""

    def __init__(self, redis: Redis, districts: Iterable[str]) -> None:
        self._redis: Any = redis
        self.districts = sorted(districts)

    async def snapshot(self, district: str) -> Snapshot:
        """All of a district's board."""
        found = await self.find_snapshot(district)
        if found is None:
            raise Problem(Refusal.BOARD_UNAVAILABLE, headers={"Retry-After": "2"})
        caller = limits()
        if caller is None:
            return found
        if not caller.has_district(district):
            raise Problem(Refusal.UNKNOWN_DISTRICT)
        return replace(found, fields=limited_fields(caller, found.fields))

    async def rows(self, district: str, prefix: bytes) -> list[bytes]:
        """The rows of one kind, in order of their names. Redis picks them out: a day's board has a thousand others."""
        if limits() is not None:
            return (await self.snapshot(district)).rows(prefix)
        key = keys.board_key(district)
        found: dict[bytes, bytes] = {}
        cursor = 0
        while True:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hscan(key, cursor, match=prefix + b"*", count=SCAN_AT_ONCE)
                pipe.hexists(key, keys.POSITION)
                (cursor, part), whole = await pipe.execute()
            if not whole:  # emptied, or being built again
                raise Problem(Refusal.BOARD_UNAVAILABLE, headers={"Retry-After": "2"})
            found |= part
            if cursor == 0:
                break
        return [row for _, row in sorted(found.items())]

    async def find_snapshot(self, district: str) -> Snapshot | None:
        """All of it, for the live line, which limits what it shows by itself. None while Redis was emptied and the board
        is not built again."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(keys.board_key(district))
            pipe.hgetall(geo_key(district))
            fields, positions = await pipe.execute()
        raw = fields.get(keys.POSITION.encode())
        if raw is None:
            return None
        position = msgspec.json.decode(raw, type=_Position).next_journal_offset
        return Snapshot(district, position, fields, positions)

    async def field(self, district: str, name: str) -> bytes | None:
        """One field; None when the board is there without it."""
        caller = limits()
        if caller is not None and not (caller.scope.is_whole_districts and caller.has_district(district)):
            return (await self.snapshot(district)).field(name)
        return await self.field_about(district, name)

    async def field_about(self, district: str, name: str) -> bytes | None:
        """The same about somebody in the caller's scope, which was asked before (`reach`): no row that a scope picks out."""
        value, position = await self._redis.hmget(keys.board_key(district), [name, keys.POSITION])
        if position is None:
            raise Problem(Refusal.BOARD_UNAVAILABLE, headers={"Retry-After": "2"})
        return value  # type: ignore[no-any-return]

    async def find_row(self, district: str, name: str) -> bytes | None:
        """A row if Redis is there and has it: a hint, where the log judges."""
        try:
            return await self._redis.hget(keys.board_key(district), name)  # type: ignore[no-any-return]
        except (RedisError, OSError):
            return None

    async def find_home(self, name: str) -> tuple[str, bytes] | None:
        """(district, row) of a field such as `v:<visit_id>`, wherever it is. Raises when it is nowhere and a board is
        missing (then it may be there)."""
        missing = False
        if (caller := limits()) is not None:
            return await self._find_home_in_scope(caller, name)
        for district in self.districts:
            fields = [name, keys.POSITION, keys.BUILDING]
            value, position, building = await self._redis.hmget(keys.board_key(district), fields)
            if building is not None:  # it may stand in the half that is not there yet, or as it was long ago
                raise Problem(Refusal.BOARD_UNAVAILABLE, headers={"Retry-After": "2"})
            if value is not None:
                return district, value
            missing = missing or position is None
        if missing:
            configured = await self._redis.exists(*(keys.board_key(district) for district in self.districts))
            if not configured:
                raise Problem(Refusal.BOARD_UNAVAILABLE, headers={"Retry-After": "2"})
        return None

    async def _find_home_in_scope(self, caller: Caller, name: str) -> tuple[str, bytes] | None:
        missing = True
        for district in self.districts:
            if caller.has_district(district) and (found := await self.find_snapshot(district)) is not None:
                missing = False
                value = limited_fields(caller, found.fields).get(name.encode())
                if value is not None:
                    return district, value
        if missing:
            raise Problem(Refusal.BOARD_UNAVAILABLE, headers={"Retry-After": "2"})
        return None

    async def dongs_in_scope(self, caller: Caller) -> frozenset[str] | None:
        """The dongs that a caller is limited to, those of its living areas as the districts' configurations have them;
        None: no limit."""
        scope = caller.scope
        if not scope.areas:
            return frozenset(scope.dongs) if scope.dongs else None
        found: set[str] = set()
        for district in scope.districts:
            raw = await self._redis.hget(keys.board_key(district), keys.DISTRICT)
            areas = codec.decode(raw, DistrictConfig).areas if raw is not None else ()
            found |= {dong for area in areas if area.area_id in scope.areas for dong in area.dong_codes}
        return frozenset(found & set(scope.dongs) if scope.dongs else found)

    async def story(self, visit_id: str) -> list[bytes]:
        return list(await self._redis.lrange(keys.story_key(visit_id), 0, -1))

    async def position_of(self, district: str) -> int | None:
        raw = await self._redis.hget(keys.board_key(district), keys.POSITION)
        return None if raw is None else msgspec.json.decode(raw, type=_Position).next_journal_offset


def decode_rows(raws: Iterable[bytes], kind: type[Row]) -> list[tuple[Row, bytes]]:
    decoder = msgspec.json.Decoder(kind)
    return [(decoder.decode(raw), raw) for raw in raws]
