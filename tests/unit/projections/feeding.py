"""Decisions records of a small district's day, and a follower that feeds them to a projection without any broker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streams import topics
from streams.adapters.positions import Position, PositionMoved
from streams.contracts.district import Service
from streams.contracts.envelope import DecisionsRecord, JournalRecord, Source
from streams.contracts.inputs import CancelVisit
from streams.core.chain import PartitionState, apply_record, decide_raw
from streams.settings import Settings
from tests.core_world import DISTRICT, CoreWorld, at


def settings(state_dir: Path, **more: Any) -> Settings:
    return Settings(state_dir=state_dir, **({"districts": {DISTRICT: 0, "11410": 1}, "webhook_allow": ("127.0.0.1",)} | more))


def records_of(world: CoreWorld) -> list[bytes]:
    """The decisions log of everything that the world was sent."""
    ps = PartitionState()
    raws = []
    for offset, (envelope, recorded_at) in enumerate(world.inputs):
        journal = JournalRecord(source=Source(topics.COMMANDS, 0, offset), recorded_at=recorded_at, envelope=envelope)
        raws.append(decide_raw(ps, offset, journal)[1])
    return raws


def lively_day() -> CoreWorld:
    """Lunches in a round, a slot that another carer takes, a door nobody opens, a rider who drops out with boxes, a
    cancellation, refusals, a visit for two, and the day's close."""
    world = CoreWorld()
    lunches = [world.file(f"lunch-{n}") for n in range(4)]
    care = world.file(
        "care", service=Service.TEMPORARY_HOME_CARE, service_duration_s=3600, due_at=at("13:00"),
        window_start_at=at("12:00"), window_end_at=at("14:00"),
    )  # fmt: skip
    world.file(
        "both", service=Service.TEMPORARY_HOME_CARE, worker_count=2, service_duration_s=1800, due_at=at("15:00"),
        window_start_at=at("14:30"), window_end_at=at("15:30"),
    )  # fmt: skip
    world.file("lunch-0")  # again
    world.send(CancelVisit(command_id="cancel-nothing", visit_id="nothing", reason="office"))
    world.until("10:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.cancel(lunches[3])
    world.report("rider-1", "done", lunches[0])  # before the pickup
    world.until("11:20")
    world.report("rider-1", "picked_up", *lunches[:3])
    world.until("11:33")
    world.report("rider-1", "arrived", lunches[0])
    world.report("rider-1", "done", lunches[0], how="to_person")
    world.report("rider-1", "arrived", lunches[1])
    world.report("rider-1", "no_answer", lunches[1])
    world.until("11:45")
    world.report("rider-1", "no_answer", lunches[1])
    world.report("rider-1", "dropped_out")
    for hhmm in ("11:46", "12:01", "12:05"):
        world.until(hhmm)
        for offer_id in world.open_offers():
            world.answer(offer_id)
    world.until("13:00")
    for offer_id in world.open_offers():
        world.answer(offer_id, "offer_declined")
    world.until("15:00")
    if "welfare_check" in world.open_exceptions():
        world.settle("welfare_check", "found_well")
    world.until("16:00")
    assert care.changes > 0
    world.close()
    return world


@dataclass
class Feed:
    """Does what `adapters.log_reader.Follower` does, over a list."""

    raws: list[bytes]
    partition: int = 0
    ps: PartitionState = field(default_factory=PartitionState)
    fed: int = 0

    async def open(self, projection: Any, *, end: int | None = None, batch: int = 7) -> None:
        """Fold to the position kept, then hand over the rest up to `end`: as history when nothing was kept."""
        position = await projection.open(self.partition)
        self.ps, self.fed = PartitionState(), 0
        start = position.next_journal_offset if position else 0
        while self.fed < start:
            apply_record(self.ps, self.raws[self.fed])
            self.fed += 1
        if position is not None:
            assert self.position() == position
        await self.hand_over(projection, end=end, batch=batch, rebuilding=position is None)
        if position is None and hasattr(projection, "caught_up"):
            await projection.caught_up(self.partition)

    async def hand_over(
        self, projection: Any, *, end: int | None = None, batch: int = 1, rebuilding: bool = False
    ) -> None:
        end = len(self.raws) if end is None else end
        while self.fed < end:
            part = self.raws[self.fed : min(end, self.fed + batch)]
            records = [record for raw in part if (record := apply_record(self.ps, raw)) is not None]
            self.fed += len(part)
            try:
                await projection.handle(self.partition, records, self.ps, self.position(), rebuilding)
            except PositionMoved:
                await self.open(projection, end=self.fed)

    def position(self) -> Position:
        return Position(self.ps.next_journal_offset, self.ps.digest)


def decisions_of(raws: Iterable[bytes]) -> list[DecisionsRecord]:
    ps = PartitionState()
    return [record for raw in raws if (record := apply_record(ps, raw)) is not None]
