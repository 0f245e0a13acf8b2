"""Whether everything that a limited caller's request names is in its scope: what stands in the path, in the query and in
the body, under whatever route. What is out of scope is answered as what does not exist."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fastapi import Request

from services.api.callers import Caller
from services.api.identifiers import is_command_id, is_id
from services.api.problems import Problem
from streams.adapters import board_keys as keys
from streams.contracts.refusals import Refusal

ITEMS_LIMIT = 10_000
OWN_CHECKS = frozenset({"/v1/recipients:batch", "/v1/people/names", "/v1/districts/{district}"})
"""Bodies that name what is new, or what is asked for piece by piece: their routes look themselves."""


async def check_reach(request: Request, caller: Caller) -> None:
    """Raises the problem of the first thing that is out of scope."""
    doors: Any = request.app.state.doors
    named = list(request.path_params.items())
    named += [(name, value) for name, value in request.query_params.multi_items() if name == "district"]
    if request.method in ("POST", "PUT", "PATCH") and request.scope["route"].path not in OWN_CHECKS:
        named += _named(await _body(request))
    for name, value in named:
        if isinstance(value, str):
            await _check(doors, caller, request.method, name, value)


async def _check(doors: Any, caller: Caller, method: str, name: str, value: str) -> None:
    match name:
        case "district":
            if not caller.has_district(value):
                raise Problem(Refusal.UNKNOWN_DISTRICT)
        case "dong":
            dongs = await doors.board.dongs_in_scope(caller)
            if not _is_dong_of(caller, value) or (dongs is not None and value not in dongs):
                raise Problem(Refusal.UNKNOWN_DONG)
        case "area_id" | "area":
            if not caller.has_area(value):
                raise Problem(Refusal.NOT_FOUND)
        case "visit_id" | "other_visit_id":
            if doors.filed_by(value) != caller.id and await _find(doors, keys.visit_field(value), value) is None:
                raise Problem(Refusal.UNKNOWN_VISIT)
        case "exception_id":
            if await _find(doors, keys.exception_field(value), value) is None:
                raise Problem(Refusal.UNKNOWN_EXCEPTION)
        case "offer_id":
            if await _find(doors, keys.offer_field(value), value) is None:
                raise Problem(Refusal.UNKNOWN_OFFER)
        case "worker_id":
            if not await has_worker(doors, caller, value):
                raise Problem(Refusal.UNKNOWN_WORKER)
        case "command_id":
            if method != "GET" and not await sees_command(doors, caller, value):
                raise Problem(Refusal.UNKNOWN_COMMAND)
        case "organisation":
            if not await _has_organisation(doors, caller, value):
                raise Problem(Refusal.NOT_FOUND)
        case "recipient_id":
            if not await doors.people.has_recipient(caller, value):
                raise Problem(Refusal.UNKNOWN_RECIPIENT)


async def sees_command(doors: Any, caller: Caller, command_id: str) -> bool:
    """One's own (whichever process took it, and however long ago), or one about a visit that one sees."""
    if not is_command_id(command_id):
        return False
    if doors.commanded_by(command_id) == caller.id:
        return True
    outcome = await doors.outcomes.find(command_id)
    visit_id = outcome.visit_id if outcome is not None else ""
    # Looked for in any case: else the time would tell that there is such a command.
    found = await doors.board.find_home(keys.visit_field(visit_id or "-"))
    is_own = outcome is not None and outcome.actor == caller.actor
    return is_own or (bool(visit_id) and found is not None)


async def has_worker(doors: Any, caller: Caller, worker_id: str) -> bool:
    """Of one's own organisation by the roster, or to be seen on the board."""
    if caller.scope.organisation or caller.scope.is_whole_districts:
        await doors.roster.refresh()
        return any(
            caller.has_district(home.district) and caller.has_organisation(home.organisation)
            for home in await doors.roster.find("worker", worker_id)
        )
    return await _find(doors, keys.worker_field(worker_id), worker_id) is not None


async def _find(doors: Any, field: str, id_: str) -> object | None:
    found: object | None = await doors.board.find_home(field) if is_id(id_) else None
    return found


async def _has_organisation(doors: Any, caller: Caller, organisation: str) -> bool:
    if not caller.has_organisation(organisation):
        return False
    if caller.scope.organisation:
        return True
    await doors.roster.refresh()
    homes = await doors.roster.find("organisation", organisation)
    return caller.scope.is_whole_districts and any(caller.has_district(home.district) for home in homes)


def _is_dong_of(caller: Caller, dong: str) -> bool:
    """A dong's code begins with its district's."""
    return not caller.scope.districts or dong[:5] in caller.scope.districts


async def _body(request: Request) -> Any:
    try:
        return json.loads(await request.body(), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None  # the route refuses what is no JSON


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers may take different ones of two members of the same name."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem(Refusal.NOT_JSON, "a member stands twice in one object")
    return found


def _named(body: Any) -> Iterator[tuple[str, Any]]:
    """Members at the top, and those of the objects in lists at the top (batches)."""
    if not isinstance(body, dict):
        return
    yield from body.items()
    for value in body.values():
        if isinstance(value, list) and len(value) > ITEMS_LIMIT:
            raise Problem(Refusal.TOO_LARGE)
        for item in value if isinstance(value, list) else ():
            if isinstance(item, dict):
                yield from item.items()
