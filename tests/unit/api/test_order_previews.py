"""A preview of an order: the order's own door, with a core behind it that answers. Nothing is ordered by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from services.api import overrule
from services.api.previews import ORDERS
from services.api.roles import PREVIEWED, Role
from streams import topics
from streams.contracts import codec
from streams.contracts.decisions import CommandSettled
from streams.contracts.queries import Answer, Moved, Preview, Query
from streams.core.dispatch import decide
from streams.core.queries import answer
from streams.core.state import state_hash
from tests.core_world import DISTRICT, CoreWorld
from tests.unit.api.fake_doors import Api, problem_code
from tests.unit.api.scoped_world import AT, ScopedWorld, scoped_world
from tests.unit.core.test_overrule import assign, care

HERE = {"district": DISTRICT}


class Core:
    """The core behind the API: it answers what is asked, and decides what was appended when told to."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.world = CoreWorld()
        self.one, self.other = care(self.world, "one"), care(self.world, "other")
        assign(self.world, self.one, "carer-1", key="a")
        assign(self.world, self.other, "carer-2", key="b")

    async def answer(self, names: list[str], timeout: float) -> tuple[bytes, bytes]:
        topic, _, raw = self.api.writer.records[-1]
        assert topic == topics.QUERIES
        return b"", codec.encode(answer(self.world.state, codec.decode(raw, Query)))

    def decided(self) -> CommandSettled:
        """What becomes of the one command that was appended."""
        (envelope,) = self.api.writer.envelopes(topics.COMMANDS)
        decisions = decide(self.world.state, envelope, self.world.now_at)
        return next(one for one in decisions if isinstance(one, CommandSettled))

    def path(self, what: str) -> str:
        return f"/v1/visits/{self.one.spec.visit_id}/{what}"

    def bodies(self) -> dict[str, dict[str, Any]]:
        return {
            "assign": {**HERE, "worker_id": "carer-2"},
            "forbid": {**HERE, "worker_id": "carer-1", "reason": "asked"},
            "lock": HERE,
            "swap": {**HERE, "other_visit_id": self.other.spec.visit_id},
            "let-plan-decide": HERE,
            "cancel": {**HERE, "reason": "office"},
        }


@pytest.fixture
def core(api: Api, monkeypatch: pytest.MonkeyPatch) -> Core:
    found = Core(api)
    monkeypatch.setattr(api.doors.blocking_redis, "blpop", found.answer)
    return found


def test_every_order_has_a_preview_for_who_may_give_it() -> None:
    """A new order that people may ask about: `ORDERS` in previews.py and `PREVIEWED` in roles.py."""
    assert set(ORDERS) == set(PREVIEWED)
    orders = {route.path for route in overrule.router.routes if isinstance(route, APIRoute) and "{visit_id}" in route.path}
    assert {f"/v1/visits/{{visit_id}}/{what}" for what in ORDERS} == orders | {"/v1/visits/{visit_id}/cancel"}


@pytest.mark.parametrize("what", PREVIEWED)
def test_a_preview_orders_nothing_and_the_order_then_does_what_it_said(core: Core, what: str) -> None:
    body, before = core.bodies()[what], state_hash(core.world.state)
    asked = core.api.call("POST", f"{core.path(what)}:preview", json=body)
    assert asked.status_code == 200, asked.text
    told = asked.json()["preview"]
    assert state_hash(core.world.state) == before
    assert [topic for topic, _, _ in core.api.writer.records] == [topics.QUERIES]

    ordered = core.api.call("POST", core.path(what), json=body)
    assert ordered.status_code == 202
    assert "repeated" not in ordered.json()
    settled, visit = core.decided(), core.one
    assert (told["outcome"], told["code"], tuple(told["rules"])) == (settled.outcome, settled.code, settled.rules)
    assert (told["outcome"], told["state"], told["worker_ids"]) == ("accepted", visit.state, visit.worker_ids)


def test_what_would_be_refused_says_why_and_what_to_do(core: Core) -> None:
    told = core.api.call("POST", f"{core.path('assign')}:preview", json={**HERE, "worker_id": "rider-1"}).json()["preview"]
    assert (told["outcome"], told["code"], told["rules"]) == ("refused", "worker_not_able", ["kind"])
    assert set(told["remedy"]) == {"ko", "en"}


def test_an_order_that_was_given_can_be_asked_about_again(core: Core) -> None:
    """What its words would do now, though they were said before."""
    path, body = f"{core.path('assign')}:preview", core.bodies()["assign"]
    first = core.api.call("POST", path, json=body).json()["preview"]
    core.api.call("POST", core.path("assign"), json=body)
    core.decided()
    assert core.api.call("POST", path, json=body).json()["preview"]["outcome"] == "duplicate"
    assert first["outcome"] == "accepted"


def test_a_version_that_is_over_is_answered_as_the_order_would_be(core: Core) -> None:
    path, body = f"{core.path('assign')}:preview", core.bodies()["assign"]
    stale = core.api.call("POST", path, json=body, headers={"If-Match": '"99"'})
    assert (stale.status_code, problem_code(stale)) == (412, "version_conflict")
    named = core.api.call("POST", path, json={**body, "expected_version": 99})
    assert (named.status_code, problem_code(named)) == (409, "version_conflict")
    now = core.one.changes
    assert core.api.call("POST", path, json={**body, "expected_version": now}).json()["preview"]["outcome"] == "accepted"


def test_a_key_stands_for_one_body_and_each_is_answered_anew(core: Core) -> None:
    path, body, key = f"{core.path('assign')}:preview", core.bodies()["assign"], {"Idempotency-Key": "k-1"}
    assert core.api.call("POST", path, json=body, headers=key).json()["preview"]["outcome"] == "accepted"
    core.api.call("POST", core.path("assign"), json=body)
    core.decided()
    assert core.api.call("POST", path, json=body, headers=key).json()["preview"]["outcome"] == "duplicate"
    other = core.api.call("POST", path, json={**HERE, "worker_id": "rider-1"}, headers=key)
    assert problem_code(other) == "key_reused"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScopedWorld]:
    with scoped_world(tmp_path_factory.mktemp("previews")) as made:
        yield made


def test_visits_out_of_scope_are_counted_and_not_named(world: ScopedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def moved(visit_id: str) -> Moved:
        return Moved(visit_id=visit_id, from_at=AT, until_at=None)

    preview = Preview(
        outcome="accepted", code="", changes=(("v-own", "planned", "w-own"), ("v-other", "planned", "w-own")), refused_reports=(),
        moved=(moved("v-own"), moved("v-other")),
    )  # fmt: skip

    async def asked(*_: Any, **__: Any) -> Answer:
        return Answer(query_id="q", now_at=AT, visit_id="v-own", preview=preview)

    monkeypatch.setattr("services.api.previews.ask", asked)
    told = {
        role: world.call(role, "POST", "/v1/visits/v-own/assign:preview", json={"worker_id": "w-own"}).json()["preview"]
        for role in (Role.AREA_MANAGER, Role.COORDINATOR)
    }
    part, whole = told[Role.AREA_MANAGER], told[Role.COORDINATOR]
    assert (part["hidden"], [one["visit_id"] for one in part["moved"]], [one[0] for one in part["changes"]]) == (
        1, ["v-own"], ["v-own"],
    )  # fmt: skip
    assert (whole["hidden"], [one["visit_id"] for one in whole["moved"]]) == (0, ["v-own", "v-other"])
