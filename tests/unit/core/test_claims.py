"""A need climbs the ladder; the providers of a rung see it and claim it. In the words of the people."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from streams.contracts import decisions as d
from streams.contracts.decisions import Decision, VisitState
from streams.contracts.district import HelpPair, Rung, RungName, Service
from streams.contracts.inputs import ClaimNeed, ReportKind, SettleClaim, WorkerReported
from streams.core.state import ExclusionRecord, VisitRecord
from tests.core_world import CENTRE, WINDOW, CoreWorld, at, config

CARE = dict(
    service=Service.TEMPORARY_HOME_CARE, window_start_at=at("09:00"), window_end_at=at("12:00"), due_at=at("12:00"),
    service_duration_s=1800,
)  # fmt: skip


def only(world: CoreWorld, kind: type[Decision]) -> list[Any]:
    return [one for one in world.log if isinstance(one, kind)]


def claim(world: CoreWorld, visit: VisitRecord, organisation: str = CENTRE, worker_id: str = "") -> list[Decision]:
    report_id = f"claim-{organisation}-{len(world.inputs)}"
    return world.send(
        WorkerReported(report_id=report_id, kind=ReportKind.CLAIMED, worker_id=worker_id, visit_ids=(visit.spec.visit_id,)),
        organisation=organisation,
    )


def refusals(decisions: list[Decision]) -> list[str]:
    return [one.code for one in decisions if isinstance(one, d.ReportRefused)]


LOOSE = (
    Rung(name=RungName.DONG, claims=False),
    Rung(name=RungName.LIVING_AREA, claim_expiry_s=600, price_krw=700),
    Rung(name=RungName.DISTRICT, wait_s=(60, 120, 180), price_krw=1500),
)


def declined_everywhere(world: CoreWorld, **care: Any) -> VisitRecord:
    """08:00. Care in the north is wanted from nine; whoever the plan asks says no, and the need waits on the first rung."""
    world.until("08:00")
    visit = world.file("care", **(CARE | care))
    for offer_id in world.open_offers():
        world.answer(offer_id, "offer_declined")
    assert visit.state is VisitState.WAITING
    return visit


def two_centres(**changes: Any) -> tuple[CoreWorld, VisitRecord]:
    """The north's only carer of the centre has said no; on the second rung its organisations see the need."""
    world = CoreWorld(replace(config(rung_wait_s=600, ladder=LOOSE, slot_lead_s=7200), **changes))
    return world, declined_everywhere(world, excluded_workers=("carer-1", "carer-3"))


def test_a_need_that_climbs_is_shown_to_those_who_have_somebody_without_saying_whose_it_is() -> None:
    world, visit = two_centres()
    world.until("08:15")
    (opened,) = only(world, d.NeedOpened)
    assert (opened.rung, opened.organisations, opened.price_krw) == ("living_area", (CENTRE,), 700)
    assert visit.spec.recipient_id not in repr(opened)


def test_a_claim_waits_for_the_coordinator_and_nobody_else_gets_the_need_meanwhile() -> None:
    world, visit = two_centres()
    world.until("08:15")
    claim(world, visit, worker_id="carer-2")
    assert visit.state is VisitState.WAITING
    assert visit.held_by
    world.settle("claim_to_confirm", "confirmed")
    assert (visit.state, visit.worker_ids) == (VisitState.ACCEPTED, ["carer-2"])
    (supplied,) = only(world, d.NeedSupplied)
    assert (supplied.rung, supplied.supplier, supplied.price_krw) == ("living_area", CENTRE, 700)
    assert supplied.after_s == 15 * 60
    assert "unserved" not in world.open_exceptions()


def test_a_claim_that_nobody_confirms_in_time_ends_and_the_need_is_open_again() -> None:
    world, visit = two_centres()
    world.until("08:15")
    claim(world, visit)
    world.until("08:26")
    (settled,) = only(world, d.ClaimSettled)
    assert (settled.outcome, visit.held_by) == ("expired", "")
    assert "claim_to_confirm" not in world.open_exceptions()
    shown = [one.organisations for one in only(world, d.NeedOpened)]
    assert shown == [(CENTRE,), (CENTRE,)]
    assert refusals(claim(world, visit)) == []


def test_a_declined_claim_opens_the_need_and_a_provider_may_take_its_own_back() -> None:
    world, visit = two_centres()
    world.until("08:15")
    claim(world, visit)
    world.settle("claim_to_confirm", "declined")
    assert visit.held_by == ""
    claim(world, visit)
    back = WorkerReported(report_id="back", kind=ReportKind.CLAIM_WITHDRAWN, visit_ids=(visit.spec.visit_id,))
    assert refusals(world.send(back, organisation="coop")) == ["unknown_claim"]
    world.send(back, organisation=CENTRE)
    assert [one.outcome for one in only(world, d.ClaimSettled)] == ["declined", "withdrawn"]
    assert visit.state is VisitState.WAITING


def test_an_agreed_pair_is_confirmed_at_once_at_its_own_price() -> None:
    world, visit = two_centres(help_pairs=(HelpPair(helper=CENTRE, area_id="N", pre_approved=True, price_krw=300),))
    world.until("08:15")
    claim(world, visit)
    assert (visit.state, visit.worker_ids) == (VisitState.ACCEPTED, ["carer-2"])
    assert only(world, d.NeedSupplied)[0].price_krw == 300


def test_who_had_declined_may_claim_all_the_same_but_not_whom_the_recipient_has_excluded_since() -> None:
    world, visit = two_centres(help_pairs=(HelpPair(helper=CENTRE, pre_approved=True),))
    assert "carer-2" in visit.declined_ids
    world.until("08:15")
    world.state.exclusions[visit.spec.recipient_id] = {"carer-2": ExclusionRecord(by="recipient", since_at=at("07:00"))}
    world.state.runtime.visit_changed(visit.spec.visit_id)
    assert refusals(claim(world, visit, worker_id="carer-2")) == ["worker_not_able"]
    del world.state.exclusions[visit.spec.recipient_id]
    world.state.runtime.visit_changed(visit.spec.visit_id)
    claim(world, visit)
    assert (visit.state, visit.worker_ids) == (VisitState.ACCEPTED, ["carer-2"])


def test_who_may_not_help_is_not_shown_the_need() -> None:
    world, visit = two_centres(help_pairs=(HelpPair(helper=CENTRE, may_help=False),))
    world.until("08:15")
    assert only(world, d.NeedOpened) == []
    assert refusals(claim(world, visit)) == ["need_not_open"]


def test_the_responsible_enterprise_sees_its_areas_need_first_and_is_confirmed_at_once() -> None:
    """The window is responsible for the north; its carer is at home in the south, which the plan may not ask for help."""
    made = config(rung_wait_s=600, slot_lead_s=7200)
    away = tuple(replace(one, area_id="S") if one.worker_id == "carer-1" else one for one in made.workers)
    world = CoreWorld(replace(made, workers=away, areas=tuple(replace(area, helpers=()) for area in made.areas)))
    visit = declined_everywhere(world, excluded_workers=("carer-3",))
    assert refusals(claim(world, visit, WINDOW)) == ["need_not_open"]  # on the first rung nobody else sees it
    world.until("08:12")
    assert [one.organisations for one in only(world, d.NeedOpened)] == [(WINDOW,)]
    assert refusals(claim(world, visit, CENTRE)) == ["need_not_open"]
    world.until("08:15")
    assert [one.organisations for one in only(world, d.NeedOpened)] == [(WINDOW,), (CENTRE,)]
    claim(world, visit, WINDOW)
    assert (visit.state, visit.worker_ids) == (VisitState.ACCEPTED, ["carer-1"])
    assert only(world, d.NeedClosed)[-1].organisations == (WINDOW, CENTRE)


@pytest.mark.parametrize(
    ("organisation", "worker_id", "code"),
    [(CENTRE, "carer-1", "not_your_worker"), (CENTRE, "carer-3", "worker_not_able"), (WINDOW, "", "need_not_open")],
)
def test_a_claim_that_cannot_stand_is_refused_with_its_reason(organisation: str, worker_id: str, code: str) -> None:
    world, visit = two_centres()
    world.until("08:15")
    assert refusals(claim(world, visit, organisation, worker_id)) == [code]
    assert visit.held_by == ""


def test_the_coordinator_writes_down_a_claim_by_telephone_and_answers_it() -> None:
    world, visit = two_centres()
    world.until("08:15")
    visit_id = visit.spec.visit_id
    world.send(ClaimNeed(command_id="call", visit_id=visit_id, organisation=CENTRE), actor="coordinator")
    world.send(ClaimNeed(command_id="call-2", visit_id=visit_id, organisation=CENTRE), actor="coordinator")
    world.send(SettleClaim(command_id="yes", claim_id=visit.claim_id, outcome="confirmed"), actor="coordinator")
    world.send(SettleClaim(command_id="yes-2", claim_id=visit.claim_id, outcome="confirmed"), actor="coordinator")
    world.send(SettleClaim(command_id="no", claim_id="nobody", outcome="declined"), actor="coordinator")
    outcomes = {key: (one.outcome, one.code) for key, one in world.state.commands.items() if key in
                ("call", "call-2", "yes", "yes-2", "no")}  # fmt: skip
    assert outcomes == {
        "call": ("accepted", ""), "call-2": ("duplicate", ""), "yes": ("accepted", ""), "yes-2": ("duplicate", ""),
        "no": ("refused", "unknown_claim"),
    }  # fmt: skip
    assert visit.state is VisitState.ACCEPTED
    assert "claim_to_confirm" not in world.open_exceptions()


def test_a_cancelled_visit_ends_its_claim_and_those_who_saw_it_are_told() -> None:
    world, visit = two_centres()
    world.until("08:15")
    claim(world, visit)
    world.cancel(visit)
    assert only(world, d.ClaimSettled)[-1].outcome == "withdrawn"
    assert only(world, d.NeedClosed)[-1].organisations == (CENTRE,)
    assert not world.open_exceptions()


def test_each_rung_waits_its_own_time_by_priority() -> None:
    world, visit = two_centres()
    world.until("08:11")
    assert visit.rung == 1
    world.until("08:21")
    assert visit.rung == 2
    climbed = world.now_at
    assert world.state.deadlines[f"rung:{visit.spec.visit_id}"] <= climbed + (at("08:02") - at("08:00"))
