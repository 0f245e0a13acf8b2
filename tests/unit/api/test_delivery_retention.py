"""What was sent goes after a while, and only what is over; the command line shows, resends and recovers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.cli.main import main
from streams.adapters.deliveries import Attempt, Delivery, DeliveryStore
from streams.adapters.delivery_log import DeliveryLog
from streams.adapters.delivery_retention import AT_ONCE, DAY_S, drop_old
from streams.adapters.endpoint_tables import AGAIN, DELIVERED, GIVEN_UP, PENDING
from streams.adapters.positions import Position
from streams.adapters.registry import Registry, open_registry
from streams.adapters.webhook_bodies import Outgoing
from streams.settings import read_settings


def outgoing(number: int, organisation: str = "coop-a") -> Outgoing:
    return Outgoing(
        effect_id=f"11440-{number}-0", journal_offset=number, index=0, district="11440", organisation=organisation,
        type="offer.made", body=b"{}", keys=(f"v-{number}",), visit_id=f"v-{number}",
    )  # fmt: skip


def made(registry: Registry, statuses: list[str]) -> DeliveryStore:
    """A delivery of each status with one attempt, in order."""
    store = DeliveryStore(registry.engine, registry.endpoints.seal_answer)
    registry.set_endpoint("coop-a", "http://127.0.0.1:9/hooks")
    fresh = store.store(0, None, Position(len(statuses), "d"), [outgoing(n) for n in range(len(statuses))], (), {})
    ends: list[tuple[Delivery, Attempt]] = []
    for delivery, status in zip(fresh, statuses, strict=True):
        answer = "204" if status == DELIVERED else "503"
        delivery.status, delivery.attempts, delivery.answer = status, 1, answer
        ends.append((delivery, Attempt(attempt=1, at=time.time(), answer=answer, latency_ms=12, response=b"no room")))
    store.record_attempts(ends)
    return store


def test_what_is_over_goes_and_what_is_still_to_be_sent_stays(registry: Registry) -> None:
    store = made(registry, [DELIVERED, PENDING, GIVEN_UP])
    assert drop_old(registry.engine, kept_days=30, now=time.time() + 29 * DAY_S) == 0
    assert drop_old(registry.engine, kept_days=30, now=time.time() + 31 * DAY_S) == 2
    log = DeliveryLog(registry)
    assert [(one.effect_id, one.status) for one in log.list("coop-a")] == [("11440-1-0", PENDING)]
    assert [len(log.attempts("coop-a", f"11440-{number}-0")) for number in range(3)] == [0, 1, 0]
    assert [one.outgoing.effect_id for one in store.load_pending(0)] == ["11440-1-0"]


def test_it_goes_a_few_at_a_time(registry: Registry) -> None:
    made(registry, [DELIVERED] * (AT_ONCE + 5))
    later = time.time() + 31 * DAY_S
    assert [drop_old(registry.engine, 30, later) for _ in range(3)] == [AT_ONCE, 5, 0]


def test_nobody_sets_it_below_the_time_in_which_things_are_tried_again() -> None:
    assert read_settings({}).deliveries_kept_days == 30
    assert read_settings({"DOLBOM_DELIVERIES_KEPT_DAYS": "90"}).deliveries_kept_days == 90
    assert read_settings({"DOLBOM_DELIVERIES_KEPT_DAYS": "1"}).deliveries_kept_days == 7


# dolbom webhooks log | resend | recover


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """The registry of the installation that the command line works on."""
    monkeypatch.setenv("DOLBOM_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("DOLBOM_REGISTRY_URL", raising=False)
    registry = open_registry("", tmp_path, environ={})
    made(registry, [DELIVERED, GIVEN_UP, PENDING])
    yield registry
    registry.close()


def statuses(registry: Registry) -> dict[str, str]:
    return {one.effect_id: one.status for one in DeliveryLog(registry).list()}


def test_the_log_shows_what_was_sent_the_newest_first(here: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhooks", "log", "coop-a"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[2] for line in lines] == ["11440-2-0", "11440-1-0", "11440-0-0"]
    assert "coop-a/main" in lines[0]
    assert main(["webhooks", "log", "coop-a", "--status", "given_up", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found: dict[str, Any] = msgspec.json.decode(line)
    assert (found["effect_id"], found["answer"], found["attempts"]) == ("11440-1-0", "503", 1)
    assert main(["webhooks", "log", "coop-b"]) == 0
    assert capsys.readouterr().out == ""


def test_the_log_of_one_shows_its_attempts(here: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhooks", "log", "coop-a", "11440-1-0"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("1  ")
    assert line.endswith("main  503  12 ms  no room")


def test_one_is_sent_again_under_its_id(here: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhooks", "resend", "coop-a", "11440-0-0"]) == 0
    assert statuses(here)["11440-0-0"] == AGAIN
    assert main(["webhooks", "resend", "coop-a", "11440-9-0"]) == 1
    assert "log" in capsys.readouterr().err


def test_all_that_was_not_delivered_since_then_is_recovered(here: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhooks", "recover", "coop-a", "--since", "2100-01-01T00:00+09:00"]) == 0
    assert statuses(here)["11440-1-0"] == GIVEN_UP
    assert main(["webhooks", "recover", "coop-a", "--since", "6h"]) == 0
    assert statuses(here) == {"11440-0-0": DELIVERED, "11440-1-0": AGAIN, "11440-2-0": AGAIN}
    assert "2" in capsys.readouterr().out
    assert main(["webhooks", "recover", "coop-a", "--since", "yesterday"]) == 1
