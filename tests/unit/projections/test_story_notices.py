"""Mrs Kim's lunch, as she, her daughter and the window hear of it (알림)."""

from __future__ import annotations

from pathlib import Path

from streams.adapters.notice_gateway import REFUSED
from streams.adapters.outbox import Outbox
from streams.adapters.persons import Kin, Person
from streams.adapters.registry import Registry
from streams.contracts.inputs import KitchenReported, NoticeFailed
from tests.core_world import KITCHEN, CoreWorld, at
from tests.unit.projections.board_contract import run_async
from tests.unit.projections.feeding import Feed, records_of, settings
from tests.unit.projections.notice_recorder import Recorder
from tests.unit.projections.test_notices import Heard

MRS_KIM, DAUGHTER = "010-1234-5678", "010-9999-0000"


def a_late_lunch() -> CoreWorld:
    """Booked at seven, its kitchen is late, carried, handed over."""
    world = CoreWorld()
    lunch = world.file("kim")
    world.until("08:05")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    world.send(KitchenReported(report_id="k", kitchen_id="k1", ready_at=at("12:40")), organisation=KITCHEN)
    world.until("12:41")
    world.report(lunch.accepted_ids[0], "picked_up", lunch)
    world.until("12:50")
    world.report(lunch.accepted_ids[0], "done", lunch)
    return world


def play(world: CoreWorld, registry: Registry, folder: Path, gateway: Recorder) -> list[NoticeFailed]:
    heard = Heard()

    async def go() -> None:
        box, feed = Outbox(settings(folder), registry, out=heard, gateway=gateway), Feed(records_of(world))
        await feed.open(box, end=0)
        while feed.fed < len(feed.raws):
            await feed.hand_over(box, end=feed.fed + 1)
            await box.send_notices()
        await box.close()

    run_async(go)
    return [one for one in heard.said if isinstance(one, NoticeFailed)]


def test_mrs_kim_and_her_daughter_follow_her_lunch_by_telephone(registry: Registry, tmp_path: Path) -> None:
    """She reads KakaoTalk; her daughter in Busan wished to be told too, by SMS. Nobody is woken: it was booked at seven,
    and they hear of it after eight."""
    daughter = Kin("김하나", DAUGHTER, notify=True, channels=("sms",))
    registry.put_recipients([Person(recipient_id="r-kim", name="김태용", phone=MRS_KIM, kin=(daughter,))])
    gateway = Recorder()
    failed = play(a_late_lunch(), registry, tmp_path, gateway)
    texts = [message.text for message in gateway.to(MRS_KIM)]
    assert texts[0] == "식사 신청이 접수되었습니다. 11:30~12:30 사이에 찾아뵙겠습니다."
    assert "늦어집니다" in texts[1]
    assert "출발했습니다" in texts[2]
    assert texts[3] == "식사 제공을 마쳤습니다."
    assert len(texts) == 4
    assert [message.text for message in gateway.to(DAUGHTER)] == texts
    assert {(message.to, message.channel) for message in gateway.messages} == {(MRS_KIM, "kakao"), (DAUGHTER, "sms")}
    assert failed == []


def test_when_nothing_reaches_mrs_kim_the_window_phones_her(registry: Registry, tmp_path: Path) -> None:
    """Her number is no longer hers: KakaoTalk, SMS and voice all come back. The coordinator finds her in the list."""
    registry.put_recipients([Person(recipient_id="r-kim", name="김태용", phone=MRS_KIM)])
    world = a_late_lunch()
    failed = play(world, registry, tmp_path, Recorder(kakao=REFUSED, sms=REFUSED, voice=REFUSED))
    assert [one.kind for one in failed] == ["accepted", "late", "on_the_way", "done"]
    for one in failed:  # as the outbox says it to the district's log
        world.send(one, actor="outbox")
    (asked,) = [x for x in world.state.exceptions.values() if x.raised.kind == "notice_not_delivered"]
    assert (asked.owner, asked.raised.detail) == ("coordinator", "late")
    world.settle("notice_not_delivered", "told_by_phone")
    assert "notice_not_delivered" not in world.open_exceptions()
