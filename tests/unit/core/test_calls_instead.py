"""An app server that goes down takes no offer with it: what was asked and not answered is asked by telephone."""

from streams.contracts.decisions import OfferSettled
from streams.contracts.inputs import EndpointReported, SettleException
from tests.core_world import COOP, CoreWorld


def asked_and_down(world: CoreWorld) -> str:
    """A lunch is offered to rider-1 and then the co-operative's server goes down; the call's exception_id."""
    world.file("lunch")
    world.until("10:35")
    assert world.open_offers()
    assert "no_app_call" not in world.open_exceptions()
    world.send(EndpointReported(organisation=COOP, endpoint="main", status="down", reason="timeouts"))
    return world.open_exceptions()["no_app_call"]


def test_open_offers_go_to_the_coordinators_list_when_the_server_goes_down() -> None:
    world = CoreWorld()
    call = world.state.exceptions[asked_and_down(world)]
    assert (call.raised.detail, call.owner) == (world.open_offers()[0], "coordinator")
    world.send(SettleException(command_id="c", exception_id=call.raised.exception_id, outcome="accepted"))
    assert world.open_offers() == []
    assert [visit.state.value for visit in world.state.visits.values()] == ["accepted"]


def test_a_call_that_nobody_made_is_not_the_workers_silence() -> None:
    world = CoreWorld()
    exception_id = asked_and_down(world)
    world.until("10:50")
    ends = [one.reason for one in world.log if isinstance(one, OfferSettled)]
    assert ends[:1] == ["not_called"]
    assert world.state.exceptions[exception_id].outcome == "no_reply"
    assert all(week.silent == 0 for week in next(iter(world.state.weeks.values())).values())
