"""What people command about visits, offers and claims (see `inputs`)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from streams.contracts.calls import Wish
from streams.contracts.district import MealKind, Place, Service
from streams.contracts.payload import Payload
from streams.contracts.plan_terms import PlanTerms


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


class LetPlanDecide(Payload, frozen=True, kw_only=True):
    """Take back what people had said about a visit's worker and its place on their way."""

    command_id: str
    visit_id: str


class LockStop(Payload, frozen=True, kw_only=True):
    """This stop stays where it is: with its worker, and everything before it on their way as it is planned now."""

    command_id: str
    visit_id: str
    reason: str = ""


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


class RecordCall(Payload, frozen=True, kw_only=True):
    """What a recipient (or kin) wants on the telephone of one promise. `later_at`: the new promised time, of "later"; `dong`
    and `place`: where to, of "change_address"."""

    command_id: str
    visit_id: str
    wish: Wish
    later_at: datetime | None = None
    dong: str = ""
    place: Place | None = None
