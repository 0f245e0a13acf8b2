"""Urgency by telephone: the answers to the district's yes/no questions, which may mean 119 now."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.commands import give_command
from services.api.doors import DoorsOf
from services.api.identifiers import command_id_of
from services.api.models import EmergencyCallBody, read_body
from services.api.said_again import said
from streams.contracts.inputs import RecordEmergencyCall

router = APIRouter(prefix="/v1", tags=["commands"])


@router.post("/emergency-calls", status_code=202)
async def record_emergency_call(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Write down what was answered; `rules` of the outcome names the answers that mean 119 now. The dong's care manager
    asks afterwards what became of it."""
    body = await read_body(request, EmergencyCallBody)
    doors.check_district(body.district)
    payload = await said(doors, request, actor, None, lambda key: emergency_call_of(body, actor, key))
    return await give_command(doors, request, actor, body.district, payload, payload.command_id, body.dong)


def emergency_call_of(body: EmergencyCallBody, actor: str, key: str) -> RecordEmergencyCall:
    """The same body of the same actor is the same command; another `key` (idempotency) makes it another."""
    answers = dict(sorted(body.answers.items()))
    told = f"{actor}/{body.dong}/{list(answers.items())}/{body.source}/{key}"
    return RecordEmergencyCall(
        command_id=command_id_of(body.recipient_id, "RecordEmergencyCall", told), recipient_id=body.recipient_id, dong=body.dong,
        answers=answers, source=body.source,
    )  # fmt: skip
