"""Every kind of what needs a person, left alone: it reaches the operator, and never leaves the queue by itself."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from streams.contracts.inputs import ConfigureDistrict
from streams.core import exceptions
from streams.core.exceptions import CHAIN, KINDS, OPERATOR
from streams.core.state import ExceptionRecord
from streams.core.turn import Turn
from tests.core_world import CoreWorld, config
from tests.unit.core.test_doorstep import closed_door

GOES_OVER = {"doorstep_call": "doorstep_kin", "doorstep_kin": "welfare_check", "worker_silent": "worker_missing"}
"""What is not done in time becomes the next thing that somebody has to do."""

FIRST_OWNERS = ("care_manager:1144000001", "responsible_enterprise:window", *CHAIN)


def raised(world: CoreWorld, kind: str, owner: str) -> str:
    """Put it there as the core does: about a visit, a worker, whatever it is."""
    subject = "carer-1" if kind in ("worker_silent", "lone_worker", "worker_missing") else "anybody"
    turn = Turn(world.state, world.inputs[-1][0])
    return exceptions.raise_exception(turn, kind, subject, owner, dong="1144000001", area_id="N")


def open_about(world: CoreWorld, subject: str) -> list[ExceptionRecord]:
    return [one for one in world.state.exceptions.values() if not one.outcome and one.raised.subject == subject]


def owners_while_ignored(world: CoreWorld, subject: str) -> list[str]:
    """Whose it was, one after another, as its deadlines pass; there is always somebody."""
    owners: list[str] = []
    for _ in range(12):
        (one,) = open_about(world, subject)
        owners += [one.owner] if [one.owner] != owners[-1:] else []
        world.until_instant(one.due_at)
    return owners


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - GOES_OVER.keys()))
@pytest.mark.parametrize("owner", FIRST_OWNERS)
def test_what_nobody_answers_climbs_to_the_operator_and_stays_there(kind: str, owner: str) -> None:
    world = CoreWorld()
    record = world.state.exceptions[raised(world, kind, owner)]
    above = CHAIN[CHAIN.index(owner) :] if owner in CHAIN else CHAIN
    assert owners_while_ignored(world, record.raised.subject) == [*({owner} - {*above}), *above]
    assert record.outcome == "", "it is the same one, and it is still there"


@pytest.mark.parametrize("kind", sorted(GOES_OVER))
def test_a_call_that_nobody_makes_becomes_somebody_who_goes_and_looks(kind: str) -> None:
    world = CoreWorld()
    if kind == "worker_silent":
        raised(world, kind, "coordinator")
        subject = "carer-1"
    else:
        subject = closed_door(world).spec.visit_id
        if kind == "doorstep_kin":
            world.settle("doorstep_call", "no_reply")
    assert [one.raised.kind for one in open_about(world, subject)] == [kind]
    while kind in [one.raised.kind for one in open_about(world, subject)]:
        world.until_instant(world.state.exceptions[world.open_exceptions()[kind]].due_at)
    assert [one.raised.kind for one in open_about(world, subject)] == [GOES_OVER[kind]]
    assert owners_while_ignored(world, subject)[-1] == OPERATOR


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_end_of_the_day_ends_no_exception(kind: str) -> None:
    """Closed at night, opened again in the morning: what was open still climbs."""
    world = CoreWorld()
    if kind.startswith("doorstep"):
        subject = closed_door(world).spec.visit_id
        if kind == "doorstep_kin":
            world.settle("doorstep_call", "no_reply")
    else:
        subject = world.state.exceptions[raised(world, kind, "coordinator")].raised.subject
    world.close()
    world.until("21:00")
    assert open_about(world, subject), "the day is over, and nobody has it"
    world.until("30:30")
    world.send(ConfigureDistrict(command_id="tomorrow", config=replace(config(), version=2)))
    world.until("33:00")
    assert [one.owner for one in open_about(world, subject)] == [OPERATOR]
