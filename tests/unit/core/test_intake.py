"""Intake, as a care manager would tell it: the first visit within 72 hours, and what was authorised for somebody's care."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from streams.contracts.decisions import CommandSettled
from streams.contracts.district import Service
from streams.contracts.inputs import AuthoriseCare, RecordFirstVisit, RecordIntake
from streams.contracts.intake import Authorisation
from streams.core.state import ExceptionRecord
from tests.core_world import DAY, CoreWorld, at

MANAGER = "care_manager:1144000001"
RECEIVED_AT = at("06:30")
DUE_AT = RECEIVED_AT + timedelta(hours=72)


def said(world: CoreWorld) -> str:
    settled = next(x for x in world.decisions if isinstance(x, CommandSettled))
    return settled.code or settled.outcome


def referred(**fields: Any) -> CoreWorld:
    world = CoreWorld()
    base: dict[str, Any] = dict(command_id="in", recipient_id="r-9", dong="1144000001", received_at=RECEIVED_AT)
    world.send(RecordIntake(**(base | fields)), actor=MANAGER)
    return world


def wait(world: CoreWorld, hours: float) -> None:
    """So long after the referral."""
    minutes = int(((RECEIVED_AT - DAY) + timedelta(hours=hours)).total_seconds()) // 60
    world.until(f"{6 + minutes // 60}:{minutes % 60}")


def in_queue(world: CoreWorld, kind: str) -> ExceptionRecord | None:
    exception_id = world.open_exceptions().get(kind)
    return world.state.exceptions[exception_id] if exception_id else None


def test_a_day_before_the_72_hours_are_over_the_care_manager_is_reminded_and_then_others() -> None:
    world = referred()
    assert said(world) == "accepted"
    wait(world, 47.9)
    assert in_queue(world, "first_visit_near") is None
    wait(world, 48)
    near = in_queue(world, "first_visit_near")
    assert near is not None
    assert (near.raised.subject, near.raised.dong, near.owner, near.due_at) == ("r-9", "1144000001", MANAGER, DUE_AT)
    wait(world, 72)
    assert near.owner == "coordinator"
    wait(world, 76)
    assert (near.owner, near.outcome) == ("operator", "")


def test_who_has_been_there_is_not_reminded() -> None:
    world = referred()
    wait(world, 20)
    world.send(RecordFirstVisit(command_id="was", recipient_id="r-9", outcome="visited"), actor=MANAGER)
    assert said(world) == "accepted"
    wait(world, 80)
    assert world.open_exceptions() == {}
    world.send(RecordFirstVisit(command_id="again", recipient_id="r-9", outcome="visited"), actor=MANAGER)
    assert said(world) == "duplicate"


def test_the_visit_ends_the_row_whether_said_in_the_queue_or_as_a_command() -> None:
    for by_queue in (True, False):
        world = referred()
        wait(world, 50)
        if by_queue:
            world.settle("first_visit_near", "visited")
        else:
            world.send(RecordFirstVisit(command_id="was", recipient_id="r-9", outcome="visited"), actor=MANAGER)
        assert world.open_exceptions() == {}
        assert world.state.intakes["r-9"].outcome == "visited"


def test_a_referral_is_refused_of_an_unknown_dong_and_from_the_future_and_counted_once() -> None:
    assert said(referred(dong="1144099999")) == "unknown_dong"
    assert said(referred(received_at=at("08:00"))) == "wrong_field"
    world = referred()
    world.send(RecordIntake(command_id="2", recipient_id="r-9", dong="1144000001", received_at=at("06:50")), actor=MANAGER)
    assert said(world) == "duplicate"
    world.send(RecordFirstVisit(command_id="3", recipient_id="somebody", outcome="visited"))
    assert said(world) == "unknown_recipient"


def test_a_referral_that_came_late_is_somebodys_at_once() -> None:
    world = referred(received_at=RECEIVED_AT - timedelta(hours=71))
    near = in_queue(world, "first_visit_near")
    assert near is not None
    assert near.due_at == DUE_AT - timedelta(hours=71)


# --- authorised hours and money ---------------------------------------------------------------------------------------


def authorised(world: CoreWorld, key: str = "1", **granted: Any) -> str:
    world.send(
        AuthoriseCare(command_id=f"grant-{key}", recipient_id="r-9", granted=Authorisation(**granted)), actor=MANAGER
    )
    return said(world)


def check_in(world: CoreWorld, name: str, **more: Any) -> Any:
    fields: dict[str, Any] = dict(
        recipient_id="r-9", service=Service.CHECK_IN, window_start_at=at("10:00"), window_end_at=at("16:00"), due_at=at("16:00"),
        service_duration_s=1800,
    )  # fmt: skip
    return world.file(name, **(fields | more))


def test_the_last_authorised_hour_is_taken_and_the_care_manager_hears_that_no_more_is_left() -> None:
    world = CoreWorld()
    assert authorised(world, service="check_in", duration_s=4000) == "accepted"
    check_in(world, "one")
    assert in_queue(world, "authorisation_used_up") is None
    two = check_in(world, "two")
    assert two.state == "planned", "who needs care has it; what it is paid from is for a person to find"
    used_up = in_queue(world, "authorisation_used_up")
    assert used_up is not None
    assert (used_up.raised.subject, used_up.raised.detail, used_up.owner) == ("r-9", "hours", MANAGER)
    world.until("09:00")
    assert used_up.owner == "operator"


def test_more_hours_or_a_cancelled_visit_settle_it() -> None:
    world = CoreWorld()
    authorised(world, duration_s=3600)
    check_in(world, "one")
    two = check_in(world, "two")
    assert in_queue(world, "authorisation_used_up") is not None
    authorised(world, "2", duration_s=7200)
    assert world.open_exceptions() == {}
    authorised(world, "3", duration_s=3600)
    assert in_queue(world, "authorisation_used_up") is not None
    world.cancel(two)
    assert world.open_exceptions() == {}


def test_money_is_counted_by_visit_and_hour_within_the_dates_and_of_the_service() -> None:
    world = CoreWorld()
    authorised(
        world, service="check_in", from_date="2026-03-02", until_date="2026-03-02", budget_krw=25_000, visit_price_krw=5_000,
        hour_price_krw=20_000,
    )  # fmt: skip
    check_in(world, "another-service", service=Service.TEMPORARY_HOME_CARE)
    check_in(world, "one")  # 15,000; another would be 30,000
    used_up = in_queue(world, "authorisation_used_up")
    assert used_up is not None
    assert used_up.raised.detail == "budget"
    authorised(world, "2", service="check_in", from_date="2026-03-03", budget_krw=25_000, visit_price_krw=5_000)
    assert world.open_exceptions() == {}, "today's visits are not paid from what begins tomorrow"


def test_seen_holds_until_the_next_visit_is_filed() -> None:
    world = CoreWorld()
    authorised(world, duration_s=1800)
    one = check_in(world, "one")
    world.settle("authorisation_used_up", "seen")
    world.until("08:40")
    assert one.state == "offered" or one.state == "accepted" or one.state == "planned"
    assert in_queue(world, "authorisation_used_up") is None
    check_in(world, "two")
    assert in_queue(world, "authorisation_used_up") is not None


def test_a_grant_that_makes_no_sense_is_refused() -> None:
    world = CoreWorld()
    assert authorised(world, "1", from_date="2026-03-09", until_date="2026-03-01", duration_s=60) == "time_inverted"
    assert authorised(world, "2", from_date="tomorrow", duration_s=60) == "wrong_field"
    assert authorised(world, "3", duration_s=-1) == "wrong_field"
