"""Long: two desks and two dispatchers, killed, frozen and thawed at random, and the broker killed under them."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from deploy.local import broker
from streams import topics
from tests.integration.shell.senders import Senders
from tests.stack import Stores, Worker, ends

pytestmark = [pytest.mark.broker, pytest.mark.nightly, pytest.mark.chaos]


def supervise(workers: list[Worker]) -> None:
    for worker in workers:
        worker.keep_alive()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everything_is_hurt_and_nothing_is_lost_or_done_twice(stores: Stores, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    workers = [
        stores.worker(name, tmp_path / f"{name}-{number}", snapshot_every="200")
        for name in ("desk", "dispatcher")
        for number in (1, 2)
    ]
    stack, frozen = stores.stack, list[Worker]()
    with Senders(stores, 3000, pause_s=0.6) as senders:
        while senders.alive():
            time.sleep(dice.uniform(1.0, 5.0))
            supervise(workers)
            worker = dice.choice(workers)
            match dice.choice(["kill"] * 4 + ["freeze"] * 2 + ["thaw"] * 2 + ["broker"]):
                case "kill":
                    print(f"kill {worker.folder.name} at {ends(stack.bootstrap, (topics.JOURNAL, 0), (topics.DECISIONS, 0))}")
                    worker.kill()
                    worker.start()
                case "freeze":
                    worker.freeze()
                    frozen.append(worker)
                case "thaw":
                    for one in frozen:
                        one.thaw()
                    frozen.clear()
                case "broker":
                    print("kill broker")
                    stack.wait_restarted("broker", stack.kill("broker"))
                    broker.wait_ready(stack.ports.broker)
    for one in frozen:
        one.thaw()
    for _ in range(60):
        supervise(workers)
        time.sleep(1.0)
    senders.check(timeout_s=180)
