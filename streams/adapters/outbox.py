"""The `outbox` projection: decisions become deliveries in one transaction with the position; a sender makes them."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import datetime
from typing import TYPE_CHECKING

from streams import topics
from streams.adapters.deliveries import AWAY, DeliveryStore
from streams.adapters.delivery_retention import AT_ONCE, EVERY_S, drop_old
from streams.adapters.end_tasks import end_tasks
from streams.adapters.kafka_out import KafkaOut, Out, event_id
from streams.adapters.notice_gateway import FAILED, Gateway, find_gateway
from streams.adapters.notice_sender import NoticeSender
from streams.adapters.notices import Notice
from streams.adapters.positions import is_worth_keeping
from streams.adapters.targets import Targets
from streams.adapters.webhook_bodies import Outgoing, Told, outgoing
from streams.adapters.webhook_sender import LIVE_RETRIES, LOCKSTEP_RETRIES, Retries, WebhookSender
from streams.contracts.envelope import seal
from streams.contracts.inputs import EndpointReported, NoticeFailed

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from streams.adapters.positions import Position
    from streams.adapters.registry import Registry
    from streams.contracts.envelope import DecisionsRecord
    from streams.core.chain import PartitionState
    from streams.settings import Settings

logger = logging.getLogger(__name__)

REGISTRY_WAIT_S = 0.5
NOTICES_EVERY_S = 1.0
SETTLE_TRIES = 10  # in lock-step, while the registry is away
AGAIN_EVERY_S = 1.0  # so soon is a delivery taken up that somebody asked for again


class NotSettled(Exception):
    """The token must not pass: the worker ends, and its heir settles the next one. Going on would move the clock before what
    is to be told now."""


class Outbox:
    """Webhooks to organisations and notices to people. Without `registry` it opens the one of the settings. `out` takes what
    is heard of endpoints to the log: that one is down, or disabled, is for the core to judge."""

    name = "outbox"

    def __init__(
        self, settings: Settings, registry: Registry | None = None, retries: Retries | None = None, out: KafkaOut | None = None,
        gateway: Gateway | None = None,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._retries = retries or (LOCKSTEP_RETRIES if settings.lockstep else LIVE_RETRIES)
        self._registry = registry
        self._owns_registry = registry is None
        self._out = out or KafkaOut(settings.bootstrap, "dolbom-outbox")
        self._gateway = gateway or find_gateway(settings)
        self._notices: NoticeSender | None = None
        self._unreached: dict[str, tuple[Notice, str]] = {}  # in lock-step: notices that failed, to be told at a token
        self._store: DeliveryStore | None = None
        self._sender: WebhookSender | None = None
        self._told: dict[int, dict[str, Told]] = {}
        self._kept: dict[int, Position | None] = {}
        self._states: dict[int, PartitionState] = {}
        self._looking: list[asyncio.Task[None]] = []

    async def open(self, partition: int) -> Position | None:
        """The position; deliveries still to be made are taken up again."""
        store, sender = await self._start()
        position = await asyncio.to_thread(store.find_position, self.name, partition)
        self._told[partition] = await asyncio.to_thread(store.load_told, partition)
        self._kept[partition] = position
        sender.add(await asyncio.to_thread(store.load_pending, partition))
        if self._notices is not None:
            self._notices.add(await asyncio.to_thread(store.load_notices, partition))
        return position

    async def handle(
        self, partition: int, records: list[DecisionsRecord], ps: PartitionState, position: Position, rebuilding: bool
    ) -> None:
        """Store the batch's deliveries and notices with the position, then let the sender begin. Raises PositionMoved when
        another outbox was here."""
        store, sender = await self._start()
        assert self._registry is not None
        endpoints = self._registry.endpoints
        self._states[partition] = ps
        told = self._told[partition]
        webhooks: list[Outgoing] = []
        notices: list[Notice] = []
        for record in records:
            if record.decisions and record.district in ps.districts:
                own = told.setdefault(record.district, Told())
                some_webhooks, some_notices = outgoing(record, ps.districts[record.district], own)
                webhooks += some_webhooks
                notices += some_notices
        changes = {district: own.take_changed() for district, own in told.items() if own.changed}
        ended = [one for own in told.values() for one in own.take_ended()]
        if not (webhooks or notices or changes or ended or is_worth_keeping(self._kept.get(partition), position)):
            return
        while True:
            try:
                addresses = await asyncio.to_thread(endpoints.names) if webhooks else {}
                fresh = await asyncio.to_thread(
                    store.store, partition, self._kept.get(partition), position, webhooks, notices, changes, addresses, ended,
                    self._notices is not None,
                )  # fmt: skip
                break
            except AWAY as error:
                logger.warning("the registry is away (%s), waiting for it", type(error).__name__)
                await asyncio.sleep(REGISTRY_WAIT_S)
        self._kept[partition] = position
        sender.add(fresh)
        sender.forget_people(ended)
        if self._notices is not None:
            self._notices.add(notices)

    async def settle(self, token: str) -> None:
        """Every delivery that is due was tried, and in lock-step tried again at once as often as the policy says; notices go
        out then, and not when the wall clock says."""
        if self._sender is not None:
            await self._sender.idle()
        if self._settings.lockstep:
            await self._settle_notices()

    async def close(self) -> None:
        await end_tasks(self._looking)
        self._looking.clear()
        if self._sender is not None:
            await self._sender.close()
            self._sender = None
        if self._gateway is not None:
            await self._gateway.close()
        await self._out.close()
        if self._owns_registry and self._registry is not None:
            self._registry.close()
            self._registry = None
        self._store = None

    async def _start(self) -> tuple[DeliveryStore, WebhookSender]:
        if self._store is None or self._sender is None:
            if self._registry is None:
                from streams.adapters.registry import open_registry

                self._registry = await asyncio.to_thread(
                    open_registry, self._settings.registry_url, self._settings.state_dir
                )
            endpoints = self._registry.endpoints
            self._store = await asyncio.to_thread(DeliveryStore, self._registry.engine, endpoints.seal_answer)
            targets = Targets(self._settings.webhook_allow)
            self._sender = WebhookSender(self._registry, self._store, self._retries, targets, self._report)
            if self._gateway is not None:
                self._notices = NoticeSender(self._registry, self._gateway, self._notice_ended)
                if not self._settings.lockstep:
                    self._looking.append(asyncio.create_task(self._keep_sending_notices()))
            self._looking.append(asyncio.create_task(self._look_for_again(self._store, self._sender)))
            self._looking.append(asyncio.create_task(self._keep_tidy(self._registry.engine)))
        return self._store, self._sender

    async def _look_for_again(self, store: DeliveryStore, sender: WebhookSender) -> None:
        """What an operator or an organisation asked for once more."""
        while True:
            await asyncio.sleep(AGAIN_EVERY_S)
            for partition in list(self._told):
                try:
                    sender.again(await asyncio.to_thread(store.take_again, partition))
                except AWAY as error:
                    logger.warning("the registry is away (%s), waiting for it", type(error).__name__)

    async def _keep_tidy(self, engine: Engine) -> None:
        """Old deliveries go, a few at a time."""
        while True:
            try:
                while await asyncio.to_thread(drop_old, engine, self._settings.deliveries_kept_days) >= AT_ONCE:
                    await asyncio.sleep(0.1)
            except AWAY as error:
                logger.warning("the registry is away (%s): old deliveries stay for now", type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def _keep_sending_notices(self) -> None:
        while True:  # a task of its own: a gateway that is slow holds up no webhook
            await asyncio.sleep(NOTICES_EVERY_S)
            await self.send_notices()

    async def send_notices(self) -> bool:
        """One try for every notice that may be sent by now, by each district's service clock. False: it broke, they wait."""
        if self._notices is None:
            return True
        clocks = {code: state.now_at for ps in self._states.values() for code, state in ps.districts.items()}
        try:
            await self._notices.send_due(clocks)
        except Exception as error:  # they stay pending; its text may hold a number
            logger.error("sending notices broke: %s", type(error).__name__)
            return False
        return True

    async def _settle_notices(self) -> None:
        """One try for each, and in their order what reached nobody. Not while a solve is under way: its answer goes into the
        log at this token too, and which of them came first would be luck. Another token follows it."""
        for _ in range(SETTLE_TRIES):
            if await self.send_notices():
                break
            await asyncio.sleep(REGISTRY_WAIT_S)
        else:
            raise NotSettled("notices could not be sent")
        if any(state.solve_pending for ps in self._states.values() for state in ps.districts.values()):
            return
        for notice, why in sorted(self._unreached.values(), key=lambda one: (one[0].district, one[0].order)):
            await self._tell_unreached(notice, why)
            del self._unreached[notice.effect_id]

    async def _notice_ended(self, notice: Notice, status: str, why: str) -> None:
        assert self._store is not None
        if status != FAILED:
            await asyncio.to_thread(self._store.end_notice, notice.effect_id, status, why)
        elif self._settings.lockstep:
            self._unreached[notice.effect_id] = (notice, why)
        else:
            await self._tell_unreached(notice, why)

    async def _tell_unreached(self, notice: Notice, why: str) -> None:
        """A notice that reached nobody is told to its district first, and is then closed: a crash between tells it again."""
        assert self._store is not None
        partition = self._settings.partition_of(notice.district)
        if partition is not None:
            payload = NoticeFailed(visit_id=notice.visit_id, kind=notice.kind, reason=why)
            envelope = seal(
                payload, id=event_id(f"notice/{notice.effect_id}"), district=notice.district, actor="outbox",
                at=self._clock_of(notice.district), cause=notice.effect_id,
            )  # fmt: skip
            await self._out.send([Out(topics.COMMANDS, partition, envelope)])
        await asyncio.to_thread(self._store.end_notice, notice.effect_id, FAILED, why)

    def _clock_of(self, district: str) -> datetime:
        return next(ps.districts[district].now_at for ps in self._states.values() if district in ps.districts)

    async def _report(self, organisation: str, endpoint: str, status: str, reason: str) -> None:
        """Into the log of each district that counts on the organisation."""
        payload = EndpointReported(organisation=organisation, endpoint=endpoint, status=status, reason=reason)
        outs = []
        for ps in self._states.values():
            for district, state in ps.districts.items():
                partition = self._settings.partition_of(district)
                if partition is None or state.config is None:
                    continue
                if any(provider.provider_id == organisation for provider in state.config.providers):
                    cause = f"{district}/{organisation}/{endpoint}/{status}/{time.time_ns()}"
                    envelope = seal(payload, id=event_id(cause), district=district, actor="outbox", at=state.now_at)
                    outs.append(Out(topics.COMMANDS, partition, envelope))
        if outs:
            await self._out.send(outs)
