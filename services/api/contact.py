"""Whom to telephone about a visit: the recipient with their kin and address, and who has the visit. In the clear, so every look
is written down before it is answered."""

from __future__ import annotations

import asyncio

import msgspec
from fastapi import APIRouter
from fastapi.responses import Response

from services.api.auth import CallerOf
from services.api.commands import json_answer
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import is_id
from services.api.people import read_worker
from services.api.problems import Problem
from services.api.tags import worker_tag
from streams.adapters import board_keys as keys
from streams.adapters.persons import Person, WorkerPerson
from streams.contracts import codec
from streams.contracts.board import VisitRow
from streams.contracts.refusals import Refusal

WHY = "telephone about a visit"
WHY_WORKER = "telephone a worker"

router = APIRouter(prefix="/v1", tags=["people"])


class KinContact(msgspec.Struct, frozen=True):
    name: str
    phone: str


class RecipientContact(msgspec.Struct, frozen=True):
    """`address` is for who has to send somebody there; door codes go to the worker near arrival only."""

    name: str
    phone: str
    address: str
    kin: tuple[KinContact, ...]


class WorkerContact(msgspec.Struct, frozen=True):
    worker_id: str
    name: str
    phone: str


class Contact(msgspec.Struct, frozen=True):
    """`recipient` null: not stored here (another district's), erased, or not the caller's to know."""

    visit_id: str
    recipient: RecipientContact | None
    workers: tuple[WorkerContact, ...]


@router.get("/visits/{visit_id}/contact")
async def get_contact(visit_id: str, caller: CallerOf, doors: DoorsOf) -> Response:
    """Names, telephone numbers and address of the recipient, the kin and the workers of a visit. A logged read."""
    home = await doors.board.find_home(keys.visit_field(visit_id)) if is_id(visit_id) else None
    if home is None:
        raise Problem(Refusal.UNKNOWN_VISIT)
    row = codec.decode(home[1], VisitRow)
    recipients, workers = [row.recipient_id], list(row.worker_ids)
    if caller.is_limited:
        recipients, workers = await doors.people.readable(caller, recipients, workers)
    found = await asyncio.to_thread(_read, doors, caller.actor, visit_id, recipients, workers)
    return json_answer(found, headers={"Cache-Control": "no-store"})


@router.get("/workers/{worker_id}/contact")
async def get_worker_contact(worker_id: str, caller: CallerOf, doors: DoorsOf) -> Response:
    """Name and telephone number of a worker: of somebody nobody hears of, say. `ETag` is what an edit names. A logged read."""
    if caller.is_limited and worker_id not in (await doors.people.readable(caller, [], [worker_id]))[1]:
        raise Problem(Refusal.UNKNOWN_WORKER)
    person = await read_worker(doors, caller.actor, worker_id, WHY_WORKER)
    headers = {"Cache-Control": "no-store", "ETag": worker_tag(doors.registry, person)}
    return json_answer(_of_worker(person), headers=headers)


def _read(doors: Doors, actor: str, visit_id: str, recipients: list[str], workers: list[str]) -> Contact:
    registry = doors.registry
    if recipients:
        registry.log_read(actor, [f"recipient:{id_}" for id_ in recipients], "name,phone,address,kin", WHY)
    if workers:
        registry.log_read(actor, [f"worker:{id_}" for id_ in workers], "name,phone", WHY)
    person = registry.find_person(recipients[0]) if recipients else None
    known = [registry.find_worker(id_) for id_ in workers]
    return Contact(
        visit_id=visit_id, recipient=_of(person) if person is not None and not person.erased else None,
        workers=tuple(_of_worker(one) for one in known if one is not None and not one.erased),
    )  # fmt: skip


def _of(person: Person) -> RecipientContact:
    kin = tuple(KinContact(one.name, one.phone) for one in person.kin)
    return RecipientContact(person.name, person.phone, person.address, kin)


def _of_worker(person: WorkerPerson) -> WorkerContact:
    return WorkerContact(person.worker_id, person.name, person.phone)
