"""API, Redis, broker and registry each fail under 200 signed reports a second: what was answered 2xx is in the journal and
counts once; what was not answered was sent again, and did no harm."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.api.identifiers import report_envelope_id
from streams import topics
from streams.adapters.registry import open_registry
from streams.adapters.service_clock import ClockSetting, ServiceClock
from streams.contracts import codec
from streams.contracts.decisions import ReportRefused, VisitChanged, VisitEvent
from streams.contracts.envelope import JournalRecord
from streams.core.state import VisitRecord
from tests.chaos.api_on_a_small_disk import FLAG
from tests.chaos.report_load import NO_ANSWER, ReportLoad
from tests.core_world import COOP, CoreWorld, at
from tests.integration.api.api_process import DISTRICT, ApiProcess, is_up, start_api
from tests.postgres import PostgresServer
from tests.stack import Stores, Tell, read, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.chaos]

RATE = 200.0
LOAD_S = 6.0
BEFORE_S = 2.0  # of load before the fault
Fault = Callable[[ApiProcess], None]


def a_rider_with_meals(count: int = 6) -> tuple[CoreWorld, list[VisitRecord]]:
    """The core of the district: meals that were picked up, and whose doors will stay shut."""
    world = CoreWorld()
    lunches = [world.file(f"lunch-{number}") for number in range(count)]
    world.until("10:35")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.until("11:20")
    for lunch in lunches:
        (worker_id,) = lunch.worker_ids
        world.report(worker_id, "picked_up", lunch)
    return world, lunches


def bodies_of(lunches: list[VisitRecord]) -> list[bytes]:
    """One report in each: signs of life, and at even distances that nobody opens, once for each meal: what would do harm twice."""
    count = int(RATE * LOAD_S)
    doors = {int((number + 0.5) * count / len(lunches)): lunch for number, lunch in enumerate(lunches)}
    bodies = []
    for number in range(count):
        lunch = doors.get(number)
        report = {"report_id": f"load-{number}", "kind": "here", "occurred_at": at("11:31"), "worker_id": "rider-1"}
        if lunch is not None:
            report |= {"kind": "no_answer", "worker_id": lunch.worker_ids[0], "visit_ids": [lunch.spec.visit_id]}
        bodies.append(codec.encode({"type": "reports", "data": {"reports": [report]}}))
    return bodies


def journal(stores: Stores) -> list[JournalRecord]:
    return [codec.decode(one.value or b"", JournalRecord) for one in read(stores.stack.bootstrap, topics.JOURNAL, 0)]


def through(stores: Stores, folder: Path, fault: Fault, tell: Tell, module: str = "services.api", registry_url: str = "") -> None:
    """Load, fault, and the books afterwards."""
    world, lunches = a_rider_with_meals()
    bodies = bodies_of(lunches)
    registry = open_registry(registry_url, folder)
    secret = registry.set_endpoint(COOP, "http://127.0.0.1:9/hooks").secret_in
    registry.put_roster(DISTRICT, [COOP], {"rider-1": COOP, "rider-2": COOP}, {})
    registry.close()
    more = {"registry_url": registry_url} if registry_url else {}
    served = start_api(stores, folder, module=module, **more)
    load = ReportLoad(served.http.base_url.port or 0, COOP, secret, bodies, RATE)
    load.start()
    time.sleep(BEFORE_S)
    fault(served)
    load.wait()
    wait_until(lambda: is_up(served), "the API is ready again")
    served.end()

    assert len(load.answered) == len(bodies), f"not answered: {len(bodies) - len(load.answered)}"
    assert set(load.statuses) <= {202, 503, NO_ANSWER}
    wanted = {report_envelope_id(COOP, f"load-{number}") for number in range(len(bodies))}
    clock = ServiceClock(stores.stack.redis_url)
    clock.set(ClockSetting(datetime.now(UTC).timestamp(), at("11:32"), 1.0))
    clock.close()
    stores.worker("desk", folder / "desk", module="streams.agents.worker")
    wait_until(lambda: wanted <= {record.envelope.id for record in journal(stores)}, "all reports are in the journal")
    heard = [record.envelope for record in journal(stores)]
    assert {envelope.id for envelope in heard} == wanted
    tell(f"answers {dict(load.statuses)}, {len(heard) - len(wanted)} reports twice in the journal")
    world.until("11:32")
    for envelope in heard:
        world.send(envelope.read_payload(), organisation=envelope.organisation, id=envelope.id)
    assert [lunch.no_answers for lunch in lunches] == [1] * len(lunches)
    assert sum(isinstance(x, VisitChanged) and x.event is VisitEvent.NO_ANSWER for x in world.log) == len(lunches)
    assert not [x for x in world.log if isinstance(x, ReportRefused)]


def api_killed(served: ApiProcess) -> None:
    served.worker.kill()
    served.worker.start()
    wait_until(lambda: is_up(served), "the API is up again")


def test_the_api_is_killed(stores: Stores, folder: Path, tell: Tell) -> None:
    through(stores, folder, api_killed, tell)


def test_the_registry_is_locked(stores: Stores, folder: Path, tell: Tell) -> None:
    def locked(served: ApiProcess) -> None:
        other = sqlite3.connect(folder / "registry.db", isolation_level=None, timeout=10)
        other.execute("BEGIN EXCLUSIVE")
        time.sleep(3.0)
        other.execute("ROLLBACK")
        other.close()

    through(stores, folder, locked, tell)


@pytest.mark.nightly
def test_the_registrys_disk_is_full(stores: Stores, folder: Path, tell: Tell) -> None:
    def full(served: ApiProcess) -> None:
        (folder / FLAG).touch()
        time.sleep(3.0)
        (folder / FLAG).unlink()

    through(stores, folder, full, tell, module="tests.chaos.api_on_a_small_disk")


@pytest.mark.nightly
def test_the_registrys_server_is_killed(stores: Stores, folder: Path, tell: Tell, postgres: PostgresServer) -> None:
    def killed(served: ApiProcess) -> None:
        postgres.stop()
        time.sleep(2.0)
        postgres.start()

    through(stores, folder, killed, tell, registry_url=postgres.new_url())


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["redis", "broker"])
def test_a_store_is_killed(stores: Stores, folder: Path, tell: Tell, name: str) -> None:
    def killed(served: ApiProcess) -> None:
        with suppress(AssertionError):
            wait_until(lambda: name in stores.stack.pids, f"{name} runs")
        stores.stack.wait_restarted(name, stores.stack.kill(name))

    through(stores, folder, killed, tell)
