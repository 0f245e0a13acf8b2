"""Webhooks over real HTTP: each effect reaches its organisation, signed and in order, whatever that one's server does."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from streams.adapters import registry_tables
from streams.adapters.outbox import Outbox
from streams.adapters.registry import Registry
from streams.adapters.webhook_sender import LOCKSTEP_RETRIES, Retries
from tests.integration.outbox.outbox_world import (
    ADDRESS,
    NAME,
    ORGANISATIONS,
    PHONE,
    expected,
    scenario,
    statuses,
    step_by_step,
    whole_day,
)
from tests.integration.projections.app_server import AppServer, Call
from tests.unit.projections.board_contract import day
from tests.unit.projections.feeding import Feed
from tests.unit.projections.test_webhook_bodies import told_by


def test_every_effect_arrives_once_signed_and_in_order(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    async def go() -> None:
        box = outbox()
        await whole_day(box)
        await box.close()

    scenario(go)
    for organisation in ORGANISATIONS:
        calls = app.of(organisation)
        assert sorted(call.webhook_id for call in calls) == sorted(expected(organisation))
        secret = registry.get_endpoint(organisation).secret_out
        for call in calls:
            Webhook(secret).verify(call.body, call.headers)
    for visit_id in {call.data["visit_id"] for call in app.calls if call.type.startswith("visit.")}:
        own = [c for c in app.of("coop") if visit_id in (c.data.get("visit_id"), *c.data.get("visit_ids", ()))]
        places = [tuple(int(part) for part in call.webhook_id.split("-")[1:]) for call in own]
        assert places == sorted(places)
    assert statuses(registry) == {"delivered": len(expected())}


def test_the_person_is_in_the_webhook_and_nowhere_else(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app.answers["centre"] = lambda call: 500

    async def go() -> None:
        box = outbox()
        await step_by_step(box)
        await box.close()

    scenario(go)
    assigned = [call for call in app.calls if call.type == "visit.assigned"]
    assert assigned
    for call in assigned:
        assert call.data["person"] == {
            "name": "김*용", "phone": "010-1234-****", "address": ADDRESS, "note": "귀가 어두우심",
        }  # fmt: skip
    assert not any("person" in call.data for call in app.calls if call.type != "visit.assigned")
    opened = [call for call in app.calls if call.type == "visit.access"]
    released = {call.data["visit_id"] for call in app.calls if call.type == "visit.released"}
    never = {call.data["visit_id"] for call in assigned} - {call.data["visit_id"] for call in opened}
    assert opened
    assert never <= released, "only who is not needed any more never hears the door's code"
    assert {call.data["door_code"] for call in opened} == {"#1234"}
    assert not any("#1234" in str(call.data) for call in assigned)
    with registry.engine.connect() as connection:
        reads = connection.execute(select(registry_tables.access_log)).all()
    assert len(reads) == len(assigned) + len(opened)
    assert {(read.actor, read.fields) for read in reads} <= {
        (f"organisation:{organisation}", fields)
        for organisation in ORGANISATIONS
        for fields in ("name,address,phone,note", "door_code")
    }
    kept = caplog.text.encode()
    connection = sqlite3.connect(tmp_path / "registry.db")
    tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
    for table in tables:
        kept += repr(connection.execute(f"select * from {table}").fetchall()).encode()
    connection.close()
    for secret in (NAME, "김*용", PHONE, "010-1234", "서교동", "#1234", "귀가"):
        assert secret.encode() not in kept
        assert repr(secret.encode())[2:-1].encode() not in kept


def test_an_unknown_or_erased_person_holds_nothing_up(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    registry.erase_recipient("r-lunch-0")

    async def go() -> None:
        box = outbox()
        await step_by_step(box)
        await box.close()

    scenario(go)
    names = {call.data["person"]["name"] for call in app.calls if call.type == "visit.assigned"}
    assert names == {"김*용", "erased"}


def test_a_slow_endpoint_delays_no_other(app: AppServer, outbox: Callable[..., Outbox]) -> None:
    go_on = threading.Event()

    def slowly(call: Call) -> int:
        go_on.wait(30)
        return 204

    app.answers["coop"] = slowly
    others = [(effect, organisation) for organisation in ("centre", "window") for effect in expected(organisation)]

    async def go() -> None:
        box = outbox(Retries(waits_s=(0.0, 0.05), timeout_s=30.0))
        feed = Feed(list(day()))
        await feed.open(box)
        while len(app.accepted) < len(others):
            await asyncio.sleep(0.01)
        assert sorted((call.webhook_id, call.organisation) for call in app.accepted) == sorted(others)
        go_on.set()
        await box.settle("token")
        await box.close()

    scenario(go)
    assert sorted(call.webhook_id for call in app.of("coop")) == sorted(expected("coop"))


def test_an_endpoint_that_never_answers_is_given_up_in_time(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    go_on = threading.Event()

    def never(call: Call) -> int:
        go_on.wait(30)
        return 204

    app.answers["centre"] = never

    async def go() -> None:
        box = outbox(Retries(waits_s=(0.0, 0.01), at_once=2, timeout_s=0.2))
        await whole_day(box)
        await box.close()
        go_on.set()

    scenario(go)
    assert statuses(registry)["given_up"] == len(expected("centre"))


def test_a_webhook_that_is_late_tells_nobodys_address_once_the_visit_is_over(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    app.answers["coop"] = lambda call: 503

    async def go() -> None:
        box = outbox(Retries(waits_s=(0.0, 0.2, *[0.05] * 100)), lockstep=False)
        await whole_day(box)
        app.answers["coop"] = lambda call: 204
        while "pending" in statuses(registry):
            await asyncio.sleep(0.01)
        await box.close()

    scenario(go)
    late = [call for call in app.accepted if call.organisation == "coop" and call.type == "visit.assigned"]
    assert late
    assert {str(call.data["person"]) for call in late} == {"None"}
    assert not any(ADDRESS in call.body.decode() for call in late)


def test_nothing_leaves_this_machine(app: AppServer, registry: Registry, outbox: Callable[..., Outbox]) -> None:
    registry.set_endpoint("coop", "http://192.0.2.1/hooks")

    async def go() -> None:
        box = outbox(Retries(waits_s=(0.0,)))
        await whole_day(box)
        await box.close()

    scenario(go)
    assert statuses(registry)["given_up"] == len(expected("coop"))


def test_what_was_not_delivered_goes_out_after_the_next_start(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    app.answers["coop"] = lambda call: None

    async def go() -> None:
        box = outbox(Retries(waits_s=(0.0, 3600.0)), lockstep=False)
        feed = await whole_day(box)
        await box.close()
        assert statuses(registry)["pending"] == len(expected("coop"))
        app.answers["coop"] = lambda call: 204
        with registry.engine.begin() as connection:
            connection.exec_driver_sql("update webhook_deliveries set due_at = 0")
        again = outbox()
        kept_to = (await again.open(0)).next_journal_offset
        assert kept_to <= feed.position().next_journal_offset
        assert not [one for one in told_by(list(day()))[0] if one.journal_offset >= kept_to], "what has an effect is kept"
        await again.settle("token")
        await again.close()

    scenario(go)
    assert statuses(registry) == {"delivered": len(expected())}


def test_effects_that_come_again_are_the_same_effects(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    """A registry restored from an older copy: the position goes back, the deliveries made since are known."""

    async def go() -> None:
        box = outbox()
        await whole_day(box)
        await box.close()
        with registry.engine.begin() as connection:
            connection.exec_driver_sql("delete from outbox_positions")
            connection.exec_driver_sql("delete from outbox_told")
        again = outbox()
        await whole_day(again)
        await again.close()

    scenario(go)
    assert len(app.calls) == len(expected())


def test_two_outboxes_do_not_mix(app: AppServer, registry: Registry, outbox: Callable[..., Outbox]) -> None:
    async def go() -> None:
        one, other = outbox(), outbox()
        first, second = Feed(list(day())), Feed(list(day()))
        await first.open(one, end=20)
        await second.open(other, end=40)
        await first.hand_over(one)
        await one.settle("token")
        await other.settle("token")
        await one.close()
        await other.close()

    scenario(go)
    assert {call.webhook_id for call in app.calls} == set(expected())
    assert statuses(registry) == {"delivered": len(expected())}


def test_settling_waits_for_every_first_answer_and_the_tries_at_once(
    app: AppServer, registry: Registry, outbox: Callable[..., Outbox]
) -> None:
    app.answers["centre"] = lambda call: 500
    waited_s = sum(LOCKSTEP_RETRIES.waits_s[: LOCKSTEP_RETRIES.at_once])
    assert 60 <= waited_s < LOCKSTEP_RETRIES.down_after_s
    retries = Retries(waits_s=(0.0, 0.01, 0.01, 0.01, 0.01, 3600.0), at_once=5)
    told = [webhook for webhook in told_by(list(day()))[0] if webhook.organisation != "centre"]

    async def go() -> None:
        box = outbox(retries)
        feed = Feed(list(day()))
        await feed.open(box, end=0)
        for end in range(1, len(day()) + 1):
            await feed.hand_over(box, end=end)
            await box.settle(f"token-{end}")
            due = {webhook.effect_id for webhook in told if webhook.journal_offset < end}
            assert {call.webhook_id for call in app.calls if call.organisation != "centre"} == due
        await box.close()

    scenario(go)
    tries = Counter(call.webhook_id for call in app.of("centre"))
    first, settled = expected("centre")[:2]
    assert set(tries.values()) == {retries.at_once}
    assert first in tries
    assert settled not in tries, "the end of an offer waits for its beginning"


def test_notices_are_recorded(registry: Registry, outbox: Callable[..., Outbox]) -> None:
    from streams.contracts.inputs import KitchenReported
    from tests.core_world import KITCHEN, CoreWorld, at
    from tests.unit.projections.feeding import records_of

    world = CoreWorld()
    world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    world.send(KitchenReported(report_id="late", kitchen_id="k1", ready_at=at("12:40")), organisation=KITCHEN)

    async def go() -> None:
        box = outbox()
        await Feed(records_of(world)).open(box)
        await box.close()

    scenario(go)
    with registry.engine.connect() as connection:
        rows = connection.exec_driver_sql("select effect_id, kind, status from notices").all()
    assert sorted((row.kind, row.status) for row in rows) == [("accepted", "recorded"), ("late", "recorded")]
