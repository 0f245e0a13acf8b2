"""People overrule the plan: assign by hand, forbid, swap, let the plan decide again, undo."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.commands import answer_command, envelope_of, find_edited
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import command_id_of, is_command_id
from services.api.models import AssignBody, ForbidBody, ReleaseBody, SwapBody, UndoBody, read_body
from services.api.problems import Problem
from services.api.repeats import key_of
from services.api.versions import expected_of
from streams import topics
from streams.contracts.inputs import AssignVisit, ForbidWorker, LetPlanDecide, Payload, SwapVisits, UndoCommand
from streams.contracts.refusals import Refusal

router = APIRouter(prefix="/v1", tags=["overruling"])

Bodies = AssignBody | ForbidBody | SwapBody | ReleaseBody


@router.post("/visits/{visit_id}/assign", status_code=202)
async def assign_visit(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Give a visit to a worker. Refused with every hard rule in the way; accepted with every soft one that is broken.
    Another employer's worker is asked, as always."""
    body = await read_body(request, AssignBody)

    def command(command_id: str) -> Payload:
        return AssignVisit(
            command_id=command_id, visit_id=visit_id, worker_id=body.worker_id, waive=body.waive, reason=body.reason
        )

    told = f"{body.worker_id}/{','.join(body.waive)}/{body.reason}"
    return await _about_visit(doors, request, actor, visit_id, body, "AssignVisit", told, command)


@router.post("/visits/{visit_id}/forbid", status_code=202)
async def forbid_worker(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """This worker is not to serve this visit; who has it meanwhile is replaced."""
    body = await read_body(request, ForbidBody)

    def command(command_id: str) -> Payload:
        return ForbidWorker(command_id=command_id, visit_id=visit_id, worker_id=body.worker_id, reason=body.reason)

    told = f"{body.worker_id}/{body.reason}"
    return await _about_visit(doors, request, actor, visit_id, body, "ForbidWorker", told, command)


@router.post("/visits/{visit_id}/swap", status_code=202)
async def swap_visits(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """The workers of two visits exchange them: both fit, or nothing moves."""
    body = await read_body(request, SwapBody)

    def command(command_id: str) -> Payload:
        return SwapVisits(
            command_id=command_id, visit_id=visit_id, other_visit_id=body.other_visit_id, reason=body.reason
        )

    told = f"{body.other_visit_id}/{body.reason}"
    return await _about_visit(doors, request, actor, visit_id, body, "SwapVisits", told, command)


@router.post("/visits/{visit_id}/let-plan-decide", status_code=202)
async def let_plan_decide(visit_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Take back what people had said about a visit's worker."""
    body = await read_body(request, ReleaseBody)

    def command(command_id: str) -> Payload:
        return LetPlanDecide(command_id=command_id, visit_id=visit_id)

    return await _about_visit(doors, request, actor, visit_id, body, "LetPlanDecide", "", command)


@router.post("/commands/{command_id}/undo", status_code=202)
async def undo_command(command_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Undo an assignment, a ban, a swap or a cancellation of the last ten minutes."""
    body = await read_body(request, UndoBody)
    if not is_command_id(command_id):
        raise Problem(Refusal.UNKNOWN_COMMAND)
    doors.check_district(body.district)
    own = command_id_of(command_id, "UndoCommand", f"{actor}/{key_of(request)}")
    payload = UndoCommand(command_id=own, undone_command_id=command_id)
    envelope = envelope_of(doors, payload, own, body.district, actor)
    return await answer_command(doors, request, topics.COMMANDS, envelope, own)


async def _about_visit(
    doors: Doors, request: Request, actor: str, visit_id: str, body: Bodies, kind: str, told: str,
    command: Callable[[str], Payload],
) -> Response:  # fmt: skip
    expected = expected_of(request, body.expected_version)
    district = await find_edited(doors, request, visit_id, body.district, expected)
    # The same order given again later (after an undo, say) is a new one: the version it was made on tells them apart.
    command_id = command_id_of(visit_id, kind, f"{actor}/{told}/{expected}/{key_of(request)}")
    envelope = envelope_of(doors, command(command_id), command_id, district, actor, expected_version=expected)
    return await answer_command(doors, request, topics.COMMANDS, envelope, command_id, visit_id)
