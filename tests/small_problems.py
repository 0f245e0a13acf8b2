"""Random small problems with every rule and every price of docs/model.md switched on and off; the same for a seed.

Whole seconds on a town of 3 x 3 km, so that an exact model in integers can judge them too (tests/exact_model.py).
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np

from routing import (
    Break,
    Credential,
    Gap,
    Pickup,
    Place,
    Plan,
    Prices,
    Problem,
    Route,
    Stop,
    TravelModel,
    Visit,
    Worker,
    check,
)
from routing.travel import Mode
from routing.travel_table import TableTravel

FEATURES = (
    "access", "accepted", "active_limit", "areas", "banned", "boxes_back", "breaks", "capacity", "continuity", "credentials",
    "distance_limit", "ends", "errands", "excluded", "fair_share", "freshness", "gaps", "gender", "greatest_lateness",
    "late_price", "loaded", "optional", "pairs", "parcels", "pickup_window", "pinned", "promises", "rounds", "shifts", "skills",
    "tight_windows", "two_breaks", "worker_used",
)  # fmt: skip
NINE = 9 * 3600
TOWN_M = 3000
TRAVEL = TravelModel({"bicycle": Mode(1.3, 4.0, 60), "foot": Mode(1.2, 1.25, 0), "van": Mode(1.5, 7.0, 120)})


def some_features(rng: random.Random, allowed: Collection[str] = FEATURES) -> frozenset[str]:
    """Sometimes few rules, sometimes nearly all."""
    share = rng.choice([0.1, 0.3, 0.6, 0.9])
    return frozenset(name for name in FEATURES if name in allowed and rng.random() < share)


def small_problem(seed: int, most_visits: int = 8, allowed: Collection[str] = FEATURES) -> Problem:
    """One to three workers of each kind that is needed, and up to `most_visits` visits."""
    rng = random.Random(seed)
    return _Town(rng, some_features(rng, allowed), rng.randint(1, most_visits)).problem()


class _Town:
    def __init__(self, rng: random.Random, on: frozenset[str], count: int) -> None:
        self.rng, self.on, self.count = rng, on, count
        self.kitchens = [(f"kitchen-{n}", self.somewhere()) for n in range(rng.choice([1, 1, 2]))]
        self.kinds = rng.choice([["meal"], ["care"], ["meal", "care"]])
        self.kinds += [kind for kind, name in (("errand", "errands"), ("parcel", "parcels")) if name in on]

    def somewhere(self) -> Place:
        return Place(self.rng.randrange(0, TOWN_M, 100), self.rng.randrange(0, TOWN_M, 100))

    def chance(self, feature: str, share: float = 0.5) -> bool:
        return feature in self.on and self.rng.random() < share

    def some(self, names: Collection[str], share: float = 0.5) -> frozenset[str]:
        return frozenset(name for name in sorted(names) if self.rng.random() < share)

    def problem(self) -> Problem:
        rng = self.rng
        riders = [f"rider-{n}" for n in range(rng.randint(1, 2))] if set(self.kinds) - {"care"} else []
        carers = [f"carer-{n}" for n in range(rng.randint(1, 3))] if "care" in self.kinds else []
        workers = {name: self.worker(name) for name in [*riders, *carers]}
        visits = [self.visit(number, sorted(workers)) for number in range(self.count)]
        gaps: tuple[Gap, ...] = ()
        if "gaps" in self.on:
            visits, gaps = self.gaps(visits)
        prices = Prices(
            travel_per_s=rng.choice([1, 2]), late_per_min=rng.choice([0, 60, 90]), unserved=rng.choice([20_000, 200_000]),
            worker_used=900 if "worker_used" in self.on else 0,
            greatest_lateness_per_s=2 if "greatest_lateness" in self.on else 0,
        )  # fmt: skip
        most = rng.choice([1, 2, 40, 40])
        return Problem(workers, {visit.visit_id: visit for visit in visits}, TRAVEL, prices, most, gaps)

    def worker(self, name: str) -> Worker:
        rng, rider = self.rng, name.startswith("rider")
        free_s = NINE + (rng.randrange(0, 3600, 60) if "shifts" in self.on else 0)
        changes: dict[str, Any] = {}
        if "breaks" in self.on:
            first_s = free_s + rng.randrange(0, 5400, 300)
            changes["breaks"] = (Break(first_s, first_s + rng.choice([1200, 3600]), rng.choice([600, 1800])),)
            if self.chance("two_breaks"):
                again_s = first_s + rng.randrange(600, 5400, 300)
                changes["breaks"] += (Break(again_s, again_s + rng.choice([1800, 5400]), 900),)
        if self.chance("active_limit"):
            changes["max_active_s"] = rng.choice([3600, 7200, 10_800])
        if self.chance("distance_limit"):
            changes["max_distance_m"] = rng.choice([3000, 6000, 12_000])
        if self.chance("credentials", 0.7):
            issued_s = NINE - rng.randrange(0, 200_000, 1800)
            valid_s = NINE + rng.choice([1800, 7200, 86_400])
            changes["credentials"] = {"test": Credential(issued_s, valid_s), "training": Credential(0, 10 * NINE)}
        if self.chance("fair_share"):
            changes["fair_active_s"] = rng.choice([0, 1800, 3600])
        worker = Worker(
            worker_id=name, kind="rider" if rider else "carer", organisation="one", mode=rng.choice(["bicycle", "foot", "van"]),
            area_id=rng.choice("AB") if "areas" in self.on else "A", free_s=free_s,
            shift_end_s=free_s + (rng.choice([3600, 7200, 14_400]) if "shifts" in self.on else 28_800), place=self.somewhere(),
            end=self.somewhere() if self.chance("ends") else None,
            capacity_boxes=rng.choice([1, 2, 4]) if "capacity" in self.on else 30,
            skills=self.some(("bath", "lift")), gender=rng.choice("fm"),
            banned_area_ids=frozenset({rng.choice("AB")}) if self.chance("banned", 0.3) else frozenset(), **changes,
        )  # fmt: skip
        return replace(worker, breaks=tuple(one for one in worker.breaks if one.earliest_s <= worker.shift_end_s))

    def visit(self, number: int, names: list[str]) -> Visit:
        rng, kind = self.rng, self.rng.choice(self.kinds)
        earliest_s = NINE + rng.randrange(0, 7200, 300)
        loose = 1 if "tight_windows" in self.on else 4
        due_s = earliest_s + loose * rng.choice([600, 1200, 2400])
        changes: dict[str, Any] = {}
        loaded = kind in ("errand", "parcel") and self.chance("loaded")
        if kind != "care" and not loaded:
            kitchen_id, place = rng.choice(self.kitchens)
            ready_s = earliest_s - rng.choice([0, 600, 1200])
            closes = {"latest_s": ready_s + rng.choice([900, 2700])} if self.chance("pickup_window") else {}
            changes["pickup"] = Pickup(kitchen_id, place, ready_s, rng.choice([60, 180]), **closes)
        if kind != "care":
            changes["boxes"] = rng.choice([0, 1, 1, 2])
            changes["boxes_back"] = rng.choice([1, 2]) if self.chance("boxes_back", 0.4) else 0
        if kind == "meal" and self.chance("freshness"):
            changes["freshness_s"] = rng.choice([900, 1800])
        if kind == "meal" and self.chance("rounds", 0.7):
            changes |= {"round_id": rng.choice(["north", "south"]), "round_rank": rng.randint(1, 4)}
        if kind == "care":
            changes["worker_count"] = 2 if self.chance("pairs", 0.4) else 1
            if self.chance("credentials"):
                changes["required_credentials"] = rng.choice([{"test": 0}, {"test": 172_800, "training": 0}, {"test": 86_400}])
        changes |= self.wishes(names)
        areas = rng.choice([{"A": 0, "B": 300}, {"A": 150, "B": 0}, {"B": 0}]) if "areas" in self.on else {"A": 0}
        return Visit(
            visit_id=f"{kind}-{number}", kind=kind, area_id=rng.choice("AB"), place=self.somewhere(), earliest_s=earliest_s,
            due_s=due_s, latest_s=due_s + loose * rng.choice([0, 900, 1800]), service_duration_s=rng.choice([60, 300, 1200]),
            allowed_area_prices=areas, priority=rng.choice([1, 2, 3]),
            access_duration_s=rng.choice([60, 240]) if self.chance("access") else 0, **changes,
        )  # fmt: skip

    def wishes(self, names: list[str]) -> dict[str, Any]:
        """What a recipient asks for or would like, and what was agreed."""
        rng = self.rng
        found: dict[str, Any] = {}
        if self.chance("skills"):
            found["required_skills"] = frozenset({rng.choice(["bath", "lift"])})
        if self.chance("gender", 0.3):
            found["gender"] = rng.choice("fm")
        if self.chance("excluded", 0.4):
            found["excluded_worker_ids"] = self.some(names, 0.4)
        if self.chance("pinned", 0.3):
            found["pinned_worker_ids"] = self.some(names, 0.5)
        if "continuity" in self.on:
            found["preferred_worker_ids"], found["familiar_worker_ids"] = self.some(names, 0.3), self.some(names, 0.3)
            found["preferred_gender"] = rng.choice(["", "f", "m"])
        if self.chance("late_price"):
            found["late_per_min"] = rng.choice([0, 30, 300])
        if self.chance("optional"):
            found["leave_out_price"] = rng.choice([0, 500, 3000])
        if self.chance("promises"):
            found["promised_s"] = NINE + rng.randrange(0, 9000, 300)
        if self.chance("accepted"):
            found["accepted"] = True
        return found

    def gaps(self, visits: list[Visit]) -> tuple[list[Visit], tuple[Gap, ...]]:
        """Neighbouring single visits become pairs of one recipient: one home, one window, a gap."""
        rng = self.rng
        gaps: list[Gap] = []
        for number in range(0, len(visits) - 1, 2):
            one, other = visits[number], visits[number + 1]
            if {one.kind, other.kind} - {"care", "errand"} or one.worker_count + other.worker_count > 2 or rng.random() < 0.3:
                continue
            visits[number + 1] = replace(other, place=one.place, earliest_s=one.earliest_s, latest_s=one.latest_s + 7200)
            visits[number + 1] = replace(visits[number + 1], due_s=max(other.due_s, one.earliest_s))
            least_s, spare_s = rng.choice([0, 0, 600, 1800]), rng.choice([0, 900, 3600])
            gaps.append(Gap(one.visit_id, other.visit_id, least_s, least_s + spare_s, rng.random() < 0.5))
        return visits, tuple(gaps)


def random_plan(problem: Problem, seed: int, tries: int = 6) -> Plan:
    """A plan that breaks nothing, found by trying places at random: it owes nothing to the planner."""
    rng = random.Random(seed)
    plan = Plan({worker_id: Route(worker_id) for worker_id in sorted(problem.workers)})
    for visit_id in rng.sample(sorted(problem.visits), len(problem.visits)):
        for _ in range(tries):
            tried = _placed(problem, plan, problem.visits[visit_id], rng)
            if tried is not None and not check(problem, tried):
                plan = tried
                break
    return plan


def _placed(problem: Problem, plan: Plan, visit: Visit, rng: random.Random) -> Plan | None:
    if len(plan.routes) < visit.worker_count:
        return None
    routes = dict(plan.routes)
    for worker_id in rng.sample(sorted(routes), visit.worker_count):
        stops = list(routes[worker_id].stops)
        door = rng.randint(0, len(stops))
        stops.insert(door, Stop(visit.visit_id, "visit"))
        if visit.pickup is not None:
            beside = [at + 1 for at, stop in enumerate(stops[:door]) if _joins(problem, visit, stop)]
            at = rng.choice(beside) if beside and rng.random() < 0.7 else rng.randint(0, door)
            stops.insert(at, Stop(visit.visit_id, "pickup"))
        routes[worker_id] = replace(routes[worker_id], stops=tuple(stops))
    return Plan(routes)


def _joins(problem: Problem, visit: Visit, stop: Stop) -> bool:
    """The visit may be taken up in the stop's kitchen stop."""
    other = problem.visits[stop.visit_id].pickup if stop.kind == "pickup" else None
    return other is not None and visit.pickup is not None and other.kitchen_id == visit.pickup.kitchen_id


def running_day(problem: Problem, seed: int) -> tuple[Problem, Plan]:
    """A day under way: a random plan whose routes have locked beginnings, and riders who have left the kitchen with what
    was to be taken up in their first stop (pinned to them)."""
    rng = random.Random(seed)
    routes, visits, workers = dict(random_plan(problem, seed).routes), dict(problem.visits), dict(problem.workers)
    for worker_id, route in routes.items():
        onboard: dict[str, float] = {}
        stops = route.stops
        if stops and stops[0].kind == "pickup" and rng.random() < 0.4:
            stop, rider = stops[0], workers[worker_id]
            visit = visits[stop.visit_id]
            assert visit.pickup is not None
            left_s = max(rider.free_s, visit.pickup.ready_s) + rng.choice([0, 300, 900])
            onboard[stop.visit_id] = left_s
            visits[stop.visit_id] = replace(visit, pinned_worker_ids=frozenset({worker_id}))
            workers[worker_id] = replace(rider, place=visit.pickup.place, free_s=left_s, shift_begin_s=rider.free_s)
            stops = stops[1:]
        locked = rng.randint(0, len(stops)) if rng.random() < 0.5 else 0
        routes[worker_id] = Route(worker_id, stops, locked, onboard)
    return replace(problem, workers=workers, visits=visits), Plan(routes)


def in_fractions(problem: Problem, start: Plan, seed: int) -> tuple[Problem, Plan]:
    """The same day in double precision: ways from a table that is neither whole nor symmetric, and odd durations."""
    rng = random.Random(seed)
    spots = sorted({(place.x_m, place.y_m) for place in _places(problem)})
    points = np.array(spots)
    straight = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
    uneven = np.array([[1 + rng.random() / 3 for _ in spots] for _ in spots])
    table = TableTravel(spots, straight / 3 * uneven, straight)
    at = {spot: table.places[row] for row, spot in enumerate(spots)}

    def there(place: Place) -> Place:
        return at[place.x_m, place.y_m]

    workers = {
        key: replace(worker, place=there(worker.place), end=None if worker.end is None else there(worker.end))
        for key, worker in problem.workers.items()
    }
    visits = {
        key: replace(
            visit, place=there(visit.place), service_duration_s=visit.service_duration_s + rng.random(),
            pickup=None if visit.pickup is None else replace(visit.pickup, place=there(visit.pickup.place)),
        )
        for key, visit in problem.visits.items()
    }  # fmt: skip
    return replace(problem, workers=workers, visits=visits, travel=table), start


def _places(problem: Problem) -> list[Place]:
    workers, visits = problem.workers.values(), problem.visits.values()
    found = [*(worker.place for worker in workers), *(visit.place for visit in visits)]
    found += [worker.end for worker in workers if worker.end is not None]
    return found + [visit.pickup.place for visit in visits if visit.pickup is not None]
