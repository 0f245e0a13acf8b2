"""The signed door remembers webhook-ids behind the sender's back: nothing is forgotten by it, and nothing piles up."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from services.api import seen_webhooks
from services.api.problems import Problem
from services.api.seen_webhooks import SignedDoor
from streams.adapters.registry import Registry, open_registry
from streams.contracts.refusals import Refusal


def run(url: str, folder: Path, work: Callable[[SignedDoor, Registry], Awaitable[None]]) -> None:
    async def go() -> None:
        registry = open_registry(url, folder, environ={})
        door = SignedDoor(registry)
        try:
            await work(door, registry)
        finally:
            await door.close()
            registry.close()

    asyncio.run(go())


def test_an_id_is_known_at_once_and_written_down_soon(registry_url: str, tmp_path: Path) -> None:
    async def work(door: SignedDoor, registry: Registry) -> None:
        assert await door.find("coop-a", "msg_1") is None
        door.remember("coop-a", "msg_1", "aa")
        assert await door.find("coop-a", "msg_1") == "aa"
        assert await door.find("coop-b", "msg_1") is None
        await door.written()
        assert registry.find_webhook("coop-a", "msg_1") == "aa"
        assert await SignedDoor(registry).find("coop-a", "msg_1") == "aa"  # as another process finds it

    run(registry_url, tmp_path, work)


def test_what_another_process_wrote_stays(registry_url: str, tmp_path: Path) -> None:
    async def work(door: SignedDoor, registry: Registry) -> None:
        registry.remember_webhook("coop-a", "msg_1", "first")
        door.remember("coop-a", "msg_1", "second")
        door.remember("coop-a", "msg_2", "bb")
        await door.written()
        assert registry.find_webhook("coop-a", "msg_1") == "first"
        assert registry.find_webhook("coop-a", "msg_2") == "bb"

    run(registry_url, tmp_path, work)


def test_what_waits_for_a_locked_registry_is_known_and_written_when_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.adapters.registry_engine.BUSY_TIMEOUT_MS", 20)
    monkeypatch.setattr(seen_webhooks, "WRITE_AGAIN_S", 0.02)
    monkeypatch.setattr(seen_webhooks, "CLOSE_WITHIN_S", 0.3)
    monkeypatch.setattr(seen_webhooks, "UNWRITTEN_LIMIT", 3)

    async def work(door: SignedDoor, registry: Registry) -> None:
        other = sqlite3.connect(tmp_path / "registry.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        for number in range(3):
            door.remember("coop-a", f"msg_{number}", "aa")
        await door.written()
        assert await door.find("coop-a", "msg_2") == "aa"
        with pytest.raises(Problem) as full:  # so much is kept in memory and no more
            await door.find("coop-a", "msg_9")
        assert full.value.code == Refusal.REGISTRY_UNAVAILABLE
        other.execute("ROLLBACK")
        other.close()
        monkeypatch.setattr(seen_webhooks, "CLOSE_WITHIN_S", 60.0)  # however slow the machine is
        await door.written()
        assert [registry.find_webhook("coop-a", f"msg_{number}") for number in range(3)] == ["aa"] * 3
        assert await door.find("coop-a", "msg_9") is None

    run("", tmp_path, work)


def test_closing_writes_down_what_is_left(registry_url: str, tmp_path: Path) -> None:
    async def work(door: SignedDoor, registry: Registry) -> None:
        door.remember("coop-a", "msg_1", "aa")

    run(registry_url, tmp_path, work)
    registry = open_registry(registry_url, tmp_path, environ={})
    assert registry.find_webhook("coop-a", "msg_1") == "aa"
    registry.close()
