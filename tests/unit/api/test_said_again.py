"""What was taken back may be said again with the same words, and counts: no repeat of an hour ago stands in its way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

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
