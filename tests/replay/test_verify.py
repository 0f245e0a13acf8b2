"""A replay decides everything again, and one altered byte in either log is found and shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from streams.contracts import codec
from streams.contracts.decisions import Decision, PlanDirtied, SolveRequested
from streams.contracts.envelope import Envelope, JournalRecord
from streams.core.apply import advance, apply
from streams.core.chain import DispatchCore, PartitionState, apply_record, decide_raw
from streams.core.dispatch import CORE_VERSION
from streams.core.state import copy_of, state_hash
from streams.replay.history import fold, story
from streams.replay.verify import report, verify
from tests.core_world import at
from tests.two_logs import a_day, logs

ROOT = Path(__file__).parents[2]


def test_a_true_log_has_no_divergence_and_the_same_state() -> None:
    world = a_day()
    journal, decisions = logs(world)
    found = report([verify(0, journal, decisions)])
    assert found["ok"]
    assert found["journal_records"] == found["decisions_records"] == len(world.inputs)
    assert found["replayed_state_hash"] == found["applied_state_hash"] == state_hash(world.state)


@pytest.mark.parametrize("position", [3, 8, 12])
def test_an_altered_byte_in_the_decisions_is_found(position: int) -> None:
    journal, decisions = logs(a_day())
    altered = decisions[position].replace(b'"now_at":"2026-03-0', b'"now_at":"2027-03-0', 1)
    assert altered != decisions[position]
    decisions[position] = altered
    found = report([verify(0, journal, decisions)])
    assert not found["ok"]
    assert found["divergence"]["journal_offset"] == position
    assert found["divergence"]["logged"] != found["divergence"]["decided"]


def test_an_altered_byte_in_the_journal_is_found() -> None:
    journal, decisions = logs(a_day())
    offset, raw = journal[2]
    journal[2] = (offset, raw.replace(b'"service_duration_s":240', b'"service_duration_s":640', 1))
    found = report([verify(0, journal, decisions)])
    assert not found["ok"]
    assert found["divergence"]["journal_offset"] == 2


def test_a_missing_decision_breaks_the_chain_aloud() -> None:
    journal, decisions = logs(a_day())
    del decisions[5]
    assert not report([verify(0, journal, decisions)])["ok"]


def test_a_running_system_may_be_behind_and_a_stale_writer_may_have_been_there() -> None:
    journal, decisions = logs(a_day())
    running = [*decisions[:-3], decisions[4]]  # three inputs not decided yet; a zombie decided an old one again
    found = report([verify(0, journal, running)])
    assert (found["ok"], found["undecided"], found["dropped"]) == (True, 3, 1)


class EarlierCore(DispatchCore):
    """A version that did not re-plan: it decides otherwise on the same inputs."""

    def __init__(self, version: str) -> None:
        self._version = version

    @property
    def version(self) -> str:
        return self._version

    def decide(self, state: Any, received: Envelope, recorded_at: datetime) -> list[Decision]:
        before = copy_of(state)
        made = [one for one in super().decide(state, received, recorded_at) if not isinstance(one, SolveRequested | PlanDirtied)]
        for name in before.__struct_fields__:
            setattr(state, name, getattr(before, name))
        state.drop_runtime()
        advance(state, recorded_at)
        for one in made:
            apply(state, one)
        return made


def begun_by(earlier: EarlierCore, journal: list[tuple[int, bytes]]) -> list[bytes]:
    """Eight records decided by that version, the rest by its heir, who folds them first."""
    records = [codec.decode(raw, JournalRecord) for _, raw in journal]
    ps, heir = PartitionState(), PartitionState()
    decisions = [decide_raw(ps, offset, record, earlier)[1] for offset, record in enumerate(records[:8])]
    for raw in decisions:
        assert apply_record(heir, raw) is not None
    return decisions + [decide_raw(heir, offset, record)[1] for offset, record in enumerate(records[8:], start=8)]


def test_what_the_log_says_was_set_aside_is_set_aside_again() -> None:
    journal, _ = logs(a_day())
    records = [codec.decode(raw, JournalRecord) for _, raw in journal]
    ps = PartitionState()
    decisions = [decide_raw(ps, offset, record, set_aside=offset == 5)[1] for offset, record in enumerate(records)]
    found = report([verify(0, journal, decisions)])
    assert (found["ok"], found["set_aside"]) == (True, 1), found["divergence"]
    assert found["replayed_state_hash"] != report([verify(0, *logs(a_day()))])["replayed_state_hash"]


def test_a_day_that_an_earlier_version_began_is_folded_and_gone_on_with() -> None:
    journal, _ = logs(a_day())
    found = report([verify(0, journal, begun_by(EarlierCore("0"), journal))])
    assert (found["ok"], found["of_other_versions"]) == (True, 8), found["divergence"]


def test_the_same_decisions_under_this_versions_name_are_a_divergence() -> None:
    journal, _ = logs(a_day())
    found = report([verify(0, journal, begun_by(EarlierCore(CORE_VERSION), journal))])
    assert (found["ok"], found["of_other_versions"]) == (False, 0)
    assert found["divergence"]["problem"] == "another decision"


def test_the_hash_does_not_depend_on_the_hash_seed_of_the_process(tmp_path: Path) -> None:
    journal, decisions = logs(a_day())
    data = tmp_path / "logs.json"
    data.write_text(json.dumps([[(o, r.decode()) for o, r in journal], [r.decode() for r in decisions]]))
    script = (
        "import json,sys;from streams.replay.verify import verify,report;"
        "j,d=json.load(open(sys.argv[1]));"
        "print(report([verify(0,[(o,r.encode()) for o,r in j],[r.encode() for r in d])])['replayed_state_hash'])"
    )
    hashes = {
        subprocess.run([sys.executable, "-c", script, str(data)], cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed},
                       capture_output=True, text=True, check=True).stdout
        for seed in ("1", "77")
    }  # fmt: skip
    assert len(hashes) == 1


def test_the_board_as_it_was_and_a_visits_story() -> None:
    world = a_day()
    _, decisions = logs(world)
    at_ten = fold(decisions, at("10:30")).districts["11440"]
    assert {visit.state.value for visit in at_ten.visits.values()} <= {"planned", "offered"}
    visit_id = next(iter(world.state.visits))
    events = [event.what for event in story(decisions, visit_id)]
    assert events[0] == "requested"
    assert events[-1] == "done"
    assert "accepted" in events
