"""Questions to the dispatcher that owns a district. They are never journalled and change nothing."""

from __future__ import annotations

from datetime import datetime

import msgspec

from streams.contracts.envelope import Envelope


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` "why": why `visit_id` has the worker it has, or none. "preview": what `envelope` would do if it came now.

    The answer comes back under `query_id`; nobody waits after `expires_wall_s` (wall clock, Unix seconds).
    """

    query_id: str
    district: str
    kind: str
    visit_id: str = ""
    envelope: Envelope | None = None
    expires_wall_s: float


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A worker who could serve the visit, what it would add to the plan's price (about one unit a second), and when."""

    worker_id: str
    price: int
    begin_at: datetime


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What an input would do: the command's outcome, and which visits would change (event and worker of each)."""

    outcome: str
    code: str
    changes: tuple[tuple[str, str, str], ...]  # (visit_id, event, worker_ids)
    refused_reports: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`obstacles`: (rule, how many workers it keeps away), most first. `code` when the question itself is refused."""

    query_id: str
    now_at: datetime
    code: str = ""
    visit_id: str = ""
    state: str = ""
    worker_ids: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    obstacles: tuple[tuple[str, int], ...] = ()
    preview: Preview | None = None


def answer_key(query_id: str) -> str:
    """The Redis list on which the answer is laid."""
    return f"dolbom:answer:{query_id}"
