"""Ruin and recreate on routes that wait for one another, with simulated annealing.

Strings of neighbouring legs are taken out of routes near one another (Christiaens & Vanden Berghe 2020), with or without
their partners; then each unit goes back to its cheapest place, a leg and its partner together. A step that leaves a price
above what the temperature allows is taken back whole.
"""

from __future__ import annotations

from routing.coupled.facts import (
    ARRIVE,
    BEFORE,
    BEGIN,
    DUE,
    FAR,
    GREATEST,
    MATE,
    NEXT,
    PAID,
    QUEUED,
    REACH,
    REMOVED,
    UNIT,
    VISIT,
    WHO,
    Draft,
    Facts,
    Floats,
    Ints,
)  # fmt: skip
from routing.coupled.fast import compiled
from routing.coupled.insertion import insert_one, insert_two, unlink
from routing.coupled.timing import next_step, settle
from routing.coupled.weighing import add_up, keep, limit_price
from routing.kernel.jit import number
from routing.kernel.rng import LOGS, below, draw, unit

LONGEST = 6.0  # legs in a string
BLINKS = number(1)  # places are overlooked now and then
RETRIED = number(4)  # units left out that are tried again in a step


@compiled
def take_out(facts: Facts, draft: Draft, leg: int) -> None:
    """Remove a leg; it is to be put back in this step."""
    unlink(facts, draft, leg)
    at = draft.counts[REMOVED]
    draft.counts[REMOVED] = at + 1
    draft.removed[at] = leg


@compiled
def _string(facts: Facts, draft: Draft, leg: int) -> None:
    """Take out a string of legs around this one, of random length."""
    links = draft.links
    legs = facts.fit.shape[1]
    length = 1 + below(draft.rng, int(LONGEST))
    ahead = below(draft.rng, length)  # legs of the string before this one
    node = leg
    while ahead > 0 and links[node, BEFORE] < legs and facts.locked[links[node, BEFORE]] == 0:
        node = links[node, BEFORE]
        ahead -= 1
    while length > 0 and node < legs:
        after = links[node, NEXT]
        if facts.locked[node] == 0:
            take_out(facts, draft, node)
        node = after
        length -= 1


@compiled
def ruin(facts: Facts, draft: Draft, size: float) -> bool:
    """Take out about `size` legs near a random one (or near a late one)."""
    links = draft.links
    legs = facts.fit.shape[1]
    rng = draft.rng
    draft.counts[REMOVED] = 0
    next_step(draft)
    seed = below(rng, legs)
    if draw(rng) & 3 == 0:
        for step in range(legs):
            leg = (seed + step) % legs
            if links[leg, WHO] >= 0 and draft.times[leg, PAID] > 0.0:
                seed = leg
                break
    wanted = 1 + int(unit(rng) * (2.0 * size - 1.0))
    both = draw(rng) & 1
    for step in range(facts.near.shape[1] + 1):
        if draft.counts[REMOVED] >= wanted:
            break
        leg = seed if step == 0 else facts.near[seed, step - 1]
        if leg < 0:
            break
        if links[leg, WHO] < 0 or facts.locked[leg]:
            continue
        first = draft.counts[REMOVED]
        _string(facts, draft, leg)
        if both:
            for at in range(first, draft.counts[REMOVED]):
                mate = facts.marks[draft.removed[at], MATE]
                if mate >= 0 and links[mate, WHO] >= 0 and facts.locked[mate] == 0:
                    take_out(facts, draft, mate)
    if not settle(facts, draft):
        return False
    keep(facts, draft)
    for worker in range(len(facts.workers)):
        draft.limits[worker] = limit_price(facts, draft, worker)
    return True


@compiled
def recreate(facts: Facts, draft: Draft, blink: int, tries: int) -> None:
    """Put back what was taken out, and try `tries` units of those left out, in an order drawn for this step."""
    rng = draft.rng
    order = below(rng, 8)
    count = 0
    for at in range(draft.counts[REMOVED]):
        count = _enlist(facts, draft, facts.marks[draft.removed[at], UNIT], order, count)
    legs = facts.fit.shape[1]
    first = below(rng, legs)
    retried = 0
    for step in range(legs):
        leg = (first + step) % legs
        if draft.links[leg, WHO] < 0:
            before = count
            count = _enlist(facts, draft, facts.marks[leg, UNIT], order, count)
            retried += count - before
            if retried >= tries:
                break
    for at in range(1, count):  # by key; few enough
        one, key = draft.units[at], draft.keys[at]
        to = at
        while to > 0 and draft.keys[to - 1] > key:
            draft.units[to], draft.keys[to] = draft.units[to - 1], draft.keys[to - 1]
            to -= 1
        draft.units[to], draft.keys[to] = one, key
    for at in range(count):
        put_back(facts, draft, draft.units[at], blink)


@compiled
def _enlist(facts: Facts, draft: Draft, one: int, order: int, count: int) -> int:
    """A unit to be put back, once, with its key: random, early first, late first, the far first, or pairs first."""
    for at in range(count):
        if draft.units[at] == one:
            return count
    leg = facts.units[facts.units_from[one]]
    key = unit(draft.rng)
    if order < 2:
        key = facts.numbers[leg, DUE]
    elif order == 2:
        key = -facts.numbers[leg, DUE]
    elif order == 3:
        key = -facts.remote[leg]
    elif order < 6 and facts.units_from[one + 1] - facts.units_from[one] > 1:
        key -= 1.0
    draft.units[count] = one
    draft.keys[count] = key
    return count + 1


@compiled
def put_back(facts: Facts, draft: Draft, one: int, blink: int) -> None:
    """Insert the unit's missing legs: a pair together, else leg by leg. A visit for two is served by two or by none."""
    links = draft.links
    for at in range(facts.units_from[one], facts.units_from[one + 1]):
        leg = facts.units[at]
        if links[leg, WHO] >= 0:
            continue
        visit = facts.marks[leg, VISIT]
        mate = facts.marks[leg, MATE]
        price = facts.open_price[visit]
        first, last = facts.visits_from[visit], facts.visits_from[visit + 1]
        if last - first > 1:
            mate = first + last - 1 - leg  # the other leg of a visit for two
            if links[mate, WHO] >= 0:
                mate = -1
        if mate >= 0 and links[mate, WHO] < 0:
            if facts.marks[mate, VISIT] != visit:
                price += facts.open_price[facts.marks[mate, VISIT]]
            if insert_two(facts, draft, leg, mate, price, blink) or facts.marks[mate, VISIT] == visit:
                continue
            price = facts.open_price[visit]
        insert_one(facts, draft, leg, price, blink)
    for at in range(facts.units_from[one], facts.units_from[one + 1]):
        leg = facts.units[at]
        visit = facts.marks[leg, VISIT]
        first, last = facts.visits_from[visit], facts.visits_from[visit + 1]
        if last - first > 1 and links[first, WHO] >= 0 and links[first + 1, WHO] < 0:
            half_out(facts, draft, first)
        elif last - first > 1 and links[first, WHO] < 0 and links[first + 1, WHO] >= 0:
            half_out(facts, draft, first + 1)


@compiled
def half_out(facts: Facts, draft: Draft, leg: int) -> None:
    """One of two workers alone is no visit: the leg goes out again (unless it is locked)."""
    if facts.locked[leg]:
        return
    worker = draft.links[leg, WHO]
    next_step(draft)
    unlink(facts, draft, leg)
    settle(facts, draft)
    keep(facts, draft)
    draft.limits[worker] = limit_price(facts, draft, worker)


@compiled
def copy_ints(source: Ints, to: Ints) -> None:
    for row in range(source.shape[0]):
        for column in range(source.shape[1]):
            to[row, column] = source[row, column]


@compiled
def copy_floats(source: Floats, to: Floats) -> None:
    for row in range(source.shape[0]):
        for column in range(source.shape[1]):
            to[row, column] = source[row, column]


@compiled
def copy(draft: Draft, links: Ints, times: Floats, limits: Floats) -> None:
    """Remember the plan."""
    copy_ints(draft.links, links)
    copy_floats(draft.times, times)
    for row in range(len(limits)):
        limits[row] = draft.limits[row]


@compiled
def back_to(facts: Facts, draft: Draft, links: Ints, times: Floats, limits: Floats, greatest: float) -> None:
    """Go back to a plan remembered."""
    copy_ints(links, draft.links)
    copy_floats(times, draft.times)
    for row in range(len(limits)):
        draft.limits[row] = limits[row]
    draft.totals[GREATEST] = greatest
    next_step(draft)


@compiled
def resettle(facts: Facts, draft: Draft) -> bool:
    """All times from nothing: the least begins there are, whatever way the search came."""
    legs = facts.fit.shape[1]
    next_step(draft)
    for node in range(len(draft.links)):
        if draft.links[node, WHO] >= 0 and (node < legs or node >= legs + len(facts.workers)):
            draft.times[node, BEGIN] = -FAR
            draft.times[node, REACH] = -FAR
            draft.times[node, ARRIVE] = -FAR
    for worker in range(len(facts.workers)):
        draft.queue[draft.counts[QUEUED]] = draft.links[legs + worker, NEXT]
        draft.counts[QUEUED] += 1
    return settle(facts, draft)


@compiled
def run(
    facts: Facts, draft: Draft, best: Ints, links: Ints, times: Floats, limits: Floats, chances: Floats,
    prices: Floats, steps: int, heat: float, cooling: float, size: float,
) -> int:  # fmt: skip
    """Take so many steps from the plan of the draft; `best` gets the chains of the best plan. `prices`: of the plan now,
    and the best. `links`, `times`, `limits` are for the way back. Returns how many steps were kept."""
    kept = 0
    rng = draft.rng
    for _ in range(steps):
        heat *= cooling
        copy(draft, links, times, limits)
        greatest = draft.totals[GREATEST]
        allowed = prices[0] + heat * chances[draw(rng) & (LOGS - 1)]
        good = ruin(facts, draft, size)
        if good:
            recreate(facts, draft, BLINKS, RETRIED)
            now = add_up(facts, draft)
            good = now < allowed
        if good:
            kept += 1
            prices[0] = now
            if now < prices[1] - 1e-7:
                prices[1] = now
                copy_ints(draft.links, best)
        else:
            back_to(facts, draft, links, times, limits, greatest)
    return kept
