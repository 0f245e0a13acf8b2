"""Notices of a day in one process: what the outbox finds out in lock-step of those whom no notice reaches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from streams.adapters.notice_gateway import FAILED, Recorder, is_out_of_reach
from streams.adapters.notice_sender import NoticeSender
from streams.adapters.persons import Kin, Person
from streams.contracts.inputs import NoticeFailed

if TYPE_CHECKING:
    from datetime import datetime

    from services.sample_day.day import Day
    from streams.adapters.notices import Notice


class NoticesInProcess:
    """The product's own sender before the product's own recorder, for the few whose notices can fail in it."""

    def __init__(self, day: Day) -> None:
        self._people = {one["recipient_id"]: _person(one) for one in day.recipients if _may_fail(one)}
        self._failed: list[tuple[Notice, str]] = []
        self._sender = NoticeSender(self, Recorder(), self._ended)
        self._waiting: set[str] = set()

    def add(self, notices: Iterable[Notice]) -> None:
        theirs = [one for one in notices if one.recipient_id in self._people]
        self._sender.add(theirs)
        self._waiting |= {one.effect_id for one in theirs}

    def send(self, district: str, now_at: datetime) -> None:
        """One try for each that may be sent by now."""
        if self._waiting:
            asyncio.run(self._sender.send_due({district: now_at}))

    def take_failed(self) -> list[NoticeFailed]:
        """What reached nobody since the last call, in order."""
        failed, self._failed = sorted(self._failed, key=lambda one: one[0].order), []
        return [NoticeFailed(visit_id=notice.visit_id, kind=notice.kind, reason=why) for notice, why in failed]

    def find_person(self, recipient_id: str) -> Person | None:
        return self._people[recipient_id]

    def log_read(self, actor: str, subject: str, fields: str, why: str) -> None:
        """There is no registry here that would have to tell who looked."""

    async def _ended(self, notice: Notice, status: str, why: str) -> None:
        self._waiting.discard(notice.effect_id)
        if status == FAILED:
            self._failed.append((notice, why))


def _may_fail(recipient: dict[str, Any]) -> bool:
    return not recipient["phone"] or is_out_of_reach(recipient["phone"])


def _person(recipient: dict[str, Any]) -> Person:
    kin = tuple(Kin(one["name"], one["phone"]) for one in recipient["kin"])
    return Person(recipient_id=recipient["recipient_id"], name=recipient["name"], phone=recipient["phone"], kin=kin)
