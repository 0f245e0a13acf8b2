"""A small town in which every rule and every price of the model may matter; the same for a seed."""

from __future__ import annotations

import random

import numpy as np

from routing import Break, Credential, Gap, Mode, Pickup, Place, Prices, Problem, TravelModel, TravelPort, Visit, Worker
from routing.input_rules import impossible_gap
from routing.travel_table import TableTravel
from tests.worlds import at

SIDE_M = 3000
SKILLS = ("bath", "nursing")


def rich_world(seed: int, *, whole: bool = True, workers: int = 4, visits: int = 9) -> Problem:
    """Whole seconds on a plane, or double precision from a table. A rule is in force in about every second world."""
    rng = random.Random(seed)
    places = [(rng.randrange(0, SIDE_M, 50), rng.randrange(0, SIDE_M, 50)) for _ in range(14)]
    spots: list[Place] = [Place(x, y) for x, y in places]
    travel: TravelPort = TravelModel({"foot": Mode(1.3, 1.5, 60), "bicycle": Mode(1.35, 4.0, 90)})
    if not whole:
        points = np.array(places, dtype=float)
        metres = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
        table = TableTravel([(float(x), float(y)) for x, y in places], metres / 2.7, metres)
        spots, travel = list(table.places), table
    on = {name: rng.random() < 0.5 for name in RULES}
    helpers = [_worker(rng, number, spots, on) for number in range(workers)]
    kitchens = [(f"kitchen-{n}", rng.choice(spots), at("09:00") + rng.randrange(0, 3600, 300)) for n in range(2)]
    wanted = [_visit(rng, number, spots, kitchens, on, [w.worker_id for w in helpers]) for number in range(visits)]
    gaps: list[Gap] = []
    care = [v.visit_id for v in wanted if v.kind == "care"]
    if on["gaps"] and len(care) > 1:
        first, then = rng.sample(care, 2)
        least = rng.choice([0, 900, 3600])
        gap = Gap(first, then, least, least + rng.choice([0, 1800, 7200]), rng.random() < 0.3)
        gaps = [gap] if impossible_gap((gap,), {v.visit_id: v for v in wanted}) is None else []
    prices = Prices(
        travel_per_s=rng.choice([1, 1, 2]), worker_used=rng.choice([0, 0, 500]),
        greatest_lateness_per_s=1 if on["greatest"] else 0,
    )  # fmt: skip
    return Problem(
        {w.worker_id: w for w in helpers}, {v.visit_id: v for v in wanted}, travel, prices,
        max_meals_per_round=rng.choice([2, 40]), gaps=tuple(gaps),
    )  # fmt: skip


RULES = (
    "breaks", "limits", "credentials", "bans", "shares", "access", "back", "rounds", "preferences", "prices", "promises",
    "gaps", "pairs", "closing", "demand", "greatest", "fresh",
)  # fmt: skip


def _worker(rng: random.Random, number: int, spots: list[Place], on: dict[str, bool]) -> Worker:
    kind = "rider" if number % 2 == 0 else "carer"
    free_s = at("09:00") + rng.randrange(0, 2400, 60)
    breaks: list[Break] = []
    if on["breaks"]:
        earliest = at("09:30") + rng.randrange(0, 7200, 300)
        breaks.append(Break(earliest, earliest + rng.choice([1200, 3600]), rng.choice([600, 1800])))
        if rng.random() < 0.3:
            breaks.append(Break(earliest + 5400, earliest + 9000, 600))
    return Worker(
        worker_id=f"{kind}-{number}", kind="rider" if kind == "rider" else "carer", organisation="coop",
        area_id=rng.choice("AB"), mode=rng.choice(["foot", "bicycle"]), free_s=free_s,
        shift_end_s=at("13:00") + rng.randrange(0, 7200, 60), place=rng.choice(spots),
        end=rng.choice([None, rng.choice(spots)]), capacity_boxes=rng.choice([2, 4, 8]),
        skills=frozenset(rng.sample(SKILLS, rng.choice([1, 2]))), gender=rng.choice("fm"), breaks=tuple(breaks),
        max_active_s=rng.choice([0, 5400, 9000]) if on["limits"] else 0,
        max_distance_m=rng.choice([0, 6000, 12000]) if on["limits"] else 0,
        credentials={"test": Credential(at("08:00") - rng.choice([0, 7200]), at("11:30") + rng.choice([0, 20000]))}
        if on["credentials"] and rng.random() < 0.8 else {},
        banned_area_ids=frozenset({"B"}) if on["bans"] and rng.random() < 0.4 else frozenset(),
        fair_active_s=rng.choice([None, 1800, 4000]) if on["shares"] else None,
    )  # fmt: skip


def _visit(
    rng: random.Random, number: int, spots: list[Place], kitchens: list[tuple[str, Place, int]], on: dict[str, bool],
    worker_ids: list[str],
) -> Visit:  # fmt: skip
    kind = rng.choice(["meal", "meal", "meal", "care", "care", "care", "errand", "parcel"])
    earliest = at("09:00") + rng.randrange(0, 7200, 300)
    due = earliest + rng.choice([900, 3600, 7200])
    pickup, round_id = None, ""
    carried = kind in ("meal", "errand") or (kind == "parcel" and rng.random() < 0.5)
    if carried:
        name, place, ready = rng.choice(kitchens)
        closes = ready + rng.choice([3000, 9000]) if on["closing"] and kind != "meal" else float("inf")
        ready += rng.randrange(0, 1800, 300)
        pickup = Pickup(name, place, ready, rng.choice([120, 180]), closes)
        earliest, due = max(earliest, ready), max(due, ready + 1800)
        round_id = name if on["rounds"] and kind == "meal" and rng.random() < 0.7 else ""
    some = frozenset(rng.sample(worker_ids, 2))
    wishes = on["preferences"]
    return Visit(
        visit_id=f"{kind}-{number}", kind=kind, area_id=rng.choice("AB"), place=rng.choice(spots),  # type: ignore[arg-type]
        earliest_s=earliest, due_s=due, latest_s=due + rng.choice([0, 1800, 3600]),
        service_duration_s=rng.choice([0, 120]) if carried else rng.choice([600, 1500]),
        allowed_area_prices=rng.choice([{"A": 0, "B": 300}, {"A": 0, "B": 0}, {"B": 0, "A": 150}]), pickup=pickup,
        freshness_s=rng.choice([0, 1500, 2400]) if on["fresh"] and kind == "meal" else 0,
        boxes=(1 if carried else int(kind == "parcel" and on["demand"])),
        boxes_back=rng.choice([0, 1]) if on["back"] and carried else 0,
        required_skills=frozenset(rng.sample(SKILLS, 1)) if kind == "care" and rng.random() < 0.3 else frozenset(),
        gender=rng.choice(["", "", "f"]), worker_count=2 if kind == "care" and on["pairs"] and rng.random() < 0.4 else 1,
        priority=rng.choice([1, 2, 3]), access_duration_s=rng.choice([0, 60, 240]) if on["access"] else 0,
        round_id=round_id, round_rank=rng.randrange(4) if round_id else 0,
        required_credentials={"test": rng.choice([0, 9000, 14000])} if on["credentials"] and rng.random() < 0.4 else {},
        preferred_worker_ids=some if wishes and rng.random() < 0.3 else frozenset(),
        familiar_worker_ids=some if wishes and rng.random() < 0.3 else frozenset(),
        preferred_gender=rng.choice(["", "f", "m"]) if wishes else "",
        late_per_min=rng.choice([None, 30, 120]) if on["prices"] else None,
        leave_out_price=rng.choice([None, 5000]) if on["prices"] else None,
        promised_s=earliest + rng.choice([600, 1800]) if on["promises"] and rng.random() < 0.5 else None,
    )  # fmt: skip
