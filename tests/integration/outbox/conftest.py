from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.adapters.outbox import Outbox
from streams.adapters.persons import Person
from streams.adapters.registry import Registry, open_registry
from tests.integration.outbox.outbox_world import ADDRESS, NAME, ORGANISATIONS, PHONE, QUICK, Said
from tests.integration.projections.app_server import AppServer
from tests.unit.projections.feeding import settings


@pytest.fixture
def app() -> Iterator[AppServer]:
    server = AppServer()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def registry(request: pytest.FixtureRequest, tmp_path: Path, app: AppServer) -> Iterator[Registry]:
    """Of each kind: the same deliveries from both."""
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres").new_url())
    one = open_registry(url, tmp_path, {})
    for organisation in ORGANISATIONS:
        one.set_endpoint(organisation, app.url(organisation))
    references = ["both", "care", *(f"lunch-{n}" for n in range(4))]
    one.put_recipients(
        Person(recipient_id=f"r-{reference}", name=NAME, phone=PHONE, address=ADDRESS, door_code="#1234", note="귀가 어두우심")
        for reference in references
    )
    yield one
    one.close()


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def outbox(registry: Registry, tmp_path: Path, said: Said) -> Callable[..., Outbox]:
    """Make outboxes over the same registry."""
    return lambda retries=QUICK, lockstep=True: Outbox(settings(tmp_path, lockstep=lockstep), registry, retries, said)
