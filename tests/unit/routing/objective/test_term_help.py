"""Help from another living area: the price that the visit gives for it."""

from __future__ import annotations

from routing import price_by_term
from tests.worlds import care, carer, plan, route, world


def test_each_worker_from_elsewhere() -> None:
    visit = care(1, 0, worker_count=2, allowed_area_prices={"A": 0, "B": 300, "C": 450})
    pair = plan(route("carer-1", "care-1"), route("carer-2", "care-1"))
    for areas, expected in (("AA", 0), ("AB", 300), ("BC", 750)):
        workers = [carer(number, area_id=area) for number, area in enumerate(areas, 1)]
        assert price_by_term(world(workers, [visit]), pair)["help"] == expected
