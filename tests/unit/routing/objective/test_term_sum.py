"""The price of a plan is the sum of its terms, all of them named."""

from __future__ import annotations

from routing import Place, price, price_by_term
from tests.worlds import at, care, meal, plan, rider, route, world

TERMS = [
    "travel", "lateness", "greatest_lateness", "unserved", "help", "move", "promise", "unfamiliar", "not_preferred",
    "other_gender", "order_change", "over_share", "worker_used",
]  # fmt: skip


def test_every_term_is_named_also_where_it_is_nothing() -> None:
    assert price_by_term(world([rider()], []), plan()) == dict.fromkeys(TERMS, 0.0)


def test_the_price_is_the_sum_to_the_unit() -> None:
    late = meal(2, 600, due_s=at("09:10"), allowed_area_prices={"A": 500})
    waiting = [care(number, 0, priority=number) for number in (1, 2, 3)]
    problem = world([rider(end=Place(0, 0))], [meal(1, 300), late, *waiting])
    one = plan(route("rider-1", "+home-1", "+home-2", "home-1", "home-2"))
    named = {name: cost for name, cost in price_by_term(problem, one).items() if cost}
    assert named == {"travel": 1200, "lateness": 240, "help": 500, "unserved": 800_000 + 200_000 + 100_000}
    assert price(problem, one) == 1200 + 240 + 500 + 1_100_000
