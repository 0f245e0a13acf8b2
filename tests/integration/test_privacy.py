"""After a whole day, into which people's names were sent by every wrong way there is, no name, phone or address of the day is
found in any topic, in Redis, in a dead letter or in any file of the state folder."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import redis

from deploy.local.stack import CHECKOUT, Stack
from services.sample_day.day import Day
from services.sample_day.read_day import read_day
from streams import topics
from streams.contracts import codec
from streams.contracts.envelope import seal
from streams.contracts.inputs import ClockTicked
from streams.dead_letters import list_dead_letters
from tests.days import check_books, in_process, make_day, replay, seed_of, wait_for_day
from tests.stack import send, wait_until

pytestmark = [pytest.mark.broker, pytest.mark.timeout(900)]

THE_DAY = (
    "visits", "done", "cancelled", "failed", "handed_over", "on_time_share", "lateness_mean_min", "travel_per_visit_min",
    "helped_share", "plans_proposed", "plans_adopted", "offers",
)  # fmt: skip
SPARSE = (".index", ".timeindex", ".txnindex")  # Kafka's own, numbers only, and preallocated


def needles_of(day: Day) -> dict[bytes, str]:
    """Every name, phone and address of the day in the forms in which it could stand somewhere -> whose it is."""
    found: dict[bytes, str] = {}

    def add(text: str, whose: str) -> None:
        forms = {text, json.dumps(text)[1:-1], quote(text), text.replace("-", "") if text[:1].isdigit() else text}
        for form in forms if text else ():
            found[form.encode()] = whose

    for person in day.recipients:
        for text in (person["name"], person["phone"], person["address"], person["address"].rpartition("동 ")[2]):
            add(text, person["recipient_id"])
        for kin in person["kin"]:
            add(kin["name"], f"kin of {person['recipient_id']}")
            add(kin["phone"], f"kin of {person['recipient_id']}")
    for worker in day.workers:
        add(worker["name"], worker["worker_id"])
        add(worker["phone"], worker["worker_id"])
    return found


def whose_in(haystack: bytes, needles: dict[bytes, str]) -> list[str]:
    return sorted({whose for needle, whose in needles.items() if needle in haystack})


# --- everywhere that data can lie -------------------------------------------------------------------------------------


async def everything_in_kafka(bootstrap: str) -> list[tuple[str, int, int, bytes]]:
    """(topic, partition, offset, key + value + headers) of every record of every topic, Kafka's own included."""
    from aiokafka import AIOKafkaConsumer, TopicPartition
    from aiokafka.admin import AIOKafkaAdminClient

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics(await admin.list_topics())
    finally:
        await admin.close()
    parts = [TopicPartition(one["topic"], p["partition"]) for one in described for p in one["partitions"]]
    records = []
    # "earliest" and no seek: a seek to the beginning can be undone by the client's own first look, which is still under way
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest", exclude_internal_topics=False
    )
    await consumer.start()
    try:
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        while any([await consumer.position(part) < ends[part] for part in parts]):
            for part, batch in (await consumer.getmany(timeout_ms=500)).items():
                for r in batch:
                    headers = b"".join(name.encode() + b"=" + (value or b"") for name, value in r.headers)
                    records.append((part.topic, part.partition, r.offset, b"\n".join((r.key or b"", r.value or b"", headers))))
    finally:
        await consumer.stop()
    return records


def everything_in_redis(url: str) -> Iterator[tuple[str, bytes]]:
    """(key, all that is in it) of every key of every type."""
    client: Any = redis.Redis.from_url(url)
    for key in client.scan_iter():
        kind = client.type(key).decode()
        match kind:
            case "string":
                found = [client.get(key) or b""]
            case "hash":
                found = [part for pair in client.hgetall(key).items() for part in pair]
            case "list":
                found = client.lrange(key, 0, -1)
            case "set":
                found = list(client.smembers(key))
            case "zset":
                found = client.zrange(key, 0, -1)
            case "stream":
                found = [part for _, fields in client.xrange(key) for pair in fields.items() for part in pair]
            case _:
                raise AssertionError(f"a key of a type that this test cannot read: {kind}")
        yield key.decode("utf-8", "replace"), b"\n".join([key, *found])


def files_of(state_dir: Path) -> Iterator[Path]:
    """Every file, sealed ones too; but Kafka's indexes."""
    for path in sorted(state_dir.rglob("*")):
        if path.is_file() and not path.name.endswith(SPARSE):
            yield path


# --- the ways in ------------------------------------------------------------------------------------------------------


def tell_names_by_every_wrong_way(stack: Stack, day: Day) -> list[int]:
    """Over HTTP in bodies, addresses and headers, and straight into an inbox. Returns the offsets of the last kind."""
    person, worker = day.recipients[0], day.workers[0]
    name, phone, address = person["name"], person["phone"], person["address"]
    dong = day.config.dongs[0]
    visit = {
        "district": day.config.district, "reference": "N-1", "recipient_id": person["recipient_id"], "service": "check_in",
        "dong": dong.code, "place": {"lon": dong.centroid.x, "lat": dong.centroid.y},
        "window_start_at": "2026-03-03T03:00:00Z", "window_end_at": "2026-03-03T04:00:00Z",
    }  # fmt: skip
    with httpx.Client(
        base_url=stack.api_url, headers={"Authorization": f"Bearer {stack.token}"}, timeout=30
    ) as http:  # fmt: skip
        refused = [
            http.post("/v1/visits", content=json.dumps({**visit, "name": name}, ensure_ascii=False).encode()[:-3]),
            http.post("/v1/visits", json={**visit, "name": name}),
            http.post("/v1/visits", json={**visit, name: phone}),
            http.post("/v1/visits", json={**visit, "reference": name}),
            http.post("/v1/visits", json={**visit, "reference": phone}),
            http.post("/v1/visits", json={**visit, "recipient_id": phone}),
            http.post("/v1/visits", json=visit, headers={"X-Dolbom-Actor": f"care_manager:{phone}"}),
            http.post("/v1/visits", json=visit, headers={"X-Dolbom-Actor": name.encode()}),
            http.get(f"/v1/visits/{quote(name)}"),
            http.get(f"/v1/visits/{phone}"),
            http.get(f"/v1/{quote(address)}"),
            http.post(f"/v1/webhooks/{quote(worker['name'])}", content=name.encode()),
            http.post("/v1/webhooks/RC1", json={"type": "reports", "data": {"reports": [{"reason": name}]}}),
            http.post("/v1/recipients:batch", json={"recipients": [{**person, "nickname": name}]}),
            http.post("/v1/recipients:batch", content=json.dumps([person], ensure_ascii=False).encode()[:-5]),
            http.put("/v1/organisations/RC1/endpoint", json={"url": f"ftp://{quote(name)}@127.0.0.1/"}),
        ]
        asked = http.get("/v1/visits", params={"district": day.config.district, "area": name, "provider": phone})
    assert [answer.status_code for answer in refused if not 400 <= answer.status_code < 500] == []
    assert asked.status_code == 200
    for answer in (*refused, asked):
        assert whose_in(answer.content, needles_of(day)) == []
    sound = json.loads(
        codec.encode(seal(ClockTicked(due_at=day.start_at), id="n-1", district=day.config.district, actor="x", at=day.start_at))
    )
    raw = (
        f'{{"name": "{name}", "phone": "{phone}", "address": "{address}"'.encode(),
        json.dumps({**sound, "name": name}, ensure_ascii=False).encode(),
        json.dumps({**sound, "type": name}, ensure_ascii=False).encode(),
        json.dumps({**sound, "district": name}, ensure_ascii=False).encode(),
        json.dumps({**sound, "payload": {"due_at": name, name: worker["phone"]}}, ensure_ascii=False).encode(),
    )
    return send(stack.bootstrap, topics.REPORTS, 0, raw)


# --- the test ---------------------------------------------------------------------------------------------------------


def test_after_a_day_nobody_is_found_anywhere(tmp_path: Path) -> None:
    seed = seed_of("a day to search for names")
    folder = make_day("mapo", seed, tmp_path / "day")
    day = read_day(folder)
    needles = needles_of(day)
    assert len(needles) > 200
    with Stack(tmp_path / "state", lockstep=True) as stack:
        stack.start_world(folder, seed, tmp_path / "result.json")
        wait_until(lambda: len(list_of(stack, "/v1/visits")) > 5, "the day runs")
        offsets = tell_names_by_every_wrong_way(stack, day)
        result = wait_for_day(stack, tmp_path / "result.json")
        check_books(result)
        assert result["visits"] > 50
        # All that nonsense moves nobody: the day is the one without it, but for what the operator has to look at.
        alone = in_process(folder, seed)
        assert {name: result[name] for name in THE_DAY} == {name: alone[name] for name in THE_DAY}
        assert replay(stack)["ok"]

        # What somebody wrote straight into an inbox lies there, and only there, until its retention is over.
        theirs = {(topics.REPORTS, 0, offset) for offset in offsets}
        records = asyncio.run(everything_in_kafka(stack.bootstrap))
        read = {(topic, partition, offset): raw for topic, partition, offset, raw in records}
        assert {topic for topic, _, _ in read} >= {topics.JOURNAL, topics.DECISIONS, topics.DEAD_LETTERS, topics.COMMANDS}
        assert all(whose_in(read[place], needles) for place in theirs), "the search finds what is there"
        assert {place: whose for place, raw in read.items() if place not in theirs and (whose := whose_in(raw, needles))} == {}

        keys = dict(everything_in_redis(stack.redis_url))
        assert len(keys) > 50
        assert {key: whose for key, raw in keys.items() if (whose := whose_in(raw, needles))} == {}

        letters = asyncio.run(list_dead_letters(stack.bootstrap, 2))
        assert sorted(letter.offset for letter in letters if letter.topic == topics.REPORTS) == sorted(offsets)
        check_commands(stack, letters[0].dead_letter_id, needles)

    inbox = stack.state_dir / "broker" / "data" / f"{topics.REPORTS}-0"
    searched = [path for path in files_of(stack.state_dir) if path.parent != inbox]
    assert {"api.log", "desk.log", "world.log", "broker.log", "supervisor.log"} <= {path.name for path in searched}
    found = {str(p.relative_to(stack.state_dir)): whose for p in searched if (whose := whose_in(p.read_bytes(), needles))}
    assert found == {}


def list_of(stack: Stack, path: str) -> list[Any]:
    try:
        answer = httpx.get(
            stack.api_url + path, params={"limit": 500}, headers={"Authorization": f"Bearer {stack.token}"}, timeout=10
        )
        return list(answer.json().get("items", []))
    except httpx.HTTPError:
        return []


def check_commands(stack: Stack, dead_letter_id: str, needles: dict[bytes, str]) -> None:
    """A person lists the dead letters, shows one, and sends it again."""

    def dolbom(*arguments: str) -> bytes:
        command = [sys.executable, "-m", "services.cli.main", "dead-letters", *arguments]
        done = subprocess.run(command, cwd=CHECKOUT, env=stack.env, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        assert whose_in(done.stderr, needles) == []
        return done.stdout

    for arguments in (("list",), ("show", dead_letter_id)):
        said = dolbom(*arguments)
        assert dead_letter_id.encode() in said
        assert whose_in(said, needles) == []
    assert whose_in(dolbom("show", dead_letter_id, "--bytes"), needles), "only who asks for the bytes gets them"
    before = len(asyncio.run(list_dead_letters(stack.bootstrap, 2)))
    dolbom("redrive", dead_letter_id)
    wait_until(lambda: len(asyncio.run(list_dead_letters(stack.bootstrap, 2))) == before + 1, "parked again")
