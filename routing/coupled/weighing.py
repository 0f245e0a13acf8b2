"""What a change adds to the price: road, lateness, the latest visit of the plan, hours and distance beyond limits."""

from __future__ import annotations

from routing.coupled.facts import (
    ACCESS,
    BEGIN,
    BROKEN,
    BROKEN_PER_S,
    DUE,
    FAIR_ACTIVE,
    GREATEST,
    GREATEST_RATE,
    LIMITED,
    LIMITS,
    LOGGED,
    MODE,
    MOST_ACTIVE,
    MOST_METRES,
    NEW_GREATEST,
    NEXT,
    OPEN,
    OVER_SHARE_RATE,
    OVERRUN,
    PAID,
    PLACE,
    ROAD,
    SERVICE,
    TOLL,
    TRAVEL_RATE,
    USED_PRICE,
    WHO,
    Draft,
    Facts,
)  # fmt: skip
from routing.coupled.fast import compiled, inlined
from routing.coupled.timing import next_step, road_s, toll


@compiled
def weigh(facts: Facts, draft: Draft) -> float:
    """After `settle`: what the logged nodes pay now more than before, with the greatest lateness."""
    legs = facts.fit.shape[1]
    added = 0.0
    rate = facts.rates[GREATEST_RATE]
    greatest = draft.totals[GREATEST]
    now = 0.0
    lost = False  # the latest visit of before may have become earlier
    for at in range(draft.counts[LOGGED]):
        node = draft.log_node[at]
        worker = draft.links[node, WHO]
        paid = 0.0
        if worker >= 0:
            paid = toll(facts, node, worker, draft.times[node, BEGIN])
            if draft.times[node, OVERRUN] > 0.0:
                paid += BROKEN + draft.times[node, OVERRUN] * BROKEN_PER_S
        added += paid - draft.log_times[at, 3]
        draft.times[node, PAID] = paid
        if rate > 0.0 and node < legs:
            if worker >= 0:
                now = max(now, draft.times[node, BEGIN] - facts.numbers[node, DUE])
            if draft.log_times[at, 0] - facts.numbers[node, DUE] >= greatest:
                lost = True
    if rate > 0.0:
        now = greatest_lateness(facts, draft) if now < greatest and lost else max(now, greatest)
        draft.totals[NEW_GREATEST] = now
        added += (now - greatest) * rate
    return added


@compiled
def keep(facts: Facts, draft: Draft) -> None:
    """What the last step did stays: the trials to come build on it."""
    weigh(facts, draft)
    if facts.rates[GREATEST_RATE] > 0.0:
        draft.totals[GREATEST] = draft.totals[NEW_GREATEST]
    next_step(draft)


@compiled
def greatest_lateness(facts: Facts, draft: Draft) -> float:
    """Of the latest visit of the plan."""
    most = 0.0
    for leg in range(facts.fit.shape[1]):
        late = draft.times[leg, BEGIN] - facts.numbers[leg, DUE]
        if late > most and draft.links[leg, WHO] >= 0:
            most = late
    return most


@compiled
def limit_price(facts: Facts, draft: Draft, worker: int) -> float:
    """Hours over the fair share, and hard limits on hours and distance, of one worker."""
    if facts.workers[worker, LIMITED] == 0:
        return 0.0
    legs = facts.fit.shape[1]
    active = metres = 0.0
    node = legs + worker
    end = node + len(facts.workers)
    if draft.links[node, NEXT] == end:
        return 0.0
    while node != end:
        after = draft.links[node, NEXT]
        here, there = facts.marks[node, PLACE], facts.marks[after, PLACE]
        if here >= 0 and there >= 0:
            active += facts.travel[facts.workers[worker, MODE], here, there]
            if facts.shifts[worker, MOST_METRES] > 0.0:
                metres += facts.metres[here, there]
        active += facts.numbers[after, ACCESS] + facts.numbers[after, SERVICE]
        node = after
    price = max(0.0, active - facts.shifts[worker, FAIR_ACTIVE]) * facts.rates[OVER_SHARE_RATE]
    most = facts.shifts[worker, MOST_ACTIVE]
    if most > 0.0 and active > most:
        price += BROKEN + (active - most) * BROKEN_PER_S
    most = facts.shifts[worker, MOST_METRES]
    if most > 0.0 and metres > most:
        price += BROKEN + (metres - most) * BROKEN_PER_S
    return float(price)


@inlined
def road_price(facts: Facts, worker: int, before: int, node: int, after: int) -> float:
    """What it adds to go by `node` on the way from `before` to `after`, fit included."""
    legs = facts.fit.shape[1]
    mode = facts.workers[worker, MODE]
    here, at, there = facts.marks[before, PLACE], facts.marks[node, PLACE], facts.marks[after, PLACE]
    s = facts.travel[mode, here, at]
    if there >= 0:
        s += facts.travel[mode, at, there]
    price = facts.fit[worker, node]
    if before >= legs and after >= legs:
        price += facts.rates[USED_PRICE]
    elif there >= 0:
        s -= facts.travel[mode, here, there]
    return float(price + s * facts.rates[TRAVEL_RATE])


@compiled
def add_up(facts: Facts, draft: Draft) -> float:
    """The whole price, afresh from the chains and what the nodes pay; kept in `totals`."""
    legs = facts.fit.shape[1]
    workers = len(facts.workers)
    road = paid = over = missing = 0.0
    for worker in range(workers):
        node = legs + worker
        end = node + workers
        if draft.links[node, NEXT] != end:
            road += facts.rates[USED_PRICE]
        while node != end:
            after = draft.links[node, NEXT]
            road += road_s(facts, worker, node, after) * facts.rates[TRAVEL_RATE]
            if after < legs:
                road += facts.fit[worker, after]
            paid += draft.times[after, PAID]
            node = after
        over += draft.limits[worker]
    for visit in range(len(facts.open_price)):
        for leg in range(facts.visits_from[visit], facts.visits_from[visit + 1]):
            if draft.links[leg, WHO] < 0:
                missing += facts.open_price[visit]
                break
    draft.totals[ROAD] = road
    draft.totals[TOLL] = paid
    draft.totals[LIMITS] = over
    draft.totals[OPEN] = missing
    draft.totals[GREATEST] = greatest_lateness(facts, draft) if facts.rates[GREATEST_RATE] > 0.0 else 0.0
    return float(road + paid + over + missing + draft.totals[GREATEST] * facts.rates[GREATEST_RATE])
