"""The optimisation problem: places, workers, visits, routes and plans. Pure data; docs/model.md says what it means.

Times `_s` are seconds on one common axis (the product uses whole seconds of the Unix epoch, benchmark instances double
precision). Places are metres on a plane. Prices are numbers on one scale: about one unit for a second of travel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Literal

from routing.place import Place

if TYPE_CHECKING:
    from routing.travel import TravelPort

StopKind = Literal["pickup", "visit"]
VisitKind = Literal["meal", "care", "errand", "parcel"]
WorkerKind = Literal["rider", "carer"]


@dataclass(frozen=True, slots=True)
class Pickup:
    """Where a meal (an errand's goods, a parcel) is taken up. Pickups at one kitchen in a row are one stop: it begins
    when the rider is there and the last of them is ready, and `service_duration_s` is paid once. It must begin by
    `latest_s`: a shop closes."""

    kitchen_id: str
    place: Place
    ready_s: float
    service_duration_s: float
    latest_s: float = inf


@dataclass(frozen=True, slots=True)
class Break:
    """A rest of `duration_s` that begins within [earliest_s, latest_s]. Where it falls follows from the route."""

    earliest_s: float
    latest_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Credential:
    """A training, a test, an equipment issue: from when, and the last second at which it counts."""

    issued_s: float
    valid_until_s: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Two visits of one recipient: the second begins at least `min_s` and at most `max_s` after the first begins.
    `different_workers`: nobody serves both."""

    first_visit_id: str
    then_visit_id: str
    min_s: float
    max_s: float
    different_workers: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One demanded act at a home. Must begin inside [earliest_s, latest_s]; after `due_s` it is late, at a price.

    `allowed_area_prices`: areas whose workers may serve it, with the price of each (own area: 0). `worker_count` 2:
    two workers begin together. `pinned_worker_ids`: may be served by these only (accepted, offered, or onboard).
    Boxes without a pickup are loaded where the route starts.
    """

    visit_id: str
    kind: VisitKind
    area_id: str
    place: Place
    earliest_s: float
    due_s: float
    latest_s: float
    service_duration_s: float
    allowed_area_prices: Mapping[str, float]
    pickup: Pickup | None = None
    freshness_s: float = 0  # from leaving the kitchen to beginning at the door; 0: no limit
    boxes: int = 0
    required_skills: frozenset[str] = frozenset()
    excluded_worker_ids: frozenset[str] = frozenset()
    gender: str = ""  # only workers of this gender
    worker_count: int = 1
    priority: int = 2
    pinned_worker_ids: frozenset[str] = frozenset()
    access_duration_s: float = 0  # from the street to the door: the way up of this home, before the visit begins
    boxes_back: int = 0  # empties taken along at the door; they fill the hot box until the route ends
    round_id: str = ""  # meals of one round that a worker carries leave the kitchen together
    round_rank: int = 0  # the round's familiar order
    required_credentials: Mapping[str, float] = field(default_factory=dict)  # greatest age at the begin; 0: only validity
    preferred_worker_ids: frozenset[str] = frozenset()
    familiar_worker_ids: frozenset[str] = frozenset()  # faces the recipient knows
    preferred_gender: str = ""
    leave_out_price: float | None = None  # None: Prices.unserved by priority
    late_per_min: float | None = None  # None: Prices.late_per_min
    accepted: bool = False  # its worker has accepted it: moving it costs Prices.move_accepted
    promised_s: float | None = None  # told to the recipient: beginning later costs Prices.promise_per_min


@dataclass(frozen=True, slots=True)
class Worker:
    """Anyone who serves, for the rest of the shift: free at `free_s` at `place`, to be at `end` by `shift_end_s`.
    Limits of 0 are none. A rider serves meals, errands and parcels, a carer care visits and errands."""

    worker_id: str
    kind: WorkerKind
    organisation: str
    area_id: str
    mode: str
    free_s: float
    shift_end_s: float
    place: Place
    end: Place | None = None
    capacity_boxes: int = 0
    skills: frozenset[str] = frozenset()
    gender: str = ""
    breaks: tuple[Break, ...] = ()  # in the order in which they are taken
    max_active_s: float = 0  # travel, access and service of the whole route
    max_distance_m: float = 0
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    banned_area_ids: frozenset[str] = frozenset()  # serves no visit there
    fair_active_s: float | None = None  # the fair share of the day's paid work; more costs Prices.over_share_per_min
    shift_begin_s: float | None = None  # of a shift under way, which may be over; None: it begins at `free_s`


@dataclass(frozen=True, slots=True)
class Stop:
    visit_id: str
    kind: StopKind


@dataclass(frozen=True, slots=True)
class Route:
    """The rest of a worker's route. The first `locked_count` stops stay where they are, in order (started or promised).
    A meal whose pickup is not in the route is onboard already (its "visit" stop alone is there); `onboard_since_s`
    tells when it left the kitchen."""

    worker_id: str
    stops: tuple[Stop, ...] = ()
    locked_count: int = 0
    onboard_since_s: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prices:
    """One price scale: about one unit a second of travel. Exact, without rounding. An empty route costs nothing.
    Lateness is priced for each worker who begins late. `unserved` is for priority 2: fourfold for 1, half for 3."""

    travel_per_s: float = 1
    late_per_min: float = 60
    unserved: float = 200_000
    move: float = 600  # a visit changes its worker against the start plan
    move_accepted: float = 1_800  # the same, where the worker had accepted it
    promise_per_min: float = 60  # later than the recipient was told, besides the lateness
    unfamiliar: float = 60  # a visit with known faces is served by another
    not_preferred: float = 120
    other_gender: float = 300
    order_change: float = 60  # two doors of a round in a row against the familiar order
    over_share_per_min: float = 10
    worker_used: float = 0
    greatest_lateness_per_s: float = 0  # of the latest visit of the whole plan


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything a plan is judged by. `workers` and `visits` by id."""

    workers: Mapping[str, Worker]
    visits: Mapping[str, Visit]
    travel: TravelPort
    prices: Prices = Prices()
    max_meals_per_round: int = 40
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Routes by worker id. A visit in no route is unassigned."""

    routes: Mapping[str, Route]


@dataclass(frozen=True, slots=True)
class StopTime:
    """When a stop is reached, begins and ends. `load` boxes on leaving."""

    arrive_s: float
    begin_s: float
    depart_s: float
    load: int


@dataclass(frozen=True, slots=True)
class Insertion:
    """Where a visit goes: the changed routes whole, the price it adds, and when it begins."""

    visit_id: str
    routes: tuple[Route, ...]
    price: float
    begin_s: float


@dataclass(frozen=True, slots=True)
class Budget:
    """`iterations` decides (deterministic); `seconds` is only a safety stop, 0 for none."""

    iterations: int
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule found by the checker: `rule` from a closed list, about whom, by how much (in the rule's unit)."""

    rule: str
    visit_id: str
    worker_id: str
    amount: float = 0


@dataclass(frozen=True, slots=True)
class Unassignable:
    """Why a visit could not be inserted: `code` NO_SKILLED_WORKER, NO_WORKER_IN_AREA or NO_WORKER_FREE (values in
    routing.refusals)."""

    visit_id: str
    code: str
