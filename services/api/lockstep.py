"""Lock-step: the clock moves one step, a barrier token passes every hop, and the answer comes when nothing is in flight."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from redis.exceptions import RedisError

from services.api.commands import json_answer
from services.api.doors import Doors, DoorsOf
from services.api.models import StepBody, read_body
from services.api.problems import Problem
from streams import topics
from streams.adapters.barrier import HOPS, barrier_key
from streams.adapters.log_writer import LogUnavailable
from streams.contracts.envelope import seal
from streams.contracts.inputs import ClockTicked
from streams.contracts.refusals import Refusal

HOPS_TIMEOUT_S = 20.0  # a hop that was killed is restarted within this; then a new token goes out
STEP_TIMEOUT_S = 80.0  # of one call; the caller may call again
AGAIN_S = 0.5

router = APIRouter(prefix="/v1/lockstep", tags=["lockstep"])


@router.post("/step")
async def step(request: Request, doors: DoorsOf) -> Response:
    """Move the clock (if `to_at` is given), and answer when all that follows is decided, shown, sent and solved."""
    body = await read_body(request, StepBody)
    if not doors.settings.lockstep:
        raise Problem(Refusal.NOT_ALLOWED, "this system does not run in lock-step (DOLBOM_LOCKSTEP=1)")
    async with doors.step_lock:
        try:
            async with asyncio.timeout(STEP_TIMEOUT_S):
                if body.to_at is not None or doors.clock.is_set:
                    await _patiently(doors, body.to_at or doors.clock.now())
                said = await _settle_all(doors, await doors.roster.districts())
        except TimeoutError:
            raise LogUnavailable("the step took too long") from None
    deadlines = [one["next_deadline_at"] for one in said if one.get("next_deadline_at")]
    next_deadline = min((datetime.fromisoformat(text) for text in deadlines), default=None)
    return json_answer(
        {
            "now_at": doors.clock.now(),
            "next_deadline_at": next_deadline,
            "journal_offset": max((one.get("journal_offset") or 0 for one in said), default=0),
        }
    )


async def _settle_all(doors: Doors, districts: list[str]) -> list[dict[str, Any]]:
    """Until a round finds every district quiet: what one says to another comes after that one was asked."""
    while True:
        said = [await _settle(doors, district) for district in districts]
        if len(districts) < 2 or all([await _is_quiet(doors, *one) for one in zip(districts, said, strict=True)]):
            return said


async def _is_quiet(doors: Doors, district: str, said: dict[str, Any]) -> bool:
    try:
        ends = await doors.ends.read(topics.INBOXES, doors.settings.districts[district])
    except (LogUnavailable, OSError):
        return False
    return _covers(said, ends)


def _covers(said: dict[str, Any], ends: dict[str, int]) -> bool:
    coverage = said.get("coverage") or {}
    return all(coverage.get(topic, 0) >= end for topic, end in ends.items())


async def _settle(doors: Doors, district: str) -> dict[str, Any]:
    """Send tokens through a district's partition until one finds it quiet; what the dispatcher said of that one."""
    partition = doors.settings.districts[district]
    while True:
        token = secrets.token_hex(8)
        at = doors.clock.now()
        tick = seal(ClockTicked(due_at=at, token=token), id=f"tick-{token}", district=district, actor="lockstep", at=at)
        try:
            await doors.append(topics.TICKS, tick)
            heard = await _hear(doors, token)
            ends = await doors.ends.read(topics.INBOXES, partition) if heard is not None else {}
        except (LogUnavailable, RedisError, OSError):
            await asyncio.sleep(AGAIN_S)
            await _patiently(doors, at)
            continue
        if heard is None:
            await _patiently(doors, at)
            continue
        if _covers(heard["dispatcher"], ends):
            return heard["dispatcher"]


async def _hear(doors: Doors, token: str) -> dict[str, dict[str, Any]] | None:
    """What each hop said of the token; None when one stayed silent."""
    redis: Any = doors.blocking_redis
    heard: dict[str, dict[str, Any]] = {}
    end = time.monotonic() + HOPS_TIMEOUT_S
    while not set(HOPS) <= set(heard):
        if time.monotonic() > end:
            return None
        item = await redis.blmpop(1, 1, barrier_key(token), direction="LEFT", count=len(HOPS))
        for raw in item[1] if item else ():
            said = json.loads(raw)
            heard[said["hop"]] = said
    return heard


async def _patiently(doors: Doors, to_at: datetime) -> None:
    """Set the clock, also to what it is: Redis may have been emptied."""
    while True:
        try:
            await doors.clock.move_to(to_at)
            return
        except (RedisError, OSError):
            await asyncio.sleep(AGAIN_S)
