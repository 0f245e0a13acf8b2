"""`dolbom replay` as an operator types it, on the real broker: what it says, its exit codes, and that it writes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.stack import CHECKOUT
from streams import topics
from streams.core.state import state_hash
from tests.core_world import CoreWorld
from tests.stack import Stores, ends, send
from tests.two_logs import a_day, logs

pytestmark = pytest.mark.broker

ALTERED = 8  # a record in the middle of the day
Command = Callable[..., subprocess.CompletedProcess[str]]


def everything_ends(stores: Stores) -> dict[tuple[str, int], int]:
    return ends(stores.stack.bootstrap, *((topic.name, partition) for topic in topics.TOPICS for partition in (0, 1)))


def write(stores: Stores, journal: list[tuple[int, bytes]], decisions: list[bytes]) -> None:
    send(stores.stack.bootstrap, topics.JOURNAL, 0, [raw for _, raw in journal])
    send(stores.stack.bootstrap, topics.DECISIONS, 0, decisions)


@pytest.fixture
def replay(stores: Stores, folder: Path) -> Iterator[Command]:
    """`dolbom replay WORD...`; afterwards every live topic must end where it ended before."""
    before: list[dict[tuple[str, int], int]] = []

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        before[:] = before or [everything_ends(stores)]
        env = {**os.environ, **stores.environment(folder), "LC_ALL": "C.UTF-8"}
        command = [sys.executable, "-m", "services.cli.main", "replay", *words]
        return subprocess.run(
            command, cwd=CHECKOUT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    yield run
    assert sum(before[0].values()) > 0
    assert everything_ends(stores) == before[0]


def test_a_true_log_is_verified_shown_and_told(stores: Stores, replay: Command) -> None:
    world = a_day()
    journal, decisions = logs(world)
    write(stores, journal, decisions)

    verified = replay("verify")
    assert (verified.returncode, verified.stderr) == (0, "")
    assert f"{len(journal)} journal records, {len(decisions)} decisions records" in verified.stdout
    assert verified.stdout.count(state_hash(world.state)) == 2  # applied again, decided again
    assert verified.stdout.endswith("no divergence\n")

    board = replay("show", "--as-of", "10:30")
    assert (board.returncode, board.stderr) == (0, "")
    as_it_was(board.stdout, world, {"planned", "offered"})
    later = json.loads(replay("show", "--as-of", "2026-03-02T20:59:00+09:00", "--json").stdout)
    assert {row["visit_id"]: row["state"] for row in later["visits"]} == {
        visit_id: visit.state.value for visit_id, visit in world.state.visits.items()
    }
    nonsense = replay("show", "--as-of", "yesterday")
    assert (nonsense.returncode, "not understood" in nonsense.stderr) == (2, True)
    before_all = replay("show", "--as-of", "2020-01-01T00:00")
    assert (before_all.returncode, before_all.stderr) == (1, "There was nothing yet at 2020-01-01 00:00.\n")

    visit_id = next(iter(world.state.visits))
    story = replay("visit", visit_id)
    told = [line.split()[1] for line in story.stdout.splitlines()]
    assert (story.returncode, told[0], told[-1]) == (0, "requested", "done")
    nobody = replay("visit", "no-such-visit")
    assert (nobody.returncode, "no such visit" in nobody.stderr) == (1, True)


def as_it_was(said: str, world: CoreWorld, states: set[str]) -> None:
    head, counted, *rows = said.splitlines()
    assert head.endswith("(11440) 2026-03-02 10:30")
    assert counted.endswith(f" = {len(rows)}")
    assert {row.split()[-1] for row in rows} == set(world.state.visits)
    assert {row.split()[1] for row in rows} <= states


def test_the_first_divergence_is_shown_with_both_decisions(stores: Stores, replay: Command) -> None:
    journal, decisions = logs(a_day())
    altered = decisions[ALTERED].replace(b'"now_at":"2026-', b'"now_at":"2027-', 1)
    assert altered != decisions[ALTERED]
    write(stores, journal, [*decisions[:ALTERED], altered, *decisions[ALTERED + 1 :]])

    verified = replay("verify")
    assert verified.returncode == 1
    assert "no divergence" not in verified.stdout
    assert verified.stderr.startswith("DIVERGENCE: another decision\n")
    shown = shown_parts(verified.stderr)
    assert (shown["partition"], shown["journal_offset"]) == (0, ALTERED)
    assert shown["logged"] == json.loads(altered)
    assert shown["decided"] == json.loads(decisions[ALTERED])
    assert json.loads(replay("verify", "--json").stdout)["divergence"]["logged"] == shown["logged"]


def shown_parts(said: str) -> dict[str, object]:
    """`  name: {json over several lines}` of a divergence."""
    parts: dict[str, object] = {}
    rest = said.partition("\n")[2]
    while rest.strip():
        name, _, rest = rest.strip().partition(": ")
        value, length = json.JSONDecoder().raw_decode(rest)
        parts[name], rest = value, rest[length:]
    return parts


def test_without_a_broker_it_says_so_in_one_sentence(folder: Path) -> None:
    env = {**os.environ, "DOLBOM_BOOTSTRAP": "127.0.0.1:1", "DOLBOM_STATE_DIR": str(folder), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "services.cli.main", "replay", "verify"]
    done = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("The broker cannot be reached")
