"""Commands: append, then 202 with where the outcome will stand; `Prefer: wait=2` waits for the outcome."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.auth import Actor
from services.api.callers import limits
from services.api.doors import Doors, DoorsOf
from services.api.identifiers import command_id_of, is_command_id, is_id
from services.api.models import AcknowledgeBody, CloseDayBody, ConcernBody, SettleBody, read_body
from services.api.problems import Problem, document, refusal_of, remedy_of
from services.api.reach import sees_command
from services.api.repeats import key_of, mark_recorded
from services.api.row_errors import rows_of_codes
from services.api.said_again import is_known, said
from services.api.versions import check_not_stale, expected_of, stale
from streams import topics
from streams.adapters import board_keys as keys
from streams.contracts.board import CommandOutcome
from streams.contracts.envelope import Envelope, seal
from streams.contracts.inputs import AcknowledgeException, CloseDay, Payload, ReportConcern, SettleException
from streams.contracts.refusals import Refusal

WAIT_LIMIT_S = 10

router = APIRouter(prefix="/v1", tags=["commands"])


def wait_of(request: Request) -> int:
    """Seconds of `Prefer: wait=N`, bounded; 0 without."""
    found = re.search(r"\bwait=(\d{1,4})\b", request.headers.get("prefer", ""))
    return min(int(found.group(1)), WAIT_LIMIT_S) if found else 0


def json_answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(value), status, headers, "application/json")


def envelope_of(
    doors: Doors, payload: Payload, command_id: str, district: str, actor: str, dong: str | None = None,
    expected_version: int | None = None,
) -> Envelope:  # fmt: skip
    return seal(
        payload, id=command_id, district=district, actor=actor, at=doors.clock.now(), dong=dong,
        expected_version=expected_version,
    )  # fmt: skip


async def answer_command(
    doors: Doors, request: Request, topic: str, envelope: Envelope, command_id: str, visit_id: str = "",
    more: Mapping[str, Any] | None = None, at_least_s: int = 0, is_filing: bool = False,
) -> Response:  # fmt: skip
    """Append the command; 202, or its outcome when the caller waits for it (or we do, `at_least_s`). `more` is told in both, and
    `repeated` of a command that was there already and does nothing again. A filing does not wait for that look."""
    wait_s = max(wait_of(request), at_least_s)
    looking = asyncio.create_task(is_known(doors, command_id))
    if not is_filing:
        await looking
    mark_recorded(request)
    try:
        await doors.append(topic, envelope)
    finally:
        # What is found later could be this command's own outcome.
        repeated = {"repeated": True} if looking.done() and looking.result() else {}
        looking.cancel()
    doors.remember_command(command_id)
    outcome = await doors.outcomes.wait(command_id, wait_s) if wait_s else None
    status_url = f"/v1/commands/{command_id}"
    about = {"visit_id": visit_id} if visit_id else {}
    named = {"command_id": command_id, **about, "status_url": status_url, **repeated, **(more or {})}
    if outcome is None:
        return json_answer(named, 202, {"Location": status_url})
    if outcome.outcome == "refused":
        code = refusal_of(outcome.code)
        status = stale(request).status if code is Refusal.VERSION_CONFLICT else None
        more = {**named, **({"rules": outcome.rules} if outcome.rules else {})}
        if outcome.rows:
            more["rows"] = rows_of_codes(outcome.rows)
        raise Problem(code, more=more, status=status)
    return json_answer({**named, **_plain(outcome)}, 200, {"Preference-Applied": f"wait={wait_s}"})


async def give_command(
    doors: Doors, request: Request, actor: str, district: str, payload: Payload, command_id: str, dong: str | None = None,
    expected_version: int | None = None, visit_id: str = "",
) -> Response:  # fmt: skip
    """A person's command to a district, `visit_id` for one about a visit, answered as `answer_command` does."""
    envelope = envelope_of(doors, payload, command_id, district, actor, dong, expected_version)
    return await answer_command(doors, request, topics.COMMANDS, envelope, command_id, visit_id)


async def answer_about(
    doors: Doors, request: Request, actor: str, district: str, payload: Payload, command_id: str, subject: str, missing: Refusal,
    dong: str | None = None, expected_version: int | None = None,
) -> Response:  # fmt: skip
    """A command about what `subject` names; raises `missing` for what is no id at all."""
    if not is_id(subject):
        raise Problem(missing)
    doors.check_district(district)
    return await give_command(doors, request, actor, district, payload, command_id, dong, expected_version)


def _plain(outcome: CommandOutcome) -> dict[str, Any]:
    code = refusal_of(outcome.code) if outcome.code else None
    return {
        "command_id": outcome.command_id,
        "outcome": outcome.outcome,
        "visit_id": outcome.visit_id,
        "code": outcome.code,
        "rules": outcome.rules,
        "rows": rows_of_codes(outcome.rows) if outcome.outcome == "refused" else [],
        "filed_before": [row for row, _ in outcome.rows] if outcome.outcome == "accepted" else [],
        "remedy": remedy_of(outcome.code),
        "problem": document(code) if code else None,
    }


async def find_edited(doors: Doors, request: Request, visit_id: str, given: str | None, expected: int | None) -> str:
    """The district of a visit that is edited. Refuses an edit of a version that the board knows to be stale."""
    return await _find_edited_row(doors, request, visit_id, keys.visit_field, Refusal.UNKNOWN_VISIT, given, expected)


async def _find_edited_row(
    doors: Doors, request: Request, row_id: str, field_of: Callable[[str], str], missing: Refusal, given: str | None,
    expected: int | None,
) -> str:  # fmt: skip
    if not is_id(row_id):
        raise Problem(missing)
    field = field_of(row_id)
    district = await find_district(doors, field, given, missing)
    if expected is not None:
        check_not_stale(request, expected, await doors.board.find_row(district, field))
    return district


async def find_district(doors: Doors, field: str, given: str | None, missing: Refusal) -> str:
    """The district whose inbox a command about a row belongs to: the one given, the one it was just filed in, the one
    whose board has the row, or the only one there is (whose log then judges)."""
    given = given or doors.find_filed(field.partition(":")[2])
    if given is not None:
        doors.check_district(given)
        return given
    home = await doors.board.find_home(field)
    if home is not None:
        return home[0]
    districts = await doors.roster.districts()
    if len(districts) == 1:
        return districts[0]
    raise Problem(missing)


@router.get("/commands/{command_id}")
async def get_command(command_id: str, doors: DoorsOf) -> Response:
    """What became of a command: pending, accepted, refused (with code and remedy) or duplicate (of `visit_id`)."""
    if not is_command_id(command_id):
        raise Problem(Refusal.UNKNOWN_COMMAND)
    caller = limits()
    seen = caller is None or await sees_command(doors, caller, command_id)
    outcome = await doors.outcomes.find(command_id) if seen else None
    return json_answer(_plain(outcome or CommandOutcome(command_id=command_id, outcome="pending")))


async def _find_exception(doors: Doors, request: Request, exception_id: str, given: str | None, expected: int | None) -> str:
    """The district of an exception. Refuses an edit of a version that the board knows to be stale."""
    return await _find_edited_row(doors, request, exception_id, keys.exception_field, Refusal.UNKNOWN_EXCEPTION, given, expected)


@router.post("/exceptions/{exception_id}/settle", status_code=202)
async def settle_exception(exception_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """A person closes what needed one, with one of the outcomes that its row lists."""
    body = await read_body(request, SettleBody)
    expected = expected_of(request)
    district = await _find_exception(doors, request, exception_id, body.district, expected)
    payload = settle_of(exception_id, body, actor, key_of(request) + _made_on(expected))
    return await give_command(doors, request, actor, district, payload, payload.command_id, expected_version=expected)


def settle_of(exception_id: str, body: SettleBody, actor: str, key: str) -> SettleException:
    """The same body of the same actor is the same command; another `key` makes it another."""
    command_id = command_id_of(exception_id, "SettleException", f"{actor}/{body.outcome}/{key}")
    return SettleException(command_id=command_id, exception_id=exception_id, outcome=body.outcome)


def acknowledge_of(exception_id: str, actor: str, key: str) -> AcknowledgeException:
    command_id = command_id_of(exception_id, "AcknowledgeException", f"{actor}/{key}")
    return AcknowledgeException(command_id=command_id, exception_id=exception_id)


def _made_on(expected: int | None) -> str:
    return "" if expected is None else f"/{expected}"


@router.post("/exceptions/{exception_id}/acknowledge", status_code=202)
async def acknowledge_exception(exception_id: str, request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """Somebody has seen it and is on it: its deadline is set anew, and it still climbs when that passes."""
    body = await read_body(request, AcknowledgeBody)
    expected = expected_of(request)
    district = await _find_exception(doors, request, exception_id, body.district, expected)
    made_on = _made_on(expected)
    payload = await said(doors, request, actor, expected, lambda key: acknowledge_of(exception_id, actor, key + made_on))
    return await give_command(doors, request, actor, district, payload, payload.command_id, expected_version=expected)


@router.post("/concerns", status_code=202)
async def report_concern(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """A neighbour, a gatekeeper or kin is worried: the dong's care manager has it, with the deadline of what was seen."""
    body = await read_body(request, ConcernBody)
    doors.check_district(body.district)
    payload = await said(doors, request, actor, None, lambda key: concern_of(body, actor, key))
    return await give_command(doors, request, actor, body.district, payload, payload.command_id, body.dong)


def concern_of(body: ConcernBody, actor: str, key: str) -> ReportConcern:
    """The same body of the same actor is the same command; another `key` (idempotency) makes it another."""
    told = f"{actor}/{body.dong}/{body.observation}/{body.source}/{key}"
    command_id = command_id_of(body.recipient_id, "ReportConcern", told)
    return ReportConcern(
        command_id=command_id, concern_id=command_id, recipient_id=body.recipient_id, dong=body.dong,
        observation=body.observation, source=body.source,
    )  # fmt: skip


@router.post("/day/close", status_code=202)
async def close_day(request: Request, actor: Actor, doors: DoorsOf) -> Response:
    """End the service day: whatever is still open gets a named owner, and the ledger is drawn up."""
    body = await read_body(request, CloseDayBody)
    doors.check_district(body.district)
    command_id = command_id_of(body.district, "CloseDay", f"{body.service_date}/{key_of(request)}")
    payload = CloseDay(command_id=command_id, service_date=body.service_date)
    return await give_command(doors, request, actor, body.district, payload, command_id)
