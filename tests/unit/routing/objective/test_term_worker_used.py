"""A price for each worker with something to do."""

from __future__ import annotations

from routing import Prices, price_by_term
from tests.worlds import care, carer, plan, route, world


def test_each_route_with_stops() -> None:
    some = plan(route("carer-1", "care-1", "care-2"), route("carer-2", "care-3"), route("carer-3"))
    visits = [care(number, 0) for number in (1, 2, 3)]
    workers = [carer(1), carer(2), carer(3)]
    assert price_by_term(world(workers, visits), some)["worker_used"] == 0
    assert price_by_term(world(workers, visits, prices=Prices(worker_used=900)), some)["worker_used"] == 1800
