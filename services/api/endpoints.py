"""Organisations' endpoints and secrets, what was sent there and how it ended, and sending it again."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, Field

from services.api.auth import Actor
from services.api.commands import envelope_of, json_answer
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import command_id_of, is_id
from services.api.models import Body, EndpointBody, Instant, read_body
from services.api.pages import PAGE_LIMIT, Limit, part_of, read_cursor, write_cursor
from services.api.problems import Problem
from services.api.tags import check_match, endpoint_tag
from streams import topics
from streams.adapters.delivery_log import PAGE, DeliveryLog, LoggedAttempt, Place
from streams.adapters.endpoints import MAIN, OVERLAP_S, Endpoint
from streams.adapters.targets import NO_SUCH_NAME, TargetRefused, Targets, shown
from streams.contracts.inputs import EndpointReported
from streams.contracts.refusals import Refusal

NO_STORE = {"Cache-Control": "no-store"}

router = APIRouter(prefix="/v1/organisations/{organisation}", tags=["webhooks"])


class RotateBody(Body):
    """`overlap_s`: so long the secret before goes on; 0 revokes it at once."""

    overlap_s: Annotated[float, Field(ge=0, le=30 * 86_400)] = OVERLAP_S


class ResendBody(Body):
    """Nothing is asked: `{}`."""


class EndpointView(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint without its secrets. Times are epoch seconds of the wall clock, 0 for none. `etag`: for `If-Match`."""

    organisation: str
    name: str
    url: str
    types: tuple[str, ...]
    disabled: bool
    disabled_reason: str
    disabled_at: float
    failing_since: float
    rotating: bool
    etag: str


class LoggedAttempts(msgspec.Struct, frozen=True, kw_only=True):
    effect_id: str
    attempts: list[LoggedAttempt]


class RecoverBody(Body):
    """Wall clock."""

    since: Instant


@router.put("/endpoint")
async def put_main_endpoint(organisation: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Where an organisation's webhooks go. The answer has both signing secrets: ours (`secret_out`) and theirs
    (`secret_in`); they stay the same when the address changes. To change what stands there takes its `etag` as `If-Match`."""
    return await _put(doors, request, organisation, MAIN, await read_body(request, EndpointBody), actor)


@router.put("/endpoints/{name}")
async def put_endpoint(organisation: str, name: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Another address of the organisation, with the types it wants (`types` empty: all) and a secret of its own. To change what
    stands there takes its `etag` as `If-Match`."""
    return await _put(doors, request, organisation, name, await read_body(request, EndpointBody), actor)


@router.get("/endpoints")
async def list_endpoints(
    organisation: str, actor: Actor, doors: DoorsOf, limit: Limit = PAGE_LIMIT, cursor: str | None = None,
    disabled: bool | None = None,
) -> Response:  # fmt: skip
    """Its addresses by name, the types each takes, and how each does; no secrets."""
    found = await asyncio.to_thread(doors.registry.endpoints.all_of, _checked(organisation))
    wanted = [one for one in found if disabled is None or one.disabled == disabled]
    shown, following = part_of(wanted, lambda one: (one.name, ""), cursor, limit)
    return json_answer({"items": [_view(doors, one) for one in shown], "next_cursor": following}, headers=NO_STORE)


@router.delete("/endpoints/{name}", status_code=204)
async def delete_endpoint(organisation: str, name: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Nothing is sent there any more; takes its `etag` as `If-Match`."""

    def check(held: Endpoint) -> None:
        check_match(request, endpoint_tag(doors.registry, held))

    if not await asyncio.to_thread(doors.registry.endpoints.remove, _checked(organisation), name, check):
        raise Problem(Refusal.UNKNOWN_ENDPOINT)
    return Response(status_code=204)


@router.post("/endpoints/{name}/rotate")
async def rotate_endpoint(organisation: str, name: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """A new secret for what we send there. Until the overlap is over we sign with both."""
    body = await read_body(request, RotateBody)
    try:
        made = await asyncio.to_thread(doors.registry.endpoints.rotate, _checked(organisation), name, body.overlap_s)
    except KeyError:
        raise Problem(Refusal.UNKNOWN_ENDPOINT) from None
    return json_answer({"organisation": organisation, "name": name, "secret_out": made.secret_out}, headers=NO_STORE)


@router.post("/secret/rotate")
async def rotate_secret(organisation: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """A new secret for what the organisation sends. Until the overlap is over either is accepted."""
    body = await read_body(request, RotateBody)
    try:
        held = await asyncio.to_thread(doors.registry.endpoints.rotate_in, _checked(organisation), body.overlap_s)
    except KeyError:
        raise Problem(Refusal.UNKNOWN_ENDPOINT) from None
    doors.signed.forget(organisation)
    return json_answer({"organisation": organisation, "secret_in": held[0]}, headers=NO_STORE)


@router.get("/deliveries")
async def list_deliveries(
    organisation: str, actor: Actor, doors: DoorsOf, status: str = "", type: str = "", since: AwareDatetime | None = None,
    limit: Limit = PAGE, cursor: str | None = None,
) -> Response:  # fmt: skip
    """What was sent to the organisation, the newest first."""
    begin = since.timestamp() if since is not None else 0.0
    log = DeliveryLog(doors.registry)
    after = read_cursor(cursor, Place) if cursor else None
    found, last = await asyncio.to_thread(
        log.page, _checked(organisation), status=status, type_=type, since=begin, after=after, limit=limit
    )
    following = write_cursor(last) if last is not None else None
    return json_answer({"items": found, "next_cursor": following}, headers=NO_STORE)


@router.get("/deliveries/{effect_id}")
async def get_delivery(organisation: str, effect_id: str, actor: Actor, doors: DoorsOf) -> Response:
    """Each attempt of one webhook: when, how long it took, and what was answered."""
    found = await asyncio.to_thread(DeliveryLog(doors.registry).attempts, _checked(organisation), effect_id)
    if not found:
        raise Problem(Refusal.UNKNOWN_DELIVERY)
    return json_answer(LoggedAttempts(effect_id=effect_id, attempts=found), headers=NO_STORE)


@router.post("/deliveries/{effect_id}/resend", status_code=202)
async def resend_delivery(organisation: str, effect_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Send it again under the same id, within a second."""
    await read_body(request, ResendBody)
    marked = await asyncio.to_thread(DeliveryLog(doors.registry).resend, _checked(organisation), effect_id)
    if not marked:
        raise Problem(Refusal.UNKNOWN_DELIVERY)
    return json_answer({"marked": marked}, 202)


@router.post("/deliveries:recover", status_code=202)
async def recover_deliveries(organisation: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Send all again that was made since then and not delivered, in order."""
    body = await read_body(request, RecoverBody)
    marked = await asyncio.to_thread(DeliveryLog(doors.registry).recover, _checked(organisation), body.since.timestamp())
    return json_answer({"marked": marked}, 202)


async def _put(doors: Doors, request: Request, organisation: str, name: str, body: EndpointBody, actor: str) -> Response:
    _checked(organisation)
    if not is_id(name):
        raise Problem(Refusal.WRONG_FIELD, "name: has the wrong type or value")
    try:
        await Targets(doors.settings.webhook_allow).resolve(body.url)
    except TargetRefused as refused:
        if refused.reason != NO_SUCH_NAME:  # a name may come to be later
            raise Problem(Refusal.ENDPOINT_NOT_ALLOWED, f"url: {refused.reason}") from None
    endpoints = doors.registry.endpoints
    before = await asyncio.to_thread(endpoints.find, organisation, name)

    def check(held: Endpoint) -> None:
        if (held.url, held.types) != (body.url, tuple(body.types)) or "if-match" in request.headers:
            check_match(request, endpoint_tag(doors.registry, held))

    endpoint = await asyncio.to_thread(endpoints.put, organisation, body.url, name, body.types, check)
    doors.signed.forget(organisation)
    if before is not None and (before.disabled or before.failing_since):
        await _tell_set_again(doors, endpoint, actor)
    answer = {
        "organisation": organisation, "name": name, "url": endpoint.url, "types": endpoint.types,
        "secret_out": endpoint.secret_out, "secret_in": endpoint.secret_in, "etag": endpoint_tag(doors.registry, endpoint),
    }  # fmt: skip
    return json_answer(answer, headers=NO_STORE | {"ETag": answer["etag"]})


async def _tell_set_again(doors: Doors, endpoint: Endpoint, actor: str) -> None:
    """What waited goes out now, and offers go there again instead of by telephone."""
    await asyncio.to_thread(DeliveryLog(doors.registry).hurry, endpoint.organisation, endpoint.name)
    payload = EndpointReported(organisation=endpoint.organisation, endpoint=endpoint.name, status="up", reason="set_again")
    for home in await doors.roster.find("organisation", endpoint.organisation):
        said = command_id_of(endpoint.organisation, "EndpointReported", f"{endpoint.name}/{doors.clock.now().isoformat()}")
        await doors.append(topics.COMMANDS, envelope_of(doors, payload, said, home.district, actor))


def _checked(organisation: str) -> str:
    if not is_id(organisation):
        raise Problem(Refusal.WRONG_FIELD, "organisation: has the wrong type or value")
    return organisation


def _view(doors: Doors, endpoint: Endpoint) -> EndpointView:
    return EndpointView(
        organisation=endpoint.organisation, name=endpoint.name, url=shown(endpoint.url), types=endpoint.types,
        disabled=endpoint.disabled, disabled_reason=endpoint.disabled_reason, disabled_at=endpoint.disabled_at,
        failing_since=endpoint.failing_since, rotating=bool(endpoint.secrets_out_before),
        etag=endpoint_tag(doors.registry, endpoint),
    )  # fmt: skip
