"""Changing a draft's routes, remembering what they were, and going back."""

from __future__ import annotations

from routing.kernel.jit import compiled
from routing.kernel.plain import refresh
from routing.kernel.state import ABSENT_COUNT, KIND, TOUCHED_COUNT, USED_COUNT, Draft, Facts, Ints


@compiled
def touch(draft: Draft, row: int) -> None:
    """Remember a route before it is changed for the first time in a step."""
    if draft.stamp[row]:
        return
    draft.stamp[row] = 1
    at = draft.counts[TOUCHED_COUNT]
    draft.counts[TOUCHED_COUNT] = at + 1
    draft.touched[at] = row
    size = draft.size[row]
    draft.old_size[at] = size
    draft.old_cost[at] = draft.cost[row]
    for position in range(1, size + 1):
        draft.old_nodes[at, position] = draft.nodes[row, position]


@compiled
def resize(facts: Facts, draft: Draft, row: int, size: int) -> None:
    """Set a route's length and keep the lists of used and of empty workers."""
    before = draft.size[row]
    draft.size[row] = size
    if (before == 0) == (size == 0):
        return
    kind, slot = facts.workers[row, KIND], draft.slot[row]
    if before == 0:
        last = draft.empty_count[kind] - 1
        draft.empty_count[kind] = last
        other = draft.empties[kind, last]
        draft.empties[kind, slot] = other
        draft.slot[other] = slot
        draft.slot[row] = draft.counts[USED_COUNT]
        draft.used[draft.counts[USED_COUNT]] = row
        draft.counts[USED_COUNT] += 1
    else:
        last = draft.counts[USED_COUNT] - 1
        draft.counts[USED_COUNT] = last
        other = draft.used[last]
        draft.used[slot] = other
        draft.slot[other] = slot
        draft.slot[row] = draft.empty_count[kind]
        draft.empties[kind, draft.empty_count[kind]] = row
        draft.empty_count[kind] += 1


@compiled
def put_in(facts: Facts, draft: Draft, request: int, row: int, pickup_at: int, door_at: int) -> None:
    """Insert a request behind these positions of the route as it is (`pickup_at` -1: no pickup to be made)."""
    touch(draft, row)
    nodes, size = draft.nodes, draft.size[row]
    more = 2 if facts.paired[request] else 1
    for position in range(size, door_at, -1):
        nodes[row, position + more] = nodes[row, position]
    nodes[row, door_at + more] = request
    if more == 2:
        for position in range(door_at, pickup_at, -1):
            nodes[row, position + 1] = nodes[row, position]
        nodes[row, pickup_at + 1] = request + len(facts.paired)
    resize(facts, draft, row, size + more)
    draft.holder[request] = row
    refresh(facts, draft, row)


@compiled
def take_out_marked(facts: Facts, draft: Draft, row: int) -> None:
    """Remove the marked requests' nodes from a route."""
    requests, nodes, size = len(facts.paired), draft.nodes, draft.size[row]
    kept = 0
    for position in range(1, size + 1):
        node = nodes[row, position]
        request = node if node < requests else node - requests
        if not draft.marked[request]:
            kept += 1
            nodes[row, kept] = node
    resize(facts, draft, row, kept)
    refresh(facts, draft, row)


@compiled
def go_back(facts: Facts, draft: Draft, todo_count: int) -> None:
    """Undo the step: every touched route as it was, every request with whom it was."""
    for at in range(draft.counts[TOUCHED_COUNT]):
        row = draft.touched[at]
        size = draft.old_size[at]
        for position in range(1, size + 1):
            draft.nodes[row, position] = draft.old_nodes[at, position]
        resize(facts, draft, row, size)
        refresh(facts, draft, row)
        draft.stamp[row] = 0
    for at in range(todo_count):
        draft.holder[draft.todo[at]] = draft.todo_holder[at]
    draft.counts[TOUCHED_COUNT] = 0


@compiled
def keep(draft: Draft, todo_count: int) -> None:
    """Make the step good: forget what was, note who is absent now."""
    for at in range(draft.counts[TOUCHED_COUNT]):
        draft.stamp[draft.touched[at]] = 0
        draft.changed[draft.touched[at]] = 1
    draft.counts[TOUCHED_COUNT] = 0
    absent, count = draft.absent, 0
    for at in range(draft.counts[ABSENT_COUNT]):
        if not draft.marked[absent[at]]:
            absent[count] = absent[at]
            count += 1
    for at in range(todo_count):
        request = draft.todo[at]
        if draft.holder[request] < 0:
            absent[count] = request
            count += 1
    draft.counts[ABSENT_COUNT] = count


@compiled
def note_best(draft: Draft, best_nodes: Ints, best_size: Ints) -> None:
    """Copy the routes that changed since the best plan was last noted."""
    for row in range(len(draft.size)):
        if draft.changed[row]:
            draft.changed[row] = 0
            size = draft.size[row]
            best_size[row] = size
            for position in range(1, size + 1):
                best_nodes[row, position] = draft.nodes[row, position]
