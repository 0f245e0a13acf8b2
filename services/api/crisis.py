"""Crisis programmes (긴급돌봄지원단) and postings (입소 파견)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.commands import answer_about
from services.api.crisis_commands import posting_of, switch_on_of
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import command_id_of, is_id
from services.api.models import read_body
from services.api.models_care import (
    AssignPostingBody,
    EndPostingBody,
    EquipmentBody,
    PostingBody,
    SwitchOffBody,
    SwitchOnBody,
)
from services.api.pages import PAGE_LIMIT, Limit, page_of, sortable
from services.api.problems import Problem
from services.api.repeats import key_of
from services.api.said_again import said, said_id
from services.api.versions import expected_of, made_on, version_made_on
from services.api.visits import districts_asked
from streams.adapters import board_keys as keys
from streams.contracts import codec
from streams.contracts.board import Counters
from streams.contracts.crisis import PostingState, ProgrammeIssues, ProgrammeRow
from streams.contracts.inputs import AssignPosting, EndPosting, IssueEquipment, SwitchOffProgramme, SwitchOnProgramme
from streams.contracts.refusals import Refusal

router = APIRouter(prefix="/v1", tags=["crisis programmes"])


@router.get("/programmes")
async def list_programmes(
    doors: DoorsOf, district: str | None = None, limit: Limit = PAGE_LIMIT, cursor: str | None = None,
    is_on: Annotated[bool | None, Query(alias="on")] = None,
) -> Response:  # fmt: skip
    """Crisis programmes that were switched on, by id: dates, budget, stock, and what is booked."""
    keyed = [
        ((row.programme_id, code), codec.encode(row))
        for code, counters in await _counters(doors, district)
        for row in counters.programmes
        if is_on is None or row.is_on == is_on
    ]
    return Response(page_of(keyed, cursor, limit), media_type="application/json")


@router.get("/programmes/{programme_id}/equipment")
async def list_issues(
    programme_id: str, doors: DoorsOf, district: str | None = None, limit: Limit = PAGE_LIMIT, cursor: str | None = None,
) -> Response:  # fmt: skip
    """What workers were given out of a programme's stock: who, how many of what, when; the earliest first."""
    if not is_id(programme_id):
        raise Problem(Refusal.UNKNOWN_PROGRAMME)
    keyed = []
    for code in await districts_asked(doors, district):
        raw = await doors.board.field(code, keys.issues_field(programme_id))
        if raw is not None:
            issues = codec.decode(raw, ProgrammeIssues).issues
            keyed += [((sortable(one.issued_at.timestamp()), one.issue_id), codec.encode(one)) for one in issues]
    return Response(page_of(keyed, cursor, limit), media_type="application/json")


@router.get("/postings")
async def list_postings(
    doors: DoorsOf, district: str | None = None, limit: Limit = PAGE_LIMIT, cursor: str | None = None,
    state: PostingState | None = None, programme: str | None = None, worker: str | None = None, dong: str | None = None,
) -> Response:  # fmt: skip
    """Postings by id, with their worker and state."""
    keyed = [
        ((row.posting_id, code), codec.encode(row))
        for code, counters in await _counters(doors, district)
        for row in counters.postings
        if (state is None or row.state == state)
        and (programme is None or row.programme_id == programme)
        and (worker is None or row.worker_id == worker)
        and (dong is None or row.dong == dong)
    ]
    return Response(page_of(keyed, cursor, limit), media_type="application/json")


async def _counters(doors: Doors, district: str | None) -> list[tuple[str, Counters]]:
    """By district, of those that have any."""
    raws = [(code, await doors.board.field(code, keys.COUNTERS)) for code in await districts_asked(doors, district)]
    found = [(code, codec.decode(raw, Counters)) for code, raw in raws if raw is not None]
    if not found:
        raise Problem(Refusal.NOT_CONFIGURED)
    return found


@router.post("/programmes/{programme_id}/switch-on", status_code=202)
async def switch_on(programme_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """An operator switches a programme on for dates, with a budget and an equipment stock, or sets these anew. To change one that
    was switched before takes its `version` (of `GET /v1/programmes`) as `If-Match`; the same again changes nothing."""
    body = await read_body(request, SwitchOnBody)
    given = expected_of(request)
    on_version = "" if given is None else f"/{given}"
    payload = await said(doors, request, actor, given, lambda key: switch_on_of(programme_id, body, actor, f"{key}{on_version}"))
    expected = await _made_on(doors, request, given, payload, body.district)
    return await answer_about(
        doors, request, actor, body.district, payload, payload.command_id, programme_id, Refusal.UNKNOWN_PROGRAMME,
        expected_version=expected,
    )  # fmt: skip


async def _made_on(
    doors: Doors, request: Request, given: int | None, payload: SwitchOnProgramme, district: str
) -> int | None:  # fmt: skip
    """See `version_made_on`."""
    row = await _find_programme(doors, district, payload.programme_id)
    stands = (row.is_on, row.from_date, row.until_date, row.budget_krw, row.stock) if row is not None else None
    return await version_made_on(
        doors, request, given, payload.command_id, row.version if row is not None else 0, is_there=row is not None,
        is_same=stands == (True, payload.from_date, payload.until_date, payload.budget_krw, payload.stock),
    )  # fmt: skip


async def _find_programme(doors: Doors, district: str, programme_id: str) -> ProgrammeRow | None:
    doors.check_district(district)
    raw = await doors.board.field(district, keys.COUNTERS)
    rows = codec.decode(raw, Counters).programmes if raw is not None else ()
    return next((row for row in rows if row.programme_id == programme_id), None)


@router.post("/programmes/{programme_id}/switch-off", status_code=202)
async def switch_off(programme_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Nothing new under it; what was promised goes on. `If-Match`: only if nobody has set it anew since it was read."""
    body = await read_body(request, SwitchOffBody)
    given = expected_of(request)
    told = f"{actor}/{body.reason}" + made_on(given)
    command_id = await said_id(doors, request, actor, programme_id, "SwitchOffProgramme", told, given)
    payload = SwitchOffProgramme(command_id=command_id, programme_id=programme_id, reason=body.reason)
    return await answer_about(
        doors, request, actor, body.district, payload, payload.command_id, programme_id, Refusal.UNKNOWN_PROGRAMME,
        expected_version=given,
    )  # fmt: skip


@router.post("/programmes/{programme_id}/equipment", status_code=202)
async def issue_equipment(programme_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Equipment out of the stock to a worker, who holds it as a credential until it expires."""
    body = await read_body(request, EquipmentBody)
    told = f"{actor}/{body.worker_id}/{sorted(body.items.items())}/{body.credential}/{body.valid_until_at}"
    command_id = await said_id(doors, request, actor, programme_id, "IssueEquipment", told)
    payload = IssueEquipment(
        command_id=command_id, programme_id=programme_id, worker_id=body.worker_id,
        items=dict(sorted(body.items.items())), credential=body.credential, valid_until_at=body.valid_until_at,
    )  # fmt: skip
    return await answer_about(
        doors, request, actor, body.district, payload, payload.command_id, programme_id, Refusal.UNKNOWN_PROGRAMME
    )


@router.post("/postings", status_code=202)
async def request_posting(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """A worker moves in with a recipient for days (type 2). The same key or `reference` is the same posting."""
    body = await read_body(request, PostingBody)
    payload = posting_of(body, actor, key_of(request))
    return await answer_about(
        doors, request, actor, body.district, payload, payload.command_id, payload.posting_id, Refusal.UNKNOWN_PROGRAMME
    )


@router.post("/postings/{posting_id}/assign", status_code=202)
async def assign_posting(posting_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Name who goes; refused with every rule in the way."""
    body = await read_body(request, AssignPostingBody)
    command_id = await said_id(doors, request, actor, posting_id, "AssignPosting", f"{actor}/{body.worker_id}")
    payload = AssignPosting(command_id=command_id, posting_id=posting_id, worker_id=body.worker_id)
    return await answer_about(
        doors, request, actor, body.district, payload, payload.command_id, posting_id, Refusal.UNKNOWN_POSTING
    )


@router.post("/postings/{posting_id}/end", status_code=202)
async def end_posting(posting_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """It ends now, or does not begin; days not begun are given back to the programme."""
    body = await read_body(request, EndPostingBody)
    told = f"{actor}/{body.reason}/{key_of(request)}"
    payload = EndPosting(command_id=command_id_of(posting_id, "EndPosting", told), posting_id=posting_id, reason=body.reason)
    return await answer_about(
        doors, request, actor, body.district, payload, payload.command_id, posting_id, Refusal.UNKNOWN_POSTING
    )
