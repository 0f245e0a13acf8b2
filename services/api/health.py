"""Is the process alive, can it serve, and its figures."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from services.api.auth import read_caller
from services.api.commands import json_answer
from services.api.doors import Doors, DoorsOf
from streams import topics
from streams.adapters.log_writer import LogUnavailable
from streams.adapters.notice_counts import Standing, count_notices

CHECK_TIMEOUT_S = 3.0

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def get_health() -> Response:
    """The process answers."""
    return json_answer({"status": "ok"})


@router.get("/readyz")
async def get_readiness(doors: DoorsOf) -> Response:
    """Ready when the broker, Redis and the registry answer. Each board's place in the journal stands beside it."""
    broker, redis, registry = await asyncio.gather(_broker(doors), _redis(doors), _registry(doors))
    boards: dict[str, Any] = {}
    for district, partition in sorted(doors.settings.districts.items()):
        position = redis.get(district) if redis is not None else None
        end = broker.get(partition) if broker is not None else None
        behind = end - position if end is not None and position is not None else None
        boards[district] = {"position": position, "behind": behind}
    ready = broker is not None and redis is not None and registry
    parts = {"broker": broker is not None, "redis": redis is not None, "registry": registry}
    return json_answer(
        {"ready": ready, **{name: "ok" if fine else "away" for name, fine in parts.items()}, "boards": boards},
        200 if ready else 503, {"Cache-Control": "no-store"},
    )  # fmt: skip


@router.get("/metrics", dependencies=[Depends(read_caller)])
async def get_metrics(doors: DoorsOf) -> Response:
    """Figures for Prometheus. Needs the token. Of notices those that the registry keeps; none while it is away."""
    doors.metrics.notices.clear()
    for standing, count in (await asyncio.to_thread(_notices, doors)).items():
        doors.metrics.notices.labels(*standing).set(count)
    return Response(generate_latest(doors.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _notices(doors: Doors) -> dict[Standing, int]:
    try:
        return count_notices(doors.registry.engine)
    except SQLAlchemyError:
        return {}


async def _broker(doors: Doors) -> dict[int, int] | None:
    """End of the journal by partition."""
    ends: dict[int, int] = {}
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            for partition in sorted(set(doors.settings.districts.values())):
                ends[partition] = (await doors.ends.read([topics.JOURNAL], partition))[topics.JOURNAL]
    except (LogUnavailable, TimeoutError):
        return None
    return ends


async def _redis(doors: Doors) -> dict[str, int | None] | None:
    """Position of each board."""
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return {district: await doors.board.position_of(district) for district in doors.settings.districts}
    except (RedisError, OSError, TimeoutError):
        return None


async def _registry(doors: Doors) -> bool:
    try:
        await asyncio.to_thread(doors.registry.find_webhook, "", "")
    except Exception:  # any database error means the same here
        return False
    return True
