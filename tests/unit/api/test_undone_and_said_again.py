"""Without a key: what is sent again is done once, what was undone and is meant anew is done, and what does nothing says so. Through
the API, with the real core behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streams.contracts import codec
from streams.contracts.envelope import Envelope
from tests.core_world import config
from tests.unit.api.fake_doors import Api, problem_code
from tests.unit.api.test_configured_by_two import Core, put

VISIT = {
    "district": "11440", "reference": "CARE-1", "recipient_id": "R-1", "service": "check_in", "dong": "1144000001",
    "place": {"x_m": 0, "y_m": 0}, "window_start_at": "2026-03-02T04:00:00Z", "window_end_at": "2026-03-02T06:00:00Z",
}  # fmt: skip
REASON = {"reason": "office", "district": "11440"}


class Office:
    """A client that sends no keys, at a clock that stands still until it is moved."""

    def __init__(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        self.api, self.core = api, Core(api)
        self.now = datetime(2026, 3, 2, 0, 0, 59, tzinfo=UTC)
        monkeypatch.setattr(api.doors.clock, "now", lambda: self.now)
        put(api, config())
        self.visit_id = self.say("/v1/visits", VISIT)["visit_id"]

    def send(self, path: str, body: Any, actor: str = "coordinator", **headers: str) -> Any:
        return self.api.call("POST", path, json=body, headers={"Prefer": "wait=5", "X-Dolbom-Actor": actor} | headers)

    def say(self, path: str, body: Any, actor: str = "coordinator", **headers: str) -> Any:
        answer = self.send(path, body, actor, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def cancel(self, **headers: str) -> Any:
        return self.say(f"/v1/visits/{self.visit_id}/cancel", REASON, **headers)

    def undo(self, command_id: str, actor: str = "coordinator") -> None:
        assert self.say(f"/v1/commands/{command_id}/undo", {"district": "11440"}, actor)["outcome"] == "accepted"

    @property
    def state(self) -> str:
        return str(self.core.states["11440"].visits[self.visit_id].state)

    def cancelled(self) -> bool:
        return self.state == "cancelled"


@pytest.fixture
def office(api: Api, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(api, monkeypatch)


def test_cancelled_undone_and_cancelled_again_within_the_minute(office: Office) -> None:
    first = office.cancel()
    assert (first["outcome"], office.cancelled()) == ("accepted", True)
    office.undo(first["command_id"])
    assert not office.cancelled()
    second = office.cancel()
    assert (second["outcome"], office.cancelled()) == ("accepted", True)
    assert "repeated" not in second
    assert second["command_id"] != first["command_id"]
    office.undo(second["command_id"])
    assert not office.cancelled()
    assert (office.cancel()["outcome"], office.cancelled()) == ("accepted", True)


def test_what_was_undone_says_so_to_whoever_looks(office: Office) -> None:
    first = office.cancel()
    office.undo(first["command_id"])
    assert office.api.call("GET", f"/v1/commands/{first['command_id']}").json()["outcome"] == "undone"


def test_what_is_sent_again_is_done_once_and_says_so(office: Office) -> None:
    first = office.cancel()
    office.now += timedelta(seconds=2)  # another minute by the clock
    again = office.cancel()
    assert (again["command_id"], again["outcome"], again["repeated"]) == (first["command_id"], "accepted", True)
    assert "repeated" not in first
    recorded = [codec.decode(value, Envelope).id for _, _, value in office.api.writer.records]
    assert set(recorded[-2:]) == {first["command_id"]}
    # After an undo of its own, the retry of the second cancellation is of the second.
    office.undo(first["command_id"])
    second = office.cancel()
    assert office.cancel()["command_id"] == second["command_id"]


def test_a_late_retry_does_not_overrule_somebody_elses_undo(office: Office) -> None:
    first = office.cancel()
    office.undo(first["command_id"], actor="care_manager:1144000001")
    retry = office.send(f"/v1/visits/{office.visit_id}/cancel", REASON)
    assert (retry.status_code, problem_code(retry)) == (409, "undone_since")
    assert retry.json()["remedy"]["ko"]
    assert not office.cancelled()
    tag = office.api.call("GET", f"/v1/visits/{office.visit_id}").headers["etag"]
    last = office.cancel(**{"If-Match": tag})["command_id"]
    assert office.cancelled()
    office.undo(last, actor="care_manager:1144000001")
    assert (office.cancel(**{"Idempotency-Key": "anew"})["outcome"], office.cancelled()) == ("accepted", True)


def test_the_same_words_later_count(office: Office) -> None:
    """Brought back in another way than by an undo, and cancelled again: never swallowed."""
    office.cancel()
    office.now += timedelta(minutes=5)
    correct = f"/v1/visits/{office.visit_id}/correct"
    assert office.say(correct, {"outcome": "open", "reason": "mis_tap", "district": "11440"})["outcome"] == "accepted"
    assert not office.cancelled()
    assert (office.cancel()["outcome"], office.cancelled()) == ("accepted", True)


def test_given_to_another_and_back_again(office: Office) -> None:
    def assign(worker_id: str) -> Any:
        return office.say(f"/v1/visits/{office.visit_id}/assign", {"worker_id": worker_id, "reason": "known", "district": "11440"})

    def whose() -> str:
        return str(office.core.states["11440"].visits[office.visit_id].pinned_id)

    assert (assign("carer-1")["outcome"], whose()) == ("accepted", "carer-1")
    office.undo(assign("carer-2")["command_id"])
    assert (assign("carer-2")["outcome"], whose()) == ("accepted", "carer-2")
    office.now += timedelta(minutes=5)
    assert (assign("carer-1")["outcome"], whose()) == ("accepted", "carer-1")


def test_with_redis_away_a_command_is_recorded_all_the_same(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*args: object) -> None:
        raise OSError("no Redis")

    monkeypatch.setattr(office.api.doors.outcomes, "find", away)
    before = len(office.api.writer.records)
    answer = office.send(f"/v1/visits/{office.visit_id}/cancel", REASON, Prefer="wait=0")
    assert (answer.status_code, len(office.api.writer.records)) == (202, before + 1)
