"""One open page's queue: nothing twice, nothing lost without a snapshot."""

from __future__ import annotations

import asyncio

from services.api.live import QUEUE_LIMIT, Client


def test_frames_that_the_snapshot_told_are_skipped() -> None:
    client = Client("11440")
    for number in (3, 4, 0, 5):
        client.put(number, b"%d;" % number)
    client.skip_to(4)
    assert client.drain() == b"0;5;"
    assert not client.wants_snapshot


def test_frames_that_are_read_after_the_snapshot_told_them_are_skipped() -> None:
    client = Client("11440")
    client.skip_to(7)
    for number in (6, 7, 8):
        client.put(number, b"%d;" % number)
    assert client.drain() == b"8;"
    client.ask_snapshot()
    client.put(1, b"1;")
    client.skip_to(0)
    assert client.drain() == b"1;"


def test_a_slow_client_loses_its_queue_and_wants_a_snapshot() -> None:
    client = Client("11440")
    client.skip_to(0)
    taken = [client.put(number, b"x") for number in range(1, QUEUE_LIMIT + 2)]
    assert taken == [True] * QUEUE_LIMIT + [False]
    assert client.wants_snapshot
    assert client.drain() == b""


def test_what_came_before_waiting_wakes_at_once() -> None:
    async def go() -> None:
        client = Client("11440")
        client.put(1, b"x")
        await client.wait(60)

    asyncio.run(go())
