"""What comes in through the inboxes: commands (imperative) and reports (past tense). Version 1 of each.

The envelope's `type` is the class name. Unknown fields are refused: a sender that misspells one hears of it.
Those about visits, people and reports have files of their own and are named here too (`X as X`).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from streams.contracts.area_balance import HelpWanted, Shortage
from streams.contracts.district import DistrictConfig
from streams.contracts.help import NeedTerms
from streams.contracts.inputs_people import (
    AssignPosting as AssignPosting,
    AuthoriseCare as AuthoriseCare,
    EndPosting as EndPosting,
    ExcludePair as ExcludePair,
    IssueEquipment as IssueEquipment,
    LiftExclusion as LiftExclusion,
    RecordCredential as RecordCredential,
    RecordEmergencyCall as RecordEmergencyCall,
    RecordFirstVisit as RecordFirstVisit,
    RecordIntake as RecordIntake,
    ReportConcern as ReportConcern,
    RequestPosting as RequestPosting,
    SwitchOffProgramme as SwitchOffProgramme,
    SwitchOnProgramme as SwitchOnProgramme,
    WithdrawCredential as WithdrawCredential,
)
from streams.contracts.inputs_reports import (
    EndDisruption as EndDisruption,
    EndpointReported as EndpointReported,
    KitchenReported as KitchenReported,
    NoticeFailed as NoticeFailed,
    PauseMode as PauseMode,
    PositionHeard as PositionHeard,
    ProviderReported as ProviderReported,
    ReportKind as ReportKind,
    ReportProviderFailure as ReportProviderFailure,
    WorkerReported as WorkerReported,
)
from streams.contracts.inputs_visits import (
    AnswerOffer as AnswerOffer,
    AssignVisit as AssignVisit,
    CancelVisit as CancelVisit,
    ClaimNeed as ClaimNeed,
    CorrectVisit as CorrectVisit,
    ForbidWorker as ForbidWorker,
    LetPlanDecide as LetPlanDecide,
    LockStop as LockStop,
    RaiseFee as RaiseFee,
    RecordCall as RecordCall,
    RequestVisit as RequestVisit,
    RequestVisits as RequestVisits,
    SettleClaim as SettleClaim,
    SwapVisits as SwapVisits,
    UndoCommand as UndoCommand,
)
from streams.contracts.payload import Payload as Payload
from streams.contracts.upcasters import INPUT_STEPS


class SettleException(Payload, frozen=True, kw_only=True):
    """A person closes an exception. `outcome` is one of the outcomes allowed for its kind."""

    command_id: str
    exception_id: str
    outcome: str


class AcknowledgeException(Payload, frozen=True, kw_only=True):
    """A person has seen an exception and is on it."""

    command_id: str
    exception_id: str


class ConfigureDistrict(Payload, frozen=True, kw_only=True):
    command_id: str
    config: DistrictConfig


class CloseDay(Payload, frozen=True, kw_only=True):
    """End of the service day: whatever is still open gets a named owner, and the ledger is drawn up."""

    command_id: str
    service_date: str


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


class MalformedReceived(Payload, frozen=True, kw_only=True):
    """Stands in the journal for bytes that could not be read, or says of an input that the core failed on it ("core_fault"); the
    bytes are a sealed dead letter."""

    dead_letter_id: str
    code: str


INPUTS: dict[tuple[str, int], type[Payload]] = {
    (cls.__name__, INPUT_STEPS.current(cls.__name__)): cls
    for cls in (
        RequestVisit, RequestVisits, CancelVisit, SettleException, AcknowledgeException,
        ReportConcern, RecordEmergencyCall, CorrectVisit, AssignVisit, ForbidWorker, LetPlanDecide, LockStop, SwapVisits,
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
