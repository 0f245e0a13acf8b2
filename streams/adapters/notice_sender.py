"""Sends notices: to the person and to kin who wish it, each by their channels in their order, outside quiet hours, once.

Who they are comes out of the registry for the moment of sending; the read is logged.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from streams.adapters.notice_gateway import AWAY, FAILED, REFUSED, SENT, Gateway, Message
from streams.adapters.notices import Notice, end_of_quiet, variables, words

if TYPE_CHECKING:
    from streams.adapters.persons import Person

AT_ONCE = 8  # messages under way at one time: one slow answer holds nobody else up
WAITS_S = (5.0, 30.0)  # wall clock, between tries of one channel while the gateway is away; then the next channel
MAX_AGE = timedelta(hours=18)  # longer than any night: what became news before then is none any more
OUTDATED, UNWANTED = "outdated", "unwanted"
NO_ADDRESS, NOBODY_REACHED, ERASED = "no_address", "nobody_reached", "erased"


class Book(Protocol):
    """What the sender needs of the registry."""

    def find_person(self, recipient_id: str) -> Person | None: ...

    def log_read(self, actor: str, subject: str, fields: str, why: str) -> None: ...


@dataclass
class _Job:
    notice: Notice
    not_before: datetime | None = None  # by the service clock: the end of the quiet hours
    again_at: float = 0.0  # by the wall clock
    tries: dict[tuple[int, str], int] = field(default_factory=dict)  # of (addressee, channel)
    outcomes: dict[int, str] = field(default_factory=dict)  # of each addressee: the channel that reached them, or refused


Ended = Callable[[Notice, str, str], Awaitable[None]]


class NoticeSender:
    """Takes notices on and makes each reach somebody. `ended` is told of each how it ended (sent, failed, outdated,
    unwanted), of a sent one by which channel and of a failed one why; only then is it forgotten here."""

    def __init__(
        self, book: Book, gateway: Gateway, ended: Ended, waits_s: tuple[float, ...] = WAITS_S,
        wall: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._book = book
        self._gateway = gateway
        self._ended = ended
        self._waits_s = waits_s
        self._wall = wall
        self._jobs: dict[str, _Job] = {}
        self._sending = asyncio.Lock()

    def add(self, notices: Iterable[Notice]) -> None:
        """Those already here are left as they are."""
        for notice in notices:
            self._jobs.setdefault(notice.effect_id, _Job(notice))

    async def send_due(self, clocks: Mapping[str, datetime]) -> None:
        """One try for each notice whose quiet hours are over by its district's service clock. Of one visit only the last
        is news: who waits to be told that it is booked is not told so after hearing that it is cancelled. Two calls take turns:
        at the same time they would send the same notice twice."""
        async with self._sending:
            await self._send_due(clocks)

    async def _send_due(self, clocks: Mapping[str, datetime]) -> None:
        newest: dict[tuple[str, str], _Job] = {}
        for job in self._jobs.values():
            key = (job.notice.district, job.notice.visit_id)
            if key not in newest or newest[key].notice.order < job.notice.order:
                newest[key] = job
        current = {id(job) for job in newest.values()}
        for job in list(self._jobs.values()):
            now_at = clocks.get(job.notice.district)
            if id(job) not in current or (now_at is not None and now_at - job.notice.at > MAX_AGE):
                await self._end(job, OUTDATED)
        limit = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._one(job, clocks[job.notice.district], limit) for job in list(self._jobs.values())
                               if job.notice.district in clocks))  # fmt: skip

    async def _one(self, job: _Job, now_at: datetime, limit: asyncio.Semaphore) -> None:
        if (job.not_before is not None and now_at < job.not_before) or self._wall() < job.again_at:
            return
        async with limit:
            outcome = await self._try(job, now_at)
        if outcome is not None:
            await self._end(job, *outcome)

    async def _end(self, job: _Job, status: str, why: str = "") -> None:
        await self._ended(job.notice, status, why)
        self._jobs.pop(job.notice.effect_id, None)

    async def _try(self, job: _Job, now_at: datetime) -> tuple[str, str] | None:
        """How it ended and why, or None: later."""
        notice = job.notice
        person = await asyncio.to_thread(self._book.find_person, notice.recipient_id)
        if person is None or person.erased:
            return FAILED, ERASED if person is not None else NO_ADDRESS
        if notice.can_wait:
            quiet = (person.quiet_from, person.quiet_until) if person.quiet_from else (notice.quiet_from, notice.quiet_until)
            job.not_before = end_of_quiet(now_at, *quiet)
            if job.not_before > now_at:
                return None
        kin = ((one.phone, one.channels, one.language or person.language) for one in person.kin if one.notify)
        wished = [one for one in ((person.phone, person.notice_channels, person.language), *kin) if one[1]]
        if not wished:
            return UNWANTED, ""
        people = [one for one in wished if one[0]]
        if not people:
            return FAILED, NO_ADDRESS
        why = f"notice {notice.effect_id} {notice.kind}"
        await asyncio.to_thread(self._book.log_read, "notices", notice.recipient_id, "phone,kin", why)
        for number, (phone, channels, language) in enumerate(people):
            if number not in job.outcomes:
                outcome = await self._reach(job, number, phone, channels, language)
                if outcome == AWAY:
                    return None
                job.outcomes[number] = outcome
        reached = [outcome for _, outcome in sorted(job.outcomes.items()) if outcome != REFUSED]
        return (SENT, reached[0]) if reached else (FAILED, NOBODY_REACHED)

    async def _reach(self, job: _Job, number: int, phone: str, channels: tuple[str, ...], language: str) -> str:
        """Down one addressee's order of channels: the one that reached them, refused, or away."""
        notice = job.notice
        for channel in channels:
            tried = job.tries.get((number, channel), 0)
            if tried > len(self._waits_s):
                continue
            message = Message(
                id=f"{notice.effect_id}-{number}-{channel}", channel=channel, to=phone, text=words(notice, language),
                language=language, template=notice.kind, variables=variables(notice, language),
            )  # fmt: skip
            outcome = await self._gateway.send(message)
            if outcome == SENT:
                return channel
            job.tries[number, channel] = tried + 1 if outcome == AWAY else len(self._waits_s) + 1
            if outcome == AWAY and tried < len(self._waits_s):
                job.again_at = self._wall() + self._waits_s[tried]
                return AWAY
        return REFUSED
