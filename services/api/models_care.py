"""Bodies of requests about eligibility and crisis programmes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.api.models import Body, Code, DistrictCode, DongCode, Id, Instant


class CredentialBody(Body):
    """A training, a test's result or an equipment issue. It counts up to and including `valid_until_at`."""

    code: Id
    issued_at: Instant
    valid_until_at: Instant
    district: DistrictCode | None = None


class WithdrawBody(Body):
    reason: Code
    district: DistrictCode | None = None


class ExclusionBody(Body):
    """`by`: who will not have whom. `reason` is a code, never a story."""

    district: DistrictCode
    recipient_id: Id
    worker_id: Id
    by: Literal["recipient", "worker"]
    reason: Code


class LiftBody(Body):
    district: DistrictCode
    recipient_id: Id
    worker_id: Id


IsoDate = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-11-03"])]
Counts = dict[Id, Annotated[int, Field(ge=0, le=1_000_000)]]


class SwitchOnBody(Body):
    """Dates both included; `stock` is how many of each item there are in all."""

    district: DistrictCode
    from_date: IsoDate
    until_date: IsoDate
    budget_krw: Annotated[int, Field(ge=0, le=1_000_000_000_000)]
    stock: Counts = Field(default_factory=dict)


class SwitchOffBody(Body):
    district: DistrictCode
    reason: Code = ""


class EquipmentBody(Body):
    """`credential`: what a worker who has it may show, as programmes ask for it."""

    district: DistrictCode
    worker_id: Id
    items: Counts
    credential: Id = "protective_equipment"
    valid_until_at: Instant


class PostingBody(Body):
    """`worker_id`: whom you choose; nobody chosen, whoever may go and leaves least undone."""

    district: DistrictCode
    reference: Id
    programme_id: Id
    recipient_id: Id
    dong: DongCode
    asked_by: Code
    from_at: Instant
    until_at: Instant
    gender: Literal["", "female", "male"] = ""
    worker_id: Id | Literal[""] = ""


class AssignPostingBody(Body):
    district: DistrictCode
    worker_id: Id


class EndPostingBody(Body):
    district: DistrictCode
    reason: Code
