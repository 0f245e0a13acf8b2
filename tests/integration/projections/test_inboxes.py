"""What projections put into inboxes, on the real broker: messages between districts, and the solver pool as a process."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis

from streams import topics
from streams.adapters.barrier import barrier_key
from streams.adapters.messenger import Messenger
from streams.adapters.registry import open_registry
from streams.contracts import codec
from streams.contracts.decisions import DistrictMessageSent
from streams.contracts.envelope import DecisionsRecord, Envelope, Source
from streams.contracts.inputs import ClockTicked, DistrictMessage, PlanProposed
from streams.core.chain import PartitionState, apply_record
from tests.core_world import DISTRICT, CoreWorld, at
from tests.stack import Stores, read, send, wait_until
from tests.unit.projections.board_contract import run_async
from tests.unit.projections.feeding import Feed, records_of
from tests.unit.projections.test_solver_pool import asking_world

pytestmark = pytest.mark.broker


def sent_messages(*targets: str) -> list[bytes]:
    """A decisions log in which `DISTRICT` asks other districts for help."""
    raws: list[bytes] = []
    for number, target in enumerate(targets):
        message = DistrictMessageSent(
            to=target, index=number + 1, kind="help_asked", visit_id=f"visit-{number}", service="check_in", priority=2
        )
        record = DecisionsRecord(
            journal_offset=number, source=Source(topics.COMMANDS, 0, number), district=DISTRICT, now_at=at("09:00"),
            core_version="1", builds_on=codec.digest(raws[-1]) if raws else "", decisions=(message,),
        )  # fmt: skip
        raws.append(codec.encode(record))
    return raws


def inbox(stores: Stores, topic: str, partition: int) -> list[Envelope]:
    return [codec.decode(record.value or b"", Envelope) for record in read(stores.stack.bootstrap, topic, partition)]


def test_messages_reach_the_other_districts_inbox(stores: Stores, folder: Path) -> None:
    settings = stores.settings(folder)
    raws = sent_messages("11410", "99999", "11410")

    async def go() -> None:
        registry = open_registry(settings.registry_url, folder, {})
        messenger = Messenger(settings, registry)
        await Feed(raws).open(messenger, batch=2)
        await messenger.settle("token")
        assert messenger.unknown_targets == 1
        await messenger.close()
        again = Messenger(settings, registry)
        feed = Feed(raws)
        await feed.open(again)
        assert feed.position().next_journal_offset == len(raws)
        await again.close()
        registry.close()

    run_async(go)
    assert inbox(stores, topics.DISTRICT_MESSAGES, settings.districts[DISTRICT]) == []
    received = inbox(stores, topics.DISTRICT_MESSAGES, settings.districts["11410"])
    assert [(one.district, one.actor, one.cause) for one in received] == [
        ("11410", f"district:{DISTRICT}", f"{DISTRICT}-0-0"), ("11410", f"district:{DISTRICT}", f"{DISTRICT}-2-0"),
    ]  # fmt: skip
    payloads = [one.read_payload() for one in received]
    assert [(p.sender, p.index, p.visit_id) for p in payloads if isinstance(p, DistrictMessage)] == [
        (DISTRICT, 1, "visit-0"), (DISTRICT, 3, "visit-2"),
    ]  # fmt: skip


def test_a_message_sent_again_has_the_same_id(stores: Stores, folder: Path) -> None:
    settings = stores.settings(folder)
    raws = sent_messages("11410")

    async def go(number: int) -> None:
        registry = open_registry("", folder / str(number), {})
        messenger = Messenger(settings, registry)
        await Feed(raws).open(messenger)
        await messenger.close()
        registry.close()

    for number in range(2):  # the first one's position is lost
        run_async(lambda number=number: go(number))  # type: ignore[misc]
    first, second = inbox(stores, topics.DISTRICT_MESSAGES, 1)
    assert first == second


def tick(world: CoreWorld, token: str) -> None:
    world.send(ClockTicked(due_at=world.now_at, token=token), actor="clock")


def test_the_solver_process_proposes_and_survives_its_workers_death(stores: Stores, folder: Path) -> None:
    world = asking_world()
    tick(world, "token-1")
    raws = records_of(world)
    bootstrap = stores.stack.bootstrap
    solver = stores.worker(
        "ignored", folder, module="streams.adapters.solver_pool", lockstep="1", solver_processes="1"
    )
    wait_until(lambda: progress(folder).get("wall", 0) > 0, "the solver pool reports")
    process = psutil.Process(solver.process.pid)  # type: ignore[union-attr]
    wait_until(lambda: bool(workers_of(process)), "a solver process")
    for worker in workers_of(process):
        worker.send_signal(signal.SIGKILL)
    send(bootstrap, topics.DECISIONS, 0, raws)
    client = redis.Redis.from_url(stores.stack.redis_url)
    wait_until(lambda: bool(client.exists(barrier_key("token-1"))), "the barrier token")
    assert json.loads(client.lrange(barrier_key("token-1"), 0, -1)[0])["hop"] == "solver"
    (envelope,) = inbox(stores, topics.PLANS, 0)
    proposal = envelope.read_payload()
    assert isinstance(proposal, PlanProposed)
    world.send(proposal, actor="solver")
    assert world.state.totals.plans_proposed == 1
    wait_until(lambda: progress(folder)["position"] == progress(folder)["end"] == len(raws), "progress at the end")
    children = process.children(recursive=True)
    assert solver.terminate() == 0
    psutil.wait_procs(children, 20)
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def test_a_solver_pool_that_was_killed_answers_after_its_restart(stores: Stores, folder: Path) -> None:
    raws = records_of(asking_world())
    send(stores.stack.bootstrap, topics.DECISIONS, 0, raws)
    solver = stores.worker("ignored", folder, module="streams.adapters.solver_pool", solver_processes="1")
    process = psutil.Process(solver.process.pid)  # type: ignore[union-attr]
    wait_until(lambda: bool(workers_of(process)), "a solver process")
    children = process.children(recursive=True)
    solver.kill()
    psutil.wait_procs(children, 20)
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    solver.start()
    wait_until(lambda: len(inbox(stores, topics.PLANS, 0)) >= 1, "the proposal")
    ids = {envelope.id for envelope in inbox(stores, topics.PLANS, 0)}
    assert len(ids) == 1
    assert solver.terminate() == 0


def progress(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / "progress" / "solver_pool.json").read_text())
    except (OSError, ValueError):
        return {}
    return found


def workers_of(process: psutil.Process) -> list[psutil.Process]:
    """The spawned solver processes (not multiprocessing's resource tracker)."""
    found = []
    for child in process.children():
        try:
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
        except psutil.Error:
            continue
    return found


def test_the_log_of_these_tests_is_a_valid_one() -> None:
    ps = PartitionState()
    assert all(apply_record(ps, raw) is not None for raw in sent_messages("11410", "11410"))
    assert ps.next_journal_offset == 2
