"""Questions to the dispatcher that owns a district. They are never journalled and change nothing."""

from __future__ import annotations

from datetime import datetime

import msgspec

from streams.contracts.calls import CallPromise
from streams.contracts.envelope import Envelope


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` "why": why `visit_id` has the worker it has, or none. "preview": what `envelope` would do if it came now.
    "call": the promises of today of `recipient_ids`, and what may be wished of each.

    The answer comes back under `query_id`; nobody waits after `expires_wall_s` (wall clock, Unix seconds).
    """

    query_id: str
    district: str
    kind: str
    visit_id: str = ""
    envelope: Envelope | None = None
    recipient_ids: tuple[str, ...] = ()
    expires_wall_s: float


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A worker who serves the visit (`chosen`) or could: what it adds to the plan's price (about one unit a second), in
    all and by term of the objective (docs/model.md; terms of 0 are left out), and when it begins."""

    worker_id: str
    price: int
    begin_at: datetime
    area_id: str = ""
    chosen: bool = False
    terms: tuple[tuple[str, int], ...] = ()


class Forbidden(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of eligibility and what it is about (a service, a skill, a credential, by code), and how many workers it is the
    first to keep from the visit."""

    rule: str
    about: str
    worker_count: int


class Nearest(msgspec.Struct, frozen=True, kw_only=True):
    """What would help a visit that nobody can take. `how`: "area" (workers of an area that may not help so far), "later"
    (a begin after the window) or "credential" (a training or test renewed). Then `worker_count` workers of the area
    could, the cheapest for `price`, from `begin_at` on."""

    how: str
    area_id: str
    worker_count: int
    price: int
    begin_at: datetime


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A visit that would begin more than a minute earlier or later, or that others would have: as it stands (`from_at`,
    `from_worker_ids`) and as it would (`until_at`, `until_worker_ids`). No instant: nobody comes (any more, or yet)."""

    visit_id: str
    from_at: datetime | None
    until_at: datetime | None
    from_worker_ids: tuple[str, ...] = ()
    until_worker_ids: tuple[str, ...] = ()


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What an input would do: the command's outcome, which visits would change (event and worker of each), and by how
    much the plan's price would, by term of the objective (terms that stay are left out). `rules`: the hard ones in the way of
    what would be refused, else the soft ones that would be broken all the same. `state`, `worker_ids` and `begin_at`: how the
    visit would stand. `moved`: other visits too, as far as they are there already; the visit itself first."""

    outcome: str
    code: str
    changes: tuple[tuple[str, str, str], ...]  # (visit_id, event, worker_ids)
    refused_reports: tuple[str, ...]
    price_by_term: tuple[tuple[str, int], ...] = ()
    rows: tuple[tuple[int, str], ...] = ()  # of a batch, as in the command's outcome
    rules: tuple[str, ...] = ()
    state: str = ""
    worker_ids: tuple[str, ...] = ()
    begin_at: datetime | None = None
    moved: tuple[Moved, ...] = ()
    hidden: int = 0  # changes of visits that the caller may not see; put there by the API


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`candidates`: who has the visit first, then who else could, cheapest first. `obstacles`: (rule, how many workers it
    keeps away), most first. `settled`: closed or under way, there is no choice any more. The sentence says it all in
    words, with the names of areas and no personal data. `code` when the question itself is refused."""

    query_id: str
    now_at: datetime
    code: str = ""
    visit_id: str = ""
    state: str = ""
    worker_ids: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    obstacles: tuple[tuple[str, int], ...] = ()
    nearest: Nearest | None = None
    forbidden: tuple[Forbidden, ...] = ()
    settled: bool = False
    sentence_ko: str = ""
    sentence_en: str = ""
    preview: Preview | None = None
    promises: tuple[CallPromise, ...] = ()


def answer_key(query_id: str) -> str:
    """The Redis list on which the answer is laid."""
    return f"dolbom:answer:{query_id}"
