"""The mixed day: a generated district of four living areas with everything at once; the same for a seed.

By default 2,000 visits (1,000 meals in rounds, 150 late single meals, 550 care visits, 100 errands, 200 parcels) and 300
workers (110 riders, 190 carers) on 8 x 6 km. More people live in the first two areas than work there, so areas must
help each other. Places are rounded to 100 m as in the product; times are whole seconds of one day.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from routing.model import Break, Credential, Gap, Pickup, Problem, Visit, Worker
from routing.place import Place
from routing.travel import Mode, TravelModel

AREAS = ("east", "north", "south", "west")
CENTRES = {"west": (2_000, 1_500), "north": (2_000, 4_500), "east": (6_000, 4_500), "south": (6_000, 1_500)}
AREA_PRICES = {
    "west": {"west": 0, "north": 300, "south": 300, "east": 900},
    "north": {"north": 0, "west": 300, "east": 300, "south": 900},
    "east": {"east": 0, "north": 300, "south": 300, "west": 900},
    "south": {"south": 0, "west": 300, "east": 300, "north": 900},
}
LIVES_IN = {"west": 35, "north": 30, "east": 20, "south": 15}  # of a hundred visits
TRAVEL = TravelModel(
    {
        "bicycle": Mode(detour=1.35, speed_m_per_s=15 / 3.6, access_s=60),
        "motorbike": Mode(detour=1.4, speed_m_per_s=19 / 3.6, access_s=60),
        "foot": Mode(detour=1.3, speed_m_per_s=4.5 / 3.6),
    }
)
MEAL_TIMES = ((37_800, 41_400), (57_600, 61_200))  # kitchens are ready from 10:30 to 11:30 and from 16:00 to 17:00
HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Size:
    """How many of everything."""

    round_meals: int = 1_000
    late_meals: int = 150
    care: int = 550
    errands: int = 100
    parcels: int = 200
    riders: int = 110
    carers: int = 190
    kitchens: int = 8

    def part(self, share: float) -> Size:
        """The same day, smaller."""
        return Size(*(max(4, round(count * share)) for count in (
            self.round_meals, self.late_meals, self.care, self.errands, self.parcels, self.riders, self.carers, self.kitchens,
        )))  # fmt: skip


def mixed_day(seed: int, size: Size = Size()) -> Problem:
    """A day before it begins: nobody has set out, nothing is promised."""
    return _Maker(seed, size).problem()


class _Maker:
    def __init__(self, seed: int, size: Size) -> None:
        self.rng = random.Random(seed)
        self.size = size
        self.visits: list[Visit] = []
        self.gaps: list[Gap] = []

    def problem(self) -> Problem:
        workers = [self._rider(n) for n in range(self.size.riders)] + [self._carer(n) for n in range(self.size.carers)]
        self.carers = [worker for worker in workers if worker.kind == "carer"]
        self.riders = [worker for worker in workers if worker.kind == "rider"]
        kitchens = [(f"kitchen-{n}", self._near(AREAS[n % 4])) for n in range(self.size.kitchens)]
        shops = [(f"shop-{n}", self._near(AREAS[n % 4])) for n in range(2 * self.size.kitchens)]
        self._rounds(kitchens)
        for number in range(self.size.late_meals):
            self._late_meal(number, *self.rng.choice(kitchens))
        again = self.size.care // 20
        for number in range(self.size.care - again):
            self._care(number)
        alone = [visit for visit in self.visits if visit.kind == "care" and visit.worker_count == 1]
        for visit in self.rng.sample(alone, again):
            self._again(visit)
        for number in range(self.size.errands):
            self._errand(number, *self.rng.choice(shops))
        for number in range(self.size.parcels):
            self._parcel(number, *self.rng.choice(shops))
        by_id = {visit.visit_id: visit for visit in self.visits}
        return Problem({w.worker_id: w for w in workers}, by_id, TRAVEL, gaps=tuple(self.gaps))

    # -- people and places

    def _near(self, area_id: str) -> Place:
        x, y = CENTRES[area_id]
        along, up = (min(1.0, max(-1.0, self.rng.gauss(0, 0.5))) for _ in range(2))
        return Place(round((x + 2_000 * along) / 100) * 100.0, round((y + 1_500 * up) / 100) * 100.0)

    def _home(self) -> tuple[str, Place]:
        area_id = self.rng.choices(list(LIVES_IN), list(LIVES_IN.values()))[0]
        return area_id, self._near(area_id)

    def _rider(self, number: int) -> Worker:
        rng = self.rng
        area_id = AREAS[number % 4]
        begin = rng.choice([34_200, 36_000, 37_800])
        long_day = rng.random() < 0.6
        end = begin + (9 if long_day else 5) * HOUR
        motor = rng.random() < 0.5
        return Worker(
            worker_id=f"rider-{number:03d}", kind="rider", organisation=f"coop-{area_id}", area_id=area_id,
            mode="motorbike" if motor else "bicycle", free_s=begin, shift_end_s=end,
            place=self._near(area_id), end=self._near(area_id) if rng.random() < 0.3 else None,
            capacity_boxes=40 if motor else 20,
            breaks=(Break(46_800, 54_000, 1_800),) if long_day else (),
            max_active_s=8 * HOUR, max_distance_m=70_000 if motor else 45_000,
            banned_area_ids=frozenset({_opposite(area_id)}) if rng.random() < 0.2 else frozenset(),
            fair_active_s=4 * HOUR,
        )  # fmt: skip

    def _carer(self, number: int) -> Worker:
        rng = self.rng
        area_id = AREAS[number % 4]
        begin = 28_800 + rng.randrange(0, 3 * HOUR, 1_800)
        end = begin + rng.choice([5, 8, 9]) * HOUR
        credentials = {"training": Credential(-30 * 86_400, 30 * 86_400)} if rng.random() < 0.6 else {}
        if rng.random() < 0.5:
            credentials["infection_test"] = Credential(-rng.choice([10, 40, 90]) * HOUR, 5 * 86_400)
        return Worker(
            worker_id=f"carer-{number:03d}", kind="carer", organisation=f"centre-{area_id}", area_id=area_id,
            mode=rng.choice(["foot", "bicycle", "bicycle"]), free_s=begin, shift_end_s=end,
            place=self._near(area_id), end=self._near(area_id) if rng.random() < 0.5 else None, capacity_boxes=4,
            skills=frozenset(skill for skill, share in (("bath", 0.6), ("nursing", 0.3), ("lift", 0.5)) if rng.random() < share),
            gender="f" if rng.random() < 0.75 else "m",
            breaks=(Break(begin + 3 * HOUR, begin + 5 * HOUR, 1_800),) if end - begin > 6 * HOUR else (),
            max_active_s=8 * HOUR,
            credentials=credentials,
            banned_area_ids=frozenset({_opposite(area_id)}) if rng.random() < 0.2 else frozenset(),
            fair_active_s=5 * HOUR,
        )  # fmt: skip

    # -- what is asked for

    def _rounds(self, kitchens: list[tuple[str, Place]]) -> None:
        rng, made, number = self.rng, 0, 0
        while made < self.size.round_meals:
            doors = min(rng.randint(10, 40), self.size.round_meals - made)
            kitchen_id, place = kitchens[number % len(kitchens)]
            begin, until = MEAL_TIMES[number % 2]
            ready = rng.randrange(begin, until, 300)
            homes = sorted((self._home_near(place) for _ in range(doors)), key=lambda home: (home[1].x_m, home[1].y_m))
            for rank, (area_id, home) in enumerate(homes):
                self.visits.append(
                    Visit(
                        visit_id=f"round-{number:02d}-{rank:02d}", kind="meal", area_id=area_id, place=home,
                        earliest_s=ready, due_s=ready + 4_500, latest_s=ready + 7_200, service_duration_s=60,
                        allowed_area_prices=AREA_PRICES[area_id], pickup=Pickup(kitchen_id, place, ready, 300),
                        freshness_s=5_400, boxes=1, boxes_back=1 if rng.random() < 0.7 else 0,
                        access_duration_s=rng.choice([30, 60, 120]), round_id=f"round-{number:02d}", round_rank=rank,
                    )
                )  # fmt: skip
            made, number = made + doors, number + 1

    def _home_near(self, kitchen: Place) -> tuple[str, Place]:
        """A round stays within about two kilometres of its kitchen."""
        for _ in range(40):
            area_id, home = self._home()
            if abs(home.x_m - kitchen.x_m) + abs(home.y_m - kitchen.y_m) <= 2_500:
                break
        return area_id, home

    def _late_meal(self, number: int, kitchen_id: str, kitchen: Place) -> None:
        rng = self.rng
        area_id, home = self._home_near(kitchen)
        ready = rng.randrange(37_800, 68_400, 60)
        self.visits.append(
            Visit(
                visit_id=f"late-{number:03d}", kind="meal", area_id=area_id, place=home,
                earliest_s=ready, due_s=ready + 1_800, latest_s=ready + 4_500, service_duration_s=60,
                allowed_area_prices=AREA_PRICES[area_id], pickup=Pickup(kitchen_id, kitchen, ready, 120),
                freshness_s=2_400, boxes=rng.choice([1, 1, 2]), access_duration_s=rng.choice([30, 60, 120]),
                priority=rng.choice([1, 2, 2]),
            )
        )  # fmt: skip

    def _care(self, number: int) -> None:
        rng = self.rng
        area_id, home = self._home()
        begin = rng.randrange(30_600, 57_600, 900)
        wide = rng.choice([1_800, 3_600, 7_200])
        known = [worker.worker_id for worker in rng.sample(self.carers, min(3, len(self.carers)))]
        self.visits.append(Visit(
            visit_id=f"care-{number:03d}", kind="care", area_id=area_id, place=home,
            earliest_s=begin, due_s=begin + wide, latest_s=begin + wide + 3_600,
            service_duration_s=rng.choice([1_800, 2_700, 3_600, 5_400]), allowed_area_prices=AREA_PRICES[area_id],
            required_skills=frozenset(rng.sample(["bath", "nursing", "lift"], rng.choice([0, 0, 1]))),
            excluded_worker_ids=frozenset(known[:1]) if rng.random() < 0.05 else frozenset(),
            gender="f" if rng.random() < 0.1 else "", worker_count=2 if rng.random() < 0.08 else 1,
            access_duration_s=rng.choice([30, 60, 120]), priority=rng.choice([1, 2, 2, 2, 3]),
            required_credentials=rng.choice([{}] * 6 + [{"training": 0.0}, {"infection_test": 72.0 * HOUR}]),
            preferred_worker_ids=frozenset(known[1:2]) if rng.random() < 0.1 else frozenset(),
            familiar_worker_ids=frozenset(known[1:]) if rng.random() < 0.4 else frozenset(),
            preferred_gender="f" if rng.random() < 0.2 else "",
        ))  # fmt: skip

    def _again(self, visit: Visit) -> None:
        """The same home once more, two to four hours later (a wound to dress, a person to put to bed)."""
        late = Visit(
            visit_id=f"{visit.visit_id}-again", kind="care", area_id=visit.area_id, place=visit.place,
            earliest_s=visit.earliest_s + 2 * HOUR, due_s=visit.due_s + 3 * HOUR, latest_s=visit.latest_s + 4 * HOUR,
            service_duration_s=1_800, allowed_area_prices=visit.allowed_area_prices,
            access_duration_s=visit.access_duration_s, leave_out_price=60_000,
        )  # fmt: skip
        self.visits.append(late)
        self.gaps.append(Gap(visit.visit_id, late.visit_id, 2 * HOUR, 4 * HOUR))

    def _errand(self, number: int, shop_id: str, shop: Place) -> None:
        rng = self.rng
        area_id, home = self._home()
        begin = rng.randrange(36_000, 54_000, 900)
        self.visits.append(
            Visit(
                visit_id=f"errand-{number:03d}", kind="errand", area_id=area_id, place=home,
                earliest_s=begin, due_s=begin + 7_200, latest_s=begin + 4 * HOUR, service_duration_s=300,
                allowed_area_prices=AREA_PRICES[area_id], pickup=Pickup(shop_id, shop, begin - HOUR, 600, 19 * HOUR), boxes=1,
                access_duration_s=rng.choice([30, 60, 120]), leave_out_price=60_000,
            )
        )  # fmt: skip

    def _parcel(self, number: int, shop_id: str, shop: Place) -> None:
        area_id, home = self._home()
        self.visits.append(
            Visit(
                visit_id=f"parcel-{number:03d}", kind="parcel", area_id=area_id, place=home,
                earliest_s=9 * HOUR, due_s=18 * HOUR, latest_s=19 * HOUR, service_duration_s=60,
                allowed_area_prices=AREA_PRICES[area_id], pickup=Pickup(shop_id, shop, 10 * HOUR, 120, 18 * HOUR), boxes=1,
                access_duration_s=30, priority=3, leave_out_price=4_000,
            )
        )  # fmt: skip


def _opposite(area_id: str) -> str:
    return max(AREA_PRICES[area_id], key=lambda other: AREA_PRICES[area_id][other])
