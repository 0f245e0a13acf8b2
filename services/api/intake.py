"""Intake: somebody was referred, the care manager was there, and what was authorised for them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.commands import answer_about
from services.api.doors import DoorsOf
from services.api.identifiers import command_id_of
from services.api.models import read_body
from services.api.models_intake import AuthoriseBody, FirstVisitBody, IntakeBody
from services.api.on_record import grant_made_on
from services.api.repeats import key_of
from services.api.said_again import said_id
from services.api.versions import expected_of, made_on
from streams.contracts.inputs import AuthoriseCare, RecordFirstVisit, RecordIntake
from streams.contracts.intake import Authorisation
from streams.contracts.refusals import Refusal

router = APIRouter(prefix="/v1", tags=["intake"])


@router.post("/recipients/{recipient_id}/intake", status_code=202)
async def record_intake(recipient_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Somebody was referred: from `received_at` the 72 hours of the care manager's own first visit run."""
    body = await read_body(request, IntakeBody)
    told = f"{actor}/{body.dong}/{body.received_at}/{key_of(request)}"
    payload = RecordIntake(
        command_id=command_id_of(recipient_id, "RecordIntake", told), recipient_id=recipient_id, dong=body.dong,
        received_at=body.received_at,
    )  # fmt: skip
    return await answer_about(
        doors, request, actor, body.district, payload, payload.command_id, recipient_id, Refusal.UNKNOWN_RECIPIENT, body.dong
    )


@router.post("/recipients/{recipient_id}/first-visit", status_code=202)
async def record_first_visit(recipient_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """The care manager was there, or need not go."""
    body = await read_body(request, FirstVisitBody)
    told = f"{actor}/{body.outcome}/{key_of(request)}"
    payload = RecordFirstVisit(
        command_id=command_id_of(recipient_id, "RecordFirstVisit", told), recipient_id=recipient_id, outcome=body.outcome
    )
    return await answer_about(
        doors, request, actor, body.district, payload, payload.command_id, recipient_id, Refusal.UNKNOWN_RECIPIENT
    )


@router.post("/recipients/{recipient_id}/authorise", status_code=202)
async def authorise_care(recipient_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Hours and money granted for a service (or for all). To replace what is granted for it already takes its `version` (of
    `GET /v1/recipients/{recipient_id}/authorised`) as `If-Match`; the same again changes nothing."""
    body = await read_body(request, AuthoriseBody)
    granted = Authorisation(
        service=body.service, from_date=body.from_date, until_date=body.until_date, duration_s=body.duration_min * 60,
        budget_krw=body.budget_krw, visit_price_krw=body.visit_price_krw, hour_price_krw=body.hour_price_krw,
    )  # fmt: skip
    given = expected_of(request)
    told = f"{actor}/{granted}" + made_on(given)
    command_id = await said_id(doors, request, actor, recipient_id, "AuthoriseCare", told, given)
    payload = AuthoriseCare(command_id=command_id, recipient_id=recipient_id, granted=granted)
    doors.check_district(body.district)
    expected = await grant_made_on(doors, request, given, body.district, payload)
    return await answer_about(
        doors, request, actor, body.district, payload, command_id, recipient_id, Refusal.UNKNOWN_RECIPIENT,
        expected_version=expected,
    )  # fmt: skip
