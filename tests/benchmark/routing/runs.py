"""One solver on one instance, and what is kept of it, so that an interrupted `make bench-routing` goes on."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from deploy.local.stack import CHECKOUT  # noqa: E402
from tests.benchmark.routing.sets import NAMES, OURS, SEEDLESS, RouteSet  # noqa: E402

PACKAGES = {"pyvrp": "pyvrp", "vroom": "pyvroom", "ortools": "ortools"}
FOLDER = CHECKOUT / ".dolbom" / "benchmarks" / "routing"


@dataclass(frozen=True)
class Job:
    """Solvers that take turns on one instance."""

    set_name: str
    family: str
    path: str
    budget_s: float
    seed: int
    solvers: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """`seconds` of wall time, `cpu_s` of processor time. `version`: of the solver. Faults: a rule the answer breaks."""

    instance: str
    solver: str
    budget_s: float
    seed: int
    version: str
    cost: float
    vehicles: int
    unassigned: int
    seconds: float
    cpu_s: float
    faults: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, float, int]:
        return self.instance, self.solver, self.budget_s, self.seed


@cache
def version_of(solver: str) -> str:
    """Changes whenever what the solver would answer may change: our sources, or the peer's version and settings."""
    if solver == OURS:
        files = sorted((CHECKOUT / "routing").rglob("*.py"))
        return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:10]
    settings = CHECKOUT / "tests" / "benchmark" / "routing" / "peers" / f"{solver}_peer.py"
    return f"{version(PACKAGES[solver])} {sha256(settings.read_bytes()).hexdigest()[:6]}"


def do(job: Job) -> list[Run]:
    """In turns, in this process. A solver that fails leaves a run without a cost."""
    return [_one(job, solver) for solver in job.solvers]


def _one(job: Job, solver: str) -> Run:
    path = Path(job.path)
    try:
        outcome = (_ours if solver == OURS else _peer)(job, solver, path)
    except Exception as error:
        outcome = (float("inf"), 0, 0, 0.0, 0.0, (f"{type(error).__name__}: {error}",))
    return Run(path.stem, solver, job.budget_s, job.seed, version_of(solver), *outcome)


Outcome = tuple[float, int, int, float, float, tuple[str, ...]]


def _ours(job: Job, solver: str, path: Path) -> Outcome:
    import routing
    from tests.benchmark.routing.clock import processor_clock
    from tests.benchmark.routing.families import family
    from tests.benchmark.routing.solve_one import UNLIMITED, judged

    loaded = family(job.family).load(path)
    routing.warm_up()
    with processor_clock("routing"):
        wall, cpu = time.perf_counter(), time.process_time()
        plan = routing.solve(loaded.problem, routing.Budget(UNLIMITED, job.budget_s), job.seed)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    solved = judged(job.family, path, loaded, plan, wall)
    line = solved.line
    return line["cost"], line["vehicles"], len(line["unassigned"]), round(wall, 3), round(cpu, 3), solved.faults


def _peer(job: Job, solver: str, path: Path) -> Outcome:
    from tests.benchmark.routing.clock import processor_clock, stretched
    from tests.benchmark.routing.instances import task_file
    from tests.benchmark.routing.instances.route_rules import judge

    file = task_file.read_lilim(path) if job.family == "lilim" else task_file.read_homberger(path)
    solve_tasks = import_module(f"tests.benchmark.routing.peers.{solver}_peer").solve_tasks  # loaded before the clock runs
    budget_s = job.budget_s if solver == "pyvrp" else stretched(job.budget_s)
    with processor_clock("pyvrp"):
        wall, cpu = time.perf_counter(), time.process_time()
        routes = solve_tasks(file, budget_s, job.seed)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    served = {number for route in routes for number in route}
    left = [task.number for task in file.tasks[1:] if task.number not in served]
    verdict = judge(file, routes, left)
    return verdict.cost, verdict.vehicles, len(left), round(wall, 3), round(cpu, 3), verdict.faults


class Kept:
    """The runs of one set, a line of JSON each; a later line stands for an earlier one of the same solver version."""

    def __init__(self, set_name: str, folder: Path = FOLDER) -> None:
        self.path = folder / f"{set_name}.jsonl"

    def add(self, runs: Iterable[Run]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            for run in runs:
                file.write(json.dumps(asdict(run)) + "\n")

    def latest(self) -> dict[tuple[str, str, float, int], Run]:
        """By key, whatever the version of the solver."""
        return {run.key: run for run in self._all() if run.cost < float("inf")}

    def current(self) -> dict[tuple[str, str, float, int], Run]:
        """By key, of the solvers as they are now."""
        return {key: run for key, run in self.latest().items() if is_current(run)}

    def _all(self) -> Iterator[Run]:
        if not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8").splitlines():
            raw = json.loads(line)
            yield Run(**{**raw, "faults": tuple(raw["faults"])})


def is_current(run: Run) -> bool:
    return run.solver in NAMES and run.version == version_of(run.solver)


def jobs_of(
    one: RouteSet, seeds: list[int], budgets: tuple[float, ...], solvers: tuple[str, ...], done: Kept, as_kept: bool = False
) -> list[Job]:
    """What is missing: small budgets first, all instances before the next seed, so that a part of it says something.
    `as_kept`: what an earlier version of a solver did is not missing."""
    have = done.latest() if as_kept else done.current()
    jobs = []
    for budget_s in sorted(budgets):
        for number, seed in enumerate(seeds):
            for path in one.files():
                wanted = [s for s in one.solvers if s in solvers and not (number and s in SEEDLESS)]
                missing = tuple(s for s in wanted if (path.stem, s, budget_s, seed) not in have)
                if missing:
                    jobs.append(Job(one.name, one.family, str(path), budget_s, seed, missing))
    return jobs
