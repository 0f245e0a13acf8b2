"""What is on record of one person: a worker's credentials, what was granted for a recipient's care (both changed only as they were
read), who is not to meet them. Who may read it was asked before (`reach`); every look is written down."""

from __future__ import annotations

import asyncio
from datetime import datetime

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import CallerOf
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import is_id
from services.api.pages import PAGE_LIMIT, Limit, page_of
from services.api.problems import Problem
from services.api.versions import version_made_on
from services.api.visits import districts_asked
from streams.adapters import board_keys as keys
from streams.contracts import codec
from streams.contracts.holdings import CredentialRow, ExclusionRow, Exclusions, GrantRow, RecipientGrants, WorkerHoldings
from streams.contracts.inputs import AuthoriseCare, RecordCredential
from streams.contracts.refusals import Refusal

WHY = "on record, to be set anew"
WHY_APART = "who is not to meet whom"
NO_STORE = {"Cache-Control": "no-store"}
Keyed = list[tuple[tuple[str, str], bytes]]
"""Rows as JSON, with what they are sorted by."""

router = APIRouter(prefix="/v1")


class HeldCredential(msgspec.Struct, frozen=True, kw_only=True):
    """`version`: for `If-Match` of whatever replaces or withdraws it."""

    district: str
    code: str
    issued_at: datetime
    valid_until_at: datetime
    version: int


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """As it is granted: `service` "" for all, 0 for no such limit, "" for an open date. `version`: for `If-Match`."""

    district: str
    service: str
    from_date: str
    until_date: str
    duration_min: int
    budget_krw: int
    visit_price_krw: int
    hour_price_krw: int
    version: int


class KeptApart(msgspec.Struct, frozen=True, kw_only=True):
    """A worker and a recipient who are not to meet. `by`: recipient or worker, whoever said so; `reason`: a code, "" where the
    district's configuration lists it."""

    district: str
    recipient_id: str
    worker_id: str
    by: str
    reason: str
    since_at: datetime


@router.get("/workers/{worker_id}/credentials", tags=["eligibility"])
async def list_credentials(
    worker_id: str, caller: CallerOf, doors: DoorsOf, district: str | None = None, limit: Limit = PAGE_LIMIT,
    cursor: str | None = None,
) -> Response:  # fmt: skip
    """What a worker holds, by code: trainings, tests, equipment, also what has lapsed. A logged read."""
    if not is_id(worker_id):
        raise Problem(Refusal.UNKNOWN_WORKER)
    keyed = [
        ((held.code, code), codec.encode(HeldCredential(district=code, **msgspec.structs.asdict(held))))
        for code in await districts_asked(doors, district)
        for held in await _credentials(doors, code, worker_id)
    ]
    return await _logged(doors, caller.actor, f"worker:{worker_id}", "credentials", WHY, keyed, cursor, limit)


@router.get("/recipients/{recipient_id}/authorised", tags=["intake"])
async def list_granted(
    recipient_id: str, caller: CallerOf, doors: DoorsOf, district: str | None = None, limit: Limit = PAGE_LIMIT,
    cursor: str | None = None,
) -> Response:  # fmt: skip
    """Hours and money that are granted for a recipient's care, by service. A logged read."""
    if not is_id(recipient_id):
        raise Problem(Refusal.UNKNOWN_RECIPIENT)
    keyed = [
        ((one.service, code), codec.encode(_shown(code, one)))
        for code in await districts_asked(doors, district)
        for one in await _grants(doors, code, recipient_id)
        if _is_granted(one)
    ]
    return await _logged(doors, caller.actor, f"recipient:{recipient_id}", "authorised", WHY, keyed, cursor, limit)


@router.get("/recipients/{recipient_id}/exclusions", tags=["eligibility"])
async def list_exclusions_of_recipient(
    recipient_id: str, caller: CallerOf, doors: DoorsOf, district: str | None = None, limit: Limit = PAGE_LIMIT,
    cursor: str | None = None,
) -> Response:  # fmt: skip
    """Which workers a recipient is not to meet, whichever side said so, by worker. A logged read."""
    if not is_id(recipient_id):
        raise Problem(Refusal.UNKNOWN_RECIPIENT)
    field = keys.kept_from_recipient_field(recipient_id)
    keyed = [
        ((one.worker_id, code), codec.encode(_apart(code, one)))
        for code in await districts_asked(doors, district)
        for one in await _exclusions(doors, code, field)
    ]
    return await _logged(doors, caller.actor, f"recipient:{recipient_id}", "exclusions", WHY_APART, keyed, cursor, limit)


@router.get("/workers/{worker_id}/exclusions", tags=["eligibility"])
async def list_exclusions_of_worker(
    worker_id: str, caller: CallerOf, doors: DoorsOf, district: str | None = None, limit: Limit = PAGE_LIMIT,
    cursor: str | None = None,
) -> Response:  # fmt: skip
    """Which recipients a worker is not to meet, whichever side said so, by recipient; an organisation is told of those to whom its
    people go now. A logged read."""
    if not is_id(worker_id):
        raise Problem(Refusal.UNKNOWN_WORKER)
    field = keys.kept_from_worker_field(worker_id)
    found = [(code, one) for code in await districts_asked(doors, district) for one in await _exclusions(doors, code, field)]
    seen = {one.recipient_id for _, one in found}
    if not caller.scope.is_whole_districts:
        seen = set((await doors.people.readable(caller, sorted(seen), []))[0])
    keyed = [((one.recipient_id, code), codec.encode(_apart(code, one))) for code, one in found if one.recipient_id in seen]
    return await _logged(doors, caller.actor, f"worker:{worker_id}", "exclusions", WHY_APART, keyed, cursor, limit)


async def _logged(
    doors: Doors, actor: str, whose: str, what: str, why: str, keyed: Keyed, cursor: str | None, limit: int
) -> Response:  # fmt: skip
    """The page that was asked for, once the look is written down; kept by nobody on the way."""
    await asyncio.to_thread(doors.registry.log_read, actor, whose, what, why)
    return Response(page_of(keyed, cursor, limit), media_type="application/json", headers=NO_STORE)


async def credential_made_on(
    doors: Doors, request: Request, given: int | None, district: str, payload: RecordCredential
) -> int | None:  # fmt: skip
    """See `version_made_on`."""
    held = next((one for one in await _credentials(doors, district, payload.worker_id) if one.code == payload.code), None)
    stands = (held.issued_at, held.valid_until_at) if held is not None else None
    return await version_made_on(
        doors, request, given, payload.command_id, held.version if held is not None else 0, is_there=held is not None,
        is_same=stands == (payload.issued_at, payload.valid_until_at),
    )  # fmt: skip


async def grant_made_on(doors: Doors, request: Request, given: int | None, district: str, payload: AuthoriseCare) -> int | None:
    """See `version_made_on`."""
    granted = payload.granted
    row = next((one for one in await _grants(doors, district, payload.recipient_id) if one.service == granted.service), None)
    return await version_made_on(
        doors, request, given, payload.command_id, row.version if row is not None else 0,
        is_there=row is not None and _is_granted(row),
        is_same=row == GrantRow(**msgspec.structs.asdict(granted), version=row.version if row is not None else 0),
    )  # fmt: skip


async def _credentials(doors: Doors, district: str, worker_id: str) -> tuple[CredentialRow, ...]:
    raw = await doors.board.field_about(district, keys.holdings_field(worker_id))
    return codec.decode(raw, WorkerHoldings).credentials if raw is not None else ()


async def _grants(doors: Doors, district: str, recipient_id: str) -> tuple[GrantRow, ...]:
    raw = await doors.board.field_about(district, keys.grants_field(recipient_id))
    return codec.decode(raw, RecipientGrants).grants if raw is not None else ()


async def _exclusions(doors: Doors, district: str, field: str) -> tuple[ExclusionRow, ...]:
    raw = await doors.board.field_about(district, field)
    return codec.decode(raw, Exclusions).exclusions if raw is not None else ()


def _is_granted(row: GrantRow) -> bool:
    """And not taken away again."""
    return bool(row.duration_s or row.budget_krw)


def _apart(district: str, row: ExclusionRow) -> KeptApart:
    return KeptApart(district=district, **msgspec.structs.asdict(row))


def _shown(district: str, row: GrantRow) -> Granted:
    return Granted(
        district=district, service=row.service, from_date=row.from_date, until_date=row.until_date,
        duration_min=row.duration_s // 60, budget_krw=row.budget_krw, visit_price_krw=row.visit_price_krw,
        hour_price_krw=row.hour_price_krw, version=row.version,
    )  # fmt: skip
