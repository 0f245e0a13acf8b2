"""One field of a good problem becomes nonsense: it is refused by a code that names what it belongs to, or planned and clean;
nothing else ever happens."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from math import inf, nan
from typing import Any

from hypothesis import example, given, settings, strategies as st

from routing import REMEDIES, BadProblem, Budget, Place, Plan, Problem, TravelModel, check, solve, validate
from tests.small_problems import TRAVEL, running_day, small_problem

NONSENSE: tuple[Any, ...] = (
    None, nan, inf, -inf, -1, 0, 1, 1.5, -1e300, 1e300, 10**400, -(10**400), True, "x", "", b"x", 1j, Decimal(3), object(),
    [], (), {}, set(), frozenset(), frozenset({1}), frozenset({"x"}), [1, [2, 3]], (None,), {"A": None}, {"A": nan}, {"A": -1},
    {"A": 10**400}, {1: 1}, {"x": "x"}, Place(nan, 0), Place("x", 0), len,
)  # fmt: skip
Put = Callable[[Any], tuple[Problem, Plan]]


def spots(problem: Problem, plan: Plan) -> Iterator[tuple[str, str, Put]]:
    """Every field that can be set: whose it is ("" for the whole), its name, and what sets it."""
    for field in fields(problem):
        yield "", field.name, lambda value, name=field.name: (replace(problem, **{name: value}), plan)
    yield "", "routes", lambda value: (problem, Plan(value))
    for name, put in inside(problem.prices):
        yield "", name, lambda value, put=put: (replace(problem, prices=put(value)), plan)
    for owner, key, item in members(problem, plan):
        for name, put in inside(item):
            yield key, name, lambda value, owner=owner, key=key, put=put: with_member(problem, plan, owner, key, put(value))
        named = "" if owner.startswith("gaps") else key
        yield named, "all of it", lambda value, owner=owner, key=key: with_member(problem, plan, owner, key, value)


def members(problem: Problem, plan: Plan) -> Iterator[tuple[str, str, Any]]:
    for owner, items in (("workers", problem.workers), ("visits", problem.visits), ("routes", plan.routes)):
        yield from ((owner, key, item) for key, item in items.items())
    yield from ((f"gaps {number}", gap.first_visit_id, gap) for number, gap in enumerate(problem.gaps))


def with_member(problem: Problem, plan: Plan, owner: str, key: str, item: Any) -> tuple[Problem, Plan]:
    if owner == "routes":
        return problem, Plan({**plan.routes, key: item})
    if owner.startswith("gaps"):
        number = int(owner.split()[1])
        return replace(problem, gaps=(*problem.gaps[:number], item, *problem.gaps[number + 1 :])), plan
    return replace(problem, **{owner: {**getattr(problem, owner), key: item}}), plan


def inside(item: Any) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """The fields of a record, and of the records that it holds."""
    for field in fields(item):
        held = getattr(item, field.name)
        yield field.name, lambda value, name=field.name: replace(item, **{name: value})
        if is_dataclass(held):
            for name, put in inside(held):
                yield f"{field.name}.{name}", lambda v, n=field.name, put=put: replace(item, **{n: put(v)})
        elif isinstance(held, tuple) and held and is_dataclass(held[0]):
            for name, put in inside(held[0]):
                yield (f"{field.name}.{name}",
                       lambda v, n=field.name, rest=held[1:], put=put: replace(item, **{n: (put(v), *rest)}))  # fmt: skip
        elif isinstance(held, Mapping) and held:
            key = sorted(held)[0]
            made = inside(held[key]) if is_dataclass(held[key]) else [("value", lambda value: value)]
            for name, put in made:
                yield (f"{field.name}.{name}",
                       lambda v, n=field.name, all=held, key=key, put=put: replace(item, **{n: {**all, key: put(v)}}))  # fmt: skip


def refused_or_clean(problem: Problem, plan: Plan, names: set[str], what: object) -> None:
    """Refused by one of its names (nonsense of the whole problem by any), or planned without a rule newly broken."""
    found, refusals = None, []
    try:
        found = solve(problem, Budget(1), 1, plan)
    except BadProblem as error:
        refusals = error.refusals
    assert refusals == validate(problem, plan), what
    if found is None:
        assert "" in names or names & {one.subject for one in refusals}, (what, refusals)
        assert all(all(REMEDIES[one.code]) for one in refusals), what
    else:
        before = {(one.rule, one.visit_id, one.worker_id): one.amount + 1e-6 for one in check(problem, plan, plan)}
        after = check(problem, found, plan)
        assert [one for one in after if one.amount > before.get((one.rule, one.visit_id, one.worker_id), -1)] == [], what


@settings(derandomize=True, deadline=None, max_examples=2_000)
@given(st.integers(0, 10_000), st.integers(0, 10**9), st.sampled_from(range(len(NONSENSE))))
@example(4739, 336780590, 12)  # a visit for two, in two routes, becomes one for "True"
def test_one_field_of_nonsense(seed: int, spot: int, value: int) -> None:
    problem, plan = small_problem(seed, 5), Plan({})
    if seed % 2:
        problem, plan = running_day(problem, seed)
    found = list(spots(problem, plan))
    subject, name, put = found[spot % len(found)]
    names = {subject, *(gap.then_visit_id for gap in problem.gaps if gap.first_visit_id == subject), str(NONSENSE[value])}
    problem, plan = put(NONSENSE[value])
    refused_or_clean(problem, plan, names, (seed, subject, name, NONSENSE[value]))


class Bent(TravelModel):
    """A travel port that answers nonsense in one of its methods."""

    def bend(self, method: str, answer: Callable[[Sequence[Place]], Any]) -> Bent:
        def bent(*question: Any) -> Any:
            return answer(question[-1])

        object.__setattr__(self, method, bent)
        return self


def ragged(places: Any) -> Any:
    return [[0.0] * (number + 1) for number in range(len(places) + 1)]


def test_travel_that_answers_nonsense() -> None:
    problem = small_problem(3, 5)
    for method in ("matrix_s", "pace", "duration_s"):
        for answer in (None, nan, "x", [], [[]], [[nan]], [["x"]], ragged):
            travel = Bent(TRAVEL.modes).bend(method, answer if callable(answer) else lambda _, answer=answer: answer)
            refused = validate(replace(problem, travel=travel), Plan({}))
            assert refused, (method, answer)
            assert {one.subject for one in refused} <= {*problem.workers, *problem.visits, *TRAVEL.modes}


def test_the_mutations_reach_every_field() -> None:
    """So that a field added to the model is tried, too."""
    rng = random.Random(1)
    seen: set[str] = set()
    for seed in range(60):
        problem, plan = running_day(small_problem(seed, 8), seed)
        seen |= {name.split(".")[-1] for _, name, _ in rng.sample(list(spots(problem, plan)), 40)}
    assert {"boxes_back", "round_rank", "shift_begin_s", "issued_s", "duration_s", "x_m", "min_s", "locked_count"} <= seen
