"""Bodies of requests: strict, bounded, unknown fields refused. What needs the district's map or state is the core's."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    Tag,
    model_validator,
)  # fmt: skip
from pydantic_core import PydanticCustomError
from typing_extensions import TypeVar

from services.api.models_base import Body as Body, Id as Id, is_no_phone as is_no_phone
from services.api.models_plan import PlanBody
from services.api.problems import Problem
from streams.contracts.batches import BATCH_LIMIT
from streams.contracts.district import BROUGHT, MealKind, Place, Service
from streams.contracts.refusals import Refusal

SERVICE_DURATIONS_S: dict[Service, int] = {
    # At the door, hand-over included. Order-level data of on-demand meals (Reyes et al. 2018, mdrplib) sets 4 min for a
    # drop-off; a meal round adds the look whether the person is well, so we stay at that.
    Service.MEAL_SUPPORT: 240,
    Service.CHECK_IN: 600,  # a visit to see and talk, by the everyday catalogue: ten minutes
    Service.HOUSING_HELP: 3600,  # small repairs and cleaning are bought by the hour
    Service.ACCOMPANIMENT: 7200,  # a clinic visit there and back: two hours are the usual minimum booking
    Service.TEMPORARY_HOME_CARE: 7200,
    Service.EMERGENCY_CARE: 7200,
    # Fee bands of home care under long-term care insurance: visiting care is mostly the 180 min band, visiting nursing
    # the 30 to 60 min band, and visiting bath is paid in full from 60 min on.
    Service.VISITING_CARE: 10800,
    Service.VISITING_NURSING: 2700,
    Service.VISITING_BATH: 3600,
    Service.ERRAND: 300,  # at the door: the hand-over and the change, a little longer than a meal
    Service.LOCAL_PARCEL: 120,  # rung, handed over, gone
    Service.DISABILITY_ASSISTANCE: 10800,  # vouchers are hours; three in a row is an ordinary visit
}
"""What is planned when the request does not say; every one can be overridden by `service_duration_s`."""

PLANE_LIMIT_M = 1_000_000.0
YEARS = (2000, 2100)


ShortText = Annotated[str, Field(strict=True, max_length=200)]
PersonText = Annotated[str, Field(strict=True, max_length=1000)]
DistrictCode = Annotated[str, Field(strict=True, pattern=r"^[0-9]{5}$", examples=["11440"])]
DongCode = Annotated[str, Field(strict=True, pattern=r"^[0-9]{10}$", examples=["1144066000"])]


def _is_text(value: Any) -> Any:
    # Numbers would be taken as epoch seconds, and a bare date as midnight somewhere.
    if not isinstance(value, str) or re.match(r"\d{4}-\d\d-\d\d[T ]", value) is None:
        raise PydanticCustomError("datetime_parsing", "is not an instant")
    return value


def _in_utc(at: datetime) -> datetime:
    # Beyond these years something else was meant; and sums of times would leave the calendar.
    if not YEARS[0] <= at.year <= YEARS[1]:
        raise PydanticCustomError("datetime_parsing", "is not an instant of this century")
    return at.astimezone(UTC)


Instant = Annotated[
    AwareDatetime, Field(strict=False, examples=["2026-11-03T02:30:00Z"]), BeforeValidator(_is_text),
    AfterValidator(_in_utc),
]  # fmt: skip
Coordinate = Annotated[float, Field(allow_inf_nan=False)]


class LonLat(Body):
    """WGS 84, degrees; kept to three decimals (about 100 m)."""

    lon: Annotated[Coordinate, Field(ge=-180, le=180, examples=[126.909])]
    lat: Annotated[Coordinate, Field(ge=-90, le=90, examples=[37.556])]

    def place(self) -> Place:
        return Place(round(self.lon, 3), round(self.lat, 3))


class PlanePoint(Body):
    """Metres east and north, for districts whose travel model is a plane."""

    x_m: Annotated[Coordinate, Field(ge=-PLANE_LIMIT_M, le=PLANE_LIMIT_M)]
    y_m: Annotated[Coordinate, Field(ge=-PLANE_LIMIT_M, le=PLANE_LIMIT_M)]

    def place(self) -> Place:
        return Place(float(self.x_m), float(self.y_m))


class PlainPoint(Body):
    """A place as our own webhooks write it: x longitude or metres east, y latitude or metres north."""

    x: Annotated[Coordinate, Field(ge=-PLANE_LIMIT_M, le=PLANE_LIMIT_M)]
    y: Annotated[Coordinate, Field(ge=-PLANE_LIMIT_M, le=PLANE_LIMIT_M)]

    def place(self) -> Place:
        return rounded(self.x, self.y)


def rounded(x: float, y: float) -> Place:
    """Degrees to about 100 m; metres (beyond any degree) as they are."""
    return Place(round(x, 3), round(y, 3)) if abs(x) <= 180 and abs(y) <= 90 else Place(x, y)


def _kind_of_place(value: Any) -> str:
    keys = value if isinstance(value, dict) else ()
    if "x_m" in keys or "y_m" in keys:
        return "metres"
    return "plain" if "x" in keys or "y" in keys else "degrees"


AnyPlace = Annotated[
    Annotated[LonLat, Tag("degrees")] | Annotated[PlanePoint, Tag("metres")] | Annotated[PlainPoint, Tag("plain")],
    Discriminator(_kind_of_place),
]


Task = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$", examples=["meal_help"]), AfterValidator(is_no_phone)]
Tasks = Annotated[tuple[Task, ...], Field(strict=False, max_length=20)]
"""What is to be done at a visit, or was: codes, never free text."""


class VisitBody(PlanBody):
    """One visit to be made. It must begin inside its time window; `due_at` is what the recipient is told."""

    district: DistrictCode
    reference: Id
    recipient_id: Id
    service: Annotated[Service, Field(strict=False)]
    dong: DongCode
    place: AnyPlace
    window_start_at: Instant
    window_end_at: Instant
    due_at: Instant | None = None
    service_duration_s: Annotated[int, Field(ge=0, le=86_400)] | None = None
    priority: Annotated[int, Field(ge=1, le=3)] | None = None
    worker_count: Annotated[int, Field(ge=1, le=2)] = 1
    required_skills: Annotated[tuple[Id, ...], Field(strict=False, max_length=20)] = ()
    excluded_workers: Annotated[tuple[Id, ...], Field(strict=False, max_length=100)] = ()
    gender: Literal["", "female", "male"] = ""
    kitchen_id: Id | Literal[""] = ""
    meal_kind: Annotated[MealKind, Field(strict=False)] | None = None
    ready_at: Instant | None = None
    freshness_s: Annotated[int, Field(ge=0, le=86_400)] = 0
    boxes: Annotated[int, Field(ge=1, le=100)] = 1
    may_leave_at_door: bool = False
    risk: Literal["", "low", "high"] = ""
    diet: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,40}$", examples=["porridge"])] = ""
    avoid_allergens: Annotated[tuple[Id, ...], Field(strict=False, max_length=30)] = ()
    preferred_gender: Literal["", "female", "male"] = ""
    programme: Id | Literal[""] = ""
    asked_by: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,40}$", examples=["recipient"])] = ""
    tasks: Tasks = ()

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "district": "11440", "reference": "SOS-2026-11-03-0017", "recipient_id": "R-0153",
                    "service": "emergency_care", "dong": "1144066000", "place": {"lon": 126.909, "lat": 37.556},
                    "window_start_at": "2026-11-03T03:00:00Z", "window_end_at": "2026-11-03T04:00:00Z", "priority": 1,
                }
            ]
        }
    )  # fmt: skip

    @model_validator(mode="after")
    def _check_together(self) -> VisitBody:
        if self.window_end_at < self.window_start_at:
            raise PydanticCustomError(Refusal.TIME_INVERTED, "window_end_at is before window_start_at")
        if self.due_at is not None and not self.window_start_at <= self.due_at <= self.window_end_at:
            raise PydanticCustomError(Refusal.TIME_INVERTED, "due_at is outside the time window")
        if self.service is Service.MEAL_SUPPORT and not (self.kitchen_id and self.meal_kind and self.ready_at):
            raise PydanticCustomError(Refusal.MEAL_WITHOUT_KITCHEN, "a meal needs kitchen_id, meal_kind and ready_at")
        if self.service in BROUGHT and not self.kitchen_id:
            raise PydanticCustomError(Refusal.ERRAND_WITHOUT_SHOP, "an errand or a parcel needs a shop: kitchen_id")
        return self


class VisitsBody(Body):
    """Visits of one district, filed together or not at all."""

    visits: Annotated[list[VisitBody], Field(min_length=1, max_length=BATCH_LIMIT)]
    dry_run: bool = False


class CancelBody(Body):
    reason: Literal["recipient_asked", "same_day", "duplicate", "office"]
    expected_version: Annotated[int, Field(ge=0)] | None = None
    district: DistrictCode | None = None


class SettleBody(Body):
    outcome: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    district: DistrictCode | None = None


class AcknowledgeBody(Body):
    district: DistrictCode | None = None


class ConcernBody(Body):
    """Somebody outside is worried about a recipient."""

    district: DistrictCode
    recipient_id: Id
    dong: DongCode
    observation: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$", examples=["no_sign_of_life"])]
    source: Literal["neighbour", "gatekeeper", "kin", "other"]


class EmergencyCallBody(Body):
    """Somebody telephones about a recipient in need. `answers`: to the district's yes/no questions (`urgency_questions` of its
    policy), by code, true for yes; the questions that were not asked are left out."""

    district: DistrictCode
    recipient_id: Id
    dong: DongCode
    answers: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")], StrictBool],
        Field(min_length=1, max_length=20, examples=[{"conscious": True, "breathing": False}]),
    ]
    source: Literal["recipient", "kin", "neighbour", "gatekeeper", "worker", "other"]


class ProviderFailureBody(Body):
    """A provider cannot supply, with `kitchen_id` or (empty) with all it has. `span`: for an hour, for the meal that is
    going on or comes next, or for the day."""

    district: DistrictCode
    provider_id: Id
    kitchen_id: Id | Literal[""] = ""
    span: Literal["hour", "meal_window", "day"]
    reason: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,40}$", examples=["fire"])] = ""


class ModePauseBody(Body):
    """Weather stops a vehicle mode, in one living area or (empty) in the whole district."""

    district: DistrictCode
    mode: Id
    area_id: Id | Literal[""] = ""
    until_at: Instant
    reason: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,40}$", examples=["snow"])] = ""


class EndDisruptionBody(Body):
    """A failure or a pause is over."""

    district: DistrictCode


class CorrectBody(Body):
    """How a visit really ended (`done`, `failed`), or that it has not (`open`). `reason` is a code."""

    outcome: Literal["done", "failed", "open"]
    reason: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$", examples=["mis_tap"])]
    expected_version: Annotated[int, Field(ge=0)] | None = None
    district: DistrictCode | None = None


Code = Annotated[str, Field(pattern=r"^[a-z0-9_]{0,40}$")]


class AssignBody(Body):
    """Give a visit to a worker by hand. `waive`: hard rules broken knowingly; they need a `reason`."""

    worker_id: Id
    waive: Annotated[tuple[Code, ...], Field(strict=False, max_length=10)] = ()
    reason: Code = ""
    expected_version: Annotated[int, Field(ge=0)] | None = None
    district: DistrictCode | None = None


class ForbidBody(Body):
    worker_id: Id
    reason: Code
    expected_version: Annotated[int, Field(ge=0)] | None = None
    district: DistrictCode | None = None


class SwapBody(Body):
    other_visit_id: Id
    reason: Code = ""
    expected_version: Annotated[int, Field(ge=0)] | None = None
    district: DistrictCode | None = None


class LockBody(Body):
    reason: Code = ""
    expected_version: Annotated[int, Field(ge=0)] | None = None
    district: DistrictCode | None = None


class ReleaseBody(Body):
    expected_version: Annotated[int, Field(ge=0)] | None = None
    district: DistrictCode | None = None


class UndoBody(Body):
    district: DistrictCode


class ClaimBody(Body):
    """An organisation claims a need by telephone; `worker_id` is whom it names, if anybody."""

    organisation: Id
    worker_id: Id | Literal[""] = ""
    district: DistrictCode | None = None


class SettleClaimBody(Body):
    outcome: Literal["confirmed", "declined"]
    district: DistrictCode


class CloseDayBody(Body):
    district: DistrictCode
    service_date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-11-03"])]


class ClockBody(Body):
    """A wish; the clock never runs ahead of the pipeline."""

    speed: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] | None = None
    paused: bool | None = None
    start_at: Instant | None = None
    follow_wall: bool | None = None  # at 1x: put right when it has fallen behind the wall clock (real use)


class StepBody(Body):
    to_at: Instant | None = None


class KinBody(Body):
    name: PersonText
    phone: ShortText = ""
    notify: bool | None = None  # not said: as it is stored


ItemTag = Annotated[str, Field(pattern=r'^(\*|"[0-9a-f]{32}")$', examples=['"3f9a0c51d27e48b6a1c4e8f7025bd963"'])]
"""The `etag` of what was read, or `*` for whatever is there."""


class RecipientBody(Body):
    """`etag`: of the one that this replaces, as it was read; somebody new needs none. `door_code` not said: as it is stored."""

    recipient_id: Id
    etag: ItemTag | None = None
    district: DistrictCode | Literal[""] = ""
    dong: DongCode | Literal[""] = ""
    name: PersonText
    phone: ShortText = ""
    address: PersonText = ""
    door_code: ShortText | None = None
    note: PersonText = ""
    kin: Annotated[tuple[KinBody, ...], Field(strict=False, max_length=10)] = ()


class RecipientsBody(Body):
    recipients: Annotated[list[RecipientBody], Field(max_length=5000)]


class WorkerBody(Body):
    """`etag`: as of a recipient."""

    worker_id: Id
    etag: ItemTag | None = None
    name: PersonText
    phone: ShortText = ""


class WorkersBody(Body):
    workers: Annotated[list[WorkerBody], Field(max_length=5000)]


class NamesBody(Body):
    recipient_ids: Annotated[list[Id], Field(max_length=500)] = Field(default_factory=list)
    worker_ids: Annotated[list[Id], Field(max_length=500)] = Field(default_factory=list)


WebhookType = Annotated[str, Field(pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$")]


class EndpointBody(Body):
    url: Annotated[str, Field(max_length=2000, pattern=r"^https?://[^\s@]+$", examples=["https://coop.example/hooks"])]
    types: Annotated[tuple[WebhookType, ...], Field(strict=False, max_length=50)] = ()


BodyT = TypeVar("BodyT", bound=Body)


async def read_json(request: Request) -> bytes:
    """The raw body of a request that says it is JSON (or says nothing)."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Problem(Refusal.NOT_JSON, "Content-Type is not application/json")
    return await request.body()


async def read_body(request: Request, model: type[BodyT]) -> BodyT:
    """Validate the raw bytes at once (strict types as JSON has them); pydantic's error becomes a typed problem."""
    return model.model_validate_json(await read_json(request))
