"""Hard rules that a person has waived: what a visit looks like to routing without them, for one worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import routing


def waive(visit: routing.Visit, rules: Iterable[str], worker_id: str, area_id: str) -> routing.Visit:
    """The visit without these rules for that worker, whose home area is `area_id`. Rules that cannot be waived stay."""
    for rule in rules:
        match rule:
            case routing.Rule.SKILL:
                visit = replace(visit, required_skills=frozenset())
            case routing.Rule.CREDENTIAL | routing.Rule.CREDENTIAL_OLD:
                visit = replace(visit, required_credentials={})
            case routing.Rule.GENDER:
                visit = replace(visit, gender="")
            case routing.Rule.EXCLUDED:
                visit = replace(visit, excluded_worker_ids=visit.excluded_worker_ids - {worker_id})
            case routing.Rule.AREA:
                visit = replace(visit, allowed_area_prices={area_id: 0, **visit.allowed_area_prices})
            case _:
                pass
    return visit
