"""Webhooks over real HTTP: each effect reaches its organisation, signed and in order, whatever that one's server does."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from deploy.local.ports import free_ports
from streams.adapters import registry_tables
from streams.adapters.deliveries import DeliveryStore
from streams.adapters.delivery_log import DeliveryLog
from streams.adapters.kafka_out import KafkaOut, Out
from streams.adapters.outbox import Outbox
from streams.adapters.registry import Person, Registry, open_registry
from streams.adapters.webhook_sender import LOCKSTEP_RETRIES, Retries
from streams.contracts.inputs import EndpointReported
from tests.integration.projections.app_server import AppServer, Call
from tests.unit.projections.board_contract import day, run_async
from tests.unit.projections.feeding import Feed, settings
from tests.unit.projections.test_webhook_bodies import told_by

QUICK = Retries(waits_s=(0.0, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02), at_once=7, timeout_s=5.0)
ORGANISATIONS = ("coop", "centre", "window")
NAME, PHONE, ADDRESS = "김태용", "010-1234-5678", "서울특별시 마포구 서교동 123-4 101동 202호"


class Said(KafkaOut):
    """What the outbox says to the log, without a broker."""

    def __init__(self) -> None:
        super().__init__("", "")
        self.reports: list[EndpointReported] = []

    async def send(self, outs: Sequence[Out]) -> None:
        for out in outs:
            payload = out.envelope.read_payload()
            assert isinstance(payload, EndpointReported)
            self.reports.append(payload)


@pytest.fixture
def app() -> Iterator[AppServer]:
    server = AppServer()
    yield server
    server.close()


@pytest.fixture
def registry(tmp_path: Path, app: AppServer) -> Iterator[Registry]:
    one = open_registry(f"sqlite:///{tmp_path / 'registry.db'}", tmp_path, {})
    for organisation in ORGANISATIONS:
        one.set_endpoint(organisation, app.url(organisation))
    references = ["both", "care", *(f"lunch-{n}" for n in range(4))]
    one.put_recipients(
        Person(recipient_id=f"r-{reference}", name=NAME, phone=PHONE, address=ADDRESS, door_code="#1234", note="귀가 어두우심")
        for reference in references
    )
    yield one
    one.close()


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def outbox(registry: Registry, tmp_path: Path, said: Said) -> Callable[..., Outbox]:
    """Make outboxes over the same registry."""
    return lambda retries=QUICK, lockstep=True: Outbox(settings(tmp_path, lockstep=lockstep), registry, retries, said)


def expected(organisation: str | None = None) -> list[str]:
    webhooks, _ = told_by(list(day()))
    return [w.effect_id for w in webhooks if organisation in (None, w.organisation)]


def statuses(registry: Registry) -> dict[str, int]:
    return DeliveryStore(registry.engine).counts()


async def whole_day(box: Outbox, batch: int = 5) -> Feed:
    feed = Feed(list(day()))
    await feed.open(box, batch=batch)
    await box.settle("token")
    return feed


async def step_by_step(box: Outbox) -> Feed:
    """As it goes in real life: what is told is sent before the visit is over."""
    feed = Feed(list(day()))
    await feed.open(box, end=0)
    for end in range(1, len(day()) + 1):
        await feed.hand_over(box, end=end)
        await box.settle(f"token-{end}")
    return feed


def scenario(one: Callable[[], Awaitable[Any]]) -> None:
    run_async(one)


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
    bodies: dict[str, set[bytes]] = {}
    for call in app.of("coop"):
        bodies.setdefault(call.webhook_id, set()).add(call.body)
    assert {len(same) for same in bodies.values()} == {1}
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
        while len([call for call in app.accepted if call.organisation == "window"]) < 1:
            await asyncio.sleep(0.01)
        assert log.recover("window", began) == len(expected("window")) - 1
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
    assert LOCKSTEP_RETRIES.at_once == 5
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
