"""Many visits in one request: every row is looked at, all are filed or none."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError

from services.api.auth import Actor
from services.api.commands import answer_command, envelope_of, json_answer
from services.api.doors import DoorsOf
from services.api.identifiers import command_id_of, visit_id_of
from services.api.models import VisitsBody, read_json
from services.api.problems import Problem, field_errors, from_validation, refusal_of
from services.api.queries import ask
from services.api.row_errors import row_error, rows_of_codes
from services.api.visits import request_of
from streams import topics
from streams.contracts import codec
from streams.contracts.inputs import RequestVisits
from streams.contracts.refusals import Refusal

PAYLOAD_LIMIT_BYTES = 900_000  # it is one record of the log; what is decided on it is another, which the core measures

router = APIRouter(prefix="/v1", tags=["visits"])


@router.post("/visits:batch", status_code=202)
async def file_visits(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """File up to 1,000 visits of one district: all, or none; they are one record of the log. With `dry_run` nothing is
    filed: the answer (200) says what filing them now would do. Row errors name the row (from 0), the field, what is wrong
    and what to do. Of more than 200 the workers are found in the seconds after."""
    body = _read(await read_json(request))
    district = body.visits[0].district
    doors.check_district(district)
    other = [row for row, visit in enumerate(body.visits) if visit.district != district]
    if other:
        raise _refused([row_error(row, "district", Refusal.UNKNOWN_DISTRICT) for row in other])
    requests = tuple(request_of(one, visit_id_of(actor, district, one.reference), actor) for one in body.visits)
    visit_ids = [one.visit_id for one in requests]
    digest = codec.digest(codec.encode(requests))
    asks = "dry run/" if body.dry_run else ""  # a question is never the command that was refused before
    command_id = command_id_of(district, "RequestVisits", f"{asks}{actor}/{digest}/{request.headers.get('idempotency-key', '')}")
    payload = RequestVisits(command_id=command_id, requests=requests, dry_run=body.dry_run)
    if len(codec.encode(payload)) > PAYLOAD_LIMIT_BYTES:
        raise Problem(Refusal.TOO_LARGE)
    envelope = envelope_of(doors, payload, command_id, district, actor)
    if not body.dry_run:
        for visit_id in visit_ids:
            doors.remember_filed(visit_id, district)
        return await answer_command(doors, request, topics.COMMANDS, envelope, command_id, more={"visit_ids": visit_ids})
    preview = (await ask(doors, district, "preview", envelope=envelope)).preview
    assert preview is not None  # of every preview that is not refused
    if preview.code:
        raise Problem(refusal_of(preview.code), more={"rows": rows_of_codes(preview.rows)} if preview.rows else {})
    filed_before = [row for row, _ in preview.rows]
    return json_answer({"dry_run": True, "visit_ids": visit_ids, "filed_before": filed_before})


def _read(raw: bytes) -> VisitsBody:
    """Raises one problem with every row that is wrong."""
    try:
        return VisitsBody.model_validate_json(raw)
    except ValidationError as error:
        rows: list[dict[str, Any]] = []
        for found in field_errors(error):
            where = found["where"]
            if len(where) < 2 or where[0] != "visits" or not isinstance(where[1], int):
                raise from_validation(error) from None  # the whole is wrong, not its rows
            rows.append(row_error(where[1], found["field"].partition(".")[2], Refusal(found["code"]), found["problem"]))
        raise _refused(rows) from None


def _refused(rows: list[dict[str, Any]]) -> Problem:
    return Problem(Refusal.BATCH_REFUSED, more={"rows": rows})
