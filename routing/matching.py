"""Rolling matching of bundles of meals to riders: who goes to which kitchen next, decided as late as possible.

Called again and again, every minute or so, with the meals that nobody has taken up and the riders as they are. What has
to begin before the next round is a `Commitment`; the rest of the runs is only intended and may change. Source: Reyes,
Erera, Savelsbergh, Sahasrabudhe and O'Neil (2018), "The Meal Delivery Routing Problem", from which bundles, rounds and
postponed commitment are taken; the look-ahead over several bundles per rider and its search are ours. Three steps:

1. new meals become bundles (routing/bundles.py), which OR-Tools matches with riders at the least cost;
2. ruin and recreate over whole runs (routing/meal_search.py);
3. OR-Tools matches runs with riders again: the exact best exchange of whole runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from ortools.graph.python import linear_sum_assignment

from routing.bundles import Bundle, BundleTimes, bundle_times, held, pickup_of, pool_bundles
from routing.kernel.rng import seeded, thresholds
from routing.meal_facts import (
    BOUND,
    NOBODY,
    Floats,
    Ints,
    MealFacts,
    Runs,
    bundles_of,
    facts_of,
    runs_of,
)  # fmt: skip
from routing.meal_pairs import pair_prices
from routing.meal_runs import fill, price_runs, price_table, tail_table, total_price
from routing.meal_search import search
from routing.model import Pickup, Visit, Worker
from routing.place import Place
from routing.travel import Mode, TravelModel, TravelPort

LARGEST_COST = 1e9  # of a pair that must not be: a thousand of them in thousandths stay far below 64 bits
STEPS = thresholds()
ROOM = 8  # meals a run may grow by in one round: a rider is never meant to carry more new bundles than this


@dataclass(frozen=True, slots=True)
class MatchingRules:
    """What a round may do and what things cost. Prices are per second; a second of one meal's waiting is 1.

    `bundle_size`: most meals of a bundle. `busy_per_s`: a rider's second from setting out to the last door's end; it keeps
    legs short. `remote_per_s`: a second of mean travel from where a rider becomes free to where meals come from, against
    where the rider is now: who is far off goes first, who stands among the kitchens stays in reserve.
    `late_per_s`: a meal's second after it is due. `unserved`: a meal nobody is meant to take; a visit's own
    `leave_out_price` goes before it. `doors_after_shift`: a rider must have taken up by the shift's end, not delivered
    (Reyes et al. 2018); otherwise be at the end place. `iterations_per_meal`, `iterations`: length of the search.
    """

    bundle_size: int = 4
    busy_per_s: float = 0.1
    remote_per_s: float = 0.2
    late_per_s: float = 1.0
    unserved: float = 18_000.0
    doors_after_shift: bool = False
    pool_wait_s: float = 300.0
    pool_detour_s: float = 240.0
    iterations_per_meal: int = 6
    iterations: int = 400
    temperature: float = 30.0


@dataclass(frozen=True, slots=True)
class Commitment:
    """What begins before the next round: `kind` "go" (the rider sets out for the bundle's kitchen at `at_s`; which meals
    it takes up there may still change) or "take" (it takes up these meals at `at_s` and carries them in this order)."""

    kind: str
    rider_id: str
    bundle: Bundle
    at_s: float
    times: BundleTimes


@dataclass(frozen=True, slots=True)
class Matching:
    """Runs by rider id (riders without one are left out), what is committed, the meals that nobody is meant to take, and
    the price."""

    runs: Mapping[str, tuple[Bundle, ...]]
    commitments: tuple[Commitment, ...]
    unmatched: tuple[str, ...]
    price: float


@dataclass(frozen=True, slots=True)
class Round:
    """The present of a round. `riders`: free when and where their present bundle ends; `meals`: placed, and taken up by
    nobody. `bound`: kitchens that riders are on the way to (or stand at): the next bundle is from there. `runs`: what the
    last round intended. `demand`: where meals come from, with weights. `prices`: of a rider serving a meal, where it is not
    0; `forbidden`: pairs that may not be."""

    now_s: float
    until_s: float
    riders: Sequence[Worker]
    meals: Sequence[Visit]
    bound: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, Sequence[Bundle]] = field(default_factory=dict)
    demand: Mapping[Place, float] = field(default_factory=dict)
    prices: Mapping[tuple[str, str], float] = field(default_factory=dict)
    forbidden: frozenset[tuple[str, str]] = frozenset()


def match_meals(present: Round, travel: TravelPort, rules: MatchingRules, seed: int = 0) -> Matching:
    """Runs of bundles for the riders of a round, and what of them is committed.

    Every meal is in at most one run; capacity, freshness, the kitchen's closing, the door's window, shifts and forbidden
    pairs hold. Riders' breaks and limits of hours and distance are not known here: the caller leaves such riders out, or
    says them free behind their break. The same round, rules and seed give the same matching. Raises ValueError for a
    visit without a pickup and for a meal in two given runs.
    """
    riders = sorted(present.riders, key=lambda rider: rider.worker_id)
    meals = sorted(present.meals, key=lambda meal: (pickup_of(meal).ready_s, meal.visit_id))
    if not riders or not meals:
        return Matching({}, (), tuple(meal.visit_id for meal in meals), 0.0)
    by_id = {meal.visit_id: meal for meal in meals}
    facts = _facts(present, riders, meals, travel, rules)
    kept = {rider.worker_id: held(present.runs.get(rider.worker_id, ()), by_id) for rider in riders}
    runs = runs_of(riders, meals, kept, ROOM)
    price_runs(facts, runs)
    _match_bundles(facts, runs, riders, meals, travel, rules)
    state = seeded(seed)
    fill(facts, runs, state)
    iterations = min(rules.iterations, rules.iterations_per_meal * len(meals))
    search(facts, runs, iterations, rules.temperature, STEPS, state)
    _exchange_runs(facts, runs)
    found = {rider.worker_id: bundles_of(runs, row, meals) for row, rider in enumerate(riders) if runs.size[row]}
    left = tuple(meal.visit_id for row, meal in enumerate(meals) if runs.holder[row] == NOBODY)
    return Matching(found, _commitments(present, riders, by_id, found, travel), left, float(total_price(facts, runs)))


def warm_up() -> None:
    """Compiles (or loads) the search, so that no round waits for it."""
    place = Place(0.0, 0.0)
    travel = TravelModel({"walk": Mode(1.0, 1.0)})
    meal = Visit("meal", "meal", "", place, 0, 60, 600, 60, {"": 0}, Pickup("kitchen", place, 0, 60), boxes=1)
    rider = Worker("rider", "rider", "", "", "walk", 0, 3600, place, capacity_boxes=1)
    match_meals(Round(0, 60, [rider], [meal]), travel, MatchingRules())


def _facts(
    present: Round, riders: Sequence[Worker], meals: Sequence[Visit], travel: TravelPort, rules: MatchingRules
) -> MealFacts:
    unserved = [rules.unserved if meal.leave_out_price is None else meal.leave_out_price for meal in meals]
    late = [rules.late_per_s if meal.late_per_min is None else meal.late_per_min / 60 for meal in meals]
    return facts_of(
        present.now_s, riders, meals, travel,
        prices=pair_prices(riders, meals, present.prices, present.forbidden),
        unserved=np.array(unserved, dtype=np.float64), late_per_s=np.array(late, dtype=np.float64),
        rules=np.array([1.0, rules.busy_per_s, rules.bundle_size]), bound=present.bound,
        demand=present.demand, remote_per_s=rules.remote_per_s,
        doors_after_shift=rules.doors_after_shift,
    )  # fmt: skip


def assignment(cost: Floats) -> Ints:
    """Minimum-cost assignment by OR-Tools: for each row its column, or NOBODY (-1). Leaving a row or column out costs
    nothing, so only pairs of a negative cost are of use. Costs count to a thousandth."""
    rows, columns = cost.shape
    size = rows + columns
    square = np.zeros((size, size))
    square[:rows, :columns] = np.minimum(cost, 0.0)
    mates = perfect_assignment(square)[:rows]
    taken = mates < columns
    taken[taken] = cost[np.flatnonzero(taken), mates[taken]] < 0
    return np.where(taken, mates, NOBODY)


def perfect_assignment(cost: Floats) -> Ints:
    """For each row of a square table its column, everyone with exactly one, at the least total cost."""
    size = len(cost)
    whole = np.rint(np.minimum(cost, LARGEST_COST) * 1000).astype(np.int64)
    solver = linear_sum_assignment.SimpleLinearSumAssignment()
    left, right = np.divmod(np.arange(size * size, dtype=np.int64), size)
    solver.add_arcs_with_cost(left.astype(np.int32), right.astype(np.int32), whole.ravel())
    if size and solver.solve() != solver.OPTIMAL:
        raise RuntimeError("the assignment could not be solved")
    return np.array([solver.right_mate(row) for row in range(size)], dtype=np.int64)


def _match_bundles(
    facts: MealFacts, runs: Runs, riders: Sequence[Worker], meals: Sequence[Visit], travel: TravelPort, rules: MatchingRules
) -> None:
    """Meals that no run has become bundles; each rider takes at most one, behind its run, at the least total price."""
    row_of = {meal.visit_id: row for row, meal in enumerate(meals)}
    new = [meal for row, meal in enumerate(meals) if runs.holder[row] == NOBODY]
    if not new:
        return
    pool = pool_bundles(new, travel, riders[0].mode, rules.bundle_size, rules.pool_wait_s, rules.pool_detour_s)
    tails = np.full((len(pool), rules.bundle_size), NOBODY, np.int64)
    for column, bundle in enumerate(pool):
        tails[column, : len(bundle)] = [row_of[meal.visit_id] for meal in bundle]
    # the gain against leaving the bundle out: whoever gains most from whom
    cost = tail_table(facts, runs, tails)
    for row, column in enumerate(assignment(cost)):
        if column != NOBODY and cost[row, column] < 0:
            for position, meal in enumerate(tails[column][tails[column] != NOBODY]):
                runs.meals[row, runs.size[row]] = meal
                runs.opens[row, runs.size[row]] = position == 0
                runs.size[row] += 1
                runs.holder[meal] = row
    price_runs(facts, runs)


def _exchange_runs(facts: MealFacts, runs: Runs) -> bool:
    """Whole runs change riders where that lowers the price: the exact best exchange. True if any did."""
    free = np.flatnonzero(facts.riders[:, BOUND] == NOBODY)
    table = price_table(facts, runs)[np.ix_(free, free)]
    mates = perfect_assignment(table)
    if float(table[np.arange(len(free)), mates].sum()) >= float(runs.cost[free].sum()) - 1e-3:
        return False
    source = free[mates]
    runs.meals[free], runs.opens[free], runs.size[free] = runs.meals[source], runs.opens[source], runs.size[source]
    for row in free:
        for position in range(int(runs.size[row])):
            runs.holder[runs.meals[row, position]] = row
    price_runs(facts, runs)
    return True


def _commitments(
    present: Round, riders: Sequence[Worker], meals: Mapping[str, Visit], runs: Mapping[str, Sequence[Bundle]],
    travel: TravelPort,
) -> tuple[Commitment, ...]:  # fmt: skip
    """What of each rider's first bundle begins before the next round."""
    made = []
    for rider in riders:
        if rider.worker_id not in runs:
            continue
        bundle = runs[rider.worker_id][0]
        carried = [meals[visit_id] for visit_id in bundle.visit_ids]
        times = bundle_times(carried, rider, travel, present.now_s, rider.free_s, rider.place)
        if times is None:  # the search keeps every limit that bundle_times knows
            raise AssertionError(f"a bundle that cannot be: {bundle}")
        kitchen = pickup_of(carried[0]).place
        if rider.place != kitchen and times.leave_s < present.until_s:
            made.append(Commitment("go", rider.worker_id, bundle, times.leave_s, times))
        if times.pickup_s < present.until_s:
            made.append(Commitment("take", rider.worker_id, bundle, times.pickup_s, times))
    return tuple(made)
