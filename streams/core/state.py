"""The state of one district: what `apply` makes of decisions. JSON-encodable, ordered by insertion, no I/O.

Whoever folds owns the state: `decide` and `apply` advance it in place (docs/decisions/0003-state-is-owned.md).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from streams.contracts.area_balance import HelpWanted, Shortage
from streams.contracts.crisis import PostingState
from streams.contracts.decisions import (
    ClaimMade,
    ExceptionRaised,
    HelpAsked,
    HelpHeard,
    NeedSupplied,
    OfferMade,
    PlannedStop,
    PostingRequested,
    UndoKept,
    UnmetNeedRecorded,
    VisitRequested,
    VisitState,
)  # fmt: skip
from streams.contracts.district import DistrictConfig, Place, WorkerProfile
from streams.contracts.eligibility import Credential
from streams.contracts.intake import Authorisation, IntakeRecorded
from streams.contracts.work import WorkerRested
from streams.core.disruption_record import DisruptionRecord

if TYPE_CHECKING:
    from streams.core.runtime import Runtime

STATE_SCHEMA = 1
"""Raise when a field changes its meaning: older snapshots are then dropped and the decisions folded again."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Declined(msgspec.Struct, frozen=True, kw_only=True):
    """Who said no, and to which terms: other terms are another offer."""

    worker_ids: tuple[str, ...]
    begin_at: datetime
    window_start_at: datetime
    window_end_at: datetime
    place: Place
    fee_krw: int


class VisitRecord(msgspec.Struct, kw_only=True):
    """A visit as it stands. `spec` is how it was requested (but for the kitchen, when another took over); `worker_ids` who
    has it (or is asked, or planned)."""

    spec: VisitRequested
    state: VisitState
    changes: int = 0
    changed_at: datetime
    worker_ids: list[str] = []
    accepted_ids: list[str] = []  # those of worker_ids who said yes
    past_worker_ids: list[str] = []  # who ever said yes: a late report of theirs still counts
    declined_ids: list[str] = []  # not asked again for this visit while its terms are the same
    declines: list[Declined] = []
    extra_fee_krw: int = 0
    paid: dict[str, int] = {}  # worker -> won booked for it, when done
    paid_week: str = ""
    rung: int = 0
    reason: str = ""
    owner: str = ""
    no_answers: int = 0
    ready_at: datetime | None = None
    pickup_worker: str = ""  # a meal to be collected from a worker who cannot go on
    picked_up_at: datetime | None = None
    arrived_at: datetime | None = None
    done_at: datetime | None = None
    pinned_id: str = ""  # whom a person chose
    forbidden_ids: list[str] = []  # whom a person ruled out
    waived_rules: list[str] = []  # hard rules that a person broke knowingly for `pinned_id`
    told_at: datetime | None = None  # when it was to begin as its worker said yes; only where later has a price
    access_ids: list[str] = []  # those of accepted_ids who were told how to get in
    insertions: int = 0  # times it was planned anew, for the story
    waiting_since_at: datetime | None = None  # since when it has had to climb; for the record of who supplied
    open_to: list[str] = []  # organisations that see it and may claim it
    claim_id: str = ""  # the claim that is open or was confirmed
    held_by: str = ""  # a claim or another district: nobody else may take it meanwhile
    ask_ids: list[str] = []  # other districts that were asked
    supplied: NeedSupplied | None = None
    guest_of: str = ""  # the district whose recipient it is
    reserved: bool = False  # kept free for another district, which has not accepted yet
    tasks_done: list[str] = []
    counted: list[str] = []  # envelopes of reports that would count again if they came again
    boxes_returned: int = 0
    left_at: datetime | None = None  # since then what was brought stands at the door, by its worker's word
    late_told_at: datetime | None = None  # when it was last said to come, since it is late
    late_raised_at: datetime | None = None  # the same as it stood when a person got it

    @property
    def is_to_offer(self) -> bool:
        """Planned with somebody who is still to be asked; not while it is only kept free for another district."""
        return self.state is VisitState.PLANNED and not self.reserved


class WorkerRecord(msgspec.Struct, kw_only=True):
    """A worker as last reported. `status`: off, on, ended, out, lost (relieved because nobody hears of them). `stops`: the
    rest of the route."""

    profile: WorkerProfile
    status: str = "off"
    place: Place
    free_at: datetime
    stops: list[PlannedStop] = []
    busy_s: int = 0
    travel_s: int = 0
    credentials: dict[str, Credential] = {}
    credential_versions: dict[str, int] = {}  # code -> how often what is held of it was changed
    credentials_said: dict[str, bool] = {}  # code -> recorded, issued or withdrawn by somebody, not as the configuration lists it
    posting_id: str = ""  # out of the pool from its begin to its end
    posted_from_at: datetime | None = None
    asked_at: datetime | None = None  # nothing was heard, and they are being asked
    asked_why: str = ""
    heard_at: datetime | None = None  # last answered
    called_in_for: str = ""  # of the substitute pool: for whom
    rested: list[datetime] = []  # rests that were taken, by when each could begin
    rests_taken: list[WorkerRested] = []  # the same, with when they were had


class ExclusionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """These two do not meet. `by`: recipient or worker; `reason` "" and not `said`: as the configuration lists it."""

    by: str
    since_at: datetime
    reason: str = ""
    said: bool = False


class RefusalsRecord(msgspec.Struct, kw_only=True):
    """Who refused a recipient's care, and how often."""

    by_provider: dict[str, int] = {}
    public_only: bool = False


class IntakeRecord(msgspec.Struct, kw_only=True):
    """A referral; `outcome` once the care manager was there."""

    recorded: IntakeRecorded
    outcome: str = ""


class Booking(msgspec.Struct, array_like=True):
    """What one visit, posting or issue uses of a programme, and since when."""

    kind: str
    krw: int
    equipment: dict[str, int]
    at: datetime


class ProgrammeRecord(msgspec.Struct, kw_only=True):
    """A switched programme: in force for these dates, with what is booked."""

    is_on: bool
    from_date: str
    until_date: str
    budget_krw: int
    stock: dict[str, int]
    version: int = 0  # how often it was switched; bookings do not count
    booked_krw: int = 0
    booked_equipment: dict[str, int] = {}
    bookings: dict[str, Booking] = {}


class PostingRecord(msgspec.Struct, kw_only=True):
    """A posting as it stands."""

    spec: PostingRequested
    state: PostingState = PostingState.WAITING
    worker_id: str = ""
    begun_at: datetime | None = None
    reason: str = ""


class OfferRecord(msgspec.Struct, kw_only=True):
    made: OfferMade
    outcome: str = ""  # "" while open
    reminded: bool = False


class ExceptionRecord(msgspec.Struct, kw_only=True):
    raised: ExceptionRaised
    owner: str
    due_at: datetime
    outcome: str = ""
    settled_by: str = ""
    acknowledged_by: str = ""  # of the present owner's people
    changes: int = 0


class ClaimRecord(msgspec.Struct, kw_only=True):
    made: ClaimMade
    outcome: str = ""  # "" while open
    settled_by: str = ""


class AskRecord(msgspec.Struct, kw_only=True):
    """What we asked of another district, and how far it has come (asker's side)."""

    asked: HelpAsked
    state: str
    heard: int = 0  # the newest message of theirs about it; an older one that comes late says nothing more
    tries: int = 0
    moved_at: datetime
    declined: bool = False


class GuestRecord(msgspec.Struct, kw_only=True):
    """What another district asked of us (helper's side)."""

    asked: HelpHeard
    state: str
    heard: int = 0
    tries: int = 0
    moved_at: datetime
    open_to: list[str] = []
    claimed_by: str = ""  # the worker whom a provider of ours named


class CommandRecord(msgspec.Struct, array_like=True):
    outcome: str
    visit_id: str
    code: str


class WorkerWeek(msgspec.Struct, kw_only=True):
    """What one worker was given and did in an ISO week; `day_active_s` and `day_distance_m` of it on `day`. Offers count
    visits."""

    distance_m: int = 0
    active_s: int = 0
    income_krw: int = 0
    visits: int = 0
    offered: int = 0
    accepted: int = 0
    declined: int = 0
    silent: int = 0
    day: str = ""
    day_active_s: int = 0
    day_distance_m: int = 0


class Totals(msgspec.Struct, kw_only=True):
    """Running figures of the ledger that no visit carries."""

    solves: int = 0
    plans_proposed: int = 0
    plans_adopted: int = 0
    visits_moved: int = 0
    offers: int = 0
    exceptions: int = 0
    messages: int = 0
    claims: int = 0
    broken: dict[str, int] = {}  # what broke, and how it was met, by name
    by_offer: dict[str, int] = {}  # how offers went, by what happened
    happened: dict[str, int] = {}  # "point:what", see `day_points`


class DistrictState(msgspec.Struct, kw_only=True, dict=True):
    """Everything that the district's decisions have made. `dict=True` holds the runtime cache beside the fields; it is
    derived, never encoded."""

    district: str
    now_at: datetime = EPOCH
    config: DistrictConfig | None = None
    visits: dict[str, VisitRecord] = {}
    to_place: list[str] = []  # filed in large batches and not looked at yet, in this order
    workers: dict[str, WorkerRecord] = {}
    offers: dict[str, OfferRecord] = {}
    exceptions: dict[str, ExceptionRecord] = {}
    deadlines: dict[str, datetime] = {}
    commands: dict[str, CommandRecord] = {}
    watermarks: dict[str, int] = {}
    undo: dict[str, UndoKept] = {}
    locked: list[str] = []  # visits whose place on their worker's way a person has fixed
    exclusions: dict[str, dict[str, ExclusionRecord]] = {}  # recipient -> worker -> who said so
    lifted: dict[str, dict[str, datetime]] = {}  # recipient -> worker -> when, while a configuration may still list them
    refusals: dict[str, RefusalsRecord] = {}  # by recipient
    intakes: dict[str, IntakeRecord] = {}  # by recipient
    authorised: dict[str, dict[str, Authorisation]] = {}  # recipient -> service ("" for all) -> what was granted
    grant_versions: dict[str, dict[str, int]] = {}  # recipient -> service -> how often that was changed
    programmes: dict[str, ProgrammeRecord] = {}  # those that were switched on
    postings: dict[str, PostingRecord] = {}
    late_boxes: dict[str, int] = {}  # "kitchen/kind of meal" -> boxes added after its cut-off
    disruptions: dict[str, DisruptionRecord] = {}
    spare_used: dict[str, int] = {}  # kitchen_id -> spare meals given out
    unmet_needs: list[UnmetNeedRecorded] = []
    claims: dict[str, ClaimRecord] = {}
    asks: dict[str, AskRecord] = {}
    guests: dict[str, GuestRecord] = {}
    helps: tuple[HelpWanted, ...] = ()  # the area balance of the newest plan
    shorts: tuple[Shortage, ...] = ()
    organisations_down: dict[str, str] = {}  # whose app server is down or disabled; offers to them go by telephone
    weeks: dict[str, dict[str, WorkerWeek]] = {}  # ISO week -> worker; the last two
    fair_shares: dict[str, int] = {}  # worker -> seconds of paid work that are fair on `fair_date`
    fair_date: str = ""
    faces: dict[str, list[str]] = {}  # recipient -> workers they know, the last who came first
    totals: Totals = msgspec.field(default_factory=Totals)
    solve_pending: str = ""
    plan_dirty: bool = False
    closed_date: str = ""

    @property
    def runtime(self) -> Runtime:
        """The derived index for planning; built when first needed."""
        cached: Runtime | None = self.__dict__.get("_runtime")
        if cached is None:
            from streams.core.runtime import Runtime

            cached = self.__dict__["_runtime"] = Runtime(self)
        return cached

    def drop_runtime(self) -> None:
        """Forget the index; the next use builds it from the fields."""
        self.__dict__.pop("_runtime", None)


def new_state(district: str) -> DistrictState:
    """The empty state of a district."""
    return DistrictState(district=district)


def copy_of(state: DistrictState) -> DistrictState:
    """A state of one's own, for thought experiments."""
    return msgspec.json.decode(msgspec.json.encode(state), type=DistrictState)


def state_hash(state: DistrictState) -> str:
    """SHA-256 (64 hex digits) of the state's canonical JSON. No offsets and no wall clock are in the state."""
    return hashlib.sha256(msgspec.json.encode(state, order="sorted")).hexdigest()
