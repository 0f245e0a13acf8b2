"""The search for runs: ruin and recreate on whole runs of bundles, compiled where numba is there.

A step takes some meals out that are near each other (or all of one rider), puts them back where they cost least, as a new
bundle or into one of the same kitchen, and keeps what is better or, at first, not much worse (threshold by temperature).
After Schrimpf et al. (2000) and Christiaens & Vanden Berghe (2020), on bundles instead of stops.
"""

from __future__ import annotations

import numpy as np

from routing.kernel.jit import number
from routing.kernel.rng import LOGS, below, unit
from routing.meal_compiled import compiled
from routing.meal_facts import DOOR, KITCHEN_PLACE, NOBODY, READY, Floats, Ints, MealFacts, Runs
from routing.meal_runs import best_place, put_in, run_price, take_out, total_price

REMOVED_MOST = 10  # meals taken out in one step
BLINK = number(85_899_346)  # of 2**32, two in a hundred: a place is overlooked (Christiaens & Vanden Berghe 2020)
ONE_RIDER = 0.3  # share of the steps that take out meals of one rider first


@compiled
def nearness(facts: MealFacts, runs: Runs, state: Ints, whole_run: bool) -> Ints:
    """Meals by how near they are to a random one, in place and time, shaken a little."""
    count = len(runs.holder)
    seed = below(state, count)
    kitchen, door = facts.meals[seed, KITCHEN_PLACE], facts.meals[seed, DOOR]
    away = np.zeros(count)
    for meal in range(count):
        away[meal] = (
            facts.travel[0, kitchen, facts.meals[meal, KITCHEN_PLACE]]
            + 0.5 * facts.travel[0, door, facts.meals[meal, DOOR]]
            + 0.5 * abs(facts.times[seed, READY] - facts.times[meal, READY])
            + 600.0 * unit(state)
        )
        if whole_run and runs.holder[meal] != NOBODY and runs.holder[meal] == runs.holder[seed]:
            away[meal] -= 6000.0
    return np.argsort(away, kind="mergesort")


@compiled
def order_of_return(facts: MealFacts, out: Ints, state: Ints) -> Ints:
    """The order in which meals are put back: shuffled, by readiness, or the longest ways first."""
    way = unit(state)
    key = np.zeros(len(out))
    for index in range(len(out)):
        meal = out[index]
        if way < 0.4:
            key[index] = unit(state)
        elif way < 0.8:
            key[index] = facts.times[meal, READY]
        else:
            key[index] = -facts.travel[0, facts.meals[meal, KITCHEN_PLACE], facts.meals[meal, DOOR]]
    return out[np.argsort(key, kind="mergesort")]


@compiled
def search(facts: MealFacts, runs: Runs, iterations: int, temperature: float, steps: Floats, state: Ints) -> None:
    """Ruin and recreate; `runs` becomes the best that was found. `steps`: routing.kernel.rng.thresholds()."""
    count = len(runs.holder)
    if count == 0:
        return
    width = runs.meals.shape[1]
    scratch_meals, scratch_opens = np.zeros(width + 1, np.int64), np.zeros(width + 1, np.int64)
    now_meals, now_opens, now_size = runs.meals.copy(), runs.opens.copy(), runs.size.copy()
    now_cost, now_holder = runs.cost.copy(), runs.holder.copy()
    best_meals, best_opens, best_size = runs.meals.copy(), runs.opens.copy(), runs.size.copy()
    best_cost, best_holder = runs.cost.copy(), runs.holder.copy()
    touched = np.zeros(len(runs.size), np.int64)
    present = total_price(facts, runs)
    best = present
    for step in range(iterations):
        touched[:] = 0
        removed = min(1 + below(state, REMOVED_MOST), count)
        out = nearness(facts, runs, state, unit(state) < ONE_RIDER)[:removed]
        for meal in out:
            if runs.holder[meal] != NOBODY:
                touched[take_out(runs, meal)] = 1
        for row in range(len(touched)):
            if touched[row]:
                runs.cost[row] = run_price(facts, row, runs.meals[row], runs.opens[row], runs.size[row])
        out = order_of_return(facts, out, state)
        for meal in out:
            added, row, position, kind = best_place(facts, runs, meal, BLINK, state, scratch_meals, scratch_opens)
            if row != NOBODY:
                put_in(runs, meal, row, position, kind, added)
                touched[row] = 1
        price = total_price(facts, runs)
        warmth = temperature * (iterations - step) / iterations
        if price < present + warmth * steps[below(state, LOGS)]:
            present = price
            for row in range(len(touched)):
                if touched[row]:
                    now_meals[row], now_opens[row] = runs.meals[row], runs.opens[row]
                    now_size[row], now_cost[row] = runs.size[row], runs.cost[row]
            for meal in out:
                now_holder[meal] = runs.holder[meal]
            if price < best - 1e-6:
                best = price
                best_meals[:], best_opens[:], best_size[:] = runs.meals, runs.opens, runs.size
                best_cost[:], best_holder[:] = runs.cost, runs.holder
        else:
            for row in range(len(touched)):
                if touched[row]:
                    runs.meals[row], runs.opens[row] = now_meals[row], now_opens[row]
                    runs.size[row], runs.cost[row] = now_size[row], now_cost[row]
            for meal in out:
                runs.holder[meal] = now_holder[meal]
    runs.meals[:], runs.opens[:], runs.size[:] = best_meals, best_opens, best_size
    runs.cost[:], runs.holder[:] = best_cost, best_holder
