"""Bodies of requests about intake: referrals, first visits, what was authorised."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.api.models import Body, DistrictCode, DongCode, Instant
from services.api.models_care import IsoDate
from streams.contracts.district import Service

Won = Annotated[int, Field(ge=0, le=1_000_000_000)]


class IntakeBody(Body):
    """`received_at`: when the referral came in; the 72 hours run from there."""

    district: DistrictCode
    dong: DongCode
    received_at: Instant


class FirstVisitBody(Body):
    district: DistrictCode
    outcome: Literal["visited", "moved_to_hospital", "cancelled_with_recipient"] = "visited"


class AuthoriseBody(Body):
    """`service`: "" for all services together. Dates both included, "" for open. `duration_min` and `budget_krw`: 0 for no such
    limit. A visit takes its minutes, and `visit_price_krw` with `hour_price_krw` for each hour."""

    district: DistrictCode
    service: Service | Literal[""] = ""
    from_date: IsoDate | Literal[""] = ""
    until_date: IsoDate | Literal[""] = ""
    duration_min: Annotated[int, Field(ge=0, le=600_000)] = 0
    budget_krw: Won = 0
    visit_price_krw: Won = 0
    hour_price_krw: Won = 0
