"""Many visits at once: all are filed, or none; what was there before is told; a dry run changes nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from msgspec.structs import replace

from streams.contracts import codec
from streams.contracts.batches import BATCH_LIMIT
from streams.contracts.decisions import CommandSettled
from streams.contracts.envelope import JournalRecord, Source
from streams.contracts.inputs import RequestVisit, RequestVisits
from streams.core.state import state_hash
from tests.core_world import CoreWorld, at


def wanted(world: CoreWorld, reference: str, **fields: Any) -> RequestVisit:
    """A lunch as `CoreWorld.file` would file it, not sent."""
    scratch = CoreWorld()
    scratch.file(reference)
    request = scratch.inputs[-1][0].read_payload()
    assert isinstance(request, RequestVisit)
    return replace(request, **fields)


def send(world: CoreWorld, *requests: RequestVisit, command_id: str = "b-1", **more: Any) -> CommandSettled:
    """The outcome of the batch itself."""
    world.send(RequestVisits(command_id=command_id, requests=requests, **more))
    return next(one for one in world.decisions if isinstance(one, CommandSettled) and one.command_id == command_id)


def test_all_rows_are_filed_and_placed_as_if_each_had_come_alone() -> None:
    world, alone = CoreWorld(), CoreWorld()
    settled = send(world, *(wanted(world, f"lunch-{n}") for n in range(3)))
    for n in range(3):
        alone.file(f"lunch-{n}")
    assert (settled.outcome, settled.rows) == ("accepted", ())
    assert {id_: visit.worker_ids for id_, visit in world.state.visits.items()} == {
        id_: visit.worker_ids for id_, visit in alone.state.visits.items()
    }


def test_one_bad_row_and_nothing_is_filed() -> None:
    world = CoreWorld()
    late = wanted(world, "late", window_start_at=at("00:10"), window_end_at=at("00:20"), due_at=at("00:20"))
    world.until("09:00")
    before = state_hash(replace(world.state, commands={}))
    settled = send(world, wanted(world, "good"), wanted(world, "nowhere", dong="9999999999"), late)
    assert (settled.outcome, settled.code) == ("refused", "batch_refused")
    assert settled.rows == ((1, "unknown_dong"), (2, "time_in_past"))
    assert len(world.decisions) == 1
    assert state_hash(replace(world.state, commands={})) == before


def test_what_was_filed_before_is_told_and_filed_once() -> None:
    world = CoreWorld()
    world.file("lunch-1")
    settled = send(world, wanted(world, "lunch-1", command_id="x"), wanted(world, "lunch-2"), wanted(world, "lunch-2"))
    assert (settled.outcome, settled.rows) == ("accepted", ((0, "duplicate"), (2, "duplicate")))
    assert len(world.state.visits) == 2
    again = send(world, wanted(world, "lunch-1", body_hash="other"), command_id="b-2")
    assert again.rows == ((0, "key_reused"),)


def test_the_same_batch_again_and_a_dry_run_change_nothing() -> None:
    world = CoreWorld()
    asked = send(world, wanted(world, "lunch-1"), dry_run=True)
    assert (asked.outcome, world.state.visits) == ("accepted", {})
    send(world, wanted(world, "lunch-1"), command_id="b-2")
    world.send(RequestVisits(command_id="b-2", requests=(wanted(world, "lunch-9"),)))
    assert world.decisions == []


# Large ones: filed in one record, placed in the next


def rows(count: int, **fields: Any) -> list[RequestVisit]:
    scratch = CoreWorld()
    for n in range(min(count, 7)):
        scratch.file(f"lunch-{n}")
    known = [envelope.read_payload() for envelope, _ in scratch.inputs[-min(count, 7) :]]
    made = [replace(known[n % 7], **fields) for n in range(count)]
    return made[:7] + [
        replace(
            one, visit_id=str(uuid5(NAMESPACE_URL, str(n))), reference=f"lunch-{n}", recipient_id=f"r-{n:034}", body_hash=f"{n:032}"
        )
        for n, one in enumerate(made[7:], 7)
    ]  # fmt: skip


def large(count: int, **policy: int) -> tuple[CoreWorld, CommandSettled]:
    world = CoreWorld(**policy)
    return world, send(world, *rows(count))


def next_chunk(world: CoreWorld) -> None:
    world.until_instant(world.state.deadlines["place:"])


def states(world: CoreWorld) -> Counter[str]:
    return Counter(visit.state.value for visit in world.state.visits.values())


def test_the_largest_batch_is_filed_in_one_record_that_the_log_takes() -> None:
    world, settled = large(BATCH_LIMIT)
    assert (settled.outcome, len(world.state.visits)) == ("accepted", BATCH_LIMIT)
    assert sum(len(codec.encode(one)) + 1 for one in world.decisions) < codec.MESSAGE_LIMIT_BYTES - 10_000
    command, at_ = world.inputs[-1]
    journal = JournalRecord(source=Source("commands", 0, 0), recorded_at=at_, envelope=command)
    assert len(codec.encode(journal)) < codec.MESSAGE_LIMIT_BYTES
    assert states(world) == {"waiting": BATCH_LIMIT}


def test_a_large_batch_is_given_workers_in_chunks_and_ends_as_if_each_had_come_alone() -> None:
    world, _ = large(7, batch_placed_at_once=6, batch_chunk=3)
    alone = CoreWorld()
    for n in range(7):
        alone.file(f"lunch-{n}")
    taken = [len(world.state.to_place)]
    while world.state.to_place:
        next_chunk(world)
        taken.append(len(world.state.to_place))
        assert sum(len(codec.encode(one)) for one in world.decisions) < codec.MESSAGE_LIMIT_BYTES
    assert taken == [7, 4, 1, 0]
    assert "place:" not in world.state.deadlines
    assert {id_: (visit.state, visit.worker_ids) for id_, visit in world.state.visits.items()} == {
        id_: (visit.state, visit.worker_ids) for id_, visit in alone.state.visits.items()
    }


def test_what_a_person_did_meanwhile_holds() -> None:
    world, _ = large(3, batch_placed_at_once=2, batch_chunk=1)
    world.cancel(world.state.visits[world.state.to_place[1]])
    while world.state.to_place:
        next_chunk(world)
    assert states(world)["cancelled"] == 1
    assert states(world)["waiting"] == 0


def test_what_the_log_could_not_take_is_refused_whole() -> None:
    world = CoreWorld()
    before = state_hash(replace(world.state, commands={}))
    workers = tuple(f"worker-{n:04}-of-a-very-long-name" for n in range(60))
    settled = send(world, *rows(400, excluded_workers=workers))
    assert (settled.outcome, settled.code, len(world.decisions)) == ("refused", "too_large", 1)
    assert state_hash(replace(world.state, commands={})) == before


def test_a_bad_last_row_of_the_largest_batch_and_nothing_is_filed() -> None:
    world = CoreWorld()
    before = state_hash(replace(world.state, commands={}))
    settled = send(world, *rows(BATCH_LIMIT - 1), wanted(world, "nowhere", dong="9999999999"))
    assert (settled.outcome, settled.rows) == ("refused", ((BATCH_LIMIT - 1, "unknown_dong"),))
    assert state_hash(replace(world.state, commands={})) == before
