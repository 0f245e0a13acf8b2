"""Optimistic concurrency at the door: `ETag` says which version was read, `If-Match` that an edit is of that version.

The log judges: what changed meanwhile is refused there (`version_conflict`). What the board already knows to be stale is
refused here, before anything is recorded.
"""

from __future__ import annotations

import re

import msgspec
from fastapi import Request

from services.api.doors import Doors
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


def made_on(expected: int | None) -> str:
    """For a command's words: the same ones on another version are another command."""
    return "" if expected is None else f"/on {expected}"


def check_not_stale(request: Request, expected: int | None, row: bytes | None) -> None:
    """Refuse an edit of a version older than the board's. The board may lag behind the log: the log judges the rest."""
    if expected is not None and row is not None and version_of(row) > expected:
        raise stale(request)


async def version_made_on(
    doors: Doors, request: Request, given: int | None, command_id: str, version: int, *, is_there: bool, is_same: bool
) -> int | None:  # fmt: skip
    """The version that a setting was made on; `version` (0: on none) where nothing else stands there; None: on whatever is
    there. Raises if_match_missing (428) when something else stands there and was not named, version_conflict (412) when it is
    newer. The board may lag: the log judges."""
    if given is not None:
        if version > given and await doors.outcomes.find(command_id) is None:
            raise stale(request)  # and not the repeat of a command that has made it so
        return given
    if "if-match" in request.headers:
        return None
    if is_there and not is_same:
        raise Problem(Refusal.IF_MATCH_MISSING)
    return version


def stale(request: Request) -> Problem:
    """Answered 412 to who asked by `If-Match`, as HTTP has it."""
    status = PRECONDITION_FAILED if request.headers.get("if-match") else None
    return Problem(Refusal.VERSION_CONFLICT, status=status)
