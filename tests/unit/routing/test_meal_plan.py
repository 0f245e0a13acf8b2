"""A running day of single meals, matched anew: what is begun or promised stays, nothing is lost, waiting gets shorter."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from routing import Break, Place, Plan, Problem, Route, Stop, Visit, check, match_day, timetable
from routing.model import Pickup
from tests.worlds import WALK, at, care, carer, meal, rider


def problem(riders: list[object], visits: list[Visit]) -> Problem:
    return Problem(
        {one.worker_id: one for one in riders},  # type: ignore[attr-defined]
        {one.visit_id: one for one in visits}, WALK,
    )  # fmt: skip


def both(number: int, prefix: str = "home") -> tuple[Stop, Stop]:
    return Stop(f"{prefix}-{number}", "pickup"), Stop(f"{prefix}-{number}", "visit")


def from_kitchen(number: int, kitchen_x: float, home_x: float, ready: str = "09:30", **changes: object) -> Visit:
    place = Place(kitchen_x, 0)
    return meal(number, home_x, pickup=Pickup(f"kitchen-{kitchen_x:g}", place, at(ready), 180), **changes)


def held(plan: Plan) -> dict[str, list[str]]:
    return {w: [stop.visit_id for stop in route.stops if stop.kind == "visit"] for w, route in plan.routes.items()}


def test_a_meal_goes_to_who_is_there_when_it_is_ready() -> None:
    """Insertion gave both to one rider, in a row; the second stands idle at the other kitchen."""
    day = problem([rider(1), rider(2, place=Place(2000, 0))], [from_kitchen(1, 0, 300), from_kitchen(2, 2000, 2300)])
    running = Plan({"rider-1": Route("rider-1", both(1) + both(2)), "rider-2": Route("rider-2")})
    assert held(match_day(day, running, 1)) == {"rider-1": ["home-1"], "rider-2": ["home-2"]}


def test_what_its_rider_has_promised_or_begun_stays_in_place() -> None:
    promised = from_kitchen(1, 0, 300, pinned_worker_ids=frozenset({"rider-1"}))
    riding = from_kitchen(3, 0, 500)
    day = problem([rider(1), rider(2, place=Place(2000, 0))], [promised, from_kitchen(2, 2000, 2300), riding])
    before = (Stop("home-3", "visit"), *both(1), *both(2))
    running = Plan({"rider-1": Route("rider-1", before, 1, {"home-3": at("08:50")}), "rider-2": Route("rider-2")})
    found = match_day(day, running, 1)
    assert found.routes["rider-1"].stops[:3] == before[:3]
    assert found.routes["rider-1"].locked_count == 1
    assert held(found)["rider-2"] == ["home-2"]


def test_a_rider_with_a_break_keeps_the_route_as_it_is() -> None:
    resting = rider(1, breaks=(Break(at("10:00"), at("12:00"), 600),))
    day = problem([resting, rider(2)], [from_kitchen(1, 0, 300), from_kitchen(2, 0, 600)])
    running = Plan({"rider-1": Route("rider-1", both(1)), "rider-2": Route("rider-2")})
    found = match_day(day, running, 1)
    assert found.routes["rider-1"].stops == both(1)
    assert held(found)["rider-2"] == ["home-2"]


def test_care_and_its_workers_are_left_alone() -> None:
    day = problem([rider(1), carer(1)], [from_kitchen(1, 0, 300), care(1, 400)])
    running = Plan({"rider-1": Route("rider-1"), "carer-1": Route("carer-1", (Stop("care-1", "visit"),))})
    found = match_day(day, running, 1)
    assert held(found) == {"rider-1": ["home-1"], "carer-1": ["care-1"]}


@pytest.mark.parametrize("seed", range(20))
def test_no_meal_is_lost_and_no_rule_broken_on_any_day(seed: int) -> None:
    dice = random.Random(seed)
    riders = [rider(n, place=Place(dice.uniform(-1500, 1500), 0)) for n in range(1, 5)]
    kitchens = [dice.randrange(-1000, 1000) for _ in range(3)]
    meals = [
        from_kitchen(n, dice.choice(kitchens), dice.uniform(-2000, 2000), f"{dice.randrange(9, 11):02d}:{dice.randrange(60):02d}")
        for n in range(12)
    ]
    stops: dict[str, tuple[Stop, ...]] = {one.worker_id: () for one in riders}
    for one in meals[:9]:  # as they came, to anybody; three wait
        chosen = dice.choice(riders).worker_id
        stops[chosen] += (Stop(one.visit_id, "pickup"), Stop(one.visit_id, "visit"))
    for worker_id, mine in stops.items():
        if mine and dice.random() < 0.5:  # the first one of some is promised
            number = next(i for i, one in enumerate(meals) if one.visit_id == mine[0].visit_id)
            meals[number] = replace(meals[number], pinned_worker_ids=frozenset({worker_id}))
    day = problem(list(riders), meals)
    running = Plan({w: Route(w, mine) for w, mine in stops.items()})
    found = match_day(day, running, seed)
    assert check(day, found, running) == []
    assert sorted(v for mine in held(found).values() for v in mine) == sorted(one.visit_id for one in meals)
    assert match_day(day, running, seed) == found, "the same seed gives the same plan"


def test_the_sum_of_waiting_gets_shorter() -> None:
    """Ten meals that one rider after the other was given without a look ahead."""
    dice = random.Random(3)
    riders = [rider(n, place=Place(400 * n, 0)) for n in range(1, 5)]
    meals = [from_kitchen(n, 400 * dice.randrange(5), dice.uniform(-500, 2500), f"09:{10 + 4 * n}") for n in range(10)]
    day = problem(list(riders), meals)
    running = Plan({
        f"rider-{r}": Route(f"rider-{r}", tuple(s for n in range(10) if n % 4 == r - 1 for s in both(n))) for r in range(1, 5)
    })  # fmt: skip

    def waiting_s(plan: Plan) -> float:
        return sum(
            time.begin_s - day.visits[stop.visit_id].pickup.ready_s  # type: ignore[union-attr]
            for route in plan.routes.values()
            for stop, time in zip(route.stops, timetable(day, route), strict=True)
            if stop.kind == "visit"
        )

    assert waiting_s(match_day(day, running, 1)) < waiting_s(running)
