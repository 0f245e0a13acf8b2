"""The cheapest place for a request under all rules: lower bounds by travel, price of the pair and lateness sort out most
places; those that may win are driven (`drive`)."""

from __future__ import annotations

from routing.kernel.drive import drive
from routing.kernel.jit import compiled
from routing.kernel.rng import draw
from routing.kernel.state import (
    ACCESS,
    BROKEN,
    CAPACITY,
    DUE,
    EARLIEST,
    FAR,
    KITCHEN,
    LATE_PRICE,
    LATEST,
    LOCKED,
    MODE,
    NO_PLACE,
    ROUND,
    SERVICE,
    TRAVEL_PRICE,
    USED_COUNT,
    USED_PRICE,
    Draft,
    Facts,
)  # fmt: skip


@compiled
def row_of(draft: Draft, step: int) -> int:
    """The rows to look at one after the other: used ones, then one empty worker of each kind; -1: none left of it."""
    used_count = draft.counts[USED_COUNT]
    row: int = -1
    if step < used_count:
        row = draft.used[step]
    else:
        count = draft.empty_count[step - used_count]
        if count:
            row = draft.empties[step - used_count, count - 1]
    return row


@compiled
def best_door(facts: Facts, draft: Draft, request: int, blink: int) -> tuple[float, int, int]:
    """The cheapest place for a door alone: (price, row, position before it), row -1 if leaving it out is cheaper."""
    times, place, latest_at = facts.times, facts.place[request], draft.latest
    earliest, latest = times[request, EARLIEST], times[request, LATEST]
    access, service = times[request, ACCESS], times[request, SERVICE]
    due, late_price = times[request, DUE], times[request, LATE_PRICE]
    start_boxes, back = facts.start_boxes[request], facts.boxes_back[request]
    travel, travel_back, nodes, trial = facts.travel, facts.travel_back, draft.nodes, draft.trial
    places, legs, departs, peaks, workers = draft.places, draft.legs, draft.departs, draft.peaks, facts.workers
    by_worker, weight, row_end = facts.until.shape[0] > 1, facts.terms[TRAVEL_PRICE], draft.nodes.shape[1] - 2
    best, found_row, found = facts.absent_price[request], -1, -1
    for step in range(draft.counts[USED_COUNT] + len(facts.empties)):
        row = row_of(draft, step)
        if row < 0:
            continue
        fit, size, mode, capacity = facts.fit[request, row], draft.size[row], workers[row, MODE], workers[row, CAPACITY]
        if fit >= best or size >= row_end or draft.cost[row] >= BROKEN:
            continue
        if size == 0:
            fit += facts.shifts[row, USED_PRICE]
        until = min(latest, facts.until[request, row]) if by_worker else latest
        for position in range(workers[row, LOCKED], size + 1):
            depart = departs[row, position]
            if depart > until:
                break
            if peaks[0, row, position] + start_boxes > capacity:
                break
            after = places[row, position + 1]
            there = travel_back[mode, place, places[row, position]]
            onward = 0.0 if after == NO_PLACE else travel[mode, place, after]
            price = fit + weight * (there + onward - legs[row, position])
            if price >= best:
                continue
            begin = max(depart + there + access, earliest)
            if begin > until or begin + service + onward > latest_at[row, position + 1]:
                continue
            if begin > due:
                price += (begin - due) * late_price
            if price >= best or (back and peaks[1, row, position] - start_boxes + back > capacity):
                continue
            if 0 < position < size and draft.stops_from[row, position + 1] == draft.stops_from[row, position]:
                continue  # never between pickups of one stop
            if draw(draft.rng) < blink:
                continue
            trial[0] = request
            for at in range(position + 1, size + 1):
                trial[at - position] = nodes[row, at]
            more = drive(facts, draft, row, position, size - position + 1, 1, 1, start_boxes, best + draft.cost[row])
            if more - draft.cost[row] < best:
                best = more - draft.cost[row]
                found_row = row
                found = position
    return best, found_row, found


@compiled
def best_meal(facts: Facts, draft: Draft, request: int, blink: int) -> tuple[float, int, int, int]:
    """The same for a pickup and its door: (price, row, position before the pickup, position before the door)."""
    times, marks, nodes, trial, latest_at = facts.times, facts.marks, draft.nodes, draft.trial, draft.latest
    pickup_node = request + len(facts.paired)
    pickup, door = facts.place[pickup_node], facts.place[request]
    ready, pickup_latest, pickup_service = times[pickup_node, EARLIEST], times[pickup_node, LATEST], times[pickup_node, SERVICE]
    earliest, latest = times[request, EARLIEST], times[request, LATEST]
    access = times[request, ACCESS]
    due, late_price = times[request, DUE], times[request, LATE_PRICE]
    boxes, kitchen = facts.boxes[request], marks[pickup_node, KITCHEN]
    travel, travel_back = facts.travel, facts.travel_back
    places, legs, departs, loads, workers = draft.places, draft.legs, draft.departs, draft.loads, facts.workers
    by_worker, weight, row_end = facts.until.shape[0] > 1, facts.terms[TRAVEL_PRICE], draft.nodes.shape[1] - 2
    least, half = draft.scratch, len(draft.scratch) // 2
    best, found_row, found, found_door = facts.absent_price[request], -1, -1, -1
    for step in range(draft.counts[USED_COUNT] + len(facts.empties)):
        row = row_of(draft, step)
        if row < 0:
            continue
        fit, size, mode = facts.fit[request, row], draft.size[row], workers[row, MODE]
        if fit >= best or size + 1 >= row_end or draft.cost[row] >= BROKEN:
            continue
        if size == 0:
            fit += facts.shifts[row, USED_PRICE]
        until = min(latest, facts.until[request, row]) if by_worker else latest
        room = workers[row, CAPACITY] - boxes
        join = _round_stop(facts, draft, request, row)
        cheapest = FAR
        for position in range(size, -1, -1):
            after = places[row, position + 1]
            onward = 0.0 if after == NO_PLACE else travel[mode, door, after]
            least[half + position] = travel_back[mode, door, places[row, position]] + onward - legs[row, position]
            cheapest = min(cheapest, least[half + position])
            least[position] = cheapest
        least[size + 1] = FAR
        direct = travel[mode, pickup, door]
        for position in range(workers[row, LOCKED], size + 1):
            if departs[row, position] > pickup_latest and departs[row, position] > until:
                break
            if join >= 0 and position != join:
                continue
            if loads[row, position] > room:
                continue
            here = nodes[row, position]
            joined = position > 0 and marks[here, KITCHEN] == kitchen and here >= len(facts.paired)
            after = places[row, position + 1]
            onward = 0.0 if after == NO_PLACE else travel[mode, pickup, after]
            if position < size:
                behind_node = nodes[row, position + 1]
                if marks[behind_node, KITCHEN] == kitchen:
                    continue  # that is joining it, at its end
                if position > 0 and draft.stops_from[row, position + 1] == draft.stops_from[row, position]:
                    continue  # never between pickups of one stop
            leg = legs[row, position]
            if joined:
                detour, depart = fit, max(departs[row, position], ready + pickup_service)
                there = 0.0
            else:
                there = travel_back[mode, pickup, places[row, position]]
                begin = max(departs[row, position] + there, ready)
                if begin > pickup_latest:
                    continue
                detour = fit + weight * (there + onward - leg)
                depart = begin + pickup_service
            # Straight to the door, or on along the route with the meal in the box.
            arrive = depart + onward
            for behind in range(position, size + 1):
                if behind == position:
                    end_leg = 0.0 if after == NO_PLACE else travel[mode, door, after]
                    price = fit + weight * (there + direct + end_leg - leg)
                    begin = max(depart + direct + access, earliest)
                else:
                    if detour + weight * least[behind] >= best or loads[row, behind] > room:
                        break
                    if arrive > latest_at[row, behind]:
                        break
                    node = nodes[row, behind]
                    begin = max(arrive + times[node, ACCESS], times[node, EARLIEST])
                    left = begin + draft.trace[5, row, behind]
                    if behind < size and draft.stops_from[row, behind + 1] == draft.stops_from[row, behind]:
                        arrive = begin
                        continue  # never between pickups of one stop
                    arrive = left + legs[row, behind]
                    if left > until:
                        break
                    price = detour + weight * least[half + behind]
                    begin = max(left + travel_back[mode, door, places[row, behind]] + access, earliest)
                if begin > until or price >= best:
                    continue
                if begin > due:
                    price += (begin - due) * late_price
                    if price >= best:
                        continue
                if draw(draft.rng) < blink:
                    continue
                trial[0] = pickup_node
                for at in range(position + 1, behind + 1):
                    trial[at - position] = nodes[row, at]
                trial[behind - position + 1] = request
                for at in range(behind + 1, size + 1):
                    trial[at - position + 1] = nodes[row, at]
                more = drive(
                    facts, draft, row, position, size - position + 2, behind - position + 2, 2, 0, best + draft.cost[row]
                )
                if more - draft.cost[row] < best:
                    best = more - draft.cost[row]
                    found_row, found, found_door = row, position, behind
    return best, found_row, found, found_door


@compiled
def _round_stop(facts: Facts, draft: Draft, request: int, row: int) -> int:
    """The last pickup of the kitchen stop where this meal's round is taken up by this worker; -1: nowhere yet."""
    requests = len(facts.paired)
    name = facts.marks[request, ROUND]
    if name < 0:
        return -1
    size = draft.size[row]
    for position in range(1, size + 1):
        node = draft.nodes[row, position]
        if node >= requests and facts.marks[node - requests, ROUND] == name:
            while position < size and draft.stops_from[row, position + 1] == draft.stops_from[row, position]:
                position += 1
            return position
    return -1
