"""What recipients and kin are told of a day, when, in which words and by which channel."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from streams.adapters.deliveries import DeliveryStore
from streams.adapters.kafka_out import KafkaOut, Out
from streams.adapters.notice_sender import AWAY, REFUSED, SENT, HttpGateway
from streams.adapters.notices import Notice, not_before, words
from streams.adapters.outbox import Outbox
from streams.adapters.registry import Kin, Person, Registry, open_registry
from streams.adapters.webhook_bodies import Told, outgoing
from streams.contracts.district import Policy
from streams.contracts.envelope import DecisionsRecord, Source
from streams.contracts.inputs import KitchenReported, NoticeFailed
from tests.core_world import KITCHEN, CoreWorld, at
from tests.unit.projections.board_contract import day, run_async
from tests.unit.projections.feeding import Feed, settings

PHONE, DAUGHTER = "010-1234-5678", "010-9999-0000"


class Recorder:
    """The port, as tests hear it. `answers`: what a channel answers; sent when nothing is said."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.calls: list[tuple[str, str, str, str]] = []

    async def send(self, message_id: str, channel: str, to: str, text: str, language: str) -> str:
        self.calls.append((message_id, channel, to, text))
        return self.answers.get(channel, SENT)


class Heard(KafkaOut):
    """What the outbox says to the log, without a broker."""

    def __init__(self) -> None:
        super().__init__("", "")
        self.said: list[Any] = []

    async def send(self, outs: Sequence[Out]) -> None:
        self.said += [out.envelope.read_payload() for out in outs]


class Listening(CoreWorld):
    """The small district, and the notices of each step."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.told = Told()
        super().__init__()

    def send(self, payload: Any, **more: Any) -> Any:  # type: ignore[override]
        made = super().send(payload, **more)
        offset = len(self.inputs)
        record = DecisionsRecord(
            journal_offset=offset, source=Source("inbox", 0, offset), district="11440", now_at=self.state.now_at,
            core_version="1", builds_on="", decisions=tuple(made),
        )  # fmt: skip
        self.notices += outgoing(record, self.state, self.told)[1]
        return made

    def kinds(self) -> list[str]:
        return [notice.kind for notice in self.notices]


def test_a_lunch_is_told_of_when_booked_when_on_the_way_when_late_and_when_it_has_come() -> None:
    world = Listening()
    lunch = world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    world.send(KitchenReported(report_id="k", kitchen_id="k1", ready_at=at("12:40")), organisation=KITCHEN)
    world.until("12:41")
    worker_id = lunch.accepted_ids[0]
    world.report(worker_id, "en_route", lunch)  # to the kitchen: not yet to the door
    world.report(worker_id, "picked_up", lunch)
    world.until("12:50")
    world.report(worker_id, "done", lunch)
    assert world.kinds() == ["accepted", "late", "on_the_way", "done"]
    booked, late, on_the_way, _ = world.notices
    assert "11:30~12:30" in words(booked, "ko")
    assert words(booked, "en") == "Your meal is booked, between 11:30 and 12:30."
    assert late.due_at > lunch.spec.due_at
    assert at("12:41") <= on_the_way.due_at < on_the_way.until_at


@pytest.mark.parametrize("kind", ["accepted", "on_the_way", "late", "changed", "done", "cancelled"])
def test_no_notice_says_a_name_an_address_or_an_id(kind: str) -> None:
    now = at("12:00")
    notice = Notice(
        effect_id="e", district="11440", visit_id="v-7", kind=kind, due_at=now, until_at=now, not_before=now,
        recipient_id="r-7", meal=True,
    )  # fmt: skip
    for language in ("ko", "en"):
        text = words(notice, language)
        assert text
        assert not any(word in text for word in ("v-7", "r-7", "{", "11440"))


@pytest.mark.parametrize(
    ("kind", "asked", "told"),
    [("accepted", "06:30", "08:00"), ("accepted", "21:30", "32:00"), ("accepted", "09:00", "09:00"), ("late", "21:30", "21:30")],
)
def test_in_quiet_hours_only_what_cannot_wait_is_told(kind: str, asked: str, told: str) -> None:
    assert not_before(Policy(), kind, at(asked)) == at(told)


@pytest.fixture
def registry(tmp_path: Path) -> Any:
    one = open_registry(f"sqlite:///{tmp_path / 'registry.db'}", tmp_path, {})
    yield one
    one.close()


def person(registry: Registry, reference: str, **more: Any) -> None:
    registry.put_recipients([Person(recipient_id=f"r-{reference}", name="김태용", phone=PHONE, **more)])


def play(registry: Registry, folder: Path, gateway: Recorder, *, boxes: int = 1, sendings: int = 1) -> Heard:
    """The projections' day through the outbox; `boxes`: how often its process is killed and begins again."""
    heard = Heard()

    async def go() -> None:
        for _ in range(boxes):
            box = Outbox(settings(folder), registry, out=heard, gateway=gateway)
            feed = Feed(list(day()))
            await feed.open(box, batch=5)
            for _ in range(sendings):
                await box.send_notices()
            await box.close()

    run_async(go)
    return heard


def about(gateway: Recorder, to: str = PHONE) -> list[tuple[str, str]]:
    return [(channel, text) for _, channel, number, text in gateway.calls if number == to]


def test_each_notice_reaches_the_person_once_also_when_the_process_is_killed_and_begins_again(
    registry: Registry, tmp_path: Path
) -> None:
    person(registry, "lunch-0")
    gateway = Recorder()
    play(registry, tmp_path, gateway, boxes=3, sendings=2)
    sent = [message_id for message_id, _, to, _ in gateway.calls if to == PHONE]
    assert sent
    assert len(sent) == len(set(sent))
    assert {channel for channel, _ in about(gateway)} == {"kakao"}


def test_who_has_no_kakao_gets_an_sms_and_then_a_call_in_the_order_they_wish(registry: Registry, tmp_path: Path) -> None:
    person(registry, "lunch-0", notice_channels=("sms", "voice"), language="en")
    gateway = Recorder(sms=REFUSED)
    heard = play(registry, tmp_path, gateway)
    channels = [channel for channel, _ in about(gateway)]
    assert channels[:2] == ["sms", "voice"]
    assert all(text.startswith("Your ") for _, text in about(gateway))
    lunch = {one.visit_id for one in heard.said if isinstance(one, NoticeFailed) and one.reason != "no_address"}
    assert lunch == set()


def test_kin_who_wish_it_are_told_too(registry: Registry, tmp_path: Path) -> None:
    person(registry, "lunch-0", kin=(Kin("김하나", DAUGHTER, notify=True), Kin("김두리", "010-0000-0000")))
    gateway = Recorder()
    play(registry, tmp_path, gateway)
    assert [text for _, text in about(gateway, DAUGHTER)] == [text for _, text in about(gateway)]
    assert about(gateway, "010-0000-0000") == []


def test_what_nobody_can_be_told_goes_to_the_district_once(registry: Registry, tmp_path: Path) -> None:
    person(registry, "lunch-0")
    gateway = Recorder(kakao=REFUSED, sms=REFUSED, voice=REFUSED)
    heard = play(registry, tmp_path, gateway, boxes=2)
    failed = [one for one in heard.said if isinstance(one, NoticeFailed) and one.reason == "nobody_reached"]
    assert failed
    assert len({(one.visit_id, one.kind) for one in failed}) == len(failed)


def test_a_gateway_that_is_away_is_tried_again_before_the_next_channel(registry: Registry, tmp_path: Path) -> None:
    person(registry, "lunch-0")
    gateway = Recorder(kakao=AWAY)
    play(registry, tmp_path, gateway, sendings=4)
    first = gateway.calls[0][0].rpartition("-")[0]
    mine = [channel for message_id, channel, _, _ in gateway.calls if message_id.startswith(first)]
    assert mine == ["kakao", "kakao", "kakao", "sms"]


def test_without_a_gateway_notices_are_noted_down_and_nobody_is_bothered(registry: Registry, tmp_path: Path) -> None:
    async def go() -> None:
        box = Outbox(settings(tmp_path), registry, out=Heard())
        await Feed(list(day())).open(box, batch=5)
        await box.close()

    run_async(go)
    assert DeliveryStore(registry.engine).load_notices(0) == []


@pytest.mark.parametrize(("status", "outcome"), [(200, SENT), (202, SENT), (404, REFUSED), (429, AWAY), (503, AWAY)])
def test_the_http_gateway_posts_the_number_in_the_body_and_the_id_as_its_key(status: int, outcome: str) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(status)

    async def go() -> None:
        gateway = HttpGateway("http://127.0.0.1:1/messages", "secret", transport=httpx.MockTransport(answer))
        assert await gateway.send("m-1", "sms", PHONE, "안녕하세요", "ko") == outcome
        await gateway.close()

    run_async(go)
    (request,) = seen
    assert PHONE not in str(request.url)
    assert request.headers["idempotency-key"] == "m-1"
    assert json.loads(request.content) == {"id": "m-1", "channel": "sms", "to": PHONE, "text": "안녕하세요", "language": "ko"}


def test_a_notice_is_of_the_instant_it_says() -> None:
    world = Listening()
    world.file("lunch")
    (booked,) = world.notices
    assert isinstance(booked.due_at, datetime)
    assert booked.not_before == at("08:00")  # it was filed at seven
