"""The API without broker and Redis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from services.api.app import make_app, open_doors
from streams.settings import read_settings
from tests.unit.api.fake_doors import Api, ListWriter

NOWHERE = "127.0.0.1:1"  # nobody listens on port 1


@pytest.fixture
def api(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Api]:
    environ = {"DOLBOM_STATE_DIR": str(tmp_path), "DOLBOM_REDIS_URL": f"redis://{NOWHERE}/0", "DOLBOM_BOOTSTRAP": NOWHERE}
    environ["DOLBOM_WEBHOOK_ALLOW"] = "127.0.0.1"
    settings = read_settings(environ)
    writer = ListWriter(settings)
    doors = open_doors(settings, writer)
    with TestClient(make_app(settings, doors), raise_server_exceptions=False) as client:
        yield Api(client, doors, writer, caplog)
