"""People's data at the door: in, sealed; out, masked names only, and every read is logged."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor, CallerOf
from services.api.callers import Caller
from services.api.commands import json_answer
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import is_id
from services.api.models import NamesBody, RecipientBody, RecipientsBody, WorkersBody, read_body
from services.api.people_batches import Judged, check_once_each, judge, whatever_is_there
from services.api.problems import Problem
from services.api.tags import recipient_tag, worker_tag
from streams.adapters.person_batches import KeptRecipient, put_recipients_as_judged, put_workers_as_judged
from streams.adapters.persons import Kin, Person, WorkerPerson
from streams.contracts.refusals import Refusal

WHY_BOARD = "live board"
WHY_EDIT = "record read to be corrected"

router = APIRouter(prefix="/v1", tags=["people"])


@router.post("/recipients:batch")
async def put_recipients(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Store recipients, sealed. Who is there already is replaced only with the `etag` of what was read, or with `If-Match: *`;
    the same again changes nothing. All or none. `district` and `dong` say whose they are; only who is theirs to care for may then
    file for them and read their names."""
    body = await read_body(request, RecipientsBody)
    items, anything, registry = body.recipients, whatever_is_there(request), doors.registry
    dongs = await doors.board.dongs_in_scope(caller)
    homes = {one.recipient_id: _home_of(caller, dongs, one.district, one.dong) for one in items}
    check_once_each([one.recipient_id for one in items], "recipient_id")
    if caller.is_limited and await doors.people.foreign(caller, sorted(homes)):
        raise Problem(Refusal.UNKNOWN_RECIPIENT)

    def judged(known: Mapping[str, KeptRecipient]) -> Judged[KeptRecipient]:
        before = [known.get(one.recipient_id) for one in items]
        wanted = [_kept_of(one, homes[one.recipient_id], kept) for one, kept in zip(items, before, strict=True)]
        return judge(items, before, wanted, lambda one: recipient_tag(registry, one), anything)

    answers = await asyncio.to_thread(put_recipients_as_judged, registry, homes, judged)
    told = [{"recipient_id": item.recipient_id, **answer} for item, answer in zip(items, answers, strict=True)]
    return json_answer({"stored": len(items), "items": told})


def _kept_of(body: RecipientBody, home: tuple[str, str], known: KeptRecipient | None) -> KeptRecipient:
    """As said; how they and their kin wish to be told stays as it is stored, and so does a door code or a home not said."""
    told = known.person if known is not None else Person(recipient_id=body.recipient_id, name=body.name)
    wished = {kin.phone: kin for kin in told.kin}
    kin = []
    for one in body.kin:
        before = wished.get(one.phone, Kin(one.name, one.phone))
        notify = before.notify if one.notify is None else one.notify
        kin.append(Kin(one.name, one.phone, notify=notify, channels=before.channels, language=before.language))
    person = msgspec.structs.replace(
        told, name=body.name, phone=body.phone, address=body.address, note=body.note, kin=tuple(kin),
        door_code=told.door_code if body.door_code is None else body.door_code,
    )  # fmt: skip
    return KeptRecipient(person, known.home if known is not None and not home[0] else home)


@router.get("/recipients/{recipient_id}")
async def get_recipient(recipient_id: str, caller: CallerOf, doors: DoorsOf) -> Response:
    """A recipient as stored, in the clear, with the `etag` that an edit names; of a door code only whether there is one. A logged
    read."""

    def read() -> KeptRecipient | None:
        person = doors.registry.find_person(recipient_id) if is_id(recipient_id) else None
        if person is None or person.erased:
            return None
        doors.registry.log_read(caller.actor, f"recipient:{recipient_id}", "name,phone,address,note,kin", WHY_EDIT)
        return KeptRecipient(person, doors.registry.homes([recipient_id]).get(recipient_id, ("", "")))

    found = await asyncio.to_thread(read)
    if found is None:
        raise Problem(Refusal.UNKNOWN_RECIPIENT)
    person, (district, dong) = found
    tag = recipient_tag(doors.registry, found)
    shown = {
        "recipient_id": recipient_id, "district": district, "dong": dong, "name": person.name, "phone": person.phone,
        "address": person.address, "has_door_code": bool(person.door_code), "note": person.note,
        "kin": [{"name": one.name, "phone": one.phone, "notify": one.notify} for one in person.kin], "etag": tag,
    }  # fmt: skip
    return json_answer(shown, headers={"Cache-Control": "no-store", "ETag": tag})


def _home_of(caller: Caller, dongs: frozenset[str] | None, district: str, dong: str) -> tuple[str, str]:
    """As said, or the only one that the caller has. Raises for one out of scope, or none where one is needed. `dongs`: those in
    scope, of living areas too (None: all)."""
    scope = caller.scope
    district = district or dong[:5] or (scope.districts[0] if len(scope.districts) == 1 else "")
    dong = dong or (scope.dongs[0] if len(scope.dongs) == 1 else "")
    if scope.districts and not district:
        raise Problem(Refusal.WRONG_FIELD, "district: is missing")
    if dongs is not None and not dong:
        raise Problem(Refusal.WRONG_FIELD, "dong: is missing")
    if not caller.has_district(district):
        raise Problem(Refusal.UNKNOWN_DISTRICT)
    if (dongs is not None and dong not in dongs) or (dong and dong[:5] != district):
        raise Problem(Refusal.UNKNOWN_DONG)
    return district, dong


@router.post("/workers:batch")
async def put_workers(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Store workers' names and phones, sealed; who is there already is replaced as a recipient is. Their skills and shifts come
    with the district's configuration."""
    body = await read_body(request, WorkersBody)
    items, anything, registry = body.workers, whatever_is_there(request), doors.registry
    ids = [one.worker_id for one in items]
    check_once_each(ids, "worker_id")
    wanted = [WorkerPerson(worker_id=one.worker_id, name=one.name, phone=one.phone) for one in items]

    def judged(known: Mapping[str, WorkerPerson]) -> Judged[WorkerPerson]:
        before = [known.get(id_) for id_ in ids]
        return judge(items, before, wanted, lambda one: worker_tag(registry, one), anything)

    answers = await asyncio.to_thread(put_workers_as_judged, registry, ids, judged)
    told = [{"worker_id": item.worker_id, **answer} for item, answer in zip(items, answers, strict=True)]
    return json_answer({"stored": len(items), "items": told})


@router.get("/workers/{worker_id}")
async def get_worker(worker_id: str, caller: CallerOf, doors: DoorsOf) -> Response:
    """A worker as stored, in the clear, with the `etag` that an edit names: for whoever stores them. A logged read."""
    person = await read_worker(doors, caller.actor, worker_id, WHY_EDIT)
    tag = worker_tag(doors.registry, person)
    shown = {"worker_id": worker_id, "name": person.name, "phone": person.phone, "etag": tag}
    return json_answer(shown, headers={"Cache-Control": "no-store", "ETag": tag})


async def read_worker(doors: Doors, actor: str, worker_id: str, why: str) -> WorkerPerson:
    """Raises unknown_worker for who is not stored, or erased; else the look is written down."""

    def read() -> WorkerPerson | None:
        found = doors.registry.find_worker(worker_id) if is_id(worker_id) else None
        if found is None or found.erased:
            return None
        doors.registry.log_read(actor, f"worker:{worker_id}", "name,phone", why)
        return found

    person = await asyncio.to_thread(read)
    if person is None:
        raise Problem(Refusal.UNKNOWN_WORKER)
    return person


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
