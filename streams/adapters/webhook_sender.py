"""Sends webhooks as Standard Webhooks 1.0 says: signed, at least once, retried for some hours, each endpoint by itself.

The wall clock rules here (signatures, retries); the service clock is in the bodies. Logs name webhook ids, organisations
and statuses only: a body may hold a person's address for the moment of its sending.
"""

from __future__ import annotations

import asyncio
import base64
import bisect
import contextlib
import hashlib
import hmac
import ipaddress
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import msgspec

from streams.adapters.deliveries import AWAY, DELIVERED, GIVEN_UP, Delivery, DeliveryStore
from streams.adapters.masks import mask_name, mask_phone
from streams.contracts import codec

if TYPE_CHECKING:
    from streams.adapters.registry import Endpoint, Registry
    from streams.adapters.webhook_bodies import Outgoing

logger = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs every address; an organisation's may carry a key

GONE = 410
KNOCK_TIMEOUT_S = 2.0
CLOSE_TIMEOUT_S = 2.0  # a process has 5 s to end
PERSON_FIELDS = "name,address,door_code,phone,note"


@dataclass(frozen=True)
class Retries:
    """Waits before each attempt, in seconds after the one before; after the last attempt the delivery is given up.
    `at_once`: so many attempts (of those an endpoint answered or refused) count as one step: settling waits for them."""

    waits_s: tuple[float, ...]
    at_once: int = 0
    timeout_s: float = 10.0
    knock_s: float = 3.0  # how often to look whether somebody listens again
    in_parallel: int = 8  # for each endpoint

    def wait_s(self, attempts: int, effect_id: str) -> float | None:
        """The wait after `attempts` failed ones; None when it was the last. Up to a fifth longer, so that what failed
        together does not come again together."""
        if attempts >= len(self.waits_s):
            return None
        jitter = int(hashlib.sha256(f"{effect_id}/{attempts}".encode()).hexdigest()[:4], 16) / 0x10000
        return self.waits_s[attempts] * (1 + 0.2 * jitter)


STANDARD_WAITS_S = (0.0, 5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0)
LIVE_RETRIES = Retries(waits_s=STANDARD_WAITS_S)
LOCKSTEP_RETRIES = Retries(waits_s=(0.0, 0.05, 0.1, 0.2, 0.4, *STANDARD_WAITS_S[1:]), at_once=5)
"""In lock-step the world waits for its webhooks: a fault that passes must not cost the day its order."""


def sign(secret: str, webhook_id: str, timestamp_s: int, body: bytes) -> str:
    """The `webhook-signature` header over the raw body. `secret` is "whsec_" and base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join((webhook_id.encode(), str(timestamp_s).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def is_loopback(url: str) -> bool:
    """Only this machine is sent to so far: who may be reached elsewhere, and as whom, comes with the roles."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


async def _listens(url: str) -> bool:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(KNOCK_TIMEOUT_S):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


@dataclass
class _Queue:
    """One organisation's deliveries, oldest first, and what is under way."""

    waiting: list[Delivery] = field(default_factory=list)
    under_way: dict[str, Delivery] = field(default_factory=dict)

    def take_ready(self, now: float, room: int) -> list[Delivery]:
        """Due deliveries that none before them holds back: what shares a key keeps its order."""
        held = {key for delivery in self.under_way.values() for key in delivery.outgoing.keys}
        ready: list[Delivery] = []
        for delivery in self.waiting:
            if len(ready) >= room:
                break
            if delivery.due_at <= now and held.isdisjoint(delivery.outgoing.keys):
                ready.append(delivery)
            held.update(delivery.outgoing.keys)
        if ready:
            taken = {id(delivery) for delivery in ready}
            self.waiting = [delivery for delivery in self.waiting if id(delivery) not in taken]
        return ready

    def hurry(self, now: float) -> None:
        """Somebody listens again: what waits because nobody did goes out now, and that try costs nothing."""
        for delivery in self.waiting:
            if delivery.answer == NOBODY_LISTENS and delivery.due_at > now:
                delivery.due_at = now
                delivery.attempts = max(1, delivery.attempts - 1)

    def is_away(self, now: float) -> bool:
        """Something waits for somebody to listen."""
        return any(delivery.answer == NOBODY_LISTENS and delivery.due_at > now for delivery in self.waiting)

    def put_back(self, delivery: Delivery) -> None:
        """Its place is before what came after it."""
        bisect.insort(self.waiting, delivery, key=lambda one: (one.outgoing.journal_offset, one.outgoing.index))


class WebhookSender:
    """Makes the deliveries it is given until each is delivered or given up, and writes down how each attempt ended."""

    def __init__(self, registry: Registry, store: DeliveryStore, retries: Retries = LIVE_RETRIES) -> None:
        self._registry = registry
        self._store = store
        self._retries = retries
        self._queues: dict[str, _Queue] = {}
        self._known: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._knocking: set[str] = set()
        self._ended: list[Delivery] = []
        self._writing: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self._pump_task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        # No proxy from the environment, and no following of redirects: an answer 3xx is a failure.
        # Connections: what bounds them is `in_parallel` for each endpoint, for a common bound would let one endpoint delay
        # another; idle ones are dropped before servers drop them (5 s is usual), or a webhook would be lost on the way.
        self._client = httpx.AsyncClient(
            timeout=retries.timeout_s, follow_redirects=False, trust_env=False,
            limits=httpx.Limits(max_connections=None, keepalive_expiry=2.0),
        )  # fmt: skip

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Take deliveries on; those already here are left as they are."""
        for delivery in deliveries:
            known = (delivery.outgoing.effect_id, delivery.outgoing.organisation)
            if known not in self._known:
                self._known.add(known)
                self._queues.setdefault(delivery.outgoing.organisation, _Queue()).put_back(delivery)
                self._knock_for(delivery)
        if self._pump_task is None:
            self._pump_task = asyncio.create_task(self._pump())
        self._wake.set()

    async def idle(self) -> None:
        """Return when nothing is due or under way, and every attempt's end is written down."""
        async with self._changed:
            await self._changed.wait_for(self._is_idle)

    async def close(self) -> None:
        """Stop. What is under way is broken off; it stays pending and goes out again after the next start."""
        tasks = [task for task in (self._pump_task, *self._tasks) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=CLOSE_TIMEOUT_S)
        await self._client.aclose()

    def _is_idle(self) -> bool:
        now = time.time()
        for queue in self._queues.values():
            if queue.under_way:
                return False
            held: set[str] = set()
            for delivery in queue.waiting:
                soon = delivery.due_at <= now or 0 < delivery.attempts < self._retries.at_once
                if soon and held.isdisjoint(delivery.outgoing.keys) and delivery.answer not in _NOBODY_THERE:
                    return False
                held.update(delivery.outgoing.keys)
        return not self._ended and self._writing is None

    async def _pump(self) -> None:
        while True:
            self._wake.clear()
            now = time.time()
            next_due: float | None = None
            for queue in self._queues.values():
                for delivery in queue.take_ready(now, self._retries.in_parallel - len(queue.under_way)):
                    queue.under_way[delivery.outgoing.effect_id] = delivery
                    task = asyncio.create_task(self._deliver(queue, delivery))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                for delivery in queue.waiting:
                    if delivery.due_at > now:
                        next_due = delivery.due_at if next_due is None else min(next_due, delivery.due_at)
            try:
                async with asyncio.timeout(None if next_due is None else max(0.0, next_due - time.time())):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _deliver(self, queue: _Queue, delivery: Delivery) -> None:
        outgoing = delivery.outgoing
        try:
            answer = await self._attempt(outgoing)
        except Exception as error:  # whatever it was, the delivery must not be lost, and its text may hold a body
            logger.error("webhook %s to %s broke: %s", outgoing.effect_id, outgoing.organisation, type(error).__name__)
            answer = "broke"
        delivery.attempts += 1
        delivery.answer = answer
        del queue.under_way[outgoing.effect_id]
        if answer.isdigit() and 200 <= int(answer) < 300:
            delivery.status = DELIVERED
        else:
            wait_s = self._retries.wait_s(delivery.attempts, outgoing.effect_id)
            logger.warning(
                "webhook %s to %s: %s at attempt %d", outgoing.effect_id, outgoing.organisation, answer, delivery.attempts
            )
            if wait_s is None:
                delivery.status = GIVEN_UP
            else:
                delivery.due_at = time.time() + wait_s
                queue.put_back(delivery)
                self._knock_for(delivery)
        self._ended.append(delivery)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_down())
        self._wake.set()

    def _knock_for(self, delivery: Delivery) -> None:
        organisation = delivery.outgoing.organisation
        if delivery.answer == NOBODY_LISTENS and organisation not in self._knocking:
            self._knocking.add(organisation)
            task = asyncio.create_task(self._knock(organisation))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _knock(self, organisation: str) -> None:
        """An app that was restarted must not be five minutes behind for having been away for six seconds: while nobody
        listens there we look for it, by a connection and without a word."""
        queue = self._queues[organisation]
        try:
            while queue.is_away(time.time()):
                await asyncio.sleep(self._retries.knock_s)
                endpoint = await asyncio.to_thread(self._registry.find_endpoint, organisation)
                url = "" if endpoint is None or endpoint.disabled else endpoint.url
                if is_loopback(url) and await _listens(url):
                    queue.hurry(time.time())
                    self._wake.set()
        except Exception as error:  # the schedule goes on without it
            logger.warning("no knocking at %s: %s", organisation, type(error).__name__)
        finally:
            self._knocking.discard(organisation)

    async def _attempt(self, outgoing: Outgoing) -> str:
        """The HTTP status, or one word for why there was none."""
        endpoint = await asyncio.to_thread(self._registry.find_endpoint, outgoing.organisation)
        if endpoint is None:
            return NO_ENDPOINT
        if endpoint.disabled:
            return DISABLED
        if not is_loopback(endpoint.url):
            return NOT_ALLOWED
        body = await asyncio.to_thread(self._full_body, outgoing)
        status = await self._post(endpoint, outgoing.effect_id, body)
        if status == str(GONE):
            await asyncio.to_thread(self._registry.disable_endpoint, outgoing.organisation)
            logger.warning("%s answered 410: its endpoint is disabled until it is set again", outgoing.organisation)
        return status

    async def _post(self, endpoint: Endpoint, webhook_id: str, body: bytes) -> str:
        timestamp_s = int(time.time())
        headers = {
            "content-type": "application/json",
            "user-agent": "dolbom-dispatch",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(timestamp_s),
            "webhook-signature": sign(endpoint.secret_out, webhook_id, timestamp_s, body),
        }
        try:
            # httpx's own timeout is for each read: an endpoint that drips bytes would hold its place for ever.
            async with (
                asyncio.timeout(self._retries.timeout_s),
                self._client.stream("POST", endpoint.url, content=body, headers=headers) as response,
            ):
                return str(response.status_code)
        except (TimeoutError, httpx.TimeoutException):
            return "timeout"
        except httpx.ConnectError:
            return NOBODY_LISTENS
        except (httpx.HTTPError, httpx.InvalidURL):
            return "no_answer"

    def _full_body(self, outgoing: Outgoing) -> bytes:
        if not outgoing.recipient_id:
            return outgoing.body
        person = self._registry.find_person(outgoing.recipient_id)
        body: dict[str, Any] = msgspec.json.decode(outgoing.body)
        body["data"]["person"] = None
        if person is not None:
            self._registry.log_read(
                f"organisation:{outgoing.organisation}", outgoing.recipient_id, PERSON_FIELDS,
                f"webhook {outgoing.effect_id} {outgoing.type}",
            )  # fmt: skip
            body["data"]["person"] = {
                "name": mask_name(person.name), "address": person.address, "door_code": person.door_code,
                "phone": mask_phone(person.phone), "note": person.note,
            }  # fmt: skip
        return codec.encode(body)

    async def _write_down(self) -> None:
        """Attempts that end together are written together. Lost ends only mean that a webhook is sent again."""
        while self._ended:
            done, self._ended = self._ended, []
            await self._record([msgspec.structs.replace(delivery) for delivery in done])
            for delivery in done:
                if delivery.status in (DELIVERED, GIVEN_UP):
                    self._known.discard((delivery.outgoing.effect_id, delivery.outgoing.organisation))
        self._writing = None
        async with self._changed:
            self._changed.notify_all()

    async def _record(self, done: list[Delivery]) -> None:
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


NO_ENDPOINT, DISABLED, NOT_ALLOWED = "no_endpoint", "disabled", "not_allowed"
NOBODY_LISTENS = "nobody_listens"  # no connection: not the webhook's fault, whatever is in it
_NOBODY_THERE = frozenset({NO_ENDPOINT, DISABLED, NOT_ALLOWED})
