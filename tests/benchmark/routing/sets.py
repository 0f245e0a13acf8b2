"""Which instances, budgets and solvers belong to a set of `make bench-routing`, and what was asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deploy.local.stack import CHECKOUT

DATA = CHECKOUT.parent / "shared" / "data" / "benchmarks"
OURS = "ours"
PEERS = ("pyvrp", "vroom", "ortools")
NAMES = {OURS: "ours", "pyvrp": "PyVRP 0.14", "vroom": "VROOM 1.15", "ortools": "OR-Tools routing"}
SEEDLESS = frozenset({"vroom", "ortools"})  # one run whatever the seeds: they would do the same again


@dataclass(frozen=True)
class RouteSet:
    """`most_of_pyvrp`: the greatest mean cost against PyVRP's that was asked for. `best`: a file of best known costs
    in the same convention and its columns (instance, cost)."""

    name: str
    title: str
    family: str
    pattern: str
    budgets: tuple[float, ...]
    most_of_pyvrp: float
    how: str
    best: tuple[str, str, str] | None = None
    solvers: tuple[str, ...] = (OURS, *PEERS)

    def files(self) -> list[Path]:
        """The instances of the set in the folder of shared data; none: the data are not there."""
        return sorted((DATA / self.family).glob(self.pattern))


LILIM_HOW = (
    "Pickup and delivery with time windows, distance alone, double precision; every solver has the whole fleet of the file"
    " and the same cost."
)
HOMBERGER_HOW = (
    "Vehicle routing with time windows in the DIMACS convention (Euclidean distances cut to one decimal, for times as well),"
    " distance alone."
)
DIMACS = ("homberger_distance_best.csv", "instance", "best_known_distance_dimacs")

ROUTE_SETS = {
    one.name: one
    for one in (
        RouteSet("lilim100", "Li-Lim, 100 tasks", "lilim", "l*[0-9][0-9][0-9].txt", (1, 5, 20), 1.001, LILIM_HOW),
        RouteSet("lilim200", "Li-Lim, 200 tasks", "lilim", "l*_2_*.txt", (1, 5, 20), 1.001, LILIM_HOW),
        RouteSet("homberger200", "Homberger, 200 customers", "homberger", "*_2_*.txt", (5, 20), 1.005, HOMBERGER_HOW, DIMACS),
        RouteSet("homberger1000", "Homberger, 1,000 customers", "homberger", "*_10_*.txt", (5, 20), 1.03, HOMBERGER_HOW, DIMACS),
    )
}
