"""A position of a worker whom the core is asking after is an answer, and enters the log; no other position does."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime

import msgspec
from redis.exceptions import RedisError

from services.api.doors import Doors
from services.api.identifiers import report_envelope_id
from services.api.problems import Problem
from streams import topics
from streams.adapters import board_keys as keys
from streams.contracts.envelope import seal
from streams.contracts.inputs import PositionHeard


class _Asked(msgspec.Struct):
    """What is read of the board's counters."""

    asked_workers: tuple[str, ...] = ()


async def hear_positions(doors: Doors, organisation: str, district: str, heard: Mapping[str, datetime]) -> None:
    """Tell the log of those among `heard` (worker -> when) who are being asked after. Without the board nobody is known
    to be asked: then people call, as if no position had come."""
    asked = await _asked(doors, district)
    envelopes = [
        seal(
            PositionHeard(worker_id=worker_id, at=heard[worker_id]), district=district, organisation=organisation,
            id=report_envelope_id(organisation, f"position/{worker_id}/{heard[worker_id].isoformat()}"),
            actor=f"organisation:{organisation}", at=doors.clock.now(), occurred_at=heard[worker_id],
        )
        for worker_id in asked if worker_id in heard
    ]  # fmt: skip
    if envelopes:
        await doors.writer.append_all(topics.REPORTS, [(envelope.district, envelope) for envelope in envelopes])


async def _asked(doors: Doors, district: str) -> tuple[str, ...]:
    with contextlib.suppress(RedisError, OSError, Problem, msgspec.DecodeError):
        raw = await doors.board.field(district, keys.COUNTERS)
        return msgspec.json.decode(raw, type=_Asked).asked_workers if raw else ()
    return ()
