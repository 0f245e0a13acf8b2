"""A whole small day in which a rider falls silent, a kitchen fails and nobody may go on foot for a while: it balances."""

import pytest

from services.sample_day.day import Trouble
from services.sample_day.in_process import run_in_process
from services.sample_day.simulation import Simulation
from tests.unit.world.days import at, make_day

TROUBLES = (
    Trouble(at(3.0), "silent_worker", "rider-0", 120),
    Trouble(at(2.5), "kitchen_fails", "K2", 30),
    Trouble(at(1.5), "weather", "walk", 60),
)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_a_day_on_which_much_breaks_ends_with_every_request_accounted_for(seed: int) -> None:
    result, doors = run_in_process(make_day(40, 8, TROUBLES, seed), seed)
    assert (result["unaccounted"], result["mismatches"], result["visits"]) == (0, [], 48)
    assert result["done"] >= 38
    broken = result["disruptions"]
    assert (broken["provider_failures"], broken["mode_pauses"], broken["workers_lost"]) == (1, 1, 1)
    assert broken["kitchens_changed"] + broken["visits_given_on"] > 0
    assert broken["workers_asked"] >= 1
    assert all(one.ended_at is not None and not one.todo for one in doors.state.disruptions.values())
    assert not [record for record in doors.state.exceptions.values() if not record.outcome]


def test_a_rider_whose_phone_is_on_answers_the_question() -> None:
    world = Simulation(make_day(4, 0), 1)
    rider = world.workers["rider-0"]
    rider.status = "on"
    rider.hear_asked(at(2))
    sent = world.agenda.run_next(at(24))
    while sent is not None and not any(message.body.get("kind") == "here" for message in sent):
        sent = world.agenda.run_next(at(24))
    assert sent is not None
    rider.fall_silent(at(3), at(5))
    before = world.agenda.next_at()
    rider.hear_asked(at(3))
    assert world.agenda.next_at() == before
