"""Visits: filing, cancelling, the list and one visit's story."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.board import decode_rows
from services.api.callers import limits
from services.api.commands import answer_command, envelope_of, find_edited, give_command
from services.api.doors import DoorsOf
from services.api.identifiers import command_id_of, is_id, visit_id_of
from services.api.models import SERVICE_DURATIONS_S, CancelBody, CorrectBody, VisitBody, read_body
from services.api.models_plan import plan_terms
from services.api.pages import PAGE_LIMIT, Limit, page_of
from services.api.problems import Problem
from services.api.repeats import key_of
from services.api.said_again import key_for, said_id
from services.api.versions import etag_of, expected_of, version_of
from streams import topics
from streams.adapters import board_keys as keys
from streams.contracts import codec
from streams.contracts.board import VisitRow
from streams.contracts.decisions import VisitState
from streams.contracts.district import Service
from streams.contracts.inputs import CancelVisit, CorrectVisit, RequestVisit
from streams.contracts.refusals import Refusal

PRIORITIES = {Service.EMERGENCY_CARE: 1}
NORMAL_PRIORITY = 2

router = APIRouter(prefix="/v1", tags=["visits"])


def request_of(body: VisitBody, visit_id: str, actor: str) -> RequestVisit:
    """The command of a body by `actor`, defaults filled in. Its `body_hash` is over all that was asked; `command_id` follows."""
    duration_s = body.service_duration_s
    payload = RequestVisit(
        command_id="", visit_id=visit_id, reference=body.reference, body_hash="", recipient_id=body.recipient_id,
        service=body.service, dong=body.dong, place=body.place.place(), window_start_at=body.window_start_at,
        window_end_at=body.window_end_at, due_at=body.due_at or body.window_end_at,
        service_duration_s=SERVICE_DURATIONS_S[body.service] if duration_s is None else duration_s,
        priority=body.priority or PRIORITIES.get(body.service, NORMAL_PRIORITY), worker_count=body.worker_count,
        required_skills=body.required_skills, excluded_workers=body.excluded_workers, gender=body.gender,
        kitchen_id=body.kitchen_id, meal_kind=body.meal_kind, ready_at=body.ready_at, freshness_s=body.freshness_s,
        boxes=body.boxes, may_leave_at_door=body.may_leave_at_door, risk=body.risk, diet=body.diet,
        avoid_allergens=body.avoid_allergens, preferred_gender=body.preferred_gender,
        programme=body.programme, asked_by=body.asked_by, tasks=body.tasks, plan=plan_terms(body, body.district, actor),
    )  # fmt: skip
    body_hash = codec.digest(codec.encode(payload))
    command_id = command_id_of(visit_id, "RequestVisit", body_hash)
    return msgspec.structs.replace(payload, body_hash=body_hash, command_id=command_id)


@router.post("/visits", status_code=202)
async def file_visit(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """File one visit. The same key (Idempotency-Key, else `reference`) with the same body is the same visit."""
    body = await read_body(request, VisitBody)
    doors.check_district(body.district)
    visit_id = visit_id_of(actor, body.district, key_of(request) or body.reference)
    payload = request_of(body, visit_id, actor)
    envelope = envelope_of(doors, payload, payload.command_id, body.district, actor, body.dong)
    doors.remember_filed(visit_id, body.district)
    return await answer_command(
        doors, request, topics.inbox_of(body.service), envelope, payload.command_id, visit_id, is_filing=True
    )


@router.post("/visits/{visit_id}/cancel", status_code=202)
async def cancel_visit(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Take a visit back. `If-Match` (or `expected_version`): only if nobody changed it since it was read."""
    body = await read_body(request, CancelBody)
    expected = expected_of(request, body.expected_version)
    district = await find_edited(doors, request, visit_id, body.district, expected)
    made_on = "" if expected is None else f"/{expected}"

    def id_of(key: str) -> str:
        return command_id_of(visit_id, "CancelVisit", f"{actor}/{body.reason}/{key}{made_on}")

    command_id = id_of(await key_for(doors, request, actor, expected, id_of))
    payload = CancelVisit(command_id=command_id, visit_id=visit_id, reason=body.reason)
    return await give_command(doors, request, actor, district, payload, command_id, expected_version=expected, visit_id=visit_id)


@router.post("/visits/{visit_id}/correct", status_code=202)
async def correct_visit(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Correct how a visit ended. History keeps what was said before; the ledger follows what is true."""
    body = await read_body(request, CorrectBody)
    expected = expected_of(request, body.expected_version)
    district = await find_edited(doors, request, visit_id, body.district, expected)
    told = f"{actor}/{body.outcome}/{body.reason}/{expected}"
    command_id = await said_id(doors, request, actor, visit_id, "CorrectVisit", told, expected)
    payload = CorrectVisit(command_id=command_id, visit_id=visit_id, outcome=body.outcome, reason=body.reason)
    return await give_command(doors, request, actor, district, payload, command_id, expected_version=expected, visit_id=visit_id)


@router.get("/visits")
async def list_visits(
    doors: DoorsOf,
    district: str | None = None,
    state: Annotated[list[str] | None, Query()] = None,
    area: str | None = None,
    dong: str | None = None,
    service: Service | None = None,
    provider: Annotated[str | None, Query(description="organisation of the worker")] = None,
    late: Annotated[bool | None, Query(description="true: late now or when done; false: on time")] = None,
    limit: Limit = PAGE_LIMIT,
    cursor: str | None = None,
) -> Response:
    """Visits by promised time. `state` may be given several times, or several with commas between."""
    states = {one for text in state or () for one in text.split(",")}
    if not states <= {one.value for one in VisitState}:
        raise Problem(Refusal.WRONG_FIELD, "state: is no state of a visit")
    keyed: list[tuple[tuple[str, str], bytes]] = []
    for code in await districts_asked(doors, district):
        for row, raw in decode_rows((await doors.board.snapshot(code)).rows(b"v:"), VisitRow):
            if (
                (not states or row.state in states)
                and (area is None or row.area_id == area)
                and (dong is None or row.dong == dong)
                and (service is None or row.service == service)
                and (provider is None or row.organisation == provider)
                and (late is None or (row.late_min > 0) == late)
            ):
                keyed.append(((row.due_at.isoformat(), row.visit_id), raw))
    return Response(page_of(keyed, cursor, limit), media_type="application/json")


@router.get("/visits/{visit_id}")
async def get_visit(visit_id: str, doors: DoorsOf) -> Response:
    """One visit: its row, its district, and its whole story. `ETag` is its version, for `If-Match` of an edit."""
    home = await doors.board.find_home(keys.visit_field(visit_id)) if is_id(visit_id) else None
    if home is None:
        raise Problem(Refusal.UNKNOWN_VISIT)
    district, row = home
    story = b",".join(await doors.board.story(visit_id))
    # The row's members stand at the top, beside `district` and `story`.
    body = row.rstrip()[:-1] + b',"district":' + codec.encode(district) + b',"story":[' + story + b"]}"
    return Response(body, headers={"ETag": etag_of(version_of(row))}, media_type="application/json")


async def districts_asked(doors: DoorsOf, district: str | None) -> list[str]:
    """The one asked for, or all that were configured."""
    if district is not None:
        doors.check_district(district)
        return [district]
    caller = limits()
    configured = [
        code for code in await doors.roster.districts()
        if doors.settings.partition_of(code) is not None and (caller is None or caller.has_district(code))
    ]  # fmt: skip
    if not configured:
        raise Problem(Refusal.NOT_CONFIGURED)
    return configured
