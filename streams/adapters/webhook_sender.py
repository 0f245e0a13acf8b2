"""Sends webhooks as Standard Webhooks 1.0 says: signed, at least once, retried for some hours, each endpoint by itself.

The wall clock rules here (signatures, retries); the service clock is in the bodies. Logs name webhook ids, organisations
and statuses only: a body may hold a person's address for the moment of its sending.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec

from streams.adapters.deliveries import AWAY, DELIVERED, GIVEN_UP, PENDING, Attempt, Delivery, DeliveryStore
from streams.adapters.end_tasks import end_tasks
from streams.adapters.endpoints import FAILING, GONE
from streams.adapters.masks import mask_name, mask_phone
from streams.adapters.targets import PinnedResolver, TargetRefused, Targets
from streams.adapters.webhook_queue import Queue
from streams.contracts import codec

if TYPE_CHECKING:
    from streams.adapters.endpoints import Endpoint, Known
    from streams.adapters.registry import Registry
    from streams.adapters.webhook_bodies import Outgoing

logger = logging.getLogger(__name__)

GONE_STATUS = 410
KNOCK_TIMEOUT_S = 2.0
CLOSE_TIMEOUT_S = 2.0  # a process has 5 s to end
ANSWER_KEPT_BYTES = 1000
ANSWER_WAIT_S = 1.0  # for the text after the status; what does not come is not waited for
ENDPOINTS_KEPT_S = 0.5  # a change of an address, a secret or a switch is heard of after this
PERSON_FIELDS, CODE_FIELDS = "name,address,phone,note", "door_code"
DOWN, UP, DISABLED_NOW = "down", "up", "disabled"
NO_ENDPOINT, DISABLED, NOT_ALLOWED = "no_endpoint", "disabled", "not_allowed"
NOBODY_LISTENS = "nobody_listens"  # no connection: not the webhook's fault, whatever is in it
_NOBODY_THERE = frozenset({NO_ENDPOINT, DISABLED, NOT_ALLOWED})

Report = Callable[[str, str, str, str], Awaitable[None]]
"""Called with organisation, endpoint, status (down, up, disabled) and reason; returns when it is in the log."""


@dataclass(frozen=True)
class Retries:
    """Waits before each attempt, in seconds after the one before; after the last attempt the delivery is given up.
    `at_once`: so many attempts (of those an endpoint answered or refused) count as one step: settling waits for them."""

    waits_s: tuple[float, ...]
    at_once: int = 0
    timeout_s: float = 10.0
    knock_s: float = 3.0  # how often to look whether somebody listens again
    in_parallel: int = 8  # for each endpoint
    down_after_s: float = 60.0  # all attempts have failed for so long: the district is told, and offers go by telephone
    disabled_after_s: float = 5 * 86_400.0

    def wait_s(self, attempts: int, effect_id: str) -> float | None:
        """The wait after `attempts` failed ones; None when it was the last. Up to a fifth longer, so that what failed
        together does not come again together."""
        if attempts >= len(self.waits_s):
            return None
        jitter = int(hashlib.sha256(f"{effect_id}/{attempts}".encode()).hexdigest()[:4], 16) / 0x10000
        return self.waits_s[attempts] * (1 + 0.2 * jitter)


STANDARD_WAITS_S = (0.0, 5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0)
LIVE_RETRIES = Retries(waits_s=STANDARD_WAITS_S)
AT_ONCE_S = (0.0, 0.05, 0.1, 0.2, 0.4, *[1.0] * 60)  # a process that was killed is back by then, on a busy machine too
LOCKSTEP_RETRIES = Retries(waits_s=(*AT_ONCE_S, *STANDARD_WAITS_S[1:]), at_once=len(AT_ONCE_S), down_after_s=600.0)
"""In lock-step the world waits for its webhooks: a fault that passes must not cost the day its order, nor stand in the log."""


def sign(secret: str, webhook_id: str, timestamp_s: int, body: bytes) -> str:
    """One signature of the `webhook-signature` header, over the raw body. `secret` is "whsec_" and base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join((webhook_id.encode(), str(timestamp_s).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@dataclass
class _Line:
    """One endpoint: what waits for it, and how it has been doing."""

    organisation: str
    name: str
    queue: Queue = field(default_factory=Queue)
    timer: asyncio.TimerHandle | None = None
    knocking: bool = False
    failing_since: float = 0.0
    told_down: bool = False
    endpoint: Endpoint | None = None


class WebhookSender:
    """Makes the deliveries it is given until each is delivered or given up, and writes down how each attempt ended."""

    def __init__(
        self, registry: Registry, store: DeliveryStore, retries: Retries = LIVE_RETRIES, targets: Targets | None = None,
        report: Report | None = None,
    ) -> None:
        self._registry = registry
        self._store = store
        self._retries = retries
        self._targets = targets or Targets()
        self._report = report
        self._lines: dict[tuple[str, str], _Line] = {}
        self._endpoints: dict[tuple[str, str], Known] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: list[tuple[Delivery, Attempt]] = []
        self._writing: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self._http: aiohttp.ClientSession | None = None
        self._closed = False

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Take deliveries on; those already here are left as they are."""
        touched: dict[tuple[str, str], _Line] = {}
        for delivery in deliveries:
            line = self._line(delivery)
            if line.queue.add(delivery):
                touched[line.organisation, line.name] = line
                self._knock_for(line, delivery)
        for line in touched.values():
            self._run(line)

    def again(self, deliveries: Iterable[Delivery]) -> None:
        """Somebody asked for these: as if they were new, also those that wait here already."""
        for delivery in deliveries:
            line = self._line(delivery)
            known = line.queue.known.get(delivery.key)
            if known is None:
                self.add([delivery])
            elif known.key not in line.queue.under_way:
                known.attempts = 0
                line.queue.hurry(known, time.time())
                self._run(line)

    def forget_people(self, ended: Iterable[tuple[str, int]]) -> None:
        """Visits that are over (from that journal offset on): what was to be told of them before goes out without names."""
        for visit_id, offset in ended:
            for line in self._lines.values():
                for delivery in line.queue.of(visit_id):
                    if delivery.outgoing.recipient_id and delivery.outgoing.journal_offset < offset:
                        delivery.outgoing = msgspec.structs.replace(delivery.outgoing, recipient_id="")

    async def idle(self) -> None:
        """Return when nothing is due or under way, and every attempt's end is written down."""
        async with self._changed:
            await self._changed.wait_for(self._is_idle)

    async def close(self) -> None:
        """Stop. What is under way is broken off; it stays pending and goes out again after the next start."""
        self._closed = True
        for line in self._lines.values():
            if line.timer is not None:
                line.timer.cancel()
        await end_tasks(self._tasks)
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=CLOSE_TIMEOUT_S)
        if self._http is not None:
            await self._http.close()
            self._http = None

    # Which may go -----------------------------------------------------------------------------------------------------

    def _line(self, delivery: Delivery) -> _Line:
        key = (delivery.outgoing.organisation, delivery.endpoint)
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = _Line(*key)
        return line

    def _run(self, line: _Line) -> None:
        """Start what may go, and come back when the next is due."""
        if self._closed:
            return
        now = time.time()
        for delivery in line.queue.take_ready(now, self._retries.in_parallel - len(line.queue.under_way)):
            self._start(self._deliver(line, delivery))
        if line.timer is not None:
            line.timer.cancel()
            line.timer = None
        due = line.queue.next_due()
        if due is not None:
            line.timer = asyncio.get_running_loop().call_later(max(0.001, due - now), self._run, line)

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _is_idle(self) -> bool:
        now = time.time()
        for line in self._lines.values():
            if line.queue.under_way:
                return False
            for delivery in line.queue.heads():
                soon = delivery.due_at <= now or 0 < delivery.attempts < self._retries.at_once
                if soon and delivery.answer not in _NOBODY_THERE:
                    return False
        return not self._ended and self._writing is None

    # One attempt ------------------------------------------------------------------------------------------------------

    async def _deliver(self, line: _Line, delivery: Delivery) -> None:
        outgoing, begun = delivery.outgoing, time.time()
        text = b""
        try:
            answer, text = await self._attempt(line, outgoing)
        except Exception as error:  # whatever it was, the delivery must not be lost, and its text may hold a body
            logger.error("webhook %s to %s broke: %s", outgoing.effect_id, outgoing.organisation, type(error).__name__)
            answer = "broke"
        ended = time.time()
        delivery.attempts += 1
        delivery.answer = answer
        attempt = Attempt(
            attempt=delivery.attempts, at=begun, answer=answer, latency_ms=int(1000 * (ended - begun)), response=text
        )
        if answer.isdigit() and 200 <= int(answer) < 300:
            delivery.status = DELIVERED
            line.queue.finished(delivery)
            if line.failing_since:
                self._start(self._is_well(line))
        else:
            self._failed(line, delivery, ended)
        self._ended.append((msgspec.structs.replace(delivery), attempt))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_down())
        self._run(line)

    def _failed(self, line: _Line, delivery: Delivery, now: float) -> None:
        outgoing = delivery.outgoing
        wait_s = self._retries.wait_s(delivery.attempts, outgoing.effect_id)
        logger.warning(
            "webhook %s to %s: %s at attempt %d", outgoing.effect_id, outgoing.organisation, delivery.answer, delivery.attempts
        )
        if wait_s is None:
            delivery.status = GIVEN_UP
            line.queue.finished(delivery)
        else:
            delivery.status = PENDING
            delivery.due_at = now + wait_s
            line.queue.failed(delivery)
            self._knock_for(line, delivery)
        if delivery.answer not in (NO_ENDPOINT, DISABLED):
            self._start(self._is_failing(line, delivery.answer, now))

    async def _attempt(self, line: _Line, outgoing: Outgoing) -> tuple[str, bytes]:
        """The HTTP status, or one word for why there was none; and the first of what was answered."""
        endpoint = await self._endpoint(line)
        if endpoint is None:
            return NO_ENDPOINT, b""
        if endpoint.disabled:
            return DISABLED, b""
        try:
            await self._targets.resolve(endpoint.url)
        except TargetRefused as refused:
            return NOT_ALLOWED, refused.reason.encode()
        body = await asyncio.to_thread(self._full_body, outgoing) if outgoing.recipient_id else outgoing.body
        return await self._post(endpoint, outgoing.effect_id, body)

    async def _endpoint(self, line: _Line) -> Endpoint | None:
        if time.monotonic() - self._read_at > ENDPOINTS_KEPT_S:
            async with self._reading:
                if time.monotonic() - self._read_at > ENDPOINTS_KEPT_S:
                    self._endpoints = await asyncio.to_thread(self._registry.endpoints.read_all, self._endpoints)
                    self._read_at = time.monotonic()
        known = self._endpoints.get((line.organisation, line.name))
        endpoint = known.endpoint if known is not None else None
        if endpoint is not line.endpoint:
            line.endpoint = endpoint
            if endpoint is not None and not line.failing_since:  # from before this process
                line.failing_since = endpoint.failing_since
                line.told_down = line.failing_since > 0
        return endpoint

    async def _post(self, endpoint: Endpoint, webhook_id: str, body: bytes) -> tuple[str, bytes]:
        timestamp_s = int(time.time())
        headers = {
            "content-type": "application/json",
            "user-agent": "dolbom-dispatch",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(timestamp_s),
            "webhook-signature": " ".join(sign(one, webhook_id, timestamp_s, body) for one in endpoint.secrets_out),
        }
        try:
            async with self._session().post(endpoint.url, data=body, headers=headers, allow_redirects=False) as response:
                return str(response.status), await _first_of(response)
        except TimeoutError:
            return "timeout", b""
        except aiohttp.ClientConnectorError as error:
            return (NOT_ALLOWED, b"") if isinstance(error, aiohttp.ClientConnectorDNSError) else (NOBODY_LISTENS, b"")
        except (aiohttp.ClientError, ValueError):
            return "no_answer", b""

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            # No proxy from the environment, no cookies, no redirects. What bounds connections is `in_parallel` for each
            # endpoint, for a common bound would let one endpoint delay another; idle ones are dropped before servers drop
            # them (5 s is usual), or a webhook would be lost on the way.
            connector = aiohttp.TCPConnector(
                limit=0, resolver=PinnedResolver(self._targets), use_dns_cache=False, keepalive_timeout=2.0
            )
            self._http = aiohttp.ClientSession(
                connector=connector, timeout=aiohttp.ClientTimeout(total=self._retries.timeout_s), trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False,
            )  # fmt: skip
        return self._http

    def _full_body(self, outgoing: Outgoing) -> bytes:
        """With what the rider needs to know of the person, from the registry, for the moment of sending."""
        if not outgoing.recipient_id:
            return outgoing.body
        person = self._registry.find_person(outgoing.recipient_id)
        if person is None:
            return outgoing.body
        codes = outgoing.type == "visit.access"
        self._registry.log_read(
            f"organisation:{outgoing.organisation}", outgoing.recipient_id, CODE_FIELDS if codes else PERSON_FIELDS,
            f"webhook {outgoing.effect_id} {outgoing.type}",
        )  # fmt: skip
        body: dict[str, Any] = msgspec.json.decode(outgoing.body)
        if codes:
            body["data"]["door_code"] = person.door_code
        else:
            body["data"]["person"] = {
                "name": mask_name(person.name), "address": person.address, "phone": mask_phone(person.phone), "note": person.note,
            }  # fmt: skip
        return codec.encode(body)

    # How an endpoint does ---------------------------------------------------------------------------------------------

    async def _is_failing(self, line: _Line, answer: str, now: float) -> None:
        """An attempt failed: note since when, tell when that is long, and disable what is gone or was never there."""
        try:
            since = line.failing_since
            if not since:
                since = line.failing_since = now
                await asyncio.to_thread(self._registry.endpoints.note_failing, line.organisation, line.name, now)
            reason = GONE if answer == str(GONE_STATUS) else FAILING
            if reason == GONE or now - since >= self._retries.disabled_after_s:
                await self._disable(line, reason)
            elif now - since >= self._retries.down_after_s and line.failing_since and not line.told_down:
                line.told_down = True
                await self._tell(line, DOWN, "nobody_listens" if answer == NOBODY_LISTENS else "no_answer")
        except AWAY as error:  # the next failure will tell
            logger.warning("the registry is away (%s): %s is not noted as failing", type(error).__name__, line.organisation)

    async def _is_well(self, line: _Line) -> None:
        """It answers again."""
        was_told, line.failing_since, line.told_down = line.told_down, 0.0, False
        try:
            if was_told:
                await self._tell(line, UP, "")
            await asyncio.to_thread(self._registry.endpoints.note_failing, line.organisation, line.name, 0.0)
        except AWAY as error:
            logger.warning("the registry is away (%s): %s is not noted as well", type(error).__name__, line.organisation)

    async def _disable(self, line: _Line, reason: str) -> None:
        if await asyncio.to_thread(self._registry.endpoints.disable, line.organisation, line.name, reason):
            self._read_at = float("-inf")
            logger.warning("the endpoint of %s is disabled (%s) until it is set again", line.organisation, reason)
            line.told_down = True
            await self._tell(line, DISABLED_NOW, reason)

    async def _tell(self, line: _Line, status: str, reason: str) -> None:
        if self._report is not None:
            await self._report(line.organisation, line.name, status, reason)

    def _knock_for(self, line: _Line, delivery: Delivery) -> None:
        if delivery.answer == NOBODY_LISTENS and not line.knocking:
            line.knocking = True
            self._start(self._knock(line))

    async def _knock(self, line: _Line) -> None:
        """An app that was restarted must not be five minutes behind for having been away for six seconds: while nobody
        listens there we look for it, by a connection and without a word."""
        try:
            while waiting := [one for one in line.queue.heads() if one.answer == NOBODY_LISTENS and one.due_at > time.time()]:
                await asyncio.sleep(self._retries.knock_s)
                endpoint = await self._endpoint(line)
                if endpoint is not None and not endpoint.disabled and await self._listens(endpoint.url):
                    for delivery in waiting:
                        if delivery.key not in line.queue.under_way and delivery.answer == NOBODY_LISTENS:
                            delivery.attempts = max(1, delivery.attempts - 1)  # that try costs nothing
                            line.queue.hurry(delivery, time.time())
                    self._run(line)
                elif line.failing_since:
                    await self._is_failing(line, NOBODY_LISTENS, time.time())
        except Exception as error:  # the schedule goes on without it
            logger.warning("no knocking at %s: %s", line.organisation, type(error).__name__)
        finally:
            line.knocking = False

    async def _listens(self, url: str) -> bool:
        try:
            host, port = self._targets.read(url)
            async with asyncio.timeout(KNOCK_TIMEOUT_S):
                addresses = await self._targets.resolve(url)
                _, writer = await asyncio.open_connection(addresses[0], port)
        except (OSError, TimeoutError, TargetRefused):
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return bool(host)

    # Writing down -----------------------------------------------------------------------------------------------------

    async def _write_down(self) -> None:
        """Attempts that end together are written together. Lost ends only mean that a webhook is sent again."""
        while self._ended:
            done, self._ended = self._ended, []
            await self._record(done)
        self._writing = None
        async with self._changed:
            self._changed.notify_all()

    async def _record(self, done: list[tuple[Delivery, Attempt]]) -> None:
        while True:
            try:
                await asyncio.to_thread(self._store.record_attempts, done)
                return
            except AWAY as error:
                logger.warning("the registry is away (%s), waiting for it", type(error).__name__)
                await asyncio.sleep(0.5)
            except Exception as error:  # what is not written down is sent again; a sender that stands still is worse
                logger.error("ends of %d webhooks were not written down: %s", len(done), type(error).__name__)
                return


async def _first_of(response: aiohttp.ClientResponse) -> bytes:
    """The first of an answer's text. The connection is dropped when there is more of it: nobody may fill our memory."""
    text = b""
    with contextlib.suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(ANSWER_WAIT_S):
            text = await response.content.read(ANSWER_KEPT_BYTES)
            if text and not response.content.at_eof():
                text += await response.content.read(max(1, ANSWER_KEPT_BYTES - len(text)))
    if not response.content.at_eof():
        response.close()
    return text[:ANSWER_KEPT_BYTES]
