"""A day in lock-step and the same day in one process have the same hash only while both give every command the same id."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from services.sample_day.api_doors import ApiDoors
from services.sample_day.in_process import InProcessDoors
from services.sample_day.messages import Message
from streams.contracts import codec
from streams.contracts.envelope import Envelope
from tests.unit.api.fake_doors import Api

D = {"district": "11440"}
POSTING = {
    **D, "reference": "P-1", "programme_id": "crisis", "recipient_id": "R-1", "dong": "1144066000", "asked_by": "recipient",
    "from_at": "2026-11-03T03:00:00Z", "until_at": "2026-11-05T03:00:00Z",
}  # fmt: skip
WORRY = {**D, "recipient_id": "R-1", "dong": "1144066000", "observation": "no_sign_of_life", "source": "kin"}
ON = {**D, "from_date": "2026-11-01", "until_date": "2026-11-30", "budget_krw": 5, "stock": {"mask": 2}}
SAID: list[tuple[str, str, dict[str, Any]]] = [
    ("cancel", "v-1", {**D, "reason": "office"}), ("settle", "x-1", {**D, "outcome": "seen"}), ("acknowledge", "x-1", D),
    ("concern", "", WORRY), ("assign", "v-1", {**D, "worker_id": "rider-1", "reason": "known"}),
    ("forbid", "v-1", {**D, "worker_id": "rider-1", "reason": "quarrel"}), ("call", "v-1", {**D, "wish": "not_today"}),
    ("programme_on", "crisis", ON), ("posting", "", POSTING),
    ("pause", "", {**D, "mode": "bicycle", "reason": "snow", "until_at": "2026-11-03T09:00:00Z"}),
]


class Ids(InProcessDoors):
    """Names commands, and decides nothing."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def _seal(self, payload: Any, *args: Any, **more: Any) -> Any:
        return payload

    def _append(self, envelope: Any) -> None:
        self.ids.append(envelope.command_id)


class AtApi(ApiDoors):
    """What the played world sends, at this API."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def _call(self, method: str, path: str, *, content: bytes | None = None, headers: Any = dict, **more: Any) -> Any:
        return self._api.call(method, path, content=content, headers=dict(headers()))


@pytest.mark.parametrize(("kind", "subject", "body"), SAID, ids=[one[0] for one in SAID])
def test_lock_step_and_one_process_give_a_command_the_same_id(
    api: Api, monkeypatch: pytest.MonkeyPatch, kind: str, subject: str, body: dict[str, Any]
) -> None:
    monkeypatch.setattr(api.doors, "settings", replace(api.doors.settings, lockstep=True))
    monkeypatch.setattr(api.doors.board, "field", nothing)
    message = Message(kind, "k-1", "lane", body, actor="coordinator", subject=subject)
    answer = AtApi(api).send(message)
    assert answer.status == 202, answer.body
    alone = Ids()
    alone.send(message)
    ids = [codec.decode(value, Envelope).id for _, _, value in api.writer.records]
    assert ids == alone.ids
    assert msgspec.to_builtins(answer.body)["command_id"] == alone.ids[0]


async def nothing(*args: object) -> None:
    """An empty board."""
