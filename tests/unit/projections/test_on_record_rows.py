"""What is on record beside the board's rows: the same whether it is drawn record by record or after all of them, and there
again with the next configuration where an earlier version drew the board."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from streams.adapters import board_keys as keys
from streams.adapters.board_batch import draw_on_record
from streams.contracts.eligibility import Exclusion
from streams.contracts.inputs import ConfigureDistrict, ExcludePair, IssueEquipment, LiftExclusion
from tests.core_world import CoreWorld, at
from tests.unit.core.test_crisis import crisis_district, switch_on

LISTED = (Exclusion(recipient_id="r-1", worker_id="carer-1"), Exclusion(recipient_id="r-2", worker_id="carer-2", by="worker"))


def a_day() -> tuple[CoreWorld, dict[str, Any]]:
    """Said, lifted, listed again, handed out; and the board as it was drawn record by record."""
    given = replace(crisis_district(), exclusions=LISTED)
    world = CoreWorld(given)
    drawn = draw_on_record(world.state, world.decisions)

    def send(command: Any) -> None:
        drawn.update(draw_on_record(world.state, world.send(command)))

    send(ExcludePair(command_id="x-1", recipient_id="r-1", worker_id="carer-3", by="worker", reason="unsafe_home"))
    send(LiftExclusion(command_id="l-1", recipient_id="r-1", worker_id="carer-1"))
    switch_on(world, 0, 20)
    drawn.update(draw_on_record(world.state, world.decisions))
    issue = IssueEquipment(
        command_id="i-1", programme_id="crisis", worker_id="carer-2", items={"mask": 3}, credential="protective_equipment",
        valid_until_at=at("20:00") + timedelta(days=3),
    )  # fmt: skip
    send(issue)
    send(ConfigureDistrict(command_id="again", config=replace(given, version=2)))
    return world, drawn


def test_drawn_record_by_record_and_drawn_at_once_are_the_same() -> None:
    world, drawn = a_day()
    assert draw_on_record(world.state, world.log) == drawn
    assert [one.worker_id for one in drawn[keys.kept_from_recipient_field("r-1")].exclusions] == ["carer-3"]
    assert drawn[keys.kept_from_worker_field("carer-1")].exclusions == ()
    (issue,) = drawn[keys.issues_field("crisis")].issues
    assert (issue.issue_id, issue.worker_id, issue.items, issue.issued_at) == ("i-1", "carer-2", {"mask": 3}, at("07:00"))


def test_a_board_that_an_earlier_version_has_drawn_has_them_with_the_next_configuration() -> None:
    world, drawn = a_day()
    after = draw_on_record(world.state, world.decisions)  # of the configuration alone
    missing = {name for name in drawn if name.startswith(("er:", "ew:", "i:"))} - after.keys()
    assert missing == {keys.kept_from_worker_field("carer-1")}, "of whom nothing holds"
