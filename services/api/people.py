"""People's data at the door: in, sealed; out, masked names only, and every read is logged."""

from __future__ import annotations

import asyncio

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor, CallerOf
from services.api.callers import Caller
from services.api.commands import json_answer
from services.api.doors import DoorsOf
from services.api.models import NamesBody, RecipientBody, RecipientsBody, WorkersBody, read_body
from services.api.problems import Problem
from streams.adapters.persons import Kin, Person, WorkerPerson
from streams.contracts.refusals import Refusal

WHY_BOARD = "live board"

router = APIRouter(prefix="/v1", tags=["people"])


@router.post("/recipients:batch")
async def put_recipients(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Store recipients, sealed; those that are there are replaced. All or none. `district` and `dong` say whose they are;
    only who is theirs to care for may then file for them and read their names."""
    body = await read_body(request, RecipientsBody)
    homes = {one.recipient_id: _home_of(caller, one.district, one.dong) for one in body.recipients}
    if caller.is_limited and await doors.people.foreign(caller, sorted(homes)):
        raise Problem(Refusal.UNKNOWN_RECIPIENT)

    def store() -> int:
        known = doors.registry.find_people(one.recipient_id for one in body.recipients)
        people = [_person_of(one, known.get(one.recipient_id)) for one in body.recipients]
        return doors.registry.put_recipients(people, homes)

    return json_answer({"stored": await asyncio.to_thread(store)})


def _person_of(body: RecipientBody, known: Person | None) -> Person:
    """As said; how they and their kin wish to be told stays as it is stored."""
    wished = {kin.phone: kin for kin in known.kin} if known else {}
    kin = []
    for one in body.kin:
        before = wished.get(one.phone, Kin(one.name, one.phone))
        notify = before.notify if one.notify is None else one.notify
        kin.append(Kin(one.name, one.phone, notify=notify, channels=before.channels, language=before.language))
    told = known or Person(recipient_id=body.recipient_id, name=body.name)
    return msgspec.structs.replace(
        told, name=body.name, phone=body.phone, address=body.address, door_code=body.door_code, note=body.note,
        kin=tuple(kin),
    )  # fmt: skip


def _home_of(caller: Caller, district: str, dong: str) -> tuple[str, str]:
    """As said, or the only one that the caller has. Raises for one out of scope, or none where one is needed."""
    scope = caller.scope
    district = district or dong[:5] or (scope.districts[0] if len(scope.districts) == 1 else "")
    dong = dong or (scope.dongs[0] if len(scope.dongs) == 1 else "")
    if scope.districts and not district:
        raise Problem(Refusal.WRONG_FIELD, "district: is missing")
    if scope.dongs and not dong:
        raise Problem(Refusal.WRONG_FIELD, "dong: is missing")
    if not caller.has_district(district):
        raise Problem(Refusal.UNKNOWN_DISTRICT)
    if not caller.has_dong(dong) or (dong and dong[:5] != district):
        raise Problem(Refusal.UNKNOWN_DONG)
    return district, dong


@router.post("/workers:batch")
async def put_workers(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Store workers' names and phones, sealed. Their skills and shifts come with the district's configuration."""
    body = await read_body(request, WorkersBody)
    people = [WorkerPerson(worker_id=one.worker_id, name=one.name, phone=one.phone) for one in body.workers]
    return json_answer({"stored": await asyncio.to_thread(doors.registry.put_workers, people)})


@router.post("/people/names")
async def read_names(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Masked names (김*용) of those on screen, by id; ids that are not known, or not the caller's to know, are left out. A
    logged read."""
    body = await read_body(request, NamesBody)
    recipients, workers = sorted(set(body.recipient_ids)), sorted(set(body.worker_ids))
    if caller.is_limited:
        recipients, workers = await doors.people.readable(caller, recipients, workers)
    actor = caller.actor

    def read() -> dict[str, dict[str, str]]:
        subjects = [f"recipient:{id_}" for id_ in recipients] + [f"worker:{id_}" for id_ in workers]
        doors.registry.log_read(actor, subjects, "name", WHY_BOARD)
        return {
            "recipients": doors.registry.masked_names(recipients),
            "workers": doors.registry.masked_names(workers, "worker"),
        }

    return json_answer(await asyncio.to_thread(read), headers={"Cache-Control": "no-store"})
