"""The signed door of organisations' app servers: reports, kitchens, positions. 2xx means recorded in the log."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from services.api.commands import json_answer
from services.api.doors import Doors, DoorsOf
from services.api.heard import hear_positions
from services.api.identifiers import is_id, report_envelope_id
from services.api.models import PLANE_LIMIT_M, AnyPlace, Body, Coordinate, DistrictCode, Id, Instant, Tasks, is_no_phone, rounded
from services.api.places import Place, show
from services.api.problems import Problem, document, from_validation
from services.api.rates import take_for
from services.api.signatures import SIGNED, verify
from streams import topics
from streams.adapters import board_keys as keys
from streams.contracts import codec
from streams.contracts.envelope import Envelope, seal
from streams.contracts.inputs import KitchenReported, Payload, ProviderReported, ReportKind, WorkerReported
from streams.contracts.refusals import Refusal

REPORTS_LIMIT, POSITIONS_LIMIT = 500, 2000
UNKNOWN_SECRET = "whsec_" + "A" * 43 + "="  # an unknown organisation takes as long to refuse as a known one

# Codes, never free text: it would reach the log.
Code = Annotated[str, Field(pattern=r"^[a-z0-9_]{0,40}$"), AfterValidator(is_no_phone)]


class SignedRoute(APIRoute):
    """Straight to `take_webhook`: what FastAPI looks up for each request of a route is nothing here, and costs a tenth of it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def handle(request: Request) -> Response:
            return await take_webhook(request.path_params["organisation"], request, request.app.state.doors)

        return handle


router = APIRouter(prefix="/v1", tags=["webhooks"], route_class=SignedRoute)


class ReportItem(Body):
    """One report of a rider, a carer, or of the organisation for them."""

    report_id: Id
    kind: Annotated[ReportKind, Field(strict=False)]
    occurred_at: Instant
    worker_id: Id | Literal[""] = ""
    visit_ids: Annotated[tuple[Id, ...], Field(strict=False, max_length=200)] = ()
    offer_id: Id | Literal[""] = ""
    reason: Code = ""
    how: Code = ""
    place: AnyPlace | None = None
    declined_visit_ids: Annotated[tuple[Id, ...], Field(strict=False, max_length=200)] = ()
    tasks: Tasks = ()
    boxes_returned: Annotated[int, Field(ge=0, le=1000)] = 0
    district: DistrictCode | None = None

    def payload(self) -> WorkerReported:
        return WorkerReported(
            report_id=self.report_id, kind=self.kind, worker_id=self.worker_id, visit_ids=self.visit_ids,
            offer_id=self.offer_id, reason=self.reason, how=self.how,
            place=None if self.place is None else self.place.place(), declined_visit_ids=self.declined_visit_ids,
            tasks=self.tasks, boxes_returned=self.boxes_returned,
        )  # fmt: skip


class KitchenItem(Body):
    """Meals of this kitchen that were to be ready before `ready_at` are ready then."""

    report_id: Id
    kitchen_id: Id
    ready_at: Instant
    occurred_at: Instant
    district: DistrictCode | None = None

    def payload(self) -> KitchenReported:
        return KitchenReported(report_id=self.report_id, kitchen_id=self.kitchen_id, ready_at=self.ready_at)


class ProviderItem(Body):
    """A provider cannot supply (`failed`), with one kitchen or with all it has, or can again (`back`)."""

    report_id: Id
    kind: Literal["failed", "back"]
    occurred_at: Instant
    kitchen_id: Id | Literal[""] = ""
    span: Literal["hour", "meal_window", "day"] = "hour"
    reason: Code = ""
    district: DistrictCode | None = None

    def payload(self) -> ProviderReported:
        return ProviderReported(
            report_id=self.report_id, kind=self.kind, kitchen_id=self.kitchen_id, span=self.span, reason=self.reason
        )


class PositionItem(Body):
    worker_id: Id
    x: Annotated[Coordinate, Field(ge=-PLANE_LIMIT_M, le=PLANE_LIMIT_M)]
    y: Annotated[Coordinate, Field(ge=-PLANE_LIMIT_M, le=PLANE_LIMIT_M)]
    at: Instant


Item = ReportItem | KitchenItem | ProviderItem


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class WebhookBody(_Loose):
    """What a webhook's body is at the outermost; `timestamp` and further members are the sender's own."""

    type: Literal["reports", "kitchen", "provider", "positions"]
    data: dict[str, Any]


class Position(msgspec.Struct, frozen=True):
    """One record of topic fleet.positions."""

    worker_id: str
    organisation: str
    x: float
    y: float
    at: datetime


@router.post("/webhooks/{organisation}", status_code=202)
async def take_webhook(organisation: str, request: Request, doors: DoorsOf) -> Response:
    """Signed intake (Standard Webhooks 1.0). Answered 202 when everything is in the log; the core judges later, and
    what it refuses comes back as the webhook `report.refused`. The same webhook-id again appends nothing."""
    raw = await request.body()
    outcome = "failed"
    try:
        webhook_id = await _verified(doors, organisation, request, raw)
        async with _alone(doors, f"{organisation}/{webhook_id}"):
            response, outcome = await _take(doors, organisation, webhook_id, raw)
        return response
    except Problem as problem:
        outcome = problem.code
        raise
    finally:
        doors.metrics.webhooks.labels(outcome).inc()


async def _verified(doors: Doors, organisation: str, request: Request, raw: bytes) -> str:
    if any(len(request.headers.getlist(name)) > 1 for name in SIGNED):
        raise Problem(Refusal.SIGNATURE_WRONG, "a signed header came twice")  # another reader might take the other one
    secrets = await doors.signed.secrets_of(organisation) if is_id(organisation) else ()
    webhook_id = verify(secrets or (UNKNOWN_SECRET,), request.headers, raw, time.time())
    if not secrets:
        raise Problem(Refusal.SIGNATURE_WRONG)
    taken = take_for(doors.rates, doors.rate_by_key, f"organisation:{organisation}", request.scope)
    if not taken.allowed:
        raise Problem(Refusal.RATE_LIMITED, headers={"Retry-After": str(taken.reset_s)})
    return webhook_id


async def _take(doors: Doors, organisation: str, webhook_id: str, raw: bytes) -> tuple[Response, str]:
    body_hash = hashlib.sha256(raw).hexdigest()
    seen = await doors.signed.find(organisation, webhook_id)
    if seen is not None:
        if seen != body_hash:
            raise Problem(Refusal.SIGNATURE_REPEATED, "this webhook-id came before with another body")
        return json_answer({"recorded": 0, "repeated": True}, 202), "repeated"
    body = WebhookBody.model_validate_json(raw)
    if body.type == "positions":
        return await _take_positions(doors, organisation, body.data), "positions"
    if body.type in ("kitchen", "provider"):
        items: list[Any] = [body.data]
        model: type[Item] = KitchenItem if body.type == "kitchen" else ProviderItem
    else:
        found = body.data.get("reports")
        if not isinstance(found, list) or not 0 < len(found) <= REPORTS_LIMIT:
            raise Problem(Refusal.WRONG_FIELD, f"data.reports: is no list of 1 to {REPORTS_LIMIT} reports")
        items, model = found, ReportItem
    answers, envelopes = await _read_items(doors, organisation, items, model)
    if not envelopes:
        first = next(answer for answer in answers if "code" in answer)
        raise Problem(Refusal(first["code"]), first["detail"], more={"items": answers})
    await doors.writer.append_all(topics.REPORTS, [(envelope.district, envelope) for envelope in envelopes])
    doors.metrics.appended.labels(topics.REPORTS).inc(len(envelopes))
    # After the log has it: what is repeated after a crash in between, the core knows by its report ids.
    doors.signed.remember(organisation, webhook_id, body_hash)
    return json_answer({"recorded": len(envelopes), "repeated": False, "items": answers}, 202), "recorded"


async def _read_items(
    doors: Doors, organisation: str, items: list[Any], model: type[Item]
) -> tuple[list[dict[str, Any]], list[Envelope]]:
    """Each item on its own: an answer for every one, an envelope for the sound ones."""
    answers: list[dict[str, Any]] = []
    envelopes: list[Envelope] = []
    for index, item in enumerate(items):
        try:
            read = model.model_validate_json(json.dumps(item))  # strict as JSON is, not as Python is
            district = await _district_of(doors, organisation, read)
        except ValidationError as error:
            answers.append(_refused(index, from_validation(error)))
        except Problem as problem:
            answers.append(_refused(index, problem))
        else:
            answers.append({"index": index, "report_id": read.report_id, "recorded": True})
            envelopes.append(_envelope(doors, organisation, district, read.payload(), read))
    return answers, envelopes


def _refused(index: int, problem: Problem) -> dict[str, Any]:
    shown = document(problem.code, problem.detail, problem.more)
    return {"index": index, "recorded": False} | {
        name: shown[name] for name in ("code", "detail", "remedy", "errors") if name in shown
    }


def _envelope(doors: Doors, organisation: str, district: str, payload: Payload, read: Item) -> Envelope:
    return seal(
        payload, id=report_envelope_id(organisation, read.report_id), district=district, organisation=organisation,
        actor=f"organisation:{organisation}", at=doors.clock.now(), occurred_at=read.occurred_at,
    )  # fmt: skip


async def _district_of(doors: Doors, organisation: str, item: Item) -> str:
    """Whose inbox a report belongs to: as it says, by its worker or kitchen, by its offer or visit on the board, or the
    only district of the organisation (whose log then judges)."""
    if item.district is not None:
        doors.check_district(item.district)
        return item.district
    if isinstance(item, KitchenItem | ProviderItem):
        homes = await doors.roster.find("kitchen", item.kitchen_id)
    else:
        homes = await doors.roster.find("worker", item.worker_id)
    own = await doors.roster.find("organisation", organisation)
    for candidates in (homes, own):
        districts = {home.district for home in candidates}
        if len(districts) == 1:
            return districts.pop()
    if isinstance(item, ReportItem):
        fields = [keys.offer_field(item.offer_id)] if item.offer_id else []
        fields += [keys.visit_field(visit_id) for visit_id in item.visit_ids[:1]]
        for field in fields:
            home = await doors.board.find_home(field)
            if home is not None:
                return home[0]
    raise Problem(Refusal.UNKNOWN_DISTRICT, "district: cannot be told from this report; name it")


async def _take_positions(doors: Doors, organisation: str, data: dict[str, Any]) -> Response:
    """Positions change nothing that is decided: to their topic (one record a district) and straight to the board. But that
    a worker who is being asked after is heard of (docs/decisions) goes into the log."""
    found = data.get("positions")
    if not isinstance(found, list) or not 0 < len(found) <= POSITIONS_LIMIT:
        raise Problem(Refusal.WRONG_FIELD, f"data.positions: is no list of 1 to {POSITIONS_LIMIT} positions")
    by_district: dict[str, list[Position]] = {}
    answers: list[dict[str, Any]] = []
    for index, item in enumerate(found):
        try:
            read = PositionItem.model_validate_json(json.dumps(item))
            homes = await doors.roster.find("worker", read.worker_id)
            own = [home for home in homes if home.organisation == organisation]
            if not own:
                raise Problem(Refusal.NOT_YOUR_WORKER if homes else Refusal.UNKNOWN_WORKER)
        except ValidationError as error:
            answers.append(_refused(index, from_validation(error)))
        except Problem as problem:
            answers.append(_refused(index, problem))
        else:
            where = rounded(read.x, read.y)
            for home in own:
                position = Position(read.worker_id, organisation, where.x, where.y, read.at)
                by_district.setdefault(home.district, []).append(position)
    if not by_district:
        first = answers[0]
        raise Problem(Refusal(first["code"]), first["detail"], more={"items": answers[:20]})
    for district, positions in sorted(by_district.items()):
        doors.check_district(district)
        partition = doors.settings.districts[district]
        await doors.writer.append_bytes(topics.POSITIONS, partition, district.encode(), codec.encode(positions))
        await show(doors, district, (Place(one.worker_id, one.x, one.y, one.at) for one in positions))
        newest = {one.worker_id: one.at for one in sorted(positions, key=lambda one: one.at)}
        await hear_positions(doors, organisation, district, newest)
    recorded = sum(len(positions) for positions in by_district.values())
    return json_answer({"recorded": recorded, "repeated": False, "items": answers}, 202)


@contextlib.asynccontextmanager
async def _alone(doors: Doors, key: str) -> AsyncIterator[None]:
    """The same webhook-id twice at the same time: the second waits for what becomes of the first."""
    lock = doors.webhook_locks.setdefault(key, asyncio.Lock())
    try:
        async with lock:
            yield
    finally:
        if not lock.locked() and not getattr(lock, "_waiters", None):
            doors.webhook_locks.pop(key, None)
