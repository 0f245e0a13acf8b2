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
