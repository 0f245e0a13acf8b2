"""Whole days through the real parts, headless, by the command that `make run HEADLESS=1` runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.local.ledger_table import RESULT_KEYS
from deploy.local.stack import CHECKOUT
from streams.contracts.day_points import POINTS
from tests.days import Headless, check_books, in_process, make_day, run_headless, seed_of

pytestmark = [pytest.mark.broker, pytest.mark.timeout(1500)]

GRUBHUB = CHECKOUT.parent / "shared" / "data" / "benchmarks" / "mdrplib"
GRUBHUB_DAY = "0o100t100s1p100"

SEEDS = [seed_of(f"a busy day that nobody tuned for: {number}") for number in (1, 2, 3)]


def check_run(run: Headless) -> None:
    """What every headless run promises."""
    assert run.code == 0, run.said
    assert [key for key in RESULT_KEYS if run.result.get(key) is None] == []
    check_books(run.result)
    assert run.result["state_hash"] == run.result["replayed_state_hash"]
    assert run.result["journal_records"] > run.result["visits"]


# What each test runs; two at a time, for a day in lock-step leaves a second core idle.
TWICE = seed_of("a day that is run twice")
NEEDS = {
    **{f"test_a_busy_day_keeps_its_promise[{seed}]": [("busy", seed, 1)] for seed in SEEDS},
    "test_two_runs_of_a_day_and_the_core_alone_give_the_same_hash": [("mapo", TWICE, 1), ("mapo", TWICE, 2)],
}
Wanted = tuple[str, int, int]
Runs = Callable[[Wanted], Headless]


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """The runs that the selected tests need, all begun at once in two lanes."""
    folder = tmp_path_factory.mktemp("whole-days")
    with ThreadPoolExecutor(2) as lanes:
        wanted = [one for item in request.session.items for one in NEEDS.get(item.name, ())]
        begun = {
            (kind, seed, number): lanes.submit(run_headless, kind, seed, folder / f"{kind}-{seed}-{number}")
            for kind, seed, number in wanted
        }
        yield lambda one: begun[one].result()
        for future in begun.values():
            future.cancel()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_busy_day_keeps_its_promise(seed: int, runs: Runs) -> None:
    check_busy_run(runs(("busy", seed, 1)))


def test_two_runs_of_a_day_and_the_core_alone_give_the_same_hash(runs: Runs, tmp_path: Path) -> None:
    alone = in_process(make_day("mapo", TWICE, tmp_path / "day"), TWICE)
    both = [runs(("mapo", TWICE, number)) for number in (1, 2)]
    for run in both:
        check_run(run)
    assert {run.result["state_hash"] for run in both} == {alone["state_hash"]}
    for key in ("visits", "done", "cancelled", "failed", "handed_over", "on_time_share", "plans_adopted"):
        assert [run.result[key] for run in both] == [alone[key]] * 2, key


def check_busy_run(run: Headless) -> None:
    check_run(run)
    visits = run.result["visits"]
    print({key: run.result[key] for key in ("visits", "done", "handed_over", "on_time_share", "plans_adopted", "wall_s")})
    assert visits >= 160
    assert run.result["done"] >= 0.9 * visits
    assert run.result["handed_over"] <= 0.05 * visits
    assert run.result["plans_adopted"] > 0
    assert run.result["helped_share"] > 0  # one living area runs short, and another helps
    crisis, eligibility = run.result["crisis"], run.result["eligibility"]
    assert (crisis["visits"] > 0, crisis["postings"]) == (True, 1)
    missing = [name for name in POINTS if name not in run.result["by_point"]]
    assert missing == []
    assert run.result["by_point"]["notices"]["notice_not_delivered"] > 0  # and the day's books say that somebody saw to it
    for what in ("no_longer_eligible", "refusals_counted", "case_conference", "late_boxes"):
        assert eligibility[what] > 0, what


@pytest.mark.nightly
def test_a_busy_day_is_the_one_of_the_core_alone(tmp_path: Path) -> None:
    seed = seed_of("a busy day for the core alone")
    run = run_headless("busy", seed, tmp_path / "state")
    check_busy_run(run)
    alone = in_process(make_day("busy", seed, tmp_path / "day"), seed)
    assert run.result["state_hash"] == alone["state_hash"]


@pytest.mark.nightly
@pytest.mark.timeout(3000)
def test_real_orders_go_through_the_pipeline_one_by_one(tmp_path: Path) -> None:
    """The Grubhub day: nothing unaccounted, at most 0.5 % undelivered (handed over counts), the core's own hash."""
    source = GRUBHUB
    found = sorted(source.rglob(GRUBHUB_DAY)) if source.is_dir() else []
    if not found:
        pytest.skip("no benchmark data beside this checkout (../shared/data/benchmarks/mdrplib)")
    folder = tmp_path / "day"
    command = [sys.executable, "-m", "services.cli.main", "day", "import-mdrplib", str(found[0]), str(folder)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    run = run_headless(folder, 1, tmp_path / "state")
    check_run(run)
    delivered = run.result["done"]
    assert run.result["visits"] - delivered <= 0.005 * run.result["visits"]
    alone = in_process(folder, 1)
    assert alone["done"] == delivered
    assert run.result["state_hash"] == alone["state_hash"]
