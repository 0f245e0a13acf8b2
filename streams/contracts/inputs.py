"""What comes in through the inboxes: commands (imperative) and reports (past tense). Version 1 of each.

The envelope's `type` is the class name. Unknown fields are refused: a sender that misspells one hears of it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from streams.contracts.area_balance import HelpWanted, Shortage
from streams.contracts.calls import Wish
from streams.contracts.district import DistrictConfig, MealKind, Place, Service
from streams.contracts.help import NeedTerms
from streams.contracts.intake import Authorisation
from streams.contracts.plan_terms import PlanTerms
from streams.contracts.upcasters import INPUT_STEPS


class Payload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all payloads."""


class RequestVisit(Payload, frozen=True, kw_only=True):
    """File one visit (requests.* inbox). `visit_id` is UUIDv5(sender, reference); `body_hash` tells a repeat (same) from
    a conflict (other). The visit must *begin* inside [window_start_at, window_end_at]; `due_at` is what the recipient is
    told (late from there on), window_end_at at the latest."""

    command_id: str
    visit_id: str
    reference: str
    body_hash: str
    recipient_id: str
    service: Service
    dong: str
    place: Place
    window_start_at: datetime
    window_end_at: datetime
    due_at: datetime
    service_duration_s: int
    priority: int = 2  # 1 urgent (emergency care), 2 normal, 3 may wait
    worker_count: int = 1
    required_skills: tuple[str, ...] = ()
    excluded_workers: tuple[str, ...] = ()
    gender: str = ""
    kitchen_id: str = ""  # meals only, with the four below
    meal_kind: MealKind | None = None
    ready_at: datetime | None = None
    freshness_s: int = 0  # from pickup to door, 0 for none
    boxes: int = 1
    may_leave_at_door: bool = False
    risk: str = ""  # of the recipient alone at home: low, high, or "" for the usual; decides how soon somebody looks
    diet: str = ""  # of a meal: one of the kitchen's diets, "" for regular
    avoid_allergens: tuple[str, ...] = ()  # must not be in the meal
    preferred_gender: str = ""  # wished for, at a price; `gender` is a condition
    programme: str = ""  # a crisis programme that it is filed under
    asked_by: str = ""  # the role that asks for it, where a programme says who may
    tasks: tuple[str, ...] = ()  # what is to be done there, by codes
    plan: PlanTerms | msgspec.UnsetType = msgspec.UNSET


class RequestVisits(Payload, frozen=True, kw_only=True):
    """File many visits: all of them, or none when one is refused. `dry_run` only asks."""

    command_id: str
    requests: tuple[RequestVisit, ...]
    dry_run: bool = False


class CancelVisit(Payload, frozen=True, kw_only=True):
    command_id: str
    visit_id: str
    reason: str  # cancel reason code: recipient_asked, same_day (당일 취소), duplicate, office


class SettleException(Payload, frozen=True, kw_only=True):
    """A person closes an exception. `outcome` is one of the outcomes allowed for its kind."""

    command_id: str
    exception_id: str
    outcome: str


class AcknowledgeException(Payload, frozen=True, kw_only=True):
    """A person has seen an exception and is on it."""

    command_id: str
    exception_id: str


class ReportConcern(Payload, frozen=True, kw_only=True):
    """A neighbour, a gatekeeper or kin is worried about somebody: the dong's care manager has it, with a deadline.
    `observation` is one of the policy's observation codes; `source`: neighbour, gatekeeper, kin, other."""

    command_id: str
    concern_id: str
    recipient_id: str
    dong: str
    observation: str
    source: str


class CorrectVisit(Payload, frozen=True, kw_only=True):
    """A coordinator corrects how a visit ended. `outcome`: done, failed, or open (it goes on, with whoever can)."""

    command_id: str
    visit_id: str
    outcome: str
    reason: str


class AssignVisit(Payload, frozen=True, kw_only=True):
    """A coordinator gives a visit to a worker by hand. `waive`: hard rules that are broken knowingly, with a reason."""

    command_id: str
    visit_id: str
    worker_id: str
    waive: tuple[str, ...] = ()
    reason: str = ""


class ForbidWorker(Payload, frozen=True, kw_only=True):
    """This worker is not to serve this visit."""

    command_id: str
    visit_id: str
    worker_id: str
    reason: str


class RecordCredential(Payload, frozen=True, kw_only=True):
    """A worker's training, test result or equipment issue, with its validity."""

    command_id: str
    worker_id: str
    code: str
    issued_at: datetime
    valid_until_at: datetime


class WithdrawCredential(Payload, frozen=True, kw_only=True):
    """It counts no more, from now on."""

    command_id: str
    worker_id: str
    code: str
    reason: str


class ExcludePair(Payload, frozen=True, kw_only=True):
    """This worker and this recipient are not to meet; `by` (recipient or worker) said so."""

    command_id: str
    recipient_id: str
    worker_id: str
    by: str
    reason: str


class LiftExclusion(Payload, frozen=True, kw_only=True):
    command_id: str
    recipient_id: str
    worker_id: str


class RecordIntake(Payload, frozen=True, kw_only=True):
    """Somebody was referred at `received_at`: from then on the time of the care manager's own first visit runs."""

    command_id: str
    recipient_id: str
    dong: str
    received_at: datetime


class RecordFirstVisit(Payload, frozen=True, kw_only=True):
    """The care manager was there, or need not go (`outcome`)."""

    command_id: str
    recipient_id: str
    outcome: str


class AuthoriseCare(Payload, frozen=True, kw_only=True):
    """Hours and money granted for a recipient's care, in place of what was granted for that service before."""

    command_id: str
    recipient_id: str
    granted: Authorisation


class SwitchOnProgramme(Payload, frozen=True, kw_only=True):
    """An operator switches a crisis programme on for dates (ISO, both included), with a budget and an equipment stock.
    Given again while it is on, it sets dates, budget and stock anew; what is booked stays booked."""

    command_id: str
    programme_id: str
    from_date: str
    until_date: str
    budget_krw: int
    stock: dict[str, int]


class SwitchOffProgramme(Payload, frozen=True, kw_only=True):
    """Nothing new under it; what was promised goes on."""

    command_id: str
    programme_id: str
    reason: str


class IssueEquipment(Payload, frozen=True, kw_only=True):
    """Equipment out of a programme's stock to a worker, who holds it as `credential` until then."""

    command_id: str
    programme_id: str
    worker_id: str
    items: dict[str, int]
    credential: str
    valid_until_at: datetime


class RequestPosting(Payload, frozen=True, kw_only=True):
    """Type 2: a worker moves in with a quarantined recipient from `from_at` to `until_at`. `worker_id`: whom a coordinator
    chose; "" for whoever is able."""

    command_id: str
    posting_id: str
    programme_id: str
    recipient_id: str
    dong: str
    asked_by: str
    from_at: datetime
    until_at: datetime
    gender: str = ""
    worker_id: str = ""


class AssignPosting(Payload, frozen=True, kw_only=True):
    command_id: str
    posting_id: str
    worker_id: str


class EndPosting(Payload, frozen=True, kw_only=True):
    """It ends now (or never begins); days not begun are not spent."""

    command_id: str
    posting_id: str
    reason: str


class LetPlanDecide(Payload, frozen=True, kw_only=True):
    """Take back what people had said about a visit's worker."""

    command_id: str
    visit_id: str


class SwapVisits(Payload, frozen=True, kw_only=True):
    """The workers of two visits exchange them."""

    command_id: str
    visit_id: str
    other_visit_id: str
    reason: str = ""


class UndoCommand(Payload, frozen=True, kw_only=True):
    """Undo an assignment, a ban, a swap or a cancellation of the last minutes."""

    command_id: str
    undone_command_id: str


class ClaimNeed(Payload, frozen=True, kw_only=True):
    """A coordinator records that an organisation claims a need (by telephone). `worker_id`: whom it names, "" for anyone."""

    command_id: str
    visit_id: str
    organisation: str
    worker_id: str = ""


class SettleClaim(Payload, frozen=True, kw_only=True):
    """A coordinator answers a claim, or takes a visit back from the district that has it. `outcome`: confirmed, declined."""

    command_id: str
    claim_id: str
    outcome: str


class ConfigureDistrict(Payload, frozen=True, kw_only=True):
    command_id: str
    config: DistrictConfig


class AnswerOffer(Payload, frozen=True, kw_only=True):
    """A coordinator records what somebody without an app said on the phone. `answer`: accepted or declined."""

    command_id: str
    offer_id: str
    answer: str
    worker_id: str = ""  # whom a provider named
    reason: str = ""
    declined_visit_ids: tuple[str, ...] = ()


class RaiseFee(Payload, frozen=True, kw_only=True):
    """A visit that nobody wants is paid better by `extra_krw` in all; who declined it may be asked again."""

    command_id: str
    visit_id: str
    extra_krw: int
    reason: str = ""


class CloseDay(Payload, frozen=True, kw_only=True):
    """End of the service day: whatever is still open gets a named owner, and the ledger is drawn up."""

    command_id: str
    service_date: str


class ReportKind(StrEnum):
    SHIFT_ON = "shift_on"
    SHIFT_OFF = "shift_off"
    DROPPED_OUT = "dropped_out"  # cannot go on: sick, accident, vehicle
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_DECLINED = "offer_declined"
    EN_ROUTE = "en_route"
    PICKED_UP = "picked_up"
    ARRIVED = "arrived"
    STARTED = "started"  # check-in of a care visit
    DONE = "done"  # delivered, or checked out
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    RETURNED = "returned"  # meal back at the kitchen
    OBSERVED = "observed"  # 안부 관찰: `reason` is one of the policy's observation codes
    CLAIMED = "claimed"  # 연계 수임: an organisation takes a need upon itself, naming its worker or anyone of its own
    CLAIM_WITHDRAWN = "claim_withdrawn"  # and takes that back while nobody has confirmed it
    SUBSTITUTED = "substituted"  # an organisation sends another of its workers to what it had accepted
    REOPENED = "reopened"  # "delivered" or "failed" was tapped by mistake, a moment ago
    HERE = "here"  # the answer of a worker who was asked: all is well, going on
    ALARM = "alarm"  # the silent alarm of a worker who is alone somewhere


class WorkerReported(Payload, frozen=True, kw_only=True):
    """What a rider or carer (or their organisation for them) reports. `visit_ids` for stops (several for a pickup),
    `offer_id` for answers; `worker_id` is the named worker when a provider accepts, or sends a substitute."""

    report_id: str
    kind: ReportKind
    worker_id: str = ""
    visit_ids: tuple[str, ...] = ()
    offer_id: str = ""
    reason: str = ""
    how: str = ""  # of a delivery: to_person, to_kin, at_door
    place: Place | None = None
    declined_visit_ids: tuple[str, ...] = ()  # doors of an accepted round that the worker cannot take; `reason` says why
    tasks: tuple[str, ...] = ()  # of a visit that is done: which of its tasks were
    boxes_returned: int = 0  # of a meal that is done: empty boxes taken back


class KitchenReported(Payload, frozen=True, kw_only=True):
    """A kitchen will be late (or early): meals of it that were to be ready before `ready_at` are ready then."""

    report_id: str
    kitchen_id: str
    ready_at: datetime


class PositionHeard(Payload, frozen=True, kw_only=True):
    """A position came in of a worker whom the core is asking after. Only such positions enter the log."""

    worker_id: str
    at: datetime


class ReportProviderFailure(Payload, frozen=True, kw_only=True):
    """A provider cannot supply: its kitchen `kitchen_id`, or ("") all it has. `span`: hour, meal_window, day."""

    command_id: str
    provider_id: str
    kitchen_id: str = ""
    span: str
    reason: str = ""


class ProviderReported(Payload, frozen=True, kw_only=True):
    """A provider says so itself: `kind` failed (with `span`) or back."""

    report_id: str
    kind: str
    kitchen_id: str = ""
    span: str = "hour"
    reason: str = ""


class PauseMode(Payload, frozen=True, kw_only=True):
    """Nobody is to go by this vehicle mode in this living area ("": in the whole district) until then."""

    command_id: str
    mode: str
    area_id: str = ""
    until_at: datetime
    reason: str = ""  # a code: snow, ice, heat, rain, wind, dust


class EndDisruption(Payload, frozen=True, kw_only=True):
    """The provider is back, or the mode may go again. `disruption_id` is the id of the command or report that began it."""

    command_id: str
    disruption_id: str


class ProposedStop(msgspec.Struct, frozen=True):
    visit_id: str
    kind: str  # "pickup" or "visit"


class ProposedRoute(msgspec.Struct, frozen=True):
    worker_id: str
    stops: tuple[ProposedStop, ...]


class PlanProposed(Payload, frozen=True, kw_only=True):
    """A solver's result. `based_on` is the number of decisions records folded when the problem was built."""

    solve_id: str
    based_on: int
    routes: tuple[ProposedRoute, ...]
    price: int
    iterations: int
    helps: tuple[HelpWanted, ...] = ()
    shorts: tuple[Shortage, ...] = ()
    matched: bool = False  # a matching of meals with riders, which weighs waiting meals in its own way


class SolveFailed(Payload, frozen=True, kw_only=True):
    solve_id: str
    reason: str


class DistrictMessage(Payload, frozen=True, kw_only=True):
    """From another district's log. `(sender, index)` rises; the receiver keeps a watermark for each sender."""

    sender: str
    index: int
    kind: str  # by the tables of core.between_districts
    visit_id: str
    service: str = ""
    priority: int = 2
    ask_id: str = ""
    price_krw: int = 0
    terms: NeedTerms | None = None
    recipient_id: str = ""
    reason: str = ""
    arrived_at: datetime | None = None
    done_at: datetime | None = None
    tasks_done: tuple[str, ...] = ()  # of `done`


class ClockTicked(Payload, frozen=True, kw_only=True):
    """The service clock reached a deadline that the core had named. `token` is a lock-step barrier, empty otherwise."""

    due_at: datetime
    token: str = ""


class RecordCall(Payload, frozen=True, kw_only=True):
    """What a recipient (or kin) wants on the telephone of one promise. `later_at`: the new promised time, of "later"; `dong`
    and `place`: where to, of "change_address"."""

    command_id: str
    visit_id: str
    wish: Wish
    later_at: datetime | None = None
    dong: str = ""
    place: Place | None = None


class NoticeFailed(Payload, frozen=True, kw_only=True):
    """A recipient could not be told something (`kind` of the notice), by any channel. `reason`: no_address,
    nobody_reached, erased."""

    visit_id: str
    kind: str
    reason: str


class EndpointReported(Payload, frozen=True, kw_only=True):
    """What the outbox hears of an organisation's app server. `status`: down (nothing is answered), up again, disabled;
    `reason`: nobody_listens, no_answer; of a disabled one gone (410), failing (for days), by_hand."""

    organisation: str
    endpoint: str
    status: str
    reason: str = ""


class MalformedReceived(Payload, frozen=True, kw_only=True):
    """Stands in the journal for bytes that could not be read; the bytes are a sealed dead letter."""

    dead_letter_id: str
    code: str


INPUTS: dict[tuple[str, int], type[Payload]] = {
    (cls.__name__, INPUT_STEPS.current(cls.__name__)): cls
    for cls in (
        RequestVisit, RequestVisits, CancelVisit, SettleException, AcknowledgeException,
        ReportConcern, CorrectVisit, AssignVisit, ForbidWorker, LetPlanDecide, SwapVisits,
        RecordCredential, WithdrawCredential, ExcludePair, LiftExclusion,
        SwitchOnProgramme, SwitchOffProgramme, IssueEquipment, RequestPosting, AssignPosting, EndPosting,
        UndoCommand, ClaimNeed, SettleClaim, ConfigureDistrict, CloseDay, WorkerReported, KitchenReported,
        AnswerOffer, RaiseFee,
        PlanProposed, SolveFailed, DistrictMessage, ClockTicked, MalformedReceived,
        PositionHeard, ReportProviderFailure, ProviderReported, PauseMode, EndDisruption,
        EndpointReported, NoticeFailed, RecordCall, RecordIntake, RecordFirstVisit, AuthoriseCare,
    )
}  # fmt: skip

TYPES = frozenset(name for name, _ in INPUTS)
