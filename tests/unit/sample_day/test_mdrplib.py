"""A Grubhub city-day becomes a day folder: a made-up instance here, the real ones where they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.sample_day.mdrplib import MdrplibInvalid, import_mdrplib
from services.sample_day.read_day import read_day

SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "benchmarks" / "mdrplib"

INSTANCE = {
    "instance_parameters.txt": "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\t"
    "maximum click-to-door\tpay per order\tguaranteed pay per hour\n300\t4\t3\t40\t90\t10\t15\n",
    "orders.txt": "order\tx\ty\tplacement_time\trestaurant\tready_time\no2\t900\t0\t60\tr1\t75\no1\t0\t0\t30\tr1\t40\n",
    "restaurants.txt": "restaurant\tx\ty\nr1\t500\t500\n",
    "couriers.txt": "courier\tx\ty\ton_time\toff_time\nc1\t100\t100\t0\t240\n",
}


def make_instance(folder: Path, **changed: str) -> Path:
    folder.mkdir()
    for name, text in INSTANCE.items():
        (folder / name).write_text(changed.get(name.partition(".")[0], text), encoding="utf-8")
    return folder


def test_a_small_instance_keeps_every_number(tmp_path: Path) -> None:
    day = read_day(import_mdrplib(make_instance(tmp_path / "tiny"), tmp_path / "day"))
    start = day.start_at
    first, second = day.visits
    assert (first.body["reference"], second.body["reference"]) == ("o1", "o2")
    assert first.file_at == start + timedelta(minutes=30)
    assert first.body["place"] == {"x_m": 0.0, "y_m": 0.0}
    assert first.body["service_duration_s"] == 180
    assert first.body["freshness_s"] == 0
    assert first.body["meal_kind"] == "single"

    def minute(text: str) -> float:
        return (datetime.fromisoformat(text) - start).total_seconds() / 60

    body = second.body
    assert [minute(body[name]) for name in ("window_start_at", "ready_at", "due_at", "window_end_at")] == [60, 75, 100, 150]
    travel = day.config.travel
    assert travel.coordinates == "plane_m"
    assert (travel.modes["courier"].speed_m_per_s, travel.modes["courier"].detour) == (5.0, 1.0)
    assert travel.modes["courier"].access_s == 0
    (kitchen,) = day.config.kitchens
    assert (kitchen.load_duration_s, kitchen.place.x) == (240, 500.0)
    (courier,) = day.config.workers
    assert (courier.shift_start_at, courier.shift_end_at) == (start, start + timedelta(minutes=240))
    assert day.single_offers is True
    assert len(day.config.areas) == len(day.config.dongs) == 1
    assert day.end_at >= start + timedelta(minutes=240)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"orders": "order\tx\n1\t2\n"}, "orders.txt has no column y"),
        ({"orders": INSTANCE["orders.txt"].replace("900", "far")}, "orders.txt line 2, x"),
        ({"couriers": ""}, "couriers.txt has no column courier"),
    ],
)
def test_a_broken_instance_is_named(changed: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(MdrplibInvalid, match=said):
        import_mdrplib(make_instance(tmp_path / "bad", **changed), tmp_path / "day")
    assert not (tmp_path / "day").exists()


def test_a_folder_that_is_no_instance_is_named(tmp_path: Path) -> None:
    with pytest.raises(MdrplibInvalid, match=r"instance_parameters\.txt cannot be read"):
        import_mdrplib(tmp_path, tmp_path / "day")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the Grubhub instances (../shared/data/benchmarks/mdrplib) are not here")
def test_every_real_city_day_imports_and_reads_back(tmp_path: Path) -> None:
    for source in sorted(SHARED.iterdir()):
        day = read_day(import_mdrplib(source, tmp_path / source.name))
        orders = (source / "orders.txt").read_text(encoding="utf-8").strip().splitlines()[1:]
        couriers = (source / "couriers.txt").read_text(encoding="utf-8").strip().splitlines()[1:]
        assert (len(day.visits), len(day.config.workers)) == (len(orders), len(couriers))
        assert {visit.body["reference"] for visit in day.visits} == {line.split("\t")[0] for line in orders}
        assert day.start_at <= day.visits[0].file_at
        assert day.end_at > day.visits[-1].file_at
        hours = sum((worker.shift_end_at - worker.shift_start_at).total_seconds() for worker in day.config.workers) / 3600
        told = (source / "instance_characteristics.txt").read_text(encoding="utf-8").splitlines()
        told_hours = float(next(line for line in told if "total courier hours" in line).split(":")[1])
        assert hours == pytest.approx(told_hours, abs=0.01)
