"""Closed lists: why a visit has no worker, what is wrong with input, and which rule a plan breaks."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """The first three say why a visit is left out; the next what no worker could ever do about it; the rest what is wrong
    with a problem handed in. Titles and remedies: routing/remedies.py."""

    NO_SKILLED_WORKER = "no_skilled_worker"
    NO_WORKER_IN_AREA = "no_worker_in_area"
    NO_WORKER_FREE = "no_worker_free"

    PICKUP_AFTER_DOOR = "pickup_after_door"
    FRESHNESS_TOO_SHORT = "freshness_too_short"
    NOBODY_EVER = "nobody_ever"

    TIME_INVERTED = "time_inverted"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    WRONG_TYPE = "wrong_type"
    PLACE_NOT_FINITE = "place_not_finite"
    UNKNOWN_PLACE = "unknown_place"
    NEGATIVE_DURATION = "negative_duration"
    NEGATIVE_BOXES = "negative_boxes"
    NEGATIVE_NUMBER = "negative_number"
    MEAL_WITHOUT_KITCHEN = "meal_without_kitchen"
    UNKNOWN_MODE = "unknown_mode"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_WORKER = "unknown_worker"
    UNKNOWN_VISIT = "unknown_visit"
    WRONG_WORKER_COUNT = "wrong_worker_count"
    WRONG_GAP = "wrong_gap"
    IMPOSSIBLE_GAP = "impossible_gap"
    BREAKS_OUT_OF_ORDER = "breaks_out_of_order"
    BREAK_OUTSIDE_SHIFT = "break_outside_shift"
    WRONG_ID = "wrong_id"
    MISSING_ID = "missing_id"
    WRONG_LOCK = "wrong_lock"
    PLANNED_TOO_OFTEN = "planned_too_often"
    WRONG_MATRIX = "wrong_matrix"
    NO_WORKER = "no_worker"


class Rule(StrEnum):
    """What `check` may find broken, and what `explain` may name as the obstacle."""

    UNKNOWN_WORKER = "unknown_worker"
    UNKNOWN_VISIT = "unknown_visit"
    ASSIGNED_TWICE = "assigned_twice"
    HALF_ASSIGNED = "half_assigned"  # one of two workers, or a pickup without its door
    PICKUP_ORDER = "pickup_order"
    PICKUP_ELSEWHERE = "pickup_elsewhere"  # pickup on one worker's route, the door on another's
    PICKUP_WINDOW = "pickup_window"  # the shop has closed
    KIND = "kind"
    SKILL = "skill"
    CREDENTIAL = "credential"  # not held
    CREDENTIAL_OLD = "credential_old"  # held, but expired or too old when the visit begins
    GENDER = "gender"
    EXCLUDED = "excluded"
    PINNED = "pinned"
    AREA = "area"
    BANNED_AREA = "banned_area"
    CAPACITY = "capacity"
    ROUND_SIZE = "round_size"
    ROUND_DEPARTURE = "round_departure"  # meals of one round leave the kitchen at different times
    TIME_WINDOW = "time_window"
    FRESHNESS = "freshness"
    SHIFT = "shift"
    BREAK = "break"
    ACTIVE_LIMIT = "active_limit"
    DISTANCE_LIMIT = "distance_limit"
    TOGETHER = "together"
    GAP = "gap"
    DIFFERENT_WORKERS = "different_workers"  # the two visits of a gap, by one worker
    PARCEL_DELAYS = "parcel_delays"
    LOCKED = "locked"
    NO_ROOM = "no_room"  # explain only: able, but no place in the route keeps every promise
