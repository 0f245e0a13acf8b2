"""Where a projection stands, as it is kept beside its data: in Redis as JSON, in the registry as rows."""

from __future__ import annotations

import msgspec

from streams.contracts import codec


class Position(msgspec.Struct, frozen=True):
    """The next decisions record a projection wants, by its journal offset, and the digest of the one before."""

    next_journal_offset: int
    digest: str


class PositionMoved(RuntimeError):
    """A projection's kept position is not the one it wrote: its store was emptied or somebody else writes.
    Open again, and build from what is kept now."""


QUIET_RECORDS = 100  # a position may be so far behind when nothing but the position would be written


def is_worth_keeping(kept: Position | None, position: Position) -> bool:
    """Whether a position must be written though the batch had no effects. After a restart the records between are looked
    at again and have none again."""
    return kept is None or position.next_journal_offset - kept.next_journal_offset >= QUIET_RECORDS


def read_position(raw: bytes | None) -> Position | None:
    """None when nothing is kept, or nothing that can be read: both mean a rebuild."""
    if raw is None:
        return None
    try:
        return codec.decode(raw, Position)
    except codec.Malformed:
        return None


def write_position(position: Position) -> bytes:
    return codec.encode(position)
