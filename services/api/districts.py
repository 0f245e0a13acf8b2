"""A district's configuration in, and what the board shows of a district out."""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse

from services.api.auth import Actor, CallerOf
from services.api.board import decode_rows
from services.api.callers import limits
from services.api.commands import answer_command, envelope_of, json_answer
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import command_id_of
from services.api.models import read_json
from services.api.pages import PAGE_LIMIT, Limit, page_of, part_of
from services.api.problems import Problem
from services.api.repeats import key_of
from services.api.sheets import Form, as_sheet
from services.api.versions import etag_of, expected_of, stale, version_of
from services.api.visits import districts_asked
from streams import topics
from streams.adapters import board_keys as keys
from streams.contracts import codec
from streams.contracts.board import ExceptionRow, OfferRow, UnmetNeedRow, WorkerRow
from streams.contracts.district import DistrictConfig, Service
from streams.contracts.inputs import ConfigureDistrict
from streams.contracts.refusals import Refusal

Row = TypeVar("Row", WorkerRow, ExceptionRow, OfferRow, UnmetNeedRow)
SETTLED, SETTLED_WITHIN_S = 200, 30.0

router = APIRouter(prefix="/v1", tags=["districts"])


@router.put("/districts/{district}", status_code=202)
async def put_district(district: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Configure a district: areas, providers, kitchens, workers, travel model, policies. To change the one in force takes its
    `ETag` (of `GET /v1/district`) as `If-Match`, and a higher `version`; the same configuration again changes nothing."""
    config = codec.decode(await read_json(request), DistrictConfig)
    doors.check_district(district)
    if config.district != district:
        raise Problem(Refusal.UNKNOWN_DISTRICT, "the configuration is another district's")
    given = expected_of(request)
    made_on = f"/{given}" if given is not None else ""
    config_hash = codec.digest(codec.encode(config))
    command_id = command_id_of(district, "ConfigureDistrict", f"{config_hash}/{key_of(request)}{made_on}")
    expected = await _made_on(doors, request, given, config, command_id)
    await doors.roster.add(config)
    payload = ConfigureDistrict(command_id=command_id, config=config)
    envelope = envelope_of(doors, payload, command_id, district, actor, expected_version=expected)
    try:
        answer = await answer_command(doors, request, topics.COMMANDS, envelope, command_id)
        if answer.status_code == SETTLED:
            answer.headers["ETag"] = etag_of(config.version)
        return answer
    finally:
        doors.roster.follow(_in_force(doors, district, command_id))


async def _made_on(doors: Doors, request: Request, given: int | None, config: DistrictConfig, command_id: str) -> int:
    """The version that a configuration was made on; 0: on none. Raises if_match_missing (428) when one is in force and was not
    named, version_conflict (412) when it is another. The board may lag behind the log: the log judges the rest."""
    row = await doors.board.find_row(config.district, keys.DISTRICT)
    if given is not None:
        if row is not None and version_of(row) > given and await doors.outcomes.find(command_id) is None:
            raise stale(request)  # and not the repeat of a command that has made it so
        return given
    if row is None:
        if "if-match" in request.headers:
            raise stale(request)  # `*`: of what is not there
        return 0
    if "if-match" not in request.headers and codec.decode(row, DistrictConfig) != config:
        raise Problem(Refusal.IF_MATCH_MISSING)
    return version_of(row)


async def _in_force(doors: Doors, district: str, command_id: str) -> DistrictConfig | None:
    """The configuration in force once the command is settled; None when that is not known in time."""
    if await doors.outcomes.wait(command_id, SETTLED_WITHIN_S) is None:
        return None
    row = await doors.board.find_row(district, keys.DISTRICT)
    return codec.decode(row, DistrictConfig) if row is not None else None


class _Named(msgspec.Struct):
    district: str = ""
    name_ko: str = ""
    name_en: str = ""


@router.get("/districts")
async def list_districts(doors: DoorsOf, limit: Limit = PAGE_LIMIT, cursor: str | None = None) -> Response:
    """The districts that the caller may look at, by code: who has several chooses one (`district` of the other routes)."""
    caller, items = limits(), []
    served = [
        code for code in await doors.roster.districts()
        if doors.settings.partition_of(code) is not None and (caller is None or caller.has_district(code))
    ]  # fmt: skip
    shown, following = part_of(served, lambda code: (code, ""), cursor, limit)
    for code in shown:
        raw = await doors.board.field(code, keys.DISTRICT)
        named = msgspec.json.decode(raw, type=_Named) if raw is not None else _Named()
        items.append({"district": code, "name_ko": named.name_ko or code, "name_en": named.name_en or code})
    return json_answer({"items": items, "next_cursor": following})


@router.get("/district")
async def get_district(doors: DoorsOf, district: str | None = None) -> Response:
    """The configuration in force: areas, dongs with their cells, providers, kitchens, workers."""
    answer = await _field(doors, district, keys.DISTRICT)
    answer.headers["ETag"] = etag_of(version_of(bytes(answer.body)))
    return answer


@router.get("/counters")
async def get_counters(doors: DoorsOf, district: str | None = None) -> Response:
    """Visits by state; they add up."""
    return await _field(doors, district, keys.COUNTERS)


@router.get("/ledger")
async def get_ledger(doors: DoorsOf, district: str | None = None, format: Form = Form.JSON) -> Response:
    """The day's ledger (일일 마감표); as a table with `format` csv or xlsx."""
    answer = await _field(doors, district, keys.LEDGER)
    return answer if format is Form.JSON else as_sheet(bytes(answer.body), format, "ledger")


async def _field(doors: Doors, district: str | None, name: str) -> Response:
    code = (await districts_asked(doors, district))[0]
    raw = await doors.board.field(code, name)
    if raw is None:
        raise Problem(Refusal.NOT_CONFIGURED)
    return Response(raw, media_type="application/json")


@router.get("/workers")
async def list_workers(
    doors: DoorsOf, district: str | None = None, limit: Limit = PAGE_LIMIT, cursor: str | None = None,
    provider: str | None = None, area: str | None = None, status: str | None = None,
) -> Response:  # fmt: skip
    """Workers by id."""
    keyed = [
        ((row.worker_id, ""), raw)
        for row, raw in await _rows(doors, district, b"w:", WorkerRow)
        if (provider is None or row.organisation == provider)
        and (area is None or row.area_id == area)
        and (status is None or row.status == status)
    ]
    return Response(page_of(keyed, cursor, limit), media_type="application/json")


@router.get("/exceptions")
async def list_exceptions(
    doors: DoorsOf, district: str | None = None, limit: Limit = PAGE_LIMIT, cursor: str | None = None,
    open_only: Annotated[bool, Query(alias="open")] = False, owner: str | None = None,
    kind: str | None = None, area: str | None = None, dong: str | None = None,
) -> Response:  # fmt: skip
    """What needs (or needed) a person, oldest deadline first."""
    keyed = [
        ((row.due_at.isoformat(), row.exception_id), raw)
        for row, raw in await _rows(doors, district, b"x:", ExceptionRow)
        if (not open_only or not row.settled)
        and (owner is None or row.owner == owner)
        and (kind is None or row.kind == kind)
        and (area is None or row.area_id == area)
        and (dong is None or row.dong == dong)
    ]
    return Response(page_of(keyed, cursor, limit), media_type="application/json")


@router.get("/unmet-needs")
async def list_unmet_needs(
    doors: DoorsOf, district: str | None = None, limit: Limit = PAGE_LIMIT, cursor: str | None = None,
    area: str | None = None, dong: str | None = None, service: Service | None = None,
) -> Response:  # fmt: skip
    """The ledger of unmet need: what nobody could serve in time, and why; oldest first, never overwritten."""
    keyed = [
        ((need.at.isoformat(), need.need_id), raw)
        for need, raw in await _rows(doors, district, b"n:", UnmetNeedRow)
        if (area is None or need.area_id == area)
        and (dong is None or need.dong == dong)
        and (service is None or need.service == service)
    ]
    return Response(page_of(keyed, cursor, limit), media_type="application/json")


@router.get("/offers")
async def list_offers(
    doors: DoorsOf, district: str | None = None, limit: Limit = PAGE_LIMIT, cursor: str | None = None,
    provider: str | None = None, open_only: Annotated[bool, Query(alias="open")] = False,
) -> Response:  # fmt: skip
    """Offers to organisations, by when they expire."""
    keyed = [
        ((row.expires_at.isoformat(), row.offer_id), raw)
        for row, raw in await _rows(doors, district, b"o:", OfferRow)
        if (provider is None or row.organisation == provider) and (not open_only or not row.outcome)
    ]
    return Response(page_of(keyed, cursor, limit), media_type="application/json")


async def _rows(doors: Doors, district: str | None, prefix: bytes, kind: type[Row]) -> list[tuple[Row, bytes]]:
    found: list[tuple[Row, bytes]] = []
    for code in await districts_asked(doors, district):
        found += decode_rows(await doors.board.rows(code, prefix), kind)
    return found


@router.get("/live")
async def get_live(
    request: Request, caller: CallerOf, doors: DoorsOf, district: str | None = None
) -> StreamingResponse:
    """The board, live (SSE): `snapshot`, then `board`, `positions`, `clock`, and `ping` every five seconds; what of it is in
    the caller's scope."""
    if district is not None:
        doors.check_district(district)
    served = [*await doors.roster.districts(), *doors.settings.districts]
    code = district or next((one for one in served if caller.has_district(one)), None)
    if code is None:
        raise Problem(Refusal.NOT_CONFIGURED)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stream = doors.live.stream(code, request.headers.get("last-event-id", ""), caller)
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)
