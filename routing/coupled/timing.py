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
def rest_on_the_way(facts: Facts, worker: int, taken: int, depart: float, travel: float) -> tuple[float, int, float]:
    """The arrival, with the breaks that fall before the start and on arrival; how many have been taken by then; by how
    many seconds they begin too late."""
    count = facts.workers[worker, BREAKS]
    over = 0.0
    while taken < count and depart >= facts.breaks[worker, taken, 0]:
        over += max(0.0, depart - facts.breaks[worker, taken, 1])
        depart += facts.breaks[worker, taken, 2]
        taken += 1
    arrive = depart + travel
    while taken < count and arrive >= facts.breaks[worker, taken, 0]:
        over += max(0.0, arrive - facts.breaks[worker, taken, 1])
        arrive += facts.breaks[worker, taken, 2]
        taken += 1
    return arrive, taken, over


@inlined
def rest_while_waiting(facts: Facts, worker: int, taken: int, begin: float) -> tuple[float, int]:
    """The begin, with the breaks that fall into the waiting before it, and how many have been taken by then."""
    while taken < facts.workers[worker, BREAKS] and begin >= facts.breaks[worker, taken, 0]:
        begin = max(begin, facts.breaks[worker, taken, 0] + facts.breaks[worker, taken, 2])
        taken += 1
    return begin, taken


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


@inlined
def ask(draft: Draft, node: int) -> None:
    """Have a node's times worked out again by `settle`."""
    at = draft.counts[QUEUED]
    if at < len(draft.queue):
        draft.queue[at] = node
        draft.counts[QUEUED] = at + 1


@inlined
def _move(facts: Facts, draft: Draft, leg: int, begin: float) -> bool:
    """Set the begin of a partner; whoever comes behind it is asked. Returns whether it moved."""
    taken = draft.links[leg, RESTED]
    worker = draft.links[leg, WHO]
    if facts.workers[worker, BREAKS] > 0:
        begin, taken = rest_while_waiting(facts, worker, taken, begin)
    if begin == draft.times[leg, BEGIN] and taken == draft.links[leg, TAKEN]:
        return False
    note(draft, leg)
    draft.times[leg, BEGIN] = begin
    draft.links[leg, TAKEN] = taken
    ask(draft, draft.links[leg, NEXT])
    return True


@compiled
def _meet(facts: Facts, draft: Draft, leg: int) -> bool:
    """The least begins of all assigned legs of a leg's unit, from their reaches. False if they push for ever."""
    unit = facts.marks[leg, UNIT]
    low, high = facts.units_from[unit], facts.units_from[unit + 1]
    # From their reaches up: a begin left over from before would hold its partners where they are.
    for at in range(low, high):
        one = facts.units[at]
        worker = draft.links[one, WHO]
        if worker >= 0:
            draft.meeting[one] = rest_while_waiting(facts, worker, draft.links[one, RESTED], draft.times[one, REACH])[0]
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
                worker = draft.links[other, WHO]
                if worker >= 0 and draft.meeting[one] + facts.arcs_push[arc] > draft.meeting[other]:
                    begin = draft.meeting[one] + facts.arcs_push[arc]
                    draft.meeting[other] = rest_while_waiting(facts, worker, draft.links[other, RESTED], begin)[0]
                    moved = True
    for at in range(low, high):
        one = facts.units[at]
        if one != leg and draft.links[one, WHO] >= 0:
            _move(facts, draft, one, draft.meeting[one])
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
                break
            depart = times[before, BEGIN] + numbers[before, SERVICE]
            here, there = marks[before, PLACE], marks[node, PLACE]
            travel = 0.0
            if here >= 0 and there >= 0:
                travel = facts.travel[facts.workers[worker, MODE], here, there]
            rested = 0
            over = 0.0
            if facts.workers[worker, BREAKS] > 0:
                arrive, rested, over = rest_on_the_way(facts, worker, links[before, TAKEN], depart, travel)
            else:
                arrive = depart + travel
            reach = max(arrive + numbers[node, ACCESS], numbers[node, EARLIEST])
            begin = reach
            mate = marks[node, MATE]
            if mate == -1 or (mate >= 0 and links[mate, WHO] < 0):
                pass
            else:
                note(draft, node)
                times[node, REACH] = reach
                links[node, RESTED] = rested
                if mate >= 0 and facts.workers[worker, BREAKS] + facts.workers[links[mate, WHO], BREAKS] == 0:
                    begin = max(reach, times[mate, REACH] + numbers[mate, PUSH])
                    _move(facts, draft, mate, max(times[mate, REACH], reach + numbers[node, PUSH]))
                elif _meet(facts, draft, node):
                    begin = draft.meeting[node]
                else:
                    draft.counts[QUEUED] = 0
                    return False
            taken = rested
            if taken < facts.workers[worker, BREAKS] and node < legs:
                begin, taken = rest_while_waiting(facts, worker, rested, begin)
            same = begin == times[node, BEGIN] and taken == links[node, TAKEN]
            note(draft, node)
            times[node, BEGIN] = begin
            times[node, REACH] = reach
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
    next_step(draft)


@inlined
def next_step(draft: Draft) -> None:
    """Forget the log: what is, stays."""
    draft.counts[LOGGED] = 0
    draft.counts[QUEUED] = 0
    draft.counts[STEP] += 1
