"""Questions that need the dispatcher's state: why this worker or none, and what a request would do. Nothing is journalled."""

from __future__ import annotations

import time
import uuid
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from redis.exceptions import RedisError

from services.api.auth import Actor
from services.api.callers import limits
from services.api.commands import envelope_of, find_district, json_answer
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import is_id, visit_id_of
from services.api.models import VisitBody, read_body
from services.api.problems import Problem, refusal_of, remedy_of
from services.api.repeats import key_of
from services.api.visits import request_of
from streams import topics
from streams.adapters import board_keys as keys
from streams.contracts import codec
from streams.contracts.envelope import Envelope
from streams.contracts.queries import Answer, Query, answer_key
from streams.contracts.refusals import Refusal

ANSWER_WITHIN_S = 3.0

router = APIRouter(prefix="/v1", tags=["queries"])


@router.get("/visits/{visit_id}/why")
async def why(visit_id: str, doors: DoorsOf) -> Response:
    """Why the visit has the worker it has, who else could serve it at what price, and what keeps the others away."""
    if not is_id(visit_id):
        raise Problem(Refusal.UNKNOWN_VISIT)
    district = await find_district(doors, keys.visit_field(visit_id), None, Refusal.UNKNOWN_VISIT)
    return json_answer(await ask(doors, district, "why", visit_id=visit_id))


@router.post("/visits:preview")
async def preview(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """What filing this visit would do now: refused (with the remedy) or accepted, with which worker. Nothing is filed."""
    body = await read_body(request, VisitBody)
    doors.check_district(body.district)
    payload = request_of(body, visit_id_of(actor, body.district, key_of(request) or body.reference), actor)
    envelope = envelope_of(doors, payload, payload.command_id, body.district, actor, body.dong)
    return json_answer(await shown(doors, body.district, await ask(doors, body.district, "preview", envelope=envelope)))


async def shown(doors: Doors, district: str, answer: Answer) -> dict[str, Any]:
    """A preview as its caller may see it: visits out of scope are only counted. `preview.remedy`: in both languages, where it
    would be refused."""
    preview = answer.preview
    caller = limits()
    if preview is not None and caller is not None and not caller.scope.is_whole_districts:
        board = await doors.board.snapshot(district)
        named = {one[0] for one in preview.changes} | {one.visit_id for one in preview.moved}
        hidden = {one for one in named - {answer.visit_id} if board.field(keys.visit_field(one)) is None}
        preview = msgspec.structs.replace(
            preview, hidden=len(hidden), changes=tuple(one for one in preview.changes if one[0] not in hidden),
            moved=tuple(one for one in preview.moved if one.visit_id not in hidden),
        )  # fmt: skip
    told: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(answer, preview=preview))
    if preview is not None:
        told["preview"]["remedy"] = remedy_of(preview.code)
    return told


async def ask(
    doors: Doors, district: str, kind: str, *, visit_id: str = "", envelope: Envelope | None = None,
    recipient_ids: tuple[str, ...] = (),
) -> Answer:  # fmt: skip
    """Ask the dispatcher that owns the district. Raises the problem it answers with, or that it does not answer."""
    query = Query(
        query_id=str(uuid.uuid4()), district=district, kind=kind, visit_id=visit_id, envelope=envelope,
        recipient_ids=recipient_ids,
        expires_wall_s=time.time() + ANSWER_WITHIN_S,
    )  # fmt: skip
    partition = doors.settings.partition_of(district)
    assert partition is not None  # the callers have looked
    await doors.writer.append_bytes(topics.QUERIES, partition, district.encode(), codec.encode(query))
    redis: Any = doors.blocking_redis
    try:
        found = await redis.blpop([answer_key(query.query_id)], timeout=ANSWER_WITHIN_S)
    except RedisError:
        found = None
    if found is None:
        raise Problem(Refusal.BOARD_UNAVAILABLE)
    answer = codec.decode(found[1], Answer)
    if answer.code:
        raise Problem(refusal_of(answer.code))
    return answer
