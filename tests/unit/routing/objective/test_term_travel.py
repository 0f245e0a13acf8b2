"""The price of all ways, by the second."""

from __future__ import annotations

from routing import Place, Prices, price_by_term
from tests.worlds import KITCHEN, at, care, carer, plan, route, world


def test_all_ways_and_the_way_home() -> None:
    one = plan(route("carer-1", "care-1", "care-2"))
    visits = [care(1, 300), care(2, 700)]
    assert price_by_term(world([carer()], visits), one)["travel"] == 300 + 400
    assert price_by_term(world([carer(end=KITCHEN)], visits), one)["travel"] == 300 + 400 + 700
    dear = world([carer(end=KITCHEN)], visits, prices=Prices(travel_per_s=2.5))
    assert price_by_term(dear, one)["travel"] == 2.5 * 1400


def test_neither_waiting_nor_the_way_up_nor_an_empty_route() -> None:
    waits = care(1, 300, earliest_s=at("11:00"), access_duration_s=240)
    problem = world([carer(1), carer(2, end=Place(5000, 0))], [waits])
    assert price_by_term(problem, plan(route("carer-1", "care-1"), route("carer-2")))["travel"] == 300
