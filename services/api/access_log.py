"""Who read whose personal data, which fields, and why: for auditors, and for the person whose data it is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from services.api.auth import CallerOf
from services.api.commands import json_answer
from services.api.doors import DoorsOf
from services.api.identifiers import is_id
from services.api.pages import PAGE_LIMIT, Limit
from services.api.problems import Problem
from streams.contracts.refusals import Refusal

router = APIRouter(prefix="/v1", tags=["people"])


@router.get("/access-log")
async def list_reads(
    caller: CallerOf, doors: DoorsOf,
    recipient: Annotated[str | None, Query(description="whose data: a recipient's id")] = None,
    limit: Limit = PAGE_LIMIT,
    cursor: str | None = None,
) -> Response:  # fmt: skip
    """Reads of personal data, oldest first: when, by whom, whose, which fields, why. With `recipient`, all that one person may
    ask us for; without it, everybody's (an installation-wide auditor or the operator only)."""
    if recipient is None and caller.is_limited:
        raise Problem(Refusal.UNKNOWN_RECIPIENT)
    if recipient is not None and (not is_id(recipient) or not await _is_known(caller, doors, recipient)):
        raise Problem(Refusal.UNKNOWN_RECIPIENT)
    if cursor is not None and not (cursor.isdigit() and len(cursor) < 19):
        raise Problem(Refusal.WRONG_FIELD, "cursor: is not a cursor that this system gave")
    rows = await asyncio.to_thread(doors.registry.list_reads, recipient, int(cursor or 0), limit + 1)
    items = [
        {"at": datetime.fromtimestamp(one.at, UTC), "actor": one.actor, "subject": one.subject, "fields": one.fields.split(","),
         "why": one.why}
        for one in rows[:limit]
    ]  # fmt: skip
    following = str(rows[limit - 1].row) if len(rows) > limit else None
    return json_answer({"items": items, "next_cursor": following}, headers={"Cache-Control": "no-store"})


async def _is_known(caller: CallerOf, doors: DoorsOf, recipient: str) -> bool:
    if caller.is_limited:
        return await doors.people.has_recipient(caller, recipient)
    return recipient in await asyncio.to_thread(doors.registry.homes, [recipient])
