"""Fair shares of the week out of the workers' rows: what each was given, and how offers went to each organisation."""

from __future__ import annotations

import msgspec

from streams.contracts.board import WorkerRow


class WorkerShare(msgspec.Struct, frozen=True, kw_only=True):
    """One worker's week so far. `fair_today_s`: paid work that is a fair share of today, None where shares have no price."""

    worker_id: str
    organisation: str
    kind: str
    visits: int
    active_s: int
    distance_m: int
    income_krw: int
    offered: int
    accepted: int
    declined: int
    silent: int
    fair_today_s: int | None


class OrganisationShare(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation's week, of one kind of worker. Shares are 0..1 of all of that kind; None before the first offer."""

    organisation: str
    kind: str
    people: int
    people_share: float
    offered: int
    offered_share: float | None
    accepted: int
    declined: int
    silent: int
    income_krw: int


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """`/v1/fairness` of one district."""

    week: str
    workers: tuple[WorkerShare, ...]
    organisations: tuple[OrganisationShare, ...]


class WeekShares(msgspec.Struct, frozen=True, kw_only=True):
    """Fair shares by district."""

    districts: dict[str, Shares]


def shares_of(rows: list[WorkerRow]) -> Shares:
    """Workers with most paid time first, organisations by kind and id."""
    workers = sorted((_worker(row) for row in rows), key=lambda one: (-one.active_s, one.worker_id))
    kinds = sorted({(one.kind, one.organisation) for one in workers})
    week = max((row.week.week for row in rows), default="")
    return Shares(
        week=week, workers=tuple(workers), organisations=tuple(_organisation(workers, kind, name) for kind, name in kinds)
    )


def _worker(row: WorkerRow) -> WorkerShare:
    week = row.week
    return WorkerShare(
        worker_id=row.worker_id, organisation=row.organisation, kind=row.kind, visits=week.visits, active_s=week.active_s,
        distance_m=week.distance_m, income_krw=week.income_krw, offered=week.offered, accepted=week.accepted,
        declined=week.declined, silent=week.silent, fair_today_s=week.fair_today_s,
    )  # fmt: skip


def _organisation(workers: list[WorkerShare], kind: str, organisation: str) -> OrganisationShare:
    trade = [one for one in workers if one.kind == kind]
    own = [one for one in trade if one.organisation == organisation]
    offered, all_offered = sum(one.offered for one in own), sum(one.offered for one in trade)
    return OrganisationShare(
        organisation=organisation, kind=kind, people=len(own), people_share=round(len(own) / len(trade), 4), offered=offered,
        offered_share=round(offered / all_offered, 4) if all_offered else None,
        accepted=sum(one.accepted for one in own), declined=sum(one.declined for one in own),
        silent=sum(one.silent for one in own), income_krw=sum(one.income_krw for one in own),
    )  # fmt: skip
