"""What a field of a problem may hold, and which fields have to fit together: one table for each data class.

A field that is wrong by itself is told once; what concerns several fields (a window that ends before it begins) is looked
at only where each of them makes sense. The limits keep sums of seconds, metres and prices exact enough for the checker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import fields
from math import inf
from typing import Any

import numpy as np

from routing.model import Break, Credential, Gap, Pickup, Prices, Route, Stop, Visit, Worker
from routing.place import Place
from routing.refusals import Code

MOST_S = 4e9  # of an instant: seconds of the Unix epoch up to the year 2096
MOST_LASTING_S = 1e8  # three years
MOST_M = 4e7  # once round the Earth
MOST_PRICE = 1e9
MOST_COUNT = 1_000_000

REAL = (float, int, np.floating, np.integer)
WHOLE = (int, np.integer)

Rule = Callable[[Any], Code | None]
Found = tuple[Code, str]


def _number(least: float, most: float, below: Code, *, endless: bool = False, beyond: Code = Code.NOT_A_NUMBER) -> Rule:
    """`below`: what a smaller one is called; `beyond`: an infinite one, which `endless` allows."""

    def rule(value: Any) -> Code | None:
        if not isinstance(value, REAL) or value != value:
            return Code.NOT_A_NUMBER
        if value < least:
            return Code.NOT_A_NUMBER if value == -inf and below is Code.OUT_OF_RANGE else below
        if value <= most or (endless and value == inf):
            return None
        return beyond if value == inf else Code.OUT_OF_RANGE

    return rule


def _whole(least: int, most: int, below: Code) -> Rule:
    number = _number(least, most, below)
    return lambda value: number(value) or (None if isinstance(value, WHOLE) else Code.NOT_A_NUMBER)


def _of(kind: type) -> Rule:
    return lambda value: None if isinstance(value, kind) else Code.WRONG_TYPE


def _id(value: Any) -> Code | None:
    return Code.WRONG_TYPE if not isinstance(value, str) else None if value else Code.MISSING_ID


def _one_of(*names: str) -> Rule:
    return lambda value: None if isinstance(value, str) and value in names else Code.UNKNOWN_KIND


def _or_none(rule: Rule) -> Rule:
    return lambda value: None if value is None else rule(value)


def _names(value: Any) -> Code | None:
    return None if isinstance(value, frozenset) and all(isinstance(name, str) for name in value) else Code.WRONG_TYPE


def _ids(value: Any) -> Code | None:
    return None if isinstance(value, Set) and all(isinstance(name, str) for name in value) else Code.WRONG_TYPE


def _each(rule: Rule) -> Rule:
    """Of the values of a mapping by name."""

    def told(value: Any) -> Code | None:
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            return Code.WRONG_TYPE
        return next((code for one in value.values() if (code := rule(one)) is not None), None)

    return told


def _place(value: Any) -> Code | None:
    """A missing place is none."""
    return None if isinstance(value, Place) and _metres(value.x_m) is _metres(value.y_m) is None else Code.PLACE_NOT_FINITE


def _held(value: Any) -> Code | None:
    if not isinstance(value, Credential):
        return Code.WRONG_TYPE
    return next((code for at_s in (value.issued_s, value.valid_until_s) if at_s != -inf and (code := _until(at_s))), None)


def _breaks(value: Any) -> Code | None:
    if not isinstance(value, tuple) or not all(isinstance(one, Break) for one in value):
        return Code.WRONG_TYPE
    return next((code for one in value for code, _ in wrong_fields(one, BREAK)), None)


def _pickup(value: Any) -> Code | None:
    if not isinstance(value, Pickup):
        return Code.WRONG_TYPE
    return next((code for code, _ in wrong_fields(value, PICKUP)), None)


_metres = _number(-MOST_M, MOST_M, Code.OUT_OF_RANGE)
_instant = _number(-MOST_S, MOST_S, Code.OUT_OF_RANGE)
_until = _number(-MOST_S, MOST_S, Code.OUT_OF_RANGE, endless=True)  # inf: no limit
_lasting = _number(0, MOST_LASTING_S, Code.NEGATIVE_DURATION, beyond=Code.NEGATIVE_DURATION)
_limit_s = _number(0, MOST_S, Code.NEGATIVE_DURATION, endless=True)
_limit_m = _number(0, MOST_M * MOST_COUNT, Code.NEGATIVE_NUMBER, endless=True)
_price = _number(0, MOST_PRICE, Code.NEGATIVE_NUMBER)
_boxes = _whole(0, MOST_COUNT, Code.NEGATIVE_BOXES)
_rank = _whole(-MOST_COUNT, MOST_COUNT, Code.OUT_OF_RANGE)
_text = _of(str)

BREAK: dict[str, Rule] = {"earliest_s": _instant, "latest_s": _until, "duration_s": _lasting}
PICKUP: dict[str, Rule] = {
    "kitchen_id": _id, "place": _place, "ready_s": _instant, "service_duration_s": _lasting, "latest_s": _until,
}  # fmt: skip
GAP: dict[str, Rule] = {
    "first_visit_id": _id, "then_visit_id": _id, "min_s": _lasting, "max_s": _limit_s, "different_workers": _of(bool),
}  # fmt: skip
ROUTE: dict[str, Rule] = {
    "worker_id": _id, "stops": _of(tuple), "locked_count": _whole(0, MOST_COUNT, Code.WRONG_LOCK),
    "onboard_since_s": _each(_instant),
}  # fmt: skip
PRICES: dict[str, Rule] = {field.name: _price for field in fields(Prices)}
WORKER: dict[str, Rule] = {
    "worker_id": _id, "kind": _one_of("rider", "carer"), "organisation": _text, "area_id": _text, "mode": _text,
    "free_s": _instant, "shift_end_s": _until, "place": _place, "end": _or_none(_place), "capacity_boxes": _boxes,
    "skills": _names, "gender": _text, "breaks": _breaks, "max_active_s": _limit_s, "max_distance_m": _limit_m,
    "credentials": _each(_held), "banned_area_ids": _names, "fair_active_s": _or_none(_limit_s),
    "shift_begin_s": _or_none(_instant),
}  # fmt: skip
VISIT: dict[str, Rule] = {
    "visit_id": _id, "kind": _one_of("meal", "care", "errand", "parcel"), "area_id": _text, "place": _place,
    "earliest_s": _instant, "due_s": _until, "latest_s": _until, "service_duration_s": _lasting,
    "allowed_area_prices": _each(_price), "pickup": _or_none(_pickup), "freshness_s": _limit_s, "boxes": _boxes,
    "required_skills": _names, "excluded_worker_ids": _ids, "gender": _text,
    "worker_count": _whole(-MOST_COUNT, MOST_COUNT, Code.WRONG_WORKER_COUNT), "priority": _rank, "pinned_worker_ids": _ids,
    "access_duration_s": _lasting, "boxes_back": _boxes, "round_id": _text, "round_rank": _rank,
    "required_credentials": _each(_limit_s), "preferred_worker_ids": _ids, "familiar_worker_ids": _ids,
    "preferred_gender": _text, "leave_out_price": _or_none(_price), "late_per_min": _or_none(_price), "accepted": _of(bool),
    "promised_s": _or_none(_until),
}  # fmt: skip
MEALS_PER_ROUND = _whole(1, MOST_COUNT, Code.OUT_OF_RANGE)


def wrong_fields(item: object, rules: Mapping[str, Rule]) -> Iterator[Found]:
    """What no other field could put right."""
    for name, rule in rules.items():
        code = rule(getattr(item, name))
        if code is not None:
            yield code, name


def worker_relations(worker: Worker, wrong: set[str]) -> Iterator[Found]:
    """Between fields of a worker; `wrong`: fields that are nonsense by themselves. A shift begins at `shift_begin_s`; who
    gives none hands in whole shifts, which begin at `free_s`. A shift under way may be over, and its rests overdue."""
    begin_s = worker.free_s if worker.shift_begin_s is None else worker.shift_begin_s
    of_shift = {"shift_end_s", "shift_begin_s" if worker.shift_begin_s is not None else "free_s"}
    if not wrong & of_shift and worker.shift_end_s < begin_s:
        yield Code.TIME_INVERTED, "shift_end_s"
        return
    if "breaks" in wrong:
        return
    whole = worker.shift_begin_s is None and not wrong & of_shift
    if any(one.latest_s < one.earliest_s for one in worker.breaks):
        yield Code.TIME_INVERTED, "breaks"
    elif whole and any(
        other.earliest_s < one.earliest_s or other.latest_s < one.earliest_s + one.duration_s
        for one, other in zip(worker.breaks, worker.breaks[1:], strict=False)
    ):
        yield Code.BREAKS_OUT_OF_ORDER, "breaks"
    elif whole and any(one.earliest_s > worker.shift_end_s or one.latest_s < begin_s for one in worker.breaks):
        yield Code.BREAK_OUTSIDE_SHIFT, "breaks"


def visit_relations(visit: Visit, wrong: set[str]) -> Iterator[Found]:
    if not wrong & {"earliest_s", "latest_s"} and visit.latest_s < visit.earliest_s:
        yield Code.TIME_INVERTED, "latest_s"
    if not wrong & {"earliest_s", "due_s"} and visit.due_s < visit.earliest_s:
        yield Code.TIME_INVERTED, "due_s"
    if wrong & {"kind", "pickup"}:
        return
    # A meal whose rider is fixed may be onboard, wherever it came from.
    if visit.kind == "meal" and visit.pickup is None and not visit.pinned_worker_ids:
        yield Code.MEAL_WITHOUT_KITCHEN, "pickup"
    # One worker takes it up, so one worker brings it.
    one_only = visit.kind == "meal" or visit.pickup is not None
    if "worker_count" not in wrong and visit.worker_count not in ((1,) if one_only else (1, 2)):
        yield Code.WRONG_WORKER_COUNT, "worker_count"


def impossible_gap(gaps: tuple[Gap, ...], visits: Mapping[str, Visit]) -> Gap | None:
    """The first gap that no begins inside the windows can keep, together with the gaps that it hangs on."""
    earliest = {v: visits[v].earliest_s for gap in gaps for v in (gap.first_visit_id, gap.then_visit_id)}
    latest = {v: visits[v].latest_s for v in earliest}
    for turn in range(len(earliest) + 1):
        moved: Gap | None = None
        for gap in gaps:
            first, then = gap.first_visit_id, gap.then_visit_id
            tighter = (
                max(earliest[then], earliest[first] + gap.min_s), min(latest[then], latest[first] + gap.max_s),
                max(earliest[first], earliest[then] - gap.max_s), min(latest[first], latest[then] - gap.min_s),
            )  # fmt: skip
            if tighter != (earliest[then], latest[then], earliest[first], latest[first]):
                earliest[then], latest[then], earliest[first], latest[first] = tighter
                moved = gap
            if earliest[then] > latest[then] or earliest[first] > latest[first]:
                return gap
        if moved is None:
            return None
        if turn == len(earliest):  # it goes on for ever: a circle of gaps
            return moved
    return None



def strange_stops(route: Route) -> bool:
    """Is anything among the stops that is none?"""
    return not all(
        isinstance(stop, Stop) and isinstance(stop.visit_id, str) and stop.kind in ("pickup", "visit") for stop in route.stops
    )
