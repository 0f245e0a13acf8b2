"""People's data at the door: in, sealed; out, masked names only, and every read is logged."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.commands import json_answer
from services.api.doors import DoorsOf
from services.api.identifiers import is_id
from services.api.models import EndpointBody, NamesBody, RecipientsBody, WorkersBody, read_body
from services.api.problems import Problem
from streams.adapters.registry import Kin, Person, WorkerPerson
from streams.contracts.refusals import Refusal

WHY_BOARD = "live board"

router = APIRouter(prefix="/v1", tags=["people"])


@router.post("/recipients:batch")
async def put_recipients(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Store recipients, sealed; those that are there are replaced. All or none."""
    body = await read_body(request, RecipientsBody)
    people = [
        Person(
            recipient_id=one.recipient_id, name=one.name, phone=one.phone, address=one.address,
            door_code=one.door_code, note=one.note, kin=tuple(Kin(kin.name, kin.phone) for kin in one.kin),
        )
        for one in body.recipients
    ]  # fmt: skip
    return json_answer({"stored": await asyncio.to_thread(doors.registry.put_recipients, people)})


@router.post("/workers:batch")
async def put_workers(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Store workers' names and phones, sealed. Their skills and shifts come with the district's configuration."""
    body = await read_body(request, WorkersBody)
    people = [WorkerPerson(worker_id=one.worker_id, name=one.name, phone=one.phone) for one in body.workers]
    return json_answer({"stored": await asyncio.to_thread(doors.registry.put_workers, people)})


@router.post("/people/names")
async def read_names(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Masked names (김*용) of those on screen, by id; ids that are not known are left out. A logged read."""
    body = await read_body(request, NamesBody)
    recipients, workers = sorted(set(body.recipient_ids)), sorted(set(body.worker_ids))

    def read() -> dict[str, dict[str, str]]:
        subjects = [f"recipient:{id_}" for id_ in recipients] + [f"worker:{id_}" for id_ in workers]
        doors.registry.log_read(actor, subjects, "name", WHY_BOARD)
        return {
            "recipients": doors.registry.masked_names(recipients),
            "workers": doors.registry.masked_names(workers, "worker"),
        }

    return json_answer(await asyncio.to_thread(read), headers={"Cache-Control": "no-store"})


@router.put("/organisations/{organisation}/endpoint")
async def put_endpoint(organisation: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Where an organisation's webhooks go. The answer has both signing secrets: ours (`secret_out`) and theirs
    (`secret_in`); they stay the same when the address changes."""
    body = await read_body(request, EndpointBody)
    if not is_id(organisation):
        raise Problem(Refusal.WRONG_FIELD, "organisation: has the wrong type or value")
    endpoint = await asyncio.to_thread(doors.registry.set_endpoint, organisation, body.url)
    answer = {
        "organisation": organisation, "url": endpoint.url, "secret_out": endpoint.secret_out,
        "secret_in": endpoint.secret_in,
    }  # fmt: skip
    return json_answer(answer, headers={"Cache-Control": "no-store"})
