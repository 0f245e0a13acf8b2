"""Something small to solve, so that all of the kernel is compiled, or loaded from the disk, before it is needed."""

from __future__ import annotations

import numpy as np

from routing.kernel.plain import refresh
from routing.kernel.rng import seeded, thresholds
from routing.kernel.search import construct, run, total_price
from routing.kernel.state import FAR, Facts, empty_draft


def warm_kernel() -> None:
    """Every function is of one signature, whatever the problem; a rich one and a plain one run through both ways."""
    for rich in (0.0, 1.0):
        facts = _two_visits(rich)
        draft = empty_draft(facts, 8, seeded(1))
        for row in range(len(facts.workers)):
            refresh(facts, draft, row)
        construct(facts, draft)
        price = total_price(facts, draft)
        prices = np.array([price, price])
        run(facts, draft, draft.nodes.copy(), draft.size.copy(), prices, thresholds(), 2, 1.0, 1.0, 10.0, 10.0, 1)


def _two_visits(rich: float) -> Facts:
    """A door and a meal, one worker."""
    count = 2
    times = np.zeros((2 * count, 10))
    times[:, [1, 4, 6, 8, 9]] = FAR
    travel = np.array([[[0.0, 1.0, 2.0], [1.0, 0.0, 1.0], [2.0, 1.0, 0.0]]])
    return Facts(
        travel=travel,
        travel_back=travel,
        place=np.array([1, 2, 1, 0], dtype=np.int64),
        times=times,
        paired=np.array([0, 1], dtype=np.int64),
        boxes=np.zeros(count, dtype=np.int64),
        absent_price=np.full(count, 100.0),
        near=np.array([[1], [0], [1], [0]], dtype=np.int64),
        keys=np.zeros((count, 5)),
        workers=np.array([[0, 0, 1, 0, 0, 0, 0]], dtype=np.int64),
        shifts=np.array([[0.0, FAR, FAR, FAR, FAR, 0.0]]),
        empties=np.array([1], dtype=np.int64),
        terms=np.array([rich, 1.0, 0.0, 0.0, 40.0]),
        fixed=np.zeros(count, dtype=np.int64),
        start_boxes=np.zeros(count, dtype=np.int64),
        boxes_back=np.zeros(count, dtype=np.int64),
        marks=np.full((2 * count, 3), -1, dtype=np.int64),
        fit=np.zeros((count, 1)),
        until=np.full((1, 1), FAR),
        metres=np.zeros((1, 1)),
        breaks=np.zeros((1, 1, 3)),
    )
