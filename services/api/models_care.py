"""Bodies of requests about eligibility and crisis programmes."""

from __future__ import annotations

from typing import Literal

from services.api.models import Body, Code, DistrictCode, Id, Instant


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

