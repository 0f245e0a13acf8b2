"""The board in memory keeps the board's contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from streams.adapters.memory_board import MemoryBoard
from tests.unit.projections.board_contract import BoardContract, run_async


class Store:
    """Boards over one set of dictionaries."""

    def __init__(self) -> None:
        self._kept = MemoryBoard()

    def board(self) -> MemoryBoard:
        """Another writer over the same dictionaries."""
        board = MemoryBoard()
        board.share(self._kept)
        return board

    async def rows(self, district: str) -> dict[str, bytes]:
        return self._kept.rows[district]

    async def stories(self) -> dict[str, list[bytes]]:
        return self._kept.stories

    async def commands(self) -> dict[str, bytes]:
        return self._kept.commands

    async def frames(self, district: str) -> list[tuple[str, bytes]]:
        return self._kept.frames.get(district, [])

    async def position(self, partition: int) -> Any:
        return self._kept.positions[partition]

    async def everything(self) -> Any:
        kept = self._kept
        return (
            {district: dict(rows) for district, rows in kept.rows.items()},
            {key: list(lines) for key, lines in kept.stories.items()}, dict(kept.commands), dict(kept.positions),
        )  # fmt: skip

    async def empty(self) -> None:
        self._kept.empty()


class TestMemoryBoard(BoardContract):
    def run(self, scenario: Callable[[Any], Awaitable[None]]) -> None:
        run_async(lambda: scenario(Store()))
