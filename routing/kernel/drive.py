"""A route driven node by node under every rule that concerns one route: breaks, kitchen stops, freshness, credentials,
late begins, limits and shares. The same function prices a route as it is and a route as it would be.

Breaks as in `routing.breaks` (docs/model.md): on leaving once their time has come, else on arrival, else while waiting.
"""

from __future__ import annotations

from routing.kernel.jit import compiled
from routing.kernel.state import (
    ACCESS,
    ACTIVE,
    BEGIN,
    BREAKS,
    BROKEN,
    CAPACITY,
    COST,
    DEPART,
    DUE,
    EARLIEST,
    END,
    FAIR_ACTIVE,
    FAR,
    FREE,
    FRESH,
    KITCHEN,
    LATE_PRICE,
    LATEST,
    LOCKED,
    METRES,
    MODE,
    MOST_ACTIVE,
    MOST_MEALS,
    MOST_METRES,
    NO_PLACE,
    ORDER_PRICE,
    PROMISE,
    PROMISE_PRICE,
    RANK,
    ROUND,
    SERVICE,
    SHARE_PRICE,
    SHIFT_END,
    SINCE,
    STAMP,
    START,
    STOP_SERVICE,
    TRAVEL_PRICE,
    USED_PRICE,
    Draft,
    Facts,
)  # fmt: skip


@compiled
def drive(
    facts: Facts, draft: Draft, row: int, first: int, count: int, same_from: int, shift: int, loaded: int, most: float
) -> float:
    """Drive `draft.trial[0:count]` on from position `first` of a route, then home; returns the price of the whole route
    so changed, or BROKEN if a rule breaks or the price is above `most`. From trial index `same_from` on the trial is the
    route's own end, `shift` positions earlier or later; where time and breaks are the same again, it is over. `loaded`:
    boxes more than now in the box from the start. `same_from` -1: write the route as it is driven, broken or not."""
    trial, place, times, marks = draft.trial, facts.place, facts.times, facts.marks
    travel, trace, taken_at, stops_from = facts.travel, draft.trace, draft.taken, draft.stops_from
    left, left_trial, left_stamp, breaks = draft.left, draft.left_trial, draft.left_stamp, facts.breaks
    requests = len(facts.paired)
    write = same_from < 0
    mode, capacity, break_count = facts.workers[row, MODE], facts.workers[row, CAPACITY], facts.workers[row, BREAKS]
    travel_price, order_price, most_meals = facts.terms[TRAVEL_PRICE], facts.terms[ORDER_PRICE], facts.terms[MOST_MEALS]
    by_worker = facts.until.shape[0] > 1
    by_metres = facts.metres.shape[0] > 1
    stamp = draft.counts[STAMP] + 1
    draft.counts[STAMP] = stamp
    here = draft.places[row, first]
    now, taken = trace[DEPART, row, first], taken_at[row, first]
    cost, active, metres = trace[COST, row, first], trace[ACTIVE, row, first], trace[METRES, row, first]
    begin, stop_service = trace[BEGIN, row, first], trace[STOP_SERVICE, row, first]
    stop_from = stops_from[row, first]
    load = draft.loads[row, first] + loaded
    before = draft.nodes[row, first]  # below 0 at the start
    fine = load <= capacity
    for index in range(count):
        node = trial[index]
        position = first + 1 + index
        there = place[node]
        kitchen = marks[node, KITCHEN]
        request = node if node < requests else node - requests
        service = times[node, SERVICE]
        leg = 0.0
        if kitchen >= 0 and before >= requests and marks[before, KITCHEN] == kitchen:
            # One more taken up at the same stop: it begins when the last is ready, its service is paid once.
            depart_before = now
            begin = max(begin, times[node, EARLIEST])
            active += max(0.0, service - stop_service)
            stop_service = max(stop_service, service)
            now = begin + stop_service
            if position - stop_from >= most_meals:
                fine = False
            if now > depart_before and stop_from <= facts.workers[row, LOCKED] and not write:
                return BROKEN  # who is on the way already is not held up
            if begin > times[node, LATEST]:
                fine = False
            for member in range(stop_from, position):
                one = draft.nodes[row, member] if member <= first else trial[member - first - 1]
                left_trial[one] = now
                left_stamp[one] = stamp
                if begin > times[one, LATEST]:
                    fine = False
        else:
            while taken < break_count and breaks[row, taken, 0] <= now:
                if now > breaks[row, taken, 1]:
                    fine = False
                now += breaks[row, taken, 2]
                taken += 1
            leg = travel[mode, here, there]
            now += leg
            earliest, access = times[node, EARLIEST], times[node, ACCESS]
            while taken < break_count and breaks[row, taken, 0] <= max(now, earliest - access):
                start = max(now, breaks[row, taken, 0])
                if start > breaks[row, taken, 1]:
                    fine = False
                now = start + breaks[row, taken, 2]
                taken += 1
            begin = max(now + access, earliest)
            if begin > times[node, LATEST]:
                fine = False
            now = begin + service
            stop_service = service
            stop_from = position
            active += leg + access + service
            cost += leg * travel_price
            if by_metres:
                metres += facts.metres[here, there]
        if node >= requests:
            left_trial[node] = now
            left_stamp[node] = stamp
            load += facts.boxes[request]
        else:
            load += facts.boxes_back[request] - facts.boxes[request]
            cost += facts.fit[request, row]
            if begin > times[node, DUE]:
                cost += (begin - times[node, DUE]) * times[node, LATE_PRICE]
            if begin > times[node, PROMISE]:
                cost += (begin - times[node, PROMISE]) * times[node, PROMISE_PRICE]
            if by_worker and begin > facts.until[request, row]:
                fine = False
            fresh = times[node, FRESH]
            if fresh < FAR:
                since = times[node, SINCE]
                if since >= FAR:
                    pickup = node + requests
                    since = left_trial[pickup] if left_stamp[pickup] == stamp else left[pickup]
                if begin - since > fresh:
                    fine = False
            name = marks[node, ROUND]
            if name >= 0 and 0 <= before < requests and marks[before, ROUND] == name and marks[before, RANK] > marks[node, RANK]:
                cost += order_price
        if load > capacity:
            fine = False
        if write:
            draft.places[row, position] = there
            draft.legs[row, position - 1] = leg
            draft.departs[row, position] = now
            draft.loads[row, position] = load
            trace[DEPART, row, position], trace[COST, row, position] = now, cost
            trace[ACTIVE, row, position], trace[METRES, row, position] = active, metres
            trace[BEGIN, row, position], trace[STOP_SERVICE, row, position] = begin, stop_service
            taken_at[row, position] = taken
            stops_from[row, position] = stop_from
            if node >= requests:
                for member in range(stop_from, position + 1):
                    left[draft.nodes[row, member]] = now
        else:
            if not fine:
                return BROKEN
            if index >= same_from:
                old = position - shift
                if now == trace[DEPART, row, old] and taken == taken_at[row, old]:
                    if draft.peaks[1, row, old] + load - draft.loads[row, old] > capacity:
                        return BROKEN
                    return _close(facts, draft, row, cost - trace[COST, row, old], active - trace[ACTIVE, row, old],
                                  metres - trace[METRES, row, old])  # fmt: skip
                if cost - trace[COST, row, old] + draft.cost[row] > most:
                    return BROKEN
        here = there
        before = node
    while taken < break_count and breaks[row, taken, 0] <= now:
        if now > breaks[row, taken, 1]:
            fine = False
        now += breaks[row, taken, 2]
        taken += 1
    home = facts.workers[row, END]
    leg = 0.0
    if home != NO_PLACE:
        leg = travel[mode, here, home]
        now += leg
        active += leg
        cost += leg * travel_price
        if by_metres:
            metres += facts.metres[here, home]
        while taken < break_count and breaks[row, taken, 0] <= now:
            if now > breaks[row, taken, 1]:
                fine = False
            now += breaks[row, taken, 2]
            taken += 1
    shifts = facts.shifts
    if now > shifts[row, SHIFT_END] or active > shifts[row, MOST_ACTIVE] or metres > shifts[row, MOST_METRES]:
        fine = False
    if write:
        end = first + count + 1
        draft.legs[row, end - 1] = leg
        draft.places[row, end] = home
        trace[ACTIVE, row, end], trace[METRES, row, end], trace[COST, row, end], trace[DEPART, row, end] = active, metres, cost, now
    elif not fine:
        return BROKEN
    price: float = cost + shifts[row, USED_PRICE] + max(0.0, active - shifts[row, FAIR_ACTIVE]) * facts.terms[SHARE_PRICE]
    return price if fine else price + BROKEN


@compiled
def _close(facts: Facts, draft: Draft, row: int, cost: float, active: float, metres: float) -> float:
    """The price of a route whose end is as before, with that much more cost, work and way in its beginning."""
    shifts, end = facts.shifts, draft.size[row] + 1
    active_before = draft.trace[ACTIVE, row, end]
    if active + active_before > shifts[row, MOST_ACTIVE] or metres + draft.trace[METRES, row, end] > shifts[row, MOST_METRES]:
        return BROKEN
    fair = shifts[row, FAIR_ACTIVE]
    more = max(0.0, active + active_before - fair) - max(0.0, active_before - fair)
    price: float = draft.cost[row] + cost + more * facts.terms[SHARE_PRICE]
    return price


@compiled
def refresh_rich(facts: Facts, draft: Draft, row: int) -> None:
    """Times, loads and price of a route after its nodes changed; BROKEN on top of the price if it breaks a rule."""
    size, requests, nodes = draft.size[row], len(facts.paired), draft.nodes
    load = 0
    for position in range(1, size + 1):
        node = nodes[row, position]
        draft.trial[position - 1] = node
        if node < requests:
            load += facts.start_boxes[node]
    trace = draft.trace
    draft.places[row, 0] = facts.workers[row, START]
    draft.departs[row, 0] = trace[DEPART, row, 0] = facts.shifts[row, FREE]
    trace[COST, row, 0] = trace[ACTIVE, row, 0] = trace[METRES, row, 0] = 0.0
    trace[BEGIN, row, 0] = trace[STOP_SERVICE, row, 0] = 0.0
    draft.taken[row, 0] = draft.stops_from[row, 0] = 0
    draft.loads[row, 0] = load
    nodes[row, 0] = -1
    if size == 0:
        draft.cost[row] = 0.0
        draft.legs[row, 0] = 0.0
        draft.places[row, 1] = facts.workers[row, END]
        trace[ACTIVE, row, 1] = trace[METRES, row, 1] = trace[COST, row, 1] = 0.0
    else:
        draft.cost[row] = drive(facts, draft, row, 0, size, -1, 0, 0, FAR)
    draft.latest[row, size + 1] = by = facts.shifts[row, SHIFT_END]
    for position in range(size, 0, -1):
        node = nodes[row, position]
        last = position == size or draft.stops_from[row, position + 1] != draft.stops_from[row, position]
        if last:
            by = min(facts.times[node, LATEST], by - draft.legs[row, position] - draft.trace[STOP_SERVICE, row, position])
            by -= facts.times[node, ACCESS]
        else:
            by = min(by, facts.times[node, LATEST])
        draft.latest[row, position] = by
    peaks = draft.peaks
    peaks[0, row, 0] = load
    for position in range(1, size + 1):
        peaks[0, row, position] = max(peaks[0, row, position - 1], draft.loads[row, position])
    peaks[1, row, size + 1] = 0
    for position in range(size, -1, -1):
        peaks[1, row, position] = max(peaks[1, row, position + 1], draft.loads[row, position])
