"""The lifecycle table: complete, one ledger class for each state, and the docs' diagram is made from it."""

from pathlib import Path

from streams.contracts.decisions import LedgerClass, VisitEvent, VisitState
from streams.contracts.inputs import ReportConcern
from streams.core import tables
from streams.core.exceptions import CHAIN
from streams.core.lifecycle import CLOSED, COMMITTED, LEDGER_CLASS, LIFECYCLE, diagram, next_state
from streams.core.offer_ends import ACCEPTED, DECLINED, EXPIRED, TAKEN, WITHDRAWN
from tests.core_world import CoreWorld

ROOT = Path(__file__).parents[3]


def test_every_state_is_in_the_table_and_in_exactly_one_class() -> None:
    assert set(LIFECYCLE) == set(VisitState)
    assert set(LEDGER_CLASS) == set(VisitState)
    assert {LEDGER_CLASS[s] for s in CLOSED} == set(LedgerClass) - {LedgerClass.OPEN}


def test_every_open_state_can_still_end_in_somebodys_hands() -> None:
    for state in set(VisitState) - CLOSED:
        assert next_state(state, VisitEvent.HANDED_OVER) is VisitState.HANDED_OVER


def test_every_state_can_be_reached_and_every_event_is_used() -> None:
    targets = {target for steps in LIFECYCLE.values() for target in steps.values()} | {VisitState.REQUESTED}
    assert targets == set(VisitState)
    used = {event for steps in LIFECYCLE.values() for event in steps}
    assert used >= set(VisitEvent) - {VisitEvent.REOPENED}


def test_a_closed_visit_moves_only_by_a_late_truth_from_the_door_or_a_correction() -> None:
    for state in CLOSED - {VisitState.HANDED_OVER}:
        assert set(LIFECYCLE[state]) <= {VisitEvent.DONE, VisitEvent.REOPENED}
    assert not CLOSED & COMMITTED


def test_the_diagram_in_the_docs_is_the_table() -> None:
    assert diagram() in (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")


def test_the_diagrams_of_offers_claims_doors_and_exceptions_are_their_tables() -> None:
    page = (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")
    for diagram_of in (tables.drawn(tables.OFFER_STATES), tables.drawn(tables.CLAIM_STATES), tables.doorstep_drawn(),
                       tables.exceptions_drawn()):  # fmt: skip
        assert f"```mermaid\n{diagram_of}```" in page


def test_every_exception_climbs_to_the_operator_who_keeps_it() -> None:
    world = CoreWorld()
    world.send(ReportConcern(command_id="c", concern_id="n", recipient_id="r", dong="1144000001", observation="post_piling_up",
                             source="neighbour"))  # fmt: skip
    ((record),) = world.state.exceptions.values()
    owners = [record.owner]
    for _ in range(4):
        world.until_instant(record.due_at)
        owners.append(record.owner)
    assert owners == ["care_manager:1144000001", *CHAIN, CHAIN[-1]]


def test_every_way_an_offer_or_a_claim_ends_is_in_its_table() -> None:
    assert set(tables.OFFER_STATES) == {tables.OPEN, ACCEPTED, DECLINED, EXPIRED, WITHDRAWN, TAKEN}
    for table in (tables.OFFER_STATES, tables.CLAIM_STATES):
        assert {target for steps in table.values() for target in steps} | {tables.OPEN} == set(table)
