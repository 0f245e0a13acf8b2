"""What organisations are told: complete, once, the same however records are batched, and nothing they reported themselves."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest
from standardwebhooks import Webhook

from streams.adapters.webhook_bodies import Notice, Outgoing, Told, outgoing
from streams.adapters.webhook_sender import STANDARD_WAITS_S, Retries, sign
from streams.contracts.district import Service
from streams.contracts.inputs import EndPosting, ForbidWorker, LetPlanDecide, ReportKind, WorkerReported
from streams.core.chain import PartitionState, apply_record
from streams.core.state import VisitRecord
from tests.core_world import DISTRICT, CoreWorld, at
from tests.unit.core.test_crisis import posting, switched_on
from tests.unit.projections.board_contract import day
from tests.unit.projections.feeding import records_of


def told_by(raws: list[bytes], batch: int = 1, restart: bool = False) -> tuple[list[Outgoing], list[Notice]]:
    """All effects of a log, handled in batches; with `restart`, by a new process for each batch."""
    ps, told = PartitionState(), Told()
    kept: dict[str, bytes] = {}
    webhooks: list[Outgoing] = []
    notices: list[Notice] = []
    for first in range(0, len(raws), batch):
        records = [record for raw in raws[first : first + batch] if (record := apply_record(ps, raw))]
        for record in records:
            some_webhooks, some_notices = outgoing(record, ps.districts[DISTRICT], told)
            webhooks += some_webhooks
            notices += some_notices
        for key, value in told.take_changed().items():
            if value is None:
                kept.pop(key, None)
            else:
                kept[key] = value
        if restart:
            told = Told()
            for key, value in kept.items():
                told.load(key, value)
    return webhooks, notices


def data(webhook: Outgoing) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(webhook.body)["data"]
    return decoded


def of_last(world: CoreWorld) -> list[tuple[str, str, str]]:
    """(organisation, type, worker) told by the last input."""
    webhooks, _ = told_by(records_of(world))
    last = len(world.inputs) - 1
    return [(w.organisation, w.type, data(w).get("worker_id", "")) for w in webhooks if w.journal_offset == last]


def test_batches_and_restarts_change_nothing() -> None:
    raws = list(day())
    one_by_one = told_by(raws)
    assert len({(w.effect_id, w.organisation) for w in one_by_one[0]}) == len(one_by_one[0])
    assert told_by(raws, batch=1, restart=True) == one_by_one
    for batch in (2, 5, 1000):
        webhooks, notices = told_by(raws, batch, restart=True)
        assert notices == one_by_one[1]
        assert [(w.effect_id, w.organisation, w.type, w.keys) for w in webhooks] == [
            (w.effect_id, w.organisation, w.type, w.keys) for w in one_by_one[0]
        ]


def test_an_offer_tells_what_is_offered_and_nobodys_name() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    world.until("10:35")
    webhooks, _ = told_by(records_of(world))
    (made,) = [w for w in webhooks if w.type == "offer.made"]
    assert (made.organisation, made.recipient_id) == ("coop", "")
    body = msgspec.json.decode(made.body)
    assert set(body) == {"type", "timestamp", "data"}
    assert body["data"]["worker_id"] == "rider-1"
    (visit,) = body["data"]["visits"]
    assert set(visit) == {
        "visit_id", "service", "meal_kind", "dong", "area_id", "place", "window_start_at", "window_end_at", "due_at",
        "service_duration_s", "kitchen_id", "ready_at", "boxes", "tasks",
    }  # fmt: skip
    assert visit["visit_id"] == lunch.spec.visit_id
    assert b"r-lunch" not in made.body


def test_a_yes_is_answered_by_the_visit_and_then_the_route() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    assert of_last(world) == [
        ("coop", "offer.settled", "rider-1"), ("coop", "visit.assigned", "rider-1"), ("coop", "route.changed", "rider-1"),
    ]  # fmt: skip
    webhooks, _ = told_by(records_of(world))
    assigned, route = webhooks[-2:]
    assert assigned.recipient_id == "r-lunch"
    assert b"r-lunch" not in assigned.body
    assert data(assigned)["kitchen_place"] == {"x": 100.0, "y": 100.0}
    assert [(stop["visit_id"], stop["kind"], stop["place"]) for stop in data(route)["stops"]] == [
        (lunch.spec.visit_id, "pickup", {"x": 100.0, "y": 100.0}), (lunch.spec.visit_id, "visit", {"x": 0.0, "y": 500.0}),
    ]  # fmt: skip


def test_a_route_that_nobody_agreed_to_is_not_told() -> None:
    world = CoreWorld()
    world.file("lunch")
    world.file("second")
    webhooks, _ = told_by(records_of(world))
    assert webhooks == []


def test_a_cancellation_releases_the_worker_and_shortens_the_route() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    world.cancel(lunch)
    assert of_last(world) == [("coop", "visit.released", "rider-1"), ("coop", "route.changed", "rider-1")]


@pytest.mark.parametrize(("actor", "expected"), [("organisation:coop", False), ("operator", True)])
def test_who_reported_a_drop_out_need_not_hear_of_it(actor: str, expected: bool) -> None:
    world = CoreWorld()
    world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    report = world.inputs[-1][0].read_payload()
    drop = msgspec.structs.replace(report, report_id="drop", kind="dropped_out", worker_id="rider-1", offer_id="")
    world.send(msgspec.convert(msgspec.to_builtins(drop), type(drop)), organisation="coop", actor=actor)
    assert (("coop", "visit.released", "rider-1") in of_last(world)) is expected


def given_when_the_other_is_silent(world: CoreWorld) -> VisitRecord:
    """carer-2 is asked and says nothing; when that is over, carer-1 has the visit. That time has come and nobody has looked."""
    care = world.file(
        "care", service=Service.CHECK_IN, window_start_at=at("10:00"), window_end_at=at("14:00"), due_at=at("14:00"),
        service_duration_s=1800,
    )  # fmt: skip
    world.send(ForbidWorker(command_id="not-1", visit_id=care.spec.visit_id, worker_id="carer-1", reason="asked"))
    world.until_instant(at("08:35"))
    (offer_id,) = world.open_offers()
    assert world.state.offers[offer_id].made.worker_id == "carer-2"
    world.send(LetPlanDecide(command_id="or-1", visit_id=care.spec.visit_id))
    assert world.open_offers() == [offer_id]
    world.now_at = world.state.offers[offer_id].made.expires_at
    return care


@pytest.mark.parametrize("kind", ["dropped_out", "shift_off"])
def test_who_goes_home_as_they_are_given_a_visit_hears_that_it_is_not_theirs(kind: str) -> None:
    """The app had sent the report before it heard of the visit, and went on believing that it was its worker's."""
    world = CoreWorld()
    care = given_when_the_other_is_silent(world)
    report = WorkerReported(report_id="home", kind=ReportKind(kind), worker_id="carer-1")
    world.send(report, organisation="window", actor="organisation:window")
    assert care.accepted_ids == []
    told = [(type_, worker) for _, type_, worker in of_last(world) if worker == "carer-1" and type_.startswith("visit.")]
    assert told == [("visit.assigned", "carer-1"), ("visit.released", "carer-1")]


def test_when_one_of_two_says_no_the_other_is_released() -> None:
    world = CoreWorld()
    world.file(
        "both", service=Service.TEMPORARY_HOME_CARE, worker_count=2, service_duration_s=1800, due_at=at("15:00"),
        window_start_at=at("14:30"), window_end_at=at("15:30"),
    )  # fmt: skip
    world.until("13:05")
    (offer_id,) = world.open_offers()
    world.answer(offer_id, "offer_declined")
    released = [told for told in of_last(world) if told[1] == "visit.released"]
    assert [organisation for organisation, _, _ in released] == ["window"]


def test_a_refused_report_comes_back_with_its_remedy() -> None:
    world = CoreWorld()
    lunch = world.file("lunch")
    world.until("10:35")
    world.answer(world.open_offers()[0])
    world.report("rider-1", "done", lunch)
    webhooks, _ = told_by(records_of(world))
    assert webhooks[-1].type == "report.refused"
    assert data(webhooks[-1])["code"] == "out_of_order"
    assert set(data(webhooks[-1])["remedy"]) == {"ko", "en"}
    assert data(webhooks[-1])["remedy"]["en"] != ""


def test_signatures_are_those_of_standard_webhooks() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = '{"type":"offer.made","data":{"이름":"없음"}}'.encode()
    now = int(time.time())
    headers = {
        "webhook-id": "11440-5-0", "webhook-timestamp": str(now), "webhook-signature": sign(secret, "11440-5-0", now, body),
    }  # fmt: skip
    assert Webhook(secret).verify(body, headers)["type"] == "offer.made"


def test_retries_wait_as_documented_and_no_two_alike() -> None:
    retries = Retries(waits_s=STANDARD_WAITS_S)
    for attempts, wait_s in enumerate(STANDARD_WAITS_S):
        waited = retries.wait_s(attempts, "11440-5-0")
        assert waited is not None
        assert wait_s <= waited <= 1.2 * wait_s
    assert retries.wait_s(len(STANDARD_WAITS_S), "11440-5-0") is None
    assert retries.wait_s(3, "11440-5-0") != retries.wait_s(3, "11440-5-1")


def test_whom_somebody_moves_in_with_is_no_part_of_what_is_sent_after_the_posting() -> None:
    """What waits for an address that is down, or is asked for again later, goes out without the person by then."""
    world = switched_on()
    world.send(posting())
    world.send(EndPosting(command_id="end", posting_id="posting-1", reason="negative_test"))
    ps, told, ended = PartitionState(), Told(), []
    webhooks: list[Outgoing] = []
    for raw in records_of(world):
        record = apply_record(ps, raw)
        assert record is not None
        webhooks += outgoing(record, ps.districts[DISTRICT], told)[0]
        ended += told.take_ended()
    assigned, over = [one for one in webhooks if one.type.startswith("posting.")]
    assert (assigned.recipient_id, assigned.visit_id, over.recipient_id) == ("r-quarantined", "posting-1", "")
    assert ended == [("posting-1", over.journal_offset)]
    assert assigned.journal_offset < over.journal_offset
    assert "posting-1" in assigned.keys  # by which the sender finds what waits
