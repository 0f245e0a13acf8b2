"""Offers: one for a round, a no is remembered, silence expires, a provider names its worker, own staff is assigned."""

from streams.contracts.decisions import ReportRefused, VisitState
from streams.contracts.district import Service
from streams.core.state import VisitRecord
from tests.core_world import CENTRE, CoreWorld, at


def care(world: CoreWorld, reference: str, start: str = "10:00", end: str = "11:00", **more: object) -> VisitRecord:
    fields: dict[str, object] = dict(
        service=Service.CHECK_IN, window_start_at=at(start), window_end_at=at(end), due_at=at(end), service_duration_s=900
    )
    return world.file(reference, **(fields | more))


def refused(world: CoreWorld) -> str:
    return next(decision.code for decision in world.decisions if isinstance(decision, ReportRefused))


def test_a_round_is_one_offer_and_its_yes_accepts_every_door() -> None:
    world = CoreWorld()
    visits = [world.file(f"lunch-{n}") for n in range(5)]
    world.until("10:35")
    (offer_id,) = world.open_offers()
    offer = world.state.offers[offer_id].made
    assert (offer.kind, offer.worker_id, len(offer.visit_ids)) == ("round", "rider-1", 5)
    world.answer(offer_id)
    assert {visit.state for visit in visits} == {VisitState.ACCEPTED}
    assert world.answer(offer_id) == []


def test_a_no_is_remembered_and_the_meal_climbs_to_the_neighbouring_area() -> None:
    world = CoreWorld(rung_wait_s=300)
    visit = world.file("lunch-1")
    world.until("10:35")
    world.answer(world.open_offers()[0], "offer_declined")
    assert visit.declined_ids == ["rider-1"]
    assert visit.state is VisitState.WAITING
    world.until("10:45")
    assert (visit.rung, visit.worker_ids) == (1, ["rider-2"])
    assert world.state.offers[world.open_offers()[0]].made.worker_id == "rider-2"


def test_silence_expires_and_nobody_is_asked_twice() -> None:
    world = CoreWorld(rung_wait_s=300)
    visit = world.file("lunch-1")
    world.until("12:00")
    asked = [offer.made.worker_id for offer in world.state.offers.values()]
    assert asked == ["rider-1", "rider-2"]
    assert {offer.outcome for offer in world.state.offers.values()} == {"expired"}
    assert visit.rung == 2
    assert "unserved" in world.open_exceptions()


def test_a_provider_names_another_of_its_workers() -> None:
    world = CoreWorld()
    visit = care(world, "check", excluded_workers=("carer-1",))
    assert visit.worker_ids == ["carer-2"]
    world.until("08:35")
    (offer_id,) = world.open_offers()
    assert world.state.offers[offer_id].made.kind == "slot"
    world.answer(offer_id, worker_id="carer-3")
    assert visit.state is VisitState.ACCEPTED
    assert visit.worker_ids == ["carer-3"]
    assert world.state.workers["carer-2"].stops == []


def test_own_staff_is_assigned_without_an_offer() -> None:
    world = CoreWorld()
    visit = care(world, "check", excluded_workers=("carer-2",))
    world.until("08:35")
    assert (visit.state, visit.worker_ids) == (VisitState.ACCEPTED, ["carer-1"])
    assert world.state.offers == {}


def test_a_provider_that_declines_answers_for_all_its_people() -> None:
    world = CoreWorld()
    visit = care(world, "check", excluded_workers=("carer-1",))
    world.until("08:35")
    world.answer(world.open_offers()[0], "offer_declined")
    assert set(visit.declined_ids) == {"carer-2", "carer-3"}


def test_answers_of_others_and_to_closed_offers_are_refused() -> None:
    world = CoreWorld()
    world.file("lunch-1")
    world.until("10:35")
    (offer_id,) = world.open_offers()
    world.answer(offer_id, organisation=CENTRE)
    assert refused(world) == "not_your_visit"
    world.answer(offer_id, worker_id="carer-2")
    assert refused(world) == "not_your_worker"
    world.answer(offer_id, "offer_declined")
    world.answer(offer_id)
    assert refused(world) == "offer_closed"


def test_the_urgent_one_is_offered_at_once() -> None:
    world = CoreWorld()
    world.until("09:00")
    visit = care(world, "emergency", "09:00", "13:00", service=Service.EMERGENCY_CARE, priority=1, excluded_workers=("carer-1",))
    assert visit.state is VisitState.OFFERED
