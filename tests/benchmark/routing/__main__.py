"""`python -m tests.benchmark.routing` (`make bench-routing`): our plans against the peers', set by set.

What has been run is kept under .dolbom/benchmarks/routing, by instance, solver, budget, seed and version of the solver: an
interrupted run goes on where it was, and only a changed solver runs again. Ends with docs/benchmarks.md written anew.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from deploy.local.stack import CHECKOUT
from tests.benchmark.__main__ import KEPT, write_document
from tests.benchmark.figures import Section, keep, stamp
from tests.benchmark.routing import home_care, measured_sets
from tests.benchmark.routing.runs import Job, Kept, Run, do, jobs_of
from tests.benchmark.routing.sets import NAMES, ROUTE_SETS, RouteSet
from tests.benchmark.routing.tables import section_of

SETS = {**ROUTE_SETS, home_care.SET.name: home_care.SET}
ALL = (*SETS, *measured_sets.NAMES)


def main() -> int:
    chosen = _arguments()
    until = time.monotonic() + chosen.stop_after_s if chosen.stop_after_s else None
    failed = False
    for name in chosen.sets:
        load = os.getloadavg()[0]
        section: Section | None
        try:
            if name in SETS:
                section = _route_set(SETS[name], chosen, until)
            elif chosen.only_write or (until is not None and time.monotonic() > until):
                section = None
            else:
                section = measured_sets.measure(name, chosen.seeds, KEPT / name)
        except Exception as error:
            print(f"{name} failed: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            failed = True
            continue
        if section is None:
            continue
        seeds = ",".join(map(str, chosen.seeds))
        stamp(section, CHECKOUT, f"make bench-routing SETS={name} SEEDS={seeds}", load)
        keep(section, KEPT)
        for figure in section.figures:
            mark = "" if figure.met is None else "  met" if figure.met else "  MISSED"
            print(f"  {name}: {figure.name}: {figure.value}  {figure.bar}{mark}", flush=True)
    write_document()
    return 1 if failed else 0


def _route_set(one: RouteSet, chosen: argparse.Namespace, until: float | None) -> Section | None:
    if not one.files():
        print(f"{one.name}: its instances are not there (../shared/data/benchmarks/{one.family})", file=sys.stderr, flush=True)
        return None
    kept = Kept(one.name)
    if not chosen.only_write:
        budgets = tuple(b for b in one.budgets if not chosen.budgets or b in chosen.budgets)
        jobs = jobs_of(one, chosen.seeds, budgets, chosen.solvers, kept, chosen.as_kept)[:: chosen.every]
        work_off(jobs, kept, chosen.lanes, until)
    runs = list(kept.latest().values())
    if not runs:
        return None
    return home_care.section_of(runs) if one is home_care.SET else section_of(one, runs)


def work_off(jobs: list[Job], kept: Kept, lanes: int, until: float | None) -> None:
    """`lanes` processes of one thread each; each finished job is kept at once. Begins no job after `until`."""
    waiting = list(reversed(jobs))
    running: dict[Future[list[Run]], Job] = {}
    pool = _pool(lanes)
    try:
        while waiting or running:
            if until is not None and time.monotonic() > until:
                waiting.clear()
            while waiting and len(running) < lanes:
                job = waiting.pop()
                running[pool.submit(do, job)] = job
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                job = running.pop(future)
                try:
                    runs = future.result()
                except BrokenProcessPool:
                    print(f"{job.set_name}: a process died on {job.path}, {job.solvers}", file=sys.stderr, flush=True)
                    pool = _pool(lanes)
                    running.clear()
                    break
                kept.add(runs)
                said = "  ".join(f"{run.solver} {run.cost:,.1f} ({run.cpu_s:.1f} s)" + ("!" if run.faults else "") for run in runs)
                print(
                    f"{job.set_name} {runs[0].instance} {job.budget_s:g} s seed {job.seed}: {said}  [{len(waiting)} to go]",
                    file=sys.stderr, flush=True,
                )  # fmt: skip
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _pool(lanes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(lanes, mp_context=multiprocessing.get_context("spawn"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.routing", description=__doc__)
    parser.add_argument("--sets", type=_names(ALL), default=list(ALL), metavar="A,B", help=f"of {', '.join(ALL)}")
    parser.add_argument("--seeds", type=_list(int), default=[1, 2, 3], metavar="1,2,3")
    parser.add_argument("--budgets", type=_list(float), default=[], metavar="1,5", help="seconds; none: all of the set")
    parser.add_argument("--solvers", type=_names(tuple(NAMES)), default=list(NAMES), metavar="A,B", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--lanes", type=int, default=max(1, min(2, os.cpu_count() or 1)), help="processes side by side")
    parser.add_argument("--stop-after-s", type=float, default=0.0, help="begin nothing new after that long; 0: go on to the end")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth of the runs that are missing")
    parser.add_argument("--as-kept", action="store_true", help="what earlier versions did counts; the tables tell how much it is")
    parser.add_argument("--only-write", action="store_true", help="draw the tables again from what earlier runs kept")
    return parser.parse_args()


def _list(kind: type) -> object:
    def parse(text: str) -> list[object]:
        return [kind(part) for part in text.split(",") if part.strip()]

    return parse


def _names(known: tuple[str, ...]) -> object:
    def parse(text: str) -> list[str]:
        names = [part.strip() for part in text.split(",") if part.strip()]
        if unknown := set(names) - set(known):
            raise argparse.ArgumentTypeError(f"no such name: {', '.join(sorted(unknown))} (there are {', '.join(known)})")
        return names

    return parse


if __name__ == "__main__":
    raise SystemExit(main())
