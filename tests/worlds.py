"""Small named worlds for routing tests: times are seconds of one day, 09:00 is 32,400; one metre a second on foot.

A `walk` takes one second a metre with no access time, so that prices can be read off the map.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from routing import (
    Mode,
    Pickup,
    Place,
    Plan,
    PlanIndex,
    Prices,
    Problem,
    Route,
    Stop,
    TravelModel,
    Unassignable,
    Visit,
    Worker,
    timetable,
)

WALK = TravelModel({"walk": Mode(detour=1.0, speed_m_per_s=1.0)})
STREET = TravelModel(
    {
        "bicycle": Mode(detour=1.35, speed_m_per_s=15 / 3.6, access_s=120),
        "motorbike": Mode(detour=1.4, speed_m_per_s=19 / 3.6, access_s=120),
        "foot": Mode(detour=1.3, speed_m_per_s=4.5 / 3.6, access_s=60),
    }
)
KITCHEN = Place(0, 0)


def at(clock: str) -> int:
    """"09:20" as seconds of the day."""
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"


def rider(number: int = 1, **changes: object) -> Worker:
    """On foot at the kitchen from 09:00 to 18:00, with room for 10 boxes."""
    worker = Worker(
        worker_id=f"rider-{number}", kind="rider", organisation="coop", area_id="A", mode="walk",
        free_s=at("09:00"), shift_end_s=at("18:00"), place=KITCHEN, capacity_boxes=10,
    )  # fmt: skip
    return replace(worker, **changes)  # type: ignore[arg-type]


def carer(number: int = 1, **changes: object) -> Worker:
    worker = Worker(
        worker_id=f"carer-{number}", kind="carer", organisation="home-care", area_id="A", mode="walk",
        free_s=at("09:00"), shift_end_s=at("18:00"), place=KITCHEN, skills=frozenset({"bath"}), gender="f",
    )  # fmt: skip
    return replace(worker, **changes)  # type: ignore[arg-type]


def meal(number: int, x: float, y: float = 0, *, ready: str = "09:00", **changes: object) -> Visit:
    """One box from the kitchen at (0, 0), ready at 09:00, loaded in 3 minutes, due at 12:00, a minute at the door."""
    visit = Visit(
        visit_id=f"home-{number}", kind="meal", area_id="A", place=Place(x, y),
        earliest_s=at("09:00"), due_s=at("12:00"), latest_s=at("13:00"), service_duration_s=60,
        allowed_area_prices={"A": 0}, pickup=Pickup("kitchen", KITCHEN, at(ready), 180), boxes=1,
    )  # fmt: skip
    return replace(visit, **changes)  # type: ignore[arg-type]


def care(number: int, x: float, y: float = 0, **changes: object) -> Visit:
    """An hour of care, to begin between 09:00 and 16:00, due by noon."""
    visit = Visit(
        visit_id=f"care-{number}", kind="care", area_id="A", place=Place(x, y),
        earliest_s=at("09:00"), due_s=at("12:00"), latest_s=at("16:00"), service_duration_s=3600,
        allowed_area_prices={"A": 0},
    )  # fmt: skip
    return replace(visit, **changes)  # type: ignore[arg-type]


def world(
    workers: Iterable[Worker], visits: Iterable[Visit], travel: TravelModel = WALK, **changes: object
) -> Problem:
    problem = Problem({w.worker_id: w for w in workers}, {v.visit_id: v for v in visits}, travel, Prices())
    return replace(problem, **changes)  # type: ignore[arg-type]


def route(worker_id: str, *stops: str, locked: int = 0, onboard: dict[str, int] | None = None) -> Route:
    """"+home-1" is the pickup of home-1, "home-1" its door."""
    made = tuple(Stop(s[1:], "pickup") if s.startswith("+") else Stop(s, "visit") for s in stops)
    return Route(worker_id, made, locked, onboard or {})


def plan(*routes: Route) -> Plan:
    return Plan({r.worker_id: r for r in routes})


def show(problem: Problem, one: Route) -> str:
    """A route as people write it: "rider-1 | kitchen 09:00 | home-7 09:20". Meals taken up together are one stop."""
    words = [one.worker_id]
    previous = ""
    for stop, time in zip(one.stops, timetable(problem, one), strict=True):
        pickup = problem.visits[stop.visit_id].pickup
        name = pickup.kitchen_id if stop.kind == "pickup" and pickup is not None else stop.visit_id
        word = f"{name} {clock(time.begin_s)}"
        if stop.kind == "visit" or word != previous:
            words.append(word)
        previous = word if stop.kind == "pickup" else ""
    return " | ".join(words)


def two_homes() -> Problem:
    """A rider at the kitchen; home-1 five minutes east, home-2 ten."""
    return world([rider()], [meal(1, 300), meal(2, 600)])


def random_world(
    seed: int, riders: int = 3, carers: int = 3, meals: int = 8, cares: int = 6, kitchens: int = 2, pairs: bool = True
) -> Problem:
    """A town of 4 x 4 km with two areas, bicycles and motorbikes, tight and loose windows; the same for a seed."""
    rng = random.Random(seed)

    def somewhere() -> Place:
        return Place(rng.randrange(0, 4000, 100), rng.randrange(0, 4000, 100))

    workers: list[Worker] = []
    for number in range(riders):
        workers.append(
            rider(
                number, area_id=rng.choice("AB"), mode=rng.choice(["bicycle", "motorbike"]), place=somewhere(),
                free_s=at("09:00") + rng.randrange(0, 3600, 60), shift_end_s=at("14:00") + rng.randrange(0, 7200, 60),
                capacity_boxes=rng.choice([3, 6, 12]), end=rng.choice([None, somewhere()]),
            )
        )  # fmt: skip
    for number in range(carers):
        workers.append(
            carer(
                number, area_id=rng.choice("AB"), mode=rng.choice(["foot", "bicycle"]), place=somewhere(),
                shift_end_s=at("15:00") + rng.randrange(0, 7200, 60), gender=rng.choice("fm"),
                skills=frozenset(rng.sample(["bath", "nursing", "care"], 2)), end=rng.choice([None, somewhere()]),
            )
        )  # fmt: skip
    places = [(f"kitchen-{n}", somewhere()) for n in range(kitchens)]
    visits: list[Visit] = []
    for number in range(meals):
        name, place = rng.choice(places)
        ready = at("09:30") + rng.randrange(0, 7200, 300)
        due = ready + rng.choice([2400, 3600, 7200])
        visits.append(
            meal(
                number, 0, place=somewhere(), pickup=Pickup(name, place, ready, 180), earliest_s=ready, due_s=due,
                latest_s=due + rng.choice([0, 1200, 3600]), freshness_s=rng.choice([0, 1800, 3600]),
                boxes=rng.choice([1, 1, 2]), allowed_area_prices=rng.choice([{"A": 0, "B": 300}, {"B": 0}]),
                priority=rng.choice([1, 2, 3]),
            )
        )  # fmt: skip
    for number in range(cares):
        begin = at("09:00") + rng.randrange(0, 14400, 600)
        due = begin + rng.choice([1800, 7200])
        visits.append(
            care(
                number, 0, place=somewhere(), earliest_s=begin, due_s=due, latest_s=due + rng.choice([0, 3600]),
                service_duration_s=rng.choice([1200, 2400]), gender=rng.choice(["", "", "f"]),
                required_skills=frozenset(rng.sample(["bath", "nursing", "care"], rng.choice([0, 1]))),
                worker_count=2 if pairs and rng.random() < 0.25 else 1,
                allowed_area_prices=rng.choice([{"A": 0, "B": 300}, {"A": 200, "B": 0}]),
            )
        )  # fmt: skip
    return world(workers, visits, STREET)


def planned(problem: Problem) -> PlanIndex:
    """All visits of a world inserted one after the other, as far as they go."""
    index = PlanIndex(problem)
    for visit_id in sorted(problem.visits):
        found = index.insert(problem.visits[visit_id])
        if not isinstance(found, Unassignable):
            for one in found.routes:
                index.set_route(one)
    return index


def in_progress(problem: Problem, seed: int) -> tuple[Problem, Plan]:
    """The world of a planned day some way into it: stops done, meals onboard and pinned to their rider, workers late
    or early, beginnings of routes locked, one visit in five not in the plan yet."""
    rng = random.Random(seed)
    index = PlanIndex(problem)
    for visit_id in sorted(problem.visits):
        found = index.insert(problem.visits[visit_id])
        if not isinstance(found, Unassignable) and rng.random() < 0.8:
            for one in found.routes:
                index.set_route(one)
    workers, visits = dict(problem.workers), dict(problem.visits)
    routes: dict[str, Route] = {}
    for worker_id in sorted(problem.workers):
        stops, times = index.route(worker_id).stops, index.timetable(worker_id)
        first_pair = next((i for i, s in enumerate(stops) if visits[s.visit_id].worker_count > 1), len(stops))
        done = rng.randint(0, first_pair)
        while done < len(stops) and done and times[done] == times[done - 1]:
            done -= 1  # a pickup stop is done whole or not at all
        onboard: dict[str, int] = {}
        worker = workers[worker_id]
        for stop, time in zip(stops[:done], times[:done], strict=True):
            visit = visits[stop.visit_id]
            if stop.kind == "pickup" and visit.pickup is not None:
                onboard[visit.visit_id] = time.depart_s
                visits[visit.visit_id] = replace(visit, pinned_worker_ids=frozenset({worker_id}))
                worker = replace(worker, place=visit.pickup.place, free_s=time.depart_s)
            else:
                onboard.pop(visit.visit_id, None)
                worker = replace(worker, place=visit.place, free_s=time.depart_s)
                del visits[visit.visit_id]
        workers[worker_id] = replace(worker, free_s=worker.free_s + rng.choice([0, 0, 300, 1500]))
        rest = stops[done:]
        routes[worker_id] = Route(worker_id, rest, rng.randint(0, len(rest)) if rng.random() < 0.5 else 0, onboard)
    return replace(problem, workers=workers, visits=visits), Plan(routes)
