"""What the board shows: rows in Redis, frames over SSE. No names, no phones: ids and codes only.

Redis keys, all under `dolbom:`: `board:{district}` hash (fields `v:{visit_id}`, `w:{worker_id}`, `x:{exception_id}`,
`o:{offer_id}`, `n:{need_id}`; `c:{worker_id}`, `g:{recipient_id}`, `er:{recipient_id}` and `ew:{worker_id}` (see `holdings`);
`i:{programme_id}` (issues of equipment); `counters`, `ledger`, `district`, `position`), `story:{visit_id}` list,
`command:{command_id}` string, `live:{district}` stream (id = journal offset + 1, field `frame`), `geo:{district}` hash of
worker positions.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from streams.contracts.area_balance import Shortage
from streams.contracts.crisis import PostingRow, ProgrammeRow
from streams.contracts.district import Place


class ClaimRow(msgspec.Struct, frozen=True, kw_only=True):
    """A claim (연계 수임) on a visit. `organisation` may be "district:CODE"; `outcome` "" while nobody has answered."""

    claim_id: str
    organisation: str
    worker_id: str
    rung: str
    price_krw: int
    expires_at: datetime
    outcome: str


class SuppliedRow(msgspec.Struct, frozen=True, kw_only=True):
    """Which rung supplied a need that had to climb, who, how long after it began to wait, and at what price."""

    rung: str
    supplier: str
    after_s: int
    price_krw: int


class VisitRow(msgspec.Struct, frozen=True, kw_only=True):
    """One visit of the list. `late_min` is expected or real lateness against `due_at`, 0 if on time."""

    visit_id: str
    reference: str
    recipient_id: str
    service: str
    meal_kind: str
    dong: str
    area_id: str
    place: Place
    state: str
    ledger_class: str
    priority: int
    window_start_at: datetime
    window_end_at: datetime
    due_at: datetime
    expected_at: datetime | None
    done_at: datetime | None
    late_min: int
    worker_ids: tuple[str, ...]
    organisation: str  # of the worker
    requested_by: str
    kitchen_id: str
    rung: int
    helped_from: str  # area_id of the worker if another than the visit's
    reason: str
    owner: str  # who has it when it needs a person
    pinned_id: str  # the worker whom a person chose, "" when the plan decides
    version: int  # number of changes so far
    changed_at: datetime
    open_to: tuple[str, ...] = ()  # organisations that see it and may claim it
    claim: ClaimRow | None = None
    supplied: SuppliedRow | None = None
    guest_of: str = ""  # the district whose recipient it is
    tasks: tuple[str, ...] = ()
    tasks_done: tuple[str, ...] = ()
    boxes_returned: int = 0
    locked: bool = False  # a person fixed its place on its worker's way


class StopRow(msgspec.Struct, frozen=True):
    visit_id: str
    kind: str
    place: Place
    begin_at: datetime


class WeekRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker was given and did in an ISO week ("2026-W10"). Offers are counted in visits; `silent`: asked, and
    nothing heard. `fair_today_s`: paid work that is a fair share of today."""

    week: str = ""
    visits: int = 0
    active_s: int = 0
    distance_m: int = 0
    income_krw: int = 0
    offered: int = 0
    accepted: int = 0
    declined: int = 0
    silent: int = 0
    fair_today_s: int | None = None


class RestRow(msgspec.Struct, frozen=True, kw_only=True):
    """A rest of a worker's shift: when it was had if it is `taken`, else where the route leaves room for it as planned now."""

    begin_at: datetime
    until_at: datetime
    taken: bool = False


class WorkerRow(msgspec.Struct, frozen=True, kw_only=True):
    worker_id: str
    kind: str
    organisation: str
    area_id: str
    mode: str
    status: str
    place: Place
    free_at: datetime
    onboard: int  # boxes picked up, not yet delivered
    stops: tuple[StopRow, ...]
    week: WeekRow = WeekRow()
    rests: tuple[RestRow, ...] = ()


class ExceptionRow(msgspec.Struct, frozen=True, kw_only=True):
    exception_id: str
    kind: str
    subject: str
    visit_id: str
    owner: str
    dong: str
    area_id: str
    raised_at: datetime
    due_at: datetime
    next_owner: str
    outcomes: tuple[str, ...]
    settled: str  # outcome, "" while open
    detail: str = ""  # a code: what was observed, which failure
    acknowledged_by: str = ""  # who is on it
    version: int = 0  # number of changes so far, for If-Match


class UnmetNeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A need that nobody could meet when it should have been. `reasons`: (rule, workers it stopped), most first."""

    need_id: str
    visit_id: str
    recipient_id: str
    service: str
    dong: str
    area_id: str
    rung: int
    stage: str
    reasons: tuple[tuple[str, int], ...]
    at: datetime


class OfferRow(msgspec.Struct, frozen=True, kw_only=True):
    offer_id: str
    kind: str
    organisation: str
    worker_id: str
    visit_ids: tuple[str, ...]
    begin_at: datetime
    expires_at: datetime
    outcome: str
    group_id: str = ""  # of those asked at once
    by_call: bool = False
    fee_krw: int = 0
    reminded: bool = False


class HelpWantedRow(msgspec.Struct, frozen=True, kw_only=True):
    """Workers of one area who are wanted in another for the same stretch of time. Advice by the area balance."""

    home_area_id: str
    area_id: str
    from_at: datetime
    until_at: datetime
    worker_ids: tuple[str, ...]


class DisruptionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A provider that fails or a mode that is paused now. `left`: visits still to be looked at, `waiting`: with nobody."""

    disruption_id: str
    kind: str  # provider or mode
    provider_id: str
    kitchen_id: str
    mode: str
    area_id: str
    reason: str
    from_at: datetime
    until_at: datetime
    moved: int
    left: int
    waiting: int


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """By state; they add up to `visits`, always."""

    visits: int
    by_state: dict[str, int]
    by_class: dict[str, int]
    by_area: dict[str, dict[str, int]]
    open_exceptions: int
    helps: tuple[HelpWantedRow, ...] = ()  # the area balance of the newest plan
    shorts: tuple[Shortage, ...] = ()
    programmes: tuple[ProgrammeRow, ...] = ()  # crisis programmes that were switched on
    postings: tuple[PostingRow, ...] = ()
    disruptions: tuple[DisruptionRow, ...] = ()  # going on now
    asked_workers: tuple[str, ...] = ()  # silent, and being asked: the next position of theirs goes into the log


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """일일 마감표. Shares are 0..1; None where nothing was counted."""

    service_date: str
    closed: bool
    visits: int
    done: int
    cancelled: int
    failed: int
    handed_over: int
    open: int
    unaccounted: int
    failed_by_reason: dict[str, int]
    handed_over_to: dict[str, int]
    on_time_share: float | None
    lateness_mean_min: float | None
    lateness_p95_min: float | None
    travel_per_visit_min: float | None
    helped_share: float | None
    plans_proposed: int
    plans_adopted: int
    visits_moved: int
    click_to_door_mean_min: float | None
    ready_to_pickup_mean_min: float | None
    orders_per_busy_hour: float | None
    unmet_needs: int = 0  # visits that nobody could serve when they should have been, served later or not
    unmet_by_reason: dict[str, int] = {}  # the rule that stopped most workers
    disruptions: dict[str, int] = {}  # what broke and how it was met: workers_asked, meals_collected, provider_failures, …
    offers: dict[str, int] = {}  # how offers went: made, by_call, accepted, in_part, late_yes, declined, expired, taken, ...
    crisis: dict[str, int] = {}  # visits, postings and booked_krw of crisis programmes
    eligibility: dict[str, int] = {}  # refusals_counted, late_boxes, and exceptions of eligibility by kind
    claims: int = 0
    claims_confirmed: int = 0
    supplied_by_rung: dict[str, int] = {}  # of needs that had to climb
    help_price_krw: int = 0
    guest_visits: int = 0  # made for other districts
    by_point: dict[str, dict[str, int]] = {}  # what happened: offers, ladder, doorstep, ... each with its counts


class StoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a visit's story. `cause`: input type and id that brought it; `offset` into the journal. `off_s`: how far
    the reporting phone's time was from ours when the report came, 0 unless it was far: late (negative), or ahead."""

    at: datetime
    event: str
    actor: str
    worker_id: str
    reason: str
    cause: str
    offset: int
    off_s: int = 0


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One SSE frame `board`: rows that changed by one decisions record."""

    id: str
    district: str
    now_at: datetime
    visits: tuple[VisitRow, ...] = ()
    workers: tuple[WorkerRow, ...] = ()
    exceptions: tuple[ExceptionRow, ...] = ()
    offers: tuple[OfferRow, ...] = ()
    unmet_needs: tuple[UnmetNeedRow, ...] = ()
    counters: Counters | None = None
    ledger: Ledger | None = None


class CommandOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `/v1/commands/{id}`: pending, accepted, refused (code), duplicate (of visit_id), undone (by whom). `actor`: of the
    input that settled it, who may always ask what became of it."""

    command_id: str
    outcome: str
    visit_id: str = ""
    code: str = ""
    rules: tuple[str, ...] = ()  # hard rules that stand in the way, or soft ones broken all the same
    rows: tuple[tuple[int, str], ...] = ()  # of a batch: (row, code) of what is refused, or was filed before ("duplicate")
    by: str = ""
    actor: str = ""
