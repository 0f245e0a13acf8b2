"""Notices in a played day: they leave behind the barrier's token, and what reaches nobody is told in an order without luck."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.adapters.notice_gateway import is_out_of_reach
from streams.adapters.outbox import NotSettled, Outbox
from streams.adapters.persons import Person
from streams.adapters.registry import Registry
from streams.contracts.inputs import NoticeFailed, SolveFailed
from tests.core_world import CoreWorld
from tests.unit.projections.board_contract import run_async
from tests.unit.projections.feeding import Feed, records_of, settings
from tests.unit.projections.test_notices import Heard

NOBODY, MRS_KIM = "010-0099-0001", "010-0012-3456"


def a_morning() -> CoreWorld:
    """A lunch is booked, and while a plan is made another."""
    world = CoreWorld(solve_iterations=10)
    world.until("08:05")
    world.file("kim")
    world.until("08:06")
    assert world.state.solve_pending
    world.file("changed-number")
    world.send(SolveFailed(solve_id=world.state.solve_pending, reason="process_died"), actor="solver")
    return world


def played(registry: Registry, folder: Path) -> list[tuple[bool, int]]:
    """A token after every record: whether a solve was under way at it, and how many notices were told by it."""
    registry.put_recipients(
        [
            Person(recipient_id="r-kim", name="김태용", phone=MRS_KIM),
            Person(recipient_id="r-changed-number", name="박새별", phone=NOBODY),
        ]
    )
    heard, told = Heard(), []

    async def go() -> None:
        box = Outbox(settings(folder, lockstep=True, notice_gateway_url="recorder:"), registry, out=heard)
        feed = Feed(records_of(a_morning()))
        await feed.open(box, end=0)
        while feed.fed < len(feed.raws):
            await feed.hand_over(box, end=feed.fed + 1)
            before = len(heard.said)
            await box.settle("token")
            pending = any(state.solve_pending for state in feed.ps.districts.values())
            told.append((pending, len(heard.said) - before))
        await box.close()

    run_async(go)
    assert [(one.kind, one.reason) for one in heard.said if isinstance(one, NoticeFailed)] == [("accepted", "nobody_reached")]
    return told


def test_what_reaches_nobody_is_told_at_a_token_behind_which_no_solve_is_under_way(registry: Registry, tmp_path: Path) -> None:
    told = played(registry, tmp_path)
    assert [pending for pending, _ in told[-3:]] == [True, True, False]
    assert [number for _, number in told] == [0] * (len(told) - 1) + [1]


def test_a_token_does_not_pass_while_notices_cannot_be_sent(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock would move before what they cause: how long the registry was away would decide when that enters the log."""
    monkeypatch.setattr("streams.adapters.outbox.REGISTRY_WAIT_S", 0.0)
    box = Outbox(settings(tmp_path, lockstep=True, notice_gateway_url="recorder:"), registry, out=Heard())

    async def go() -> None:
        feed = Feed(records_of(a_morning()))
        await feed.open(box, end=0)
        await feed.hand_over(box)
        assert box._notices is not None
        monkeypatch.setattr(box._notices, "send_due", away)
        with pytest.raises(NotSettled):
            await box.settle("token")
        await box.close()

    async def away(clocks: object) -> None:
        raise OSError

    run_async(go)


def test_the_recorder_reaches_everybody_but_the_numbers_that_nobody_has() -> None:
    assert is_out_of_reach(NOBODY)
    assert is_out_of_reach("01000990001")
    assert not is_out_of_reach(MRS_KIM)
    assert not is_out_of_reach("")
