"""Who may do what: roles, what a role's scope has to say, and one table of routes. What is not in the table is the
operator's alone.

Refused and absent look the same from outside: a route that a role may not use answers as an address where there is
nothing, a visit out of scope as a visit that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec
from fastapi import APIRouter
from fastapi.routing import APIRoute


class Role(StrEnum):
    CARE_MANAGER = "care_manager"  # 돌봄매니저: the people of a dong
    COORDINATOR = "coordinator"  # 통합창구 담당자: a district
    AREA_MANAGER = "area_manager"  # 책임기업: a living area
    PROVIDER_STAFF = "provider_staff"  # 제공기관: its own workers and what they took on
    COOP_DISPATCHER = "coop_dispatcher"  # 라이더 협동조합: the same, for its riders
    DISTRICT_OFFICER = "district_officer"  # 구청 담당자
    OPERATOR = "operator"  # 시스템 운영자
    AUDITOR = "auditor"  # reads rows without names, and who read whom
    SERVICE_KEY = "service_key"  # another system


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Where a role counts. Empty: no limit of this kind; `NEEDED` says which a role cannot do without."""

    districts: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    dongs: tuple[str, ...] = ()
    organisation: str = ""

    @property
    def is_everything(self) -> bool:
        return not (self.districts or self.areas or self.dongs or self.organisation)

    @property
    def is_whole_districts(self) -> bool:
        """All of the districts it names, or of all there are."""
        return not (self.areas or self.dongs or self.organisation)


R = Role
NEEDED: dict[Role, tuple[str, ...]] = {
    R.CARE_MANAGER: ("districts", "dongs"),
    R.COORDINATOR: ("districts",),
    R.AREA_MANAGER: ("districts", "areas"),
    R.PROVIDER_STAFF: ("districts", "organisation"),
    R.COOP_DISPATCHER: ("districts", "organisation"),
    R.DISTRICT_OFFICER: ("districts",),
    R.OPERATOR: (),
    R.AUDITOR: (),
    R.SERVICE_KEY: (),
}
ALLOWED: dict[Role, tuple[str, ...]] = {
    **NEEDED, R.AUDITOR: ("districts",), R.SERVICE_KEY: ("districts", "areas", "dongs", "organisation"),
}  # fmt: skip


def wrong_scope(role: Role, scope: Scope) -> str:
    """Which part of the scope is missing or too much for the role; "" when it fits."""
    said = {name for name in ("districts", "areas", "dongs", "organisation") if getattr(scope, name)}
    for name in NEEDED[role]:
        if name not in said:
            return f"scope.{name}: is missing"
    for name in sorted(said):
        if name not in ALLOWED[role]:
            return f"scope.{name}: does not go with the role"
    if said - {"districts"} and "districts" not in said:
        return "scope.districts: is missing"
    return ""


EVERYBODY = frozenset(Role)
OFFICE = frozenset({R.CARE_MANAGER, R.COORDINATOR, R.SERVICE_KEY, R.OPERATOR})
PHONE = frozenset({R.CARE_MANAGER, R.COORDINATOR, R.OPERATOR})
WINDOW = frozenset({R.COORDINATOR, R.OPERATOR})
OVERRULING = frozenset({R.COORDINATOR, R.AREA_MANAGER, R.OPERATOR})
CARING = frozenset({R.CARE_MANAGER, R.COORDINATOR, R.AREA_MANAGER, R.DISTRICT_OFFICER, R.SERVICE_KEY, R.OPERATOR})
ORGANISATION = frozenset({R.PROVIDER_STAFF, R.COOP_DISPATCHER, R.SERVICE_KEY, R.OPERATOR})
DISTRICT = frozenset({R.COORDINATOR, R.DISTRICT_OFFICER, R.AUDITOR, R.SERVICE_KEY, R.OPERATOR})
READERS = EVERYBODY
NAMES = EVERYBODY - {R.AUDITOR}
OPERATOR = frozenset({R.OPERATOR})

ROUTES: dict[tuple[str, str], frozenset[Role]] = {
    ("get", "/v1/visits"): READERS,
    ("get", "/v1/visits/{visit_id}"): READERS,
    ("get", "/v1/visits/{visit_id}/why"): READERS - ORGANISATION | {R.OPERATOR, R.SERVICE_KEY},
    ("get", "/v1/workers"): READERS,
    ("get", "/v1/exceptions"): READERS,
    ("get", "/v1/offers"): READERS,
    ("get", "/v1/unmet-needs"): READERS - ORGANISATION | {R.OPERATOR, R.SERVICE_KEY},
    ("get", "/v1/counters"): READERS,
    ("get", "/v1/district"): READERS,
    ("get", "/v1/districts"): READERS,
    ("get", "/v1/live"): READERS,
    ("get", "/v1/clock"): EVERYBODY,
    ("get", "/v1/commands/{command_id}"): EVERYBODY,
    ("get", "/v1/ledger"): DISTRICT,
    ("get", "/v1/fairness"): DISTRICT,
    ("post", "/v1/offers/{offer_id}/answer"): WINDOW,
    ("post", "/v1/visits/{visit_id}/raise-fee"): WINDOW,
    ("post", "/v1/visits"): OFFICE,
    ("post", "/v1/visits:batch"): OFFICE,
    ("post", "/v1/visits:preview"): OFFICE,
    ("post", "/v1/calls"): PHONE,
    ("post", "/v1/people/search"): PHONE,
    ("get", "/v1/visits/{visit_id}/contact"): PHONE,
    ("get", "/v1/workers/{worker_id}/contact"): PHONE,
    ("post", "/v1/visits/{visit_id}/call"): PHONE,
    ("post", "/v1/visits/{visit_id}/cancel"): OFFICE,
    ("post", "/v1/visits/{visit_id}/correct"): WINDOW,
    ("post", "/v1/visits/{visit_id}/assign"): OVERRULING,
    ("post", "/v1/visits/{visit_id}/forbid"): OVERRULING,
    ("post", "/v1/visits/{visit_id}/lock"): OVERRULING,
    ("post", "/v1/visits/{visit_id}/swap"): OVERRULING,
    ("post", "/v1/visits/{visit_id}/let-plan-decide"): OVERRULING,
    ("post", "/v1/commands/{command_id}/undo"): OFFICE | OVERRULING,
    ("post", "/v1/exceptions/{exception_id}/settle"): CARING,
    ("post", "/v1/exceptions/{exception_id}/acknowledge"): CARING,
    ("post", "/v1/concerns"): CARING,
    ("post", "/v1/emergency-calls"): CARING,
    ("post", "/v1/day/close"): WINDOW,
    ("put", "/v1/districts/{district}"): frozenset({R.SERVICE_KEY, R.OPERATOR}),
    ("get", "/v1/programmes"): DISTRICT,
    ("get", "/v1/postings"): DISTRICT,
    ("post", "/v1/programmes/{programme_id}/switch-on"): frozenset({R.OPERATOR}),
    ("post", "/v1/programmes/{programme_id}/switch-off"): frozenset({R.OPERATOR}),
    ("get", "/v1/programmes/{programme_id}/equipment"): DISTRICT,
    ("post", "/v1/programmes/{programme_id}/equipment"): WINDOW,
    ("post", "/v1/postings"): WINDOW,
    ("post", "/v1/postings/{posting_id}/assign"): WINDOW,
    ("post", "/v1/postings/{posting_id}/end"): WINDOW,
    ("post", "/v1/provider-failures"): WINDOW,
    ("post", "/v1/mode-pauses"): WINDOW,
    ("post", "/v1/disruptions/{disruption_id}/end"): WINDOW,
    ("post", "/v1/visits/{visit_id}/claims"): WINDOW,
    ("post", "/v1/claims/{claim_id}/settle"): WINDOW,
    ("post", "/v1/exclusions"): WINDOW,
    ("post", "/v1/exclusions:lift"): WINDOW,
    ("post", "/v1/workers/{worker_id}/credentials"): WINDOW | ORGANISATION,
    ("post", "/v1/workers/{worker_id}/credentials/{code}/withdraw"): WINDOW | ORGANISATION,
    ("get", "/v1/workers/{worker_id}/credentials"): WINDOW | ORGANISATION,
    ("get", "/v1/recipients/{recipient_id}/authorised"): OFFICE,
    ("get", "/v1/workers/{worker_id}/exclusions"): WINDOW | ORGANISATION,
    ("get", "/v1/recipients/{recipient_id}/exclusions"): OFFICE,
    ("post", "/v1/recipients:batch"): OFFICE,
    ("get", "/v1/recipients/{recipient_id}"): OFFICE,
    ("post", "/v1/recipients/{recipient_id}/intake"): OFFICE,
    ("post", "/v1/recipients/{recipient_id}/first-visit"): OFFICE,
    ("post", "/v1/recipients/{recipient_id}/authorise"): OFFICE,
    ("get", "/v1/recipients/{recipient_id}/notices"): OFFICE,
    ("put", "/v1/recipients/{recipient_id}/notices"): OFFICE,
    ("post", "/v1/workers:batch"): ORGANISATION | {R.COORDINATOR},
    ("get", "/v1/workers/{worker_id}"): ORGANISATION | {R.COORDINATOR},
    ("post", "/v1/people/names"): NAMES,
    ("put", "/v1/organisations/{organisation}/endpoint"): ORGANISATION,
    ("put", "/v1/organisations/{organisation}/endpoints/{name}"): ORGANISATION,
    ("get", "/v1/organisations/{organisation}/endpoints"): ORGANISATION,
    ("delete", "/v1/organisations/{organisation}/endpoints/{name}"): ORGANISATION,
    ("post", "/v1/organisations/{organisation}/endpoints/{name}/rotate"): ORGANISATION,
    ("post", "/v1/organisations/{organisation}/secret/rotate"): ORGANISATION,
    ("get", "/v1/organisations/{organisation}/deliveries"): ORGANISATION,
    ("get", "/v1/organisations/{organisation}/deliveries/{effect_id}"): ORGANISATION,
    ("post", "/v1/organisations/{organisation}/deliveries/{effect_id}/resend"): ORGANISATION,
    ("post", "/v1/organisations/{organisation}/deliveries:recover"): ORGANISATION,
    ("get", "/v1/access-log"): frozenset({R.AUDITOR, R.OPERATOR}),
    ("get", "/v1/me"): EVERYBODY,
    ("delete", "/v1/session"): EVERYBODY,
    ("delete", "/v1/sessions"): EVERYBODY,
    ("delete", "/v1/sessions/others"): EVERYBODY,
    ("post", "/v1/me/password"): EVERYBODY,
    ("post", "/v1/me/totp"): EVERYBODY,
    ("post", "/v1/me/totp:confirm"): EVERYBODY,
    ("post", "/v1/me/totp:remove"): EVERYBODY,
    ("post", "/v1/me/recovery-codes"): EVERYBODY,
}
"""(method, path) -> who may use it at all; whose rows they see there is their scope's. Not listed: the operator only."""

PREVIEWED = ("assign", "forbid", "lock", "swap", "let-plan-decide", "cancel")
"""Orders about a visit that may be asked about before they are given, by who may give them."""
PREVIEWS = {("post", f"/v1/visits/{{visit_id}}/{what}:preview"): ("post", f"/v1/visits/{{visit_id}}/{what}") for what in PREVIEWED}
ROUTES |= {preview: ROUTES[order] for preview, order in PREVIEWS.items()}

WHOLE_DISTRICT = frozenset({
    ("put", "/v1/districts/{district}"), ("post", "/v1/day/close"), ("get", "/v1/ledger"), ("get", "/v1/programmes"),
    ("get", "/v1/postings"), ("get", "/v1/fairness"), ("get", "/v1/programmes/{programme_id}/equipment"),
})  # fmt: skip
"""Routes about a district as a whole: not for a scope that is only a part of it."""

TAKEN = frozenset({"accepted", "en_route", "picked_up", "arrived", "in_service", "no_answer"})
"""States in which an organisation needs to know whose home it is; before them it has only been asked, after them it is over."""
OFFERED = TAKEN | {"offered", "done", "failed"}
"""States in which an organisation sees that the visit is its own."""


def may(role: Role, method: str, path: str) -> bool:
    return role in ROUTES.get((method.lower(), path), OPERATOR)


def may_here(role: Role, scope: Scope, method: str, path: str) -> bool:
    """Whether a role of this scope may use the route at all. An organisation's key is the organisation: it may do what the
    organisation's own people may, and has no recipients of its own."""
    if scope.organisation and not may(R.PROVIDER_STAFF, method, path):
        return False
    return may(role, method, path) and (scope.is_whole_districts or (method.lower(), path) not in WHOLE_DISTRICT)


def operations_of(role: Role, scope: Scope, routers: Iterable[APIRouter]) -> list[str]:
    """Of the API's operations those that a role of this scope may use, as "POST /v1/visits"."""
    return sorted(
        f"{method} {route.path}"
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and route.path.startswith("/v1/") and not route.path.startswith("/v1/webhooks/")
        for method in route.methods
        if may_here(role, scope, method, route.path)
    )
