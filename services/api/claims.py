"""Claims (연계 수임) as the coordinator handles them: written down after a call, confirmed, declined, taken back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.commands import find_district, give_command
from services.api.doors import DoorsOf
from services.api.identifiers import is_id
from services.api.models import ClaimBody, SettleClaimBody, read_body
from services.api.problems import Problem
from services.api.said_again import said_id
from streams.adapters import board_keys as keys
from streams.contracts.inputs import ClaimNeed, SettleClaim
from streams.contracts.refusals import Refusal

router = APIRouter(prefix="/v1", tags=["claims"])


@router.post("/visits/{visit_id}/claims", status_code=202)
async def claim_need(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Write down that an organisation claims a need that is open to it; the claim holds it until it is confirmed or expires."""
    body = await read_body(request, ClaimBody)
    if not is_id(visit_id):
        raise Problem(Refusal.UNKNOWN_VISIT)
    district = await find_district(doors, keys.visit_field(visit_id), body.district, Refusal.UNKNOWN_VISIT)
    command_id = await said_id(doors, request, actor, visit_id, "ClaimNeed", f"{actor}/{body.organisation}/{body.worker_id}")
    payload = ClaimNeed(command_id=command_id, visit_id=visit_id, organisation=body.organisation, worker_id=body.worker_id)
    return await give_command(doors, request, actor, district, payload, command_id, visit_id=visit_id)


@router.post("/claims/{claim_id}/settle", status_code=202)
async def settle_claim(claim_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Confirm or decline a claim. Declined after it was confirmed, another district is asked to let the visit go."""
    body = await read_body(request, SettleClaimBody)
    if not is_id(claim_id):
        raise Problem(Refusal.UNKNOWN_CLAIM)
    doors.check_district(body.district)
    command_id = await said_id(doors, request, actor, claim_id, "SettleClaim", f"{actor}/{body.outcome}")
    payload = SettleClaim(command_id=command_id, claim_id=claim_id, outcome=body.outcome)
    return await give_command(doors, request, actor, body.district, payload, command_id)
