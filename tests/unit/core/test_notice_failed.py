"""A notice that reached nobody is the coordinator's to tell, once."""

from streams.contracts.inputs import NoticeFailed
from streams.contracts.refusals import Refusal
from tests.core_world import CoreWorld


def failed(world: CoreWorld, visit_id: str, kind: str = "late") -> None:
    world.send(NoticeFailed(visit_id=visit_id, kind=kind, reason="nobody_reached"), actor="outbox")


def test_who_could_not_be_told_is_in_the_coordinators_list_until_somebody_phones() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    failed(world, lunch.spec.visit_id)
    failed(world, lunch.spec.visit_id)
    (record,) = world.state.exceptions.values()
    assert (record.raised.kind, record.owner, record.raised.detail) == ("notice_not_delivered", "coordinator", "late")
    world.settle("notice_not_delivered", "told_by_phone")
    assert record.outcome == "told_by_phone"
    assert Refusal.OUTCOME_NOT_ALLOWED.value not in {getattr(one, "code", "") for one in world.log}


def test_that_a_meal_has_come_needs_no_phone_call() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    world.cancel(lunch)
    failed(world, lunch.spec.visit_id, "done")
    failed(world, "unknown", "late")
    assert not world.state.exceptions
    failed(world, lunch.spec.visit_id, "cancelled")
    assert "notice_not_delivered" in world.open_exceptions()
