"""Every error is an RFC 9457 problem document with a code of the closed list and what to do about it.

Nothing of the request is quoted in it: a wrong field may hold a name, and so may a field's name.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import ValidationError
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.adapters.log_writer import LogUnavailable, RecordTooLarge
from streams.contracts.codec import Malformed
from streams.contracts.refusals import REMEDIES, Refusal

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

BY_STATUS = {
    400: Refusal.BAD_REQUEST,
    401: Refusal.TOKEN_MISSING,
    404: Refusal.NOT_FOUND,
    405: Refusal.NOT_ALLOWED,
    408: Refusal.TOO_SLOW,
    413: Refusal.TOO_LARGE,
    422: Refusal.WRONG_FIELD,
    429: Refusal.RATE_LIMITED,
    500: Refusal.INTERNAL_ERROR,
}


class Problem(Exception):
    """Raise it anywhere in a request. `detail` must not quote what came in; `more` are further members. `status` where
    HTTP has one of its own for the case."""

    def __init__(
        self, code: Refusal, detail: str = "", *, more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None, status: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.more = dict(more or {})
        self.headers = dict(headers or {})
        self.status = status


def document(
    code: Refusal, detail: str = "", more: Mapping[str, Any] | None = None, status: int | None = None
) -> dict[str, Any]:
    """The problem as plain values."""
    remedy = REMEDIES[code]
    return {
        "type": f"urn:dolbom:problem:{code.value}",
        "title": code.value.replace("_", " ").capitalize(),
        "status": status or remedy.status,
        "detail": detail or remedy.en,
        "code": code.value,
        "remedy": {"ko": remedy.ko, "en": remedy.en},
        **(more or {}),
    }


def problem_response(
    code: Refusal, detail: str = "", more: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None,
    status: int | None = None,
) -> Response:  # fmt: skip
    shown = document(code, detail, more, status)
    return Response(msgspec.json.encode(shown), shown["status"], dict(headers or {}), MEDIA_TYPE)


def refusal_of(code: str) -> Refusal:
    """The refusal of a code that came from the core; a code we do not know (a newer core) is a bad request."""
    try:
        return Refusal(code)
    except ValueError:
        return Refusal.BAD_REQUEST


def remedy_of(code: str) -> dict[str, str] | None:
    """What to do about a refusal that came from the core, in both languages; None without a code."""
    if not code:
        return None
    remedy = REMEDIES[refusal_of(code)]
    return {"ko": remedy.ko, "en": remedy.en}


def field_errors(error: ValidationError) -> list[dict[str, Any]]:
    """Each wrong field: `where` as a path of names and indexes, `field` as text, `code`, `problem`."""
    items = error.errors(include_url=False, include_input=False)
    return [{**_field_error(item), "where": item["loc"]} for item in items]


def from_validation(error: ValidationError) -> Problem:
    """A typed problem of a body that a model refused: the first code that a validator named, else wrong_field."""
    found = [_field_error(item) for item in error.errors(include_url=False, include_input=False)]
    code = next((Refusal(one["code"]) for one in found if one["code"] != Refusal.WRONG_FIELD), Refusal.WRONG_FIELD)
    if any(one["code"] == Refusal.NOT_JSON for one in found):
        return Problem(Refusal.NOT_JSON, "the body is not JSON")
    first = next(one for one in found if one["code"] == code)
    return Problem(code, f"{first['field']}: {first['problem']}", more={"errors": found[:20]})


def _field_error(item: Mapping[str, Any]) -> dict[str, str]:
    kind, where = item["type"], list(item["loc"])
    if kind == "json_invalid":
        return {"field": "", "code": Refusal.NOT_JSON, "problem": "not JSON"}
    if kind in {code.value for code in Refusal}:  # raised by our validators as PydanticCustomError(code, text)
        return {"field": _path(where), "code": kind, "problem": item["msg"]}
    if kind == "extra_forbidden":
        return {"field": _path(where[:-1]), "code": Refusal.WRONG_FIELD, "problem": "holds a field that is not known"}
    expected = item.get("ctx", {}).get("expected", "")
    problem = _TEXTS.get(kind, "has the wrong type or value")
    return {
        "field": _path(where),
        "code": Refusal.WRONG_FIELD,
        "problem": f"{problem}; expected {expected}" if kind in ("enum", "literal_error") and expected else problem,
    }


_TEXTS = {
    "missing": "is missing",
    "string_too_long": "is too long",
    "string_too_short": "is too short",
    "too_long": "has too many items",
    "too_short": "has too few items",
    "finite_number": "is not a finite number",
    "timezone_aware": "is an instant without a time zone",
    "datetime_from_date_parsing": "is not an instant in ISO 8601 with a time zone",
    "datetime_parsing": "is not an instant in ISO 8601 with a time zone",
    "datetime_type": "is not an instant in ISO 8601 with a time zone",
    "greater_than_equal": "is out of range",
    "less_than_equal": "is out of range",
    "greater_than": "is out of range",
    "less_than": "is out of range",
}


_TAGS = ("degrees", "metres", "plain")  # pydantic's names for the forms of a place


def _path(where: Sequence[str | int]) -> str:
    text = ""
    for part in where:
        if part in _TAGS:
            continue
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "body"


def install(app: FastAPI) -> None:
    """Handlers for everything that can go wrong in a request."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return problem_response(error.code, error.detail, error.more, error.headers, error.status)

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, ValidationError)
        return await on_problem(request, from_validation(error))

    async def on_parameters(request: Request, error: Exception) -> Response:
        wrong = [
            {"field": _path(item["loc"][1:]), "code": Refusal.WRONG_FIELD, "problem": _TEXTS.get(item["type"], "is wrong")}
            for item in error.errors()  # type: ignore[attr-defined]
        ]
        return problem_response(Refusal.WRONG_FIELD, f"{wrong[0]['field']}: {wrong[0]['problem']}", {"errors": wrong})

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = BY_STATUS.get(error.status_code, Refusal.BAD_REQUEST)
        headers = dict(error.headers or {})
        if code is Refusal.NOT_ALLOWED:
            headers["Allow"] = ", ".join(sorted(_methods(app, request)))
        return problem_response(code, headers=headers)

    async def on_malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, Malformed)
        return problem_response(refusal_of(error.code), error.detail)

    async def on_log_away(request: Request, error: Exception) -> Response:
        return problem_response(Refusal.LOG_UNAVAILABLE, headers={"Retry-After": "2"})

    async def on_redis_away(request: Request, error: Exception) -> Response:
        return problem_response(Refusal.BOARD_UNAVAILABLE, headers={"Retry-After": "2"})

    async def on_registry_away(request: Request, error: Exception) -> Response:
        return problem_response(Refusal.REGISTRY_UNAVAILABLE, headers={"Retry-After": "2"})

    async def on_too_large(request: Request, error: Exception) -> Response:
        return problem_response(Refusal.TOO_LARGE, "the record is larger than one record of the log may be")

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(ValidationError, on_validation)
    app.add_exception_handler(RequestValidationError, on_parameters)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Malformed, on_malformed)
    app.add_exception_handler(LogUnavailable, on_log_away)
    app.add_exception_handler(RedisError, on_redis_away)
    app.add_exception_handler(OperationalError, on_registry_away)
    app.add_exception_handler(RecordTooLarge, on_too_large)


def _methods(app: FastAPI, request: Request) -> set[str]:
    allowed: set[str] = set()
    for router in app.state.routers:
        for route in router.routes:
            match, _ = route.matches(request.scope)
            if match is not Match.NONE:
                allowed |= getattr(route, "methods", None) or set()
    return allowed


class FaultMiddleware:
    """Our own faults: a problem for the caller, and a log line without the error's message, which may hold what came in
    (Starlette's own handler would hand the error on to uvicorn, message and all)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answering = False

        async def watched(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            route = getattr(scope.get("route"), "path", "no route")
            where = traceback.format_tb(error.__traceback__)[-3:]
            log.error("unexpected %s in %s\n%s", type(error).__name__, route, "".join(where).rstrip())
            if not answering:
                await problem_response(Refusal.INTERNAL_ERROR)(scope, receive, send)
