"""The arrays of the coupled search: `Facts` never change, the `Draft` is the plan being worked on.

Nodes: 0..L-1 are *legs* (one worker's part of a visit; a visit for two has two), L+w is the start of worker row w,
L+W+w its end. A route is a chain of nodes from start to end. Times are seconds, float64: whole seconds stay whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PICKS = 6  # places tried in full for each insertion; in nearly all the cheapest is the first or second
FAR = 1e18
FORBIDDEN = 1e15  # in Facts.fit: this worker may not serve this leg
BROKEN = 1e7  # a hard rule broken counts this much, and
BROKEN_PER_S = 1e4  # this much more for each second: far above any price, so broken rules go first

# Columns of Facts.numbers, by node
EARLIEST, SERVICE, ACCESS, DUE, LATE_RATE, PROMISED, PROMISE_RATE, PUSH = 0, 1, 2, 3, 4, 5, 6, 7
# Columns of Facts.marks, by node: place; partner leg (-1 none, MANY: see the arcs); visit; unit of legs planned together
PLACE, MATE, VISIT, UNIT, APART = 0, 1, 2, 3, 4
NOBODY, MANY = -1, -2
# Columns of Facts.workers (ints) and Facts.shifts (floats)
# (ANCHOR: the last node that stays where it is)
MODE, BREAKS, LIMITED, ANCHOR = 0, 1, 2, 3
FREE, SHIFT_END, MOST_ACTIVE, MOST_METRES, FAIR_ACTIVE = 0, 1, 2, 3, 4
# Entries of Facts.rates
TRAVEL_RATE, USED_PRICE, GREATEST_RATE, OVER_SHARE_RATE = 0, 1, 2, 3
# Columns of Draft.links
# (TAKEN: breaks taken by the begin, RESTED: on arriving)
NEXT, BEFORE, WHO, TAKEN, RESTED = 0, 1, 2, 3, 4
# Columns of Draft.times. REACH: the earliest begin as far as its own route goes (without breaks); OVERRUN: seconds that
# breaks since the node before begin too late (OVER_BEFORE: of those before the way); PAID: the node's part of the price, as last
# weighed; ARRIVE: the clock at the street door
BEGIN, REACH, OVERRUN, PAID, ARRIVE, OVER_BEFORE = 0, 1, 2, 3, 4, 5
# Entries of Draft.counts
QUEUED, LOGGED, STEP, REMOVED = 0, 1, 2, 3
# Entries of Draft.totals
ROAD, TOLL, GREATEST, OPEN, LIMITS, NEW_GREATEST = 0, 1, 2, 3, 4, 5


class Facts(NamedTuple):
    """What the search is about. L legs, W workers, V visits, U units, N = L + 2W nodes, P places, M modes."""

    travel: Floats  # [M, P, P] seconds
    metres: Floats  # [P, P], or [1, 1] where no worker has a limit
    numbers: Floats  # [N, 8]
    marks: Ints  # [N, 5]
    fit: Floats  # [W, L] price of this worker for this leg
    closes: Floats  # [W, L] the latest begin: the visit's, or what the worker's credentials allow
    workers: Ints  # [W, 4]
    shifts: Floats  # [W, 5]
    breaks: Floats  # [W, B, 3] earliest, latest, duration
    arcs_from: Ints  # [L + 1] arcs of each leg
    arcs_to: Ints  # [A] other leg: begins at least
    arcs_push: Floats  # [A] this long after
    arcs_apart: Ints  # [A] 1: by another worker
    units_from: Ints  # [U + 1]
    units: Ints  # [L] legs by unit
    visits_from: Ints  # [V + 1] legs of visit v are visits_from[v] .. visits_from[v + 1] - 1
    open_price: Floats  # [V] unserved
    near: Ints  # [L, K] legs alike, nearest first; -1 ends
    remote: Floats  # [L] seconds from the first worker's start
    locked: Ints  # [L] 1: stays where it is
    rates: Floats  # [4]


class Draft(NamedTuple):
    """The plan as chains, its times, and the way back."""

    links: Ints  # [N, 5]
    times: Floats  # [N, 6]
    queue: Ints  # nodes whose times have to be worked out again
    stamp: Ints  # [N] the step that logged the node last
    log_node: Ints  # [N]
    log_taken: Ints  # [N, 2]
    log_times: Floats  # [N, 6]
    meeting: Floats  # [L] begins of partners while they are worked out
    counts: Ints
    totals: Floats
    limits: Floats  # [W] price of hours and distance beyond the limits
    removed: Ints  # [L] legs taken out in this step
    spots: Ints  # [2, N] places looked at for a leg and its partner: the node before
    spot_numbers: Floats  # [2, N, 2] least price there, reach
    picks: Ints  # [PICKS, 2] the most promising places (of both)
    pick_prices: Floats  # [PICKS]
    units: Ints  # [U] units to be put back
    keys: Floats  # [U] what they are sorted by
    rng: Ints
