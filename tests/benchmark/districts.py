"""Districts, days and inputs that the benchmarks feed: the busy sample day, and a large district from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.sample_day.day import Day
from services.sample_day.in_process import InProcessDoors
from streams.contracts.district import (
    Area,
    AreaHelp,
    DistrictConfig,
    Dong,
    Kitchen,
    MealKind,
    ModeConfig,
    Place,
    Policy,
    Provider,
    ProviderKind,
    Service,
    TravelConfig,
    WorkerKind,
    WorkerProfile,
)  # fmt: skip
from streams.contracts.envelope import Envelope, seal
from streams.contracts.inputs import CancelVisit, ConfigureDistrict, Payload, ReportKind, RequestVisit, WorkerReported

DISTRICT = "11440"
MORNING = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)  # 08:00 in Seoul
HALF_M = 4000.0
COOP, WINDOW, KITCHEN = "coop", "window", "kitchen-firm"


def busy_day(seed: int) -> Day:
    """The generated busy day of the product."""
    from services.sample_day.generate import generate_day
    from services.sample_day.read_day import read_day

    with TemporaryDirectory() as folder:
        return read_day(generate_day("busy", seed, Path(folder) / "day"))


class RecordingDoors(InProcessDoors):
    """Keeps every input with the moment it was recorded at."""

    def __init__(self, day: Day, **options: Any) -> None:
        self.inputs: list[tuple[Envelope, datetime]] = []
        super().__init__(day, **options)

    def _append(self, envelope: Envelope) -> None:
        self.inputs.append((envelope, self.now))
        super()._append(envelope)


def recorded_inputs(day: Day, seed: int) -> list[tuple[Envelope, datetime]]:
    """What the core gets in a whole day, in order, solver's proposals included."""
    from services.sample_day.conductor import run_lockstep
    from services.sample_day.simulation import Simulation

    doors = RecordingDoors(day)
    run_lockstep(Simulation(day, seed), doors)
    return doors.inputs


# --- a district from a seed -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Size:
    """`across` dongs in a row and as many rows; a living area is a quarter of the square."""

    riders: int
    carers: int
    across: int = 4


LARGE = Size(riders=90, carers=60)


def _areas(across: int) -> list[list[tuple[int, int]]]:
    half = across // 2
    cells = [(column, row) for row in range(across) for column in range(across)]
    return [[(c, r) for c, r in cells if (c // half, r // half) == (a % 2, a // 2)] for a in range(4)]


def _code(column: int, row: int) -> str:
    return f"11440{10 * (row + 1) + column:05d}"


def make_district(size: Size, seed: int) -> DistrictConfig:
    """8 x 8 km in metres, four living areas, four kitchens, riders and carers of two organisations."""
    rng = random.Random(seed)
    step_m = 2 * HALF_M / size.across

    def cell(column: int, row: int) -> Dong:
        x, y = -HALF_M + column * step_m, -HALF_M + row * step_m
        corners = (Place(x, y), Place(x + step_m, y), Place(x + step_m, y + step_m), Place(x, y + step_m))
        name = f"{column}-{row}"
        return Dong(code=_code(column, row), name_ko=name, centroid=Place(x + step_m / 2, y + step_m / 2), cell=corners)

    def somewhere() -> Place:
        return Place(float(rng.randrange(-3900, 3900, 100)), float(rng.randrange(-3900, 3900, 100)))

    ids = [f"A{number}" for number in range(4)]
    areas = tuple(
        Area(
            area_id=ids[number], name_ko=ids[number], name_en=ids[number],
            dong_codes=tuple(_code(*spot) for spot in spots), responsible_enterprise=WINDOW,
            helpers=tuple(AreaHelp(other, 300) for other in ids if other != ids[number]),
        )
        for number, spots in enumerate(_areas(size.across))
    )  # fmt: skip
    workers = [
        WorkerProfile(
            worker_id=f"rider-{n}", kind=WorkerKind.RIDER, organisation=COOP, area_id=ids[n % 4],
            mode="bicycle" if n % 2 else "motorbike", shift_start_at=MORNING, shift_end_at=MORNING + timedelta(hours=12),
            start=somewhere(), capacity_boxes=20,
        )
        for n in range(size.riders)
    ] + [
        WorkerProfile(
            worker_id=f"carer-{n}", kind=WorkerKind.CARER, organisation=WINDOW, area_id=ids[n % 4], mode="walk",
            shift_start_at=MORNING, shift_end_at=MORNING + timedelta(hours=12), start=somewhere(),
            skills=("temporary_home_care", "check_in"),
        )
        for n in range(size.carers)
    ]  # fmt: skip
    return DistrictConfig(
        version=1, district=DISTRICT, name_ko="시험구", name_en="Test-gu", service_date="2026-03-02",
        dongs=tuple(cell(column, row) for row in range(size.across) for column in range(size.across)), areas=areas,
        providers=(
            Provider(provider_id=COOP, name_ko="라이더", name_en="Riders", kind=ProviderKind.RIDER_COOP),
            Provider(provider_id=WINDOW, name_ko="창구", name_en="Window", kind=ProviderKind.WINDOW, own_staff=True),
            Provider(provider_id=KITCHEN, name_ko="부엌", name_en="Kitchen", kind=ProviderKind.KITCHEN),
        ),
        kitchens=tuple(
            Kitchen(kitchen_id=f"k{n}", provider_id=KITCHEN, name_ko="부엌", name_en="Kitchen",
                    place=Place(-2000.0 + 4000.0 * (n % 2), -2000.0 + 4000.0 * (n // 2)))
            for n in range(4)
        ),
        workers=tuple(workers),
        travel=TravelConfig(
            coordinates="plane_m",
            modes={
                "bicycle": ModeConfig(detour=1.35, speed_m_per_s=4.2, access_s=120),
                "motorbike": ModeConfig(detour=1.4, speed_m_per_s=5.3, access_s=150),
                "walk": ModeConfig(detour=1.3, speed_m_per_s=1.25, access_s=60),
            },
        ),
        policy=Policy(),
    )  # fmt: skip


class Filing:
    """Inputs for a district of `make_district`, as the inboxes would bring them; the same for a seed."""

    def __init__(self, config: DistrictConfig, seed: int) -> None:
        self._config = config
        self._rng = random.Random(seed)
        self._number = 0
        self.open: list[str] = []

    def seal(self, payload: Payload, actor: str = "operator", organisation: str = "") -> Envelope:
        self._number += 1
        return seal(
            payload, id=f"bench-{self._number}", district=self._config.district, actor=actor, at=MORNING,
            organisation=organisation,
        )  # fmt: skip

    def configure(self) -> Envelope:
        return self.seal(ConfigureDistrict(command_id="configure", config=self._config))

    def shifts(self) -> Iterator[Envelope]:
        for worker in self._config.workers:
            yield self.shift_on(worker)

    def shift_on(self, worker: WorkerProfile) -> Envelope:
        report = WorkerReported(
            report_id=f"r-{self._number}", kind=ReportKind.SHIFT_ON, worker_id=worker.worker_id, place=worker.start
        )
        return self.seal(report, f"organisation:{worker.organisation}", worker.organisation)

    def report(self) -> Envelope:
        """A worker says where it is (again on shift)."""
        return self.shift_on(self._rng.choice(self._config.workers))

    def visit(self) -> Envelope:
        """A meal (two of three) or a care visit, somewhere, some time of the day."""
        rng, number = self._rng, self._number
        x, y = rng.randrange(-3900, 3900, 100), rng.randrange(-3900, 3900, 100)
        across = int(len(self._config.dongs) ** 0.5)
        step_m = 2 * HALF_M / across
        dong = _code(int((x + HALF_M) // step_m), int((y + HALF_M) // step_m))
        begin = MORNING + timedelta(minutes=rng.randrange(90, 600, 5))
        meal: dict[str, Any] = {}
        if rng.random() < 0.67:
            meal = {"kitchen_id": f"k{rng.randrange(4)}", "meal_kind": MealKind.SIDE_DISH, "ready_at": begin}
        visit_id = f"visit-{number}"
        self.open.append(visit_id)
        return self.seal(
            RequestVisit(
                command_id=f"c-{number}", visit_id=visit_id, reference=visit_id, body_hash=visit_id,
                recipient_id=f"p-{number}", service=Service.MEAL_SUPPORT if meal else Service.CHECK_IN, dong=dong,
                place=Place(float(x), float(y)), window_start_at=begin, window_end_at=begin + timedelta(minutes=90),
                due_at=begin + timedelta(minutes=90), service_duration_s=120 if meal else 900, **meal,
            )
        )  # fmt: skip

    def cancel(self) -> Envelope:
        """One of the open visits is taken back."""
        visit_id = self.open.pop(self._rng.randrange(len(self.open)))
        return self.seal(CancelVisit(command_id=f"x-{self._number}", visit_id=visit_id, reason="recipient_asked"))

    def steady(self) -> Iterator[Envelope]:
        """For ever: in ten inputs one visit is filed (and inserted into the running plan at once), one is cancelled, eight
        are reports; so the plan keeps its size."""
        makers: list[Callable[[], Envelope]] = [self.visit, self.cancel] + [self.report] * 8
        while True:
            self._rng.shuffle(makers)
            for make in makers:
                yield make()
