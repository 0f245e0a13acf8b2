"""The benchmark of the layers: each layer's own share, the set partitioning among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing import Place
from tests.benchmark.figures import Section
from tests.benchmark.routing import layers
from tests.worlds import carer, meal, rider, world


def test_every_layer_has_a_price_and_the_set_partitioning_is_really_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.decompose.LEAST_VISITS", 4)
    visits = [meal(n, 100 * n, 50 * n, area_id="AB"[n % 2], allowed_area_prices={"A": 0, "B": 0}) for n in range(8)]
    problem = world([rider(1), rider(2, area_id="B", place=Place(500, 0)), carer()], visits)
    found = layers._by_layer(problem, 1, 2)
    assert found["insertion"] >= found["search"] >= found["partition"] > 0
    assert found["areas"] > 0
    assert found["partition_s"] > 0


def test_a_set_without_a_pool_of_routes_has_no_partitioning_in_the_table() -> None:
    section = Section("x", "x", "x")
    line = layers._told(section, "some", [{"insertion": 10.0, "search": 5.0, "partition_s": 0.0}])
    assert line == "| some (1) | 10.0 | 5.0 | - | - | 0.00 |"
    assert [(one.name, one.value) for one in section.figures] == [("some: ruin and recreate below insertion", "50.00%")]


def test_a_run_is_kept_until_the_planner_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []

    def run() -> dict[str, float]:
        runs.append(1)
        return {"insertion": 1.0}

    layers._kept(tmp_path / "one.json", run)
    assert layers._kept(tmp_path / "one.json", run)["insertion"] == 1.0
    monkeypatch.setattr(layers, "version_of", lambda _: "another")
    layers._kept(tmp_path / "one.json", run)
    assert len(runs) == 2
