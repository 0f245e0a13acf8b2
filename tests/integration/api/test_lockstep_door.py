"""The lock-step door: tokens go out until one finds the partition quiet and every hop has passed it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams import topics
from streams.adapters.barrier import HOPS, barrier_key
from streams.adapters.service_clock import CLOCK_KEY, read_setting
from streams.contracts import codec
from streams.contracts.codec import to_builtins
from streams.contracts.envelope import Envelope
from streams.contracts.inputs import ClockTicked
from tests.integration.api.api_process import ApiProcess, is_up, start_api
from tests.stack import Stores, ends, read, send, wait_until
from tests.unit.api.test_doors import a_config

pytestmark = pytest.mark.broker

NOON = "2026-11-03T03:00:00Z"


class Hops:
    """Plays all hops in a thread. `behind` tokens are answered by a dispatcher that has not seen everything. Where both partitions
    are played, the district that is asked last says something to the first when it is asked."""

    def __init__(self, served: ApiProcess, behind: int = 0, partitions: int = 1) -> None:
        self.served = served
        self.behind = behind
        self.tokens: list[str] = []
        self.asked: list[int] = []  # the partition of each token
        self._partitions = partitions
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join(30)

    def _run(self) -> None:
        bootstrap = self.served.stores.stack.bootstrap
        while not self._ended.is_set():
            for partition in range(self._partitions):
                for record in read(bootstrap, topics.TICKS, partition)[self.asked.count(partition) :]:
                    tick = codec.decode(record.value or b"", Envelope).read_payload()
                    assert isinstance(tick, ClockTicked)
                    if self._partitions == 2 and partition == 0 and partition not in self.asked:
                        send(bootstrap, topics.DISTRICT_MESSAGES, 1, [b"from the one to the other"])
                    self.tokens.append(tick.token)
                    self.asked.append(partition)
                    self._answer(tick.token, partition)
            time.sleep(0.05)

    def _answer(self, token: str, partition: int) -> None:
        found = ends(self.served.stores.stack.bootstrap, *((topic, partition) for topic in topics.INBOXES))
        coverage = {topic: end for (topic, _), end in found.items()}
        if len(self.tokens) <= self.behind:
            coverage[topics.COMMANDS] -= 1
        facts: dict[str, Any] = {"coverage": coverage, "next_deadline_at": "2026-11-03T03:05:00+00:00", "journal_offset": 9}
        for hop in HOPS:
            said = {"hop": hop, **(facts if hop == "dispatcher" else {})}
            self.served.redis.rpush(barrier_key(token), json.dumps(said))


@pytest.fixture
def stepped(stores: Stores, folder: Path) -> Iterator[ApiProcess]:
    process = start_api(stores, folder, lockstep="1")
    yield process
    process.end()


def test_before_a_district_is_there_a_step_only_moves_the_clock(stepped: ApiProcess) -> None:
    said = stepped.http.post("/v1/lockstep/step", json={"to_at": NOON}).json()
    assert said == {"now_at": NOON, "next_deadline_at": None, "journal_offset": 0}
    setting = read_setting(stepped.redis.get(CLOCK_KEY) or b"")  # type: ignore[arg-type]
    assert setting is not None
    assert (setting.speed, setting.anchor_service.isoformat()) == (0.0, "2026-11-03T03:00:00+00:00")
    clock = stepped.http.get("/v1/clock").json()
    assert (clock["now_at"], clock["paused"], clock["lockstep"]) == (NOON, True, True)
    assert stepped.http.post("/v1/clock", json={"speed": 60}).json()["code"] == "not_allowed"


def test_tokens_go_out_until_nothing_is_in_flight(stepped: ApiProcess) -> None:
    stepped.http.post("/v1/lockstep/step", json={"to_at": NOON})
    stepped.http.put("/v1/districts/11440", json=to_builtins(a_config()))
    hops = Hops(stepped, behind=2)
    said = stepped.http.post("/v1/lockstep/step", json={"to_at": "2026-11-03T03:01:00Z"}, timeout=60).json()
    hops.end()
    assert len(hops.tokens) == 3
    assert said == {"now_at": "2026-11-03T03:01:00Z", "next_deadline_at": "2026-11-03T03:05:00Z", "journal_offset": 9}
    ticks = [codec.decode(r.value or b"", Envelope) for r in read(stepped.stores.stack.bootstrap, topics.TICKS, 0)]
    assert {tick.received_at.minute for tick in ticks} == {1}


def test_what_a_district_says_to_one_that_was_quiet_before_is_waited_for(stepped: ApiProcess) -> None:
    stepped.http.post("/v1/lockstep/step", json={"to_at": NOON})
    for district in ("11410", "11440"):
        stepped.http.put(f"/v1/districts/{district}", json=to_builtins(a_config(district, suffix=f"-{district}")))
    hops = Hops(stepped, partitions=2)
    said = stepped.http.post("/v1/lockstep/step", json={"to_at": None}, timeout=60)
    hops.end()
    assert said.status_code == 200
    assert hops.asked[0] == 1  # 11410 before 11440
    assert 1 in hops.asked[hops.asked.index(0) :], "the first district was not asked again"


def test_the_clock_stands_where_it_stood_after_a_kill_and_an_emptied_redis(stepped: ApiProcess) -> None:
    stepped.http.post("/v1/lockstep/step", json={"to_at": NOON})
    stepped.http.put("/v1/districts/11440", json=to_builtins(a_config()))
    stepped.redis.flushall()
    stepped.worker.kill()
    stepped.worker.start()
    wait_until(lambda: is_up(stepped), "the API is back")
    hops = Hops(stepped)
    said = stepped.http.post("/v1/lockstep/step", json={"to_at": None}, timeout=60).json()
    hops.end()
    assert said["now_at"] == NOON
    assert read_setting(stepped.redis.get(CLOCK_KEY) or b"") is not None  # type: ignore[arg-type]
