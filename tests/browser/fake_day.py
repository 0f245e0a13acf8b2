"""A made-up day in Mapo for looking at the page: rows of `streams.contracts.board`, moved on by the clock.

It is no dispatcher: each visit simply walks along a time line drawn from a seed. People's names are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from streams.contracts import board as b, district as c
from streams.contracts.area_balance import Shortage
from streams.contracts.crisis import PostingRow, ProgrammeRow
from streams.contracts.district import Place
from tests.browser.fake_district import DISTRICT, FakeDistrict

NAMES = UUID("8f7d9b4e-5c3a-4d1f-9a55-0d0f6c1b2a37")

CARE = [
    ("emergency_care", 9),
    ("temporary_home_care", 7),
    ("check_in", 5),
    ("accompaniment", 4),
    ("visiting_care", 3),
    ("housing_help", 2),
]
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
class FakeDay(FakeDistrict):
    """`visits` rows of a day that begins at 07:30 in Seoul; `now_at` moves by `advance`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.workers: dict[str, b.WorkerRow] = {}
        self.rows: dict[str, FakeVisit] = {}
        self.exceptions: dict[str, b.ExceptionRow] = {}
        self.offers: list[b.OfferRow] = []
        self.helps: tuple[b.HelpWantedRow, ...] = ()
        self.programmes: tuple[ProgrammeRow, ...] = ()
        self.postings: tuple[PostingRow, ...] = ()
        self.shorts: tuple[Shortage, ...] = ()
        self.disruptions: tuple[b.DisruptionRow, ...] = ()
        self._make_visits()
        self._make_exceptions()
        self.advance(self.now_at)

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
            window = {"hot_lunch": (11.0, 12.5), "hot_dinner": (16.5, 18.5), "side_dish": (10.0, 17.0), "single": (11.75, 13.0)}[
                kind
            ]
            self._add(number, "meal_support", kind, dong, worker, begin, window, 2)
        number = len(kinds)
        for service, share in CARE:
            last = service == CARE[-1][0]
            for _ in range(self.visits - number if last else min(round(care * share / 30), self.visits - number)):
                dong = self.draw.choice(list(self.dong_area))
                worker = self.draw.choice([w for w in carers if w.area_id == self.dong_area[dong]] or carers)
                slot = used[worker.worker_id, "care"] = used.get((worker.worker_id, "care"), -1) + 1
                begin = 9.1 + slot * 1.7 + self.draw.random() * 0.4
                self._add(
                    number, service, "", dong, worker, begin, (begin - 0.3, begin + 0.6), 1 if service == "emergency_care" else 2
                )
                number += 1

    def _add(
        self,
        number: int,
        service: str,
        kind: str,
        dong: str,
        worker: c.WorkerProfile,
        begin: float,
        window: tuple[float, float],
        priority: int,
    ) -> None:
        reference = f"{'M' if kind else 'C'}-{number + 1:04d}"
        x, y = self.dong_at[dong]
        spread = 0.0042
        place = self._place(x + self.draw.uniform(-spread, spread), y + self.draw.uniform(-spread, spread) * 0.7)
        late = max(0.0, self.draw.gauss(0.1, 0.17)) if self.draw.random() < 0.3 else 0.0
        door = begin + late + self.draw.uniform(-0.04, 0.04)
        due = window[1] if kind in ("side_dish", "single") else min(window[1], begin + 0.1)
        filed = self.at(min(7.6, begin - 1.5) + self.draw.random() * 0.4) if number % 11 else self.at(begin - 1.2)
        by = f"organisation:{worker.organisation}"
        steps = [
            Step(filed, "waiting", "queued", "care_manager:" + dong, cause="RequestVisit"),
            Step(filed + timedelta(minutes=4), "planned", "planned", "core", "plan", "PlanProposed"),
            Step(self.at(begin - 0.9), "offered", "offered", "core", "", "ClockTicked"),
            Step(self.at(begin - 0.9) + timedelta(minutes=self.draw.randint(1, 9)), "accepted", "accepted", by),
        ]
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
            visit_id=made_id("visit", self.seed, number),
            reference=reference,
            recipient_id=recipient,
            service=service,
            meal_kind=kind,
            dong=dong,
            area_id=self.dong_area[dong],
            place=place,
            state="requested",
            ledger_class="open",
            priority=priority,
            window_start_at=self.at(window[0]),
            window_end_at=self.at(window[1]),
            due_at=self.at(due),
            expected_at=self.at(door),
            done_at=None,
            late_min=0,
            worker_ids=(worker.worker_id,),
            organisation=worker.organisation,
            requested_by="care_manager:" + dong,
            kitchen_id=kitchen,
            tasks=() if kind else ("meal_help", "cleaning"),
            rung=0,
            helped_from="" if worker.area_id == self.dong_area[dong] else worker.area_id,
            reason="",
            owner="",
            pinned_id="",
            version=0,
            changed_at=filed,
        )
        self.rows[row.visit_id] = FakeVisit(row, steps, worker.worker_id)

    def _make_exceptions(self) -> None:
        def add(kind: str, subject: str, visit: b.VisitRow | None, owner: str, raised: float, due_min: int, outcomes: str) -> None:
            identity = f"{DISTRICT}-x{len(self.exceptions) + 1}"
            raised_at = self.at(raised)
            self.exceptions[identity] = b.ExceptionRow(
                exception_id=identity,
                kind=kind,
                subject=subject,
                visit_id=visit.visit_id if visit else "",
                owner=owner,
                dong=visit.dong if visit else "",
                area_id=visit.area_id if visit else "MP-C",
                raised_at=raised_at,
                due_at=raised_at + timedelta(minutes=due_min),
                next_owner="coordinator" if owner != "coordinator" else "district_officer",
                outcomes=tuple(outcomes.split()),
                settled="",
            )

        if not self.rows:
            return
        away = [v.row for v in self.rows.values() if any(s.state == "no_answer" for s in v.steps)]
        waiting = [v.row for v in self.rows.values() if len(v.steps) == 1]
        if away:
            add(
                "welfare_check",
                away[0].visit_id,
                away[0],
                "care_manager:" + away[0].dong,
                11.55,
                30,
                "found_well found_unwell_119 moved_to_hospital not_found",
            )
        if waiting:
            add(
                "unserved",
                waiting[0].visit_id,
                waiting[0],
                "coordinator",
                11.75,
                20,
                "assigned_by_hand cancelled_with_recipient handed_over",
            )
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
            state=state,
            ledger_class=ledger_class(state),
            expected_at=door if has_worker and state in OPEN else None,
            done_at=finished,
            late_min=late,
            worker_ids=(visit.worker_id,) if has_worker else (),
            organisation=profile.organisation if has_worker else "",
            reason=step.reason,
            owner="care_manager:" + old.dong if state in ("no_answer", "handed_over") else "",
            version=visit.reached,
            changed_at=step.at,
            rung=0 if has_worker else 1,
            helped_from=old.helped_from if has_worker else "",
        )

    def _worker(self, profile: c.WorkerProfile) -> b.WorkerRow:
        own = [v for v in self.rows.values() if profile.worker_id in v.row.worker_ids]
        coming = sorted(
            (v for v in own if v.row.state in OPEN and v.row.expected_at), key=lambda v: v.row.expected_at or self.now_at
        )
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
            worker_id=profile.worker_id,
            kind=profile.kind,
            organisation=profile.organisation,
            area_id=profile.area_id,
            mode=profile.mode,
            status=status,
            place=place,
            free_at=self.now_at if not coming else coming[0].row.expected_at or self.now_at,
            onboard=sum(v.row.state == "picked_up" for v in own),
            stops=tuple(stops) if status == "on" else (),
            rests=self._rests(profile) if status == "on" else (),
        )

    def _rests(self, profile: c.WorkerProfile) -> tuple[b.RestRow, ...]:
        """The carers': half an hour at noon."""
        if profile.kind == "rider":
            return ()
        begin_at, until_at = self.at(12), self.at(12.5)
        return (b.RestRow(begin_at=begin_at, until_at=until_at, taken=until_at <= self.now_at),)

    # ---- what the API answers

    def raised(self) -> list[b.ExceptionRow]:
        return [x for x in self.exceptions.values() if x.raised_at <= self.now_at]

    def counters(self) -> b.Counters:
        by_state: dict[str, int] = {}
        by_class: dict[str, int] = {}
        for visit in self.rows.values():
            by_state[visit.row.state] = by_state.get(visit.row.state, 0) + 1
            by_class[visit.row.ledger_class] = by_class.get(visit.row.ledger_class, 0) + 1
        return b.Counters(
            visits=len(self.rows),
            by_state=by_state,
            by_class=by_class,
            by_area={},
            open_exceptions=sum(not x.settled for x in self.raised()),
            helps=self.helps,
            programmes=self.programmes,
            postings=self.postings,
            shorts=self.shorts,
            disruptions=self.disruptions,
        )

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
            service_date="2026-11-24",
            closed=False,
            visits=len(self.rows),
            done=classes.get("done", 0),
            cancelled=classes.get("cancelled", 0),
            failed=classes.get("failed", 0),
            handed_over=classes.get("handed_over", 0),
            open=classes.get("open", 0),
            unaccounted=0,
            failed_by_reason=failed,
            handed_over_to=handed,
            on_time_share=sum(x == 0 for x in late) / len(late) if late else None,
            lateness_mean_min=sum(late) / len(late) if late else None,
            lateness_p95_min=float(sorted(late)[int(len(late) * 0.95)]) if late else None,
            travel_per_visit_min=6.4,
            helped_share=0.047,
            plans_proposed=31,
            plans_adopted=12,
            visits_moved=57,
            click_to_door_mean_min=None,
            ready_to_pickup_mean_min=4.2,
            orders_per_busy_hour=38.0,
            by_point={"offers": {"made": 61, "late_yes": 1}, "overrule": {"assigned_by_hand": 2}},
        )

    def story(self, visit_id: str) -> list[b.StoryLine]:
        visit = self.rows[visit_id]
        return [
            b.StoryLine(
                at=step.at,
                event=step.event,
                actor=step.actor,
                worker_id=visit.worker_id if step.event not in ("queued", "cancelled") else "",
                reason=step.reason,
                cause=f"{step.cause}:{made_id(visit_id, index)}",
                offset=100 + index,
            )
            for index, step in enumerate(visit.steps[: visit.reached])
        ]


CHANGING = {
    "state",
    "ledger_class",
    "expected_at",
    "done_at",
    "late_min",
    "worker_ids",
    "organisation",
    "reason",
    "owner",
    "version",
    "changed_at",
    "rung",
    "helped_from",
}


def ledger_class(state: str) -> str:
    return "open" if state in OPEN else state
