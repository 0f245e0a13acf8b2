"""The queue of what needs a person: who has seen it, and that nothing leaves it by being ignored."""

from streams.contracts.decisions import CommandSettled
from streams.contracts.inputs import AcknowledgeException
from tests.core_world import CoreWorld, at


def unserved(world: CoreWorld) -> str:
    world.file("never", required_skills=("nobody",), priority=1)
    world.until("08:00")
    return world.open_exceptions()["unserved"]


def acknowledge(world: CoreWorld, exception_id: str, key: str = "1") -> str:
    world.send(AcknowledgeException(command_id=f"ack-{key}", exception_id=exception_id), actor="coordinator:kim")
    settled = next(x for x in world.decisions if isinstance(x, CommandSettled))
    return settled.code or settled.outcome


def test_who_is_on_it_is_known_and_the_deadline_is_set_anew() -> None:
    world = CoreWorld()
    exception_id = unserved(world)
    record = world.state.exceptions[exception_id]
    owner = record.owner
    assert acknowledge(world, exception_id) == "accepted"
    assert (record.acknowledged_by, record.owner, record.due_at) == ("coordinator:kim", owner, at("08:20"))
    assert acknowledge(world, exception_id, key="2") == "duplicate"


def test_what_was_acknowledged_and_then_forgotten_climbs_and_has_nobody_on_it() -> None:
    world = CoreWorld()
    exception_id = unserved(world)
    acknowledge(world, exception_id)
    record = world.state.exceptions[exception_id]
    owner = record.owner
    world.until("08:21")
    assert record.owner != owner
    assert record.acknowledged_by == ""


def test_an_unknown_or_settled_exception_is_refused() -> None:
    world = CoreWorld()
    exception_id = unserved(world)
    assert acknowledge(world, "no-such") == "unknown_exception"
    world.settle("unserved", "assigned_by_hand")
    assert acknowledge(world, exception_id, key="2") == "already_closed"
