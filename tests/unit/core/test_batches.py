"""Many visits at once: all are filed, or none; what was there before is told; a dry run changes nothing."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from streams.contracts import codec
from streams.contracts.decisions import CommandSettled
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


def test_the_largest_batch_makes_a_record_that_the_log_takes() -> None:
    world = CoreWorld()
    send(world, *(wanted(world, f"lunch-{n}") for n in range(200)))
    assert sum(len(codec.encode(one)) for one in world.decisions) < codec.MESSAGE_LIMIT_BYTES / 2
