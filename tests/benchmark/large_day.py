"""A whole day of a large district in this process: 2,000 visits and 300 workers, from the morning's list to the last door."""

from __future__ import annotations

import gc
import heapq
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
import psutil

import routing
from streams.adapters.snapshots import Snapshots
from streams.adapters.solver_job import proposal_of, solve
from streams.agents.worker import GC_THRESHOLDS
from streams.contracts.decisions import OfferMade, RouteSet, StopFinished, VisitChanged, VisitState
from streams.contracts.envelope import DecisionsRecord, Envelope, JournalRecord, Source
from streams.contracts.inputs import ClockTicked, Payload, ReportKind, WorkerReported
from streams.core.chain import PartitionState, apply_record, decide_raw, decode_state, encode_state, next_deadlines
from streams.core.planning import build_problem
from streams.core.state import DistrictState
from tests.benchmark.core_figures import DECIDE_BAR_MS
from tests.benchmark.districts import DISTRICT, MORNING, Filing, Size, make_district
from tests.benchmark.figures import Section, quantile

HUGE = Size(riders=180, carers=120)
VISITS, RECORDS, MEASURED, PROPOSALS = 2_000, 20_000, 3_000, 5
PROPOSAL_BAR_MS, MEMORY_BAR_MB, SNAPSHOT_BAR_S, SNAPSHOT_BAR_MB, LOAD_BAR_S, FOLD_BAR_S = 150.0, 150.0, 1.0, 5.0, 1.0, 10.0
PROPOSAL_ITERATIONS = 60
ANSWER_S = 30
INBOX = "bench.inbox"
TAKEN = (VisitState.ACCEPTED, VisitState.EN_ROUTE, VisitState.PICKED_UP, VisitState.ARRIVED, VisitState.IN_SERVICE)


class LargeDay:
    """Inputs in the order of their times through `decide_raw`, as desk and dispatcher would bring them. Workers say yes,
    pick up, arrive and finish when their routes say so."""

    def __init__(self, seed: int) -> None:
        self.filing = Filing(make_district(HUGE, seed), seed)
        self.ps = PartitionState()
        self.raws: list[bytes] = []
        self.now = MORNING
        self._agenda: list[tuple[datetime, int, str, Payload]] = []
        self._told: dict[str, tuple[str, str, datetime]] = {}  # worker -> what it will report next
        self._count = 0

    @property
    def state(self) -> DistrictState:
        state: DistrictState = self.ps.districts[DISTRICT]
        return state

    def send(self, envelope: Envelope) -> float:
        """Decide one input; returns the seconds of processor time that `decide` and the digest took."""
        offset = self.ps.next_journal_offset
        journal = JournalRecord(source=Source(INBOX, 0, offset), recorded_at=self.now, envelope=envelope)
        begun = time.thread_time()
        record, raw = decide_raw(self.ps, offset, journal)
        took = time.thread_time() - begun
        self.raws.append(raw)
        self._follow(record)
        return took

    def file(self, number: int) -> None:
        for _ in range(number):
            self.send(self.filing.visit())

    def begin(self) -> None:
        for envelope in (self.filing.configure(), *self.filing.shifts()):
            self.send(envelope)

    def run(self, until: datetime) -> None:
        """Reports and ticks in order of time."""
        while True:
            due_at = next_deadlines(self.ps).get(DISTRICT)
            next_at = self._agenda[0][0] if self._agenda else None
            if (due_at or until) >= until and (next_at or until) >= until:
                self.now = until
                return
            if next_at is None or (due_at is not None and due_at <= next_at):
                assert due_at is not None
                self.now = max(self.now, due_at)
                self.send(self.filing.seal(ClockTicked(due_at=due_at), "clock"))
                continue
            self.now, _, organisation, payload = heapq.heappop(self._agenda)
            if isinstance(payload, WorkerReported) and not self._is_still_so(payload):
                continue
            self.send(self.filing.seal(payload, f"organisation:{organisation}", organisation))

    def _is_still_so(self, report: WorkerReported) -> bool:
        if report.kind is ReportKind.OFFER_ACCEPTED:
            return not self.state.offers[report.offer_id].outcome
        told = self._told.get(report.worker_id)
        return told is not None and told[0] == report.report_id

    def _follow(self, record: DecisionsRecord) -> None:
        touched: dict[str, None] = {}
        for one in record.decisions:
            if isinstance(one, OfferMade):
                yes = WorkerReported(
                    report_id=f"yes-{one.offer_id}", kind=ReportKind.OFFER_ACCEPTED, worker_id=one.worker_id, offer_id=one.offer_id
                )
                self._put(self.now + timedelta(seconds=ANSWER_S), one.organisation, yes)
            elif isinstance(one, (RouteSet, StopFinished)):
                touched[one.worker_id] = None
            elif isinstance(one, VisitChanged):
                touched |= dict.fromkeys(self.state.visits[one.visit_id].worker_ids)
        for worker_id in touched:
            self._next_of(worker_id)

    def _next_of(self, worker_id: str) -> None:
        worker = self.state.workers[worker_id]
        if not worker.stops or (visit := self.state.visits[worker.stops[0].visit_id]).state not in TAKEN:
            self._told.pop(worker_id, None)
            return
        stop = worker.stops[0]
        at, kind = max(self.now, stop.begin_at), ReportKind.PICKED_UP if stop.kind == "pickup" else ReportKind.ARRIVED
        if visit.state in (VisitState.ARRIVED, VisitState.IN_SERVICE):
            kind = ReportKind.DONE
            at = max(self.now, (visit.arrived_at or self.now) + timedelta(seconds=visit.spec.service_duration_s))
        known = self._told.get(worker_id)
        if known is not None and known[1] == f"{kind}:{stop.visit_id}" and known[2] == at:
            return
        self._count += 1
        report_id = f"w-{self._count}"
        self._told[worker_id] = (report_id, f"{kind}:{stop.visit_id}", at)
        report = WorkerReported(report_id=report_id, kind=kind, worker_id=worker_id, visit_ids=(stop.visit_id,))
        self._put(at, worker.profile.organisation, report)

    def _put(self, at: datetime, organisation: str, payload: Payload) -> None:
        self._count += 1
        heapq.heappush(self._agenda, (at, self._count, organisation, payload))


def measure(seed: int) -> Section:
    section = Section(
        "large_day", "A large district's core",
        f"{VISITS:,} open visits and {HUGE.riders + HUGE.carers} workers (seed {seed}) in this process. `decide` with its digest"
        " over inputs of which one in ten files a visit that is inserted at once, one cancels one, eight are reports; a"
        " proposal of the solver with the checker's judgement (both in processor time of the one thread); what the state"
        " takes, saved and loaded; and a whole day of reports and ticks folded from its decisions.",
    )  # fmt: skip
    routing.warm_up()
    before = gc.get_threshold()
    gc.set_threshold(*GC_THRESHOLDS)  # as in the workers
    _morning(section, seed)
    _whole_day(section, seed)
    gc.set_threshold(*before)
    return section


def _morning(section: Section, seed: int) -> None:
    gc.collect()
    before_mb = psutil.Process().memory_info().rss / 1e6
    day = LargeDay(seed)
    day.begin()
    day.file(VISITS)
    day.raws.clear()
    gc.collect()
    memory_mb = psutil.Process().memory_info().rss / 1e6 - before_mb
    took: list[float] = []
    by_type: dict[str, list[float]] = {}
    steady = day.filing.steady()
    for _ in range(MEASURED):
        envelope = next(steady)
        took.append(day.send(envelope))
        by_type.setdefault(envelope.type, []).append(took[-1])
    open_visits = sum(visit.state is not VisitState.CANCELLED for visit in day.state.visits.values())
    section.add("open visits, workers", f"{open_visits:,}, {len(day.state.workers)}")
    section.at_most("`decide` p99", quantile(took, 0.99) * 1e3, DECIDE_BAR_MS, " ms")
    section.add("the same by input, p50 / p99", _by_type(by_type.items()))
    section.at_most("a proposal with its check, longest", max(_proposals(day)) * 1e3, PROPOSAL_BAR_MS, " ms", 0)
    section.at_most("memory of the state and its index", memory_mb, MEMORY_BAR_MB, " MB", 0)
    begun = time.perf_counter()
    packed = Snapshots("").pack(day.ps)
    section.at_most("snapshot, packed", time.perf_counter() - begun, SNAPSHOT_BAR_S, " s")
    section.at_most("snapshot's size, compressed", len(packed) / 1e6, SNAPSHOT_BAR_MB, " MB")
    raw = encode_state(day.ps)
    begun = time.perf_counter()
    loaded = decode_state(raw)
    section.at_most("load", time.perf_counter() - begun, LOAD_BAR_S, " s")
    if loaded is None or encode_state(loaded) != raw:
        raise AssertionError("a loaded snapshot is not the state that was saved")


def _proposals(day: LargeDay) -> list[float]:
    took = []
    for _ in range(PROPOSALS):
        while not (pending := day.state.solve_pending):
            due_at = next_deadlines(day.ps)[DISTRICT]
            day.now = max(day.now, due_at)
            day.send(day.filing.seal(ClockTicked(due_at=due_at), "clock"))
        problem, running = build_problem(day.state)
        solved = solve(pending, problem, running, PROPOSAL_ITERATIONS, 0.0)
        took.append(day.send(day.filing.seal(proposal_of(pending, day.ps.next_journal_offset, solved), "solver")))
        day.file(1)  # something to plan for
    return took


def _whole_day(section: Section, seed: int) -> None:
    day = LargeDay(seed)
    day.begin()
    day.file(VISITS)
    day.run(MORNING + timedelta(hours=12))
    done = sum(visit.state is VisitState.DONE for visit in day.state.visits.values())
    begun = time.perf_counter()
    folded = PartitionState()
    for raw in day.raws:
        apply_record(folded, raw)
    took = time.perf_counter() - begun
    if msgspec.json.encode(folded.digest) != msgspec.json.encode(day.ps.digest) or encode_state(folded) != encode_state(day.ps):
        raise AssertionError("the fold is not the state that was decided")
    section.add("records of a day, visits done", f"{len(day.raws):,}, {done:,} of {len(day.state.visits):,}")
    section.at_most(f"fold of {RECORDS:,} records of it", took * RECORDS / len(day.raws), FOLD_BAR_S, " s")


def _by_type(found: Iterable[tuple[str, list[float]]]) -> str:
    return ", ".join(f"{kind} {quantile(d, 0.5) * 1e3:.2f} / {quantile(d, 0.99) * 1e3:.2f} ms" for kind, d in sorted(found))


