"""The planner's door: what the rest of the system may use. Pure: no I/O, no clock, no hidden randomness."""

from routing.area_demand import day_balance
from routing.areas import AreaMap, Outside, cells_around
from routing.check import Judgement, check, judge, price, price_by_term
from routing.decompose import AreaJob, area_jobs, border_job, is_large, split_by_area
from routing.explain import Choice, Explanation, explain, explain_in, explain_plan
from routing.explain_words import say
from routing.fits import obstacle
from routing.fresh import stale_pickups
from routing.insert import insert
from routing.meal_plan import match_day
from routing.model import (
    Break,
    Budget,
    Credential,
    Gap,
    Insertion,
    Pickup,
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
from routing.parcels import parcels_in_the_way
from routing.place import Place
from routing.plan_index import PlanIndex
from routing.refusals import Code, Rule
from routing.remedies import REMEDIES, Remedy
from routing.schedule import feasible, price_of_route, timetable
from routing.solve import KERNELS, solve, solve_job, warm_up
from routing.together import timetables
from routing.travel import Mode, TravelModel, TravelPort, project, unproject
from routing.unservable import Unservable, unservable
from routing.validate import BadProblem, Refused, validate

__all__ = [
    "KERNELS",
    "REMEDIES",
    "AreaJob",
    "AreaMap",
    "BadProblem",
    "Break",
    "Budget",
    "Choice",
    "Code",
    "Credential",
    "Explanation",
    "Gap",
    "Insertion",
    "Judgement",
    "Mode",
    "Outside",
    "Pickup",
    "Place",
    "Plan",
    "PlanIndex",
    "Prices",
    "Problem",
    "Refused",
    "Remedy",
    "Route",
    "Rule",
    "Stop",
    "StopTime",
    "TravelModel",
    "TravelPort",
    "Unassignable",
    "Unservable",
    "Violation",
    "Visit",
    "Worker",
    "area_jobs",
    "border_job",
    "cells_around",
    "check",
    "day_balance",
    "explain",
    "explain_in",
    "explain_plan",
    "feasible",
    "insert",
    "is_large",
    "judge",
    "match_day",
    "obstacle",
    "parcels_in_the_way",
    "price",
    "price_by_term",
    "price_of_route",
    "project",
    "say",
    "solve",
    "solve_job",
    "split_by_area",
    "stale_pickups",
    "timetable",
    "timetables",
    "unproject",
    "unservable",
    "validate",
    "warm_up",
]
