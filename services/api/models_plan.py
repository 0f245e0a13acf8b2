"""What only the plan asks about a visit: fields of a visit's body, and the contract's terms that they make."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.api.identifiers import visit_id_of
from services.api.models_base import Body, Id
from streams.contracts.plan_terms import PlanTerms
from streams.contracts.refusals import Refusal

DAY_S = 86_400
Seconds = Annotated[int, Field(ge=0, le=DAY_S)]


class PlanBody(Body):
    """Wishes and the home's own times. `after_visit_id`, or `after_reference` (one of the same sender's), names another visit of
    the recipient: this one begins `gap_min_s` to `gap_max_s` (0: any time) after it, by somebody else if `gap_other_worker`."""

    preferred_workers: Annotated[tuple[Id, ...], Field(strict=False, max_length=20)] = ()
    after_visit_id: Id | Literal[""] = ""
    after_reference: Id | Literal[""] = ""
    gap_min_s: Seconds = 0
    gap_max_s: Seconds = 0
    gap_other_worker: bool = False
    access_s: Annotated[int, Field(ge=0, le=3600)] = 0
    boxes_back: Annotated[int, Field(ge=0, le=100)] = 0
    round_id: Id | Literal[""] = ""
    round_rank: Annotated[int, Field(ge=0, le=1000)] = 0
    leave_out_price: Annotated[int, Field(ge=0, le=10_000_000)] | None = None

    @model_validator(mode="after")
    def _check_gap(self) -> PlanBody:
        if self.after_visit_id and self.after_reference:
            raise PydanticCustomError(Refusal.WRONG_FIELD, "give after_visit_id or after_reference, not both")
        if not (self.after_visit_id or self.after_reference) and (self.gap_min_s or self.gap_max_s or self.gap_other_worker):
            raise PydanticCustomError(Refusal.WRONG_FIELD, "a gap needs after_visit_id or after_reference")
        if self.gap_max_s and self.gap_max_s < self.gap_min_s:
            raise PydanticCustomError(Refusal.IMPOSSIBLE_GAP, "gap_max_s is less than gap_min_s")
        return self


def plan_terms(body: PlanBody, district: str, actor: str) -> PlanTerms | msgspec.UnsetType:
    """The terms of a body; unset when it says nothing of them."""
    after = body.after_visit_id or (visit_id_of(actor, district, body.after_reference) if body.after_reference else "")
    terms = PlanTerms(
        preferred_workers=body.preferred_workers, after_visit_id=after, gap_min_s=body.gap_min_s, gap_max_s=body.gap_max_s,
        gap_other_worker=body.gap_other_worker, access_s=body.access_s, boxes_back=body.boxes_back, round_id=body.round_id,
        round_rank=body.round_rank, leave_out_price=body.leave_out_price,
    )  # fmt: skip
    return msgspec.UNSET if terms == PlanTerms() else terms
