"""Fixtures of all tests: `stores` is the real broker and Redis of the session, emptied for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import Stores


@pytest.fixture(scope="session")
def session_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    from deploy.local.stack import Stack

    with Stack(tmp_path_factory.mktemp("stores"), processes=[]) as stack:
        yield Stores(stack)


@pytest.fixture
def stores(session_stores: Stores) -> Iterator[Stores]:
    """Empty logs, empty Redis; the workers a test starts end with it."""
    session_stores.fresh()
    yield session_stores
    session_stores.end_workers()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A state folder of the test's own."""
    path = tmp_path / "state"
    path.mkdir()
    return path
