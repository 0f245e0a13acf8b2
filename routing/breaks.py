"""Where a worker's breaks fall. They are not planned: they follow from the route (docs/model.md)."""

from __future__ import annotations

from collections.abc import Sequence

from routing.model import Break

Reached = tuple[float, float, int, bool]
"""A stop reached: when the worker is there, when it begins, how many breaks are taken by then, and whether one of them
began too late."""


def reach(
    breaks: Sequence[Break],
    limits: Sequence[float],
    taken: int,
    leave_s: float,
    leg_s: float,
    access_s: float,
    earliest_s: float,
    begun: list[float] | None = None,
) -> Reached:
    """From leaving a place to beginning at the next stop. A break whose time has come is taken right there, else on
    arrival, else while waiting, else later. `limits`: the latest begin of each break; `begun` takes their begins."""
    count, too_late = len(breaks), False
    while taken < count and leave_s >= breaks[taken].earliest_s:
        too_late |= leave_s > limits[taken]
        if begun is not None:
            begun.append(leave_s)
        leave_s += breaks[taken].duration_s
        taken += 1
    arrive_s = there_s = leave_s + leg_s
    while taken < count:
        one = breaks[taken]
        if one.earliest_s > max(there_s, earliest_s - access_s):  # who waits does so in the street
            break
        start_s = max(there_s, one.earliest_s)
        too_late |= start_s > limits[taken]
        if begun is not None:
            begun.append(start_s)
        there_s = start_s + one.duration_s
        taken += 1
    return arrive_s, max(there_s + access_s, earliest_s), taken, too_late


def finish(
    breaks: Sequence[Break],
    limits: Sequence[float],
    taken: int,
    leave_s: float,
    leg_s: float,
    begun: list[float] | None = None,
) -> tuple[float, bool]:
    """When the route is over, way home and breaks included, and whether a break began too late."""
    _, over_s, _, too_late = reach(breaks, limits, taken, leave_s, leg_s, 0, float("-inf"), begun)
    return over_s, too_late
