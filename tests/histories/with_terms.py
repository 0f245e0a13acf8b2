"""Random histories in districts with rests, limits, banned areas, prices and a pharmacy, whose visits have wishes, gaps to other
visits, rounds and stairs, and are errands and parcels now and then."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from streams.contracts.district import DistrictConfig, Service
from streams.contracts.inputs import RequestVisit
from streams.contracts.plan_terms import PlanPrices, PlanTerms
from streams.contracts.work import LEGAL_REST, Rest, WorkTerms
from tests.core_world import CENTRE, COOP, WINDOW, at
from tests.histories.histories import Histories
from tests.histories.towns import town as plain_town

NOON = Rest(earliest_at=at("12:00"), latest_at=at("13:30"), duration_s=1800)
TEA = Rest(earliest_at=at("15:00"), latest_at=at("16:00"), duration_s=900)
OF_PROVIDERS = {
    COOP: WorkTerms(rest_rules=LEGAL_REST, max_distance_m=60_000), CENTRE: WorkTerms(rest_rules=LEGAL_REST, max_active_s=21_600),
    WINDOW: WorkTerms(rests=(NOON,)),
}  # fmt: skip
OF_WORKERS = {
    "carer-1": WorkTerms(rests=(NOON, TEA), banned_area_ids=("S",)), "carer-3": WorkTerms(rests=(NOON, TEA)),
    "rider-1": WorkTerms(rests=(NOON, TEA)),
}  # fmt: skip


@cache
def town(code: str, **more: Any) -> DistrictConfig:
    plain = plain_town(code, **more)
    return replace(
        plain, providers=tuple(replace(one, work=OF_PROVIDERS.get(one.provider_id, one.work)) for one in plain.providers),
        workers=tuple(replace(one, work=OF_WORKERS.get(one.worker_id, one.work)) for one in plain.workers),
        policy=replace(plain.policy, prices=PlanPrices(promise_per_min=60, leave_out=(800_000, 200_000, 50_000))),
    )  # fmt: skip


@contextmanager
def such_towns() -> Iterator[None]:
    with patch("tests.histories.machine.town", town), patch("tests.histories.people.town", town):
        yield


class HistoriesWithTerms(Histories):
    """What a visit asks of the plan follows from its reference, so that a repeat is one."""

    def _request(self, reference: str, north: bool, opens_at: datetime, other_body: bool = False, **fields: Any) -> RequestVisit:
        plain = super()._request(reference, north, opens_at, other_body, **fields)
        dice = hashlib.sha256(reference.encode()).digest()
        if plain.programme:
            return plain
        brought = plain.service is Service.CHECK_IN and plain.worker_count == 1 and dice[0] % 3 == 0
        if brought:
            service = Service.ERRAND if dice[1] % 2 else Service.LOCAL_PARCEL
            plain = replace(plain, service=service, kitchen_id="pharmacy", service_duration_s=120)
        terms: dict[str, Any] = {"access_s": dice[2] % 200 if dice[3] % 3 == 0 else 0}
        if plain.kitchen_id == "k1" and dice[4] % 2 == 0:
            terms |= {"round_id": "north", "round_rank": dice[5] % 9, "boxes_back": dice[6] % 4}
        if dice[7] % 3 == 0:
            terms["preferred_workers"] = ("carer-2", "rider-2")
        others = [one.spec for one in self.state.visits.values() if not one.guest_of and one.spec.visit_id != plain.visit_id]
        if others and dice[8] % 2:
            first, least_s = others[dice[9] % len(others)], dice[10] % 5 * 600
            plain = replace(plain, recipient_id=first.recipient_id)
            most_s = least_s + 3600 if dice[11] % 2 else 0
            terms |= {"after_visit_id": first.visit_id, "gap_min_s": least_s, "gap_max_s": most_s}
            terms["gap_other_worker"] = dice[12] % 3 == 0
        return replace(plain, plan=PlanTerms(**terms))
