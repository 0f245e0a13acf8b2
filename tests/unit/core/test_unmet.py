"""Unmet need is a ledger of its own: why, how high it climbed; a later success leaves it as it is."""

from streams.contracts.decisions import VisitState
from streams.contracts.inputs import CorrectVisit
from tests.core_world import CoreWorld


def test_a_need_that_nobody_can_meet_is_written_down_with_its_reasons() -> None:
    world = CoreWorld()
    visit = world.file("never", required_skills=("insulin",))
    world.until("15:00")
    stages = [(need.stage, need.rung, need.visit_id) for need in world.state.unmet_needs]
    assert stages == [("ladder_top", 2, visit.spec.visit_id), ("not_served_in_time", 2, visit.spec.visit_id)]
    assert dict(world.state.unmet_needs[0].reasons) == {"skill": 2}


def test_a_later_success_does_not_touch_it() -> None:
    world = CoreWorld()
    visit = world.file("never", required_skills=("insulin",))
    world.until("15:00")
    before = list(world.state.unmet_needs)
    world.send(CorrectVisit(command_id="c", visit_id=visit.spec.visit_id, outcome="done", reason="served_by_kin"))
    assert visit.state is VisitState.DONE
    assert world.state.unmet_needs == before


def test_what_is_open_at_the_days_end_is_unmet_what_was_served_is_not() -> None:
    world = CoreWorld()
    waiting = world.file("waiting")
    world.close()
    assert [(need.visit_id, need.stage) for need in world.state.unmet_needs] == [(waiting.spec.visit_id, "open_at_day_end")]
