"""Whose data a limited caller may read: of recipients and workers whom it sees on the board, now."""

from __future__ import annotations

import asyncio

from services.api.board import BoardReader
from services.api.callers import Caller
from services.api.scopes import View
from streams.adapters.registry import Registry


class PeopleInScope:
    def __init__(self, registry: Registry, board: BoardReader) -> None:
        self._registry = registry
        self._board = board

    async def has_recipient(self, caller: Caller, recipient_id: str) -> bool:
        """Stored as one of the caller's own district and dong. Who is stored without a home is nobody's."""
        return not await self.foreign(caller, [recipient_id], absent_is_foreign=True)

    async def foreign(self, caller: Caller, recipient_ids: list[str], absent_is_foreign: bool = False) -> set[str]:
        """Of these, the recipients who are stored as somebody else's."""
        homes = await asyncio.to_thread(self._registry.homes, recipient_ids)
        dongs = await self._board.dongs_in_scope(caller)
        return {
            id_ for id_ in recipient_ids
            if (absent_is_foreign if id_ not in homes else not _is_own(caller, dongs, *homes[id_], unsaid=False))
        }  # fmt: skip

    async def readable(self, caller: Caller, recipient_ids: list[str], worker_ids: list[str]) -> tuple[list[str], list[str]]:
        """Of these, the recipients and workers whose names the caller may read: their visits are a reason to."""
        recipients: set[str] = set()
        workers: set[str] = set()
        for district in self._board.districts:
            if caller.has_district(district) and (found := await self._board.find_snapshot(district)) is not None:
                view = View(caller)
                view.take(found.fields)
                recipients |= view.recipients()
                workers |= {id_ for id_ in worker_ids if view.sees_worker(id_)}
        asked = [id_ for id_ in recipient_ids if id_ in recipients]
        homes = await asyncio.to_thread(self._registry.homes, asked)
        dongs = await self._board.dongs_in_scope(caller)
        own = [id_ for id_ in asked if _is_own(caller, dongs, *homes.get(id_, ("", "")), unsaid=True)]
        return own, [id_ for id_ in worker_ids if id_ in workers]


def _is_own(caller: Caller, dongs: frozenset[str] | None, district: str, dong: str, *, unsaid: bool) -> bool:
    """`dongs`: those in scope (None: all). `unsaid`: what to make of a home that was not stored."""
    if not district:
        return unsaid
    if not caller.has_district(district):
        return False
    return dongs is None or (dong in dongs if dong else unsaid)
