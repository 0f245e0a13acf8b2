"""Bodies of requests about offers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.api.models import Body, Code, DistrictCode, Id


class AnswerBody(Body):
    """What was said on the phone. `worker_id`: whom a provider names. `declined_visit_ids`: doors of the round that are not
    taken, with `reason`."""

    answer: Literal["accepted", "declined"]
    worker_id: Id | Literal[""] = ""
    reason: Code = ""
    declined_visit_ids: Annotated[tuple[Id, ...], Field(strict=False, max_length=200)] = ()
    district: DistrictCode | None = None


class FeeBody(Body):
    """`extra_krw` in all beside the usual pay; it only ever rises."""

    extra_krw: Annotated[int, Field(gt=0, le=1_000_000, examples=[2000])]
    reason: Code = ""
    expected_version: Annotated[int, Field(ge=0)] | None = None
    district: DistrictCode | None = None
