"""When every leg begins, across routes: each leg as soon as its own route and its partners allow.

A leg's *reach* is the earliest begin that its own route gives. Partners push one another: `begin(other) >= begin(leg) +
push` for every arc, so "together" is a push of 0 both ways and a gap [min, max] is +min one way and -max the other. The
least begins that satisfy all of it are the plan's times: every price of lateness grows with the begin.

After a change only the nodes behind it are worked out again, until nothing moves; what they were is logged, so that a
trial can be taken back. Times that never come to rest mean that legs wait for one another in a circle.
"""

from __future__ import annotations

from routing.coupled.facts import (
    ACCESS,
    ARRIVE,
    BEFORE,
    BEGIN,
    BREAKS,
    BROKEN,
    BROKEN_PER_S,
    DUE,
    EARLIEST,
    FAR,
    LATE_RATE,
    LOGGED,
    MATE,
    MODE,
    NEXT,
    NOBODY,
    OVER_BEFORE,
    OVERRUN,
    PAID,
    PLACE,
    PROMISE_RATE,
    PROMISED,
    PUSH,
    QUEUED,
    REACH,
    RESTED,
    SERVICE,
    SHIFT_END,
    STEP,
    TAKEN,
    UNIT,
    WHO,
    Draft,
    Facts,
)  # fmt: skip
from routing.coupled.fast import compiled, inlined

PATIENCE = 4  # times as many updates as there are nodes: then they run in a circle


@inlined
def toll(facts: Facts, node: int, worker: int, begin: float) -> float:
    """The price of beginning a node then: lateness, a broken promise; a hard rule broken is beyond any price."""
    legs = facts.fit.shape[1]
    if node >= legs:
        over = begin - facts.shifts[worker, SHIFT_END]
        return float(BROKEN + over * BROKEN_PER_S if over > 0.0 else 0.0)
    price = 0.0
    late = begin - facts.numbers[node, DUE]
    if late > 0.0:
        price = late * facts.numbers[node, LATE_RATE]
    late = begin - facts.numbers[node, PROMISED]
    if late > 0.0:
        price += late * facts.numbers[node, PROMISE_RATE]
    over = begin - facts.closes[worker, node]
    if over > 0.0:
        price += BROKEN + over * BROKEN_PER_S
    return price


@inlined
def road_s(facts: Facts, worker: int, a: int, b: int) -> float:
    """Seconds from node to node; none from or to nowhere, none for a worker who stays at home."""
    here, there = facts.marks[a, PLACE], facts.marks[b, PLACE]
    if here < 0 or there < 0:
        return 0.0
    legs = facts.fit.shape[1]
    if a >= legs and b >= legs:
        return 0.0
    return float(facts.travel[facts.workers[worker, MODE], here, there])


@inlined
def rest_on_leaving(facts: Facts, worker: int, taken: int, clock: float) -> tuple[float, int, float]:
    """The clock after the breaks that are due before the way; how many have been taken; seconds they begin too late."""
    over = 0.0
    while taken < facts.workers[worker, BREAKS] and clock >= facts.breaks[worker, taken, 0]:
        over += max(0.0, clock - facts.breaks[worker, taken, 1])
        clock += facts.breaks[worker, taken, 2]
        taken += 1
    return clock, taken, over


@inlined
def rest_on_arriving(facts: Facts, worker: int, taken: int, clock: float, access: float, floor: float) -> tuple[float, int, float]:
    """The begin, with the breaks that are due on arrival or fall into the waiting in the street until `floor`; how many
    have been taken; seconds they begin too late."""
    over = 0.0
    while taken < facts.workers[worker, BREAKS] and facts.breaks[worker, taken, 0] <= max(clock, floor - access):
        clock = max(clock, facts.breaks[worker, taken, 0])
        over += max(0.0, clock - facts.breaks[worker, taken, 1])
        clock += facts.breaks[worker, taken, 2]
        taken += 1
    return max(clock + access, floor), taken, over


@inlined
def note(draft: Draft, node: int) -> None:
    """Log a node's times before they change for the first time in this step."""
    step = draft.counts[STEP]
    if draft.stamp[node] == step:
        return
    draft.stamp[node] = step
    at = draft.counts[LOGGED]
    draft.counts[LOGGED] = at + 1
    draft.log_node[at] = node
    draft.log_taken[at, 0] = draft.links[node, TAKEN]
    draft.log_taken[at, 1] = draft.links[node, RESTED]
    draft.log_times[at, 0] = draft.times[node, BEGIN]
    draft.log_times[at, 1] = draft.times[node, REACH]
    draft.log_times[at, 2] = draft.times[node, OVERRUN]
    draft.log_times[at, 3] = draft.times[node, PAID]
    draft.log_times[at, 4] = draft.times[node, ARRIVE]
    draft.log_times[at, 5] = draft.times[node, OVER_BEFORE]


@inlined
def ask(draft: Draft, node: int) -> None:
    """Have a node's times worked out again by `settle`."""
    at = draft.counts[QUEUED]
    if at < len(draft.queue):
        draft.queue[at] = node
        draft.counts[QUEUED] = at + 1


@inlined
def _begin_of(facts: Facts, draft: Draft, leg: int, floor: float) -> tuple[float, int, float]:
    """A leg's begin not before a floor, the breaks taken by then, and the seconds they begin too late."""
    floor = max(floor, facts.numbers[leg, EARLIEST])
    worker, rested = draft.links[leg, WHO], draft.links[leg, RESTED]
    return rest_on_arriving(facts, worker, rested, draft.times[leg, ARRIVE], facts.numbers[leg, ACCESS], floor)


@inlined
def _move(draft: Draft, leg: int, begin: float, taken: int, over: float) -> None:
    """Set the begin of a partner; whoever comes behind it is asked."""
    if begin == draft.times[leg, BEGIN] and taken == draft.links[leg, TAKEN] and over == draft.times[leg, OVERRUN]:
        return
    note(draft, leg)
    draft.times[leg, BEGIN] = begin
    draft.times[leg, OVERRUN] = over
    draft.links[leg, TAKEN] = taken
    ask(draft, draft.links[leg, NEXT])


@compiled
def _meet(facts: Facts, draft: Draft, leg: int) -> bool:
    """The least begins of all assigned legs of a leg's unit, from their arrivals up (a begin left over from before would
    hold its partners where they are). False if they push for ever."""
    unit = facts.marks[leg, UNIT]
    low, high = facts.units_from[unit], facts.units_from[unit + 1]
    for at in range(low, high):
        one = facts.units[at]
        if draft.links[one, WHO] >= 0:
            draft.meeting[one] = _begin_of(facts, draft, one, -FAR)[0]
    moved = True
    rounds = 0
    while moved:
        moved = False
        rounds += 1
        if rounds > 2 * (high - low) + 8:
            return False
        for at in range(low, high):
            one = facts.units[at]
            if draft.links[one, WHO] < 0:
                continue
            for arc in range(facts.arcs_from[one], facts.arcs_from[one + 1]):
                other = facts.arcs_to[arc]
                floor = draft.meeting[one] + facts.arcs_push[arc]
                if draft.links[other, WHO] >= 0 and floor > draft.meeting[other]:
                    draft.meeting[other] = _begin_of(facts, draft, other, floor)[0]
                    moved = True
    for at in range(low, high):
        one = facts.units[at]
        if one != leg and draft.links[one, WHO] >= 0:
            # The begin itself as floor gives the same begin, and the breaks that fall before it.
            begin, taken, over = _begin_of(facts, draft, one, draft.meeting[one])
            _move(draft, one, begin, taken, draft.times[one, OVER_BEFORE] + over)
    return True


@compiled
def settle(facts: Facts, draft: Draft) -> bool:
    """Work out the times of all asked nodes and of whatever follows from them. False if they never come to rest."""
    links, times, numbers, marks = draft.links, draft.times, facts.numbers, facts.marks
    legs = facts.fit.shape[1]
    left = PATIENCE * len(links) + 40
    done = 0
    while done < draft.counts[QUEUED]:
        node = draft.queue[done]
        done += 1
        while node >= 0:
            left -= 1
            if left < 0:
                draft.counts[QUEUED] = 0
                return False
            worker = links[node, WHO]
            before = links[node, BEFORE]
            if node >= legs and before >= legs:  # nothing to do: home all the time
                note(draft, node)
                times[node, BEGIN] = -FAR
                times[node, REACH] = -FAR
                times[node, OVERRUN] = 0.0
                links[node, TAKEN] = 0
                break
            clock = times[before, BEGIN] + numbers[before, SERVICE]
            rested, over = 0, 0.0
            breaks = facts.workers[worker, BREAKS]
            if breaks > 0:
                clock, rested, over = rest_on_leaving(facts, worker, links[before, TAKEN], clock)
            here, there = marks[before, PLACE], marks[node, PLACE]
            if here >= 0 and there >= 0:
                clock += facts.travel[facts.workers[worker, MODE], here, there]
            reach = max(clock + numbers[node, ACCESS], numbers[node, EARLIEST])
            mate = marks[node, MATE]
            begin, taken, later = reach, rested, 0.0
            alone = mate == NOBODY or (mate >= 0 and links[mate, WHO] < 0)
            if not alone or breaks > 0:
                note(draft, node)
                times[node, REACH] = reach
                times[node, ARRIVE] = clock
                times[node, OVER_BEFORE] = over
                links[node, RESTED] = rested
            if alone:
                if breaks > 0:
                    begin, taken, later = _begin_of(facts, draft, node, -FAR)
            elif mate >= 0 and breaks + facts.workers[links[mate, WHO], BREAKS] == 0:
                begin = max(reach, times[mate, REACH] + numbers[mate, PUSH])
                _move(draft, mate, max(times[mate, REACH], reach + numbers[node, PUSH]), 0, 0.0)
            elif _meet(facts, draft, node):
                begin, taken, later = _begin_of(facts, draft, node, draft.meeting[node])
            else:
                draft.counts[QUEUED] = 0
                return False
            over += later
            same = begin == times[node, BEGIN] and taken == links[node, TAKEN]
            if same and reach == times[node, REACH] and over == times[node, OVERRUN]:
                break
            note(draft, node)
            times[node, BEGIN] = begin
            times[node, REACH] = reach
            times[node, ARRIVE] = clock
            times[node, OVER_BEFORE] = over - later
            times[node, OVERRUN] = over
            links[node, TAKEN] = taken
            links[node, RESTED] = rested
            if same:
                break
            node = links[node, NEXT]
    draft.counts[QUEUED] = 0
    return True


@compiled
def take_back(draft: Draft) -> None:
    """Times as they were before this step (the chains are the caller's)."""
    for at in range(draft.counts[LOGGED]):
        node = draft.log_node[at]
        draft.links[node, TAKEN] = draft.log_taken[at, 0]
        draft.links[node, RESTED] = draft.log_taken[at, 1]
        draft.times[node, BEGIN] = draft.log_times[at, 0]
        draft.times[node, REACH] = draft.log_times[at, 1]
        draft.times[node, OVERRUN] = draft.log_times[at, 2]
        draft.times[node, PAID] = draft.log_times[at, 3]
        draft.times[node, ARRIVE] = draft.log_times[at, 4]
        draft.times[node, OVER_BEFORE] = draft.log_times[at, 5]
    next_step(draft)


@inlined
def next_step(draft: Draft) -> None:
    """Forget the log: what is, stays."""
    draft.counts[LOGGED] = 0
    draft.counts[QUEUED] = 0
    draft.counts[STEP] += 1
