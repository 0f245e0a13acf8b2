"""The optimisation problem: places, workers, visits, routes and plans. Pure data; seconds and metres, integers.

Times `_s` are seconds on one common axis (the callers use the Unix epoch). Places are metres on a plane.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from routing.travel import TravelModel

StopKind = Literal["pickup", "visit"]


@dataclass(frozen=True, slots=True)
class Place:
    """Metres east and north of the district's origin."""

    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class Pickup:
    """Where a meal is taken up. Pickups at one kitchen in a row are one stop: `service_duration_s` is paid once."""

    kitchen_id: str
    place: Place
    ready_s: int
    service_duration_s: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One demanded act at a home. Must begin inside [earliest_s, latest_s]; after `due_s` it is late, at a price.

    `allowed_area_prices`: areas whose workers may serve it, with the price of each (own area: 0). `worker_count` 2:
    two workers begin together. `pinned_worker_ids`: may be served by these only (accepted, offered, or onboard).
    """

    visit_id: str
    kind: Literal["meal", "care"]
    area_id: str
    place: Place
    earliest_s: int
    due_s: int
    latest_s: int
    service_duration_s: int
    allowed_area_prices: Mapping[str, int]
    pickup: Pickup | None = None
    freshness_s: int = 0  # from leaving the kitchen to beginning at the door; 0: no limit
    boxes: int = 0
    required_skills: frozenset[str] = frozenset()
    excluded_worker_ids: frozenset[str] = frozenset()
    gender: str = ""
    worker_count: int = 1
    priority: int = 2
    pinned_worker_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Worker:
    """Anyone who serves, for the rest of the shift: free at `free_s` at `place`, to be at `end` by `shift_end_s`."""

    worker_id: str
    kind: Literal["rider", "carer"]
    organisation: str
    area_id: str
    mode: str
    free_s: int
    shift_end_s: int
    place: Place
    end: Place | None = None
    capacity_boxes: int = 0
    skills: frozenset[str] = frozenset()
    gender: str = ""


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
    onboard_since_s: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prices:
    """One price scale: about one unit a second of travel. `unserved` is for priority 2: fourfold for 1, half for 3.
    Lateness is priced to the second (rounded down), for each worker who begins late. An empty route costs nothing."""

    travel_per_s: int = 1
    late_per_min: int = 60
    unserved: int = 200_000
    move: int = 600  # a visit changes its worker against the start plan


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything a plan is judged by. `workers` and `visits` by id."""

    workers: Mapping[str, Worker]
    visits: Mapping[str, Visit]
    travel: TravelModel
    prices: Prices = Prices()
    max_meals_per_round: int = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """Routes by worker id. A visit in no route is unassigned."""

    routes: Mapping[str, Route]


@dataclass(frozen=True, slots=True)
class StopTime:
    """When a stop is reached, begins and ends. `load` boxes on leaving."""

    arrive_s: int
    begin_s: int
    depart_s: int
    load: int


@dataclass(frozen=True, slots=True)
class Insertion:
    """Where a visit goes: the changed routes whole, the price it adds, and when it begins."""

    visit_id: str
    routes: tuple[Route, ...]
    price: int
    begin_s: int


@dataclass(frozen=True, slots=True)
class Budget:
    """`iterations` decides (deterministic); `seconds` is only a safety stop, 0 for none."""

    iterations: int
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule found by the checker: `rule` from a closed list, about whom, by how much."""

    rule: str
    visit_id: str
    worker_id: str
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Unassignable:
    """Why a visit could not be inserted: `code` NO_SKILLED_WORKER, NO_WORKER_IN_AREA or NO_WORKER_FREE (values in
    routing.refusals)."""

    visit_id: str
    code: str
