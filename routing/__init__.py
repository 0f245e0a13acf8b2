"""The planner's door: what the rest of the system may use. Pure: no I/O, no clock, no hidden randomness."""

from routing.check import check, price
from routing.insert import insert
from routing.model import (
    Budget,
    Insertion,
    Pickup,
    Place,
    Plan,
    Prices,
    Problem,
    Route,
    Stop,
    StopTime,
    Unassignable,
    Violation,
    Visit,
    Worker,
)
from routing.plan_index import PlanIndex
from routing.refusals import Code, Rule
from routing.schedule import feasible, price_of_route, timetable, timetables
from routing.travel import Mode, TravelModel, TravelPort, project, unproject

__all__ = [
    "Budget",
    "Code",
    "Insertion",
    "Mode",
    "Pickup",
    "Place",
    "Plan",
    "PlanIndex",
    "Prices",
    "Problem",
    "Route",
    "Rule",
    "Stop",
    "StopTime",
    "TravelModel",
    "TravelPort",
    "Unassignable",
    "Violation",
    "Visit",
    "Worker",
    "check",
    "feasible",
    "insert",
    "price",
    "price_of_route",
    "project",
    "timetable",
    "timetables",
    "unproject",
]
