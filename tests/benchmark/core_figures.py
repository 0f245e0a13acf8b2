"""The pure core, in this process and on one core: a whole sample day decided again, and a large plan."""

from __future__ import annotations

import gc
import time
from datetime import timedelta

from streams.contracts.inputs import ClockTicked, ReportProviderFailure
from streams.core.dispatch import decide, new_state
from streams.core.state import DistrictState
from tests.benchmark.districts import DISTRICT, KITCHEN, LARGE, MORNING, Filing, busy_day, make_district, recorded_inputs
from tests.benchmark.figures import Section, quantile

FOLD_BAR = 5_000.0
DECIDE_BAR_MS = 5.0
FAILURE_BAR_S = 0.5
STOPS = 2_000
MEASURED = 3_000
ROUNDS = 5


def measure(seed: int) -> Section:
    section = Section(
        "core", "The pure core",
        "`decide` over the inputs of the busy sample day as the in-process harness recorded them (visits filed and inserted,"
        f" reports, ticks, the solver's proposals; the solves themselves run elsewhere), best of {ROUNDS} passes; and over a"
        f" district of {LARGE.riders + LARGE.carers} workers (seed {seed}) with {STOPS} stops in its plan, where one input in"
        " ten files a visit that is inserted at once, one cancels one, eight are reports.",
    )  # fmt: skip
    _sample_day(section, seed)
    _large_plan(section, seed)
    return section


def _sample_day(section: Section, seed: int) -> None:
    inputs = recorded_inputs(busy_day(seed), seed)
    best = float("inf")
    slowest: list[float] = []
    by_type: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        state = new_state(inputs[0][0].district)
        durations: list[tuple[str, float]] = []
        gc.collect()
        begun = time.perf_counter()
        for envelope, at in inputs:
            one = time.perf_counter()
            decide(state, envelope, at)
            durations.append((envelope.type, time.perf_counter() - one))
        took = time.perf_counter() - begun
        if took < best:
            best, slowest, by_type = took, [d for _, d in durations], {}
            for kind, duration in durations:
                by_type.setdefault(kind, []).append(duration)
    section.at_least("records of the sample day per second", len(inputs) / best, FOLD_BAR, "/s")
    ticks = by_type.get("ClockTicked", [])
    section.add(
        "the same without the ticks", f"{(len(inputs) - len(ticks)) / (best - sum(ticks)):,.0f}/s"
    )  # fmt: skip
    section.add("records in the day, ticks among them", f"{len(inputs):,}, {len(ticks):,}")
    section.add("`decide` p50 / p99", f"{quantile(slowest, 0.5) * 1e3:.3f} / {quantile(slowest, 0.99) * 1e3:.2f} ms")
    shares = sorted(((sum(d), kind, len(d)) for kind, d in by_type.items()), reverse=True)
    section.notes.append(
        "Where a day's time goes: "
        + ", ".join(f"{kind} {total / best:.0%} ({number} of {total / number * 1e3:.2f} ms)" for total, kind, number in shares[:6])
        + "."
    )


def _large_plan(section: Section, seed: int) -> None:
    config = make_district(LARGE, seed)
    filing = Filing(config, seed)
    state = new_state(DISTRICT)
    for envelope in (filing.configure(), *filing.shifts()):
        decide(state, envelope, MORNING)
    filed = 0
    while planned_stops(state) < STOPS and filed < 2 * STOPS:
        for _ in range(20):
            decide(state, filing.visit(), MORNING)
            filed += 1
    durations: list[float] = []
    insertions: list[float] = []
    steady = filing.steady()
    gc.collect()
    for _ in range(MEASURED):
        one = next(steady)
        begun = time.perf_counter()
        decide(state, one, MORNING)
        durations.append(time.perf_counter() - begun)
        if one.type == "RequestVisit":
            insertions.append(durations[-1])
    section.add("stops in the large plan", f"{planned_stops(state):,} ({filed:,} visits filed)")
    section.at_most(f"`decide` p99 at {STOPS:,} stops", quantile(durations, 0.99) * 1e3, DECIDE_BAR_MS, " ms")
    _failed_kitchen(section, state, filing)
    section.add("of which insertions: p50 / p99 / longest", " / ".join(
        f"{value * 1e3:.2f}" for value in (quantile(insertions, 0.5), quantile(insertions, 0.99), max(insertions))
    ) + " ms")  # fmt: skip


def _failed_kitchen(section: Section, state: DistrictState, filing: Filing) -> None:
    """A kitchen fails for the day: its meals go to the others, chunk by chunk, in processor time."""
    spent, now = [], MORNING
    begun = time.process_time()
    failure = ReportProviderFailure(command_id="bench-failure", provider_id=KITCHEN, kitchen_id="k0", span="day")
    decide(state, filing.seal(failure), now)
    spent.append(time.process_time() - begun)
    record = state.disruptions["bench-failure"]
    hit = len(record.todo) + state.config.policy.disruption_chunk if state.config else 0
    while record.todo:
        now += timedelta(seconds=1)
        begun = time.process_time()
        decide(state, filing.seal(ClockTicked(due_at=now)), now)
        spent.append(time.process_time() - begun)
    section.at_most("deciding for each 100 visits of a kitchen that fails", 100 * sum(spent) / hit, FAILURE_BAR_S, " s")
    section.add(
        "visits hit / moved, chunks, longest after the first",
        f"{hit} / {record.moved}, {len(spent)}, {max(spent[1:], default=0.0) * 1e3:.0f} ms",
    )


def planned_stops(state: DistrictState) -> int:
    return sum(len(worker.stops) for worker in state.workers.values())
