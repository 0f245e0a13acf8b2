"""Bodies of the phone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.api.models import AnyPlace, Body, DistrictCode, DongCode, Instant, PersonText
from streams.contracts.refusals import Refusal


class CallBody(Body):
    """Who calls. The number stands here only, never in an address."""

    number: Annotated[str, Field(strict=True, min_length=1, max_length=30, examples=["010-1234-5678"])]


class WishBody(Body):
    """What the caller wants of one promise. `later` needs `later_at`; `change_address` the `address` (kept sealed), its
    `dong` and its `place`."""

    wish: Literal["not_today", "later", "did_not_come", "change_address"]
    later_at: Instant | None = None
    address: PersonText = ""
    dong: DongCode | Literal[""] = ""
    place: AnyPlace | None = None
    expected_version: Annotated[int, Field(ge=0)] | None = None
    district: DistrictCode | None = None

    @model_validator(mode="after")
    def _check_together(self) -> WishBody:
        if (self.wish == "later") != (self.later_at is not None):
            raise PydanticCustomError(Refusal.WRONG_FIELD, "later_at goes with later, and only with it")
        told = (bool(self.address.strip()), bool(self.dong), self.place is not None)
        if told != (self.wish == "change_address",) * 3:
            raise PydanticCustomError(Refusal.WRONG_FIELD, "address, dong and place go with change_address, and only with it")
        return self
