"""Role x route x own or somebody else's: every cell of the matrix, over the routes of the OpenAPI document.

Refused and absent look the same from outside: whatever a role may not have is answered, byte for byte, as what is not there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from services.api import roster
from services.api.app import make_app
from services.api.roles import Role
from streams.settings import read_settings
from tests.unit.api.scoped_world import COMMANDS, NUMBERS, PLACES, ScopedWorld, scoped_world, side_of_others
from tests.unit.api.test_bad_input import VISIT

OPEN = {"/healthz", "/readyz"}
SIGNED = "/v1/webhooks/"  # organisations sign; their tests are their own

ALL = "care_manager coordinator area_manager provider_staff coop_dispatcher district_officer operator auditor service_key"
OFFICE = "care_manager coordinator operator service_key"
CARING = "care_manager coordinator area_manager district_officer operator service_key"
NO_ORGANISATION = "care_manager coordinator area_manager district_officer operator auditor service_key"
OVERRULE = "coordinator area_manager operator"
WINDOW = "coordinator operator"
DISTRICT = "coordinator district_officer operator auditor service_key"
ORGANISATION = "provider_staff coop_dispatcher operator service_key"

MAY = {
    "GET /v1/visits": ALL, "GET /v1/visits/{visit_id}": ALL, "GET /v1/workers": ALL, "GET /v1/exceptions": ALL,
    "GET /v1/offers": ALL, "GET /v1/counters": ALL, "GET /v1/district": ALL, "GET /v1/live": ALL, "GET /v1/clock": ALL,
    "GET /v1/districts": ALL,
    "GET /v1/commands/{command_id}": ALL, "GET /v1/me": ALL, "DELETE /v1/session": ALL, "DELETE /v1/sessions": ALL,
    "DELETE /v1/sessions/others": ALL, "POST /v1/me/recovery-codes": ALL,
    "POST /v1/me/password": ALL, "POST /v1/me/totp": ALL, "POST /v1/me/totp:confirm": ALL, "POST /v1/me/totp:remove": ALL,
    "GET /v1/visits/{visit_id}/why": NO_ORGANISATION, "GET /v1/unmet-needs": NO_ORGANISATION, "GET /v1/ledger": DISTRICT,
    "GET /v1/programmes": DISTRICT, "GET /v1/postings": DISTRICT, "GET /v1/fairness": DISTRICT,
    "POST /v1/offers/{offer_id}/answer": WINDOW, "POST /v1/visits/{visit_id}/raise-fee": WINDOW,
    "POST /v1/visits": OFFICE, "POST /v1/visits:preview": OFFICE, "POST /v1/visits/{visit_id}/cancel": OFFICE,
    "POST /v1/calls": "care_manager coordinator operator",
    "GET /v1/visits/{visit_id}/contact": "care_manager coordinator operator",
    "GET /v1/workers/{worker_id}/contact": "care_manager coordinator operator",
    "POST /v1/visits/{visit_id}/call": "care_manager coordinator operator",
    "POST /v1/people/search": "care_manager coordinator operator",
    "POST /v1/visits:batch": OFFICE,
    "POST /v1/visits/{visit_id}/correct": WINDOW, "POST /v1/visits/{visit_id}/assign": OVERRULE,
    "POST /v1/visits/{visit_id}/forbid": OVERRULE, "POST /v1/visits/{visit_id}/swap": OVERRULE,
    "POST /v1/visits/{visit_id}/lock": OVERRULE,
    "POST /v1/visits/{visit_id}/let-plan-decide": OVERRULE,
    "POST /v1/visits/{visit_id}/assign:preview": OVERRULE, "POST /v1/visits/{visit_id}/forbid:preview": OVERRULE,
    "POST /v1/visits/{visit_id}/swap:preview": OVERRULE, "POST /v1/visits/{visit_id}/let-plan-decide:preview": OVERRULE,
    "POST /v1/visits/{visit_id}/lock:preview": OVERRULE, "POST /v1/visits/{visit_id}/cancel:preview": OFFICE,
    "POST /v1/commands/{command_id}/undo": "care_manager coordinator area_manager operator service_key",
    "POST /v1/exceptions/{exception_id}/settle": CARING, "POST /v1/exceptions/{exception_id}/acknowledge": CARING,
    **dict.fromkeys((f"POST /v1/recipients/{{recipient_id}}/{what}" for what in ("intake", "first-visit", "authorise")), OFFICE),
    "POST /v1/concerns": CARING, "POST /v1/emergency-calls": CARING,
    "POST /v1/day/close": WINDOW, "PUT /v1/districts/{district}": "operator service_key",
    "POST /v1/programmes/{programme_id}/switch-on": "operator",
    "POST /v1/programmes/{programme_id}/switch-off": "operator",
    "GET /v1/programmes/{programme_id}/equipment": DISTRICT,
    "POST /v1/programmes/{programme_id}/equipment": WINDOW, "POST /v1/postings": WINDOW,
    "POST /v1/postings/{posting_id}/assign": WINDOW, "POST /v1/postings/{posting_id}/end": WINDOW,
    "POST /v1/exclusions": WINDOW, "POST /v1/exclusions:lift": WINDOW, "POST /v1/provider-failures": WINDOW,
    "POST /v1/mode-pauses": WINDOW, "POST /v1/disruptions/{disruption_id}/end": WINDOW,
    "POST /v1/visits/{visit_id}/claims": WINDOW, "POST /v1/claims/{claim_id}/settle": WINDOW,
    "GET /v1/workers/{worker_id}/credentials": f"coordinator {ORGANISATION}",
    "GET /v1/recipients/{recipient_id}/authorised": OFFICE,
    "GET /v1/workers/{worker_id}/exclusions": f"coordinator {ORGANISATION}",
    "GET /v1/recipients/{recipient_id}/exclusions": OFFICE,
    "POST /v1/workers/{worker_id}/credentials": f"coordinator {ORGANISATION}",
    "POST /v1/workers/{worker_id}/credentials/{code}/withdraw": f"coordinator {ORGANISATION}",
    "GET /v1/recipients/{recipient_id}": OFFICE, "GET /v1/workers/{worker_id}": f"coordinator {ORGANISATION}",
    "GET /v1/recipients/{recipient_id}/notices": OFFICE, "PUT /v1/recipients/{recipient_id}/notices": OFFICE,
    "POST /v1/recipients:batch": OFFICE, "POST /v1/workers:batch": f"coordinator {ORGANISATION}",
    "POST /v1/people/names": ALL.replace("auditor ", ""), "PUT /v1/organisations/{organisation}/endpoint": ORGANISATION,
    "PUT /v1/organisations/{organisation}/endpoints/{name}": ORGANISATION,
    "GET /v1/organisations/{organisation}/endpoints": ORGANISATION,
    "POST /v1/organisations/{organisation}/endpoints/{name}/rotate": ORGANISATION,
    "POST /v1/organisations/{organisation}/secret/rotate": ORGANISATION,
    "GET /v1/organisations/{organisation}/deliveries": ORGANISATION,
    "GET /v1/organisations/{organisation}/deliveries/{effect_id}": ORGANISATION,
    "POST /v1/organisations/{organisation}/deliveries/{effect_id}/resend": ORGANISATION,
    "POST /v1/organisations/{organisation}/deliveries:recover": ORGANISATION,
    "DELETE /v1/organisations/{organisation}/endpoints/{name}": ORGANISATION,
    "GET /v1/access-log": "operator auditor", "GET /metrics": "operator", "POST /v1/clock": "operator",
    "POST /v1/lockstep/step": "operator", "GET /v1/accounts": "operator", "POST /v1/accounts": "operator",
    "DELETE /v1/accounts/{account_id}": "operator", "POST /v1/accounts/{account_id}/reset": "operator",
    "PUT /v1/accounts/{account_id}": "operator", "DELETE /v1/accounts/{account_id}/sessions": "operator",
    "GET /v1/sign-in-rules": "operator", "PUT /v1/sign-in-rules": "operator",
    "GET /v1/keys": "operator", "POST /v1/keys": "operator", "DELETE /v1/keys/{key_id}": "operator",
    "DELETE /v1/all-access": "operator",
}  # fmt: skip
"""Who may use a route at all, said a second time, by hand. A new route is put in here and in services/api/roles.py."""

PERSONS_OWN = {
    "/v1/sessions", "/v1/sessions/others", "/v1/me/password", "/v1/me/totp", "/v1/me/totp:confirm", "/v1/me/totp:remove",
    "/v1/me/recovery-codes",
}  # fmt: skip
"""Only for who signed in with a password: to a key they are not there."""

BODIES: dict[str, Any] = {
    "POST /v1/visits": lambda w: {**VISIT, "district": w["district"], "dong": w["dong"], "recipient_id": w["recipient"]},
    "POST /v1/visits:batch": lambda w: {
        "visits": [{**VISIT, "district": w["district"], "dong": w["dong"], "recipient_id": w["recipient"]}]
    },
    "POST /v1/visits:preview": lambda w: {**VISIT, "district": w["district"], "dong": w["dong"], "recipient_id": w["recipient"]},
    "POST /v1/calls": lambda w: {"number": w["number"]},
    "POST /v1/people/search": lambda w: {"ending": w["number"][-4:]},
    "POST /v1/visits/{visit_id}/call": lambda w: {"wish": "not_today"},
    "POST /v1/visits/{visit_id}/cancel": lambda w: {"reason": "office"},
    "POST /v1/visits/{visit_id}/correct": lambda w: {"outcome": "done", "reason": "mis_tap"},
    "POST /v1/visits/{visit_id}/assign": lambda w: {"worker_id": w["worker"]},
    "POST /v1/visits/{visit_id}/forbid": lambda w: {"worker_id": w["worker"], "reason": "asked"},
    "POST /v1/visits/{visit_id}/lock": lambda w: {"reason": "office"},
    "POST /v1/visits/{visit_id}/swap": lambda w: {"other_visit_id": w["visit"]},
    "POST /v1/visits/{visit_id}/let-plan-decide": lambda w: {},
    "POST /v1/commands/{command_id}/undo": lambda w: {"district": w["district"]},
    "POST /v1/exceptions/{exception_id}/settle": lambda w: {"outcome": "seen"},
    "POST /v1/exceptions/{exception_id}/acknowledge": lambda w: {},
    "POST /v1/concerns": lambda w: {
        "district": w["district"], "dong": w["dong"], "recipient_id": w["recipient"], "observation": "no_sign_of_life",
        "source": "kin",
    },
    "POST /v1/emergency-calls": lambda w: {
        "district": w["district"], "dong": w["dong"], "recipient_id": w["recipient"], "answers": {"conscious": False},
        "source": "kin",
    },
    "POST /v1/recipients/{recipient_id}/intake": lambda w: {
        "district": w["district"], "dong": w["dong"], "received_at": "2026-11-03T00:00:00Z",
    },
    "POST /v1/recipients/{recipient_id}/first-visit": lambda w: {"district": w["district"]},
    "POST /v1/recipients/{recipient_id}/authorise": lambda w: {"district": w["district"], "duration_min": 600},
    "POST /v1/day/close": lambda w: {"district": w["district"], "service_date": "2026-11-03"},
    "PUT /v1/districts/{district}": lambda w: w["config"],
    "POST /v1/programmes/{programme_id}/switch-on": lambda w: {"district": w["district"]},
    "POST /v1/programmes/{programme_id}/switch-off": lambda w: {"district": w["district"]},
    "POST /v1/programmes/{programme_id}/equipment": lambda w: {"district": w["district"], "worker_id": w["worker"]},
    "POST /v1/postings": lambda w: {"district": w["district"], "dong": w["dong"], "recipient_id": w["recipient"]},
    "POST /v1/postings/{posting_id}/assign": lambda w: {"district": w["district"], "worker_id": w["worker"]},
    "POST /v1/postings/{posting_id}/end": lambda w: {"district": w["district"]},
    "POST /v1/provider-failures": lambda w: {"district": w["district"]},
    "POST /v1/mode-pauses": lambda w: {"district": w["district"]},
    "POST /v1/disruptions/{disruption_id}/end": lambda w: {"district": w["district"]},
    "POST /v1/visits/{visit_id}/claims": lambda w: {"organisation": w["organisation"]},
    "POST /v1/claims/{claim_id}/settle": lambda w: {"outcome": "confirmed", "district": w["district"]},
    "POST /v1/offers/{offer_id}/answer": lambda w: {"answer": "accepted", "worker_id": w["worker"]},
    "POST /v1/visits/{visit_id}/raise-fee": lambda w: {"extra_krw": 1000},
    "POST /v1/exclusions": lambda w: {"district": w["district"], "worker_id": w["worker"], "recipient_id": w["recipient"]},
    "POST /v1/exclusions:lift": lambda w: {"district": w["district"], "worker_id": w["worker"], "recipient_id": w["recipient"]},
    "POST /v1/workers/{worker_id}/credentials": lambda w: {"code": "training"},
    "POST /v1/workers/{worker_id}/credentials/{code}/withdraw": lambda w: {},
    "POST /v1/recipients:batch": lambda w: {
        "recipients": [
            {"recipient_id": w["recipient"], "etag": "*", "name": "이몽룡", "district": w["district"], "dong": w["dong"]}
        ]
    },
    "PUT /v1/recipients/{recipient_id}/notices": lambda w: {"channels": ["sms"]},
    "POST /v1/workers:batch": lambda w: {"workers": [{"worker_id": w["worker"], "etag": "*", "name": "성춘향"}]},
    "POST /v1/people/names": lambda w: {"recipient_ids": [w["recipient"]], "worker_ids": [w["worker"]]},
    "PUT /v1/organisations/{organisation}/endpoint": lambda w: {"url": "http://127.0.0.1:9/h"},
    "PUT /v1/organisations/{organisation}/endpoints/{name}": lambda w: {"url": "http://127.0.0.1:9/h"},
    "POST /v1/organisations/{organisation}/endpoints/{name}/rotate": lambda w: {},
    "POST /v1/organisations/{organisation}/secret/rotate": lambda w: {},
    "POST /v1/organisations/{organisation}/deliveries/{effect_id}/resend": lambda w: {},
    "POST /v1/organisations/{organisation}/deliveries:recover": lambda w: {"since": "2026-01-01T00:00:00Z"},
    "POST /v1/clock": lambda w: {"paused": True},
    "POST /v1/lockstep/step": lambda w: {},
    "POST /v1/accounts": lambda w: {"login": w["visit"], "role": "operator"},
    "PUT /v1/accounts/{account_id}": lambda w: {"role": "operator"},
    "PUT /v1/sign-in-rules": lambda w: {"totp_roles": []},
    "POST /v1/keys": lambda w: {"label": "k"},
    "POST /v1/me/password": lambda w: {"new": "correct horse battery"},
    "POST /v1/me/totp": lambda w: {"password": "x"},
    "POST /v1/me/totp:confirm": lambda w: {"code": "123456"},
    "POST /v1/me/totp:remove": lambda w: {"password": "x", "code": "123456"},
    "POST /v1/me/recovery-codes": lambda w: {"password": "x", "code": "123456"},
}
BODIES |= {f"{one}:preview": BODIES[one] for one in list(BODIES) if f"{one}:preview" in MAY and one != "POST /v1/visits"}
WITHOUT_BODY = {"POST /v1/accounts/{account_id}/reset"}
QUERIES = {"GET /v1/access-log": "recipient={recipient}"}
BY_DISTRICT = {  # lists and single objects of a district that may be named
    f"GET /v1/{name}" for name in (
        "visits", "workers", "exceptions", "offers", "counters", "district", "live", "unmet-needs", "ledger", "programmes",
        "postings", "fairness", "programmes/{programme_id}/equipment",
    )
}  # fmt: skip
HIDDEN = {401, 403, 404}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScopedWorld]:
    with scoped_world(tmp_path_factory.mktemp("matrix")) as made:
        yield made


def operations(tmp_path: Path) -> list[str]:
    described = make_app(read_settings({"DOLBOM_STATE_DIR": str(tmp_path)})).openapi()["paths"]
    return [
        f"{method.upper()} {path}"
        for path, methods in described.items()
        for method in methods
        if path not in OPEN and not path.startswith(SIGNED) and (method, path) != ("post", "/v1/session")
    ]


def names_of(world: ScopedWorld, role: Role, side: str) -> dict[str, Any]:
    nowhere = "11999" if side_of_others(role) == "far" else PLACES["own"][0]
    district, dong, _, organisation = PLACES.get(side, (nowhere, f"{nowhere}99999", "Z", "coop-z"))
    board = world.redis.hashes.get(f"dolbom:board:{district}", {})
    return {
        "visit": f"v-{side}", "exception": f"x-{side}", "worker": f"w-{side}", "recipient": f"R-{side}", "offer": f"o-{side}",
        "command": COMMANDS[side], "district": district, "dong": dong, "organisation": organisation,
        "account": world.accounts.get(side, "nobody"), "key": "0" * 12,  # type: ignore[call-overload]
        "config": json.loads(board.get(b"district", b"{}")) | {"district": district}, "programme": "p-1", "posting": "p-1",
        "disruption": "p-1", "claim": "p-1", "code": "training", "name": "main", "effect": f"e-{side}",
        "number": NUMBERS.get(side, "010-0000-9999"),
    }  # fmt: skip


def ask(world: ScopedWorld, role: Role, operation: str, side: str, body: Any = None, **headers: str) -> Any:
    method, path = operation.split(" ")
    names = names_of(world, role, side)
    filled = path
    for name in (key for key in names if f"{{{key}_id}}" in path):
        filled = filled.replace(f"{{{name}_id}}", names[name])
    for name in ("district", "organisation", "code", "name"):
        filled = filled.replace(f"{{{name}}}", names[name])
    assert "{" not in filled, f"{operation}: say in names_of what stands for its parameters"
    if operation in QUERIES:
        filled += "?" + QUERIES[operation].format(**names)
    if operation in BY_DISTRICT:
        filled += f"?district={names['district']}"
    more: dict[str, Any] = {}
    if method in ("POST", "PUT") and operation not in WITHOUT_BODY:
        assert operation in BODIES, f"{operation}: put a body for the matrix into BODIES"
        more["json"] = BODIES[operation](names)
    more |= ({} if body is None else {"json": body}) | ({"headers": headers} if headers else {})
    return world.call(role, method, filled, **more)


PASSING = {"ratelimit", "ratelimit-policy", "content-length", "date"}
"""Headers that tell when and how often somebody asked, or follow from the body, which is compared without ids."""


def seen(response: Any) -> tuple[int, bytes, dict[str, str]]:
    """The answer with its headers, but for the id that was asked for."""
    content: bytes = response.content
    for command_id in COMMANDS.values():
        content = content.replace(command_id.encode(), b"ID")
    headers = {name: value for name, value in response.headers.items() if name not in PASSING}
    return response.status_code, content, headers


def test_every_route_has_its_row(tmp_path: Path) -> None:
    assert set(operations(tmp_path)) == set(MAY), "a route is new or gone: say in MAY (and in roles.py) who may use it"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_that_may_not_finds_nothing(world: ScopedWorld, role: Role) -> None:
    nothing = seen(world.call(role, "GET", "/v1/nothing-here"))
    wrong = []
    before = len(world.api.writer.records)
    for operation, may in MAY.items():
        if role.value in may.split():
            continue
        for side in ("own", side_of_others(role), "absent"):
            if seen(ask(world, role, operation, side)) != nothing:
                wrong.append((operation, side))
    assert wrong == []
    assert len(world.api.writer.records) == before
    assert json.loads(nothing[1])["code"] == "not_found"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_that_may_has_its_own(world: ScopedWorld, role: Role) -> None:
    wrong = []
    for operation, may in MAY.items():
        path = operation.split(" ")[1]
        if role.value not in may.split() or path in PERSONS_OWN or path == "/v1/all-access":
            continue
        response = ask(world, role, operation, "own")
        fine = response.status_code not in HIDDEN and b"unknown_" not in response.content and response.status_code != 500
        if "key_id" not in path and "effect_id" not in path and not fine:
            wrong.append((operation, response.status_code, response.text[:200]))
    assert wrong == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_somebody_elses_is_as_if_it_were_not_there(world: ScopedWorld, role: Role) -> None:
    """The whole answer is that of an id that does not exist; lists hold nothing of it; nothing is appended."""
    wrong = []
    other = side_of_others(role)
    before = len(world.api.writer.records)
    for operation, may in MAY.items():
        if role.value not in may.split() or operation in UNSCOPED:
            continue
        response, absent = ask(world, role, operation, other), ask(world, role, operation, "absent")
        if operation in BY_DISTRICT and PLACES[other][0] == PLACES["own"][0]:
            if any(f"{kind}-{other}" in response.text for kind in "vwxonR"):
                wrong.append((operation, "shows what is not its own"))
        elif seen(response) != seen(absent):
            wrong.append((operation, response.text[:150], absent.text[:150]))
        elif operation not in EMPTY and response.status_code < 400:
            wrong.append((operation, response.status_code))
    assert wrong == []
    assert len(world.api.writer.records) == before


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_looking_for_somebody_elses_is_as_much_work_as_for_nobodys(
    world: ScopedWorld, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does the time tell: what is asked of Redis and of the registry is as much for the one as for the other."""
    monkeypatch.setattr(roster, "READ_AGAIN_S", 1e9)  # else whoever comes first after five seconds has more to do
    different = []
    with work_of(world) as done:
        for operation, may in MAY.items():
            if role.value not in may.split() or operation in UNSCOPED | BY_DISTRICT:
                continue
            for side in (side_of_others(role), "absent"):
                ask(world, role, operation, side)  # whatever is remembered from the first time
            other, absent = (done(ask, world, role, operation, side) for side in (side_of_others(role), "absent"))
            if other != absent:
                different.append((operation, other, absent))
    assert different == []


@contextmanager
def work_of(world: ScopedWorld) -> Iterator[Callable[..., list[str]]]:
    """`done(ask, ...)` -> what of Redis and the registry was asked for while `ask` ran."""
    asked: list[str] = []
    engine = world.api.doors.registry.engine

    def on_sql(connection: Any, cursor: Any, statement: str, *rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "UPDATE api_keys")):  # a key's last use is written once a minute
            asked.append(statement.partition("WHERE")[0])

    def done(call: Callable[..., Any], *args: Any) -> list[str]:
        asked.clear()
        world.redis.asked.clear()
        call(*args)
        return [*world.redis.asked, *asked]

    event.listen(engine, "before_cursor_execute", on_sql)
    yield done
    event.remove(engine, "before_cursor_execute", on_sql)


UNSCOPED = {
    "GET /v1/clock", "GET /v1/me", "DELETE /v1/session", "DELETE /v1/sessions", "POST /v1/me/password", "POST /v1/me/totp",
    "POST /v1/me/totp:confirm", "POST /v1/me/totp:remove", "POST /v1/me/recovery-codes", "DELETE /v1/sessions/others",
    "POST /v1/recipients:batch", "GET /v1/districts",
}  # fmt: skip
"""One's own by their nature; storing recipients has a test of its own (an id that is not there may be stored)."""
EMPTY = {"POST /v1/calls", "GET /v1/commands/{command_id}", "POST /v1/people/names", "POST /v1/people/search"}
"""What is not there is answered with nothing, or as not yet decided."""


@pytest.mark.parametrize("role", list(Role))
def test_who_has_several_districts_is_told_of_those_alone(world: ScopedWorld, role: Role) -> None:
    told = [one["district"] for one in world.call(role, "GET", "/v1/districts").json()["items"]]
    assert told == sorted(told)
    mine, far = PLACES["own"][0], PLACES["far"][0]
    assert mine in told
    assert (far in told) == (role is Role.OPERATOR)


def test_without_a_key_nobody_learns_what_there_is(world: ScopedWorld) -> None:
    for operation in MAY:
        method, path = operation.split(" ")
        response = world.api.client.request(method, path.replace("{", "").replace("}", ""))
        assert response.status_code == 401, operation
