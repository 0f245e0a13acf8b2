"""The phone: whose number it is, what they were promised for today, and what they want of it now."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor, CallerOf
from services.api.callers import Caller
from services.api.commands import answer_command, envelope_of, find_edited, json_answer
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import command_id_of
from services.api.models import read_body
from services.api.models_calls import CallBody, WishBody
from services.api.problems import Problem, remedy_of
from services.api.queries import ask
from services.api.said_again import said
from services.api.versions import expected_of
from streams import topics
from streams.adapters import board_keys as keys
from streams.adapters.callers import Caller as Found, find_callers
from streams.adapters.person_edits import change_person
from streams.contracts import codec
from streams.contracts.board import VisitRow
from streams.contracts.calls import CallPromise, Wish
from streams.contracts.inputs import RecordCall
from streams.contracts.refusals import Refusal

WHY = "telephone call"
NOBODY = "nobody"
DECIDED_WITHIN_S = 3  # so long an address is kept that the decision may still refuse

router = APIRouter(prefix="/v1", tags=["calls"])


@router.post("/calls")
async def take_call(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Whose number it is (masked), their promises of today, and of each promise what would follow from every wish. A number
    that nobody has, and one of people out of scope, are answered alike. A logged read."""
    body = await read_body(request, CallBody)
    found = await _in_scope(doors, caller, await asyncio.to_thread(find_callers, doors.registry, body.number))
    names = await asyncio.to_thread(_names, doors, caller.actor, [one.recipient_id for one in found])
    promises = await _promises(doors, caller, [one.recipient_id for one in found])
    recipients = [
        {
            "recipient_id": one.recipient_id, "name": names.get(one.recipient_id, ""), "whose": one.whose,
            "promises": promises.get(one.recipient_id, []),
        }
        for one in found
    ]  # fmt: skip
    return json_answer({"recipients": recipients}, headers={"Cache-Control": "no-store"})


async def _in_scope(doors: Doors, caller: Caller, found: list[Found]) -> list[Found]:
    if not caller.is_limited:
        return found
    asked = [one.recipient_id for one in found] or [NOBODY]  # a number that nobody has is as much work
    foreign = await doors.people.foreign(caller, asked, absent_is_foreign=True)
    return [one for one in found if one.recipient_id not in foreign]


def _names(doors: Doors, actor: str, recipient_ids: list[str]) -> dict[str, str]:
    doors.registry.log_read(actor, [f"recipient:{id_}" for id_ in recipient_ids] or [NOBODY], "phone,name", WHY)
    return doors.registry.masked_names(recipient_ids)


async def _promises(doors: Doors, caller: Caller, recipient_ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    """By recipient, from the districts that they are stored in; in all of the caller's where that was not said."""
    homes = await asyncio.to_thread(doors.registry.homes, recipient_ids)
    served = [code for code in await doors.roster.districts() if caller.has_district(code)]
    by_district: dict[str, list[str]] = {}
    for recipient_id in recipient_ids:
        home = homes.get(recipient_id, ("", ""))[0]
        for district in served if not home else [home] if home in served else []:
            by_district.setdefault(district, []).append(recipient_id)
    found: dict[str, list[dict[str, Any]]] = {}
    for district, ids in sorted(by_district.items()):
        for promise in (await ask(doors, district, "call", recipient_ids=tuple(ids))).promises:
            found.setdefault(promise.recipient_id, []).append({"district": district, **_shown(promise)})
    return found


def _shown(promise: CallPromise) -> dict[str, Any]:
    """With a remedy in both languages for every wish that cannot be."""
    shown: dict[str, Any] = msgspec.to_builtins(promise)
    for option in shown["options"]:
        option["remedy"] = remedy_of(option["code"])
    return shown


@router.post("/visits/{visit_id}/call", status_code=202)
async def record_call(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Write down what the caller wants: `not_today`, `later`, `did_not_come` or `change_address`. The outcome's `rules` are
    what followed. A new address is stored, sealed, before the stop moves, and taken back when the move is refused."""
    body = await read_body(request, WishBody)
    expected = expected_of(request, body.expected_version)
    district = await find_edited(doors, request, visit_id, body.district, expected)
    payload = await said(doors, request, actor, expected, lambda key: call_of(visit_id, body, actor, expected, key))
    command_id = payload.command_id
    envelope = envelope_of(doors, payload, command_id, district, actor, body.dong or None, expected)
    if not body.address:
        return await answer_command(doors, request, topics.COMMANDS, envelope, command_id, visit_id)
    recipient_id = await _recipient_of(doors, district, visit_id)
    before = await asyncio.to_thread(_move, doors, actor, recipient_id, body.address, (district, body.dong))
    try:
        return await answer_command(doors, request, topics.COMMANDS, envelope, command_id, visit_id, at_least_s=DECIDED_WITHIN_S)
    except Problem:
        await asyncio.to_thread(_move_back, doors, recipient_id, body.address, *before)
        raise


def call_of(visit_id: str, body: WishBody, actor: str, expected: int | None, key: str) -> RecordCall:
    """The same wish of the same actor, on the same version, is the same command; another `key` makes it another."""
    told = f"{actor}/{body.wish}/{body.later_at}/{body.dong}/{body.place}/{expected}/{key}"
    return RecordCall(
        command_id=command_id_of(visit_id, "RecordCall", told), visit_id=visit_id, wish=Wish(body.wish), later_at=body.later_at,
        dong=body.dong, place=body.place.place() if body.place is not None else None,
    )  # fmt: skip


async def _recipient_of(doors: Doors, district: str, visit_id: str) -> str:
    raw = await doors.board.field(district, keys.visit_field(visit_id))
    if raw is None:
        raise Problem(Refusal.UNKNOWN_VISIT)
    return codec.decode(raw, VisitRow).recipient_id


Home = tuple[str, str]


def _move(doors: Doors, actor: str, recipient_id: str, address: str, home: Home) -> tuple[str, Home]:
    """Store the new address; returns the one before, and the (district, dong)."""
    home_before = doors.registry.homes([recipient_id]).get(recipient_id, ("", ""))
    before = ""

    def change(person: Any) -> Any:
        nonlocal before
        before = person.address
        return msgspec.structs.replace(person, address=address)

    if change_person(doors.registry, recipient_id, change, home) is None:
        raise Problem(Refusal.UNKNOWN_RECIPIENT)
    doors.registry.log_read(actor, recipient_id, "address", "address changed by telephone")
    return before, home_before


def _move_back(doors: Doors, recipient_id: str, address: str, before: str, home: Home) -> None:
    """Unless somebody has written another one meanwhile."""
    change_person(
        doors.registry, recipient_id,
        lambda person: msgspec.structs.replace(person, address=before) if person.address == address else person, home,
    )  # fmt: skip
