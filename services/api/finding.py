"""Whom somebody means (찾기): recipients by the last four digits of a telephone number, or by their whole name, said in the body of
a POST. Digits and names stand in no address, in no log of ours, and on no key.

Looked up by keyed digests (`streams.adapters.phone_index`), not by opening everybody: the work is the same for one hit and for
none, and nobody's data is unsealed but of those who are found and are the caller's own.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.api.auth import CallerOf
from services.api.callers import Caller
from services.api.commands import json_answer
from services.api.doors import Doors, DoorsOf
from services.api.models import Body, read_body
from streams.adapters.callers import Caller as Found, find_by_ending, find_by_name
from streams.contracts.refusals import Refusal

WHY = "search"
NOBODY = "nobody"
FOUND_LIMIT = 50  # more than that have one ending only in a city: a fifth digit, or the name, is asked for

router = APIRouter(prefix="/v1", tags=["people"])


class SearchBody(Body):
    """One of the two. `ending`: the last four digits of a number; `name`: the whole name, spaces and case do not count."""

    ending: Annotated[str, Field(strict=True, pattern=r"^[0-9]{4}$", examples=["5678"])] | None = None
    name: Annotated[str, Field(strict=True, min_length=2, max_length=100)] | None = None

    @model_validator(mode="after")
    def _check_one(self) -> SearchBody:
        if (self.ending is None) == (self.name is None):
            raise PydanticCustomError(Refusal.WRONG_FIELD, "ending or name, one of them")
        return self


class FoundRecipient(msgspec.Struct, frozen=True):
    """`name` is masked. `whose`: the number is their own, or their kin's. `visit_ids`: today's visits that the caller sees.
    `district` and `dong`: as stored, else of a visit; "" where neither says it."""

    recipient_id: str
    name: str
    whose: str
    district: str
    dong: str
    visit_ids: tuple[str, ...]


class _Of(msgspec.Struct):
    """As much of a visit's row as is asked for here."""

    visit_id: str
    recipient_id: str
    dong: str


@router.post("/people/search")
async def search_people(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Recipients of the caller's own whose number (or whose kin's) ends in these four digits, or who are called so; their names
    masked, with today's visits. Nobody, and somebody out of scope, are answered alike. A logged read, also of nobody."""
    body = await read_body(request, SearchBody)
    found = await asyncio.to_thread(_look_up, doors, body)
    own = await _own(doors, caller, [one.recipient_id for one in found])
    shown = [one for one in found if one.recipient_id in own][:FOUND_LIMIT]
    ids = [one.recipient_id for one in shown]
    names, homes = await asyncio.to_thread(_read, doors, caller.actor, ids, "phone" if body.ending is not None else "name")
    visits = await _visits(doors, caller, set(ids)) if ids else {}
    items = [
        FoundRecipient(
            recipient_id=one.recipient_id, name=names.get(one.recipient_id, ""), whose=one.whose,
            district=homes[one.recipient_id][0] or next((at for at, _ in visits.get(one.recipient_id, ())), ""),
            dong=homes[one.recipient_id][1] or next((row.dong for _, row in visits.get(one.recipient_id, ())), ""),
            visit_ids=tuple(row.visit_id for _, row in visits.get(one.recipient_id, ())),
        )
        for one in shown if one.recipient_id in homes
    ]  # fmt: skip
    return json_answer({"recipients": items}, headers={"Cache-Control": "no-store"})


def _look_up(doors: Doors, body: SearchBody) -> list[Found]:
    return find_by_ending(doors.registry, body.ending) if body.ending is not None else find_by_name(doors.registry, body.name or "")


async def _own(doors: Doors, caller: Caller, recipient_ids: list[str]) -> set[str]:
    """Those who are stored as the caller's own; where it was not said whose they are, a visit of today is a reason too."""
    if not caller.is_limited:
        return set(recipient_ids)
    asked = recipient_ids or [NOBODY]  # nobody is as much work
    foreign = await doors.people.foreign(caller, asked, absent_is_foreign=True)
    seen, _ = await doors.people.readable(caller, asked, [])
    return {id_ for id_ in recipient_ids if id_ not in foreign or id_ in seen}


def _read(doors: Doors, actor: str, ids: list[str], fields: str) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    told = fields if fields == "name" else f"{fields},name"
    doors.registry.log_read(actor, [f"recipient:{id_}" for id_ in ids] or [NOBODY], told, WHY)
    return doors.registry.masked_names(ids), doors.registry.homes(ids)


async def _visits(doors: Doors, caller: Caller, recipient_ids: set[str]) -> dict[str, list[tuple[str, _Of]]]:
    """Today's, by recipient, of what the caller sees; each with its district."""
    found: dict[str, list[tuple[str, _Of]]] = {}
    for district in await doors.roster.districts():
        if not caller.has_district(district) or doors.settings.partition_of(district) is None:
            continue
        for raw in await doors.board.rows(district, b"v:"):
            row = msgspec.json.decode(raw, type=_Of)
            if row.recipient_id in recipient_ids:
                found.setdefault(row.recipient_id, []).append((district, row))
    return found
