"""How somebody is asked: which rule applies, how long an offer stands, who is asked on the phone, and when it must wait."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from streams.contracts.district import WorkerKind
from streams.contracts.offering import NEAREST, OfferRule
from streams.core.fairness import pay_krw
from streams.core.instants import SEOUL
from streams.core.state import WorkerRecord
from streams.core.turn import Turn


class Asking(NamedTuple):
    """How one offer is made. `at_once`: how many are asked together."""

    at_once: int
    expiry_s: int
    reminder_s: int
    by_call: bool


def asking(turn: Turn, worker: WorkerRecord, visit_ids: list[str]) -> Asking:
    """The rule for these visits and this worker's organisation, with the policy's figures where it says nothing."""
    policy, first = turn.policy, turn.state.visits[visit_ids[0]]
    rule = find_rule(turn, worker.profile.organisation, first.spec.service.value)
    expiry_s = rule.expiry_s or policy.offer_expiry_s
    if any(turn.state.visits[visit_id].spec.priority <= 1 for visit_id in visit_ids):
        expiry_s //= 2
    by_call = is_called(turn, worker)
    if by_call:
        expiry_s = max(expiry_s, policy.offering.call_expiry_s)
    at_once = rule.nearest_n if rule.ask == NEAREST and first.spec.worker_count == 1 else 1
    reminder_s = policy.offering.reminder_s if rule.reminder_s < 0 else rule.reminder_s
    return Asking(max(1, at_once), expiry_s, 0 if by_call or reminder_s >= expiry_s else reminder_s, by_call)


def find_rule(turn: Turn, organisation: str, service: str) -> OfferRule:
    """The rule that says most about this provider and service; a provider's weighs more than a service's."""
    fitting = [
        rule for rule in turn.policy.offering.rules
        if rule.provider_id in ("", organisation) and rule.service in ("", service)
    ]  # fmt: skip
    return max(fitting, key=lambda rule: (bool(rule.provider_id), bool(rule.service)), default=OfferRule())


def is_called(turn: Turn, worker: WorkerRecord) -> bool:
    """Whoever answers can be reached on the phone only: a rider or the desk of a carer's employer without an app, or an
    organisation whose app server is down."""
    if worker.profile.organisation in turn.state.organisations_down:
        return True
    provider = turn.state.runtime.geography.providers.get(worker.profile.organisation)
    has_app = provider is None or provider.has_app
    return not (has_app and (worker.profile.has_app or worker.profile.kind is WorkerKind.CARER))


def is_own_staff(turn: Turn, worker: WorkerRecord) -> bool:
    """An organisation's own people are assigned directly."""
    provider = turn.state.runtime.geography.providers.get(worker.profile.organisation)
    return provider is not None and provider.own_staff


def fee_krw(turn: Turn, visit_ids: list[str]) -> int:
    """What the worker earns with these visits."""
    visits = turn.state.visits
    return sum(pay_krw(turn.policy, visits[one].spec, visits[one].extra_fee_krw) for one in visit_ids)


def wait_until(turn: Turn, worker: WorkerRecord, kind: str, visit_ids: list[str], begin_at: datetime) -> datetime | None:
    """When this worker may be asked, None for now: not in quiet hours, not with a phone full of open offers. What is
    urgent, or could not be answered in time afterwards, is asked at once."""
    offering = turn.policy.offering
    if any(turn.state.visits[visit_id].spec.priority <= 1 for visit_id in visit_ids):
        return None
    latest_at = begin_at - timedelta(seconds=asking(turn, worker, visit_ids).expiry_s)
    quiet_until = quiet_end(offering.quiet_from, offering.quiet_until, turn.now_at)
    if quiet_until is not None and worker.status != "on" and quiet_until <= latest_at:
        return quiet_until
    if is_full(turn, worker, kind):
        offers = turn.state.runtime.offers
        open_ids = offers.of_desk(worker.profile.organisation) if kind == "slot" else offers.of_worker(worker.profile.worker_id)
        free_at = min(turn.state.offers[offer_id].made.expires_at for offer_id in open_ids)
        if turn.now_at < free_at <= latest_at:
            return free_at
    return None


def is_full(turn: Turn, worker: WorkerRecord, kind: str) -> bool:
    """As many open offers as one phone, or one desk, should have."""
    offers, offering = turn.state.runtime.offers, turn.policy.offering
    if kind == "slot":
        return len(offers.of_desk(worker.profile.organisation)) >= offering.max_open_slots
    return len(offers.of_worker(worker.profile.worker_id)) >= offering.max_open


def quiet_end(from_: str, until: str, now_at: datetime) -> datetime | None:
    """When the quiet hours end that `now_at` is in; None outside them. Both are HH:MM of Seoul; equal ones mean none."""
    begin, end = time.fromisoformat(from_), time.fromisoformat(until)
    local = now_at.astimezone(SEOUL)
    now = local.time()
    inside = begin <= now < end if begin <= end else now >= begin or now < end
    if begin == end or not inside:
        return None
    ends = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return (ends if ends > local else ends + timedelta(days=1)).astimezone(UTC)
