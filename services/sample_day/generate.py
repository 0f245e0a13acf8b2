"""Make a sample day from a seed: a folder in exactly the CSV format that a real day has, so there is one way in.

The same kind and seed make the same bytes on any machine.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from shapely import Point, Polygon

from services.sample_day import day_format as form, facts, generate_care
from services.sample_day.catalogue import BOX_CAPACITY, KITCHEN_OF_AREA, PLANS, SIDE_DISH_KITCHEN, DayPlan, MealWave
from services.sample_day.cells import cells_around, hull_of, plane_of
from services.sample_day.people import make_recipients, make_workers, number_out_of_reach
from services.sample_day.policy_tables import OFFER_RULES

DAY_START, DAY_END = "06:30", "21:00"
FILED_FROM, FILED_TO = "06:30", "08:30"  # the morning's list; meals were ordered the day before
EDGE_M = 100  # homes keep this far from a cell's edge: places enter the log rounded to about 100 m
# Homes stand near the middle of their dong, so that they stay inside the real boundaries too when those are imported:
HOMES_MARGIN_M = 60  # at most this far outside the hull of the centroids
HOMES_REACH = 0.5  # at most this share of the way to the nearest other centroid (dongs are small where these are close)
HOMES_REACH_MAX_M = 450

Home = dict[str, Any]


def minutes(text: str) -> int:
    """Minutes since midnight of HH:MM."""
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def hhmm(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


class Homes:
    """Draws recipients: the dong by its people of 65 and over, the place inside the dong's cell."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        centroids = [(dong.lon, dong.lat) for dong in facts.DONGS]
        self.plane = plane_of(centroids)
        near = hull_of(self.plane, centroids, HOMES_MARGIN_M)
        middles = [Point(self.plane.xy(*centroid)) for centroid in centroids]
        self.ground = []
        for middle, cell in zip(middles, cells_around(centroids, facts.RIVER), strict=True):
            reach = HOMES_REACH * min(middle.distance(other) for other in middles if other != middle)
            around = middle.buffer(min(reach, HOMES_REACH_MAX_M))
            self.ground.append(self.plane.to_m(Polygon(cell)).buffer(-EDGE_M).intersection(near).intersection(around))
        self.all: list[Home] = []

    def new(self, areas: tuple[str, ...] = ()) -> Home:
        numbers = [i for i, dong in enumerate(facts.DONGS) if not areas or dong.area_id in areas]
        number = self.rng.choices(numbers, [facts.DONGS[i].population_65 for i in numbers])[0]
        lon, lat = self._point(number)
        home = {
            "recipient_id": f"P{len(self.all) + 1:04d}",
            "dong": facts.DONGS[number].code,
            "area_id": facts.DONGS[number].area_id,
            "lon": lon,
            "lat": lat,
        }
        self.all.append(home)
        return home

    def some(self, used: set[str], share_known: float, areas: tuple[str, ...] = ()) -> Home:
        """A home known already (with this chance, and not used yet) or a new one."""
        known = [h for h in self.all if h["recipient_id"] not in used and (not areas or h["area_id"] in areas)]
        home = self.rng.choice(known) if known and self.rng.random() < share_known else self.new(areas)
        used.add(home["recipient_id"])
        return home

    def _point(self, number: int) -> tuple[float, float]:
        ground = self.ground[number]
        min_x, min_y, max_x, max_y = ground.bounds
        while True:
            x, y = self.rng.uniform(min_x, max_x), self.rng.uniform(min_y, max_y)
            if ground.contains(Point(x, y)):
                lon, lat = self.plane.back(x, y)
                return round(lon, 5), round(lat, 5)


class DayMaker:
    """Rows of visits and troubles while they are drawn."""

    def __init__(self, plan: DayPlan, kind: str, seed: int) -> None:
        self.plan = plan
        self.seed = seed
        self.rng = random.Random(f"{kind}:{seed}")
        self.homes = Homes(self.rng)
        self.visits: list[dict[str, Any]] = []
        self.troubles: list[dict[str, Any]] = []

    def make(self) -> None:
        for count, waves in self.plan.meals:
            self._meals(count, waves)
        self._late_singles()
        self._care()
        self._rare_skills()
        if self.plan.noon_emergency:
            self._noon_emergency()
        self._troubles()
        if self.plan.with_care:
            generate_care.add_to_visits(self.visits, self.seed)
            self.troubles += generate_care.troubles(self.visits)
            self.troubles.sort(key=lambda trouble: (trouble["at"], trouble["kind"], trouble["subject"]))
        self.visits.sort(key=lambda visit: (minutes(visit["file_at"]), visit["reference"]))

    def _filed(self, latest: str = FILED_TO) -> str:
        return hhmm(self.rng.randint(minutes(FILED_FROM), minutes(latest)))

    def _reference(self, prefix: str) -> str:
        number = 1 + sum(visit["reference"].startswith(f"{prefix}-") for visit in self.visits)
        return f"{prefix}-{number:03d}"

    def _add(self, prefix: str, home: Home, **values: Any) -> dict[str, Any]:
        place = {name: home[name] for name in ("recipient_id", "dong", "lon", "lat")}
        visit = {"reference": self._reference(prefix)} | place | values
        self.visits.append(visit)
        return visit

    def _dealt_areas(self, count: int) -> list[str]:
        """Areas in random order, each as often as its share of the people of 65 and over asks (largest remainders), so
        that no seed makes a day that its riders could not carry."""
        people = {area.area_id: 0 for area in facts.AREAS}
        for dong in facts.DONGS:
            people[dong.area_id] += dong.population_65
        total = sum(people.values())
        quota = {area_id: count * share // total for area_id, share in people.items()}
        by_remainder = sorted(people, key=lambda area_id: (-(count * people[area_id] % total), area_id))
        for area_id in by_remainder[: count - sum(quota.values())]:
            quota[area_id] += 1
        dealt = [area_id for area_id, number in quota.items() for _ in range(number)]
        self.rng.shuffle(dealt)
        return dealt

    def _meals(self, count: int, waves: tuple[MealWave, ...]) -> None:
        used: set[str] = set()
        for number, area_id in enumerate(self._dealt_areas(count)):
            wave = waves[number % len(waves)]
            # Many who get lunch also get dinner or side dishes: the same door again.
            home = self.homes.some(used, 0.0 if wave.meal_kind == "hot_lunch" else 0.6, (area_id,))
            kitchen = SIDE_DISH_KITCHEN if wave.meal_kind == "side_dish" else KITCHEN_OF_AREA[home["area_id"]]
            self._add(
                wave.prefix, home, service="meal_support", meal_kind=wave.meal_kind, kitchen_id=kitchen,
                file_at=self._filed(), window_start=wave.window_start, due=wave.due, window_end=wave.window_end,
                ready=wave.ready, service_min=self.rng.choice((3, 4)), freshness_min=wave.freshness_min,
                may_leave_at_door="yes" if wave.meal_kind == "side_dish" and self.rng.random() < 0.7 else "no",
            )  # fmt: skip

    def _late_singles(self) -> None:
        for _ in range(self.plan.late_singles):
            home = self.homes.some(set(), 0.3)
            filed = self.rng.randint(minutes("10:00"), minutes("15:30"))
            ready = filed + self.rng.randint(25, 40)
            self._add(
                "SG", home, service="meal_support", meal_kind="single", kitchen_id=KITCHEN_OF_AREA[home["area_id"]],
                file_at=hhmm(filed), window_start=hhmm(ready), due=hhmm(ready + 60), window_end=hhmm(ready + 110),
                ready=hhmm(ready), service_min=4, freshness_min=75,
            )  # fmt: skip

    def _care(self) -> None:
        used: set[str] = set()
        late = self.plan.care_filed_late
        dealt = self._dealt_areas(sum(care.number for care in self.plan.care))
        for care in self.plan.care:
            for _ in range(care.number):
                home = self.homes.some(used, 0.4, care.areas or (dealt.pop(),))
                start = self.rng.randrange(minutes(care.earliest), minutes(care.latest) + 1, 10)
                # Some hear of it only during the day: filed at least an hour and a half before it should begin.
                filed = self._filed()
                if late and care.service == "temporary_home_care" and start >= minutes("12:00"):
                    filed, late = hhmm(start - self.rng.randint(90, 120)), late - 1
                visit = self._add(
                    "CV", home, service=care.service, file_at=filed, window_start=hhmm(start),
                    due=hhmm(start + care.open_min * 2 // 3), window_end=hhmm(start + care.open_min),
                    service_min=self.rng.choice(care.durations_min), priority=care.priority,
                    worker_count=care.worker_count,
                )  # fmt: skip
                if care.service == "temporary_home_care" and self.rng.random() < 0.25:
                    visit["gender"] = "female"

    def _rare_skills(self) -> None:
        """Visits that the plan has nobody for: one climbs until it is claimed, one to the top of the ladder."""
        for service, skill, area_id in self.plan.rare_skills:
            home = self.homes.new((area_id,))
            self._add(
                "RS", home, service=service, file_at=self._filed(), window_start="12:30", due="14:30", window_end="15:30",
                service_min=45, required_skills=skill,
            )  # fmt: skip

    def _noon_emergency(self) -> None:
        home = self.homes.some(set(), 0.5, ("MP-A", "MP-B", "MP-C"))
        filed = minutes("12:00") + self.rng.randint(0, 10)
        visit = self._add(
            "EM", home, service="emergency_care", file_at=hhmm(filed), window_start=hhmm(filed), due=hhmm(filed + 120),
            window_end=hhmm(filed + 180), service_min=self.rng.choice((60, 90)), priority=1,
        )  # fmt: skip
        self._trouble(filed, "emergency", visit["reference"], 0)

    def _trouble(self, minute: int, kind: str, subject: str, amount: int) -> None:
        self.troubles.append({"at": hhmm(minute), "kind": kind, "subject": subject, "amount": amount})

    def _troubles(self) -> None:
        if self.plan.drop_out_areas:
            riders = [
                rider.worker_id
                for rider in self.plan.riders
                if rider.area_id in self.plan.drop_out_areas and minutes(rider.shift_start) < minutes("11:00")
            ]
            self._trouble(minutes("11:20") + self.rng.randint(0, 40), "rider_drops_out", self.rng.choice(riders), 1)
        if self.plan.kitchen_late_min:
            # Told twenty minutes before the meals of the first lunch departure were to be ready.
            late = self.plan.kitchen_late_min + self.rng.randint(-3, 3)
            self._trouble(minutes("10:20"), "kitchen_late", self.rng.choice(("K1", "K2")), late)
        for at, deed, times in self.plan.deeds:
            self._trouble(minutes(at), "deed", deed, times)
        if self.plan.sick_carer:
            self._trouble(minutes("08:20"), "sick_call", self.plan.sick_carer, 0)
        if self.plan.failing_kitchen:
            self._trouble(minutes("15:45"), "kitchen_fails", self.plan.failing_kitchen, 25)
        if self.plan.paused_mode:
            self._trouble(minutes("10:00"), "weather", self.plan.paused_mode, 60)
        lunches = [visit for visit in self.visits if visit.get("meal_kind") == "hot_lunch"]
        quiet = self.rng.sample(lunches, len(self.plan.no_answers))
        for visit, amount in zip(quiet, self.plan.no_answers, strict=True):
            self._trouble(minutes(visit["window_start"]), "no_answer", visit["reference"], amount)
        self.troubles.sort(key=lambda trouble: (trouble["at"], trouble["kind"], trouble["subject"]))


def _wkt_ring(points: Any) -> str:
    ring = [*points, points[0]]
    return "POLYGON ((" + ", ".join(f"{x} {y}" for x, y in ring) + "))"


def _district_rows(service_date: str, seed: int) -> list[dict[str, Any]]:
    lines = (facts.bridge_ends(bridge) for bridge in facts.BRIDGES)
    bridges = ", ".join(f"({a[0]} {a[1]}, {b[0]} {b[1]})" for a, b in lines)
    return [
        {
            "district": facts.DISTRICT, "name_ko": facts.DISTRICT_NAME_KO, "name_en": facts.DISTRICT_NAME_EN,
            "service_date": service_date, "day_start": DAY_START, "day_end": DAY_END, "coordinates": "wgs84",
            "speed_factor": 1, "config_version": 1, "seed": seed, "river_wkt": _wkt_ring(facts.RIVER),
            "bridges_wkt": f"MULTILINESTRING ({bridges})",
        }
    ]  # fmt: skip


def _dong_rows() -> list[dict[str, Any]]:
    cells = cells_around([(dong.lon, dong.lat) for dong in facts.DONGS], facts.RIVER)
    return [
        {
            "code": dong.code, "name_ko": dong.name_ko, "name_en": dong.name_en, "area_id": dong.area_id,
            "population_65": dong.population_65, "lon": dong.lon, "lat": dong.lat, "cell_wkt": _wkt_ring(cell),
        }
        for dong, cell in zip(facts.DONGS, cells, strict=True)
    ]  # fmt: skip


def _worker_rows(plan: DayPlan, rng: random.Random, seed: int) -> list[dict[str, Any]]:
    workers = sorted(plan.riders + plan.carers)
    people = {p["worker_id"]: p for p in make_workers([worker.worker_id for worker in workers], seed)}
    provider_services = {provider.provider_id: provider.services for provider in facts.PROVIDERS}
    rows = []
    for worker in workers:
        home = rng.choice([dong for dong in facts.DONGS if dong.area_id == worker.area_id])
        rows.append(
            {
                "worker_id": worker.worker_id, "kind": worker.kind, "provider_id": worker.provider_id,
                "area_id": worker.area_id, "mode": worker.mode, "shift_start": worker.shift_start,
                "shift_end": worker.shift_end, "start_lon": home.lon, "start_lat": home.lat,
                "capacity_boxes": BOX_CAPACITY[worker.mode] if worker.kind == "rider" else 0,
                "skills": ";".join(
                    service for service in provider_services[worker.provider_id]
                    if (service == "meal_support") == (worker.kind == "rider")
                ) + "".join(f";{skill}" for skill in worker.skills),
                "gender": worker.gender, "has_app": "yes" if worker.has_app else "no",
                "substitute": "yes" if worker.substitute else "no", "name": people[worker.worker_id]["name"],
                "phone": people[worker.worker_id]["phone"],
                **(generate_care.worker_fields(worker.worker_id) if plan.with_care else {}),
            }
        )  # fmt: skip
    return rows


def _recipient_rows(homes: list[Home], seed: int, out_of_reach: str) -> list[dict[str, Any]]:
    names = {dong.code: dong.name_ko for dong in facts.DONGS}
    lives = {home["recipient_id"]: names[home["dong"]] for home in homes}
    people = make_recipients(list(lives), lives, facts.DISTRICT_NAME_KO, seed)
    for person in people:
        if person["recipient_id"] == out_of_reach:
            person["phone"] = number_out_of_reach(seed % 10_000)
    return [
        {name: value for name, value in person.items() if name != "kin"}
        | {"kin_name": kin["name"], "kin_phone": kin["phone"]}
        for person in people
        for kin in person["kin"] or [{"name": "", "phone": ""}]
    ]


def generate_day(kind: str, seed: int, out_folder: str | Path, service_date: str = facts.SERVICE_DATE) -> Path:
    """Write the folder of a sample day ("busy" or "mapo") and return it. Raises KeyError on another kind."""
    plan = PLANS[kind]
    maker = DayMaker(plan, kind, seed)
    maker.make()
    nobody_reaches = generate_care.out_of_reach(maker.visits) if plan.with_care else ""
    folder = Path(out_folder)
    tables: list[tuple[form.Table, list[dict[str, Any]]]] = [
        (form.DISTRICT, _district_rows(service_date, seed)),
        (form.AREAS, [
            {
                "area_id": area.area_id, "name_ko": area.name_ko, "name_en": area.name_en,
                "responsible_enterprise": area.responsible_enterprise,
                "helpers": ";".join(f"{helper}:{price}" for helper, price in area.helpers),
            }
            for area in facts.AREAS
        ]),
        (form.DONGS, _dong_rows()),
        (form.TRAVEL, [mode._asdict() for mode in facts.MODES]),
        (form.PROVIDERS, [
            provider._asdict()
            | {"services": ";".join(provider.services), "own_staff": "yes" if provider.own_staff else "no"}
            | (generate_care.provider_fields(provider.provider_id) if plan.with_care else {})
            for provider in facts.PROVIDERS
        ]),
        (form.KITCHENS, [kitchen._asdict() for kitchen in facts.KITCHENS]),
        (form.WORKERS, _worker_rows(plan, maker.rng, seed)),
        (form.VISITS, maker.visits),
        *([(OFFER_RULES, [{"service": service, "nearest_n": n} for service, n in plan.nearest])] if plan.nearest else []),
        (form.POLICY, [
            {"name": "max_meals_per_round", "value": 40},
            *([{"name": "avoidance.refusals", "value": generate_care.REFUSALS_BEFORE_PUBLIC}] if plan.with_care else []),
        ]),
        (form.TROUBLES, maker.troubles),
        (form.RECIPIENTS, _recipient_rows(maker.homes.all, seed, nobody_reaches)),
    ]  # fmt: skip
    if plan.with_care:
        tables += generate_care.tables(plan.carers, maker.visits, service_date)
    form.write_day(folder, "wgs84", tables)
    return folder
