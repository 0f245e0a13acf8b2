"""Many visits filed at once: what is decided on those that are still to be placed."""

from __future__ import annotations

from datetime import datetime

import msgspec

BATCH_LIMIT = 1_000  # visits: what is decided on them stands in one record (docs/decisions/0014-a-batch-is-one-record.md)


class PlacingPostponed(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """Visits of a large batch are filed and wait: they are given workers in chunks, in this order."""

    visit_ids: tuple[str, ...]
    at: datetime


class ChunkPlaced(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """The next `count` of them were looked at: placed, or left waiting as any visit for which nobody is free."""

    count: int
