"""Optimistic concurrency at the door: `ETag` says which version was read, `If-Match` that an edit is of that version.

The log judges: what changed meanwhile is refused there (`version_conflict`). What the board already knows to be stale is
refused here, before anything is recorded.
"""

from __future__ import annotations

import re

import msgspec
from fastapi import Request

from services.api.problems import Problem
from streams.contracts.refusals import Refusal

PRECONDITION_FAILED = 412
_TAG = re.compile(r'"(\d{1,9})"')


class _Versioned(msgspec.Struct):
    version: int = 0


def etag_of(version: int) -> str:
    return f'"{version}"'


def version_of(row: bytes) -> int:
    """Of a row (or configuration) as it stands on the board."""
    return msgspec.json.decode(row, type=_Versioned).version


def expected_of(request: Request, named: int | None = None) -> int | None:
    """The version that an edit was made on, by `If-Match` or (`named`) by its body; None without. `*` asks for nothing
    that an edit does not ask for anyway: that it is there."""
    given = request.headers.get("if-match", "").strip()
    if not given or given == "*":
        return named
    found = _TAG.fullmatch(given)
    if found is None:
        raise Problem(Refusal.WRONG_FIELD, "If-Match: is no ETag that this system gave")
    version = int(found.group(1))
    if named is not None and named != version:
        raise Problem(Refusal.WRONG_FIELD, "expected_version: is another version than If-Match")
    return version


def check_not_stale(request: Request, expected: int | None, row: bytes | None) -> None:
    """Refuse an edit of a version older than the board's. The board may lag behind the log: the log judges the rest."""
    if expected is not None and row is not None and version_of(row) > expected:
        raise stale(request)


def stale(request: Request) -> Problem:
    """Answered 412 to who asked by `If-Match`, as HTTP has it."""
    status = PRECONDITION_FAILED if request.headers.get("if-match") else None
    return Problem(Refusal.VERSION_CONFLICT, status=status)
