"""What `make run` decides: the state folder, the ledger's text, and the exit code of a headless day."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import Any

import pytest

from deploy.local import ledger_table, states
from deploy.local.run import RunFailed, district_table, make_day, parse
from deploy.local.stack import Stack, StackFailed, process_list

WORLD: dict[str, Any] = {
    "visits": 170, "done": 160, "cancelled": 4, "failed": 2, "handed_over": 4, "unaccounted": 0, "on_time_share": 0.957,
    "plans_adopted": 12, "balanced": True, "mismatches": [], "world": {"requests": 170},
}  # fmt: skip
REPLAY = {"journal_records": 2_345, "applied_state_hash": "abc", "replayed_state_hash": "abc", "dropped": 0}


def test_the_last_line_has_every_promised_key_first() -> None:
    result = ledger_table.merged(WORLD, REPLAY, wall_s=61.23)
    assert tuple(result)[: len(ledger_table.RESULT_KEYS)] == ledger_table.RESULT_KEYS
    assert (result["journal_records"], result["wall_s"], result["click_to_door_mean_min"]) == (2_345, 61.2, None)
    assert json.loads(json.dumps(result)) == result
    assert ledger_table.what_is_wrong(result) == []


@pytest.mark.parametrize(
    ("world", "replay", "word"),
    [
        ({"unaccounted": 1}, {}, "unaccounted: 1"),
        ({"unaccounted": None}, {}, "unaccounted: None"),
        ({"balanced": False}, {}, "do not balance"),
        ({"balanced": False, "mismatches": [{"what": "served twice", "visit_id": "v"}]}, {}, "served twice, v"),
        ({}, {"replayed_state_hash": "other"}, "state hash is other"),
        ({"state_hash": "live"}, {}, "not live"),
        ({}, {"applied_state_hash": None, "replayed_state_hash": None}, "state hash is None"),
    ],
)
def test_a_day_that_does_not_balance_or_replay_fails(world: dict[str, Any], replay: dict[str, Any], word: str) -> None:
    wrong = ledger_table.what_is_wrong(ledger_table.merged(WORLD | world, REPLAY | replay, wall_s=1))
    assert any(word in sentence for sentence in wrong), wrong


def test_the_ledger_reads_in_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    result = WORLD | {"handed_over_to": {"care_manager": 4}, "travel_per_visit_min": 7.25}
    assert ledger_table.table(result).splitlines() == [
        "The day's ledger",
        "  requests                                             170",
        "  done                                                 160",
        "  cancelled                                              4",
        "  failed, with a reason                                  2",
        "  in a named role's hands                                4",
        "  unaccounted                                            0",
        "  on time                                           95.7 %",
        "  travel per visit                                 7.2 min",
        "  plans adopted                                         12",
        "    handed over: care_manager                            4",
        "  the world's own books                              agree",
    ]
    monkeypatch.setenv("DOLBOM_LANG", "ko")
    assert ledger_table.table(result).splitlines() == [
        "일일 마감표",
        "  전체 요청                    170",
        "  완료                         160",
        "  취소                           4",
        "  미이행 (사유 있음)             2",
        "  담당자 인계                    4",
        "  미확인                         0",
        "  정시율                    95.7 %",
        "  건당 이동                  7.2분",
        "  채택된 계획                   12",
        "    인계: care_manager           4",
        "  대조                        맞음",
    ]


def test_the_ledger_names_what_broke_on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    broke = WORLD | {"by_point": {"silence": {"workers_lost": 1, "meals_replaced": 2}}}
    assert ledger_table.table(broke).splitlines()[-3:] == [
        "  What happened today",
        "    Silence of a worker             relieved                           1",
        "                                    meals replaced                     2",
    ]
    monkeypatch.setenv("DOLBOM_LANG", "ko")
    assert ledger_table.table(broke).splitlines()[-3:] == [
        "  오늘 있었던 일",
        "    연락 두절         교체                       1",
        "                      대체식                     2",
    ]


def test_old_runs_are_removed_but_none_that_runs(tmp_path: Path) -> None:
    folders = [tmp_path / f"live-2026010{day}-000000-1" for day in range(1, 7)]
    for folder in folders:
        folder.mkdir()
        (folder / "lock").touch()
    other = tmp_path / "headless-20250101-000000-1"
    other.mkdir()
    with (folders[0] / "lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert states.in_use(folders[0])
        states.remove_old_runs(tmp_path, "live", kept=3)
    assert sorted(tmp_path.iterdir()) == sorted([folders[0], *folders[3:], other])
    assert states.newest_state_dir(tmp_path, "live") == folders[-1]
    assert states.newest_state_dir(tmp_path, "chaos") is None


def test_a_state_folder_is_one_stacks_and_never_somebody_elses_files(tmp_path: Path) -> None:
    mine = Stack(tmp_path / "state", processes=[])
    mine.take_state_dir()
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700  # keys, tokens and the day's people are in it
    with pytest.raises(StackFailed, match="is running in"):
        Stack(tmp_path / "state", processes=[]).take_state_dir()
    (tmp_path / "state" / "token").write_text("old")
    mine.stop()
    again = Stack(tmp_path / "state", processes=[], keep=True)
    again.take_state_dir()
    assert again.token == "old"
    again.stop()
    fresh = Stack(tmp_path / "state", processes=[])
    fresh.take_state_dir()
    fresh.stop()
    assert [entry.name for entry in (tmp_path / "state").iterdir()] == ["lock"]

    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("keep me")
    with pytest.raises(StackFailed, match="holds other things"):
        Stack(tmp_path / "letters", processes=[]).take_state_dir()
    assert (tmp_path / "letters" / "dear.txt").exists()


def test_in_lockstep_nobody_keeps_the_clock() -> None:
    live, lockstep = ({spec.name for spec in process_list(flag)} for flag in (False, True))
    assert live - lockstep == {"clock_keeper"}
    assert {"desk", "dispatcher", "board", "outbox", "messenger", "solver_pool", "api"} <= lockstep


def test_ending_takes_less_than_ten_seconds_at_worst() -> None:
    ranks: dict[int, float] = {}
    for spec in process_list(lockstep=False):
        ranks[spec.stop_rank] = max(ranks.get(spec.stop_rank, 0.0), spec.stop_s)
    world, redis, broker = 1.0, 0.5, 2.5
    assert sum(ranks.values()) + world + redis + broker < 10


def test_a_day_that_is_no_folder_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="neither a folder nor one of: busy, mapo"):
        make_day(parse(["--day", str(tmp_path / "nowhere")]), tmp_path / "day")


def test_the_days_district_gets_the_first_partition() -> None:
    assert district_table("11440") == "11440:0,11410:1"
    assert district_table("mdrp") == "mdrp:0,11410:1"
    assert district_table("11410") == "11410:0,11440:1"


def test_a_headless_day_needs_its_world() -> None:
    with pytest.raises(SystemExit):
        parse(["--headless", "--no-world"])
