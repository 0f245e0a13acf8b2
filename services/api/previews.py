"""What an order about a visit would do, before it is given: the order's own body, roles and checks, with `:preview` after its
path. Nothing is appended to the commands, kept, or remembered as said.

A new order of `services/api/overrule.py` is one line in `ORDERS` here and one word in `PREVIEWED` of `services/api/roles.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.commands import envelope_of, find_edited, json_answer
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import command_id_of
from services.api.models import AssignBody, CancelBody, ForbidBody, LockBody, ReleaseBody, SwapBody, read_body
from services.api.overrule import BY_NOTHING, assign_of, forbid_of, lock_of, release_of, swap_of
from services.api.queries import ask, shown
from services.api.versions import expected_of, stale
from streams.contracts.inputs import CancelVisit
from streams.contracts.refusals import Refusal

router = APIRouter(prefix="/v1", tags=["queries"])

Order = tuple[type[Any], Callable[[str, Any, str, str], Any]]


def _cancel_of(visit_id: str, body: CancelBody, actor: str, made_on: str) -> CancelVisit:
    return CancelVisit(command_id="", visit_id=visit_id, reason=body.reason)


ORDERS: dict[str, Order] = {
    "assign": (AssignBody, assign_of),
    "forbid": (ForbidBody, forbid_of),
    "lock": (LockBody, lock_of),
    "swap": (SwapBody, swap_of),
    "let-plan-decide": (ReleaseBody, release_of),
    "cancel": (CancelBody, _cancel_of),
}
"""The last part of an order's path -> its body, and the command of a body by an actor."""


async def preview_order(what: str, visit_id: str, request: Request, actor: str, doors: Doors) -> Response:
    """Raises what the order would be answered before it is recorded, and for a version that is no longer the visit's."""
    body_type, command_of = ORDERS[what]
    body = await read_body(request, body_type)
    expected = expected_of(request, body.expected_version)
    district = await find_edited(doors, request, visit_id, body.district, expected)
    # An id of its own: by that of its words it could be the repeat of an order that was given, which does nothing again.
    command_id = command_id_of(visit_id, "preview", str(uuid.uuid4()))
    command = msgspec.structs.replace(command_of(visit_id, body, actor, BY_NOTHING), command_id=command_id)
    envelope = envelope_of(doors, command, command_id, district, actor, expected_version=expected)
    answer = await ask(doors, district, "preview", envelope=envelope)
    if answer.preview is not None and answer.preview.code == Refusal.VERSION_CONFLICT:
        raise stale(request)
    return json_answer(await shown(doors, district, answer))


def _add_route(what: str) -> None:
    async def route(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
        return await preview_order(what, visit_id, request, actor, doors)

    router.add_api_route(
        f"/visits/{{visit_id}}/{what}:preview", route, methods=["POST"], name=f"preview_{what.replace('-', '_')}",
        description=f"What `{what}` with this body would do now: with whom the visit would be and when, which visits would move or "
        "change hands, soft rules broken all the same; or what would refuse it, with the remedy. Nothing is ordered.",
    )  # fmt: skip


for _what in ORDERS:
    _add_route(_what)
