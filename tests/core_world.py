"""A small district for tests of the core: two living areas five minutes apart, one kitchen, riders and carers.

North (N) has rider-1, carer-1 (own staff) and carer-2 (a centre names its workers); south (S) has rider-2 and carer-3.
The plane is in metres; a bicycle does 5 m/s, a carer walks at 1.25 m/s. The day is 2026-03-02, Seoul.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from streams.contracts import codec
from streams.contracts.decisions import Decision
from streams.contracts.district import (
    Area,
    AreaHelp,
    DistrictConfig,
    Dong,
    Kitchen,
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
from streams.contracts.inputs import (
    CancelVisit,
    ClockTicked,
    CloseDay,
    ConfigureDistrict,
    Payload,
    ReportKind,
    RequestVisit,
    SettleException,
    WorkerReported,
)  # fmt: skip
from streams.core.deadlines import next_deadline
from streams.core.dispatch import decide
from streams.core.state import DistrictState, VisitRecord, new_state

DISTRICT = "11440"
DAY = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)  # 06:00 of 2 March in Seoul
COOP, CENTRE, WINDOW, KITCHEN = "coop", "centre", "window", "kitchen-firm"


def at(hhmm: str) -> datetime:
    """An instant of the service day, Seoul time."""
    hours, minutes = hhmm.split(":")
    return DAY + timedelta(hours=int(hours) - 6, minutes=int(minutes))


def square(x_m: float, y_m: float, half_m: float = 500.0) -> tuple[Place, ...]:
    return (
        Place(x_m - half_m, y_m - half_m), Place(x_m + half_m, y_m - half_m),
        Place(x_m + half_m, y_m + half_m), Place(x_m - half_m, y_m + half_m),
    )  # fmt: skip


def worker(worker_id: str, kind: WorkerKind, organisation: str, area_id: str, y_m: float, **more: Any) -> WorkerProfile:
    rider = kind is WorkerKind.RIDER
    fields: dict[str, Any] = dict(
        worker_id=worker_id, kind=kind, organisation=organisation, area_id=area_id,
        mode="bicycle" if rider else "walk", shift_start_at=at("08:00"), shift_end_at=at("20:00"),
        start=Place(0.0, y_m), capacity_boxes=20 if rider else 0,
        skills=() if rider else ("temporary_home_care", "check_in", "emergency_care"),
    )  # fmt: skip
    return WorkerProfile(**(fields | more))


def config(**policy: Any) -> DistrictConfig:
    """The small district."""
    return DistrictConfig(
        version=1, district=DISTRICT, name_ko="시험구", name_en="Test-gu", service_date="2026-03-02",
        dongs=(
            Dong(code="1144000001", name_ko="북동", centroid=Place(0.0, 500.0), cell=square(0.0, 500.0)),
            Dong(code="1144000002", name_ko="남동", centroid=Place(0.0, -500.0), cell=square(0.0, -500.0)),
        ),
        areas=(
            Area(area_id="N", name_ko="북권", name_en="North", dong_codes=("1144000001",), responsible_enterprise=WINDOW,
                 helpers=(AreaHelp("S", 300),)),
            Area(area_id="S", name_ko="남권", name_en="South", dong_codes=("1144000002",), responsible_enterprise=CENTRE,
                 helpers=(AreaHelp("N", 300),)),
        ),
        providers=(
            Provider(provider_id=COOP, name_ko="라이더", name_en="Riders", kind=ProviderKind.RIDER_COOP),
            Provider(provider_id=CENTRE, name_ko="센터", name_en="Centre", kind=ProviderKind.HOME_CARE_CENTRE),
            Provider(provider_id=WINDOW, name_ko="창구", name_en="Window", kind=ProviderKind.WINDOW, own_staff=True),
            Provider(provider_id=KITCHEN, name_ko="부엌", name_en="Kitchen", kind=ProviderKind.KITCHEN),
        ),
        kitchens=(
            Kitchen(kitchen_id="k1", provider_id=KITCHEN, name_ko="부엌", name_en="Kitchen", place=Place(100.0, 100.0)),
        ),
        workers=(
            worker("rider-1", WorkerKind.RIDER, COOP, "N", 300.0),
            worker("rider-2", WorkerKind.RIDER, COOP, "S", -300.0),
            worker("carer-1", WorkerKind.CARER, WINDOW, "N", 600.0),
            worker("carer-2", WorkerKind.CARER, CENTRE, "N", 400.0),
            worker("carer-3", WorkerKind.CARER, CENTRE, "S", -600.0),
        ),
        travel=TravelConfig(
            coordinates="plane_m",
            modes={"bicycle": ModeConfig(detour=1.0, speed_m_per_s=5.0), "walk": ModeConfig(detour=1.0, speed_m_per_s=1.25)},
        ),
        policy=Policy(**({"solve_iterations": 0} | policy)),
    )  # fmt: skip


class CoreWorld:
    """One district's core, driven by hand. Each call is one input; the decisions of the last are in `decisions`."""

    def __init__(self, district_config: DistrictConfig | None = None, **policy: Any) -> None:
        self.district = district_config.district if district_config is not None else DISTRICT
        self.state: DistrictState = new_state(self.district)
        self.inputs: list[tuple[Envelope, datetime]] = []
        self.log: list[Decision] = []
        self.decisions: list[Decision] = []
        self.now_at = at("07:00")
        self._count = 0
        self.send(ConfigureDistrict(command_id="configure", config=district_config or config(**policy)))

    def send(self, payload: Payload, *, organisation: str = "", actor: str = "operator", **more: Any) -> list[Decision]:
        self._count += 1
        more.setdefault("id", str(uuid5(NAMESPACE_URL, str(self._count))))
        envelope = seal(payload, district=self.district, actor=actor, at=self.now_at, organisation=organisation, **more)
        self.inputs.append((envelope, self.now_at))
        self.decisions = decide(self.state, envelope, self.now_at)
        self.log += self.decisions
        return self.decisions

    def file(self, reference: str, **fields: Any) -> VisitRecord:
        """File a visit: by default a hot lunch in the north, 11:30-12:30, promised at 12:30."""
        visit_id = str(uuid5(NAMESPACE_URL, reference))
        care = fields.get("service", Service.MEAL_SUPPORT) is not Service.MEAL_SUPPORT
        base: dict[str, Any] = dict(
            command_id=f"file-{reference}", visit_id=visit_id, reference=reference, body_hash=codec.digest(reference.encode()),
            recipient_id=f"r-{reference}", service=Service.MEAL_SUPPORT, dong="1144000001", place=Place(0.0, 500.0),
            window_start_at=at("11:30"), window_end_at=at("12:30"), due_at=at("12:30"), service_duration_s=240,
        )  # fmt: skip
        if not care:
            base |= dict(kitchen_id="k1", meal_kind="hot_lunch", ready_at=at("11:15"), freshness_s=3600)
        self.send(RequestVisit(**(base | fields)), organisation="dong", actor="care_manager:1144000001")
        return self.state.visits[visit_id]

    def until(self, hhmm: str) -> None:
        """Let the time pass, waking the core at each of its deadlines."""
        end_at = at(hhmm)
        self.until_instant(end_at)
        self.now_at = max(self.now_at, end_at)
        self.send(ClockTicked(due_at=end_at))

    def until_instant(self, end_at: datetime) -> None:
        """Wake the core at each of its deadlines up to an instant."""
        while (due := next_deadline(self.state)) is not None and due <= end_at:
            self.now_at = max(self.now_at, due)
            self.send(ClockTicked(due_at=due))

    def report(
        self, worker_id: str, kind: str, *visits: VisitRecord, organisation: str = "", occurred_at: datetime | None = None,
        **fields: Any,
    ) -> list[Decision]:  # fmt: skip
        own = self.state.workers[worker_id].profile.organisation
        self._count += 1
        return self.send(
            WorkerReported(
                report_id=f"report-{self._count}", kind=ReportKind(kind), worker_id=worker_id,
                visit_ids=tuple(v.spec.visit_id for v in visits), **fields,
            ),
            organisation=organisation or own, occurred_at=occurred_at,
        )  # fmt: skip

    def answer(self, offer_id: str, kind: str = "offer_accepted", worker_id: str = "", organisation: str = "") -> list[Decision]:
        made = self.state.offers[offer_id].made
        return self.send(
            WorkerReported(
                report_id=f"answer-{offer_id}-{kind}-{worker_id}", kind=ReportKind(kind), offer_id=offer_id,
                worker_id=worker_id or made.worker_id,
            ),
            organisation=organisation or made.organisation,
        )  # fmt: skip

    def open_offers(self) -> list[str]:
        return [offer_id for offer_id, offer in self.state.offers.items() if not offer.outcome]

    def open_exceptions(self) -> dict[str, str]:
        """kind -> exception id, of what is open."""
        return {x.raised.kind: key for key, x in self.state.exceptions.items() if not x.outcome}

    def settle(self, kind: str, outcome: str) -> list[Decision]:
        exception_id = self.open_exceptions()[kind]
        return self.send(SettleException(command_id=f"settle-{exception_id}", exception_id=exception_id, outcome=outcome))

    def cancel(self, visit: VisitRecord, reason: str = "recipient_asked") -> list[Decision]:
        return self.send(CancelVisit(command_id=f"cancel-{visit.spec.reference}", visit_id=visit.spec.visit_id, reason=reason))

    def close(self) -> list[Decision]:
        return self.send(CloseDay(command_id="close", service_date="2026-03-02"))
