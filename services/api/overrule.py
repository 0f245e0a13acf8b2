"""People overrule the plan: assign by hand, forbid, lock, swap, let the plan decide again, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.commands import find_edited, give_command
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import command_id_of, is_command_id
from services.api.models import AssignBody, ForbidBody, LockBody, ReleaseBody, SwapBody, UndoBody, read_body
from services.api.problems import Problem
from services.api.repeats import key_of
from services.api.said_again import said
from services.api.versions import expected_of
from streams.contracts.inputs import AssignVisit, ForbidWorker, LetPlanDecide, LockStop, SwapVisits, UndoCommand
from streams.contracts.refusals import Refusal

router = APIRouter(prefix="/v1", tags=["overruling"])

BY_NOTHING = "None/"  # on no version that was named, under no key
Asked = TypeVar("Asked", AssignBody, ForbidBody, LockBody, SwapBody, ReleaseBody)
Ordered = AssignVisit | ForbidWorker | LockStop | SwapVisits | LetPlanDecide


@router.post("/visits/{visit_id}/assign", status_code=202)
async def assign_visit(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Give a visit to a worker. Refused with every hard rule in the way; accepted with every soft one that is broken.
    Another employer's worker is asked, as always."""
    return await _about_visit(doors, request, actor, visit_id, await read_body(request, AssignBody), assign_of)


@router.post("/visits/{visit_id}/forbid", status_code=202)
async def forbid_worker(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """This worker is not to serve this visit; who has it meanwhile is replaced."""
    return await _about_visit(doors, request, actor, visit_id, await read_body(request, ForbidBody), forbid_of)


@router.post("/visits/{visit_id}/lock", status_code=202)
async def lock_stop(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """The visit stays with its worker and at its place on their way; let-plan-decide unlocks it."""
    return await _about_visit(doors, request, actor, visit_id, await read_body(request, LockBody), lock_of)


@router.post("/visits/{visit_id}/swap", status_code=202)
async def swap_visits(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """The workers of two visits exchange them: both fit, or nothing moves."""
    return await _about_visit(doors, request, actor, visit_id, await read_body(request, SwapBody), swap_of)


@router.post("/visits/{visit_id}/let-plan-decide", status_code=202)
async def let_plan_decide(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Take back what people had said about a visit's worker."""
    return await _about_visit(doors, request, actor, visit_id, await read_body(request, ReleaseBody), release_of)


# The command of a body. `made_on` ends its id: the version that the order was made on, and what `said_again` tells apart.


def assign_of(visit_id: str, body: AssignBody, actor: str, made_on: str = BY_NOTHING) -> AssignVisit:
    told = f"{actor}/{body.worker_id}/{','.join(body.waive)}/{body.reason}/{made_on}"
    return AssignVisit(
        command_id=command_id_of(visit_id, "AssignVisit", told), visit_id=visit_id, worker_id=body.worker_id, waive=body.waive,
        reason=body.reason,
    )  # fmt: skip


def forbid_of(visit_id: str, body: ForbidBody, actor: str, made_on: str = BY_NOTHING) -> ForbidWorker:
    command_id = command_id_of(visit_id, "ForbidWorker", f"{actor}/{body.worker_id}/{body.reason}/{made_on}")
    return ForbidWorker(command_id=command_id, visit_id=visit_id, worker_id=body.worker_id, reason=body.reason)


def lock_of(visit_id: str, body: LockBody, actor: str, made_on: str = BY_NOTHING) -> LockStop:
    command_id = command_id_of(visit_id, "LockStop", f"{actor}/{body.reason}/{made_on}")
    return LockStop(command_id=command_id, visit_id=visit_id, reason=body.reason)


def swap_of(visit_id: str, body: SwapBody, actor: str, made_on: str) -> SwapVisits:
    command_id = command_id_of(visit_id, "SwapVisits", f"{actor}/{body.other_visit_id}/{body.reason}/{made_on}")
    return SwapVisits(command_id=command_id, visit_id=visit_id, other_visit_id=body.other_visit_id, reason=body.reason)


def release_of(visit_id: str, body: ReleaseBody, actor: str, made_on: str) -> LetPlanDecide:
    return LetPlanDecide(command_id=command_id_of(visit_id, "LetPlanDecide", f"{actor}//{made_on}"), visit_id=visit_id)


@router.post("/commands/{command_id}/undo", status_code=202)
async def undo_command(command_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Undo an assignment, a ban, a swap or a cancellation of the last ten minutes."""
    body = await read_body(request, UndoBody)
    if not is_command_id(command_id):
        raise Problem(Refusal.UNKNOWN_COMMAND)
    doors.check_district(body.district)
    own = command_id_of(command_id, "UndoCommand", f"{actor}/{key_of(request)}")
    payload = UndoCommand(command_id=own, undone_command_id=command_id)
    return await give_command(doors, request, actor, body.district, payload, own)


async def _about_visit(
    doors: Doors, request: Request, actor: str, visit_id: str, body: Asked, command_of: Callable[[str, Asked, str, str], Ordered]
) -> Response:
    expected = expected_of(request, body.expected_version)
    district = await find_edited(doors, request, visit_id, body.district, expected)
    command = await said(doors, request, actor, expected, lambda key: command_of(visit_id, body, actor, f"{expected}/{key}"))
    return await give_command(
        doors, request, actor, district, command, command.command_id, expected_version=expected, visit_id=visit_id
    )
