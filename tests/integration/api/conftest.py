from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.api.api_process import ApiProcess, start_api
from tests.stack import Stores


@pytest.fixture
def served(stores: Stores, folder: Path) -> Iterator[ApiProcess]:
    """The API over empty logs and an empty Redis."""
    process = start_api(stores, folder)
    yield process
    process.end()


@pytest.fixture(scope="module")
def served_once(session_stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiProcess]:
    """One API process for a module whose tests do not mind each other's records."""
    session_stores.fresh()
    process = start_api(session_stores, tmp_path_factory.mktemp("api"))
    yield process
    process.end()
    session_stores.workers.remove(process.worker)
