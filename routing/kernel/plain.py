"""Routes under hard windows and one capacity, all prices travel: what the published benchmarks need, and the fastest
way through the kernel. Insertion is checked in constant time against the latest arrivals that keep all later windows."""

from __future__ import annotations

from routing.kernel.drive import refresh_rich
from routing.kernel.jit import compiled
from routing.kernel.rng import draw
from routing.kernel.state import (
    CAPACITY,
    EARLIEST,
    END,
    FAR,
    FREE,
    LATEST,
    MODE,
    NO_PLACE,
    RICH,
    SERVICE,
    SHIFT_END,
    START,
    USED_COUNT,
    Draft,
    Facts,
)  # fmt: skip


@compiled
def refresh(facts: Facts, draft: Draft, row: int) -> None:
    """Times, loads and cost of a route after its nodes changed."""
    if facts.terms[RICH]:
        refresh_rich(facts, draft, row)
        return
    nodes, places, legs = draft.nodes, draft.places, draft.legs
    departs, latest, loads = draft.departs, draft.latest, draft.loads
    travel, times = facts.travel, facts.times
    mode, size, requests = facts.workers[row, MODE], draft.size[row], len(facts.paired)
    here = facts.workers[row, START]
    depart = facts.shifts[row, FREE]
    load = 0
    for position in range(1, size + 1):
        node = nodes[row, position]
        if node < requests and facts.paired[node] == 0:
            load += facts.boxes[node]  # loaded at the start
    places[row, 0] = here
    departs[row, 0] = depart
    loads[row, 0] = load
    cost = 0.0
    for position in range(1, size + 1):
        node = nodes[row, position]
        there = facts.place[node]
        leg = travel[mode, here, there]
        legs[row, position - 1] = leg
        cost += leg
        depart = max(depart + leg, times[node, EARLIEST]) + times[node, SERVICE]
        if node >= requests:
            load += facts.boxes[node - requests]
        else:
            load -= facts.boxes[node]
        places[row, position] = there
        departs[row, position] = depart
        loads[row, position] = load
        here = there
    home = facts.workers[row, END]
    leg = 0.0 if home == NO_PLACE or size == 0 else travel[mode, here, home]
    legs[row, size] = leg
    places[row, size + 1] = home
    by = facts.shifts[row, SHIFT_END]
    latest[row, size + 1] = by
    for position in range(size, 0, -1):
        node = nodes[row, position]
        by = min(times[node, LATEST], by - legs[row, position] - times[node, SERVICE])
        latest[row, position] = by
    draft.cost[row] = cost + leg


@compiled
def best_single(facts: Facts, draft: Draft, request: int, blink: int) -> tuple[float, int, int]:
    """The cheapest place for a visit without a pickup: (price, row, position before it), or row -1 if leaving it out
    is cheaper. With a chance of `blink` / 2**32 a place is overlooked."""
    boxes = facts.boxes[request]
    place = facts.place[request]
    earliest, latest, service = facts.times[request, EARLIEST], facts.times[request, LATEST], facts.times[request, SERVICE]
    places, legs, departs, by = draft.places, draft.legs, draft.departs, draft.latest
    travel, back, rng, loads, sizes, workers = facts.travel, facts.travel_back, draft.rng, draft.loads, draft.size, facts.workers
    used, empties, empty_count = draft.used, draft.empties, draft.empty_count
    used_count, kinds, row_end = draft.counts[USED_COUNT], len(facts.empties), draft.nodes.shape[1] - 2
    best, found_row, found = facts.absent_price[request], -1, -1
    for step in range(used_count + kinds):
        if step < used_count:
            row = used[step]
        else:
            kind = step - used_count
            if empty_count[kind] == 0:
                continue
            row = empties[kind, empty_count[kind] - 1]
        if loads[row, 0] + boxes > workers[row, CAPACITY] or sizes[row] >= row_end:
            continue
        mode = workers[row, MODE]
        there = back[mode, place, places[row, 0]]
        for position in range(sizes[row] + 1):
            depart = departs[row, position]
            if depart > latest:
                break
            after = places[row, position + 1]
            onward = 0.0
            next_there = 0.0
            if after != NO_PLACE:
                onward = travel[mode, place, after]
                next_there = back[mode, place, after]
            price = there + onward - legs[row, position]
            if price < best:
                begin = max(depart + there, earliest)
                if begin <= latest and begin + service + onward <= by[row, position + 1] and draw(rng) >= blink:
                    best = price
                    found_row = row
                    found = position
            there = next_there
    return best, found_row, found


@compiled
def best_pair(facts: Facts, draft: Draft, request: int, blink: int) -> tuple[float, int, int, int]:
    """The same for a pickup and its door: (price, row, position before the pickup, position before the door), positions
    of the route as it is."""
    boxes = facts.boxes[request]
    pickup_node = request + len(facts.paired)
    pickup, door = facts.place[pickup_node], facts.place[request]
    p_earliest, p_latest = facts.times[pickup_node, EARLIEST], facts.times[pickup_node, LATEST]
    p_service = facts.times[pickup_node, SERVICE]
    earliest, latest, service = facts.times[request, EARLIEST], facts.times[request, LATEST], facts.times[request, SERVICE]
    places, legs, departs, by, loads = draft.places, draft.legs, draft.departs, draft.latest, draft.loads
    travel, back, nodes, times = facts.travel, facts.travel_back, draft.nodes, facts.times
    rng, sizes, workers = draft.rng, draft.size, facts.workers
    used, empties, empty_count = draft.used, draft.empties, draft.empty_count
    used_count, kinds, row_end = draft.counts[USED_COUNT], len(facts.empties), draft.nodes.shape[1] - 2
    least = draft.scratch  # the cheapest detour to the door at this position or behind it; then each detour itself
    half = len(least) // 2
    best, found_row, found, found_door = facts.absent_price[request], -1, -1, -1
    for step in range(used_count + kinds):
        if step < used_count:
            row = used[step]
        else:
            kind = step - used_count
            if empty_count[kind] == 0:
                continue
            row = empties[kind, empty_count[kind] - 1]
        size, mode = sizes[row], workers[row, MODE]
        room = workers[row, CAPACITY] - boxes
        if size + 1 >= row_end:
            continue
        direct = travel[mode, pickup, door]
        cheapest = FAR
        least[size + 1] = FAR
        for position in range(size, -1, -1):
            after = places[row, position + 1]
            onward = 0.0 if after == NO_PLACE else travel[mode, door, after]
            detour = back[mode, door, places[row, position]] + onward - legs[row, position]
            least[half + position] = detour
            cheapest = min(cheapest, detour)
            least[position] = cheapest
        for position in range(size + 1):
            there = back[mode, pickup, places[row, position]]
            depart = max(departs[row, position] + there, p_earliest)
            if depart > p_latest:
                break
            if loads[row, position] > room:
                continue
            after = places[row, position + 1]
            leg = legs[row, position]
            onward = 0.0 if after == NO_PLACE else travel[mode, pickup, after]
            detour = there + onward - leg
            depart += p_service
            joined = there + direct - leg
            if joined < best:
                end_leg = 0.0 if after == NO_PLACE else travel[mode, door, after]
                joined += end_leg
                if joined < best:
                    begin = max(depart + direct, earliest)
                    if begin <= latest and begin + service + end_leg <= by[row, position + 1] and draw(rng) >= blink:
                        best = joined
                        found_row, found, found_door = row, position, position
            arrive = depart + onward
            for behind in range(position + 1, size + 1):
                if detour + least[behind] >= best or arrive > by[row, behind] or loads[row, behind] > room:
                    break
                node = nodes[row, behind]
                depart = max(arrive, times[node, EARLIEST]) + times[node, SERVICE]
                if depart > latest:
                    break
                price = detour + least[half + behind]
                if price < best:
                    begin = max(depart + back[mode, door, places[row, behind]], earliest)
                    after = places[row, behind + 1]
                    onward = 0.0 if after == NO_PLACE else travel[mode, door, after]
                    if begin <= latest and begin + service + onward <= by[row, behind + 1] and draw(rng) >= blink:
                        best = price
                        found_row, found, found_door = row, position, behind
                arrive = depart + legs[row, behind]
    return best, found_row, found, found_door
