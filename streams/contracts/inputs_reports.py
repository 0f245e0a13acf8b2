"""What is reported from outside: by workers, kitchens, providers, of notices and app servers; and what pauses work
(see `inputs`)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from streams.contracts.district import Place
from streams.contracts.payload import Payload


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
