"""Mutated signatures, headers and bodies at the signed door: none is accepted, nothing is appended, and no answer is a 5xx."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from services.api.app import make_app, open_doors
from services.api.doors import Doors
from streams import topics
from streams.contracts import codec
from streams.contracts.envelope import Envelope
from streams.settings import read_settings
from tests.integration.api.mutants import AT, ID, Secrets, Sent, a_body, body_bytes, body_values, mutant, signed
from tests.integration.projections.redis_server import running_redis
from tests.stack import Tell
from tests.unit.api.fake_doors import ListWriter
from tests.unit.api.test_doors import a_config

REFUSED = (400, 401, 404, 405, 409, 413, 422)
Call = Callable[[Sent], Awaitable[tuple[int, Any]]]


@contextlib.asynccontextmanager
async def the_door(folder: Path) -> AsyncIterator[tuple[Call, Doors, ListWriter, Secrets]]:
    """The whole application on a real Redis, asked in its own loop: what a server would let through reaches it as it is."""
    with running_redis(folder) as server:
        environ = {
            "DOLBOM_STATE_DIR": str(folder), "DOLBOM_REDIS_URL": server.url, "DOLBOM_BOOTSTRAP": "127.0.0.1:1",
            "DOLBOM_RATE_BY_KEY": "100000000", "DOLBOM_RATE_BY_ADDRESS": "100000000", "DOLBOM_WEBHOOK_ALLOW": "127.0.0.1",
        }  # fmt: skip
        settings = read_settings(environ)
        writer = ListWriter(settings)
        doors = open_doors(settings, writer)
        own, other = (doors.registry.set_endpoint(name, "http://127.0.0.1:9/hooks") for name in ("coop-a", "coop-b"))
        doors.registry.put_roster("11440", ["coop-a"], {"rider-1": "coop-a"}, {a_config().kitchens[0].kitchen_id: "coop-a"})
        app = make_app(settings, doors)

        async def call(sent: Sent) -> tuple[int, Any]:
            path = f"/v1/webhooks/{sent.organisation}"
            scope = {
                "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
                "path": unquote(path), "raw_path": path.encode(), "query_string": b"", "root_path": "", "state": {},
                "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 8080),
                "headers": [(b"content-type", b"application/json"), *sent.headers],
            }  # fmt: skip
            messages: list[Any] = []
            waiting = [{"type": "http.request", "body": sent.body, "more_body": False}]

            async def receive() -> Any:
                return waiting.pop() if waiting else {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                messages.append(message)

            await app(scope, receive, send)
            raw = b"".join(message.get("body", b"") for message in messages[1:])
            return int(messages[0]["status"]), json.loads(raw)

        async with app.router.lifespan_context(app):
            yield call, doors, writer, Secrets(own.secret_in, (own.secret_out, other.secret_in, other.secret_out))


async def try_mutants(folder: Path, numbers: range) -> Counter[str]:
    """Codes of the answers; raises with what should not have been."""
    codes: Counter[str] = Counter()
    bad: list[tuple[str, int, Sent]] = []
    async with the_door(folder) as (call, _, writer, secrets):
        genuine = signed("coop-a", secrets.right, "msg-genuine", int(time.time()), a_body(random.Random(0), 0))
        assert (await call(genuine))[0] == 202  # the door is open to the right one
        before = len(writer.records)
        for start in range(numbers.start, numbers.stop, 50):
            now = int(time.time())
            some = [mutant(number, "coop-a", secrets, now) for number in range(start, min(start + 50, numbers.stop))]
            for sent, (status, answer) in zip(some, await asyncio.gather(*map(call, some)), strict=True):
                codes[f"{status} {answer.get('code')}"] += 1
                if status not in REFUSED or {"code", "remedy"} - set(answer):
                    bad.append((sent.how, status, sent))
        assert bad == []
        assert len(writer.records) == before, "something was appended"
        again = await call(genuine)
        assert (again[0], again[1]["repeated"]) == (202, True)  # and still is
    return codes


async def try_signed_rubbish(folder: Path, numbers: range) -> Counter[int]:
    """Bodies that were mutated and then signed rightly: the sender's own faults. What is sound of them goes in."""
    statuses: Counter[int] = Counter()
    async with the_door(folder) as (call, _, writer, secrets):
        for number in numbers:
            dice, now = random.Random(f"rubbish {number}"), int(time.time())
            sent = signed("coop-a", secrets.right, f"msg-{number}", now, a_body(dice, number))
            for mutation in dice.choices([body_bytes, body_values], k=dice.randint(1, 3)):
                with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, IndexError):  # rubbish by now
                    sent = mutation(dice, sent, secrets)
            before = len(writer.records)
            status, answer = await call(signed("coop-a", secrets.right, sent.header(ID).decode(), int(sent.header(AT)), sent.body))
            statuses[status] += 1
            assert status in (202, *REFUSED), (sent.body, answer)
            appended = len(writer.records) - before
            assert appended == (answer["recorded"] if status == 202 else 0), sent.body
        for topic, _, raw in writer.records:
            assert topic == topics.REPORTS
            assert codec.decode(raw, Envelope).read_payload()
    return statuses


def check(folder: Path, numbers: range, tell: Tell) -> None:
    begun = time.monotonic()
    codes = asyncio.run(try_mutants(folder, numbers))
    tell(f"{len(numbers):,} mutants in {time.monotonic() - begun:.0f} s: {dict(codes.most_common())}")
    assert sum(codes.values()) == len(numbers)


def test_no_mutated_webhook_is_accepted(tmp_path: Path, tell: Tell) -> None:
    check(tmp_path, range(2_000), tell)


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_no_mutated_webhook_is_accepted_of_very_many(tmp_path: Path, tell: Tell) -> None:
    check(tmp_path, range(20_000), tell)


def test_a_mutated_body_that_is_signed_is_answered_and_only_what_is_sound_is_recorded(tmp_path: Path, tell: Tell) -> None:
    statuses = asyncio.run(try_signed_rubbish(tmp_path, range(600)))
    tell(f"signed rubbish: {dict(statuses.most_common())}")
    assert statuses[202] > 20
    assert statuses[400] > 20


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_mutated_bodies_that_are_signed_are_answered_however_many(tmp_path: Path) -> None:
    assert sum(asyncio.run(try_signed_rubbish(tmp_path, range(20_000))).values()) == 20_000
