"""In lock-step no process's speed decides anything: with processes stopped for seconds or killed, and a Redis that does not answer
or is emptied, again and again through a day, it ends in the very state of an undisturbed day in one process."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import redis

from deploy.local.stack import Stack
from tests.days import in_process, make_day, replay, seed_of, wait_for_day
from tests.stack import Tell

pytestmark = [pytest.mark.broker, pytest.mark.chaos, pytest.mark.nightly, pytest.mark.timeout(1800)]

STOPPED_S = (0.1, 0.3, 1.0, 2.5)
MUTE_MS = (250, 600, 1500)  # the desk asks Redis for the time and waits 0.2 s, the doors wait 2 s
KILLED = ("api", "board", "desk", "dispatcher", "messenger", "outbox", "solver_pool")
FAULTS = {"stopped": 70, "mute redis": 23, "killed": 6, "emptied redis": 1}


def disturb(stack: Stack, store: redis.Redis, dice: random.Random) -> str:
    """One fault; returns what was done to whom."""
    (fault,) = dice.choices(list(FAULTS), list(FAULTS.values()))
    if fault == "mute redis":
        store.execute_command("CLIENT", "PAUSE", dice.choice(MUTE_MS), "ALL")
        return fault
    if fault == "emptied redis":
        store.flushall()
        return fault
    name = dice.choice(KILLED if fault == "killed" else sorted(stack.pids))
    if fault == "killed":
        stack.kill(name)
        return f"{fault} {name}"
    process = psutil.Process(stack.pids[name])
    process.suspend()
    try:
        time.sleep(dice.choice(STOPPED_S))
    finally:
        process.resume()
    return f"{fault} {name}"


def test_a_lockstep_day_is_the_same_however_its_processes_are_held_up(tmp_path: Path, tell: Tell) -> None:
    seed = seed_of("a lock-step day that is held up")
    folder = make_day("mapo", seed, tmp_path / "day")
    dice, done = random.Random(seed), Counter[str]()
    with Stack(tmp_path / "state", lockstep=True) as stack:
        result_path = tmp_path / "result.json"
        stack.start_world(folder, seed, result_path)
        store = redis.Redis.from_url(stack.redis_url)
        while not stack.supervisor.ended("world"):
            time.sleep(0.4 * dice.random())
            # who was to be hurt may have just ended, and Redis may be mute or stopped
            with suppress(LookupError, psutil.NoSuchProcess, redis.RedisError):
                done[disturb(stack, store, dice)] += 1
        result = wait_for_day(stack, result_path)
        tell(f"seed {seed}: {dict(sorted(done.items()))}, {result['webhooks']}")
        assert (result["mismatches"], result["unaccounted"]) == ([], 0)
        assert replay(stack)["replayed_state_hash"] == in_process(folder, seed)["state_hash"]
