"""How a recipient and their kin wish to be told: by which channels, in which language, when not."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import CallerOf
from services.api.commands import json_answer
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import is_id
from services.api.models import read_body
from services.api.models_people import NoticesBody
from services.api.problems import Problem
from services.api.tags import check_match, wishes_tag
from streams.adapters.masks import mask_name, mask_phone
from streams.adapters.person_edits import change_person
from streams.adapters.persons import Person
from streams.contracts.refusals import Refusal

router = APIRouter(prefix="/v1", tags=["people"])

NO_STORE = {"Cache-Control": "no-store"}


@router.get("/recipients/{recipient_id}/notices")
async def get_notices(recipient_id: str, caller: CallerOf, doors: DoorsOf) -> Response:
    """How this recipient and their kin (masked) wish to be told. A logged read."""

    def read() -> Person | None:
        found = doors.registry.find_person(recipient_id) if is_id(recipient_id) else None
        if found is None or found.erased:
            return None
        doors.registry.log_read(caller.actor, recipient_id, "kin,notices", "notices wished")
        return found

    return _answer(doors, await asyncio.to_thread(read))


@router.put("/recipients/{recipient_id}/notices")
async def put_notices(recipient_id: str, request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Set it, with `If-Match`. `kin` has to say as many as there are."""
    body = await read_body(request, NoticesBody)

    def change(person: Person) -> Person:
        check_match(request, wishes_tag(doors.registry, person))
        kin = person.kin
        if body.kin is not None:
            if len(body.kin) != len(kin):
                raise Problem(Refusal.WRONG_FIELD, "kin: is not as many as are stored")
            kin = tuple(
                msgspec.structs.replace(one, notify=said.notify, channels=said.channels, language=said.language)
                for one, said in zip(kin, body.kin, strict=True)
            )
        return msgspec.structs.replace(
            person, notice_channels=body.channels, language=body.language, quiet_from=body.quiet_from,
            quiet_until=body.quiet_until, kin=kin,
        )  # fmt: skip

    def write() -> Person | None:
        changed = change_person(doors.registry, recipient_id, change) if is_id(recipient_id) else None
        if changed is not None:
            doors.registry.log_read(caller.actor, recipient_id, "kin,notices", "notices set")
        return changed

    return _answer(doors, await asyncio.to_thread(write))


def _answer(doors: Doors, person: Person | None) -> Response:
    if person is None:
        raise Problem(Refusal.UNKNOWN_RECIPIENT)
    tag = wishes_tag(doors.registry, person)
    return json_answer(shown(person) | {"etag": tag}, headers=NO_STORE | {"ETag": tag})


def shown(person: Person) -> dict[str, Any]:
    """The wishes, with masked names and numbers."""
    return {
        "recipient_id": person.recipient_id, "channels": person.notice_channels, "language": person.language,
        "quiet_from": person.quiet_from, "quiet_until": person.quiet_until,
        "kin": [
            {
                "name": mask_name(kin.name), "phone": mask_phone(kin.phone), "notify": kin.notify, "channels": kin.channels,
                "language": kin.language,
            }
            for kin in person.kin
        ],
    }  # fmt: skip
