"""Which nodes are near one another, in way and time: whose strings are taken out together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from routing.kernel.state import EARLIEST, LATEST, SERVICE, Floats, Ints

NEIGHBOURS = 100  # strings of ten routes hardly ever need more
WAIT_WEIGHT, LATE_WEIGHT = 0.2, 1.0  # of a second's wait or lateness beside a second's way, as in PyVRP's neighbourhoods
OTHER_KIND = 1e9  # riders' and carers' visits are never exchanged
ROWS = 256  # at a time: keeps the tables small


def near_list(travel: Floats, place: Ints, times: Floats, paired: Ints, rich: bool, cared: Sequence[bool]) -> Ints:
    """Facts.near. Where doors have pickups of their own, pickups count too; where kitchens serve many doors, only doors
    do, for every door is near its kitchen's other meals."""
    count = len(paired)
    nodes = np.arange(2 * count if paired.any() and not rich else count)
    kind = np.tile(np.array(cared, dtype=bool), 2)[nodes]
    width = min(NEIGHBOURS, max(1, len(nodes) - 1))
    near = np.full((2 * count, width), -1, dtype=np.int64)
    places = place[nodes]
    earliest, latest, service = times[nodes, EARLIEST], times[nodes, LATEST], times[nodes, SERVICE]
    for first in range(0, len(nodes), ROWS):
        some = nodes[first : first + ROWS]
        one = travel[np.ix_(places[some], places)]
        other = travel[np.ix_(places, places[some])].T
        away = np.minimum(
            one + _apart(earliest[some, None], latest[some, None], service[some, None], one, earliest, latest),
            other + _apart(earliest, latest, service, other, earliest[some, None], latest[some, None]),
        )
        away += OTHER_KIND * (kind[some, None] != kind)
        if len(nodes) > count:
            partner = np.where(some < count, some + count, some - count)
            away[np.arange(len(some)), partner] = -1.0
        away[np.arange(len(some)), some] = np.inf
        near[some] = np.argsort(away, axis=1, kind="stable")[:, :width] if len(nodes) > 1 else -1
    if len(nodes) == count:
        near[count:] = near[:count]
    return near


def _apart(earliest: Floats, latest: Floats, service: Floats, way: Floats, then_earliest: Floats, then_latest: Floats) -> Floats:
    """Seconds waited and late, weighted, when one is served right after the other."""
    wait = np.maximum(then_earliest - (latest + service) - way, 0.0)
    late = np.maximum(earliest + service + way - then_latest, 0.0)
    result: Floats = WAIT_WEIGHT * wait + LATE_WEIGHT * late
    return result
