"""The board in memory: the same contract as the one in Redis, for tests and for questions about the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.adapters.board_batch import BoardBatches
from streams.adapters.positions import Position, PositionMoved

if TYPE_CHECKING:
    from streams.contracts.envelope import DecisionsRecord
    from streams.core.chain import PartitionState


class MemoryBoard:
    """The `board` projection, kept in dictionaries."""

    name = "board"

    def __init__(self) -> None:
        self._batches = BoardBatches()
        self._kept: dict[int, Position | None] = {}
        self.rows: dict[str, dict[str, bytes]] = {}
        self.stories: dict[str, list[bytes]] = {}
        self.commands: dict[str, bytes] = {}
        self.frames: dict[str, list[tuple[str, bytes]]] = {}
        self.positions: dict[int, Position] = {}

    def share(self, other: MemoryBoard) -> None:
        """Write into another board's dictionaries, as two workers write into one Redis."""
        self.rows, self.stories, self.commands = other.rows, other.stories, other.commands
        self.frames, self.positions = other.frames, other.positions

    def empty(self) -> None:
        """Lose everything, as Redis may."""
        for kept in (self.rows, self.stories, self.commands, self.frames, self.positions):
            kept.clear()

    async def open(self, partition: int) -> Position | None:
        kept = self._kept[partition] = self.positions.get(partition)
        self._batches = BoardBatches()
        return kept

    async def handle(
        self, partition: int, records: list[DecisionsRecord], ps: PartitionState, position: Position, rebuilding: bool
    ) -> None:
        if self.positions.get(partition) != self._kept.get(partition):
            raise PositionMoved("the board's position is not the one written last")
        for batch in self._batches.draw(records, ps, rebuilding):
            self.rows.setdefault(batch.district, {}).update(batch.fields)
            for visit_id in batch.begun:
                self.stories.pop(visit_id, None)
            for visit_id, lines in batch.story.items():
                self.stories.setdefault(visit_id, []).extend(lines)
            self.commands.update(batch.commands)
            if batch.frame is not None:
                self.frames.setdefault(batch.district, []).append((f"{batch.frame_number}-0", batch.frame))
        self.positions[partition] = self._kept[partition] = position

    async def settle(self, token: str) -> None:
        """Nothing is under way after `handle`."""

    async def close(self) -> None:
        """Nothing to give back."""
