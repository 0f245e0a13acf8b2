"""Two doors of a round in a row, the second before the first in the familiar order."""

from __future__ import annotations

from itertools import pairwise

from routing.constraints.day import Day


def cost(day: Day) -> float:
    swapped = 0
    for drive in day.drives.values():
        for one, other in pairwise(drive.events):
            before, after = one.visit, other.visit
            same_round = before.round_id != "" and before.round_id == after.round_id
            swapped += one.at_door and other.at_door and same_round and before.round_rank > after.round_rank
    return day.problem.prices.order_change * swapped
