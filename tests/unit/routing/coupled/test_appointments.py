"""Appointments: visits for two find the cheapest place in their workers' routes, of all at once."""

from __future__ import annotations

from math import inf

from routing.check import check, price
from routing.coupled.appointments import appoint
from routing.model import Gap, Plan, Problem, Route, Visit, Worker
from routing.place import Place
from routing.travel import Mode, TravelModel
from tests.unit.routing.coupled.coupled_worlds import route

STREET = TravelModel({"walk": Mode(1.0, 1.0)})  # a metre a second
HOME = Place(0, 0)


def carer(name: str) -> Worker:
    return Worker(name, "carer", "", "a", "walk", 0, 100_000, HOME, HOME)


def care(name: str, x_m: float, due_s: float, worker_count: int = 1) -> Visit:
    return Visit(name, "care", "a", Place(x_m, 0), 0, due_s, inf, 600, {"a": 0}, worker_count=worker_count)


def world(gaps: tuple[Gap, ...] = ()) -> Problem:
    visits = {"early": care("early", 100, 100), "other": care("other", 100, 100), "both": care("both", 200, 2_000, 2)}
    return Problem({"w": carer("w"), "u": carer("u")}, visits, STREET, gaps=gaps)


def test_a_visit_for_two_moves_behind_what_is_due_first_in_both_routes() -> None:
    problem = world()
    plan = Plan({"w": route("w", "both", "early"), "u": route("u", "both", "other")})
    found = appoint(problem, plan)
    assert found.routes == {"w": route("w", "early", "both"), "u": route("u", "other", "both")}
    assert check(problem, found) == []
    assert price(problem, found) == 800


def test_a_locked_stop_stays_in_front() -> None:
    problem = world()
    start = Plan({"w": Route("w", route("w", "both", "early").stops, 1), "u": route("u", "both", "other")})
    found = appoint(problem, start, start)
    assert found.routes["w"].stops[0].visit_id == "both"
    assert check(problem, found, start) == []


def test_two_visits_of_a_gap_change_places() -> None:
    visits = {"first": care("first", 100, 9_000), "then": care("then", 100, 9_000), "due": care("due", 50, 50)}
    problem = Problem({"w": carer("w"), "u": carer("u")}, visits, STREET, gaps=(Gap("first", "then", 900, 5_000),))
    plan = Plan({"w": route("w", "first", "due"), "u": route("u", "then")})
    found = appoint(problem, plan)
    assert found.routes["w"] == route("w", "due", "first")
    assert check(problem, found) == []


def test_what_is_already_best_stays() -> None:
    problem = world()
    plan = Plan({"w": route("w", "early", "both"), "u": route("u", "other", "both")})
    assert appoint(problem, plan) == plan
