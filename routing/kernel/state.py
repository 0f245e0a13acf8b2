"""The arrays that the kernel works on: `Facts` do not change during a search, the `Draft` is the plan being worked on.

Requests 0..K-1 are visits (each leg of a visit for two is a request). Node k is the door of request k, node K+k its
pickup. A route's row holds its start at 0, its nodes at 1..size, its end at size+1. Times are seconds, float64: whole
seconds stay whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Columns of Facts.times. SINCE: when a meal onboard left its kitchen; FRESH: the freshness limit (FAR: none).
EARLIEST, LATEST, SERVICE, ACCESS, DUE, LATE_PRICE, PROMISE, PROMISE_PRICE, FRESH, SINCE = range(10)
KITCHEN, ROUND, RANK = range(3)  # columns of Facts.marks, -1: none; KITCHEN of pickups only
FREE, SHIFT_END, MOST_ACTIVE, MOST_METRES, FAIR_ACTIVE, USED_PRICE = range(6)  # columns of Facts.shifts
START, END, CAPACITY, MODE, KIND, LOCKED, BREAKS = range(7)  # columns of Facts.workers
RICH, TRAVEL_PRICE, SHARE_PRICE, ORDER_PRICE, MOST_MEALS = range(5)  # entries of Facts.terms
DEPART, COST, ACTIVE, METRES, BEGIN, STOP_SERVICE = range(6)  # layers of Draft.trace: at each position, in rich problems
NO_PLACE = -1
USED_COUNT, ABSENT_COUNT, TOUCHED_COUNT, STAMP = range(4)  # entries of Draft.counts
FAR = 1e18
BROKEN = 1e12  # the price of a route that breaks a rule: no step that leaves one is kept


class Facts(NamedTuple):
    """What a search is about. K requests, W workers, P places, M modes, C kinds of empty workers. Where a problem needs
    only windows, capacity and travel (`terms[RICH]` 0), what the richer rules need is left out (one entry)."""

    travel: Floats  # [M, P, P] seconds
    travel_back: Floats  # [M, P, P] the same, turned round: rows are destinations
    place: Ints  # [2K] of each node
    times: Floats  # [2K, 10]
    paired: Ints  # [K] 1: has a pickup to be made
    boxes: Ints  # [K]
    absent_price: Floats  # [K]
    near: Ints  # [2K, N] nodes to look at, nearest first; -1 ends the list
    keys: Floats  # [K, 5] what insertion orders sort by: boxes, farness, width of the window, its begin, its end
    workers: Ints  # [W, 7]
    shifts: Floats  # [W, 6]
    empties: Ints  # [C] how many workers of each kind
    terms: Floats  # [5]
    fixed: Ints  # [K] 1: stays where it is
    start_boxes: Ints  # [K] boxes that are in the box from the start of the route
    boxes_back: Ints  # [K]
    marks: Ints  # [2K, 3]
    fit: Floats  # [K, W] the price of this worker for this request; FAR: forbidden
    until: Floats  # [K, W] or [1, 1]: the latest begin by the worker's credentials
    metres: Floats  # [P, P] or [1, 1]
    breaks: Floats  # [W, B, 3] earliest, latest, duration


class Draft(NamedTuple):
    """Routes by worker row, and the way back to what they were before the present step."""

    nodes: Ints  # [W, L]
    places: Ints  # [W, L]
    legs: Floats  # [W, L] travel from position to the next
    departs: Floats  # [W, L] leaving a position
    latest: Floats  # [W, L] latest arrival that keeps every later window
    loads: Ints  # [W, L] on leaving
    trace: Floats  # [6, W, L] or [6, 1, 1]
    taken: Ints  # [W, L] or [1, 1] breaks taken on leaving
    stops_from: Ints  # [W, L] or [1, 1] position of the first pickup of this kitchen stop; else the position itself
    peaks: Ints  # [2, W, L] or [2, 1, 1] greatest load up to a position, and from it on
    size: Ints  # [W]
    cost: Floats  # [W]
    holder: Ints  # [K] worker row or -1
    used: Ints  # [W] rows with nodes; Draft.counts[0] of them
    slot: Ints  # [W] place in `used`, or in `empties` of the kind
    empties: Ints  # [C, W]
    empty_count: Ints  # [C]
    absent: Ints  # [K]; counts[1] of them
    counts: Ints
    touched: Ints  # [W]; counts[2] of them
    stamp: Ints  # [W] 1 if touched
    old_nodes: Ints  # [W, L] by order of touching
    old_size: Ints  # [W]
    old_cost: Floats  # [W]
    changed: Ints  # [W] 1 if kept differently since the best was noted
    todo: Ints  # [K] requests taken out or waiting in this step
    todo_holder: Ints  # [K] who had them
    todo_key: Floats  # [K]
    marked: Ints  # [K] taken out in this step
    scratch: Floats  # [2L]
    trial: Ints  # [L + 2] nodes of a route as it would be
    left: Floats  # [2K] when each pickup is left
    left_trial: Floats  # [2K] the same in the trial, where left_stamp is the trial's
    left_stamp: Ints  # [2K]
    rng: Ints  # [4]


def empty_draft(facts: Facts, longest: int, rng: Ints) -> Draft:
    """A draft with nobody assigned, not yet refreshed. `longest`: nodes that a route may have."""
    requests, workers, row = len(facts.paired), len(facts.workers), longest + 2
    rich = (workers, row) if facts.terms[RICH] else (1, 1)
    draft = Draft(
        nodes=np.full((workers, row), -1, dtype=np.int64),
        places=np.zeros((workers, row), dtype=np.int64),
        legs=np.zeros((workers, row)),
        departs=np.zeros((workers, row)),
        latest=np.zeros((workers, row)),
        loads=np.zeros((workers, row), dtype=np.int64),
        trace=np.zeros((6, *rich)),
        taken=np.zeros(rich, dtype=np.int64),
        stops_from=np.zeros(rich, dtype=np.int64),
        peaks=np.zeros((2, *rich), dtype=np.int64),
        size=np.zeros(workers, dtype=np.int64),
        cost=np.zeros(workers),
        holder=np.full(requests, -1, dtype=np.int64),
        used=np.zeros(workers, dtype=np.int64),
        slot=np.zeros(workers, dtype=np.int64),
        empties=np.zeros((len(facts.empties), workers), dtype=np.int64),
        empty_count=np.zeros(len(facts.empties), dtype=np.int64),
        absent=np.arange(requests, dtype=np.int64),
        counts=np.array([0, requests, 0, 1], dtype=np.int64),
        touched=np.zeros(workers, dtype=np.int64),
        stamp=np.zeros(workers, dtype=np.int64),
        old_nodes=np.zeros((workers, row), dtype=np.int64),
        old_size=np.zeros(workers, dtype=np.int64),
        old_cost=np.zeros(workers),
        changed=np.ones(workers, dtype=np.int64),
        todo=np.zeros(requests, dtype=np.int64),
        todo_holder=np.zeros(requests, dtype=np.int64),
        todo_key=np.zeros(requests),
        marked=np.zeros(requests, dtype=np.int64),
        scratch=np.zeros(2 * row),
        trial=np.zeros(row + 2, dtype=np.int64),
        left=np.zeros(2 * requests),
        left_trial=np.zeros(2 * requests),
        left_stamp=np.zeros(2 * requests, dtype=np.int64),
        rng=rng,
    )
    # The first worker of a kind is on top of its pile.
    for worker in range(workers - 1, -1, -1):
        kind = int(facts.workers[worker, KIND])
        draft.slot[worker] = draft.empty_count[kind]
        draft.empties[kind, draft.empty_count[kind]] = worker
        draft.empty_count[kind] += 1
    return draft
