"""Offers as people handle them: a phoned answer recorded, a better fee, and who was given what over the week."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.board import decode_rows
from services.api.commands import find_district, find_edited, give_command, json_answer
from services.api.doors import DoorsOf
from services.api.fairness import Shares, WeekShares, shares_of
from services.api.identifiers import command_id_of, is_id
from services.api.models import read_body
from services.api.models_offers import AnswerBody, FeeBody
from services.api.problems import Problem
from services.api.repeats import key_of
from services.api.said_again import said_id
from services.api.versions import expected_of
from services.api.visits import districts_asked
from streams.adapters import board_keys as keys
from streams.contracts.board import WorkerRow
from streams.contracts.inputs import AnswerOffer, RaiseFee
from streams.contracts.refusals import Refusal

router = APIRouter(prefix="/v1", tags=["offers"])


@router.post("/offers/{offer_id}/answer", status_code=202)
async def answer_offer(offer_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """What somebody without an app said on the phone, recorded by the coordinator who called."""
    body = await read_body(request, AnswerBody)
    if not is_id(offer_id):
        raise Problem(Refusal.UNKNOWN_OFFER)
    district = await find_district(doors, keys.offer_field(offer_id), body.district, Refusal.UNKNOWN_OFFER)
    told = f"{actor}/{body.answer}/{body.worker_id}/{body.reason}/{','.join(body.declined_visit_ids)}/{key_of(request)}"
    command_id = command_id_of(offer_id, "AnswerOffer", told)
    payload = AnswerOffer(
        command_id=command_id, offer_id=offer_id, answer=body.answer, worker_id=body.worker_id, reason=body.reason,
        declined_visit_ids=body.declined_visit_ids,
    )  # fmt: skip
    return await give_command(doors, request, actor, district, payload, command_id)


@router.post("/visits/{visit_id}/raise-fee", status_code=202)
async def raise_fee(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Pay a visit that nobody wants better; who declined it for less may be asked again."""
    body = await read_body(request, FeeBody)
    expected = expected_of(request, body.expected_version)
    district = await find_edited(doors, request, visit_id, body.district, expected)
    told = f"{actor}/{body.extra_krw}/{body.reason}/{expected}"
    command_id = await said_id(doors, request, actor, visit_id, "RaiseFee", told, expected)
    payload = RaiseFee(command_id=command_id, visit_id=visit_id, extra_krw=body.extra_krw, reason=body.reason)
    return await give_command(doors, request, actor, district, payload, command_id, expected_version=expected, visit_id=visit_id)


@router.get("/fairness")
async def get_fairness(doors: DoorsOf, district: str | None = None) -> Response:
    """This ISO week: paid way, hours and income of each worker, and each organisation's share of the offers beside its
    share of the people."""
    found: dict[str, Shares] = {}
    for code in await districts_asked(doors, district):
        rows = [row for row, _ in decode_rows(await doors.board.rows(code, b"w:"), WorkerRow)]
        found[code] = shares_of(rows)
    return json_answer(WeekShares(districts=found))
