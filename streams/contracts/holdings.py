"""What is on record of one person: credentials of a worker, what was granted for a recipient's care (both set anew as they were
read only), and who is not to meet whom. Beside the board's rows, for who may read it; never in a live frame."""

from __future__ import annotations

from datetime import datetime

import msgspec


class CredentialRow(msgspec.Struct, frozen=True, kw_only=True):
    """`version` rises with each change of what is held of this code, and is what an edit names."""

    code: str
    issued_at: datetime
    valid_until_at: datetime
    version: int


class GrantRow(msgspec.Struct, frozen=True, kw_only=True):
    """What was granted for one service, or with "" for all. No duration and no budget: it was taken away again. `version` as of
    a credential."""

    service: str
    from_date: str
    until_date: str
    duration_s: int
    budget_krw: int
    visit_price_krw: int
    hour_price_krw: int
    version: int


class WorkerHoldings(msgspec.Struct, frozen=True, kw_only=True):
    worker_id: str
    credentials: tuple[CredentialRow, ...]


class RecipientGrants(msgspec.Struct, frozen=True, kw_only=True):
    recipient_id: str
    grants: tuple[GrantRow, ...]


class ExclusionRow(msgspec.Struct, frozen=True, kw_only=True):
    """These two do not meet. `by`: recipient or worker, whoever said so; `reason`: a code, "" as the configuration lists it."""

    recipient_id: str
    worker_id: str
    by: str
    reason: str
    since_at: datetime


class Exclusions(msgspec.Struct, frozen=True, kw_only=True):
    """All that hold of one recipient, or of one worker."""

    exclusions: tuple[ExclusionRow, ...]
