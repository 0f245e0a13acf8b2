"""What holds between one worker and one visit, whatever the route: what they cost together, and until when."""

from __future__ import annotations

from math import inf

from routing.model import Prices, Visit, Worker


def credentials_until_s(worker: Worker, visit: Visit) -> float:
    """The latest second at which the worker's credentials allow this visit to begin; -inf if one is missing."""
    until_s = inf
    for name, greatest_age_s in visit.required_credentials.items():
        held = worker.credentials.get(name)
        if held is None:
            return -inf
        until_s = min(until_s, held.valid_until_s)
        if greatest_age_s > 0:
            until_s = min(until_s, held.issued_s + greatest_age_s)
    return until_s


def latest_begin_s(worker: Worker, visit: Visit) -> float:
    """The latest begin by the visit's window and the worker's credentials."""
    if not visit.required_credentials:
        return visit.latest_s
    return min(visit.latest_s, credentials_until_s(worker, visit))


def preference_price(worker: Worker, visit: Visit, prices: Prices) -> float:
    """Another gender than wished for, not one of the preferred, not a face the recipient knows."""
    price: float = 0
    if visit.preferred_gender and visit.preferred_gender != worker.gender:
        price += prices.other_gender
    if visit.preferred_worker_ids and worker.worker_id not in visit.preferred_worker_ids:
        price += prices.not_preferred
    if visit.familiar_worker_ids and worker.worker_id not in visit.familiar_worker_ids:
        price += prices.unfamiliar
    return price


def pair_price(worker: Worker, visit: Visit, prices: Prices) -> float:
    """What this visit costs with this worker beside time and travel."""
    price = visit.allowed_area_prices.get(worker.area_id, 0)
    if visit.preferred_gender or visit.preferred_worker_ids or visit.familiar_worker_ids:
        price += preference_price(worker, visit, prices)
    return price


def price_of_begin(visit: Visit, begin_s: float, prices: Prices) -> float:
    """Lateness, and being later than the recipient was told, for one worker who begins then."""
    price: float = 0
    if begin_s > visit.due_s:
        per_min = prices.late_per_min if visit.late_per_min is None else visit.late_per_min
        price = per_minute(begin_s - visit.due_s, per_min)
    if visit.promised_s is not None and begin_s > visit.promised_s:
        price += per_minute(begin_s - visit.promised_s, prices.promise_per_min)
    return price


def per_minute(seconds: float, price_per_min: float) -> float:
    return seconds * price_per_min / 60


def order_price(before: Visit | None, after: Visit | None, prices: Prices) -> float:
    """Two doors of one round right after one another, against its familiar order."""
    if before is None or after is None or not before.round_id or before.round_id != after.round_id:
        return 0
    return prices.order_change if before.round_rank > after.round_rank else 0


def needed_until_s(visit: Visit, latest_s: float) -> float:
    """By when this visit has to begin to keep what was said of it."""
    until_s = min(visit.due_s, latest_s)
    return until_s if visit.promised_s is None else min(until_s, visit.promised_s)
