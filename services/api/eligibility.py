"""Who may serve whom: workers' credentials, and exclusions on both sides."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.commands import find_district, give_command
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import is_id
from services.api.models import read_body
from services.api.models_care import CredentialBody, ExclusionBody, LiftBody, WithdrawBody
from services.api.on_record import credential_made_on
from services.api.problems import Problem
from services.api.said_again import said_id
from services.api.versions import expected_of, made_on
from streams.adapters import board_keys as keys
from streams.contracts.inputs import ExcludePair, LiftExclusion, RecordCredential, WithdrawCredential
from streams.contracts.refusals import Refusal

router = APIRouter(prefix="/v1", tags=["eligibility"])


@router.post("/workers/{worker_id}/credentials", status_code=202)
async def record_credential(worker_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """A training, a test's result or an equipment issue of a worker, with its validity. To replace one that the worker holds
    already takes its `version` (of `GET /v1/workers/{worker_id}/credentials`) as `If-Match`; the same again changes nothing."""
    body = await read_body(request, CredentialBody)
    given = expected_of(request)
    told = f"{actor}/{body.code}/{body.issued_at}/{body.valid_until_at}" + made_on(given)
    command_id = await said_id(doors, request, actor, worker_id, "RecordCredential", told, given)
    payload = RecordCredential(
        command_id=command_id, worker_id=worker_id, code=body.code,
        issued_at=body.issued_at, valid_until_at=body.valid_until_at,
    )  # fmt: skip
    district = await _district_of(doors, worker_id, body.district)
    expected = await credential_made_on(doors, request, given, district, payload)
    return await give_command(doors, request, actor, district, payload, command_id, expected_version=expected)


@router.post("/workers/{worker_id}/credentials/{code}/withdraw", status_code=202)
async def withdraw_credential(worker_id: str, code: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """It counts no more: what is planned with it goes to others. `If-Match`: only if nobody has set it anew since it was read."""
    body = await read_body(request, WithdrawBody)
    if not is_id(code):
        raise Problem(Refusal.UNKNOWN_CREDENTIAL)
    given = expected_of(request)
    told = f"{actor}/{code}/{body.reason}" + made_on(given)
    command_id = await said_id(doors, request, actor, worker_id, "WithdrawCredential", told, given)
    payload = WithdrawCredential(command_id=command_id, worker_id=worker_id, code=code, reason=body.reason)
    district = await _district_of(doors, worker_id, body.district)
    return await give_command(doors, request, actor, district, payload, command_id, expected_version=given)


@router.post("/exclusions", status_code=202)
async def exclude_pair(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """This worker and this recipient are not to meet any more; either side may have said so."""
    body = await read_body(request, ExclusionBody)
    doors.check_district(body.district)
    told = f"{actor}/{body.worker_id}/{body.by}/{body.reason}"
    command_id = await said_id(doors, request, actor, body.recipient_id, "ExcludePair", told)
    payload = ExcludePair(
        command_id=command_id, recipient_id=body.recipient_id,
        worker_id=body.worker_id, by=body.by, reason=body.reason,
    )  # fmt: skip
    return await give_command(doors, request, actor, body.district, payload, payload.command_id)


@router.post("/exclusions:lift", status_code=202)
async def lift_exclusion(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """They may meet again."""
    body = await read_body(request, LiftBody)
    doors.check_district(body.district)
    command_id = await said_id(doors, request, actor, body.recipient_id, "LiftExclusion", f"{actor}/{body.worker_id}")
    payload = LiftExclusion(command_id=command_id, recipient_id=body.recipient_id, worker_id=body.worker_id)
    return await give_command(doors, request, actor, body.district, payload, payload.command_id)


async def _district_of(doors: Doors, worker_id: str, given: str | None) -> str:
    if not is_id(worker_id):
        raise Problem(Refusal.UNKNOWN_WORKER)
    return await find_district(doors, keys.worker_field(worker_id), given, Refusal.UNKNOWN_WORKER)
