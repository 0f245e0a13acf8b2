"""Ruin and recreate with slack induction by string removals (Christiaens & Vanden Berghe 2020), simulated annealing.

Each step takes strings of neighbouring visits out of routes near one another, puts them back by greedy insertion that
now and then overlooks a place, and keeps the result if it is better, or not much worse while it is still warm.
"""

from __future__ import annotations

from routing.kernel.change import go_back, keep, note_best, put_in, take_out_marked, touch
from routing.kernel.jit import compiled
from routing.kernel.plain import best_pair, best_single
from routing.kernel.rich import best_door, best_meal
from routing.kernel.rng import LOGS, SEE_ALL, below, draw, unit
from routing.kernel.state import ABSENT_COUNT, RICH, TOUCHED_COUNT, USED_COUNT, Draft, Facts, Floats, Ints

RETRIED = 12  # absent requests tried again in a step


@compiled
def ruin(facts: Facts, draft: Draft, removed: float, longest: float) -> int:
    """Take out strings around a random request; returns how many requests are to be put back."""
    requests = len(facts.paired)
    rng = draft.rng
    used = draft.counts[USED_COUNT]
    count = 0
    absent = draft.counts[ABSENT_COUNT]
    if requests > absent:
        seed = below(rng, requests)
        if facts.paired[seed] and draw(rng) & 1:
            seed += requests
        total = 0
        for at in range(used):
            total += draft.size[draft.used[at]]
        string_max = min(longest, total / max(1, used))
        strings_max = 4.0 * max(removed, string_max) / (1.0 + string_max) - 1.0
        strings = int(strings_max * unit(rng) + 1.0)
        done = 0
        node = seed
        for step in range(facts.near.shape[1] + 1):
            if step > 0:
                node = facts.near[seed, step - 1]
                if node < 0:
                    break
            request = node if node < requests else node - requests
            row = draft.holder[request]
            if row < 0 or draft.stamp[row]:
                continue
            touch(draft, row)
            count = _take_string(facts, draft, row, node, string_max, count)
            done += 1
            if done >= strings:
                break
        for at in range(draft.counts[TOUCHED_COUNT]):
            take_out_marked(facts, draft, draft.touched[at])
        for at in range(count):
            draft.holder[draft.todo[at]] = -1
    if absent > 0:
        first = below(rng, absent)
        for step in range(min(absent, RETRIED)):
            request = draft.absent[(first + step) % absent]
            draft.todo[count] = request
            draft.todo_holder[count] = -1
            draft.marked[request] = 1
            count += 1
    return count


@compiled
def _take_string(facts: Facts, draft: Draft, row: int, node: int, string_max: float, count: int) -> int:
    """Mark a string of a route that holds `node`, with or without a kept part in its middle."""
    rng, requests, size = draft.rng, len(facts.paired), draft.size[row]
    limit = min(float(size), string_max)
    length = min(size, int(limit * unit(rng) + 1.0))
    at = 1
    while draft.nodes[row, at] != node:
        at += 1
    kept = 0
    if length > 1 and length < size and draw(rng) & 1:
        kept = 1
        while length + kept < size and unit(rng) > 0.01:
            kept += 1
            if unit(rng) > 0.5:
                break
    span = length + kept
    low = max(1, at - span + 1)
    high = min(at, size - span + 1)
    first = low + below(rng, high - low + 1)
    skip_from = span
    if kept:
        skip_from = below(rng, length + 1)
    for step in range(span):
        if skip_from <= step < skip_from + kept:
            continue
        other = draft.nodes[row, first + step]
        request = other if other < requests else other - requests
        if draft.marked[request] or facts.fixed[request]:
            continue
        draft.marked[request] = 1
        draft.todo[count] = request
        draft.todo_holder[count] = row
        count += 1
    return count


@compiled
def sort_todo(facts: Facts, draft: Draft, count: int) -> None:
    """Random, most boxes, far, near, narrow, early, soon over: the orders of the paper, by its weights."""
    rng, todo, key, holder = draft.rng, draft.todo, draft.todo_key, draft.todo_holder
    way = below(rng, 17)
    for at in range(count):
        request = todo[at]
        if way < 4:
            key[at] = unit(rng)
        elif way < 8:
            key[at] = facts.keys[request, 0]
        elif way < 10:
            key[at] = facts.keys[request, 1]
        elif way < 11:
            key[at] = -facts.keys[request, 1]
        elif way < 13:
            key[at] = facts.keys[request, 2]
        elif way < 15:
            key[at] = facts.keys[request, 3]
        else:
            key[at] = facts.keys[request, 4]
    for at in range(1, count):
        one, its_key, its_holder = todo[at], key[at], holder[at]
        to = at
        while to > 0 and key[to - 1] > its_key:
            todo[to], key[to], holder[to] = todo[to - 1], key[to - 1], holder[to - 1]
            to -= 1
        todo[to], key[to], holder[to] = one, its_key, its_holder


@compiled
def recreate(facts: Facts, draft: Draft, count: int, blink: int) -> None:
    """Put the requests of the step back one after the other, each where it is cheapest now."""
    for at in range(count):
        request = draft.todo[at]
        pickup_at = -1
        if facts.terms[RICH] and facts.paired[request]:
            _, row, pickup_at, door_at = best_meal(facts, draft, request, blink)
        elif facts.terms[RICH]:
            _, row, door_at = best_door(facts, draft, request, blink)
        elif facts.paired[request]:
            _, row, pickup_at, door_at = best_pair(facts, draft, request, blink)
        else:
            _, row, door_at = best_single(facts, draft, request, blink)
        if row >= 0:
            put_in(facts, draft, request, row, pickup_at, door_at)


@compiled
def step_once(facts: Facts, draft: Draft, removed: float, longest: float, blink: int, allowance: float) -> tuple[float, bool]:
    """One ruin and recreate; returns the change of price and whether it was kept."""
    count = ruin(facts, draft, removed, longest)
    before = 0.0
    sort_todo(facts, draft, count)
    recreate(facts, draft, count, blink)
    after = 0.0
    for at in range(count):
        request = draft.todo[at]
        if draft.todo_holder[at] < 0:
            before += facts.absent_price[request]
        if draft.holder[request] < 0:
            after += facts.absent_price[request]
    for at in range(draft.counts[TOUCHED_COUNT]):
        after += draft.cost[draft.touched[at]] - draft.old_cost[at]
    change = after - before
    kept = change < allowance
    if kept:
        keep(draft, count)
    else:
        go_back(facts, draft, count)
    for at in range(count):
        draft.marked[draft.todo[at]] = 0
    return change, kept


@compiled
def construct(facts: Facts, draft: Draft) -> None:
    """Put in what is absent, in a random order of the paper's kinds, and keep it."""
    count = draft.counts[ABSENT_COUNT]
    for at in range(count):
        request = draft.absent[at]
        draft.todo[at] = request
        draft.todo_holder[at] = -1
        draft.marked[request] = 1
    sort_todo(facts, draft, count)
    recreate(facts, draft, count, SEE_ALL)
    keep(draft, count)
    for at in range(count):
        draft.marked[draft.todo[at]] = 0


@compiled
def total_price(facts: Facts, draft: Draft) -> float:
    """Of the whole draft: its routes and who is absent."""
    price = 0.0
    for at in range(draft.counts[ABSENT_COUNT]):
        price += facts.absent_price[draft.absent[at]]
    for row in range(len(draft.size)):
        price += draft.cost[row]
    return price


@compiled
def run(
    facts: Facts, draft: Draft, best_nodes: Ints, best_size: Ints, prices: Floats, logs: Floats,
    steps: int, warm: float, cooling: float, removed: float, longest: float, blink: int,
) -> int:
    """`steps` steps from temperature `warm`, times `cooling` after each. `prices`: of the draft and of the best plan,
    kept up to date. Returns how many steps were kept."""
    taken = 0
    temperature = warm
    for _ in range(steps):
        allowance = temperature * logs[below(draft.rng, LOGS)]
        change, kept = step_once(facts, draft, removed, longest, blink, allowance)
        temperature *= cooling
        if kept:
            taken += 1
            prices[0] += change
            if prices[0] < prices[1] - 1e-7:
                prices[1] = prices[0]
                note_best(draft, best_nodes, best_size)
    return taken
