"""A provider fails, weather pauses a vehicle mode, and either is over: the coordinator says so."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.commands import give_command, key_of
from services.api.doors import DoorsOf
from services.api.identifiers import command_id_of, is_id
from services.api.models import EndDisruptionBody, ModePauseBody, ProviderFailureBody, read_body
from services.api.problems import Problem
from services.api.said_again import said_id
from streams.contracts.inputs import EndDisruption, PauseMode, ReportProviderFailure
from streams.contracts.refusals import Refusal

router = APIRouter(prefix="/v1", tags=["disruptions"])


@router.post("/provider-failures", status_code=202)
async def report_provider_failure(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """A kitchen or a centre cannot supply: its visits go to others, in small steps. `command_id` is the disruption's id.
    The same report again while it lasts is a repeat; another `Idempotency-Key` makes another."""
    body = await read_body(request, ProviderFailureBody)
    doors.check_district(body.district)
    told = f"{actor}/{body.kitchen_id}/{body.span}/{body.reason}"
    command_id = await said_id(doors, request, actor, body.provider_id, "ReportProviderFailure", told)
    payload = ReportProviderFailure(
        command_id=command_id, provider_id=body.provider_id, kitchen_id=body.kitchen_id, span=body.span, reason=body.reason
    )
    return await give_command(doors, request, actor, body.district, payload, command_id)


@router.post("/mode-pauses", status_code=202)
async def pause_mode(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Nobody goes by this mode (in this living area) until then: others take over. `command_id` is the disruption's id."""
    body = await read_body(request, ModePauseBody)
    doors.check_district(body.district)
    told = f"{actor}/{body.area_id}/{body.until_at.isoformat()}/{body.reason}"
    command_id = await said_id(doors, request, actor, body.mode, "PauseMode", told)
    payload = PauseMode(
        command_id=command_id, mode=body.mode, area_id=body.area_id, until_at=body.until_at, reason=body.reason
    )
    return await give_command(doors, request, actor, body.district, payload, command_id)


@router.post("/disruptions/{disruption_id}/end", status_code=202)
async def end_disruption(disruption_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """The provider is back, or the mode may go again. What moved stays moved; new visits go there again."""
    body = await read_body(request, EndDisruptionBody)
    if not is_id(disruption_id):
        raise Problem(Refusal.UNKNOWN_DISRUPTION)
    doors.check_district(body.district)
    command_id = command_id_of(disruption_id, "EndDisruption", f"{actor}/{key_of(request)}")
    payload = EndDisruption(command_id=command_id, disruption_id=disruption_id)
    return await give_command(doors, request, actor, body.district, payload, command_id)
