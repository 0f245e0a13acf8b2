"""What is decided about who may serve whom, and about the crisis programme that takes workers elsewhere."""

from __future__ import annotations

from datetime import datetime

import msgspec

from streams.contracts.crisis import PostingEvent
from streams.contracts.eligibility import Credential


class _Decision(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    pass


class CredentialChanged(_Decision, frozen=True, kw_only=True):
    """What a worker holds of this kind now; it takes the place of what was held before."""

    worker_id: str
    credential: Credential
    by: str
    reason: str
    at: datetime


class PairExcluded(_Decision, frozen=True, kw_only=True):
    """These two do not meet any more. `by`: recipient or worker."""

    recipient_id: str
    worker_id: str
    by: str
    reason: str
    at: datetime


class ExclusionLifted(_Decision, frozen=True, kw_only=True):
    recipient_id: str
    worker_id: str
    at: datetime


class RefusalCounted(_Decision, frozen=True, kw_only=True):
    """민간기피: a provider refused a recipient's visit. `count`: all so far, across providers. `public_only`: from now on
    only public providers are asked for this recipient's care."""

    recipient_id: str
    visit_id: str
    provider_id: str
    reason: str
    count: int
    public_only: bool
    at: datetime


class RefusalsForgotten(_Decision, frozen=True, kw_only=True):
    """The case conference decided: private providers are asked again."""

    recipient_id: str
    at: datetime


class ProgrammeSwitched(_Decision, frozen=True, kw_only=True):
    """A crisis programme is on for these dates with this budget and stock, or off."""

    programme_id: str
    is_on: bool
    from_date: str
    until_date: str
    budget_krw: int
    stock: dict[str, int]
    by: str
    at: datetime


class ProgrammeBooked(_Decision, frozen=True, kw_only=True):
    """Use of a programme's budget and stock by a visit, a posting or an issue (`subject`, of `kind` visit, posting or
    equipment); negative when it is given back."""

    programme_id: str
    kind: str
    subject: str
    krw: int
    equipment: dict[str, int]
    at: datetime


class PostingRequested(_Decision, frozen=True, kw_only=True):
    posting_id: str
    programme_id: str
    recipient_id: str
    dong: str
    area_id: str
    asked_by: str
    organisation: str
    from_at: datetime
    until_at: datetime
    gender: str
    at: datetime


class PostingChanged(_Decision, frozen=True, kw_only=True):
    """One step of a posting. While a worker has one, they are out of the pool from its begin to its end."""

    posting_id: str
    event: PostingEvent
    worker_id: str
    actor: str
    reason: str
    at: datetime
