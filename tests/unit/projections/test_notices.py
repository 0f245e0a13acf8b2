"""What recipients and kin are told of a day, when, in which words and by which channel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from streams.adapters.deliveries import DeliveryStore
from streams.adapters.kafka_out import KafkaOut, Out
from streams.adapters.notice_gateway import AWAY, REFUSED, SENT, HttpGateway, Message, find_gateway
from streams.adapters.notice_sender import NoticeSender
from streams.adapters.notices import Notice, end_of_quiet, words
from streams.adapters.outbox import Outbox
from streams.adapters.persons import Kin, Person
from streams.adapters.registry import Registry
from streams.adapters.webhook_bodies import Told, outgoing
from streams.contracts.envelope import DecisionsRecord, Source
from streams.contracts.inputs import KitchenReported, NoticeFailed
from streams.core.chain import PartitionState, apply_record
from tests.core_world import KITCHEN, CoreWorld, at
from tests.unit.projections.board_contract import day, run_async
from tests.unit.projections.feeding import Feed, settings
from tests.unit.projections.notice_recorder import Recorder

PHONE, DAUGHTER = "010-1234-5678", "010-9999-0000"


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
        effect_id="11440-1-0", district="11440", visit_id="v-7", kind=kind, due_at=now, until_at=now, at=now,
        recipient_id="r-7", meal=True,
    )  # fmt: skip
    for language in ("ko", "en"):
        text = words(notice, language)
        assert text
        assert not any(word in text for word in ("v-7", "r-7", "{", "11440"))


@pytest.mark.parametrize(("asked", "told"), [("06:30", "08:00"), ("21:30", "32:00"), ("09:00", "09:00"), ("08:00", "08:00")])
def test_the_night_is_quiet(asked: str, told: str) -> None:
    assert end_of_quiet(at(asked), "21:00", "08:00") == at(told)


@pytest.mark.parametrize(("asked", "told"), [("13:10", "15:00"), ("12:59", "12:59"), ("15:00", "15:00")])
def test_quiet_hours_of_the_day(asked: str, told: str) -> None:
    assert end_of_quiet(at(asked), "13:00", "15:00") == at(told)


def person(registry: Registry, reference: str, **more: Any) -> None:
    registry.put_recipients([Person(recipient_id=f"r-{reference}", name="김태용", phone=PHONE, **more)])


def play(registry: Registry, folder: Path, gateway: Recorder, *, killed_at: tuple[int, ...] = ()) -> Heard:
    """The projections' day through the outbox, record by record; its process is killed at those records and begins again."""
    heard = Heard()

    async def go() -> None:
        feed = Feed(list(day()))
        for end in (*killed_at, len(feed.raws)):
            box = Outbox(settings(folder), registry, out=heard, gateway=gateway)
            await feed.open(box, end=0)
            while feed.fed < end:
                await feed.hand_over(box, end=feed.fed + 1)
                await box.send_notices()
            await box.close()

    run_async(go)
    return heard


def test_each_notice_reaches_the_person_once_also_when_the_process_is_killed_and_begins_again(
    registry: Registry, tmp_path: Path
) -> None:
    person(registry, "lunch-0")
    gateway = Recorder()
    play(registry, tmp_path, gateway, killed_at=(3, 14, 19, 25))
    sent = gateway.to(PHONE)
    assert [message.template for message in sent] == ["accepted", "on_the_way", "done"]
    assert len({message.id for message in sent}) == 3
    assert {message.channel for message in sent} == {"kakao"}


def test_who_has_no_kakao_gets_an_sms_and_then_a_call_in_the_order_they_wish(registry: Registry, tmp_path: Path) -> None:
    person(registry, "lunch-0", notice_channels=("sms", "voice"), language="en")
    gateway = Recorder(sms=REFUSED)
    heard = play(registry, tmp_path, gateway)
    assert [message.channel for message in gateway.to(PHONE)[:2]] == ["sms", "voice"]
    assert all(message.text.startswith("Your ") for message in gateway.to(PHONE))
    assert not [one for one in heard.said if isinstance(one, NoticeFailed) and one.reason == "nobody_reached"]


def test_kin_who_wish_it_are_told_too_by_their_own_channels(registry: Registry, tmp_path: Path) -> None:
    kin = (Kin("김하나", DAUGHTER, notify=True, channels=("sms",)), Kin("김두리", "010-0000-0000"))
    person(registry, "lunch-0", kin=kin)
    gateway = Recorder()
    play(registry, tmp_path, gateway)
    assert [message.text for message in gateway.to(DAUGHTER)] == [message.text for message in gateway.to(PHONE)]
    assert {message.channel for message in gateway.to(DAUGHTER)} == {"sms"}
    assert gateway.to("010-0000-0000") == []


@pytest.mark.parametrize(("own", "begins"), [("en", "Your "), ("", "식사 "), ("ko", "식사 ")])
def test_kin_are_told_in_their_own_language_and_else_in_the_recipients(
    registry: Registry, tmp_path: Path, own: str, begins: str
) -> None:
    person(registry, "lunch-0", kin=(Kin("김하나", DAUGHTER, notify=True, language=own),))
    gateway = Recorder()
    play(registry, tmp_path, gateway)
    assert gateway.to(DAUGHTER)
    assert all(message.text.startswith(begins) for message in gateway.to(DAUGHTER))
    assert {message.language for message in gateway.to(DAUGHTER)} == {own or "ko"}
    assert all(message.text.startswith("식사 ") for message in gateway.to(PHONE))


def test_who_wishes_no_notices_gets_none_and_nobody_is_sent_to_phone_them(registry: Registry, tmp_path: Path) -> None:
    person(registry, "lunch-0", notice_channels=())
    gateway = Recorder()
    heard = play(registry, tmp_path, gateway)
    lunch = next(notice.visit_id for notice in told_of("lunch-0"))
    assert gateway.to(PHONE) == []
    assert not [one for one in heard.said if isinstance(one, NoticeFailed) and one.visit_id == lunch]


def test_what_nobody_can_be_told_goes_to_the_district_once(registry: Registry, tmp_path: Path) -> None:
    person(registry, "lunch-0")
    gateway = Recorder(kakao=REFUSED, sms=REFUSED, voice=REFUSED)
    heard = play(registry, tmp_path, gateway, killed_at=(3, 14, 19, 25))
    failed = [one for one in heard.said if isinstance(one, NoticeFailed) and one.reason == "nobody_reached"]
    assert [one.kind for one in failed] == ["accepted", "on_the_way", "done"]


def told_of(reference: str) -> list[Notice]:
    """The day's notices about one recipient."""
    ps, told, found = PartitionState(), Told(), []
    for raw in day():
        record = apply_record(ps, raw)
        assert record is not None
        found += outgoing(record, ps.districts["11440"], told)[1]
    return [notice for notice in found if notice.recipient_id == f"r-{reference}"]


class Desk:
    """A sender with a wall clock that stands still, and how each of its notices ended."""

    def __init__(self, registry: Registry, gateway: Recorder) -> None:
        self.ended: list[tuple[str, str, str]] = []
        self.wall = 100.0
        self.sender = NoticeSender(registry, gateway, self._note, waits_s=(5, 30), wall=lambda: self.wall)

    async def _note(self, notice: Notice, status: str, why: str) -> None:
        self.ended.append((notice.kind, status, why))

    def send(self, *notices: Notice, now: str) -> None:
        async def go() -> None:
            self.sender.add(notices)
            await self.sender.send_due({"11440": at(now)})

        run_async(go)


def a_notice(kind: str, hhmm: str, offset: int = 1, waits: bool = True) -> Notice:
    quiet = ("21:00", "08:00") if waits else ("", "")
    return Notice(
        effect_id=f"11440-{offset}-0", district="11440", visit_id="v", kind=kind, due_at=at("12:00"), until_at=at("12:30"),
        at=at(hhmm), quiet_from=quiet[0], quiet_until=quiet[1], recipient_id="r-lunch-0", meal=True,
    )  # fmt: skip


def test_a_gateway_that_is_away_is_tried_again_a_little_later_before_the_next_channel(registry: Registry) -> None:
    person(registry, "lunch-0")
    gateway = Recorder(kakao=AWAY)
    desk = Desk(registry, gateway)
    desk.send(a_notice("accepted", "09:00"), now="09:00")
    desk.send(now="09:01")  # the wall clock has not moved
    assert [message.channel for message in gateway.messages] == ["kakao"]
    for wall in (105, 135):
        desk.wall = wall
        desk.send(now="09:02")
    assert [message.channel for message in gateway.messages] == ["kakao", "kakao", "kakao", "sms"]
    assert len({message.id for message in gateway.messages[:3]}) == 1
    assert desk.ended == [("accepted", "sent", "sms")]


def test_sending_twice_at_the_same_time_sends_once(registry: Registry) -> None:
    person(registry, "lunch-0")
    gateway = Recorder()
    desk = Desk(registry, gateway)

    async def go() -> None:
        desk.sender.add([a_notice("accepted", "09:00")])
        await asyncio.gather(*(desk.sender.send_due({"11440": at("09:00")}) for _ in range(4)))

    run_async(go)
    assert len(gateway.messages) == 1
    assert [(kind, status) for kind, status, _ in desk.ended] == [("accepted", "sent")]


def test_at_night_only_what_cannot_wait_is_told(registry: Registry) -> None:
    person(registry, "lunch-0")
    gateway = Recorder()
    desk = Desk(registry, gateway)
    desk.send(a_notice("accepted", "21:30"), now="21:30")
    desk.send(now="31:59")
    assert gateway.messages == []
    desk.send(now="32:00")
    desk.send(a_notice("late", "33:00", 2, waits=False), now="21:40")
    assert [message.template for message in gateway.messages] == ["accepted", "late"]


def test_a_persons_own_quiet_hours_count_instead_of_the_districts(registry: Registry) -> None:
    person(registry, "lunch-0", quiet_from="13:00", quiet_until="15:00")
    gateway = Recorder()
    desk = Desk(registry, gateway)
    desk.send(a_notice("accepted", "14:00"), now="14:00")
    assert gateway.messages == []
    desk.send(now="15:00")
    desk.send(a_notice("done", "22:00", 2), now="22:00")
    assert [message.template for message in gateway.messages] == ["accepted", "done"]


def test_who_waits_to_hear_that_it_is_booked_does_not_hear_it_after_it_was_cancelled(registry: Registry) -> None:
    person(registry, "lunch-0")
    gateway = Recorder()
    desk = Desk(registry, gateway)
    desk.send(a_notice("accepted", "21:30"), now="21:30")
    desk.send(a_notice("cancelled", "21:40", 10, waits=False), now="21:40")
    desk.send(now="33:00")
    assert [message.template for message in gateway.messages] == ["cancelled"]
    assert desk.ended == [("accepted", "outdated", ""), ("cancelled", "sent", "kakao")]


def test_yesterdays_news_is_not_told_today(registry: Registry) -> None:
    person(registry, "lunch-0")
    gateway = Recorder()
    desk = Desk(registry, gateway)
    desk.send(a_notice("on_the_way", "12:00"), now="34:00")
    assert gateway.messages == []
    assert desk.ended == [("on_the_way", "outdated", "")]


def test_kin_who_were_told_are_not_told_again_when_the_persons_own_message_has_to_wait(registry: Registry) -> None:
    person(registry, "lunch-0", notice_channels=("voice",), kin=(Kin("김하나", DAUGHTER, notify=True),))
    gateway = Recorder(kakao=AWAY)
    desk = Desk(registry, gateway)
    desk.send(a_notice("accepted", "09:00"), now="09:00")
    desk.wall = 200
    desk.send(now="09:01")
    assert [message.channel for message in gateway.to(PHONE)] == ["voice"]


def test_an_erased_person_is_told_nothing(registry: Registry) -> None:
    person(registry, "lunch-0")
    registry.erase_recipient("r-lunch-0")
    gateway = Recorder()
    desk = Desk(registry, gateway)
    desk.send(a_notice("accepted", "09:00"), now="09:00")
    assert (gateway.messages, desk.ended) == ([], [("accepted", "failed", "erased")])


def test_every_message_is_a_logged_read_without_the_number(registry: Registry) -> None:
    person(registry, "lunch-0")
    desk = Desk(registry, Recorder())
    desk.send(a_notice("accepted", "09:00"), now="09:00")
    (read,) = registry.list_reads("r-lunch-0")
    assert (read.actor, read.fields) == ("notices", "phone,kin")
    assert PHONE not in read.why


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
        assert await gateway.send(A_MESSAGE) == outcome
        await gateway.close()

    run_async(go)
    (request,) = seen
    assert PHONE not in str(request.url)
    assert (request.headers["idempotency-key"], request.headers["authorization"]) == ("m-1", "Bearer secret")
    assert json.loads(request.content) == {
        "id": "m-1", "channel": "sms", "to": PHONE, "text": "안녕하세요", "language": "ko", "template": "late",
        "variables": {"what": "식사"},
    }  # fmt: skip


A_MESSAGE = Message(
    id="m-1", channel="sms", to=PHONE, text="안녕하세요", language="ko", template="late", variables={"what": "식사"}
)


def test_a_gateway_that_never_ends_its_answer_is_away_and_no_number_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def go() -> None:
        gateway = HttpGateway("http://127.0.0.1:1/m", "secret", timeout_s=0.01, transport=httpx.MockTransport(answer))
        assert await gateway.send(A_MESSAGE) == AWAY
        await gateway.close()

    run_async(go)
    assert "does not answer" in caplog.text
    assert PHONE not in caplog.text


def test_numbers_go_out_over_tls_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="https"):
        find_gateway(settings(tmp_path, notice_gateway_url="http://messages.example/v1"))
    assert find_gateway(settings(tmp_path)) is None


def test_a_notice_is_of_the_instant_it_says() -> None:
    world = Listening()
    world.file("lunch")
    (booked,) = world.notices
    assert isinstance(booked.due_at, datetime)
    assert booked.at == at("07:00")
    assert end_of_quiet(booked.at, booked.quiet_from, booked.quiet_until) == at("08:00")
