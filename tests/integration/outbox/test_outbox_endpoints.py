"""Endpoints that fail, are gone, come back or are turned: what the outbox does, and what it keeps of each attempt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec
from standardwebhooks import Webhook

from deploy.local.ports import free_ports
from streams.adapters.delivery_log import DeliveryLog
from streams.adapters.outbox import Outbox
from streams.adapters.registry import Registry
from streams.adapters.webhook_sender import LOCKSTEP_RETRIES, Retries
from tests.integration.outbox.outbox_world import (
    Said,
    expected,
    scenario,
    statuses,
    whole_day,
)
from tests.integration.projections.app_server import AppServer, Call
from tests.unit.projections.board_contract import day
from tests.unit.projections.feeding import Feed
from tests.unit.projections.test_webhook_bodies import told_by


def test_failures_are_tried_again_under_the_same_id_and_order_holds(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    tries: dict[str, int] = {}

    def at_the_third(call: Call) -> int | None:
        tries[call.webhook_id] = tries.get(call.webhook_id, 0) + 1
        return {1: 500, 2: None}.get(tries[call.webhook_id], 200)

    app.answers["coop"] = at_the_third

    async def go() -> None:
        box = outbox()
        await whole_day(box)
        await box.close()

    scenario(go)
    assert tries == dict.fromkeys(expected("coop"), 3)
    accepted = [call for call in app.accepted if call.organisation == "coop"]
    assert sorted(call.webhook_id for call in accepted) == sorted(expected("coop"))
    bodies: dict[str, list[dict[str, Any]]] = {}
    for call in app.of("coop"):
        bodies.setdefault(call.webhook_id, []).append(msgspec.json.decode(call.body))
    for tried in bodies.values():
        withheld = [(body["data"].pop("person", None), body["data"].pop("door_code", None) or None) for body in tried]
        assert tried == [tried[0]] * 3
        told = withheld.index((None, None)) if (None, None) in withheld else 3
        assert withheld == [withheld[0]] * told + [(None, None)] * (3 - told)  # a visit that is over takes the person along
    first_visit = next(call.data["visit_id"] for call in accepted if call.type == "visit.assigned")
    story = [call.type for call in accepted if call.data.get("visit_id") == first_visit or first_visit in str(call.data)]
    assert story.index("offer.made") < story.index("offer.settled") < story.index("visit.assigned")
    assert statuses(registry) == {"delivered": len(expected())}


def test_a_redirect_is_a_failure_and_not_followed(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    app.answers["window"] = lambda call: 307

    async def go() -> None:
        box = outbox(Retries(waits_s=(0.0, 0.01), at_once=2))
        await whole_day(box)
        await box.close()

    scenario(go)
    assert not app.of("elsewhere")
    assert statuses(registry)["given_up"] == len(expected("window"))


def test_410_disables_the_endpoint_until_it_is_set_again(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    app.answers["window"] = lambda call: 410

    async def go() -> None:
        box = outbox(Retries(waits_s=(0.0, *(0.02 for _ in range(200)))))
        feed = Feed(list(day()))
        await feed.open(box)
        while not registry.get_endpoint("window").disabled:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        heard = len(app.of("window"))
        await asyncio.sleep(0.3)
        assert len(app.of("window")) == heard
        app.answers["window"] = lambda call: 204
        registry.set_endpoint("window", app.url("window"))
        while statuses(registry) != {"delivered": len(expected())}:
            await asyncio.sleep(0.02)
        await box.close()

    scenario(go)
    accepted = [call.webhook_id for call in app.accepted if call.organisation == "window"]
    assert sorted(accepted) == sorted(expected("window"))


def test_an_endpoint_that_is_gone_is_told_to_the_districts_that_count_on_it(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox], said: Said
) -> None:
    app.answers["coop"] = lambda call: 410

    async def go() -> None:
        box = outbox(Retries(waits_s=(0.0, 3600.0)), lockstep=False)
        await whole_day(box)
        while not said.reports:  # the test's own time limit ends it
            await asyncio.sleep(0.01)
        await box.close()

    scenario(go)
    assert [(one.organisation, one.endpoint, one.status, one.reason) for one in said.reports] == [
        ("coop", "main", "disabled", "gone")
    ]
    assert registry.get_endpoint("coop").disabled_reason == "gone"


def test_an_endpoint_that_fails_is_told_as_down_once_and_as_up_when_it_answers(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox], said: Said
) -> None:
    app.answers["coop"] = lambda call: 503

    async def go() -> None:
        box = outbox(Retries(waits_s=(0.0, *[0.02] * 200), down_after_s=0.1), lockstep=False)
        await whole_day(box)
        while not said.reports:
            await asyncio.sleep(0.01)
        app.answers["coop"] = lambda call: 204
        while len(said.reports) < 2 or "pending" in statuses(registry):
            await asyncio.sleep(0.01)
        await box.close()

    scenario(go)
    assert [(one.organisation, one.status) for one in said.reports] == [("coop", "down"), ("coop", "up")]
    assert registry.get_endpoint("coop").failing_since == 0


def test_five_days_of_failure_disable_an_endpoint(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox], said: Said
) -> None:
    app.answers["coop"] = lambda call: 503
    five_days_ago = time.time() - 5 * 86_400
    registry.endpoints.note_failing("coop", "main", five_days_ago)

    async def go() -> None:
        box = outbox(Retries(waits_s=(0.0, 3600.0)), lockstep=False)
        await whole_day(box)
        while not said.reports:
            await asyncio.sleep(0.01)
        await box.close()

    scenario(go)
    assert [(one.status, one.reason) for one in said.reports] == [("disabled", "failing")]
    endpoint = registry.get_endpoint("coop")
    assert (endpoint.disabled, endpoint.disabled_reason) == (True, "failing")


def test_every_attempt_is_kept_with_its_time_and_what_was_answered(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    app.answers["window"] = lambda call: 500

    async def go() -> None:
        box = outbox()
        await whole_day(box)
        await box.close()

    scenario(go)
    log = DeliveryLog(registry)
    (given_up,) = {one.effect_id for one in log.list("window") if one.status == "given_up"} & {expected("window")[0]}
    attempts = log.attempts("window", given_up)
    assert [one.attempt for one in attempts] == [1, 2, 3, 4, 5, 6, 7]
    assert {one.answer for one in attempts} == {"500"}
    assert {one.response for one in attempts} == {"no room today"}
    assert all(one.latency_ms >= 0 for one in attempts)
    assert [one.at for one in attempts] == sorted(one.at for one in attempts)


def test_what_was_given_up_goes_out_when_somebody_asks_for_it(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    app.answers["window"] = lambda call: 500
    began = time.time()

    async def go() -> None:
        box = outbox(Retries(waits_s=(0.0,)))
        await whole_day(box)
        assert statuses(registry)["given_up"] == len(expected("window"))
        app.answers["window"] = lambda call: 204
        log = DeliveryLog(registry)
        assert log.resend("window", expected("window")[0]) == 1
        assert log.resend("window", "11440-999-9") == 0
        left = len(expected("window")) - 1
        while statuses(registry) != {"delivered": len(expected()) - left, "given_up": left}:
            await asyncio.sleep(0.01)
        assert log.recover("window", began) == left
        while statuses(registry) != {"delivered": len(expected())}:
            await asyncio.sleep(0.01)
        await box.close()

    scenario(go)
    assert sorted(call.webhook_id for call in app.accepted if call.organisation == "window") == sorted(expected("window"))


def test_while_a_secret_is_rotated_both_sign(app: AppServer, registry: Registry, outbox: Callable[..., Outbox]) -> None:
    before = registry.get_endpoint("coop").secret_out
    after = registry.endpoints.rotate("coop", "main").secret_out
    registry.endpoints.rotate("centre", "main", overlap_s=0)

    async def go() -> None:
        box = outbox()
        await whole_day(box)
        await box.close()

    scenario(go)
    assert before != after
    for call in app.of("coop"):
        Webhook(before).verify(call.body, call.headers)
        Webhook(after).verify(call.body, call.headers)
    for call in app.of("centre"):
        assert len(call.headers["webhook-signature"].split(" ")) == 1


def test_an_endpoint_gets_the_types_it_chose(app: AppServer, registry: Registry, outbox: Callable[..., Outbox]) -> None:
    registry.endpoints.put("coop", app.url("coop"), types=("offer.made", "offer.settled"))
    registry.endpoints.put("coop", app.url("archive"), name="archive")

    async def go() -> None:
        box = outbox()
        await whole_day(box)
        await box.close()

    scenario(go)
    assert {call.type for call in app.of("coop")} == {"offer.made", "offer.settled"}
    assert sorted(call.webhook_id for call in app.of("archive")) == sorted(expected("coop"))
    secret = registry.endpoints.get("coop", "archive").secret_out
    for call in app.of("archive"):
        Webhook(secret).verify(call.body, call.headers)


def test_when_an_app_is_back_what_waited_for_it_goes_out_at_once(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    """Nobody listens for the first half of the day; who listens again need not wait for the next try."""
    away = free_ports().world
    registry.set_endpoint("coop", f"http://127.0.0.1:{away}/coop")
    half = next(index for index, raw in enumerate(day()) if len(told_by(list(day())[: index + 1])[0]) > len(expected()) // 2)

    async def go() -> None:
        box = outbox(Retries(waits_s=(0.0, 3600.0, 3600.0), knock_s=0.02), lockstep=False)
        feed = Feed(list(day()))
        await feed.open(box, end=half)
        await box.settle("token")
        assert statuses(registry)["pending"] > 3
        registry.set_endpoint("coop", app.url("coop"))
        await feed.hand_over(box)
        while "pending" in statuses(registry):  # the test's own time limit ends it
            await asyncio.sleep(0.01)
        await box.close()

    scenario(go)
    assert statuses(registry) == {"delivered": len(expected())}
    for worker_id in {call.data["worker_id"] for call in app.of("coop") if call.data.get("worker_id")}:
        own = [call.webhook_id for call in app.of("coop") if call.type == "route.changed" and call.data["worker_id"] == worker_id]
        assert [tuple(map(int, one.split("-")[1:])) for one in own] == sorted(
            tuple(map(int, one.split("-")[1:])) for one in own
        )


def test_in_lock_step_a_token_waits_for_an_app_that_is_started_again(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox], said: Said
) -> None:
    """However long that takes on a busy machine: it hears everything before the next step, and nobody hears that it was away."""
    registry.set_endpoint("coop", f"http://127.0.0.1:{free_ports().world}/coop")
    first = expected("coop")[0]

    async def go() -> None:
        box = outbox(LOCKSTEP_RETRIES)
        feed = Feed(list(day()))
        await feed.open(box, end=0)
        await feed.hand_over(box)
        settling = asyncio.create_task(box.settle("token"))
        while len(DeliveryLog(registry).attempts("coop", first)) < 6:  # the test's own time limit ends it
            await asyncio.sleep(0.05)
        assert not settling.done()
        registry.set_endpoint("coop", app.url("coop"))
        await settling
        assert statuses(registry) == {"delivered": len(expected())}
        await box.close()

    scenario(go)
    assert said.reports == []
