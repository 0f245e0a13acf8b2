"""Insertion under the model's further rules and prices: one test for each, in a world whose prices can be read off the map."""

from __future__ import annotations

from dataclasses import replace

from routing import Break, Credential, Gap, Insertion, Pickup, Place, Plan, Prices, Problem, Unassignable, Visit, insert
from tests.worlds import at, care, carer, clock, meal, plan, rider, route, show, world


def placed(problem: Problem, start: Plan, visit_id: str) -> tuple[str, float]:
    found = insert(problem, start, problem.visits[visit_id])
    assert isinstance(found, Insertion), found
    (one,) = found.routes
    return show(problem, one), found.price


def nobody(problem: Problem, start: Plan, visit_id: str) -> bool:
    return isinstance(insert(problem, start, problem.visits[visit_id]), Unassignable)


def errand(number: int, x: float, **changes: object) -> Visit:
    """Medicine from a shop 200 m east, then home."""
    shop = Pickup("shop", Place(200, 0), at("09:00"), 60)
    return meal(number, x, **{"kind": "errand", "boxes": 0, "pickup": shop, **changes})


def test_the_way_up_comes_before_the_begin_and_is_not_travel() -> None:
    problem = world([carer()], [care(1, 300, access_duration_s=240), care(2, 600, access_duration_s=60)])
    shown, price = placed(problem, plan(route("carer-1", "care-2")), "care-1")
    assert (shown, price) == ("carer-1 | care-1 09:09 | care-2 10:15", 0)


def test_the_way_up_may_be_too_long_for_the_window() -> None:
    assert nobody(world([carer()], [care(1, 300, access_duration_s=240, latest_s=at("09:08"))]), plan(), "care-1")


def test_empties_stay_in_the_box_until_the_end() -> None:
    back = meal(1, 300, boxes_back=1)
    full = meal(2, 600, ready="10:00")
    problem = world([rider(capacity_boxes=1)], [back, full])
    shown, _ = placed(problem, plan(route("rider-1", "+home-2", "home-2")), "home-1")
    assert shown == "rider-1 | kitchen 10:00 | home-2 10:13 | kitchen 10:24 | home-1 10:32"


def test_boxes_without_a_pickup_are_loaded_at_the_start() -> None:
    parcel = meal(2, 600, kind="parcel", pickup=None)
    problem = world([rider(1, capacity_boxes=1), rider(2, place=Place(-300, 0), capacity_boxes=1)], [meal(1, 300), parcel])
    shown, price = placed(problem, plan(route("rider-1", "+home-1", "home-1")), "home-2")
    assert (shown, price) == ("rider-2 | home-2 09:15", 900)


def test_a_shop_closes() -> None:
    late = errand(1, 600, pickup=Pickup("shop", Place(200, 0), at("09:00"), 60, at("09:03")))
    assert nobody(world([rider()], [late]), plan(), "home-1")
    assert placed(world([carer()], [errand(1, 600)]), plan(), "home-1") == ("carer-1 | shop 09:03 | home-1 09:11", 600)


def test_a_break_comes_first_when_its_time_has_come() -> None:
    resting = carer(breaks=(Break(at("10:00"), at("11:00"), 1800),))
    problem = world([resting], [care(1, 0), care(2, 600, latest_s=at("10:30"))])
    start = plan(route("carer-1", "care-1"))
    # behind care-1 the break is over at 10:30 and care-2 begins at 10:40, too late: it goes first
    assert placed(problem, start, "care-2")[0] == "carer-1 | care-2 09:10 | care-1 10:50"


def test_a_visit_that_would_make_a_break_late_is_not_taken() -> None:
    resting = carer(breaks=(Break(at("09:30"), at("09:40"), 1800),))
    assert nobody(world([resting], [care(1, 0)]), plan(), "care-1") is True
    assert nobody(world([resting], [care(1, 0, service_duration_s=1200)]), plan(), "care-1") is False


def test_credentials_are_held_valid_and_young_enough_when_it_begins() -> None:
    old = Credential(at("00:00"), at("18:00"))
    visit = care(1, 300, required_credentials={"test": 9 * 3600 + 240})
    problem = world([carer(1, credentials={"test": old}), carer(2, place=Place(-9, 0)), carer(3, place=Place(-900, 0))], [visit])
    assert nobody(problem, plan(), "care-1")  # carer-1's test is 9 h 5 min old at the door
    young = replace(problem.workers["carer-3"], credentials={"test": replace(old, issued_s=at("08:00"))})
    assert placed(replace(problem, workers={**problem.workers, "carer-3": young}), plan(), "care-1")[1] == 1200


def test_a_planned_visit_is_not_pushed_past_its_credential() -> None:
    holder = carer(credentials={"test": Credential(at("08:00"), at("09:10"))})
    problem = world([holder], [care(1, 300, required_credentials={"test": 0.0}), care(2, 100, service_duration_s=600)])
    assert placed(problem, plan(route("carer-1", "care-1")), "care-2")[0].startswith("carer-1 | care-1 09:05")


def test_preferences_have_a_price() -> None:
    visit = care(
        1, 100, preferred_gender="m", preferred_worker_ids=frozenset({"carer-9"}), familiar_worker_ids=frozenset({"carer-8"})
    )
    assert placed(world([carer()], [visit]), plan(), "care-1")[1] == 100 + 300 + 120 + 60


def test_nobody_is_sent_where_they_are_barred() -> None:
    problem = world([carer(1, banned_area_ids=frozenset({"A"})), carer(2, place=Place(900, 0))], [care(1, 100)])
    assert placed(problem, plan(), "care-1") == ("carer-2 | care-1 09:13", 800)


def test_a_visit_may_have_its_own_price_of_lateness() -> None:
    problem = world([carer()], [care(1, 300, due_s=at("09:00"), late_per_min=6)])
    assert placed(problem, plan(), "care-1")[1] == 300 + 5 * 6


def test_what_was_told_has_a_price_and_is_kept_by_others() -> None:
    told = care(1, 300, promised_s=at("09:04"))
    assert placed(world([carer()], [told]), plan(), "care-1")[1] == 300 + 60
    problem = world([carer()], [care(1, 300, promised_s=at("09:20")), care(2, 100, service_duration_s=1200)])
    assert placed(problem, plan(route("carer-1", "care-1")), "care-2")[0].startswith("carer-1 | care-1 09:05")


def test_limits_on_hours_and_distance() -> None:
    near, far = carer(1, max_active_s=3899), carer(2, place=Place(0, 600), max_distance_m=600)
    problem = world([near, far, carer(3, place=Place(2000, 0))], [care(1, 300)])
    assert placed(problem, plan(), "care-1")[0].startswith("carer-3")
    wider = replace(problem.workers["carer-1"], max_active_s=3900)
    assert placed(replace(problem, workers={**problem.workers, "carer-1": wider}), plan(), "care-1")[1] == 300


def test_more_than_a_fair_share_has_a_price() -> None:
    problem = world([carer(1, fair_active_s=3600), carer(2, place=Place(-200, 0))], [care(1, 300)])
    assert placed(problem, plan(), "care-1") == ("carer-1 | care-1 09:05", 300 + 50)


def test_a_round_leaves_the_kitchen_once() -> None:
    first, late = meal(1, 300, round_id="noon", due_s=at("09:10")), meal(2, 600, ready="09:30", round_id="noon")
    problem = world([rider()], [first, late])
    assert nobody(problem, plan(route("rider-1", "+home-1", "home-1")), "home-2")
    another = replace(problem, workers={**problem.workers, "rider-2": rider(2)})
    assert placed(another, plan(route("rider-1", "+home-1", "home-1")), "home-2")[0].startswith("rider-2")


def test_the_familiar_order_of_a_round_has_a_price() -> None:
    near, far = meal(1, 300, round_id="noon", round_rank=2), meal(2, 320, round_id="noon", round_rank=1)
    problem = world([rider()], [near, far], prices=Prices(order_change=30))
    assert placed(problem, plan(route("rider-1", "+home-2", "home-2")), "home-1") == (
        "rider-1 | kitchen 09:00 | home-2 09:08 | home-1 09:09", 20,
    )  # fmt: skip
    # behind home-1 it would be 20 of travel and 30 for the order
    assert placed(problem, plan(route("rider-1", "+home-1", "home-1")), "home-2") == (
        "rider-1 | kitchen 09:00 | home-2 09:08 | home-1 09:09", 40,
    )  # fmt: skip


def test_a_parcel_never_delays_a_meal() -> None:
    parcel = meal(2, 300, 10, kind="parcel", boxes=1, pickup=Pickup("shop", Place(100, 10), at("09:00"), 60))
    problem = world([rider()], [meal(1, 600), parcel])
    shown, _ = placed(problem, plan(route("rider-1", "+home-1", "home-1")), "home-2")
    assert shown.index("home-1 09:13") < shown.index("shop")  # on the way it would be cheaper, and the meal later


def test_a_meal_is_not_put_behind_a_parcel_that_would_delay_it() -> None:
    parcel = meal(2, 100, kind="parcel", pickup=Pickup("shop", Place(50, 0), at("09:00"), 60))
    problem = world([rider()], [meal(1, 600), parcel])
    shown, _ = placed(problem, plan(route("rider-1", "+home-2", "home-2")), "home-1")
    assert "home-1 09:13" in shown


def test_the_second_visit_of_a_gap_waits_for_the_first() -> None:
    problem = world([carer(1), carer(2)], [care(1, 0), care(2, 0)], gaps=(Gap("care-1", "care-2", 7200, 9000),))
    found = insert(problem, plan(route("carer-1", "care-1")), problem.visits["care-2"])
    assert isinstance(found, Insertion)
    assert clock(int(found.begin_s)) == "11:00"


def test_the_first_visit_of_a_gap_is_put_so_that_the_second_is_not_too_late() -> None:
    gap = Gap("care-1", "care-2", 3600, 5400)
    problem = world([carer(1), carer(2)], [care(1, 0), care(2, 0, earliest_s=at("11:00"))], gaps=(gap,))
    found = insert(problem, plan(route("carer-2", "care-2")), problem.visits["care-1"])
    assert isinstance(found, Insertion)
    assert clock(int(found.begin_s)) == "09:30"


def test_a_gap_may_ask_for_different_workers() -> None:
    gap = Gap("care-1", "care-2", 3600, 36000, different_workers=True)
    problem = world([carer(1), carer(2, place=Place(5000, 0))], [care(1, 0), care(2, 0)], gaps=(gap,))
    assert placed(problem, plan(route("carer-1", "care-1")), "care-2")[0].startswith("carer-2")


def test_visits_in_a_gap_are_not_moved_by_another() -> None:
    gap = Gap("care-1", "care-2", 0, 36000)
    problem = world([carer(1), carer(2)], [care(1, 300), care(2, 300), care(3, 100, service_duration_s=60)], gaps=(gap,))
    start = plan(route("carer-1", "care-1"), route("carer-2", "care-2"))
    shown, _ = placed(problem, start, "care-3")
    assert shown == "carer-1 | care-1 09:05 | care-3 10:08"


def test_a_worker_taken_out_of_the_house_has_a_price() -> None:
    problem = world([carer(1), carer(2, place=Place(500, 0))], [care(1, 0), care(2, 500)], prices=Prices(worker_used=1000))
    shown, price = placed(problem, plan(route("carer-1", "care-1")), "care-2")
    assert (shown, price) == ("carer-1 | care-1 09:00 | care-2 10:08", 500)


def test_only_the_plans_greatest_lateness_is_priced_besides() -> None:
    late = [care(1, 300, due_s=at("09:00")), care(2, 600, due_s=at("09:08"), service_duration_s=60)]
    problem = world([carer(1), carer(2)], late, prices=Prices(late_per_min=0, greatest_lateness_per_s=2))
    assert placed(problem, plan(), "care-2")[1] == 600 + 2 * 120
    assert placed(problem, plan(route("carer-1", "care-1")), "care-2")[1] == 600  # care-1 is five minutes late already
