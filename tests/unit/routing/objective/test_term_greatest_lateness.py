"""The latest visit of the plan, once."""

from __future__ import annotations

from routing import Prices, price_by_term
from tests.worlds import at, care, carer, plan, route, world


def test_only_the_latest_counts() -> None:
    visits = [care(1, 300, due_s=at("09:03")), care(2, 300, due_s=at("10:00"))]
    one = plan(route("carer-1", "care-1", "care-2"))
    assert price_by_term(world([carer()], visits), one)["greatest_lateness"] == 0
    problem = world([carer()], visits, prices=Prices(greatest_lateness_per_s=0.5))
    assert price_by_term(problem, one)["greatest_lateness"] == 0.5 * 300  # due at 10:00, begun at 10:05


def test_nothing_late_and_nothing_at_all() -> None:
    problem = world([carer()], [care(1, 300)], prices=Prices(greatest_lateness_per_s=1))
    assert price_by_term(problem, plan(route("carer-1", "care-1")))["greatest_lateness"] == 0
    assert price_by_term(problem, plan())["greatest_lateness"] == 0
