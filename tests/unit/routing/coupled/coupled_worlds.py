"""Small random days of carers: visits for two, gaps, breaks, credentials, limits, soft and hard windows, locked stops."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from random import Random

from routing.model import Break, Credential, Gap, Plan, Prices, Problem, Route, Stop, Visit, Worker
from routing.place import Place
from routing.travel import Mode, TravelModel

MODES = {"walk": Mode(1.3, 1.25, 60), "car": Mode(1.4, 8.0, 180)}


def place(rng: Random) -> Place:
    return Place(float(rng.randrange(0, 3000)), float(rng.randrange(0, 3000)))


def random_day(seed: int, visits: int = 10, workers: int = 4) -> Problem:
    rng = Random(seed)
    skills = ("bath", "meal", "talk")
    crew: dict[str, Worker] = {}
    for number in range(workers):
        home = place(rng)
        free_s = rng.choice([0, 1_800])
        crew[f"w{number}"] = Worker(
            f"w{number}", "carer", "", rng.choice(["a", "b"]), rng.choice(["walk", "car"]), free_s, 30_000,
            home, rng.choice([None, home, place(rng)]),
            skills=frozenset(skill for skill in skills if rng.random() < 0.8), gender=rng.choice(["f", "m"]),
            breaks=(Break(9_000, 14_000, 1_800), Break(20_000, 25_000, 600))[: rng.choice([0, 0, 1, 2])],
            max_active_s=rng.choice([0, 0, 15_000]), max_distance_m=rng.choice([0, 0, 9_000]),
            credentials={"test": Credential(-100_000, 15_000)} if rng.random() < 0.7 else {},
            banned_area_ids=frozenset(["b"]) if rng.random() < 0.1 else frozenset(),
            fair_active_s=rng.choice([None, 6_000.0]),
        )  # fmt: skip
    homes: dict[str, Visit] = {}
    gaps: list[Gap] = []
    for number in range(visits):
        earliest = rng.randrange(0, 22_000)
        due = earliest + rng.choice([0, 1_800, 5_000])
        homes[f"v{number}"] = Visit(
            f"v{number}", rng.choice(["care", "care", "errand"]), rng.choice(["a", "b"]), place(rng), earliest, due,
            rng.choice([due, due + 2_000, 28_000, inf]), rng.choice([300, 900, 2_400]), {"a": 0, "b": rng.choice([0, 50])},
            required_skills=frozenset([rng.choice(skills)]) if rng.random() < 0.5 else frozenset(),
            worker_count=rng.choice([1, 1, 1, 2]), priority=rng.choice([1, 2, 3]),
            access_duration_s=rng.choice([0, 0, 120]),
            required_credentials={"test": rng.choice([0, 112_000])} if rng.random() < 0.2 else {},
            preferred_worker_ids=frozenset(["w0"]) if rng.random() < 0.2 else frozenset(),
            familiar_worker_ids=frozenset(["w1", "w2"]) if rng.random() < 0.2 else frozenset(),
            preferred_gender=rng.choice(["", "", "f"]), leave_out_price=rng.choice([None, None, 5_000.0]),
            accepted=rng.random() < 0.2, promised_s=due + 600.0 if rng.random() < 0.3 else None,
        )  # fmt: skip
    names = list(homes)
    for _ in range(visits // 4):
        one, other = rng.sample(names, 2)
        if all({one, other} != {gap.first_visit_id, gap.then_visit_id} for gap in gaps):
            homes[other] = replace(homes[other], place=homes[one].place)
            least = rng.choice([0, 0, 1_200])
            gaps.append(Gap(one, other, least, least + rng.choice([0, 3_000, 20_000]), rng.random() < 0.5))
    prices = Prices(worker_used=rng.choice([0, 200]), greatest_lateness_per_s=rng.choice([0, 1]))
    return Problem(crew, homes, TravelModel(MODES), prices, gaps=tuple(gaps))


def locked_start(problem: Problem, plan: Plan) -> Plan:
    """The plan with the first stop of every route locked."""
    routes = {w: Route(w, route.stops, min(1, len(route.stops))) for w, route in plan.routes.items()}
    return Plan(routes)


def route(worker_id: str, *visit_ids: str) -> Route:
    return Route(worker_id, tuple(Stop(visit_id, "visit") for visit_id in visit_ids))
