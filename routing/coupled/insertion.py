"""The cheapest place for a leg, or for a leg and its partner together.

Inserting only makes begins later, so what the road, the leg itself and its next neighbour cost is a lower bound of the
price of a place. The few places with the least bound are tried in full, across all routes, and stop being tried when the bound
is no better than the best found.
"""

from __future__ import annotations

from routing.coupled.facts import (
    ACCESS,
    ANCHOR,
    APART,
    ARRIVE,
    BEFORE,
    BEGIN,
    EARLIEST,
    FAR,
    FORBIDDEN,
    MATE,
    MODE,
    NEXT,
    PICKS,
    PLACE,
    PUSH,
    REACH,
    SERVICE,
    WHO,
    Draft,
    Facts,
)  # fmt: skip
from routing.coupled.fast import compiled, inlined
from routing.coupled.timing import ask, next_step, note, settle, take_back, toll
from routing.coupled.weighing import keep, limit_price, road_price, weigh
from routing.kernel.rng import draw

BLINK = 42949672  # of 2**32: 1 % of the places are overlooked (Christiaens & Vanden Berghe 2020)


@inlined
def link(draft: Draft, leg: int, before: int) -> None:
    """Put a leg behind a node."""
    note(draft, leg)
    links = draft.links
    after = links[before, NEXT]
    links[leg, WHO] = links[before, WHO]
    links[leg, BEFORE] = before
    links[leg, NEXT] = after
    links[before, NEXT] = leg
    links[after, BEFORE] = leg
    draft.times[leg, BEGIN] = -FAR
    draft.times[leg, REACH] = -FAR
    draft.times[leg, ARRIVE] = -FAR
    ask(draft, leg)
    ask(draft, after)


@inlined
def unlink(facts: Facts, draft: Draft, leg: int) -> None:
    """Take a leg out. Its partners no longer wait for it."""
    note(draft, leg)
    links = draft.links
    before, after = links[leg, BEFORE], links[leg, NEXT]
    links[before, NEXT] = after
    links[after, BEFORE] = before
    links[leg, WHO] = -1
    draft.times[leg, BEGIN] = -FAR
    draft.times[leg, REACH] = -FAR
    draft.times[leg, ARRIVE] = -FAR
    ask(draft, after)
    for arc in range(facts.arcs_from[leg], facts.arcs_from[leg + 1]):
        if links[facts.arcs_to[arc], WHO] >= 0:
            ask(draft, facts.arcs_to[arc])


@inlined
def _snip(draft: Draft, leg: int) -> None:
    """Take a leg out of its chain only: its times are taken back by the log."""
    links = draft.links
    before, after = links[leg, BEFORE], links[leg, NEXT]
    links[before, NEXT] = after
    links[after, BEFORE] = before
    links[leg, WHO] = -1


@inlined
def _delay(facts: Facts, draft: Draft, worker: int, leg: int, begin: float, after: int) -> float:
    """What a leg that begins then costs at the next node at least."""
    numbers = facts.numbers
    legs = facts.fit.shape[1]
    before = draft.links[after, BEFORE]
    if after >= legs and before >= legs:
        then = begin + numbers[leg, SERVICE]
        there = facts.marks[after, PLACE]
        if there >= 0:
            then += facts.travel[facts.workers[worker, MODE], facts.marks[leg, PLACE], there]
        return toll(facts, after, worker, then)
    then = begin + numbers[leg, SERVICE] + numbers[after, ACCESS]
    there = facts.marks[after, PLACE]
    if there >= 0:
        then += facts.travel[facts.workers[worker, MODE], facts.marks[leg, PLACE], there]
    if then <= draft.times[after, BEGIN]:
        return 0.0
    return toll(facts, after, worker, then) - toll(facts, after, worker, draft.times[after, BEGIN])


@inlined
def _may_join(facts: Facts, draft: Draft, leg: int, worker: int) -> bool:
    """No partner that has to be another worker's is this worker's."""
    for arc in range(facts.arcs_from[leg], facts.arcs_from[leg + 1]):
        if facts.arcs_apart[arc] and draft.links[facts.arcs_to[arc], WHO] == worker:
            return False
    return True


@compiled
def _look(facts: Facts, draft: Draft, leg: int, side: int, blink: int) -> int:
    """All places for a leg with their least price, as `spots[side]`; returns how many. A partner in place is heeded."""
    numbers, links, times = facts.numbers, draft.links, draft.times
    legs = facts.fit.shape[1]
    workers = len(facts.workers)
    mate = facts.marks[leg, MATE]
    waits = mate >= 0 and links[mate, WHO] >= 0
    at = facts.marks[leg, PLACE]
    count = 0
    for worker in range(workers):
        if facts.fit[worker, leg] >= FORBIDDEN or not _may_join(facts, draft, leg, worker):
            continue
        mode = facts.workers[worker, MODE]
        node = facts.workers[worker, ANCHOR]
        end = legs + workers + worker
        while node != end:
            after = links[node, NEXT]
            if blink and draw(draft.rng) < BLINK:
                node = after
                continue
            way = facts.travel[mode, facts.marks[node, PLACE], at]
            reach = max(times[node, BEGIN] + numbers[node, SERVICE] + way + numbers[leg, ACCESS], numbers[leg, EARLIEST])
            begin = reach
            price = road_price(facts, worker, node, leg, after)
            if waits:
                begin = max(reach, times[mate, BEGIN] + numbers[mate, PUSH])
                then = begin + numbers[leg, PUSH]
                if then > times[mate, BEGIN]:
                    price += toll(facts, mate, links[mate, WHO], then) - toll(facts, mate, links[mate, WHO], times[mate, BEGIN])
            price += toll(facts, leg, worker, begin) + _delay(facts, draft, worker, leg, begin, after)
            draft.spots[side, count] = node
            draft.spot_numbers[side, count, 0] = price
            draft.spot_numbers[side, count, 1] = reach
            count += 1
            node = after
    return count


@inlined
def _pick(draft: Draft, count: int, price: float, one: int, two: int) -> int:
    """Keep a place (or a pair of them) among the best; returns how many are kept."""
    if count == PICKS:
        if price >= draft.pick_prices[count - 1]:
            return count
        count -= 1
    at = count
    while at > 0 and draft.pick_prices[at - 1] > price:
        draft.pick_prices[at] = draft.pick_prices[at - 1]
        draft.picks[at, 0] = draft.picks[at - 1, 0]
        draft.picks[at, 1] = draft.picks[at - 1, 1]
        at -= 1
    draft.pick_prices[at] = price
    draft.picks[at, 0] = one
    draft.picks[at, 1] = two
    return count + 1


@compiled
def _limits_added(facts: Facts, draft: Draft, worker: int) -> float:
    return float(limit_price(facts, draft, worker) - draft.limits[worker])


@compiled
def insert_one(facts: Facts, draft: Draft, leg: int, most: float, blink: int) -> bool:
    """Put a leg where it adds the least, if that is less than `most`."""
    found = _look(facts, draft, leg, 0, blink)
    kept = 0
    for at in range(found):
        price = draft.spot_numbers[0, at, 0]
        if price < most and (kept < PICKS or price < draft.pick_prices[kept - 1]):
            kept = _pick(draft, kept, price, draft.spots[0, at], -1)
    best, where = most, -1
    for at in range(kept):
        if draft.pick_prices[at] >= best:
            break
        before = draft.picks[at, 0]
        worker = draft.links[before, WHO]
        road = road_price(facts, worker, before, leg, draft.links[before, NEXT])
        next_step(draft)
        link(draft, leg, before)
        if settle(facts, draft):
            price = road + weigh(facts, draft) + _limits_added(facts, draft, worker)
            if price < best:
                best, where = price, before
        _snip(draft, leg)
        take_back(draft)
    if where < 0:
        return False
    place(facts, draft, leg, where)
    return True


@compiled
def place(facts: Facts, draft: Draft, leg: int, before: int) -> None:
    """Put a leg behind a node for good (a place that was tried)."""
    next_step(draft)
    link(draft, leg, before)
    settle(facts, draft)
    keep(facts, draft)
    worker = draft.links[leg, WHO]
    draft.limits[worker] = limit_price(facts, draft, worker)


@compiled
def insert_two(facts: Facts, draft: Draft, leg: int, mate: int, most: float, blink: int) -> bool:
    """Put a leg and its partner where they add the least together, if that is less than `most`."""
    numbers, links = facts.numbers, draft.links
    ones = _look(facts, draft, leg, 0, blink)
    twos = _look(facts, draft, mate, 1, blink)
    apart = facts.marks[leg, APART]
    kept = 0
    least_two = FAR
    for two in range(twos):
        least_two = min(least_two, draft.spot_numbers[1, two, 0])
    for one in range(ones):
        least = draft.spot_numbers[0, one, 0]
        if least + least_two >= most or (kept == PICKS and least + least_two >= draft.pick_prices[kept - 1]):
            continue
        before = draft.spots[0, one]
        worker = links[before, WHO]
        for two in range(twos):
            price = least + draft.spot_numbers[1, two, 0]
            if price >= most or (kept == PICKS and price >= draft.pick_prices[kept - 1]):
                continue
            other = draft.spots[1, two]
            if other == before or (apart and links[other, WHO] == worker):
                continue
            # Waiting for one another makes both later than the bounds of each alone.
            reach, mate_reach = draft.spot_numbers[0, one, 1], draft.spot_numbers[1, two, 1]
            begin, mate_begin = reach, mate_reach
            if mate_reach + numbers[mate, PUSH] > reach:
                begin = mate_reach + numbers[mate, PUSH]
                after = links[before, NEXT]
                price += toll(facts, leg, worker, begin) - toll(facts, leg, worker, reach)
                price += _delay(facts, draft, worker, leg, begin, after) - _delay(facts, draft, worker, leg, reach, after)
            elif reach + numbers[leg, PUSH] > mate_reach:
                mate_begin = reach + numbers[leg, PUSH]
                after = links[other, NEXT]
                friend = links[other, WHO]
                price += toll(facts, mate, friend, mate_begin) - toll(facts, mate, friend, mate_reach)
                price += _delay(facts, draft, friend, mate, mate_begin, after)
                price -= _delay(facts, draft, friend, mate, mate_reach, after)
            if price < most and (kept < PICKS or price < draft.pick_prices[kept - 1]):
                kept = _pick(draft, kept, price, before, other)
    best, where, there = most, -1, -1
    for at in range(kept):
        if draft.pick_prices[at] >= best:
            break
        before, other = draft.picks[at, 0], draft.picks[at, 1]
        worker, friend = links[before, WHO], links[other, WHO]
        road = road_price(facts, worker, before, leg, links[before, NEXT])
        next_step(draft)
        link(draft, leg, before)
        road += road_price(facts, friend, other, mate, links[other, NEXT])
        link(draft, mate, other)
        if settle(facts, draft):
            price = road + weigh(facts, draft) + _limits_added(facts, draft, worker)
            if friend != worker:
                price += _limits_added(facts, draft, friend)
            if price < best:
                best, where, there = price, before, other
        _snip(draft, mate)
        _snip(draft, leg)
        take_back(draft)
    if where < 0:
        return False
    next_step(draft)
    link(draft, leg, where)
    link(draft, mate, there)
    settle(facts, draft)
    keep(facts, draft)
    worker, friend = links[leg, WHO], links[mate, WHO]
    draft.limits[worker] = limit_price(facts, draft, worker)
    draft.limits[friend] = limit_price(facts, draft, friend)
    return True
