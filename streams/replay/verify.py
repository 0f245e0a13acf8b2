"""Replay both logs from offset 0, without snapshots: apply every decision again, decide every input again, compare. What
another version of the core decided is applied and not decided again (docs/decisions/0013-decisions-outlive-their-core.md).

`python -m streams.replay.verify [--json]` reads the live topics and writes nothing to them. Exit code 0: no divergence.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streams import topics
from streams.adapters.kafka_log import read_list
from streams.contracts import codec
from streams.contracts.envelope import DecisionsRecord, JournalRecord
from streams.contracts.read_decisions import read_decisions
from streams.core.chain import REAL_CORE, SET_ASIDE, BrokenChain, Core, PartitionState, apply_record, decide_raw
from streams.core.state import DistrictState, state_hash
from streams.settings import Settings, read_settings
from streams.terminal import say

STATES_DIFFER = "the two states differ"
NEXT_ARE_DROPPED = "the chain of digests breaks here: the next records are dropped"
PROBLEMS_KO = {
    "unreadable decisions record": "읽을 수 없는 결정 기록",
    "a decision without its journal record": "입력 기록이 없는 결정",
    "unreadable journal record": "읽을 수 없는 입력 기록",
    "another decision": "다른 결정",
    NEXT_ARE_DROPPED: "요약값의 사슬이 여기서 끊김: 다음 기록들은 빠집니다",
    STATES_DIFFER: "두 상태가 다름",
}


@dataclass(frozen=True)
class Divergence:
    """The first place where the logs and the code disagree. `logged` and `decided` are decision lists, or None."""

    partition: int
    journal_offset: int
    problem: str
    logged: Any = None
    decided: Any = None


@dataclass
class Verdict:
    """Of one partition: how much was read, both states, and the first divergence if any."""

    journal_records: int = 0
    decisions_records: int = 0
    dropped: int = 0
    undecided: int = 0
    of_other_versions: int = 0
    set_aside: int = 0
    applied: PartitionState = field(default_factory=PartitionState)
    decided: PartitionState = field(default_factory=PartitionState)
    divergence: Divergence | None = None


def verify(
    partition: int, journal: Iterable[tuple[int, bytes]], decisions: Iterable[bytes], core: Core = REAL_CORE
) -> Verdict:
    """Fold `decisions` and decide `journal` again, side by side. Stops at the first divergence. Records of another version of
    the core are the truth they are: both sides take them as decided."""
    verdict = Verdict()
    inputs = dict(journal)
    verdict.journal_records = len(inputs)
    dropped_to = -1
    for raw in decisions:
        verdict.decisions_records += 1
        offset = verdict.applied.next_journal_offset
        try:
            logged = apply_record(verdict.applied, raw, core)
        except (codec.Malformed, BrokenChain, KeyError, ValueError) as error:
            verdict.divergence = Divergence(partition, offset, f"unreadable decisions record: {type(error).__name__}")
            return verdict
        if logged is None:
            verdict.dropped += 1
            dropped_to = max(dropped_to, read_decisions(raw).journal_offset)
            continue
        verdict.set_aside += logged.skipped == SET_ASIDE
        if logged.core_version != core.version and logged.journal_offset in inputs:
            verdict.of_other_versions += 1
            apply_record(verdict.decided, raw, core)
            continue
        verdict.divergence = _decide_again(verdict, partition, inputs, logged, raw, core)
        if verdict.divergence is not None:
            return verdict
    verdict.undecided = len(inputs) - verdict.applied.next_journal_offset
    if dropped_to >= verdict.applied.next_journal_offset:  # not a stale writer's: nobody else decided these
        verdict.divergence = Divergence(
            partition, verdict.applied.next_journal_offset, NEXT_ARE_DROPPED
        )
    return verdict


def _decide_again(
    verdict: Verdict, partition: int, inputs: dict[int, bytes], logged: DecisionsRecord, raw: bytes, core: Core
) -> Divergence | None:
    offset = logged.journal_offset
    if offset not in inputs:
        return Divergence(partition, offset, "a decision without its journal record", _plain(logged))
    try:
        received = codec.decode(inputs[offset], JournalRecord)
    except codec.Malformed:
        return Divergence(partition, offset, "unreadable journal record", _plain(logged))
    decided, again = decide_raw(verdict.decided, offset, received, core, set_aside=logged.skipped == SET_ASIDE)
    if again != raw:
        return Divergence(partition, offset, "another decision", _plain(logged), _plain(decided))
    return None


def _plain(record: DecisionsRecord) -> Any:
    return codec.to_builtins(record)


def system_hash(partitions: Iterable[PartitionState]) -> str:
    """One hash over the configured districts of all partitions; of a single district, the hash of its state."""
    states: dict[str, DistrictState] = {
        code: state for ps in partitions for code, state in ps.districts.items() if state.config is not None
    }
    if len(states) == 1:
        return state_hash(next(iter(states.values())))
    joined = "".join(f"{code}:{state_hash(state)}\n" for code, state in sorted(states.items()))
    return hashlib.sha256(joined.encode()).hexdigest()


async def verify_topics(settings: Settings) -> dict[str, Any]:
    """Replay every partition of the live topics. See `report` for the keys."""
    verdicts = []
    for partition in range(settings.partitions):
        # the decisions first: in a running system the journal is always as long, and may be longer
        decisions = await read_list(settings.bootstrap, topics.DECISIONS, partition, 0)
        journal = await read_list(settings.bootstrap, topics.JOURNAL, partition, 0)
        verdicts.append(
            verify(partition, [(r.offset, r.value or b"") for r in journal], [r.value or b"" for r in decisions])
        )
    return report(verdicts)


def report(verdicts: list[Verdict]) -> dict[str, Any]:
    """The figures of a replay. `replayed_state_hash`: decided again; `applied_state_hash`: decisions folded again."""
    divergence = next((v.divergence for v in verdicts if v.divergence is not None), None)
    applied = system_hash(v.applied for v in verdicts)
    decided = system_hash(v.decided for v in verdicts)
    return {
        "journal_records": sum(v.journal_records for v in verdicts),
        "decisions_records": sum(v.decisions_records for v in verdicts),
        "dropped": sum(v.dropped for v in verdicts),
        "undecided": sum(v.undecided for v in verdicts),
        "of_other_versions": sum(v.of_other_versions for v in verdicts),
        "set_aside": sum(v.set_aside for v in verdicts),
        "applied_state_hash": applied,
        "replayed_state_hash": decided,
        "ok": divergence is None and applied == decided,
        "divergence": None if divergence is None else divergence.__dict__,
    }


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m streams.replay.verify", description=__doc__)
    parser.add_argument("--state-dir", type=Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    if args.state_dir:
        os.environ["DOLBOM_STATE_DIR"] = str(args.state_dir)
    found = asyncio.run(verify_topics(read_settings()))
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print_report(found)
    return 0 if found["ok"] else 1


def print_report(found: dict[str, Any]) -> None:
    """For a terminal: the figures, and the first divergence with both decisions."""
    print(
        say(
            f"입력 기록 {found['journal_records']}건, 결정 기록 {found['decisions_records']}건 "
            f"(물러난 기록자의 것 {found['dropped']}건은 뺌, 아직 결정하지 않은 것 {found['undecided']}건, "
            f"다른 버전이 결정한 것 {found['of_other_versions']}건은 적용만 하고 다시 결정하지 않음, "
            f"오류로 따로 보관한 것 {found['set_aside']}건)",
            f"{found['journal_records']} journal records, {found['decisions_records']} decisions records "
            f"({found['dropped']} of stale writers dropped, {found['undecided']} not decided yet, "
            f"{found['of_other_versions']} by other versions of the core: applied, not decided again, "
            f"{found['set_aside']} set aside by a fault)",
        )
    )
    print(say("다시 적용: ", "applied again: ") + found["applied_state_hash"])
    print(say("다시 결정: ", "decided again: ") + found["replayed_state_hash"])
    if found["ok"]:
        print(say("다른 곳 없음", "no divergence"))
        return
    divergence = found["divergence"] or {"problem": STATES_DIFFER}
    problem = divergence["problem"]
    print(say(f"다른 곳: {_problem_ko(problem)}", f"DIVERGENCE: {problem}"), file=sys.stderr)
    for key in ("partition", "journal_offset", "logged", "decided"):
        if divergence.get(key) is not None:
            print(f"  {key}: {json.dumps(divergence[key], ensure_ascii=False, indent=2)}", file=sys.stderr)


def _problem_ko(problem: str) -> str:
    if problem in PROBLEMS_KO:
        return PROBLEMS_KO[problem]
    what, _, kind = problem.partition(": ")
    return f"{PROBLEMS_KO[what]}: {kind}"


if __name__ == "__main__":
    raise SystemExit(main())
