"""The queue of what needs a person: who has seen it, and that nothing leaves it by being ignored."""

from streams.contracts.decisions import CommandSettled
from streams.contracts.inputs import AcknowledgeException, Payload, ReportConcern, SettleException
from streams.core.exceptions import KINDS
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


def test_an_edit_is_of_the_version_that_was_read() -> None:
    """Somebody else took it on, or it climbed, in between: neither settled nor taken in hand blindly."""
    world = CoreWorld()
    world.send(
        ReportConcern(
            command_id="con", concern_id="con", recipient_id="r-9", dong="1144000001", observation="no_sign_of_life", source="kin"
        )
    )
    exception_id = world.open_exceptions()["concern"]
    record = world.state.exceptions[exception_id]
    world.send(AcknowledgeException(command_id="ack", exception_id=exception_id), expected_version=record.changes)
    read_as = record.changes
    world.until("08:30")  # it climbs
    assert record.changes > read_as
    outcome = KINDS["concern"].outcomes[0]
    stale: list[Payload] = [
        SettleException(command_id="settle-1", exception_id=exception_id, outcome=outcome),
        AcknowledgeException(command_id="ack-1", exception_id=exception_id),
    ]
    for command in stale:
        world.send(command, expected_version=read_as)
    assert [world.state.commands[name].code for name in ("settle-1", "ack-1")] == ["version_conflict"] * 2
    assert record.outcome == ""
    command = SettleException(command_id="settle-2", exception_id=exception_id, outcome=outcome)
    world.send(command, expected_version=record.changes)
    assert (record.outcome, world.state.commands["settle-2"].outcome) == (outcome, "accepted")
