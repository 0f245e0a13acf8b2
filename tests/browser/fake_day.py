"""A made-up day in Mapo for looking at the page: rows of `streams.contracts.board`, moved on by the clock.

It is no dispatcher: each visit simply walks along a time line drawn from a seed. People's names are invented.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from uuid import UUID, uuid5

from shapely import MultiPoint, Point, Polygon, box, voronoi_polygons

from streams.contracts import board as b
from streams.contracts import district as c
from streams.contracts.district import Place

SEOUL = timezone(timedelta(hours=9))
NAMES = UUID("8f7d9b4e-5c3a-4d1f-9a55-0d0f6c1b2a37")
DISTRICT = "11440"

# Names, codes, centroids of the 16 dongs of Mapo-gu: facts.
DONGS = """1144055500 아현동 Ahyeon-dong 126.9528 37.5519 A|1144056500 공덕동 Gongdeok-dong 126.9578 37.5491 A
1144061000 염리동 Yeomni-dong 126.9475 37.5498 A|1144060000 대흥동 Daeheung-dong 126.9414 37.5521 A
1144058500 도화동 Dohwa-dong 126.9468 37.5370 B|1144059000 용강동 Yonggang-dong 126.9413 37.5406 B
1144063000 신수동 Sinsu-dong 126.9336 37.5436 B|1144065500 서강동 Seogang-dong 126.9252 37.5459 B
1144066000 서교동 Seogyo-dong 126.9209 37.5548 C|1144068000 합정동 Hapjeong-dong 126.9088 37.5469 C
1144069000 망원1동 Mangwon1-dong 126.9002 37.5528 C|1144071000 연남동 Yeonnam-dong 126.9215 37.5630 C
1144072000 성산1동 Seongsan1-dong 126.9118 37.5620 C|1144070000 망원2동 Mangwon2-dong 126.8957 37.5571 D
1144073000 성산2동 Seongsan2-dong 126.9020 37.5681 D|1144074000 상암동 Sangam-dong 126.8809 37.5718 D"""
AREAS = {
    "A": ("아현·공덕권", "Ahyeon–Gongdeok", "WC-1"),
    "B": ("용강·서강권", "Yonggang–Seogang", "SF-1"),
    "C": ("합정·서교권", "Hapjeong–Seogyo", "SF-2"),
    "D": ("성산·상암권", "Seongsan–Sangam", "HC-1"),
}
PROVIDERS = [
    ("RC-1", "마포라이더협동조합", "Mapo Riders Co-op", c.ProviderKind.RIDER_COOP),
    ("RC-2", "한강배달협동조합", "Hangang Delivery Co-op", c.ProviderKind.RIDER_COOP),
    ("HC-1", "마포종합재가센터", "Mapo Home Care Centre", c.ProviderKind.HOME_CARE_CENTRE),
    ("SF-1", "돌봄사회적협동조합 이웃", "Neighbours Care Co-op", c.ProviderKind.SOCIAL_FIRM),
    ("SF-2", "나눔반장 사업단", "Sharing Captains", c.ProviderKind.SOCIAL_FIRM),
    ("WC-1", "우리마포복지관", "Uri Mapo Welfare Centre", c.ProviderKind.WELFARE_CENTRE),
    ("KT-1", "성산 나눔주방", "Seongsan Shared Kitchen", c.ProviderKind.KITCHEN),
    ("KT-2", "공덕 마을부엌", "Gongdeok Village Kitchen", c.ProviderKind.KITCHEN),
]
KITCHENS = [("K1", "KT-1", "성산 나눔주방", "Seongsan Kitchen", 126.907, 37.5655),
            ("K2", "KT-2", "공덕 마을부엌", "Gongdeok Kitchen", 126.9525, 37.5455),
            ("H1", "KT-1", "합정 배송거점", "Hapjeong Hub", 126.914, 37.5495)]  # fmt: skip
CARE = [("emergency_care", 9), ("temporary_home_care", 7), ("check_in", 5), ("accompaniment", 4), ("visiting_care", 3),
        ("housing_help", 2)]  # fmt: skip
FAMILY = "김이박최정강조윤장임한오서신권황안송류홍"
LAST = "용희숙자순영옥철수민호진석례분남식복"
OPEN = {"requested", "waiting", "planned", "offered", "accepted", "en_route", "picked_up", "arrived", "in_service", "no_answer"}


def made_id(*parts: object) -> str:
    return str(uuid5(NAMES, ":".join(map(str, parts))))


@dataclass
class Step:
    at: datetime
    state: str
    event: str
    actor: str = "core"
    reason: str = ""
    cause: str = "WorkerReported"


@dataclass
class FakeVisit:
    row: b.VisitRow
    steps: list[Step]
    worker_id: str  # drawn for it, also while the row does not show one yet
    reached: int = 0  # steps taken so far


@dataclass
class FakeDay:
    """`visits` rows of a day that begins at 07:30 in Seoul; `now_at` moves by `advance`."""

    visits: int = 170
    seed: int = 7
    plane: bool = False
    now_at: datetime = field(default_factory=lambda: datetime(2026, 11, 24, 11, 52, 10, tzinfo=SEOUL))

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        self.midnight = self.now_at.replace(hour=0, minute=0, second=0)
        self.names: dict[str, str] = {}
        self.config = self._config()
        self.workers: dict[str, b.WorkerRow] = {}
        self.rows: dict[str, FakeVisit] = {}
        self.exceptions: dict[str, b.ExceptionRow] = {}
        self._make_visits()
        self._make_exceptions()
        self.advance(self.now_at)

    def at(self, hour: float) -> datetime:
        return self.midnight + timedelta(seconds=round(hour * 3600))

    # ---- the district

    def _name(self, key: str) -> str:
        self.names[key] = f"{self.draw.choice(FAMILY)}*{self.draw.choice(LAST)}"
        return key

    def _place(self, x: float, y: float) -> Place:
        if self.plane:
            return Place(round((x - 126.87) * 88_000, 1), round((y - 37.53) * 111_000, 1))
        return Place(round(x, 5), round(y, 5))

    def _config(self) -> c.DistrictConfig:
        facts = [item.split() for item in DONGS.replace("\n", "|").split("|")]
        points = [Point(float(f[3]), float(f[4])) for f in facts]
        river_line = [(126.862, 37.5665), (126.885, 37.5525), (126.905, 37.5405), (126.925, 37.5385), (126.944, 37.5300),
                      (126.962, 37.5265)]  # fmt: skip
        river = Polygon([*river_line, (126.962, 37.5180), (126.925, 37.5280), (126.895, 37.5330), (126.862, 37.5560)])
        hull = MultiPoint(points).convex_hull.buffer(0.0095, quad_segs=4).difference(river)
        cells = list(voronoi_polygons(MultiPoint(points), extend_to=box(126.85, 37.5, 126.99, 37.6)).geoms)
        dongs = []
        for fact, point in zip(facts, points, strict=True):
            cell = next(cell for cell in cells if cell.contains(point)).intersection(hull)
            dongs.append(
                c.Dong(code=fact[0], name_ko=fact[1], name_en=fact[2], centroid=self._place(point.x, point.y),
                       cell=tuple(self._place(x, y) for x, y in cell.exterior.coords[:-1]), population_65=3000)
            )  # fmt: skip
        areas = tuple(
            c.Area(area_id=f"MP-{key}", name_ko=ko, name_en=en, responsible_enterprise=enterprise,
                   dong_codes=tuple(f[0] for f in facts if f[5] == key))
            for key, (ko, en, enterprise) in AREAS.items()
        )  # fmt: skip
        self.dong_area = {f[0]: f"MP-{f[5]}" for f in facts}
        self.dong_at = {f[0]: (float(f[3]), float(f[4])) for f in facts}
        workers = []
        for number in range(max(10, self.visits // 14)):
            area = "ABCD"[number % 4]
            workers.append(self._profile("rider", number, area, "RC-1" if number % 3 else "RC-2", 9.5, 19))
        for number in range(max(14, self.visits // 18)):
            area = "ABCD"[number % 4]
            workers.append(self._profile("carer", number, area, ["HC-1", "SF-1", "SF-2", "WC-1"][number % 4], 8.5, 17.5))
        return c.DistrictConfig(
            version=1, district=DISTRICT, name_ko="마포구", name_en="Mapo-gu", service_date="2026-11-24", dongs=tuple(dongs),
            areas=areas, providers=tuple(c.Provider(provider_id=i, name_ko=ko, name_en=en, kind=k) for i, ko, en, k in PROVIDERS),
            kitchens=tuple(c.Kitchen(kitchen_id=i, provider_id=p, name_ko=ko, name_en=en, place=self._place(x, y))
                           for i, p, ko, en, x, y in KITCHENS),
            workers=tuple(workers),
            travel=c.TravelConfig(
                coordinates="plane_m" if self.plane else "wgs84", modes={"motorbike": c.ModeConfig(detour=1.4, speed_m_per_s=5.3)},
                river=tuple(self._place(x, y) for x, y in river.exterior.coords[:-1]),
                bridges=((self._place(126.8995, 37.5445), self._place(126.9015, 37.531)),
                         (self._place(126.9365, 37.5335), self._place(126.9345, 37.524)))),
        )  # fmt: skip

    def _profile(self, kind: str, number: int, area: str, organisation: str, begin: float, end: float) -> c.WorkerProfile:
        dong = self.draw.choice([code for code, owner in self.dong_area.items() if owner == f"MP-{area}"])
        return c.WorkerProfile(
            worker_id=self._name(f"{kind}-{number + 1:02d}"), kind=c.WorkerKind(kind), organisation=organisation, area_id=f"MP-{area}",
            mode="motorbike" if kind == "rider" else "walk", shift_start_at=self.at(begin), shift_end_at=self.at(end),
            start=self._place(*self.dong_at[dong]), capacity_boxes=20,
        )  # fmt: skip

    # ---- the visits

    def _make_visits(self) -> None:
        care = round(self.visits * 0.18)
        meals = self.visits - care
        kinds = ["hot_lunch"] * round(meals * 0.5) + ["side_dish"] * round(meals * 0.2)
        kinds += ["single"] * round(meals * 0.04)
        kinds += ["hot_dinner"] * (meals - len(kinds))
        riders = [w for w in self.config.workers if w.kind == "rider"]
        carers = [w for w in self.config.workers if w.kind == "carer"]
        used: dict[tuple[str, str], int] = {}
        for number, kind in enumerate(kinds):
            dong = self.draw.choice(list(self.dong_area))
            near = [w for w in riders if w.area_id == self.dong_area[dong]] or riders
            helped = self.draw.random() < 0.05
            worker = self.draw.choice(riders if helped else near)
            slot = used[worker.worker_id, kind] = used.get((worker.worker_id, kind), -1) + 1
            begin = {"hot_lunch": 11.05, "hot_dinner": 16.6, "side_dish": 13.2, "single": 12.3}[kind] + slot * 0.115
            window = {"hot_lunch": (11.0, 12.5), "hot_dinner": (16.5, 18.5), "side_dish": (10.0, 17.0), "single": (11.75, 13.0)}[kind]
            self._add(number, "meal_support", kind, dong, worker, begin, window, 2)
        number = len(kinds)
        for service, share in CARE:
            last = service == CARE[-1][0]
            for _ in range(self.visits - number if last else min(round(care * share / 30), self.visits - number)):
                dong = self.draw.choice(list(self.dong_area))
                worker = self.draw.choice([w for w in carers if w.area_id == self.dong_area[dong]] or carers)
                slot = used[worker.worker_id, "care"] = used.get((worker.worker_id, "care"), -1) + 1
                begin = 9.1 + slot * 1.7 + self.draw.random() * 0.4
                self._add(number, service, "", dong, worker, begin, (begin - 0.3, begin + 0.6), 1 if service == "emergency_care" else 2)
                number += 1

    def _add(self, number: int, service: str, kind: str, dong: str, worker: c.WorkerProfile, begin: float,
             window: tuple[float, float], priority: int) -> None:  # fmt: skip
        reference = f"{'M' if kind else 'C'}-{number + 1:04d}"
        x, y = self.dong_at[dong]
        spread = 0.0042
        place = self._place(x + self.draw.uniform(-spread, spread), y + self.draw.uniform(-spread, spread) * 0.7)
        late = max(0.0, self.draw.gauss(0.1, 0.17)) if self.draw.random() < 0.3 else 0.0
        door = begin + late + self.draw.uniform(-0.04, 0.04)
        due = window[1] if kind in ("side_dish", "single") else min(window[1], begin + 0.1)
        filed = self.at(min(7.6, begin - 1.5) + self.draw.random() * 0.4) if number % 11 else self.at(begin - 1.2)
        by = f"organisation:{worker.organisation}"
        steps = [Step(filed, "waiting", "queued", "care_manager:" + dong, cause="RequestVisit"),
                 Step(filed + timedelta(minutes=4), "planned", "planned", "core", "plan", "PlanProposed"),
                 Step(self.at(begin - 0.9), "offered", "offered", "core", "", "ClockTicked"),
                 Step(self.at(begin - 0.9) + timedelta(minutes=self.draw.randint(1, 9)), "accepted", "accepted", by)]  # fmt: skip
        fate = self.draw.random()
        if fate < 0.03:
            steps = [steps[0]]
        elif fate < 0.06:
            steps = [*steps[:2], Step(self.at(begin - 0.6), "cancelled", "cancelled", "coordinator", "same_day", "CancelVisit")]
        else:
            if kind:
                steps.append(Step(self.at(max(begin - 0.5, window[0] - 0.4)), "picked_up", "picked_up", by))
            else:
                steps.append(Step(self.at(door - 0.3), "en_route", "en_route", by))
            steps.append(Step(self.at(door), "arrived", "arrived", by))
            if fate < 0.085:
                steps.append(Step(self.at(door + 0.02), "no_answer", "no_answer", by, "no_answer"))
                if fate < 0.075:
                    steps.append(Step(self.at(door + 0.9), "handed_over", "handed_over", "core", "welfare_check", "ClockTicked"))
            elif fate < 0.095:
                steps.append(Step(self.at(door + 0.05), "failed", "failed", by, "hospital"))
            elif kind:
                steps.append(Step(self.at(door + 0.04), "done", "done", by, "to_person"))
            else:
                steps.append(Step(self.at(door + 0.03), "in_service", "started", by))
                steps.append(Step(self.at(door + 0.8), "done", "done", by))
        steps.sort(key=lambda step: step.at)
        recipient = self._name(made_id("recipient", number))
        kitchen = "" if not kind else {"MP-A": "K2", "MP-B": "K2", "MP-C": "H1", "MP-D": "K1"}[self.dong_area[dong]]
        row = b.VisitRow(
            visit_id=made_id("visit", self.seed, number), reference=reference, recipient_id=recipient, service=service, meal_kind=kind,
            dong=dong, area_id=self.dong_area[dong], place=place, state="requested", ledger_class="open", priority=priority,
            window_start_at=self.at(window[0]), window_end_at=self.at(window[1]), due_at=self.at(due), expected_at=self.at(door),
            done_at=None, late_min=0, worker_ids=(worker.worker_id,), organisation=worker.organisation,
            requested_by="care_manager:" + dong, kitchen_id=kitchen, rung=0,
            helped_from="" if worker.area_id == self.dong_area[dong] else worker.area_id, reason="", owner="", version=0,
            changed_at=filed,
        )  # fmt: skip
        self.rows[row.visit_id] = FakeVisit(row, steps, worker.worker_id)

    def _make_exceptions(self) -> None:
        def add(kind: str, subject: str, visit: b.VisitRow | None, owner: str, raised: float, due_min: int, outcomes: str) -> None:
            identity = f"{DISTRICT}-x{len(self.exceptions) + 1}"
            raised_at = self.at(raised)
            self.exceptions[identity] = b.ExceptionRow(
                exception_id=identity, kind=kind, subject=subject, visit_id=visit.visit_id if visit else "", owner=owner,
                dong=visit.dong if visit else "", area_id=visit.area_id if visit else "MP-C", raised_at=raised_at,
                due_at=raised_at + timedelta(minutes=due_min), next_owner="coordinator" if owner != "coordinator" else "district_officer",
                outcomes=tuple(outcomes.split()), settled="",
            )  # fmt: skip

        if not self.rows:
            return
        away = [v.row for v in self.rows.values() if any(s.state == "no_answer" for s in v.steps)]
        waiting = [v.row for v in self.rows.values() if len(v.steps) == 1]
        if away:
            add("welfare_check", away[0].visit_id, away[0], "care_manager:" + away[0].dong, 11.55, 30,
                "found_well found_unwell_119 moved_to_hospital not_found")  # fmt: skip
        if waiting:
            add("unserved", waiting[0].visit_id, waiting[0], "coordinator", 11.75, 20, "assigned_by_hand cancelled_with_recipient handed_over")
        add("worker_dropped_out", "rider-03", None, "responsible_enterprise:MP-C", 11.6, 12, "seen")
        add("kitchen_late", "K1", None, "coordinator", 12.0, 20, "seen")

    # ---- time

    def advance(self, to_at: datetime) -> tuple[list[b.VisitRow], list[b.WorkerRow], list[b.ExceptionRow]]:
        """Move the clock; return the rows that changed."""
        before, self.now_at = self.now_at, to_at
        changed = []
        for visit in self.rows.values():
            done = sum(step.at <= to_at for step in visit.steps)
            if done != visit.reached:
                visit.reached = done
                visit.row = self._row(visit)
                changed.append(visit.row)
        workers = []
        for profile in self.config.workers:
            row = self._worker(profile)
            if row != self.workers.get(profile.worker_id):
                self.workers[profile.worker_id] = row
                workers.append(row)
        raised = [x for x in self.exceptions.values() if before < x.raised_at <= to_at]
        return changed, workers, raised

    def _row(self, visit: FakeVisit) -> b.VisitRow:
        step = visit.steps[visit.reached - 1] if visit.reached else None
        old = visit.row
        state = step.state if step else "requested"
        if step is None:
            return old
        door = next((s.at for s in visit.steps if s.state == "arrived"), None)
        ends = {s.state: s.at for s in visit.steps[: visit.reached]}
        finished = ends.get("done")
        has_worker = len(visit.steps) > 1 and state not in ("requested", "waiting")
        profile = next(w for w in self.config.workers if w.worker_id == visit.worker_id)
        late = max(0, round((door - old.due_at).total_seconds() / 60)) if door and has_worker and state != "cancelled" else 0
        return b.VisitRow(
            **{f: getattr(old, f) for f in old.__struct_fields__ if f not in CHANGING},
            state=state, ledger_class=ledger_class(state), expected_at=door if has_worker and state in OPEN else None,
            done_at=finished, late_min=late, worker_ids=(visit.worker_id,) if has_worker else (),
            organisation=profile.organisation if has_worker else "", reason=step.reason,
            owner="care_manager:" + old.dong if state in ("no_answer", "handed_over") else "",
            version=visit.reached, changed_at=step.at, rung=0 if has_worker else 1, helped_from=old.helped_from if has_worker else "",
        )  # fmt: skip

    def _worker(self, profile: c.WorkerProfile) -> b.WorkerRow:
        own = [v for v in self.rows.values() if profile.worker_id in v.row.worker_ids]
        coming = sorted((v for v in own if v.row.state in OPEN and v.row.expected_at), key=lambda v: v.row.expected_at or self.now_at)
        stops = []
        for visit in coming:
            if visit.row.kitchen_id and visit.row.state not in ("picked_up", "arrived", "no_answer"):
                kitchen = next(k for k in self.config.kitchens if k.kitchen_id == visit.row.kitchen_id)
                pickup = next((s.at for s in visit.steps if s.state == "picked_up"), self.now_at)
                stops.append(b.StopRow(visit.row.visit_id, "pickup", kitchen.place, pickup))
        stops += [b.StopRow(v.row.visit_id, "visit", v.row.place, v.row.expected_at or self.now_at) for v in coming]
        stops.sort(key=lambda stop: (stop.kind != "pickup", stop.begin_at))
        past = sorted((v for v in own if v.row.state == "done"), key=lambda v: v.row.done_at or self.now_at)
        place = profile.start
        if coming and past:
            here, there = past[-1].row.place, coming[0].row.place
            place = Place(here.x + (there.x - here.x) * 0.6, here.y + (there.y - here.y) * 0.6)
        elif past:
            place = past[-1].row.place
        on = profile.shift_start_at <= self.now_at < profile.shift_end_at
        status = "out" if profile.worker_id == "rider-03" and self.now_at >= self.at(11.6) else "on" if on else "off"
        return b.WorkerRow(
            worker_id=profile.worker_id, kind=profile.kind, organisation=profile.organisation, area_id=profile.area_id, mode=profile.mode,
            status=status, place=place, free_at=self.now_at if not coming else coming[0].row.expected_at or self.now_at,
            onboard=sum(v.row.state == "picked_up" for v in own), stops=tuple(stops) if status == "on" else (),
        )  # fmt: skip

    # ---- what the API answers

    def raised(self) -> list[b.ExceptionRow]:
        return [x for x in self.exceptions.values() if x.raised_at <= self.now_at]

    def counters(self) -> b.Counters:
        by_state: dict[str, int] = {}
        by_class: dict[str, int] = {}
        for visit in self.rows.values():
            by_state[visit.row.state] = by_state.get(visit.row.state, 0) + 1
            by_class[visit.row.ledger_class] = by_class.get(visit.row.ledger_class, 0) + 1
        return b.Counters(visits=len(self.rows), by_state=by_state, by_class=by_class, by_area={},
                          open_exceptions=sum(not x.settled for x in self.raised()))  # fmt: skip

    def ledger(self) -> b.Ledger:
        classes = self.counters().by_class
        late = [v.row.late_min for v in self.rows.values() if v.row.state == "done"]
        failed: dict[str, int] = {}
        handed: dict[str, int] = {}
        for visit in self.rows.values():
            if visit.row.state == "failed":
                failed[visit.row.reason] = failed.get(visit.row.reason, 0) + 1
            if visit.row.state == "handed_over":
                handed[visit.row.owner] = handed.get(visit.row.owner, 0) + 1
        return b.Ledger(
            service_date="2026-11-24", closed=False, visits=len(self.rows), done=classes.get("done", 0), cancelled=classes.get("cancelled", 0),
            failed=classes.get("failed", 0), handed_over=classes.get("handed_over", 0), open=classes.get("open", 0), unaccounted=0,
            failed_by_reason=failed, handed_over_to=handed, on_time_share=sum(x == 0 for x in late) / len(late) if late else None,
            lateness_mean_min=sum(late) / len(late) if late else None, lateness_p95_min=float(sorted(late)[int(len(late) * 0.95)]) if late else None,
            travel_per_visit_min=6.4, helped_share=0.047, plans_proposed=31, plans_adopted=12, visits_moved=57,
            click_to_door_mean_min=None, ready_to_pickup_mean_min=4.2, orders_per_busy_hour=38.0,
        )  # fmt: skip

    def story(self, visit_id: str) -> list[b.StoryLine]:
        visit = self.rows[visit_id]
        return [b.StoryLine(at=step.at, event=step.event, actor=step.actor,
                            worker_id=visit.worker_id if step.event not in ("queued", "cancelled") else "", reason=step.reason,
                            cause=f"{step.cause}:{made_id(visit_id, index)}", offset=100 + index)
                for index, step in enumerate(visit.steps[: visit.reached])]  # fmt: skip


CHANGING = {"state", "ledger_class", "expected_at", "done_at", "late_min", "worker_ids", "organisation", "reason", "owner", "version",
            "changed_at", "rung", "helped_from"}  # fmt: skip


def ledger_class(state: str) -> str:
    return "open" if state in OPEN else state
