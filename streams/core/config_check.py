"""What a configuration names and does not have: found before it is in force, told by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from streams.contracts.district import DistrictConfig, MealKind, Service
from streams.contracts.eligibility import NOT_SENT
from streams.core.as_routing import plannable
from streams.core.expected import wrong_expectations
from streams.core.lifecycle import CLOSED
from streams.core.work import wrong_terms

if TYPE_CHECKING:
    from streams.core.state import DistrictState, VisitRecord

SENT = frozenset(service.value for service in Service)
KINDS = frozenset({"", *(kind.value for kind in MealKind)})


def wrong_in(config: DistrictConfig) -> tuple[str, ...]:
    """Each wrong name as "table:id:name"; empty when all is well."""
    return tuple(_wrong(config))


def _wrong(config: DistrictConfig) -> Iterator[str]:
    for provider in config.providers:
        for dated in provider.dated_services:
            if dated.service not in SENT | NOT_SENT:
                yield f"provider:{provider.provider_id}:{dated.service}"
            if dated.until_date and dated.until_date < dated.from_date:
                yield f"provider:{provider.provider_id}:{dated.from_date}"
    for programme in config.programmes:
        for service in programme.services:
            if service not in SENT:
                yield f"programme:{programme.programme_id}:{service}"
    for kitchen in config.kitchens:
        if kitchen.shop and kitchen.shop.closes_at <= kitchen.shop.opens_at:
            yield f"kitchen:{kitchen.kitchen_id}:closes_at"
        for kind in (*(line.meal_kind for line in kitchen.menu), *(cut.meal_kind for cut in kitchen.cut_offs)):
            if kind not in KINDS:
                yield f"kitchen:{kitchen.kitchen_id}:{kind}"
    areas = frozenset(area.area_id for area in config.areas)
    for one in config.providers:
        yield from (f"provider:{one.provider_id}:{wrong}" for wrong in wrong_terms(one.work, areas))
    for profile in config.workers:
        yield from (f"worker:{profile.worker_id}:{wrong}" for wrong in wrong_terms(profile.work, areas))
    yield from wrong_expectations(config)
    workers = {worker.worker_id for worker in config.workers}
    for pair in config.exclusions:
        if pair.worker_id not in workers:
            yield f"exclusion:{pair.worker_id}"
        if pair.by not in ("recipient", "worker"):
            yield f"exclusion:{pair.by}"


class _Names(NamedTuple):
    """What of a configuration a visit can need to be planned."""

    kitchens: frozenset[str]
    areas: frozenset[str]
    dongs: frozenset[str]

    @classmethod
    def of(cls, config: DistrictConfig) -> _Names:
        return cls(
            frozenset(kitchen.kitchen_id for kitchen in config.kitchens), frozenset(area.area_id for area in config.areas),
            frozenset(dong.code for dong in config.dongs),
        )  # fmt: skip

    def missed_by(self, visit: VisitRecord) -> Iterator[tuple[str, str]]:
        spec = visit.spec
        dong = "" if visit.guest_of else spec.dong  # a guest's is a dong of their own district
        needed = (
            ("no_kitchen", spec.kitchen_id, self.kitchens), ("no_area", spec.area_id, self.areas), ("no_dong", dong, self.dongs),
        )  # fmt: skip
        return ((kind, name) for kind, name, there in needed if name and name not in there)


def missed_by(visit: VisitRecord, config: DistrictConfig) -> tuple[str, ...]:
    """What a visit needs to be planned and the configuration does not have (any more): it may have left since the visit was
    over. Each as "no_kitchen:id", "no_area:id" or "no_dong:code"; empty when it can come back."""
    return tuple(f"{kind}:{name}" for kind, name in _Names.of(config).missed_by(visit))


def left_out_of(config: DistrictConfig, state: DistrictState) -> tuple[str, ...]:
    """What visits that are still open and workers who are still planned for need, and would not be there any more; told by the
    first who needs it, as "visit:id:name" or "worker:id:name"."""
    there = _Names.of(config)
    found: dict[str, str] = {}
    for visit_id, visit in state.visits.items():
        if visit.state not in CLOSED:
            for _, name in there.missed_by(visit):
                found.setdefault(name, f"visit:{visit_id}:{name}")
    profiles = {profile.worker_id: profile for profile in config.workers}
    for worker_id, worker in state.workers.items():
        mode = profiles.get(worker_id, worker.profile).mode
        if mode not in config.travel.modes and plannable(worker, state.now_at):
            found.setdefault(mode, f"worker:{worker_id}:{mode}")
    return tuple(found.values())
