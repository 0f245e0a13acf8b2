"""What a batch of decisions changes on the board, as plain fields and bytes. Pure: stores only write it down.

Rows are functions of the state at the end of the batch and lines are functions of the records, so a board that was
built record by record and one that was rebuilt in large batches end equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streams.adapters import board_keys as keys
from streams.adapters.story import begins_story, story_lines
from streams.contracts import codec, decisions as d
from streams.contracts.board import CommandOutcome, Frame
from streams.contracts.disruptions import KitchenChanged, MealRescued, PickupPutOff, PromiseChanged
from streams.contracts.intake import CareAuthorised, FirstVisitSettled, IntakeRecorded
from streams.core import board as core_board, holdings
from streams.core.programme_books import issues_of

if TYPE_CHECKING:
    from streams.contracts.decisions import Decision
    from streams.contracts.envelope import DecisionsRecord
    from streams.core.chain import PartitionState
    from streams.core.state import DistrictState

_LEAVES_FIGURES_ALONE = (
    d.CommandSettled, d.ReportRefused, d.DeadlineSet, d.DeadlineCleared, d.NoticeDue, d.WatermarkRaised,
    d.DistrictMessageSent, d.PlanDirtied, d.SolveRequested, d.RouteSet, d.StopFinished, d.DeclineRemembered, d.DeclinesLifted,
    d.FairSharesSet, d.FeeRaised,
    d.ExceptionAcknowledged, d.ObservationAnswered, d.VisitOverruled, d.UndoKept, d.UndoSpent, d.DoorstepInstructed,
    d.CredentialChanged, d.PairExcluded, d.ExclusionLifted, d.RefusalCounted, d.RefusalsForgotten,
    PromiseChanged, KitchenChanged, PickupPutOff, MealRescued, IntakeRecorded, FirstVisitSettled, CareAuthorised,
)  # fmt: skip
"""Decisions after which counters and ledger need not be drawn up again (each costs a walk over the day's visits)."""


@dataclass
class Ids:
    """Ids of rows to draw."""

    visits: set[str] = field(default_factory=set)
    workers: set[str] = field(default_factory=set)
    exceptions: set[str] = field(default_factory=set)
    offers: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)

    def add(self, other: Any) -> None:
        self.visits |= other.visits
        self.workers |= other.workers
        self.exceptions |= other.exceptions
        self.offers |= other.offers
        self.needs |= other.needs

    def __bool__(self) -> bool:
        return bool(self.visits or self.workers or self.exceptions or self.offers or self.needs)


@dataclass
class DistrictBatch:
    """Changes of one district's board. `fields` and `gone` of its hash; the rest by key."""

    district: str
    fields: dict[str, bytes] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)  # visits whose story starts anew
    story: dict[str, list[bytes]] = field(default_factory=dict)
    commands: dict[str, bytes] = field(default_factory=dict)
    frame_number: int = 0
    frame: bytes | None = None


class BoardBatches:
    """Draws batches. Remembers the figures drawn last, so that unchanged ones are not sent again, and what a rebuild
    has touched, so that its one frame at the end tells it all."""

    def __init__(self) -> None:
        self._figures: dict[tuple[str, str], bytes] = {}
        self._untold: dict[str, Ids] = {}

    def forget(self, districts: Iterable[str]) -> None:
        """The store was emptied or another one is used: everything counts as changed."""
        for district in districts:
            self._untold.pop(district, None)
            for name in (keys.COUNTERS, keys.LEDGER):
                self._figures.pop((district, name), None)

    def draw(self, records: list[DecisionsRecord], ps: PartitionState, rebuilding: bool) -> list[DistrictBatch]:
        """One batch for each district with records, in the order of their first record."""
        by_district: dict[str, list[DecisionsRecord]] = {}
        for record in records:
            if record.decisions:
                by_district.setdefault(record.district, []).append(record)
        return [
            self._draw(ps.districts[district], own, rebuilding)
            for district, own in by_district.items()
            if district in ps.districts
        ]

    def _draw(self, state: DistrictState, records: list[DecisionsRecord], rebuilding: bool) -> DistrictBatch:
        batch = DistrictBatch(district=state.district, frame_number=records[-1].journal_offset + 1)
        decisions: list[Decision] = [decision for record in records for decision in record.decisions]
        ids = Ids()
        touched = core_board.touched(decisions)
        ids.add(core_board.subjects(state, touched))
        if touched.config:  # whose area a worker is of shows in the rows of its visits
            ids.visits |= state.visits.keys()
        rows = draw_rows(state, ids)
        batch.fields.update({name: codec.encode(row) for name, row in (rows | draw_on_record(state, decisions)).items()})
        if touched.config:
            batch.fields[keys.DISTRICT] = codec.encode(state.config)
        figures = self._changed_figures(state, decisions)
        batch.fields.update({name: codec.encode(figure) for name, figure in figures.items()})
        for record in records:
            batch.begun |= begins_story(record)
            for visit_id, line in story_lines(record, state):
                batch.story.setdefault(visit_id, []).append(codec.encode(line))
            for decision in record.decisions:
                if isinstance(decision, d.CommandSettled):
                    batch.commands[decision.command_id] = codec.encode(
                        CommandOutcome(
                            command_id=decision.command_id, outcome=decision.outcome, visit_id=decision.visit_id,
                            code=decision.code, rules=decision.rules, rows=decision.rows, by=decision.by, actor=record.actor,
                        )
                    )  # fmt: skip
        if rebuilding:
            self._untold.setdefault(state.district, Ids()).add(ids)
        elif (untold := self._untold.pop(state.district, None)) is not None:
            untold.add(ids)
            batch.frame = _frame(batch, state, draw_rows(state, untold), self._all_figures(state))
        elif rows or figures:
            batch.frame = _frame(batch, state, rows, figures)
        return batch

    def _changed_figures(self, state: DistrictState, decisions: list[Decision]) -> dict[str, Any]:
        if all(isinstance(decision, _LEAVES_FIGURES_ALONE) for decision in decisions):
            return {}
        changed = {}
        for name, figure in self._all_figures(state).items():
            raw = codec.encode(figure)
            if self._figures.get((state.district, name)) != raw:
                self._figures[state.district, name] = raw
                changed[name] = figure
        return changed

    @staticmethod
    def _all_figures(state: DistrictState) -> dict[str, Any]:
        return {keys.COUNTERS: core_board.counters(state), keys.LEDGER: core_board.ledger(state)}


def draw_rows(state: DistrictState, ids: Ids) -> dict[str, Any]:
    """Rows by field name, sorted, of what exists in the state."""
    rows: dict[str, Any] = {}
    for visit_id in sorted(ids.visits):
        if visit_id in state.visits:
            rows[keys.visit_field(visit_id)] = core_board.visit_row(state, visit_id)
    for worker_id in sorted(ids.workers):
        if worker_id in state.workers:
            rows[keys.worker_field(worker_id)] = core_board.worker_row(state, worker_id)
    for exception_id in sorted(ids.exceptions):
        if exception_id in state.exceptions:
            rows[keys.exception_field(exception_id)] = core_board.exception_row(state, exception_id)
    for offer_id in sorted(ids.offers):
        if offer_id in state.offers:
            rows[keys.offer_field(offer_id)] = core_board.offer_row(state, offer_id)
    if ids.needs:
        needs = [need for need in state.unmet_needs if need.need_id in ids.needs]
        rows.update({keys.need_field(need.need_id): core_board.unmet_need_row(need) for need in needs})
    return rows


def draw_on_record(state: DistrictState, decisions: Iterable[Decision]) -> dict[str, Any]:
    """What is on record of people and of programmes, by field name: read by its own routes, and in no frame."""
    of = holdings.touched(state, decisions)
    held = {keys.holdings_field(one): holdings.worker_holdings(state, one) for one in sorted(of.holders) if one in state.workers}
    granted = {keys.grants_field(one): holdings.recipient_grants(state, one) for one in sorted(of.granted)}
    recipients = {
        keys.kept_from_recipient_field(one): holdings.exclusions_of_recipient(state, one) for one in sorted(of.recipients_apart)
    }
    of_workers = holdings.exclusions_of_workers(state, of.workers_apart)
    workers = {keys.kept_from_worker_field(one): kept for one, kept in of_workers.items()}
    issued = {keys.issues_field(one): issues_of(state, one) for one in sorted(of.issued)}
    return held | granted | recipients | workers | issued


def _frame(batch: DistrictBatch, state: DistrictState, rows: dict[str, Any], figures: dict[str, Any]) -> bytes:
    def of(prefix: str) -> tuple[Any, ...]:
        return tuple(row for name, row in rows.items() if name.startswith(prefix))

    return codec.encode(
        Frame(
            id=f"{batch.frame_number}-0", district=batch.district, now_at=state.now_at, visits=of("v:"),
            workers=of("w:"), exceptions=of("x:"), offers=of("o:"), unmet_needs=of("n:"),
            counters=figures.get(keys.COUNTERS), ledger=figures.get(keys.LEDGER),
        )
    )  # fmt: skip
