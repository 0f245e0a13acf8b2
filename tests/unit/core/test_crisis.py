"""The crisis programme: switched on for dates with a budget and a stock; visits of care about to break, and postings of days."""

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.contracts.crisis import PostingState
from streams.contracts.decisions import CommandSettled, VisitState
from streams.contracts.district import DistrictConfig, Service
from streams.contracts.eligibility import Credential, PostingRule, Programme, Requirement
from streams.contracts.inputs import (
    AssignPosting,
    EndPosting,
    IssueEquipment,
    RequestPosting,
    SwitchOffProgramme,
    SwitchOnProgramme,
)
from streams.core.board import counters, worker_row
from streams.core.ledger import ledger
from streams.core.posting_states import diagram
from tests.core_world import CoreWorld, at, config

NOON: dict[str, Any] = dict(
    service=Service.TEMPORARY_HOME_CARE, window_start_at=at("13:00"), window_end_at=at("15:00"), due_at=at("15:00"),
    service_duration_s=3600, programme="crisis", asked_by="recipient",
)  # fmt: skip
KIT = {"mask": 2, "gloves": 2}
EARLIER = (("infection_test", "06:00"), ("safety_training", "06:00"))


def crisis_district(**posting: Any) -> DistrictConfig:
    """Carer-1 is the window's own, trained and freshly tested; the others are a centre's."""
    given = config()
    rule = PostingRule(
        **{
            "who_may_ask": ("recipient", "public_health_centre"), "day_price_krw": 300_000, "day_equipment": KIT, "max_days": 14,
            "requires": (Requirement(code="infection_test", max_age_s=48 * 3600), Requirement(code="safety_training")),
        } | posting
    )  # fmt: skip
    programme = Programme(
        programme_id="crisis", name_ko="긴급돌봄지원단", name_en="Crisis care", services=("temporary_home_care", "accompaniment"),
        switched=True, who_may_ask=("recipient",), visit_price_krw=40_000, visit_equipment={"mask": 1}, posting=rule,
    )  # fmt: skip
    until_at = at("23:00") + timedelta(days=30)
    held = tuple(Credential(code=code, issued_at=at(issued), valid_until_at=until_at) for code, issued in EARLIER)
    workers = tuple(
        msgspec.structs.replace(one, credentials=held) if one.worker_id == "carer-1" else one for one in given.workers
    )
    return msgspec.structs.replace(given, programmes=(programme,), workers=workers)


def switched_on(budget_krw: int = 1_000_000, masks: int = 20, **fields: Any) -> CoreWorld:
    world = CoreWorld(crisis_district(**fields))
    switch_on(world, budget_krw, masks)
    return world


def switch_on(world: CoreWorld, budget_krw: int, masks: int, actor: str = "operator", **fields: Any) -> None:
    base: dict[str, Any] = dict(
        command_id=f"on-{budget_krw}-{masks}-{actor}", programme_id="crisis", from_date="2026-03-02", until_date="2026-03-20",
        budget_krw=budget_krw, stock={"mask": masks, "gloves": 20},
    )  # fmt: skip
    world.send(SwitchOnProgramme(**(base | fields)), actor=actor)


def posting(**fields: Any) -> RequestPosting:
    base: dict[str, Any] = dict(
        command_id="post", posting_id="posting-1", programme_id="crisis", recipient_id="r-quarantined", dong="1144000001",
        asked_by="public_health_centre", from_at=at("12:00"), until_at=at("12:00") + timedelta(days=2),
    )  # fmt: skip
    return RequestPosting(**(base | fields))


def told(world: CoreWorld) -> tuple[str, tuple[str, ...]]:
    settled = next(x for x in world.decisions if isinstance(x, CommandSettled))
    return settled.code or settled.outcome, settled.rules


def outcome(world: CoreWorld, reference: str, **fields: Any) -> str:
    with contextlib.suppress(KeyError):
        world.file(reference, **NOON | fields)
    return told(world)[0]


def open_details(world: CoreWorld, kind: str) -> list[str]:
    return sorted(x.raised.detail for x in world.state.exceptions.values() if x.raised.kind == kind and not x.outcome)


# --- switching


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"actor": "coordinator"}, "operator_only"),
        ({"programme_id": "other"}, "unknown_programme"),
        ({"from_date": "tomorrow"}, "wrong_field"),
        ({"until_date": "2026-03-01"}, "time_inverted"),
        ({"budget_krw": -1}, "wrong_field"),
    ],
)
def test_only_an_operator_switches_it_on_and_with_sound_dates(fields: dict[str, Any], code: str) -> None:
    world = CoreWorld(crisis_district())
    base: dict[str, Any] = {"budget_krw": 1, "masks": 1}
    switch_on(world, **(base | fields))
    assert told(world)[0] == code
    assert world.state.programmes == {}


def test_while_it_is_off_nobody_can_ask_and_after_it_was_switched_off_what_was_promised_goes_on() -> None:
    world = CoreWorld(crisis_district())
    assert outcome(world, "early") == "programme_off"
    switch_on(world, 1_000_000, 20)
    assert outcome(world, "care") == "accepted"
    world.send(SwitchOffProgramme(command_id="off", programme_id="crisis", reason="emergency_over"))
    assert outcome(world, "late") == "programme_off"
    (visit,) = world.state.visits.values()
    assert visit.state is VisitState.PLANNED


# --- type 1: visits


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "accepted"),
        ({"asked_by": "neighbour"}, "may_not_ask"),
        ({"service": Service.CHECK_IN}, "not_of_programme"),
        ({"programme": "nothing"}, "unknown_programme"),
        ({"window_start_at": at("13:00") + timedelta(days=40), "window_end_at": at("15:00") + timedelta(days=40),
          "due_at": at("15:00") + timedelta(days=40)}, "programme_off"),
    ],
)  # fmt: skip
def test_who_may_ask_for_what_on_which_day_is_the_programmes(fields: dict[str, Any], code: str) -> None:
    assert outcome(switched_on(), "care", **fields) == code


def test_a_visit_books_its_price_and_equipment_and_gives_them_back_when_it_is_cancelled() -> None:
    world = switched_on()
    visit = world.file("care", **NOON)
    record = world.state.programmes["crisis"]
    assert (record.booked_krw, record.booked_equipment) == (40_000, {"mask": 1})
    assert ledger(world.state).crisis == {"visits": 1, "postings": 0, "booked_krw": 40_000}
    world.cancel(visit)
    assert (record.booked_krw, record.booked_equipment["mask"], record.bookings) == (0, 0, {})


def test_a_used_up_budget_refuses_and_is_the_district_offices_until_it_is_raised() -> None:
    world = switched_on(budget_krw=80_000)
    assert [outcome(world, f"care-{n}") for n in range(3)] == ["accepted", "accepted", "budget_used_up"]
    raised = world.state.exceptions[world.open_exceptions()["budget_used_up"]].raised
    assert (raised.subject, raised.detail, raised.owner) == ("crisis", "budget", "district_officer")
    (first, *_) = world.state.visits.values()
    world.cancel(first)
    assert "budget_used_up" not in world.open_exceptions()  # enough for one more again
    assert outcome(world, "care-4") == "accepted"
    assert "budget_used_up" in world.open_exceptions()
    switch_on(world, 500_000, 20)
    assert "budget_used_up" not in world.open_exceptions()
    assert outcome(world, "care-3") == "accepted"


def test_a_used_up_stock_refuses_the_visit_that_would_need_it() -> None:
    world = switched_on(masks=1, day_equipment={})
    assert [outcome(world, f"care-{n}") for n in range(2)] == ["accepted", "stock_used_up"]
    assert open_details(world, "budget_used_up") == ["mask"]


# --- type 2: postings


def test_a_posting_takes_a_worker_who_may_go_out_of_the_pool_and_others_take_over_their_visits() -> None:
    world = switched_on()
    visits = [world.file(f"care-{n}", **NOON | {"programme": "", "asked_by": ""}) for n in range(2)]
    assert "carer-1" in {worker_id for visit in visits for worker_id in visit.worker_ids}
    world.send(posting())
    filed = world.state.postings["posting-1"]
    assert (filed.worker_id, filed.state) == ("carer-1", PostingState.ASSIGNED)
    assert all(visit.worker_ids == ["carer-2"] for visit in visits if visit.worker_ids)
    world.until("12:01")
    assert (filed.state, worker_row(world.state, "carer-1").status) == (PostingState.UNDER_WAY, "posted")
    assert "carer-1" not in world.file("afternoon", **NOON | {"programme": "", "window_start_at": at("16:00"),
                                       "window_end_at": at("17:00"), "due_at": at("17:00")}).worker_ids  # fmt: skip


def test_who_is_in_a_home_when_it_begins_does_not_go() -> None:
    world = switched_on()
    care = world.file("care", **NOON | {"programme": "", "asked_by": "", "excluded_workers": ("carer-2", "carer-3")})
    world.until("11:55")
    if care.state is VisitState.OFFERED:
        world.answer(world.open_offers()[0])
    for kind in ("en_route", "arrived", "started"):
        world.report("carer-1", kind, care)
    world.send(posting(worker_id="carer-1", from_at=world.state.now_at + timedelta(minutes=1)))
    assert told(world) == ("worker_not_able", ("under_way",))
    world.send(posting(command_id="later", posting_id="posting-2", worker_id="carer-1", from_at=at("18:00")))
    assert told(world)[0] == "accepted"


def test_its_days_are_booked_and_days_not_begun_are_given_back() -> None:
    world = switched_on()
    world.send(posting())
    record = world.state.programmes["crisis"]
    assert (record.booked_krw, record.booked_equipment) == (600_000, {"mask": 4, "gloves": 4})
    world.until("18:00")
    world.send(EndPosting(command_id="end", posting_id="posting-1", reason="test_negative"))
    assert (record.booked_krw, record.booked_equipment) == (300_000, {"mask": 2, "gloves": 2})
    assert world.file("evening", **NOON | {"programme": "", "window_start_at": at("18:30"), "window_end_at": at("19:30"),
                      "due_at": at("19:30"), "excluded_workers": ("carer-2",)}).worker_ids == ["carer-1"]  # fmt: skip


def test_after_its_days_the_worker_is_in_the_pool_again() -> None:
    world = switched_on()
    world.send(posting(until_at=at("15:00")))
    world.until("15:01")
    assert world.state.postings["posting-1"].state is PostingState.ENDED
    later = world.file("later", **NOON | {"programme": "", "window_start_at": at("16:00"), "window_end_at": at("17:00"),
                       "due_at": at("17:00"), "excluded_workers": ("carer-2",)})  # fmt: skip
    assert later.worker_ids == ["carer-1"]


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"asked_by": "neighbour"}, ("may_not_ask", ())),
        ({"until_at": at("12:00") + timedelta(days=15)}, ("posting_too_long", ())),
        ({"until_at": at("11:00")}, ("time_inverted", ())),
        ({"programme_id": "other"}, ("unknown_programme", ())),
        ({"dong": "1144099999"}, ("unknown_dong", ())),
        ({"worker_id": "nobody"}, ("unknown_worker", ())),
        ({"until_at": at("12:00") + timedelta(days=4)}, ("budget_used_up", ())),
        ({"worker_id": "carer-2"},
         ("worker_not_able", ("another_employer", "credential_missing:infection_test", "credential_missing:safety_training"))),
        ({"from_at": at("12:00") + timedelta(days=3), "until_at": at("12:00") + timedelta(days=4), "worker_id": "carer-1"},
         ("worker_not_able", ("credential_too_old:infection_test",))),
    ],
)  # fmt: skip
def test_a_posting_that_cannot_be_is_refused_by_the_rule_in_its_way(fields: dict[str, Any], answer: Any) -> None:
    world = switched_on()
    world.send(posting(**fields))
    assert told(world) == answer


def test_nobody_able_is_the_coordinators_who_names_somebody_once_they_are_tested() -> None:
    world = switched_on()
    world.send(posting(gender="male"))
    assert world.state.postings["posting-1"].state is PostingState.WAITING
    raised = world.state.exceptions[world.open_exceptions()["posting_unfilled"]].raised
    assert (raised.subject, raised.owner) == ("posting-1", "coordinator")
    world.send(AssignPosting(command_id="a1", posting_id="posting-1", worker_id="carer-1"))
    assert told(world) == ("worker_not_able", ("gender",))
    world.settle("posting_unfilled", "cancelled_with_recipient")
    assert world.state.postings["posting-1"].state is PostingState.CANCELLED
    assert world.state.programmes["crisis"].booked_krw == 0
    world.send(AssignPosting(command_id="a2", posting_id="posting-1", worker_id="carer-1"))
    assert told(world)[0] == "posting_closed"


def test_a_posted_worker_who_falls_ill_is_not_forgotten_nor_is_the_recipient() -> None:
    world = switched_on()
    world.send(posting())
    world.until("13:00")
    world.report("carer-1", "dropped_out")
    assert world.state.postings["posting-1"].state is PostingState.WAITING
    assert {"posting_unfilled", "worker_dropped_out"} <= set(world.open_exceptions())


def test_the_same_posting_again_is_the_same_and_another_under_its_name_is_refused() -> None:
    world = switched_on()
    world.send(posting())
    world.send(posting(command_id="again"))
    assert told(world)[0] == "duplicate"
    world.send(posting(command_id="other", recipient_id="r-2"))
    assert told(world)[0] == "key_reused"


def test_equipment_out_of_the_stock_lets_a_worker_serve_and_is_booked() -> None:
    given = crisis_district()
    asks = msgspec.structs.replace(given.programmes[0], requires=(Requirement(code="protective_equipment"),))
    world = CoreWorld(msgspec.structs.replace(given, programmes=(asks,)))
    switch_on(world, 1_000_000, 5)
    visit = world.file("care", **NOON)
    assert visit.state is VisitState.WAITING
    issue: dict[str, Any] = dict(
        programme_id="crisis", worker_id="carer-1", credential="protective_equipment", valid_until_at=at("20:00")
    )
    world.send(IssueEquipment(command_id="i1", items={"mask": 9}, **issue))
    assert (told(world)[0], open_details(world, "budget_used_up")) == ("stock_used_up", ["mask"])
    world.send(IssueEquipment(command_id="i2", items={"mask": 3}, **issue))
    world.until("07:20")
    assert (visit.worker_ids, world.state.programmes["crisis"].booked_equipment) == (["carer-1"], {"mask": 4})
    world.send(IssueEquipment(command_id="i3", items={"mask": 1}, **issue | {"valid_until_at": at("12:00")}))
    assert told(world)[0] == "accepted"
    assert world.state.workers["carer-1"].credentials["protective_equipment"].valid_until_at == at("20:00")  # the first still is


def test_the_board_shows_the_programme_and_its_postings() -> None:
    world = switched_on()
    world.send(posting())
    shown = counters(world.state)
    assert [(row.name_ko, row.is_on, row.booked_krw) for row in shown.programmes] == [("긴급돌봄지원단", True, 600_000)]
    assert [(row.posting_id, row.state, row.worker_id) for row in shown.postings] == [("posting-1", "assigned", "carer-1")]


def test_the_picture_of_a_postings_states_is_the_table() -> None:
    page = (Path(__file__).parents[3] / "docs/crisis.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{diagram()}```" in page
