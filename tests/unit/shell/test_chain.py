"""The two logs, pure: who builds on what, repeats, gaps, zombies, snapshots."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, strategies as st

from streams.contracts import codec
from streams.contracts.decisions import CommandSettled
from streams.contracts.envelope import JournalRecord, Source, seal
from streams.contracts.inputs import CancelVisit, ClockTicked, KitchenReported, Payload
from streams.core import chain
from streams.core.chain import BrokenChain, PartitionState, apply_record, decide_raw, decide_record
from tests.toy_core import FAULT, TOY, ToyCore

NOON = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def entry(
    offset: int, topic: str = "commands", district: str = "11440", payload: Payload | None = None
) -> JournalRecord:
    what = payload or CancelVisit(command_id=f"c{offset}", visit_id="v", reason="office")
    return JournalRecord(
        source=Source(topic, 0, offset), recorded_at=NOON,
        envelope=seal(what, id=f"{topic}-{offset}", district=district, actor="operator", at=NOON),
    )  # fmt: skip


def write(ps: PartitionState, *entries: JournalRecord, core: ToyCore = TOY) -> list[bytes]:
    return [decide_raw(ps, ps.next_journal_offset, record, core)[1] for record in entries]


def fold(raws: list[bytes], ps: PartitionState | None = None) -> PartitionState:
    ps = PartitionState() if ps is None else ps
    for raw in raws:
        apply_record(ps, raw, TOY)
    return ps


def test_the_fold_of_the_decisions_is_the_state_that_decided_them() -> None:
    decided = PartitionState()
    raws = write(decided, entry(0), entry(1), entry(0, "fleet.reports", "11410"))
    assert fold(raws) == decided
    assert decided.coverage == {"commands": 2, "fleet.reports": 1}
    assert decided.districts["11440"].heard == ["commands-0", "commands-1"]


def test_a_record_names_its_input_and_the_one_it_builds_on() -> None:
    ps = PartitionState()
    first = decide_record(ps, 0, entry(0), TOY)
    second = decide_record(ps, 1, entry(1), TOY)
    assert (first.builds_on, first.cause, first.actor) == ("", "CancelVisit:commands-0", "operator")
    assert second.builds_on == codec.digest(codec.encode(first))
    assert ps.digest == codec.digest(codec.encode(second))


def test_a_source_that_is_covered_is_skipped() -> None:
    ps = PartitionState()
    write(ps, entry(0), entry(1))
    again = decide_record(ps, 2, entry(0), TOY)
    assert (again.skipped, again.decisions) == (chain.REPEAT, ())
    assert ps.coverage == {"commands": 2}


def test_a_source_that_jumps_waits_until_what_is_missing_was_appended_again() -> None:
    ps = PartitionState()
    raws = write(ps, entry(0), entry(2), entry(3))
    assert ps.holes() == {"commands": (1, 4)}
    assert ps.districts["11440"].heard == ["commands-0"]
    raws += write(ps, entry(1), entry(2), entry(3))
    assert ps.holes() == {}
    assert ps.districts["11440"].heard == [f"commands-{i}" for i in range(4)]
    assert fold(raws) == ps


def test_the_hole_is_in_the_fold_so_an_heir_finds_it() -> None:
    ps = PartitionState()
    assert fold(write(ps, entry(0), entry(2))).holes() == {"commands": (1, 3)}


def test_the_journal_is_decided_in_order() -> None:
    with pytest.raises(BrokenChain):
        decide_raw(PartitionState(), 1, entry(0), TOY)


def test_a_zombies_records_are_dropped_and_so_is_what_it_builds_on_them() -> None:
    ps = PartitionState()
    common = write(ps, entry(0))
    zombie = fold(common)
    theirs = write(zombie, entry(1), entry(2), core=ToyCore("toy-2"))
    ours = write(ps, entry(1), entry(2))
    # ours, theirs, ours: whoever came first at a journal offset counts
    reader = PartitionState()
    kept = [apply_record(reader, raw, TOY) for raw in (common[0], ours[0], theirs[0], theirs[1], ours[1])]
    assert [record is not None for record in kept] == [True, True, False, False, True]
    assert reader == ps


def test_a_stale_writer_of_another_version_that_is_first_at_an_offset_is_the_truth() -> None:
    ps = PartitionState()
    common = write(ps, entry(0))
    stale = fold(common)
    theirs = write(stale, entry(1), core=ToyCore("toy-0"))
    ours = write(ps, entry(1))
    assert fold([*common, *theirs, *ours]) == stale


def test_a_record_that_builds_on_the_last_one_but_skips_the_journal_breaks_the_chain() -> None:
    ps = PartitionState()
    record, _ = decide_raw(ps, 0, entry(0), TOY)
    jumped = codec.encode(msgspec.structs.replace(record, journal_offset=5))
    with pytest.raises(BrokenChain):
        apply_record(PartitionState(), jumped, TOY)


def test_one_altered_byte_cuts_off_everything_after_it() -> None:
    ps = PartitionState()
    raws = write(ps, entry(0), entry(1), entry(2))
    altered = raws[0].replace(b"accepted", b"accepteD")
    reader = fold([altered, *raws[1:]])
    assert reader.next_journal_offset == 1


def test_bytes_that_are_no_decisions_record_are_refused() -> None:
    with pytest.raises(codec.Malformed):
        apply_record(PartitionState(), b"{}", TOY)


def test_a_barrier_token_is_in_the_record_once() -> None:
    ps = PartitionState()
    tick = entry(0, "clock.ticks", payload=ClockTicked(due_at=NOON, token="t1"))
    assert decide_record(ps, 0, tick, TOY).token == "t1"
    assert decide_record(ps, 1, tick, TOY).token == ""


def test_deadlines_of_all_districts_of_the_partition() -> None:
    ps = PartitionState()
    late = KitchenReported(report_id="r", kitchen_id="k1", ready_at=NOON)
    write(ps, entry(0, payload=late), entry(1, district="11410"))
    assert chain.next_deadlines(ps, TOY) == {"11440": NOON}


def test_a_snapshot_is_the_whole_partition() -> None:
    ps = PartitionState()
    write(ps, entry(0), entry(2), entry(0, "fleet.reports", "11410"))
    assert chain.decode_state(chain.encode_state(ps, TOY), TOY) == ps


def test_a_snapshot_of_another_schema_is_none() -> None:
    other = ToyCore()
    other.schema = "toy-old"
    assert chain.decode_state(chain.encode_state(PartitionState(), other), TOY) is None


@given(seed=st.integers(0, 10_000), kills=st.integers(0, 4))
def test_whatever_the_desk_repeats_or_loses_each_source_is_applied_once_and_in_order(seed: int, kills: int) -> None:
    """The journal as crashing desks make it, with the dispatcher's re-appending."""
    dice = random.Random(seed)
    sent = {"commands": 12, "fleet.reports": 9}
    journal: list[JournalRecord] = []
    for topic, count in sent.items():
        position = 0
        while position < count:
            if kills and dice.random() < 0.3:
                position = max(0, position - dice.randrange(4)) if dice.random() < 0.7 else position + 1
                kills -= 1
                continue
            journal.append(entry(position, topic))
            position += 1
        journal.append(entry(count, topic))  # one more shows what is missing at the end
    ps, raws = PartitionState(), []
    while ps.next_journal_offset < len(journal):
        raws += write(ps, journal[ps.next_journal_offset])
        if ps.next_journal_offset == len(journal):
            for topic, (first, end) in ps.holes().items():
                journal += [entry(offset, topic) for offset in range(first, end)]
    wanted = {topic: [f"{topic}-{i}" for i in range(count + 1)] for topic, count in sent.items()}
    heard = ps.districts["11440"].heard
    assert {topic: [h for h in heard if h.startswith(topic)] for topic in sent} == wanted
    assert fold(raws) == ps
    decided = [msgspec.json.decode(raw)["decisions"] for raw in raws]
    assert sum(len(d) for d in decided) == sum(count + 1 for count in sent.values())
    assert CommandSettled.__name__ in {d["type"] for ds in decided for d in ds}


def failing(offset: int) -> JournalRecord:
    return entry(offset, payload=CancelVisit(command_id=f"c{offset}", visit_id="v", reason=FAULT))


def test_what_the_core_fails_on_is_covered_and_not_applied() -> None:
    before = PartitionState()
    raws = write(before, entry(0))
    spoilt = fold(raws)
    with pytest.raises(KeyError):
        decide_raw(spoilt, 1, failing(1), TOY)
    assert spoilt.districts["11440"].heard != ["commands-0"]  # which is why it is dropped and folded again
    ps = fold(raws)
    record, raw = decide_raw(ps, 1, failing(1), TOY, set_aside=True)
    raws += [raw, *write(ps, entry(2), failing(1))]
    assert (record.skipped, record.decisions, record.cause) == (chain.SET_ASIDE, (), "CancelVisit:commands-1")
    assert ps.districts["11440"].heard == ["commands-0", "commands-2"]
    assert ps.coverage == {"commands": 3}  # come again it is a repeat
    assert fold(raws) == ps


def test_a_district_of_which_nothing_was_decided_is_not_there() -> None:
    ps = PartitionState()
    _, raw = decide_raw(ps, 0, failing(0), TOY, set_aside=True)
    assert ps.districts == {}
    assert fold([raw]) == ps


def test_how_many_were_set_aside_in_a_row_is_in_the_fold_and_its_snapshot() -> None:
    ps, raws, counts = PartitionState(), [], []
    coming = [(failing(0), True), (failing(1), True), (entry(0), False), (entry(2), False), (failing(3), True)]
    for offset, (record, aside) in enumerate(coming):  # (the third is a repeat: it says nothing)
        raws.append(decide_raw(ps, offset, record, TOY, set_aside=aside)[1])
        counts.append(ps.set_aside_in_a_row)
    assert counts == [1, 2, 2, 0, 1]
    assert fold(raws) == ps
    assert chain.decode_state(chain.encode_state(ps, TOY), TOY) == ps
