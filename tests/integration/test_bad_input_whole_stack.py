"""The whole system over its real doors: whatever is wrong gets its typed error, its `report.refused` or its dead letter, and
a sound request right after it is accepted."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.stack import CHECKOUT, Stack
from services.api.signatures import sign
from services.sample_day.api_doors import ApiDoors
from services.sample_day.coop_server import CoopServer, Mailbox
from services.sample_day.day import Day
from services.sample_day.load import load_day
from services.sample_day.messages import Message, Received, written
from services.sample_day.people_outside import filed_body
from services.sample_day.read_day import read_day
from streams import topics
from streams.contracts import codec
from streams.contracts.envelope import seal
from streams.contracts.inputs import ClockTicked
from streams.dead_letters import DeadLetter, list_dead_letters
from tests.days import make_day, seed_of
from tests.stack import send, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

IN_RIVER = {"lon": 126.9, "lat": 37.544}
OUTSIDE = {"lon": 127.1, "lat": 37.5}
_NUMBERS = count(1)


@dataclass
class City:
    """The stack in lock-step, and a test that plays everybody outside: `until` moves the clock, `report` tells."""

    stack: Stack
    day: Day
    doors: ApiDoors
    secrets: dict[str, dict[str, str]]
    http: httpx.Client
    now: datetime
    heard: list[Received] = field(default_factory=list)

    def step(self, to_at: datetime | None = None) -> datetime | None:
        step = self.doors.step(to_at)
        self.now = step.now_at
        self.heard += step.heard
        return step.next_deadline_at

    def until(self, at: datetime) -> None:
        """The clock to `at`, by way of every alarm of the core."""
        deadline = self.step(self.now)
        while self.now < at:
            soon = deadline if deadline is not None and deadline > self.now else self.now + timedelta(minutes=10)
            deadline = self.step(min(at, soon))

    def visit(self, **changes: Any) -> dict[str, Any]:
        """A sound request."""
        dong = self.day.config.dongs[0]
        return {
            "district": self.day.config.district, "reference": f"T-{next(_NUMBERS)}", "recipient_id": "P0001",
            "service": "check_in", "dong": dong.code, "place": {"lon": dong.centroid.x, "lat": dong.centroid.y},
            "window_start_at": written(self.now + timedelta(hours=4)),
            "window_end_at": written(self.now + timedelta(hours=8)), **changes,
        }  # fmt: skip

    def file(self, body: Any, **headers: str) -> httpx.Response:
        """File and wait for the outcome."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Type": "application/json", "Prefer": "wait=20", **headers}
        return self.http.post("/v1/visits", content=raw, headers=given)

    def report(self, organisation: str, kind: str, **fields: Any) -> str:
        """A signed report; its id. What the core says of it is in `heard` after the step."""
        report_id = f"report-{next(_NUMBERS)}"
        body = {"report_id": report_id, "kind": kind, "occurred_at": written(self.now), **fields}
        answer = self.doors.send(Message("report", report_id, report_id, body, organisation=organisation))
        assert answer.status == 202, answer
        self.step()
        return report_id

    def refusal(self, report_id: str) -> str:
        """The code of the `report.refused` that came back; "" when there was none."""
        found = [r.data["code"] for r in self.heard if r.type == "report.refused" and r.data["report_id"] == report_id]
        return found[0] if found else ""

    def signed(self, raw: bytes, webhook_id: str, at: float, organisation: str = "RC1", secret: str = "") -> httpx.Response:
        key = secret or self.secrets[organisation]["secret_in"]
        headers = {
            "webhook-id": webhook_id, "webhook-timestamp": str(int(at)),
            "webhook-signature": sign(key, webhook_id, int(at), raw), "Content-Type": "application/json",
        }  # fmt: skip
        return self.http.post(f"/v1/webhooks/{organisation}", content=raw, headers=headers)

    def dead_letters(self) -> list[DeadLetter]:
        return asyncio.run(list_dead_letters(self.stack.bootstrap, 2))


@pytest.fixture(scope="module")
def whole_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("bad-input")
    day = read_day(make_day("mapo", seed_of("bad input"), folder / "day"))
    mailbox = Mailbox()
    with Stack(folder / "state", lockstep=True) as stack:
        server = CoopServer(stack.ports.world, mailbox)
        doors = ApiDoors(stack.api_url, stack.token, day.config.district, mailbox)
        server.start()
        try:
            doors.step(day.start_at)
            secrets = load_day(day, stack.api_url, stack.token, stack.world_url)
            server.trust({organisation: pair["secret_out"] for organisation, pair in secrets.items()})
            doors.trust({organisation: pair["secret_in"] for organisation, pair in secrets.items()})
            headers = {"Authorization": f"Bearer {stack.token}"}
            with httpx.Client(base_url=stack.api_url, headers=headers, timeout=60) as http:
                yield City(stack, day, doors, secrets, http, day.start_at)
        finally:
            server.stop()
            doors.close()


@pytest.fixture
def city(whole_city: City) -> Iterator[City]:
    """After each test the stream goes on: a sound request is accepted."""
    yield whole_city
    answer = whole_city.file(whole_city.visit())
    assert (answer.status_code, answer.json()["outcome"]) == (200, "accepted"), answer.text


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["remedy"]["ko"]
    assert problem["remedy"]["en"]
    return answer.status_code, problem["code"]


# --- requests ---------------------------------------------------------------------------------------------------------


def test_bytes_that_are_no_json(city: City) -> None:
    assert code(city.file(b"\x00\xff{not json")) == (400, "not_json")


def test_a_missing_and_a_wrong_field(city: City) -> None:
    missing = city.visit()
    del missing["dong"]
    assert code(city.file(missing)) == (422, "wrong_field")
    assert code(city.file(city.visit(boxes="two"))) == (422, "wrong_field")


def test_a_body_of_10_mb(city: City) -> None:
    assert code(city.file(b" " * 10_000_000)) == (413, "too_large")


def test_places_where_nobody_lives(city: City) -> None:
    assert code(city.file(city.visit(place=IN_RIVER))) == (422, "point_in_river")
    assert code(city.file(city.visit(place=OUTSIDE))) == (422, "outside_district")


def test_an_unknown_dong_kitchen_and_district(city: City) -> None:
    assert code(city.file(city.visit(dong="1144099999"))) == (422, "unknown_dong")
    assert code(city.file(city.visit(district="26000"))) == (422, "unknown_district")
    meal = {"service": "meal_support", "meal_kind": "single", "ready_at": written(city.now + timedelta(hours=4))}
    assert code(city.file(city.visit(kitchen_id="NOWHERE", **meal))) == (422, "unknown_kitchen")


def test_times_that_are_over_or_inverted(city: City) -> None:
    past = {
        "window_start_at": written(city.now - timedelta(hours=3)), "window_end_at": written(city.now - timedelta(hours=1)),
    }  # fmt: skip
    assert code(city.file(city.visit(**past))) == (422, "time_in_past")
    assert code(city.file(city.visit(window_end_at=written(city.now)))) == (422, "time_inverted")


def test_the_same_key_again_is_the_same_visit_or_a_refusal(city: City) -> None:
    body = city.visit()
    first, again = city.file(body).json(), city.file(body).json()
    assert (first["outcome"], first["visit_id"]) == ("accepted", again["visit_id"])
    other = {**body, "service_duration_s": 1200}
    assert code(city.file(other)) == (409, "key_reused")
    assert code(city.file(other, **{"Idempotency-Key": body["reference"]})) == (409, "key_reused")
    listed = city.http.get("/v1/visits", params={"district": body["district"], "limit": 500}).json()["items"]
    found = [row for row in listed if row["reference"] == body["reference"]]
    assert [row["visit_id"] for row in found] == [first["visit_id"]]


def test_the_same_key_is_known_after_redis_was_emptied(city: City) -> None:
    body = city.visit()
    first = city.file(body).json()
    import redis

    redis.Redis.from_url(city.stack.redis_url).flushall()
    city.step(city.now)
    again = city.file(body).json()
    assert (again["visit_id"], again["command_id"]) == (first["visit_id"], first["command_id"])
    assert code(city.file({**body, "service_duration_s": 1200})) == (409, "key_reused")


def test_a_token_that_is_missing_or_wrong(city: City) -> None:
    assert httpx.post(f"{city.stack.api_url}/v1/visits", json=city.visit()).status_code == 401
    wrong = city.file(city.visit(), Authorization="Bearer nonsense")
    assert code(wrong) == (401, "token_wrong")


# --- signed webhooks --------------------------------------------------------------------------------------------------


def reports(*items: dict[str, Any]) -> bytes:
    return json.dumps({"type": "reports", "data": {"reports": list(items)}}).encode()


def test_signatures_that_are_wrong_old_or_repeated(city: City) -> None:
    report = {"report_id": "sig-1", "kind": "shift_on", "occurred_at": written(city.now), "worker_id": "R01"}
    raw, now = reports(report), time.time()
    before = _end(city, topics.REPORTS)
    assert code(city.signed(raw, "w-1", now, secret=city.secrets["RC2"]["secret_in"])) == (401, "signature_wrong")
    assert code(city.signed(raw, "w-1", now - 3600)) == (401, "signature_old")
    assert code(city.signed(raw, "w-1", now, organisation="NOBODY", secret="whsec_QUJD")) == (401, "signature_wrong")
    assert _end(city, topics.REPORTS) == before
    assert city.signed(raw, "w-1", now).json()["recorded"] == 1
    again = city.signed(raw, "w-1", now)
    assert (again.status_code, again.json()["recorded"], again.json()["repeated"]) == (202, 0, True)
    assert code(city.signed(reports({**report, "kind": "shift_off"}), "w-1", now)) == (409, "signature_repeated")
    assert _end(city, topics.REPORTS) == before + 1


def test_webhooks_with_bad_bodies(city: City) -> None:
    now = time.time()
    assert code(city.signed(b"{", "b-1", now)) == (400, "not_json")
    assert code(city.signed(b'{"type":"surprise","data":{}}', "b-2", now)) == (422, "wrong_field")
    assert code(city.signed(reports({"kind": "done"}), "b-3", now)) == (422, "wrong_field")
    assert code(city.signed(b" " * 10_000_000, "b-4", now)) == (413, "too_large")


def test_reports_that_the_state_forbids_come_back_refused(city: City) -> None:
    """Delivery before pickup, another co-operative's visit, another's worker, an offer that is over; then all goes well."""
    config = city.day.config
    lunches = [filed_body(v) for v in city.day.visits if v.body.get("meal_kind") == "hot_lunch"][:8]
    for body in lunches:
        assert city.file(body).json()["outcome"] == "accepted"
    city.until(max(w.shift_start_at for w in config.workers if w.worker_id in ("R01", "R02", "R03", "R04")))
    for worker in config.workers:
        if worker.organisation in ("RC1", "RC2") and worker.shift_start_at <= city.now:
            city.report(worker.organisation, "shift_on", worker_id=worker.worker_id)
    riders = {worker.worker_id for worker in config.workers if worker.organisation in ("RC1", "RC2")}
    offer = None
    for _ in range(30):
        over = {r.data["offer_id"] for r in city.heard if r.type == "offer.settled"}
        made = (r for r in city.heard if r.type == "offer.made" and r.data["worker_id"] in riders)
        offer = next((r for r in made if r.data["offer_id"] not in over), None)
        if offer is not None:
            break
        city.until(city.now + timedelta(minutes=5))
    assert offer is not None, "no rider was offered anything"
    mine, worker_id, visit_ids = offer.organisation, offer.data["worker_id"], [v["visit_id"] for v in offer.data["visits"]]
    theirs = "RC2" if mine == "RC1" else "RC1"
    their_rider = next(w.worker_id for w in config.workers if w.organisation == theirs)
    first = {"worker_id": worker_id, "visit_ids": visit_ids[:1]}

    def said(organisation: str, kind: str, **fields: Any) -> str:
        return city.refusal(city.report(organisation, kind, **fields))

    assert said(mine, "done", **first) == "not_your_visit"  # offered is not accepted
    assert said(mine, "offer_accepted", worker_id=worker_id, offer_id=offer.data["offer_id"]) == ""
    assert said(mine, "offer_declined", worker_id=worker_id, offer_id=offer.data["offer_id"]) == "offer_closed"
    assert said(mine, "offer_accepted", worker_id=worker_id, offer_id="no-such-offer") == "unknown_offer"
    assert said(mine, "done", **first) == "out_of_order"
    assert said(theirs, "picked_up", worker_id=their_rider, visit_ids=visit_ids[:1]) == "not_your_visit"
    assert said(theirs, "picked_up", **first) == "not_your_worker"
    assert said(mine, "picked_up", worker_id=worker_id, visit_ids=["no-such-visit"]) == "unknown_visit"
    assert said(mine, "picked_up", worker_id=worker_id, visit_ids=visit_ids) == ""
    assert said(mine, "arrived", **first) == ""
    assert said(mine, "done", how="to_person", **first) == ""
    assert city.http.get(f"/v1/visits/{visit_ids[0]}").json()["state"] == "done"
    assert code(
        city.http.post(
            f"/v1/visits/{visit_ids[0]}/cancel", json={"reason": "office"}, headers={"Prefer": "wait=20"}
        )
    ) == (409, "already_closed")  # fmt: skip


# --- straight into the logs -------------------------------------------------------------------------------------------


def _end(city: City, topic: str) -> int:
    from tests.stack import ends

    return ends(city.stack.bootstrap, (topic, 0))[topic, 0]


def broken_records(city: City) -> dict[str, tuple[bytes, str]]:
    sound = seal(ClockTicked(due_at=city.now), id="bad-1", district=city.day.config.district, actor="test", at=city.now)
    envelope = json.loads(codec.encode(sound))

    def changed(**changes: Any) -> bytes:
        return json.dumps({k: v for k, v in {**envelope, **changes}.items() if v is not ...}).encode()

    return {
        "no JSON": (b"\xff\x00 no json", "not_json"),
        "an unknown type": (changed(type="NeverHeardOf"), "unknown_event"),
        "an unknown version": (changed(version=99), "unknown_version"),
        "a missing field": (changed(occurred_at=...), "wrong_field"),
        "a field too many": (changed(surprise=1), "wrong_field"),
        "a wrong field in the payload": (changed(payload={"due_at": "soon"}), "wrong_field"),
        "no time zone": (changed(occurred_at="2026-03-03T10:00:00"), "wrong_field"),
        "another partition's district": (changed(district="11410"), "unknown_district"),
    }


def test_records_that_cannot_be_read_become_dead_letters(city: City) -> None:
    cases = broken_records(city)
    known = {letter.dead_letter_id for letter in city.dead_letters()}
    offsets = send(city.stack.bootstrap, topics.COMMANDS, 0, [raw for raw, _ in cases.values()])
    wait_until(lambda: len(city.dead_letters()) >= len(known) + len(cases), "all of them parked")
    found = {letter.offset: letter for letter in city.dead_letters() if letter.dead_letter_id not in known}
    assert {name: found[offset].code for name, offset in zip(cases, offsets, strict=True)} == {
        name: expected for name, (_, expected) in cases.items()
    }
    shown = dolbom(city, "dead-letters", "show", found[offsets[0]].dead_letter_id, "--bytes")
    assert shown == b"\xff\x00 no json"


def test_a_dead_letter_is_redriven(city: City, tmp_path: Path) -> None:
    """First as it is (it is parked again), then corrected (it is taken)."""
    known = len(city.dead_letters())
    send(city.stack.bootstrap, topics.COMMANDS, 0, [b"not yet json"])
    wait_until(lambda: len(city.dead_letters()) == known + 1, "parked")
    letter = city.dead_letters()[-1]
    assert letter.dead_letter_id in dolbom(city, "dead-letters", "list").decode()
    dolbom(city, "dead-letters", "redrive", letter.dead_letter_id)
    wait_until(lambda: len(city.dead_letters()) == known + 2, "parked again")
    corrected = tmp_path / "corrected.json"
    corrected.write_bytes(
        codec.encode(
            seal(ClockTicked(due_at=city.now), id="corrected", district="11440", actor="test", at=city.now)
        )
    )  # fmt: skip
    dolbom(city, "dead-letters", "redrive", letter.dead_letter_id, "--file", str(corrected))
    city.step()
    assert len(city.dead_letters()) == known + 2


def dolbom(city: City, *arguments: str) -> bytes:
    command = [sys.executable, "-m", "services.cli.main", *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, env=city.stack.env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_the_replay_agrees_with_all_of_it(whole_city: City) -> None:
    """Last: every input of this module decided again, in another process, gives the same state."""
    whole_city.step()
    done = subprocess.run(
        [sys.executable, "-m", "streams.replay.verify", "--json"], cwd=CHECKOUT,
        env={**whole_city.stack.env, "PYTHONHASHSEED": str(1 + int.from_bytes(os.urandom(2), "big"))},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
