"""A day goes on through kill -9 of everything, zombies and an emptied Redis, and afterwards it is as if nothing had been."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.local.run import live_state_hash
from deploy.local.stack import Stack
from services.sample_day.day import Day
from services.sample_day.read_day import read_day
from streams import topics
from streams.adapters.kafka_log import end_offsets
from tests.chaos.mischief import FAULTS, PROCESSES, Mischief
from tests.days import (
    check_board,
    check_books,
    check_logs,
    check_nothing_twice,
    check_outbox,
    in_process,
    make_day,
    read_logs,
    replay,
    seed_of,
    wait_for_day,
)  # fmt: skip
from tests.stack import Tell, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.chaos, pytest.mark.timeout(1800)]

SPEED = 240  # service seconds in one second; the clock waits for a pipeline that is behind
SEEDS = [seed_of(f"a day with kills: {number}") for number in range(1, 6)]


def check_day(stack: Stack, result: dict[str, Any], seed: int, tell: Tell) -> None:
    """The books balance, nothing was done twice, and board, outbox and replay say what the logs say."""
    found, live = replay_at_rest(stack)
    logs = [read_logs(stack.bootstrap, partition) for partition in (0, 1)]
    tell(
        f"seed {seed}: {found['journal_records']} journal records, {sum(bool(r.skipped) for r in logs[0].decisions)} came "
        f"twice, {found['dropped']} decisions records dropped, {result['webhooks']}"
    )
    assert live == found["applied_state_hash"] == found["replayed_state_hash"]
    for one in logs:
        check_logs(stack.bootstrap, one)
        check_nothing_twice(one)
    check_board(stack, logs)
    check_outbox(stack, logs)
    check_books(result)


def replay_at_rest(stack: Stack) -> tuple[dict[str, Any], str]:
    """A replay, and the state's hash as it runs, of the same log: what was still under way when the clock was stopped has come."""
    ends = {(topics.DECISIONS, partition): 0 for partition in (0, 1)}
    while ends != (now := asyncio.run(end_offsets(stack.bootstrap, sorted(ends)))):
        ends = now
        found, live = replay(stack), live_state_hash(stack)
    return found, live


def live_day(seed: int, tmp_path: Path, tell: Tell) -> None:
    folder = make_day("mapo", seed, tmp_path / "day")
    day: Day = read_day(folder)
    dice = random.Random(seed)
    faults = list(FAULTS)
    dice.shuffle(faults)
    tell(f"seed {seed}: {', '.join(faults)}")
    # from the first rounds until the last dinner
    begin, end = day.start_at + timedelta(minutes=45), day.end_at - timedelta(hours=3)
    with Stack(tmp_path / "state", settings={"DOLBOM_SPEED": str(SPEED)}) as stack:
        result_path = tmp_path / "result.json"
        stack.start_world(folder, seed, result_path)
        mischief = Mischief(stack, day, dice, tell)
        hurting_s = 0.0
        for number, fault in enumerate(faults):
            due_at = begin + (end - begin) * number / len(faults)
            mischief.wait_for(due_at)
            assert not stack.supervisor.ended("world"), f"the day was over before {fault}"
            mischief.make_room(end, (len(faults) - number) * hurting_s / max(1, number), SPEED)
            began = time.monotonic()
            mischief.do(fault)
            hurting_s += time.monotonic() - began
        mischief.make_room(end, 0.0, SPEED)
        check_day(stack, wait_for_day(stack, result_path), seed, tell)


def test_everything_is_killed_once_in_a_day(tmp_path: Path, tell: Tell) -> None:
    live_day(SEEDS[0], tmp_path, tell)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", SEEDS[1:])
def test_everything_is_killed_once_in_other_days(seed: int, tmp_path: Path, tell: Tell) -> None:
    live_day(seed, tmp_path, tell)


@pytest.mark.nightly
def test_kills_leave_no_trace_in_the_hash_of_a_lockstep_day(tmp_path: Path, tell: Tell) -> None:
    """In lock-step even the state is the one of an undisturbed day in one process."""
    seed = seed_of("a lock-step day with kills")
    folder = make_day("mapo", seed, tmp_path / "day")
    faults = [*PROCESSES, "solver process", "emptied redis"]
    dice = random.Random(seed)
    dice.shuffle(faults)
    with Stack(tmp_path / "state", lockstep=True) as stack:
        result_path = tmp_path / "result.json"
        stack.start_world(folder, seed, result_path)
        mischief = Mischief(stack, read_day(folder), dice, tell)
        for number, fault in enumerate(faults):
            at = 40 + number * 40 + dice.randrange(20)
            wait_until(lambda at=at: stack.supervisor.ended("world") or mischief.end_of(topics.DECISIONS) >= at, "the day", 900.0)
            assert not stack.supervisor.ended("world"), f"the day was over before {fault}"
            mischief.strike_alone(fault)
        result = wait_for_day(stack, result_path)
        check_day(stack, result, seed, tell)
        assert replay(stack)["replayed_state_hash"] == in_process(folder, seed)["state_hash"]
