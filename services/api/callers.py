"""The caller of a request, and what is in its scope. The board's reader asks here for every row it hands out, so that a
route that forgets to ask shows nothing it should not."""

from __future__ import annotations

from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import dataclass

from services.api.roles import OFFERED, TAKEN, Role, Scope, may_here
from streams.contracts.board import ExceptionRow, OfferRow, UnmetNeedRow, VisitRow, WorkerRow

OF_AN_ADDRESS = ("endpoint_down", "endpoint_disabled")
"""Exceptions about an organisation's own webhooks: it can be told nowhere else when its only address is off."""


@dataclass(frozen=True)
class Caller:
    """`id` is "token", "account:<id>" or "key:<id>"; `actor` stands in the log. `proof` is what keeps it valid: a session's
    digest, a key's id or "token session <opened at>" ("": the installation's token itself)."""

    id: str
    role: Role
    scope: Scope
    actor: str
    proof: str = ""
    lacks_factor: bool = False  # the role needs a second factor that this account has not set up yet

    @property
    def is_limited(self) -> bool:
        return not self.scope.is_everything

    @property
    def account_id(self) -> str:
        return self.id.removeprefix("account:") if self.id.startswith("account:") else ""

    def has_district(self, district: str) -> bool:
        return not self.scope.districts or district in self.scope.districts

    def has_dong(self, dong: str) -> bool:
        return not self.scope.dongs or dong in self.scope.dongs

    def has_area(self, area_id: str) -> bool:
        return not self.scope.areas or area_id in self.scope.areas

    def has_organisation(self, organisation: str) -> bool:
        return not self.scope.organisation or organisation == self.scope.organisation

    def sees_visit(self, row: VisitRow) -> bool:
        """Of a district in scope. An area manager also sees where the area's own workers help."""
        scope = self.scope
        if scope.organisation and (row.organisation != scope.organisation or row.state not in OFFERED):
            return False
        return self.has_dong(row.dong) and (self.has_area(row.area_id) or row.helped_from in scope.areas)

    def sees_person_of(self, row: VisitRow) -> bool:
        """Whether the visit is a reason to know whose home it is."""
        return self.sees_visit(row) and (not self.scope.organisation or row.state in TAKEN)

    def sees_worker(self, row: WorkerRow, visit_ids: Collection[str]) -> bool:
        """`visit_ids` are the visits seen: whoever goes to one's own people is seen too."""
        if self.scope.organisation:
            return row.organisation == self.scope.organisation
        if self.scope.areas and row.area_id in self.scope.areas:
            return True
        if self.scope.areas or self.scope.dongs:
            return any(stop.visit_id in visit_ids for stop in row.stops)
        return True

    def sees_week_of(self, row: WorkerRow) -> bool:
        """What a worker earned and declined: for who weighs the district's shares (`GET /v1/fairness`), and for one's own
        organisation."""
        if self.scope.organisation:
            return row.organisation == self.scope.organisation
        return may_here(self.role, self.scope, "get", "/v1/fairness")

    def sees_exception(self, row: ExceptionRow, visit_ids: Collection[str]) -> bool:
        if self.scope.organisation:
            own_address = row.kind in OF_AN_ADDRESS and row.subject == self.scope.organisation
            return own_address or row.owner.partition(":")[2] == self.scope.organisation or row.visit_id in visit_ids
        if row.visit_id and row.visit_id in visit_ids:
            return True
        return (not self.scope.dongs or row.dong in self.scope.dongs) and (
            not self.scope.areas or row.area_id in self.scope.areas
        )

    def sees_offer(self, row: OfferRow, visit_ids: Collection[str]) -> bool:
        if self.scope.organisation:
            return row.organisation == self.scope.organisation
        return not (self.scope.areas or self.scope.dongs) or any(one in visit_ids for one in row.visit_ids)

    def sees_need(self, row: UnmetNeedRow) -> bool:
        return not self.scope.organisation and self.has_dong(row.dong) and self.has_area(row.area_id)


CALLER: ContextVar[Caller | None] = ContextVar("caller", default=None)
"""Of the request under way. None: nobody called (our own tasks), or an organisation's signature did."""


def limits() -> Caller | None:
    """The caller if its scope is limited; None when every row may be shown."""
    caller = CALLER.get()
    return caller if caller is not None and caller.is_limited else None
