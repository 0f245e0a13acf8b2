"""A whole day with trouble in it: every row that lived on the board is the row that the state has at the end."""

from __future__ import annotations

from datetime import timedelta

from services.sample_day.day import Trouble
from services.sample_day.in_process import run_in_process
from streams.adapters.board_batch import BoardBatches, Ids, draw_rows
from streams.adapters.board_keys import COUNTERS, DISTRICT, LEDGER
from streams.contracts import codec
from streams.core.apply import apply
from streams.core.board import counters, ledger
from streams.core.chain import PartitionState
from streams.core.state import new_state
from streams.core.tallies import Tallies
from tests.unit.world.days import START_AT, make_day


def hour(hours: float) -> timedelta:
    return timedelta(hours=hours)


def test_no_row_is_left_behind() -> None:
    day = make_day(
        meals=16, cares=5, solve_iterations=4,
        troubles=(
            Trouble(at=START_AT + hour(3.2), kind="rider_drops_out", subject="rider-1", amount=0),
            Trouble(at=START_AT + hour(2), kind="kitchen_late", subject="K1", amount=20),
            Trouble(at=START_AT, kind="no_answer", subject="M-3", amount=2),
        ),
    )  # fmt: skip
    _, doors = run_in_process(day, 1, keep_records=True)
    assert doors.records
    state = new_state(day.config.district)
    ps = PartitionState(districts={day.config.district: state})
    batches, shown = BoardBatches(), dict[str, bytes]()
    for record in doors.records:
        state.now_at = record.now_at
        for decision in record.decisions:
            apply(state, decision)
        for batch in batches.draw([record], ps, rebuilding=False):
            shown |= batch.fields
    state.runtime.tallies = Tallies(state)  # the expected figures are worked out from nothing
    everything = draw_rows(state, Ids(set(state.visits), set(state.workers), set(state.exceptions), set(state.offers)))
    expected = {name: codec.encode(row) for name, row in everything.items()}
    expected |= {COUNTERS: codec.encode(counters(state)), LEDGER: codec.encode(ledger(state))}
    expected[DISTRICT] = codec.encode(state.config)
    assert shown == expected
