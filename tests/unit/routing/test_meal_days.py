"""The benchmark of meal days: a small town simulated under every policy, and a check that finds every kind of cheating."""

from __future__ import annotations

import csv
import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.benchmark.meal_days.instance import BadInstance, read_instance
from tests.benchmark.meal_days.one_day import POLICIES, main, run_day
from tests.benchmark.meal_days.verify import verify

PARAMETERS = (
    "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\tmaximum click-to-door\n"
    "320\t4\t4\t40\t90\n"
)


def town(folder: Path, seed: int = 1, orders: int = 40, couriers: int = 6) -> Path:
    """Two hours of a small town; busy enough that bundles pay."""
    rng = random.Random(seed)

    def spot() -> str:
        return f"{rng.randrange(6000)}\t{rng.randrange(6000)}"

    folder.mkdir()
    (folder / "instance_parameters.txt").write_text(PARAMETERS)
    (folder / "restaurants.txt").write_text("restaurant\tx\ty\n" + "".join(f"r{n}\t{spot()}\n" for n in range(4)))
    lines = ["order\tx\ty\tplacement_time\trestaurant\tready_time"]
    for number in range(orders):
        placed = rng.randrange(90)
        lines.append(f"o{number}\t{spot()}\t{placed}\tr{rng.randrange(4)}\t{placed + rng.randrange(1, 30)}")
    (folder / "orders.txt").write_text("\n".join(lines) + "\n")
    on = [0, 0, 0, 30, 30, 60]
    lines = ["courier\tx\ty\ton_time\toff_time", *(f"c{n}\t{spot()}\t{on[n % 6]}\t{on[n % 6] + 150}" for n in range(couriers))]
    (folder / "couriers.txt").write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize("exact", [False, True], ids=["minutes", "exact"])
@pytest.mark.parametrize("policy", POLICIES)
def test_a_day_ends_with_figures_that_hold_and_nothing_to_find_fault_with(policy: str, exact: bool, tmp_path: Path) -> None:
    answer = run_day(town(tmp_path / "town"), policy, exact=exact, out=tmp_path)
    assert answer["faults"] == []
    assert answer["checked"] is True
    assert answer["delivered"] + answer["undelivered"] == answer["orders"] == 40
    assert answer["undelivered"] == 0 or policy != "ours"
    above = answer["click_to_door_above_floor_min"]
    assert above >= 0
    assert answer["click_to_door_min"] == pytest.approx(answer["floor_of_delivered_min"] + above, abs=1e-3)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_command_prints_one_line_and_where_the_tables_are(
    policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["one_day", "--dir", str(town(tmp_path / "town", orders=8)), "--policy", policy, "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", asked)
    assert main() == 0
    (line,) = capsys.readouterr().out.splitlines()
    answer = json.loads(line)
    asked_for = {"click_to_door_min", "ready_to_pickup_min", "undelivered", "orders_per_busy_hour", "floor_min", "checked"}
    assert asked_for <= answer.keys()
    orders = _rows(Path(answer["orders_file"]))
    assert {row["order"] for row in orders} == {f"o{number}" for number in range(8)}
    assert {"courier", "pickup_min", "drop_min"} <= orders[0].keys()


def test_make_passes_the_day_and_the_policy_on(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[3])
    asked = ["make", "-n", "--no-print-directory", "-C", root, "bench-meal-day", "DIR=some where", "POLICY=matching"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert '--dir "some where" --policy "matching"' in done.stdout.splitlines()[-1]


def test_bundles_and_a_look_ahead_beat_the_baseline_on_a_busy_day(tmp_path: Path) -> None:
    folder = town(tmp_path / "town")
    above = {
        policy: run_day(folder, policy, out=tmp_path)["click_to_door_above_floor_min"] for policy in ("ours", "matching")
    }
    assert above["ours"] < 0.9 * above["matching"]


def test_the_same_seed_is_the_same_day(tmp_path: Path) -> None:
    folder = town(tmp_path / "town")
    days = []
    for out in (tmp_path / "a", tmp_path / "b"):
        run_day(folder, "ours", out=out)
        days.append((out / "town-ours-trips.csv").read_text())
    assert days[0] == days[1]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def _earlier(column: str, by_min: float) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda row: row | {column: str(float(row[column]) - by_min)}


CHEATS: dict[str, tuple[str, Callable[[dict[str, str]], dict[str, str]]]] = {
    "a door too soon": ("orders", _earlier("drop_min", 1)),
    "decided before it is placed": ("orders", _earlier("decided_min", 100)),
    "an order for somebody else": ("orders", lambda row: row | {"courier": "c5" if row["courier"] != "c5" else "c4"}),
    "picked up before it can be": ("trips", _earlier("pickup_min", 30)),
    "left before being sent": ("trips", _earlier("leave_min", 30)),
    "from another restaurant": ("trips", lambda row: row | {"restaurant": "r1" if row["restaurant"] != "r1" else "r2"}),
    "free too soon": ("trips", _earlier("free_min", 30)),
    "sent before anything was ordered": ("trips", lambda row: row | {"sent_decided_min": "-1"}),
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_cheating_is_found(cheat: str, tmp_path: Path) -> None:
    folder = town(tmp_path / "town")
    run_day(folder, "ours", out=tmp_path)
    files = {name: tmp_path / f"town-ours-{name}.csv" for name in ("orders", "trips")}
    assert verify(folder, files["orders"], files["trips"]) == []
    name, change = CHEATS[cheat]
    rows = _rows(files[name])
    rows[7] = change(rows[7])
    with files[name].open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    assert verify(folder, files["orders"], files["trips"]) != []


def test_a_folder_that_is_no_instance_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInstance, match=r"orders\.txt cannot be read"):
        read_instance(tmp_path)
    folder = town(tmp_path / "town")
    (folder / "orders.txt").write_text("order\tx\ty\tplacement_time\trestaurant\tready_time\no1\t1\t1\t0\tnowhere\t5\n")
    with pytest.raises(BadInstance, match="nowhere"):
        read_instance(folder)
