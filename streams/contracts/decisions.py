"""What the core decides. State is what `apply` makes of these; effects follow from them. Those about offers, help and people have
files of their own and are named here too (`X as X`)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from streams.contracts.area_balance import HelpWanted, Shortage
from streams.contracts.batches import ChunkPlaced, PlacingPostponed
from streams.contracts.calls import TermsChanged
from streams.contracts.decisions_help import (
    ClaimMade as ClaimMade,
    ClaimSettled as ClaimSettled,
    DistrictMessageSent as DistrictMessageSent,
    HelpAsked as HelpAsked,
    HelpHeard as HelpHeard,
    HelpMoved as HelpMoved,
    NeedClosed as NeedClosed,
    NeedOpened as NeedOpened,
    NeedSupplied as NeedSupplied,
    WatermarkRaised as WatermarkRaised,
)
from streams.contracts.decisions_offers import (
    DeclineRemembered as DeclineRemembered,
    DeclinesLifted as DeclinesLifted,
    FairSharesSet as FairSharesSet,
    FeeRaised as FeeRaised,
    OfferMade as OfferMade,
    OfferReminded as OfferReminded,
    OfferSettled as OfferSettled,
    SubstituteCalled as SubstituteCalled,
    WorkerSubstituted as WorkerSubstituted,
)
from streams.contracts.decisions_people import (
    CredentialChanged as CredentialChanged,
    ExclusionLifted as ExclusionLifted,
    PairExcluded as PairExcluded,
    PostingChanged as PostingChanged,
    PostingRequested as PostingRequested,
    ProgrammeBooked as ProgrammeBooked,
    ProgrammeSwitched as ProgrammeSwitched,
    RefusalCounted as RefusalCounted,
    RefusalsForgotten as RefusalsForgotten,
)
from streams.contracts.disruptions import (
    DisruptionEnded,
    KitchenChanged,
    MealRescued,
    ModePaused,
    PickupPutOff,
    PromiseChanged,
    ProviderFailed,
    VisitsMoved,
    WorkerAsked,
    WorkerHeard,
)
from streams.contracts.district import DistrictConfig, MealKind, Place, Service
from streams.contracts.intake import CareAuthorised, FirstVisitSettled, IntakeRecorded
from streams.contracts.notes import VisitNoted
from streams.contracts.plan_terms import PlanTerms
from streams.contracts.work import WorkerRested


class VisitState(StrEnum):
    REQUESTED = "requested"
    WAITING = "waiting"
    PLANNED = "planned"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    PICKED_UP = "picked_up"
    ARRIVED = "arrived"
    IN_SERVICE = "in_service"
    NO_ANSWER = "no_answer"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    HANDED_OVER = "handed_over"


class LedgerClass(StrEnum):
    """Every state belongs to exactly one class of the day's ledger (일일 마감표)."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    HANDED_OVER = "handed_over"


class VisitEvent(StrEnum):
    """What can happen to a visit; the columns of the lifecycle table."""

    QUEUED = "queued"  # taken up, without a worker yet
    PLANNED = "planned"
    UNPLANNED = "unplanned"
    OFFERED = "offered"
    OFFER_LAPSED = "offer_lapsed"  # declined, expired or withdrawn
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    PICKED_UP = "picked_up"
    ARRIVED = "arrived"
    STARTED = "started"
    NO_ANSWER = "no_answer"
    RETRIED = "retried"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    RELIEVED = "relieved"  # taken from a worker who cannot go on
    HANDED_OVER = "handed_over"
    REOPENED = "reopened"
    HELPED = "helped"  # another district supplies it


class _Decision(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    pass


class DistrictConfigured(_Decision, frozen=True, kw_only=True):
    config: DistrictConfig


class VisitRequested(_Decision, frozen=True, kw_only=True):
    """A visit enters. All that planning needs; the recipient only by id."""

    visit_id: str
    reference: str
    body_hash: str
    organisation: str
    recipient_id: str
    service: Service
    dong: str
    area_id: str
    place: Place
    window_start_at: datetime
    window_end_at: datetime
    due_at: datetime
    service_duration_s: int
    priority: int
    worker_count: int
    required_skills: tuple[str, ...]
    excluded_workers: tuple[str, ...]
    gender: str
    kitchen_id: str
    meal_kind: MealKind | None
    ready_at: datetime | None
    freshness_s: int
    boxes: int
    may_leave_at_door: bool
    at: datetime
    risk: str = ""
    diet: str = ""
    avoid_allergens: tuple[str, ...] = ()
    preferred_gender: str = ""
    programme: str = ""
    asked_by: str = ""
    late_boxes: int = 0  # added after the kitchen's cut-off
    tasks: tuple[str, ...] = ()
    plan: PlanTerms | msgspec.UnsetType = msgspec.UNSET


class VisitChanged(_Decision, frozen=True, kw_only=True):
    """One step along the lifecycle. `actor` and `reason` are codes, never free text. `off_s`: by so much the clock of who
    reported it was off when the report came, where that was much: late (negative), or ahead of ours."""

    visit_id: str
    event: VisitEvent
    at: datetime
    actor: str
    worker_id: str = ""
    reason: str = ""
    off_s: int = 0
    report: str = ""  # the envelope of a report that says something new each time: the same one again does not


class PlannedStop(msgspec.Struct, frozen=True):
    """A stop of a route: kind "pickup" or "visit"; when the plan expects it to begin."""

    visit_id: str
    kind: str
    begin_at: datetime


class RouteSet(_Decision, frozen=True, kw_only=True):
    """The rest of a worker's route, whole. `why`: insertion, plan, report, relief, offer, kitchen."""

    worker_id: str
    stops: tuple[PlannedStop, ...]
    why: str


class StopFinished(_Decision, frozen=True, kw_only=True):
    """A stop leaves the head of a worker's route (picked up, served, given up)."""

    worker_id: str
    visit_id: str
    kind: str


class WorkerChanged(_Decision, frozen=True, kw_only=True):
    """Where a worker is and since when free to go on. `status`: off (shift not begun), on, ended, out (dropped out).
    `travel_s`, `travel_m` and `busy_s` are added to the worker's sums."""

    worker_id: str
    status: str
    place: Place
    free_at: datetime
    travel_s: int = 0
    busy_s: int = 0
    travel_m: int = 0


class RungClimbed(_Decision, frozen=True, kw_only=True):
    """0 own living area, 1 neighbouring areas, 2 whole district."""

    visit_id: str
    rung: int


class KitchenDelayed(_Decision, frozen=True, kw_only=True):
    """Meals of the kitchen that were to be ready before `ready_at`, and are not picked up, are ready then."""

    kitchen_id: str
    ready_at: datetime


class PickupMoved(_Decision, frozen=True, kw_only=True):
    """A meal is to be collected from a worker who cannot go on, from `ready_at`."""

    visit_id: str
    worker_id: str
    ready_at: datetime


class PlanDirtied(_Decision, frozen=True, kw_only=True):
    """Something changed that a new plan could make better."""


class SolveRequested(_Decision, frozen=True, kw_only=True):
    solve_id: str
    at: datetime


class SolveSettled(_Decision, frozen=True, kw_only=True):
    """`outcome`: adopted, unchanged, rejected (broke a rule), stale, failed, lost."""

    solve_id: str
    outcome: str
    moved_count: int
    price_before: int
    price_after: int


class AreasBalanced(_Decision, frozen=True, kw_only=True):
    """The area balance of the newest plan, whole: it takes the place of the one before."""

    helps: tuple[HelpWanted, ...]
    shorts: tuple[Shortage, ...]


class ExceptionRaised(_Decision, frozen=True, kw_only=True):
    """Something needs a person: whose role, by when. `kind` from the list of core.exceptions."""

    exception_id: str
    kind: str
    subject: str  # visit_id, worker_id or kitchen_id
    owner: str  # role and id: "care_manager:1144066000", "coordinator", "responsible_enterprise:MP-A", "operator"
    dong: str
    area_id: str
    at: datetime
    due_at: datetime
    detail: str = ""  # a code: what was observed, which failure
    reported_by: str = ""  # worker or organisation that hears of the outcome


class ExceptionSettled(_Decision, frozen=True, kw_only=True):
    exception_id: str
    outcome: str
    by: str
    at: datetime


class ExceptionAcknowledged(_Decision, frozen=True, kw_only=True):
    """Somebody is on it: `due_at` is the new deadline, after which it climbs all the same."""

    exception_id: str
    by: str
    at: datetime
    due_at: datetime


class ExceptionEscalated(_Decision, frozen=True, kw_only=True):
    exception_id: str
    owner: str
    due_at: datetime


class DeadlineSet(_Decision, frozen=True, kw_only=True):
    """The core's own alarm; `key` is "kind:subject". Setting again replaces."""

    key: str
    at: datetime


class DeadlineCleared(_Decision, frozen=True, kw_only=True):
    key: str


class CommandSettled(_Decision, frozen=True, kw_only=True):
    """The answer of `/v1/commands/{id}`. `outcome`: accepted, refused, duplicate, later perhaps undone (`by` whom); `code` of a
    refusal."""

    command_id: str
    outcome: str
    visit_id: str
    code: str = ""
    rules: tuple[str, ...] = ()  # of a refusal: hard rules that stand in the way; else soft ones that are broken
    rows: tuple[tuple[int, str], ...] = ()  # of a batch: (row, code) of what is refused, or was filed before ("duplicate")
    by: str = ""


class ReportRefused(_Decision, frozen=True, kw_only=True):
    """Goes back to the sender as the webhook `report.refused`."""

    report_id: str
    organisation: str
    code: str
    subject: str


class EndpointChanged(_Decision, frozen=True, kw_only=True):
    """An organisation's app server: `status` down, up or disabled (the organisation is told: `endpoint.disabled`)."""

    organisation: str
    endpoint: str
    status: str
    reason: str
    at: datetime


class AccessOpened(_Decision, frozen=True, kw_only=True):
    """The worker is near the door: their organisation is told how to get in (`visit.access`)."""

    visit_id: str
    worker_id: str
    at: datetime


class ObservationAnswered(_Decision, frozen=True, kw_only=True):
    """What came of an observation at the door, for the organisation and worker that made it (`observation.answered`)."""

    report_id: str
    organisation: str
    worker_id: str
    visit_id: str
    observation: str
    outcome: str
    at: datetime


class DoorstepInstructed(_Decision, frozen=True, kw_only=True):
    """The worker may go on from a closed door. `instruction`: go_on, leave_at_door or return_to_kitchen."""

    visit_id: str
    organisation: str
    worker_id: str
    instruction: str
    at: datetime


class UnmetNeedRecorded(_Decision, frozen=True, kw_only=True):
    """A need that nobody could meet when it should have been: a ledger of its own, which a later success does not touch.
    `stage`: ladder_top, not_served_in_time or open_at_day_end; `reasons`: (rule, workers it stops), most first."""

    need_id: str
    visit_id: str
    recipient_id: str
    service: Service
    dong: str
    area_id: str
    rung: int
    stage: str
    reasons: tuple[tuple[str, int], ...]
    at: datetime


class VisitOverruled(_Decision, frozen=True, kw_only=True):
    """What people have said about a visit's worker, whole: "" and () for nothing. It holds through every re-plan. `locked`: its
    worker's way up to it stays as well."""

    visit_id: str
    pinned_id: str
    forbidden_ids: tuple[str, ...]
    waived_rules: tuple[str, ...]
    by: str
    reason: str
    at: datetime
    locked: bool = False


class BeforeOverrule(msgspec.Struct, frozen=True, kw_only=True):
    """How a visit was before a person's command."""

    visit_id: str
    worker_ids: tuple[str, ...]
    pinned_id: str
    forbidden_ids: tuple[str, ...]
    waived_rules: tuple[str, ...]
    locked: bool = False


class UndoKept(_Decision, frozen=True, kw_only=True):
    """A command can be undone until then."""

    command_id: str
    until_at: datetime
    before: tuple[BeforeOverrule, ...]


class UndoSpent(_Decision, frozen=True, kw_only=True):
    command_id: str


class NoticeDue(_Decision, frozen=True, kw_only=True):
    """A recipient (or kin) is to be told: `kind` promised, changed, late, cancelled."""

    visit_id: str
    kind: str
    due_at: datetime


class DayClosed(_Decision, frozen=True, kw_only=True):
    service_date: str


Decision = (
    DistrictConfigured | VisitRequested | VisitChanged | RouteSet | StopFinished | WorkerChanged | OfferMade | OfferSettled
    | RungClimbed | KitchenDelayed | PickupMoved | PlanDirtied | SolveRequested | SolveSettled | ExceptionRaised | ExceptionSettled
    | AreasBalanced
    | FairSharesSet | OfferReminded | DeclineRemembered | DeclinesLifted | FeeRaised | WorkerSubstituted | SubstituteCalled
    | VisitOverruled | UndoKept | UndoSpent | DoorstepInstructed
    | ProgrammeSwitched | ProgrammeBooked | PostingRequested | PostingChanged
    | CredentialChanged | PairExcluded | ExclusionLifted | RefusalCounted | RefusalsForgotten
    | ExceptionAcknowledged | ExceptionEscalated | ObservationAnswered | UnmetNeedRecorded
    | DeadlineSet | DeadlineCleared | CommandSettled | ReportRefused | NoticeDue
    | NeedOpened | NeedClosed | ClaimMade | ClaimSettled | NeedSupplied | HelpAsked | HelpHeard | HelpMoved
    | DistrictMessageSent | WatermarkRaised | DayClosed
    | ProviderFailed | ModePaused | DisruptionEnded | VisitsMoved | PromiseChanged | KitchenChanged | PickupPutOff | MealRescued
    | WorkerAsked | WorkerHeard | WorkerRested
    | EndpointChanged | AccessOpened | VisitNoted | TermsChanged | IntakeRecorded | FirstVisitSettled | CareAuthorised
    | PlacingPostponed | ChunkPlaced
)  # fmt: skip
