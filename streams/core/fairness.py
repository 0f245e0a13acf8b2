"""Fair shares and known faces: what each worker was given over the week, and who has been at whose door.

The sums are folded from the decisions and kept for two ISO weeks, so closing a day does not empty them. The fair share of
a day is decided when the day begins: nobody's plan moves because somebody else delivered a meal.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from streams.contracts.district import WorkerKind
from streams.core.state import WorkerWeek

if TYPE_CHECKING:
    from streams.contracts.decisions import OfferMade, OfferSettled, VisitRequested
    from streams.contracts.district import DistrictConfig, Policy, WorkerProfile
    from streams.contracts.offering import Fairness
    from streams.core.state import DistrictState, VisitRecord

WEEKS_KEPT = 2
RECIPIENTS_KEPT = 20_000  # known faces of so many; those not served for longest are forgotten first


def week_of(service_date: str) -> str:
    """The ISO week of a service date: "2026-W10"."""
    year, week, _ = date.fromisoformat(service_date).isocalendar()
    return f"{year}-W{week:02d}"


def begin_week(state: DistrictState, service_date: str) -> None:
    """Open the week of a service day and let weeks long past go."""
    state.weeks.setdefault(week_of(service_date), {})
    for week in sorted(state.weeks)[:-WEEKS_KEPT]:
        del state.weeks[week]


def week_record(state: DistrictState, worker_id: str) -> WorkerWeek:
    """This week's sums of a worker, to be added to."""
    assert state.config is not None
    return state.weeks.setdefault(week_of(state.config.service_date), {}).setdefault(worker_id, WorkerWeek())


def book_work(state: DistrictState, worker_id: str, active_s: int, distance_m: int) -> None:
    """Paid time and way."""
    assert state.config is not None
    sums, today = week_record(state, worker_id), state.config.service_date
    if sums.day != today:
        sums.day, sums.day_active_s, sums.day_distance_m = today, 0, 0
    sums.active_s += active_s
    sums.day_active_s += active_s
    sums.distance_m += distance_m
    sums.day_distance_m += distance_m


def pay_krw(policy: Policy, spec: VisitRequested, extra_krw: int) -> int:
    """What each worker is paid for a visit."""
    pay = policy.pay.get(spec.service.value) or policy.pay.get("")
    usual = pay.per_visit_krw + pay.per_hour_krw * spec.service_duration_s // 3600 if pay is not None else 0
    return usual + extra_krw


def book_done(state: DistrictState, visit: VisitRecord) -> None:
    """Pay and the known face of everybody who has it; once, however often its end is told."""
    assert state.config is not None
    recipient_id, team_size = visit.spec.recipient_id, state.config.policy.fairness.team_size
    for worker_id in visit.accepted_ids or visit.worker_ids:
        if worker_id in visit.paid:
            continue
        won = visit.paid[worker_id] = pay_krw(state.config.policy, visit.spec, visit.extra_fee_krw)
        sums = week_record(state, worker_id)
        sums.income_krw += won
        sums.visits += 1
        faces = state.faces.pop(recipient_id, [])
        if worker_id in faces:
            happened = state.totals.happened
            happened["fairness:familiar_face"] = happened.get("fairness:familiar_face", 0) + 1
        known = [one for one in faces if one != worker_id]
        state.faces[recipient_id] = [worker_id, *known][:team_size]
    visit.paid_week = week_of(state.config.service_date)
    while len(state.faces) > RECIPIENTS_KEPT:
        del state.faces[next(iter(state.faces))]
    state.runtime.recipient_changed(recipient_id)


def take_back(state: DistrictState, visit: VisitRecord) -> None:
    """It was not done after all: nobody is paid for it."""
    week = state.weeks.get(visit.paid_week, {})
    for worker_id, won in visit.paid.items():
        if worker_id in week:
            week[worker_id].income_krw -= won
            week[worker_id].visits -= 1
    visit.paid = {}


def book_answer(state: DistrictState, made: OfferMade, settled: OfferSettled) -> None:
    """How an offer ended, counted in visits. A call that nobody made is not the worker's silence."""
    sums, visits = week_record(state, made.worker_id), len(made.visit_ids)
    match settled.outcome:
        case "accepted":
            sums.accepted += visits - len(settled.declined_visit_ids)
            sums.declined += len(settled.declined_visit_ids)
        case "declined":
            sums.declined += visits
        case "expired" if not made.by_call and settled.reason != "not_called":
            sums.silent += visits
        case _:
            pass


def known_faces(state: DistrictState, visit: VisitRecord) -> frozenset[str]:
    """Workers of the visit's trade whom the recipient knows: whoever of the team comes is familiar."""
    team = state.faces.get(visit.spec.recipient_id)
    if not team:
        return frozenset()
    trade = "rider" if visit.spec.kitchen_id else "carer"
    return frozenset(one for one in team if one in state.workers and state.workers[one].profile.kind.value == trade)


def shares_of_today(state: DistrictState, config: DistrictConfig) -> dict[str, int]:
    """Seconds of paid work that are a fair share of the day that begins, by worker: a part of the shift, more for who had
    less than the mean of its kind this week so far, less for who had more."""
    rules, week = config.policy.fairness, state.weeks.get(week_of(config.service_date), {})
    shares: dict[str, int] = {}
    for kind in WorkerKind:
        profiles = [profile for profile in config.workers if profile.kind is kind]
        had = {profile.worker_id: week.get(profile.worker_id, WorkerWeek()) for profile in profiles}
        gaps = _gaps(rules, had)
        for worker_id, gap_s in _offered_gaps(rules, profiles, had).items():
            gaps[worker_id] += gap_s
        for profile in profiles:
            shift_s = (profile.shift_end_at - profile.shift_start_at).total_seconds()
            usual_s = shift_s * rules.day_share_percent / 100
            shares[profile.worker_id] = int(min(max(0.0, usual_s + gaps[profile.worker_id]), shift_s))
    return shares


def _gaps(rules: Fairness, had: dict[str, WorkerWeek]) -> dict[str, float]:
    """Seconds below the mean (above: negative). Won and metres count as the time that earns or rides them here."""
    count = max(1, len(had))
    mean_s = sum(sums.active_s for sums in had.values()) / count
    gaps = dict.fromkeys(had, 0.0)
    for weight, amount in (
        (rules.hours_weight, {one: sums.active_s for one, sums in had.items()}),
        (rules.income_weight, {one: sums.income_krw for one, sums in had.items()}),
        (rules.distance_weight, {one: sums.distance_m for one, sums in had.items()}),
    ):
        mean = sum(amount.values()) / count
        for worker_id, own in amount.items():
            gaps[worker_id] += weight / 100 * mean_s * (1 - own / mean) if mean else 0.0
    return gaps


def _offered_gaps(rules: Fairness, profiles: list[WorkerProfile], had: dict[str, WorkerWeek]) -> dict[str, float]:
    """A co-operative that was offered less than its people's part of the visits has a larger share, spread over them."""
    offered_in_all = sum(sums.offered for sums in had.values())
    if not offered_in_all:
        return {}
    mean_s = sum(sums.active_s for sums in had.values()) / len(had)
    people: dict[str, list[str]] = {}
    for profile in profiles:
        people.setdefault(profile.organisation, []).append(profile.worker_id)
    gaps: dict[str, float] = {}
    for worker_ids in people.values():
        fair = offered_in_all * len(worker_ids) / len(had)
        offered = sum(had[worker_id].offered for worker_id in worker_ids)
        gaps |= dict.fromkeys(worker_ids, rules.offered_weight / 100 * mean_s * (1 - offered / fair))
    return gaps
