"""Decisions about what breaks: a worker who is silent, a provider that fails, weather that stops a vehicle mode."""

from __future__ import annotations

from datetime import datetime

import msgspec


class _Decision(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    pass


class ProviderFailed(_Decision, frozen=True, kw_only=True):
    """A provider supplies nothing until `until_at`: its kitchen `kitchen_id`, or ("") all its kitchens and workers.
    `visit_ids` are to go to others, soonest promise first. `span`: hour, meal_window, day."""

    disruption_id: str
    provider_id: str
    kitchen_id: str
    span: str
    reason: str
    by: str
    at: datetime
    until_at: datetime
    visit_ids: tuple[str, ...]


class ModePaused(_Decision, frozen=True, kw_only=True):
    """Nobody goes by `mode` to doors in living area `area_id` ("": anywhere) until `until_at`: snow, heat, flood."""

    disruption_id: str
    mode: str
    area_id: str
    reason: str
    by: str
    at: datetime
    until_at: datetime
    visit_ids: tuple[str, ...]


class DisruptionEnded(_Decision, frozen=True, kw_only=True):
    """It is over, `why`: time_over or ended (somebody said so). What moved stays where it is."""

    disruption_id: str
    why: str
    by: str
    at: datetime


class VisitsMoved(_Decision, frozen=True, kw_only=True):
    """One chunk of a disruption's visits has been looked at: `moved` of them have somebody else or another kitchen now,
    `waiting` have nobody yet (the ladder has them)."""

    disruption_id: str
    visit_ids: tuple[str, ...]
    moved: int
    waiting: tuple[str, ...]


class PromiseChanged(_Decision, frozen=True, kw_only=True):
    """A recipient is to be told that it will not be as promised, once for each visit and disruption. `kind`: late,
    another_meal, another_provider, not_sure_yet. `due_at`: what was promised; `expected_at`: the begin now planned."""

    visit_id: str
    disruption_id: str
    kind: str
    due_at: datetime
    expected_at: datetime | None
    at: datetime


class KitchenChanged(_Decision, frozen=True, kw_only=True):
    """Another kitchen makes the meal, or the same one makes it again; to be had from `ready_at`. `why`: provider_failed,
    cook_again, replacement."""

    visit_id: str
    from_kitchen_id: str
    kitchen_id: str
    ready_at: datetime
    why: str


class PickupPutOff(_Decision, frozen=True, kw_only=True):
    """A meal is not fetched before `ready_at`, though its kitchen has it earlier: it would be stale at its door, or take the time
    of a rest or a parcel that comes before it."""

    visit_id: str
    ready_at: datetime


class RescueOption(msgspec.Struct, frozen=True):
    """One way to a meal that is in the box of a worker who cannot go on. `way`: collect, cook_again, replace.
    `door_at`: when it would be at the door; None when it cannot be, and `obstacle` says why: nobody_free, stale,
    kitchen_failed, no_spare_meal, not_found."""

    way: str
    kitchen_id: str
    door_at: datetime | None
    obstacle: str = ""


class MealRescued(_Decision, frozen=True, kw_only=True):
    """How a recipient gets the meal that is in `worker_id`'s box: the soonest of `options`. `way` "" for none."""

    visit_id: str
    worker_id: str
    way: str
    options: tuple[RescueOption, ...]
    at: datetime


class WorkerAsked(_Decision, frozen=True, kw_only=True):
    """Nothing was heard of a worker: they (their organisation's app) are asked, to answer by `answer_by_at`. `why`:
    silent, or overdue (a lone carer has not checked out)."""

    worker_id: str
    organisation: str
    visit_ids: tuple[str, ...]
    why: str
    at: datetime
    answer_by_at: datetime


class WorkerHeard(_Decision, frozen=True, kw_only=True):
    """A worker who was asked or missed is there. `by`: report, position, call."""

    worker_id: str
    by: str
    at: datetime
