"""What was taken back may be said again with the same words, and counts: no repeat of an hour ago stands in its way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streams.core.disruption_record import going_on
from tests.core_world import config
from tests.unit.api.fake_doors import Api
from tests.unit.api.test_configured_by_two import Core, put
from tests.unit.api.test_doors import a_config

PAIR = {"district": "11440", "recipient_id": "R-1", "worker_id": "rider-1"}
BANNED = {**PAIR, "by": "recipient", "reason": "quarrel"}


class At:
    """The service clock, by hand."""

    def __init__(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = datetime(2026, 11, 3, 1, tzinfo=UTC)
        monkeypatch.setattr(api.doors.clock, "now", lambda: self.now)

    def later(self) -> None:
        self.now += timedelta(minutes=10)


def say(api: Api, path: str, body: dict[str, Any], **headers: str) -> str:
    return str(api.call("POST", path, json=body, headers={"Prefer": "wait=5"} | headers).json()["outcome"])


def test_who_may_not_meet_again_after_they_might(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    core, at = Core(api), At(api, monkeypatch)
    put(api, a_config())

    def kept_apart() -> bool:
        return "rider-1" in core.states["11440"].exclusions.get("R-1", {})

    assert (say(api, "/v1/exclusions", BANNED), kept_apart()) == ("accepted", True)
    assert (say(api, "/v1/exclusions", BANNED), kept_apart()) == ("accepted", True)  # a second click
    at.later()
    assert (say(api, "/v1/exclusions:lift", PAIR), kept_apart()) == ("accepted", False)
    at.later()
    assert (say(api, "/v1/exclusions", BANNED), kept_apart()) == ("accepted", True)
    at.later()
    assert (say(api, "/v1/exclusions:lift", PAIR), kept_apart()) == ("accepted", False)


def test_who_is_worried_again_next_week_is_heard(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    core, at = Core(api), At(api, monkeypatch)
    put(api, config())
    worry = {"district": "11440", "recipient_id": "R-1", "dong": "1144000001", "observation": "no_sign_of_life", "source": "kin"}

    def checks() -> int:
        return sum(one.raised.kind == "concern" for one in core.states["11440"].exceptions.values())

    assert (say(api, "/v1/concerns", worry), say(api, "/v1/concerns", worry), checks()) == ("accepted", "accepted", 1)
    (first,) = core.states["11440"].exceptions
    assert say(api, f"/v1/exceptions/{first}/settle", {"outcome": "called_well", "district": "11440"}) == "accepted"
    at.now += timedelta(days=7)
    assert (say(api, "/v1/concerns", worry), checks()) == ("accepted", 2)


def test_a_retry_at_the_turn_of_a_minute_is_heard_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    core, at = Core(api), At(api, monkeypatch)
    put(api, config())
    worry = {"district": "11440", "recipient_id": "R-1", "dong": "1144000001", "observation": "no_sign_of_life", "source": "kin"}
    at.now = datetime(2026, 11, 3, 1, 0, 58, tzinfo=UTC)
    say(api, "/v1/concerns", worry)
    at.now += timedelta(seconds=4)
    say(api, "/v1/concerns", worry)
    assert sum(one.raised.kind == "concern" for one in core.states["11440"].exceptions.values()) == 1


def test_the_same_weather_after_it_was_over(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    core, at = Core(api), At(api, monkeypatch)
    at.now = datetime(2026, 3, 2, 1, tzinfo=UTC)
    put(api, config())
    snow = {"district": "11440", "mode": "bicycle", "reason": "snow", "until_at": "2026-03-02T09:00:00Z"}

    def pause() -> str:
        answer = api.call("POST", "/v1/mode-pauses", json=snow, headers={"Prefer": "wait=5"}).json()
        assert answer["outcome"] == "accepted"
        return str(answer["command_id"])

    def paused() -> bool:
        return bool(going_on(core.states["11440"]))

    first = pause()
    assert paused()
    at.later()
    assert say(api, f"/v1/disruptions/{first}/end", {"district": "11440"}) == "accepted"
    assert not paused()
    at.later()
    pause()
    assert paused()


def test_a_key_stands_for_one_word_whenever_it_comes(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    core, at = Core(api), At(api, monkeypatch)
    put(api, a_config())
    said = {"Idempotency-Key": "ban-1"}
    assert say(api, "/v1/exclusions", BANNED, **said) == "accepted"
    at.later()
    say(api, "/v1/exclusions:lift", PAIR)
    at.later()
    assert say(api, "/v1/exclusions", BANNED, **said) == "accepted"  # the first answer, of a phone that was in a lift
    assert "rider-1" not in core.states["11440"].exclusions.get("R-1", {})
