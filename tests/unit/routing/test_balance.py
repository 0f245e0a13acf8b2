"""The area balance: exact help for small days, and what must hold for every day."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from routing.balance import Balance, Demand, Help, HelpPrices, Supply, Uncovered, Why, balance
from tests.worlds import at, clock

HALF = 1_800
PRICES = HelpPrices({"A": {"B": 300, "C": 900}, "B": {"A": 300, "C": 300}, "C": {"B": 300}}, uncovered=7_200, over_share=600)


def worker(name: str, area: str = "A", **changes: object) -> Supply:
    made = Supply(name, area, frozenset({"meal"}), at("11:00"), at("13:00"))
    return replace(made, **changes)  # type: ignore[arg-type]


def need(area: str, when: str, workers: float = 1, group: str = "meal") -> Demand:
    return Demand(area, at(when), group, workers)


def shown(found: Balance) -> list[str]:
    return [f"{h.worker_id} {h.home_area_id}>{h.area_id} {clock(int(h.from_s))}-{clock(int(h.until_s))}" for h in found.helps]


class TestWhoHelps:
    def test_nobody_where_every_area_has_its_own(self) -> None:
        found = balance([worker("a"), worker("b", "B")], [need("A", "11:30"), need("B", "11:30")], PRICES)
        assert (found.helps, found.uncovered, found.price) == ((), (), 0)

    def test_a_neighbour_for_the_peak_in_one_piece(self) -> None:
        demand = [need("A", "11:00"), need("B", "11:30"), need("B", "12:00"), need("B", "12:30")]
        found = balance([worker("a"), worker("a2")], demand, PRICES)
        assert [line.split()[1:] for line in shown(found)] == [["A>B", "11:30-13:00"]]
        assert found.price == 3 * 300

    def test_the_cheaper_neighbour(self) -> None:
        found = balance([worker("a", "A"), worker("b", "B")], [need("C", "12:00")], PRICES)
        assert found.helps == (Help("b", "B", "C", "meal", at("12:00"), at("12:30")),)

    def test_a_chain_of_help_where_it_is_cheaper_than_the_direct_one(self) -> None:
        """C needs one; B's worker goes there and A's comes to B: 600 instead of 900."""
        found = balance([worker("a", "A"), worker("b", "B")], [need("C", "12:00"), need("B", "12:00")], PRICES)
        assert shown(found) == ["a A>B 12:00-12:30", "b B>C 12:00-12:30"]
        assert found.price == 600

    def test_own_area_first(self) -> None:
        found = balance([worker("a")], [need("A", "12:00"), need("B", "12:00")], PRICES)
        assert found.helps == ()
        assert [(one.area_id, one.why, one.nearest) for one in found.uncovered] == [("B", Why.ALL_BUSY, ("A",))]

    def test_the_skill_decides(self) -> None:
        nurse = worker("nurse", groups=frozenset({"care", "nursing"}))
        aide = worker("aide", groups=frozenset({"care"}))
        found = balance([nurse, aide], [need("A", "12:00", group="care"), need("B", "12:00", group="nursing")], PRICES)
        assert shown(found) == ["nurse A>B 12:00-12:30"]

    def test_work_is_shared_before_anybody_has_more_than_a_fair_share(self) -> None:
        both = [worker("a", fair_slots=1), worker("a2", fair_slots=1)]
        found = balance(both, [need("A", "11:00"), need("A", "12:00")], PRICES)
        assert sorted(len(slots) for slots in found.work.values()) == [1, 1]

    def test_more_than_the_fair_share_where_there_is_nobody_else(self) -> None:
        found = balance([worker("a", fair_slots=1)], [need("A", "11:00"), need("A", "12:00")], PRICES)
        assert (found.uncovered, found.price) == ((), 600)


class TestWhatStaysUncovered:
    @pytest.mark.parametrize(
        ("who", "why"),
        [
            ([], Why.NO_SKILLED_WORKER),
            ([worker("a", groups=frozenset({"care"}))], Why.NO_SKILLED_WORKER),
            ([worker("a", until_s=at("12:00"))], Why.NO_WORKER_ON_DUTY),
            ([worker("a", "C", banned_area_ids=frozenset({"B"}))], Why.NO_WORKER_MAY_HELP),
            ([worker("a", "D")], Why.NO_WORKER_MAY_HELP),
        ],
    )
    def test_says_why(self, who: list[Supply], why: Why) -> None:
        found = balance(who, [need("B", "12:00")], PRICES)
        assert [one.why for one in found.uncovered] == [why]
        assert found.price == 7_200

    def test_too_dear(self) -> None:
        found = balance([worker("a")], [need("B", "12:00")], replace(PRICES, uncovered=200))
        assert found.uncovered == (Uncovered("B", at("12:00"), "meal", 1, Why.TOO_DEAR, ("A",)),)

    def test_a_part_of_a_need_is_worth_its_part(self) -> None:
        """A twentieth of a half hour (360) is worth a neighbour at 300, but not one at 900."""
        near = balance([worker("b", "B")], [need("A", "12:00", 0.05)], PRICES)
        far = balance([worker("a", "A")], [need("C", "12:00", 0.05)], PRICES)
        assert (len(near.helps), near.uncovered) == (1, ())
        assert (far.helps, [one.workers for one in far.uncovered], far.price) == ((), [0.05], 360)

    @pytest.mark.parametrize("workers", [-1.0, float("nan"), float("inf")])
    def test_a_demand_that_makes_no_sense_is_refused(self, workers: float) -> None:
        with pytest.raises(ValueError, match="negative or not finite"):
            balance([worker("a")], [need("A", "12:00", workers)], PRICES)

    def test_a_worker_named_twice_is_refused(self) -> None:
        with pytest.raises(ValueError, match="twice"):
            balance([worker("a"), worker("a")], [], PRICES)


AREAS = "ABC"
SLOTS = [at("11:00"), at("11:30")]


@st.composite
def _days(draw: st.DrawFn) -> tuple[list[Supply], list[Demand]]:
    workers = [
        Supply(
            f"w{number}", draw(st.sampled_from(AREAS)),
            frozenset(draw(st.sets(st.sampled_from(["meal", "care"]), min_size=1))),
            draw(st.sampled_from(SLOTS)), at("12:00"),
            frozenset(draw(st.sets(st.sampled_from(AREAS), max_size=1))), draw(st.sampled_from([None, 0, 1])),
        )
        for number in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    keys = draw(st.lists(st.tuples(st.sampled_from(AREAS), st.sampled_from(SLOTS), st.sampled_from(["meal", "care"])),
                         unique=True, max_size=3))  # fmt: skip
    return workers, [Demand(a, s, g, draw(st.sampled_from([0.25, 1.0, 2.0]))) for a, s, g in keys]


def _cheapest_by_trying(workers: list[Supply], demand: list[Demand]) -> float:
    """Every way to give every worker's half hours to the needs."""
    hours = [(w, s) for w in workers for s in SLOTS if w.from_s <= s and s + HALF <= w.until_s]
    choices: list[list[int | None]] = []
    for w, s in hours:
        fits = [
            n for n, d in enumerate(demand)
            if d.slot_s == s and d.group in w.groups and d.area_id not in w.banned_area_ids
            and (d.area_id == w.area_id or d.area_id in PRICES.help[w.area_id])
        ]  # fmt: skip
        choices.append([None, *fits])
    best = float("inf")
    for choice in itertools.product(*choices):
        price = 0.0
        for n, d in enumerate(demand):
            price += max(0.0, d.workers - choice.count(n)) * PRICES.uncovered
        for w in workers:
            mine = [n for (one, _), n in zip(hours, choice, strict=True) if one is w and n is not None]
            if w.fair_slots is not None:
                price += max(0, len(mine) - w.fair_slots) * PRICES.over_share
            price += sum(PRICES.help[w.area_id][demand[n].area_id] for n in mine if demand[n].area_id != w.area_id)
        best = min(best, price)
    return best


@settings(max_examples=80, deadline=None)
@given(_days())
def test_no_other_balance_is_cheaper(day: tuple[list[Supply], list[Demand]]) -> None:
    workers, demand = day
    assert balance(workers, demand, PRICES).price == pytest.approx(_cheapest_by_trying(workers, demand))


@settings(max_examples=60, deadline=None)
@given(_days(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(day: tuple[list[Supply], list[Demand]], rng: object) -> None:
    workers, demand = day
    shuffled = (list(workers), list(demand))
    for one in shuffled:
        rng.shuffle(one)  # type: ignore[attr-defined]
    assert balance(*shuffled, PRICES) == balance(workers, demand, PRICES)


@settings(max_examples=60, deadline=None)
@given(_days())
def test_nobody_works_off_duty_where_they_may_not_or_beyond_the_need(day: tuple[list[Supply], list[Demand]]) -> None:
    workers, demand = day
    found = balance(workers, demand, PRICES)
    by_id = {one.worker_id: one for one in workers}
    given_: dict[tuple[str, float, str], int] = {}
    for worker_id, slots in found.work.items():
        one = by_id[worker_id]
        for slot, (area, group) in slots.items():
            assert one.from_s <= slot
            assert slot + HALF <= one.until_s
            assert group in one.groups
            assert area not in one.banned_area_ids
            assert area == one.area_id or area in PRICES.help[one.area_id]
            given_[area, slot, group] = given_.get((area, slot, group), 0) + 1
    left = {(one.area_id, one.slot_s, one.group): one.workers for one in found.uncovered}
    for d in demand:
        key = (d.area_id, d.slot_s, d.group)
        assert given_.pop(key, 0) - d.workers < 1
        assert left.pop(key, 0) >= 0
    assert not given_
    assert not left
