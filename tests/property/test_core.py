"""Whatever comes in, in whatever order: the fold of the decisions is the state, a reloaded state decides the same, the
counters add up, every visit has one class, and after the close of the day nobody is left open."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import msgspec
from hypothesis import HealthCheck, given, settings, strategies as st

from streams.contracts.codec import encode
from streams.contracts.decisions import LedgerClass, VisitState
from streams.contracts.district import DistrictConfig, Service, WorkerKind
from streams.contracts.inputs import (
    AnswerOffer,
    EndDisruption,
    KitchenReported,
    PauseMode,
    RaiseFee,
    ReportKind,
    ReportProviderFailure,
    WorkerReported,
)  # fmt: skip
from streams.contracts.offering import Offering, OfferRule
from streams.core.apply import advance, apply
from streams.core.board import counters, ledger, visit_row, worker_row
from streams.core.dispatch import decide
from streams.core.state import DistrictState, new_state, state_hash
from tests.core_world import CENTRE, COOP, DISTRICT, KITCHEN, CoreWorld, at, config, worker

WORKERS = ("rider-1", "rider-2", "carer-1", "carer-2", "carer-3", "rider-3", "pool-1")
ANSWERS = ("offer_accepted", "offer_declined")
KINDS = (
    "substituted",
    "shift_on", "shift_off", "dropped_out", "picked_up", "arrived", "started", "done", "no_answer", "failed", "en_route",
    "returned", "here", "alarm",
)  # fmt: skip

steps = st.one_of(
    st.tuples(st.just("meal"), st.integers(0, 6)),
    st.tuples(st.just("care"), st.integers(0, 4), st.sampled_from([1, 2])),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("answer_any"), st.integers(0, 12), st.sampled_from(ANSWERS), st.sampled_from(("", *WORKERS)), st.booleans()),
    st.tuples(st.just("call"), st.integers(0, 12), st.booleans()),
    st.tuples(st.just("fee"), st.integers(0, 10), st.integers(0, 5)),
    st.tuples(st.just("report"), st.sampled_from(WORKERS), st.sampled_from(KINDS), st.integers(0, 10)),
    st.tuples(st.just("follow"), st.sampled_from(WORKERS)),
    st.tuples(st.just("cancel"), st.integers(0, 10)),
    st.tuples(st.just("settle"), st.integers(0, 3)),
    st.tuples(st.just("kitchen"), st.integers(0, 60)),
    st.tuples(st.just("wait"), st.integers(1, 90)),
    st.tuples(st.just("fail"), st.sampled_from(["kitchen-firm", "centre", "coop"]), st.sampled_from(["hour", "day"])),
    st.tuples(st.just("snow"), st.sampled_from(["bicycle", "walk"]), st.sampled_from(["", "N"]), st.integers(10, 120)),
    st.tuples(st.just("over"), st.integers(0, 2)),
)


def play(world: CoreWorld, step: tuple) -> None:
    visits = list(world.state.visits.values())
    match step:
        case ("meal", number):
            with suppress(KeyError):  # refused: the time is over
                world.file(f"meal-{number}")
        case ("care", number, count):
            with suppress(KeyError):
                world.file(
                    f"care-{number}", service=Service.CHECK_IN, worker_count=count, window_start_at=at("09:00"),
                    window_end_at=at("16:00"), due_at=at("15:00"), service_duration_s=900,
                )  # fmt: skip
        case ("answer", accept):
            for offer_id in world.open_offers()[:1]:
                world.answer(offer_id, "offer_accepted" if accept else "offer_declined")
        case ("answer_any", number, kind, worker_id, in_part) if world.state.offers:  # open or long over
            offer_ids = list(world.state.offers)
            made = world.state.offers[offer_ids[number % len(offer_ids)]].made
            report = WorkerReported(
                report_id=f"any-{len(world.inputs)}", kind=ReportKind(kind), offer_id=made.offer_id, worker_id=worker_id,
                declined_visit_ids=made.visit_ids[:1] if in_part else (), reason="hard_door" if in_part else "",
            )  # fmt: skip
            world.send(report, organisation=made.organisation)
        case ("call", number, yes) if world.state.offers:
            offer_ids = list(world.state.offers)
            called = AnswerOffer(
                command_id=f"call-{len(world.inputs)}", offer_id=offer_ids[number % len(offer_ids)],
                answer="accepted" if yes else "declined",
            )  # fmt: skip
            world.send(called, actor="coordinator")
        case ("fee", number, more) if visits:
            visit_id = visits[number % len(visits)].spec.visit_id
            raised = RaiseFee(command_id=f"fee-{len(world.inputs)}", visit_id=visit_id, extra_krw=1000 * more)
            world.send(raised, actor="coordinator")
        case ("report", worker_id, kind, number):
            world.report(worker_id, kind, *([visits[number % len(visits)]] if visits else []))
        case ("follow", worker_id):
            stops = world.state.workers[worker_id].stops
            if stops:
                kind = "picked_up" if stops[0].kind == "pickup" else "done"
                world.report(worker_id, kind, world.state.visits[stops[0].visit_id])
        case ("cancel", number) if visits:
            world.cancel(visits[number % len(visits)])
        case ("settle", number):
            still = list(world.open_exceptions().items())
            if still:
                kind, _ = still[number % len(still)]
                outcome = {"unserved": "handed_over", "welfare_check": "found_well", "worker_silent": "relieved"}.get(kind, "seen")
                world.settle(kind, outcome)
        case ("kitchen", minutes):
            ready_at = at("11:15") + timedelta(minutes=minutes)
            world.send(KitchenReported(report_id=f"kitchen-{minutes}", kitchen_id="k1", ready_at=ready_at), organisation=KITCHEN)
        case ("fail", provider_id, span):
            key = f"fail-{len(world.inputs)}"
            world.send(ReportProviderFailure(command_id=key, provider_id=provider_id, span=span, reason="gas"))
        case ("snow", mode, area_id, minutes):
            until_at = world.now_at + timedelta(minutes=minutes)
            world.send(PauseMode(command_id=f"snow-{len(world.inputs)}", mode=mode, area_id=area_id, until_at=until_at))
        case ("over", number) if world.state.disruptions:
            known = list(world.state.disruptions)
            world.send(EndDisruption(command_id=f"over-{len(world.inputs)}", disruption_id=known[number % len(known)]))
        case ("wait", minutes):
            later = (world.now_at + timedelta(minutes=minutes) - at("00:00")).total_seconds() / 60
            world.until(f"{int(later) // 60:02d}:{int(later) % 60:02d}")


def town(rules: tuple[OfferRule, ...]) -> DistrictConfig:
    """The small district; one rider has a voice phone, one carer stands by."""
    small = config(rung_wait_s=300, offering=Offering(rules=rules, max_open=2))
    more = (
        worker("rider-3", WorkerKind.RIDER, COOP, "N", 250.0, has_app=False),
        worker("pool-1", WorkerKind.CARER, CENTRE, "N", 480.0, substitute=True),
    )
    return msgspec.structs.replace(small, workers=(*small.workers, *more))


def check_offers(state: DistrictState) -> None:
    """Whoever is asked can answer: a visit under offer has an open offer, and nobody has two visits' worth of one door."""
    still = {visit_id for offer in state.offers.values() if not offer.outcome for visit_id in offer.made.visit_ids}
    for visit_id, visit in state.visits.items():
        if visit.state is VisitState.OFFERED:
            assert visit_id in still
            assert visit.worker_ids
        if visit.state is VisitState.ACCEPTED:
            assert len(visit.accepted_ids) == visit.spec.worker_count
    calls = {x.raised.detail for x in state.exceptions.values() if x.raised.kind == "no_app_call" and not x.outcome}
    assert calls == {key for key, offer in state.offers.items() if offer.made.by_call and not offer.outcome}


def reloaded(state: DistrictState) -> DistrictState:
    return msgspec.json.decode(msgspec.json.encode(state), type=DistrictState)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(steps, max_size=40), st.booleans())
def test_any_day_folds_replays_and_balances(script: list[tuple], at_once: bool) -> None:
    rules = (OfferRule(ask="nearest", nearest_n=2),) if at_once else ()
    world = CoreWorld(town(rules))
    for step in script:
        play(world, step)
        check_offers(world.state)
        count = counters(world.state)
        assert sum(count.by_state.values()) == sum(count.by_class.values()) == count.visits
    world.close()

    folded = new_state(DISTRICT)
    again = new_state(DISTRICT)
    for number, (envelope, recorded_at) in enumerate(world.inputs):
        if number % 7 == 3:
            again = reloaded(again)  # as after a crash: nothing but the state itself may matter
        decisions = decide(again, envelope, recorded_at)
        advance(folded, again.now_at)
        for decision in decisions:
            apply(folded, decision)
    assert encode(folded) == encode(again) == encode(world.state)
    assert state_hash(folded) == state_hash(world.state)

    closed = ledger(world.state)
    assert closed.open == closed.unaccounted == 0
    assert closed.done + closed.cancelled + closed.failed + closed.handed_over == closed.visits
    for visit_id, visit in world.state.visits.items():
        row = visit_row(world.state, visit_id)
        assert row.ledger_class != LedgerClass.OPEN.value
        assert visit.state != "handed_over" or visit.owner
    for worker_id in world.state.workers:
        assert worker_row(world.state, worker_id).onboard >= 0
