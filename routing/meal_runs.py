"""Runs of bundles as rows of numbers: their price, the cheapest place for a meal, putting in and taking out. Compiled.

A run's price counts every meal's wait from ready to door, lateness after it is due, the rider's busy time, and how far off
the rider ends (routing/matching.py tells the prices).
"""

from __future__ import annotations

import numpy as np

from routing.kernel.rng import SEE_ALL, draw
from routing.meal_compiled import compiled
from routing.meal_facts import (
    ACCESS,
    BOUND,
    BOXES,
    BUNDLE_SIZE,
    BUSY_PRICE,
    CAPACITY,
    CLOSES,
    DOOR,
    DUE,
    EARLIEST,
    END_BY,
    FORBIDDEN,
    FREE,
    FRESHNESS,
    HOME,
    KITCHEN,
    KITCHEN_PLACE,
    LATE,
    LATEST,
    LOADING,
    MODE,
    NOBODY,
    NOW,
    PICKUP_BY,
    READY,
    SERVICE,
    START,
    UNSERVED,
    WAITING_PRICE,
    Floats,
    Ints,
    MealFacts,
    Runs,
)

NEW, JOINS, LEADS = 0, 1, 2  # a meal opens a bundle of its own, joins one behind a meal, or goes before its first meal
EMPTY_PRICE = 1e7  # a rider on the way to a kitchen without a meal to take up there: last resort, above any meal


@compiled
def run_price(facts: MealFacts, row: int, meals: Ints, opens: Ints, size: int) -> float:
    """Price of the first `size` meals as the run of rider `row`; FORBIDDEN if a limit is broken."""
    travel, door_times, orders = facts.travel, facts.times, facts.meals
    mode, here = facts.riders[row, MODE], facts.riders[row, START]
    now = facts.rules[NOW]
    clock = max(facts.hours[row, FREE], now)
    bound = facts.riders[row, BOUND]
    if size == 0:
        return EMPTY_PRICE if bound != NOBODY else 0.0
    if bound != NOBODY and orders[meals[0], KITCHEN] != bound:
        return FORBIDDEN
    price = 0.0
    first = 0
    while first < size:
        kitchen = orders[meals[first], KITCHEN_PLACE]
        behind = first
        ready, closes, loading, boxes = 0.0, 1e300, 0.0, 0
        while behind < size and (behind == first or opens[behind] == 0):
            meal = meals[behind]
            ready = max(ready, door_times[meal, READY])
            closes = min(closes, door_times[meal, CLOSES])
            loading = max(loading, door_times[meal, LOADING])
            boxes += orders[meal, BOXES]
            behind += 1
        if behind - first > facts.rules[BUNDLE_SIZE] or boxes > facts.riders[row, CAPACITY]:
            return FORBIDDEN
        leg = travel[mode, here, kitchen]
        pickup = max(clock + leg, ready)
        if pickup > closes or pickup > facts.hours[row, PICKUP_BY]:
            return FORBIDDEN
        leave = max(clock, pickup - leg)
        depart = pickup + loading
        clock = depart
        here = kitchen
        for position in range(first, behind):
            meal = meals[position]
            clock += travel[mode, here, orders[meal, DOOR]] + door_times[meal, ACCESS]
            clock = max(clock, door_times[meal, EARLIEST])
            fresh = door_times[meal, FRESHNESS]
            if clock > door_times[meal, LATEST] or (fresh > 0 and clock - depart > fresh):
                return FORBIDDEN
            price += facts.rules[WAITING_PRICE] * (clock - door_times[meal, READY]) + facts.price[row, meal]
            if clock > door_times[meal, DUE]:
                price += door_times[meal, LATE] * (clock - door_times[meal, DUE])
            clock += door_times[meal, SERVICE]
            here = orders[meal, DOOR]
        price += facts.rules[BUSY_PRICE] * (clock - leave)
        first = behind
    price += facts.remote[mode, here] - facts.remote[mode, facts.riders[row, START]]
    home = facts.riders[row, HOME]
    if home != NOBODY:
        clock += travel[mode, here, home]
    if clock > facts.hours[row, END_BY]:
        return FORBIDDEN
    return float(min(price, FORBIDDEN))


@compiled
def best_place(
    facts: MealFacts, runs: Runs, meal: int, blink: int, state: Ints, meals: Ints, opens: Ints
) -> tuple[float, int, int, int]:
    """The cheapest place of a meal: (added price, rider or NOBODY, position, NEW, JOINS or LEADS). Leaving it out is
    the price to beat. `meals`, `opens` are scratch rows."""
    best, found, found_position, found_kind = facts.times[meal, UNSERVED], NOBODY, 0, NEW
    kitchen, kitchen_place, door = facts.meals[meal, KITCHEN], facts.meals[meal, KITCHEN_PLACE], facts.meals[meal, DOOR]
    ready = facts.times[meal, READY]
    after = facts.times[meal, LOADING] + facts.times[meal, ACCESS] - ready
    for row in range(len(runs.size)):
        size = runs.size[row]
        if size + 1 >= runs.meals.shape[1] or facts.price[row, meal] >= FORBIDDEN:
            continue
        mode = facts.riders[row, MODE]
        # no place of this run is earlier than going there at once with this meal alone
        clock = max(facts.hours[row, FREE], facts.rules[NOW]) + travel_s(facts, mode, facts.riders[row, START], kitchen_place)
        soonest = max(clock, ready) + travel_s(facts, mode, kitchen_place, door) + after
        least = facts.rules[WAITING_PRICE] * soonest + facts.price[row, meal]
        if size == 0:
            least += facts.remote[mode, door] - facts.remote[mode, facts.riders[row, START]]
        if least >= best and facts.riders[row, BOUND] == NOBODY:
            continue
        for position in range(size + 1):
            for kind in range(3):
                if kind == NEW:
                    if position < size and runs.opens[row, position] == 0:
                        continue
                elif kind == JOINS:
                    if position == 0 or facts.meals[runs.meals[row, position - 1], KITCHEN] != kitchen:
                        continue
                elif (
                    position == size
                    or runs.opens[row, position] == 0
                    or facts.meals[runs.meals[row, position], KITCHEN] != kitchen
                ):
                    continue
                if blink > 0 and draw(state) < blink:
                    continue
                meals[:position] = runs.meals[row, :position]
                opens[:position] = runs.opens[row, :position]
                meals[position] = meal
                opens[position] = 0 if kind == JOINS else 1
                meals[position + 1 : size + 1] = runs.meals[row, position:size]
                opens[position + 1 : size + 1] = runs.opens[row, position:size]
                if kind == LEADS:
                    opens[position + 1] = 0
                added = run_price(facts, row, meals, opens, size + 1) - runs.cost[row]
                if added < best:
                    best, found, found_position, found_kind = added, row, position, kind
    return best, found, found_position, found_kind


@compiled
def travel_s(facts: MealFacts, mode: int, here: int, there: int) -> float:
    return float(facts.travel[mode, here, there])


@compiled
def put_in(runs: Runs, meal: int, row: int, position: int, kind: int, added: float) -> None:
    size = runs.size[row]
    for index in range(size, position, -1):
        runs.meals[row, index] = runs.meals[row, index - 1]
        runs.opens[row, index] = runs.opens[row, index - 1]
    runs.meals[row, position] = meal
    runs.opens[row, position] = 0 if kind == JOINS else 1
    if kind == LEADS:
        runs.opens[row, position + 1] = 0
    runs.size[row] = size + 1
    runs.cost[row] += added
    runs.holder[meal] = row


@compiled
def take_out(runs: Runs, meal: int) -> int:
    """Removes a meal and says from which rider; the rest of its bundle stays together. The cost is not brought up."""
    row = runs.holder[meal]
    position = 0
    while runs.meals[row, position] != meal:
        position += 1
    size = runs.size[row]
    if runs.opens[row, position] == 1 and position + 1 < size:
        runs.opens[row, position + 1] = 1
    for index in range(position, size - 1):
        runs.meals[row, index] = runs.meals[row, index + 1]
        runs.opens[row, index] = runs.opens[row, index + 1]
    runs.size[row] = size - 1
    runs.holder[meal] = NOBODY
    return int(row)


@compiled
def price_runs(facts: MealFacts, runs: Runs) -> None:
    """Brings all costs up. A run that no longer holds loses meals from its end until it does."""
    for row in range(len(runs.size)):
        price = run_price(facts, row, runs.meals[row], runs.opens[row], runs.size[row])
        while price >= FORBIDDEN:
            take_out(runs, runs.meals[row, runs.size[row] - 1])
            price = run_price(facts, row, runs.meals[row], runs.opens[row], runs.size[row])
        runs.cost[row] = price


@compiled
def total_price(facts: MealFacts, runs: Runs) -> float:
    total = 0.0
    for row in range(len(runs.cost)):
        total += runs.cost[row]
    for meal in range(len(runs.holder)):
        if runs.holder[meal] == NOBODY:
            total += facts.times[meal, UNSERVED]
    return total


@compiled
def fill(facts: MealFacts, runs: Runs, state: Ints) -> None:
    """Every meal without a rider goes where it costs least, first come first served."""
    meals, opens = np.zeros(runs.meals.shape[1] + 1, np.int64), np.zeros(runs.meals.shape[1] + 1, np.int64)
    for meal in range(len(runs.holder)):
        if runs.holder[meal] == NOBODY:
            added, row, position, kind = best_place(facts, runs, meal, SEE_ALL, state, meals, opens)
            if row != NOBODY:
                put_in(runs, meal, row, position, kind, added)


@compiled
def price_table(facts: MealFacts, runs: Runs) -> Floats:
    """[rider, run]: what each rider's run would cost with each rider."""
    count = len(runs.size)
    table = np.zeros((count, count))
    for row in range(count):
        for run in range(count):
            table[row, run] = run_price(facts, row, runs.meals[run], runs.opens[run], runs.size[run])
    return table


@compiled
def tail_table(facts: MealFacts, runs: Runs, tails: Ints) -> Floats:
    """[rider, bundle]: what a bundle (a row of meals, NOBODY fills it up) adds behind each rider's run, less the price of
    leaving its meals out; FORBIDDEN where it cannot be."""
    count, width = len(runs.size), runs.meals.shape[1]
    table = np.full((count, len(tails)), FORBIDDEN)
    for row in range(count):
        size = runs.size[row]
        meals, opens = runs.meals[row].copy(), runs.opens[row].copy()
        for column in range(len(tails)):
            length, left_out = 0, 0.0
            while length < tails.shape[1] and tails[column, length] != NOBODY and size + length < width:
                meals[size + length] = tails[column, length]
                opens[size + length] = 1 if length == 0 else 0
                left_out += facts.times[tails[column, length], UNSERVED]
                length += 1
            if size + length < width:
                price = run_price(facts, row, meals, opens, size + length)
                if price < FORBIDDEN:
                    table[row, column] = price - runs.cost[row] - left_out
    return table
