"""One registry for all unit tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.adapters.registry import Registry, open_registry


@pytest.fixture(params=["sqlite", "postgresql"])
def registry_url(request: pytest.FixtureRequest) -> str:
    """Where an empty registry of each kind is; "" for the folder's own."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres").new_url())


@pytest.fixture
def registry(registry_url: str, tmp_path: Path) -> Iterator[Registry]:
    """An empty registry of each kind: the same tests run against both."""
    registry = open_registry(registry_url, tmp_path, environ={})
    yield registry
    registry.close()
