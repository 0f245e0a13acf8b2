"""Batches of people: somebody new is stored, somebody who is there is replaced only as they were read (`etag` of the item, or
`*` for whatever is there). All or none; what is in the way is named by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fastapi import Request

from services.api.models import RecipientBody, WorkerBody
from services.api.problems import Problem
from services.api.row_errors import row_error
from streams.contracts.refusals import Refusal

ANYTHING = "*"
Item = TypeVar("Item", RecipientBody, WorkerBody)
Kept = TypeVar("Kept")
Judged = tuple[list[Kept], list[dict[str, str]]]
"""Whom to write, and what to answer of each item: its `outcome` and `etag`."""


def whatever_is_there(request: Request) -> bool:
    """`If-Match: *`: every item replaces what stands there. A tag belongs to an item, not to the whole batch."""
    given = request.headers.get("if-match", "").strip()
    if given not in ("", ANYTHING):
        raise Problem(Refusal.WRONG_FIELD, "If-Match: is * or nothing here; each item has its own etag")
    return given == ANYTHING


def check_once_each(ids: Sequence[str], name: str) -> None:
    """Raises for whoever stands twice in a batch: one of the two would be lost."""
    first: dict[str, int] = {}
    again = [row for row, id_ in enumerate(ids) if first.setdefault(id_, row) != row]
    if again:
        raise refused([row_error(row, name, Refusal.WRONG_FIELD, "stands twice in this batch") for row in again])


def judge(
    items: Sequence[Item], known: Sequence[Kept | None], wanted: Sequence[Kept], tag_of: Callable[[Kept], str], anything: bool
) -> Judged[Kept]:
    """Raises with every row that would overwrite what its
    sender has not seen. Who is stored just so already is left alone, whatever their tag: it is the same batch again."""
    write, answers, rows = [], [], []
    for row, (item, before, now) in enumerate(zip(items, known, wanted, strict=True)):
        tag = tag_of(now)
        outcome = "stored"
        if before is not None:
            outcome = "unchanged" if tag_of(before) == tag else "replaced"
        if outcome == "replaced" and item.etag is None and not anything:
            rows.append(row_error(row, "etag", Refusal.IF_MATCH_MISSING))
        elif item.etag not in (None, ANYTHING) and outcome != "unchanged" and (before is None or tag_of(before) != item.etag):
            rows.append(row_error(row, "etag", Refusal.VERSION_CONFLICT))  # `*` for all does not outdo what an item says
        elif outcome != "unchanged":
            write.append(now)
        answers.append({"outcome": outcome, "etag": tag})
    if rows:
        raise refused(rows)
    return write, answers


def refused(rows: list[dict[str, Any]]) -> Problem:
    return Problem(Refusal.BATCH_REFUSED, more={"rows": rows})
