"""Stories of offers (수락 요청) and fair shares, as riders, providers and coordinators would tell them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from streams.contracts.decisions import (
    CommandSettled,
    DeclinesLifted,
    OfferMade,
    OfferReminded,
    OfferSettled,
    ReportRefused,
    VisitChanged,
    VisitEvent,
    VisitState,
    WorkerSubstituted,
)  # fmt: skip
from streams.contracts.district import Place, Provider, ProviderKind, Service, WorkerKind
from streams.contracts.inputs import AnswerOffer, RaiseFee, ReportKind, WorkerReported
from streams.contracts.offering import Offering, OfferRule
from streams.core.state import VisitRecord
from tests.core_world import CENTRE, COOP, CoreWorld, at, config, worker

OTHER_COOP, OTHER_CENTRE = "coop-b", "centre-b"


def offering(**fields: Any) -> dict[str, Any]:
    return {"offering": Offering(**fields)}


def town(*more_workers: Any, providers: dict[str, dict[str, Any]] | None = None, **policy: Any) -> CoreWorld:
    """The small district with a second co-operative and a second centre; `providers` changes some of them."""
    small = config(**policy)
    firms = (
        *small.providers,
        Provider(provider_id=OTHER_COOP, name_ko="둘째 조합", name_en="Second co-op", kind=ProviderKind.RIDER_COOP),
        Provider(provider_id=OTHER_CENTRE, name_ko="둘째 센터", name_en="Second centre", kind=ProviderKind.HOME_CARE_CENTRE),
    )
    changed = tuple(msgspec.structs.replace(one, **(providers or {}).get(one.provider_id, {})) for one in firms)
    return CoreWorld(msgspec.structs.replace(small, providers=changed, workers=(*small.workers, *more_workers)))


def rider(worker_id: str, organisation: str = COOP, area_id: str = "N", y_m: float = 200.0, **more: Any) -> Any:
    return worker(worker_id, WorkerKind.RIDER, organisation, area_id, y_m, **more)


def carer(worker_id: str, organisation: str, area_id: str = "N", y_m: float = 450.0, **more: Any) -> Any:
    return worker(worker_id, WorkerKind.CARER, organisation, area_id, y_m, **more)


def care(world: CoreWorld, reference: str, start: str = "10:00", end: str = "11:00", **more: Any) -> VisitRecord:
    """A visit to see how somebody is, which the window's own carer may not make: it is asked of a centre."""
    fields: dict[str, Any] = dict(
        service=Service.CHECK_IN, window_start_at=at(start), window_end_at=at(end), due_at=at(end), service_duration_s=900,
        excluded_workers=("carer-1",),
    )  # fmt: skip
    return world.file(reference, **(fields | more))


def asked(world: CoreWorld) -> list[str]:
    """Who was asked, in order."""
    return [offer.made.worker_id for offer in world.state.offers.values()]


def outcomes(world: CoreWorld) -> dict[str, str]:
    return {offer.made.worker_id: offer.outcome for offer in world.state.offers.values()}


def refused(world: CoreWorld) -> list[str]:
    return [one.code for one in world.decisions if isinstance(one, ReportRefused)]


def answer(world: CoreWorld, worker_id: str, kind: str = "offer_accepted", *, of: str = "", **fields: Any) -> None:
    """The newest offer to `worker_id` is answered (by its organisation); `of`: in the name of another worker."""
    offer_id = [key for key, offer in world.state.offers.items() if offer.made.worker_id == worker_id][-1]
    made = world.state.offers[offer_id].made
    body = WorkerReported(
        report_id=f"{offer_id}-{kind}-{world.now_at}", kind=ReportKind(kind), offer_id=offer_id, worker_id=of or worker_id, **fields
    )
    world.send(body, organisation=made.organisation)


# --- whole, or without some doors ---------------------------------------------------------------------------------------


def test_a_rider_takes_the_round_but_not_the_door_on_the_fifth_floor() -> None:
    world = CoreWorld()
    visits = [world.file(f"lunch-{n}") for n in range(4)]
    world.until("10:35")
    hard = visits[2]
    answer(world, "rider-1", declined_visit_ids=(hard.spec.visit_id,), reason="hard_door")
    assert [visit.state for visit in visits].count(VisitState.ACCEPTED) == 3
    assert hard.state is VisitState.WAITING
    assert hard.declined_ids == ["rider-1"]
    world.until("10:55")
    assert hard.worker_ids == ["rider-2"], "the neighbouring area's rider is asked for that door alone"
    assert world.state.offers[world.open_offers()[0]].made.visit_ids == (hard.spec.visit_id,)


def test_a_door_that_is_not_of_the_round_is_refused_and_the_offer_stays() -> None:
    world = CoreWorld()
    world.file("lunch-1")
    world.until("10:35")
    answer(world, "rider-1", declined_visit_ids=("another",), reason="hard_door")
    assert refused(world) == ["unknown_visit"]
    assert len(world.open_offers()) == 1


# --- providers name, substitute, answer for it --------------------------------------------------------------------------


def test_at_the_last_minute_the_centre_sends_somebody_else_and_answers_for_it() -> None:
    world = CoreWorld()
    visit = care(world, "check")
    world.until("08:35")
    answer(world, "carer-2")
    world.until("09:40")
    world.report("carer-2", "en_route", visit)
    world.report("carer-3", "substituted", visit)
    assert (visit.state, visit.worker_ids) == (VisitState.ACCEPTED, ["carer-3"])
    (told,) = [one for one in world.decisions if isinstance(one, WorkerSubstituted)]
    assert (told.organisation, told.worker_id, told.by_worker_id, told.last_minute) == (CENTRE, "carer-2", "carer-3", True)
    relieved = [one for one in world.decisions if isinstance(one, VisitChanged) and one.event is VisitEvent.RELIEVED]
    assert [one.actor for one in relieved] != [f"organisation:{CENTRE}"], "not her own doing: her app is told"
    world.report("carer-2", "arrived", visit)
    assert refused(world) == ["not_your_visit"]
    world.report("carer-3", "arrived", visit)
    assert visit.state is VisitState.ARRIVED


def test_nobody_sends_a_worker_whom_the_recipient_excluded_nor_anothers() -> None:
    world = CoreWorld()
    visit = care(world, "check", excluded_workers=("carer-1", "carer-3"))
    world.until("08:35")
    answer(world, "carer-2")
    world.report("carer-3", "substituted", visit)
    assert refused(world) == ["worker_not_able"]
    world.report("rider-1", "substituted", visit)
    assert refused(world) == ["not_your_visit"]
    assert visit.worker_ids == ["carer-2"]


def test_once_the_carer_is_inside_it_is_too_late_to_send_another() -> None:
    world = CoreWorld()
    visit = care(world, "check")
    world.until("08:35")
    answer(world, "carer-2")
    world.until("10:00")
    world.report("carer-2", "started", visit)
    world.report("carer-3", "substituted", visit)
    assert refused(world) == ["started_stays"]


# --- policies -----------------------------------------------------------------------------------------------------------


def nearest(**more: Any) -> dict[str, Any]:
    return offering(rules=(OfferRule(service="meal_support", ask="nearest", nearest_n=2),), **more)


def test_the_nearest_two_are_asked_and_the_first_yes_wins() -> None:
    world = town(rider("rider-3", OTHER_COOP, y_m=250.0), **nearest())
    visit = world.file("lunch-1")
    world.until("10:35")
    first, second = asked(world)
    assert {first, second} == {"rider-1", "rider-3"}
    answer(world, second)
    assert (visit.state, visit.worker_ids) == (VisitState.ACCEPTED, [second])
    assert outcomes(world) == {first: "taken", second: "accepted"}
    assert world.state.workers[first].stops == []
    answer(world, first)
    assert refused(world) == ["offer_taken"]


def test_of_two_asked_at_once_one_says_no_and_the_other_is_still_waited_for() -> None:
    world = town(rider("rider-3", OTHER_COOP, y_m=250.0), **nearest())
    visit = world.file("lunch-1")
    world.until("10:35")
    first, second = asked(world)
    answer(world, first, "offer_declined", reason="too_far")
    assert (visit.state, visit.worker_ids) == (VisitState.OFFERED, [second])
    assert asked(world) == [first, second], "nobody is asked anew while an answer is out"
    answer(world, second)
    assert visit.state is VisitState.ACCEPTED


def test_a_providers_rule_weighs_more_than_a_services() -> None:
    rules = (
        OfferRule(service="check_in", expiry_s=300), OfferRule(provider_id=CENTRE, expiry_s=1800), OfferRule(expiry_s=60),
    )  # fmt: skip
    world = CoreWorld(**offering(rules=rules))
    care(world, "check")
    world.until("08:35")
    (offer,) = world.state.offers.values()
    assert offer.made.expires_at - at("08:30") == timedelta(seconds=1800)


# --- expiry, reminder, reasons ------------------------------------------------------------------------------------------


def test_an_offer_is_brought_to_mind_once_before_it_expires() -> None:
    world = CoreWorld(**offering(reminder_s=120))
    world.file("lunch-1")
    world.until("10:30")
    (offer,) = world.state.offers.values()
    world.until("10:50")
    reminded = [one for one in world.log if isinstance(one, OfferReminded)]
    assert [one.at for one in reminded] == [offer.made.expires_at - timedelta(seconds=120)]
    assert offer.outcome == "expired"


def test_a_no_needs_a_reason_of_the_list() -> None:
    world = CoreWorld()
    world.file("lunch-1")
    world.until("10:35")
    answer(world, "rider-1", "offer_declined", reason="do_not_feel_like_it")
    assert refused(world) == ["unknown_decline_reason"]
    assert len(world.open_offers()) == 1
    answer(world, "rider-1", "offer_declined", reason="vehicle_trouble")
    (settled,) = [one for one in world.decisions if isinstance(one, OfferSettled)]
    assert (settled.outcome, settled.reason) == ("declined", "vehicle_trouble")


# --- never again, unless the terms changed ------------------------------------------------------------------------------


def test_who_declined_is_not_asked_again_but_is_when_the_fee_is_raised() -> None:
    world = CoreWorld(rung_wait_s=300)
    visit = world.file("lunch-1")
    world.until("10:35")
    answer(world, "rider-1", "offer_declined", reason="pay")
    world.until("10:45")
    answer(world, "rider-2", "offer_declined", reason="too_far")
    world.until("10:50")
    assert asked(world) == ["rider-1", "rider-2"]
    world.send(RaiseFee(command_id="more", visit_id=visit.spec.visit_id, extra_krw=2000, reason="nobody"), actor="coordinator")
    world.until("10:55")
    assert asked(world) == ["rider-1", "rider-2", "rider-1"]
    offer = world.state.offers[world.open_offers()[0]].made
    assert offer.fee_krw == 5500
    assert {one.why for one in world.log if isinstance(one, DeclinesLifted)} == {"fee"}
    world.send(RaiseFee(command_id="less", visit_id=visit.spec.visit_id, extra_krw=500), actor="coordinator")
    assert next(one.code for one in world.decisions if isinstance(one, CommandSettled)) == "wrong_field"


def test_a_day_long_visit_is_another_offer_two_hours_later() -> None:
    world = CoreWorld(rung_wait_s=300, **offering(begin_moved_s=7200))
    visit = care(world, "check", "09:00", "17:00")
    world.until("07:35")
    answer(world, asked(world)[0], "offer_declined", reason="no_worker")
    declined_at = next(one.begin_at for one in visit.declines)
    world.until("10:00")
    assert visit.state is VisitState.WAITING
    world.until("11:30")
    assert world.now_at > declined_at + timedelta(hours=2)
    assert [one.made.organisation for one in world.state.offers.values()][:2] == [CENTRE, CENTRE]
    assert [one.why for one in world.log if isinstance(one, DeclinesLifted)] == ["time"]


# --- silence, quiet hours, full phones ----------------------------------------------------------------------------------


def test_silence_is_counted_for_who_was_silent() -> None:
    world = CoreWorld(rung_wait_s=300)
    for n in range(3):
        world.file(f"lunch-{n}")
    world.until("10:50")
    (week,) = world.state.weeks.values()
    assert (week["rider-1"].offered, week["rider-1"].silent) == (3, 3)
    assert week["rider-2"].silent == 0


def test_nobody_is_woken_for_a_visit_that_can_wait_until_the_morning() -> None:
    world = CoreWorld(**offering(quiet_from="20:00", quiet_until="07:30"))
    care(world, "early", "08:30", "09:00")
    world.until("07:29")
    assert asked(world) == []
    world.until("07:30")
    assert len(asked(world)) == 1


def test_an_emergency_is_asked_at_any_hour() -> None:
    world = CoreWorld(**offering(quiet_from="20:00", quiet_until="07:30"))
    care(world, "urgent", "08:00", "10:00", service=Service.EMERGENCY_CARE, priority=1)
    assert len(asked(world)) == 1


def test_a_phone_holds_so_many_open_offers_and_the_next_comes_when_one_is_answered() -> None:
    world = CoreWorld(single_offers=True, **offering(max_open=2))
    for n in range(4):
        world.file(f"lunch-{n}")
    world.until("10:36")
    assert len(world.open_offers()) == 2
    world.answer(world.open_offers()[0])
    assert len(asked(world)) == 3
    assert len(world.open_offers()) == 2


# --- who has no app -----------------------------------------------------------------------------------------------------


def test_a_rider_with_a_voice_phone_is_a_call_whose_answer_the_coordinator_records() -> None:
    world = town(rider("rider-3", OTHER_COOP, y_m=499.0, has_app=False, start=Place(100.0, 120.0)))
    visit = world.file("lunch-1", excluded_workers=("rider-1",))
    world.until("10:31")
    call = world.state.exceptions[world.open_exceptions()["no_app_call"]]
    (offer,) = world.state.offers.values()
    assert (offer.made.by_call, call.raised.subject, call.owner) == (True, "rider-3", "coordinator")
    assert call.due_at < offer.made.expires_at
    answered = AnswerOffer(command_id="call-1", offer_id=offer.made.offer_id, answer="accepted")
    world.send(answered, actor="coordinator")
    assert (visit.state, visit.worker_ids) == (VisitState.ACCEPTED, ["rider-3"])
    assert "no_app_call" not in world.open_exceptions()
    world.send(AnswerOffer(command_id="call-2", offer_id=offer.made.offer_id, answer="accepted"), actor="coordinator")
    assert next(one.outcome for one in world.decisions if isinstance(one, CommandSettled)) == "duplicate"


def test_a_call_is_ticked_off_in_the_list_and_no_reply_is_silence() -> None:
    world = town(providers={CENTRE: {"has_app": False}}, rung_wait_s=300)
    visit = care(world, "check")
    world.until("08:35")
    world.settle("no_app_call", "no_reply")
    assert next(iter(outcomes(world).values())) == "expired"
    assert visit.state is not VisitState.OFFERED or len(asked(world)) > 1


def test_a_call_that_nobody_made_is_not_the_workers_silence() -> None:
    world = town(providers={COOP: {"has_app": False}}, rung_wait_s=300)
    world.file("lunch-1")
    world.until("11:00")
    (week,) = world.state.weeks.values()
    assert week["rider-1"].silent == 0
    assert world.state.totals.by_offer["not_called"] >= 1
    assert all(one.outcome for one in world.state.exceptions.values() if one.raised.subject == "rider-1")


# --- late ---------------------------------------------------------------------------------------------------------------


def test_a_yes_after_the_expiry_wins_while_nobody_else_has_said_yes() -> None:
    world = CoreWorld(rung_wait_s=300)
    visit = world.file("lunch-1")
    world.until("10:46")
    assert visit.worker_ids == ["rider-2"], "the next one is being asked"
    answer(world, "rider-1")
    assert refused(world) == []
    assert (visit.state, visit.worker_ids, visit.declined_ids) == (VisitState.ACCEPTED, ["rider-1"], [])
    assert outcomes(world) == {"rider-1": "accepted", "rider-2": "taken"}


def test_a_yes_after_somebody_elses_is_answered_taken() -> None:
    world = CoreWorld(rung_wait_s=300)
    visit = world.file("lunch-1")
    world.until("10:46")
    answer(world, "rider-2")
    answer(world, "rider-1")
    assert refused(world) == ["offer_taken"]
    assert visit.worker_ids == ["rider-2"]


# --- withdrawn ----------------------------------------------------------------------------------------------------------


def test_who_was_asked_hears_that_the_offer_is_withdrawn() -> None:
    world = town(rider("rider-3", OTHER_COOP, y_m=250.0), **nearest())
    visit = world.file("lunch-1")
    world.until("10:35")
    world.cancel(visit)
    told = {one.offer_id: (one.outcome, one.reason) for one in world.decisions if isinstance(one, OfferSettled)}
    assert set(told.values()) == {("withdrawn", "cancelled")}
    assert len(told) == 2
    assert world.open_offers() == []


# --- substitute pool ----------------------------------------------------------------------------------------------------


def test_a_sick_call_before_the_shift_goes_to_the_substitute_pool_first() -> None:
    pool = carer("pool-1", CENTRE, y_m=480.0, substitute=True)
    world = town(pool, carer("carer-4", OTHER_CENTRE, y_m=450.0))
    visit = care(world, "check", excluded_workers=("carer-1", "carer-4"))
    assert visit.worker_ids == ["carer-2"], "the pool stands by and gets nothing"
    world.until("07:30")
    world.report("carer-2", "dropped_out", reason="unwell")
    assert visit.worker_ids == ["pool-1"]
    assert world.state.workers["pool-1"].called_in_for == "carer-2"
    assert "worker_dropped_out" in world.open_exceptions()


def test_where_the_pool_cannot_everybody_else_is_asked() -> None:
    world = town(carer("pool-1", CENTRE, substitute=True, skills=("temporary_home_care",)), carer("carer-4", OTHER_CENTRE))
    visit = care(world, "check")
    before = visit.worker_ids[0]
    world.report(before, "dropped_out", reason="unwell")
    assert visit.worker_ids not in ([before], ["pool-1"], [])
    assert world.state.workers["pool-1"].called_in_for == ""


def test_who_drops_out_during_the_shift_does_not_call_the_pool_in() -> None:
    world = town(carer("pool-1", CENTRE, substitute=True), carer("carer-4", OTHER_CENTRE))
    visit = care(world, "check", "13:00", "14:00")
    world.until("09:00")
    before = visit.worker_ids[0]
    world.report(before, "shift_on")
    world.report(before, "dropped_out")
    assert world.state.workers["pool-1"].called_in_for == ""
    assert visit.worker_ids[0] != "pool-1"


def test_every_offer_ends_and_the_days_tally_adds_up() -> None:
    world = CoreWorld(rung_wait_s=300)
    for n in range(3):
        world.file(f"lunch-{n}")
    world.until("15:00")
    made = sum(1 for one in world.log if isinstance(one, OfferMade))
    tally = world.state.totals.by_offer
    assert world.open_offers() == []
    assert tally["made"] == made
    assert tally["expired"] == made
