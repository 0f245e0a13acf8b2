"""A provider fails, a mode is paused, a position answers a question: what enters the log, and what does not."""

import json
from typing import Any

import pytest

from streams import topics
from streams.adapters import board_keys as keys
from streams.contracts.inputs import EndDisruption, PauseMode, PositionHeard, ProviderReported, ReportProviderFailure
from tests.unit.api.fake_doors import Api, problem_code
from tests.unit.api.test_doors import coop  # noqa: F401  (a fixture)

FAILURE = {"district": "11440", "provider_id": "kitchen-a", "kitchen_id": "k1", "span": "meal_window", "reason": "gas"}
PAUSE = {"district": "11440", "mode": "motorbike", "until_at": "2026-11-03T05:00:00Z", "reason": "snow"}


def test_a_failure_and_its_end_enter_the_log(api: Api) -> None:
    answer = api.call("POST", "/v1/provider-failures", json=FAILURE, headers={"X-Dolbom-Actor": "coordinator"})
    assert answer.status_code == 202
    (envelope,) = api.writer.envelopes(topics.COMMANDS)
    payload = envelope.read_payload()
    assert isinstance(payload, ReportProviderFailure)
    assert (payload.provider_id, payload.kitchen_id, payload.span) == ("kitchen-a", "k1", "meal_window")
    assert envelope.actor == "coordinator"
    disruption_id = answer.json()["command_id"]
    assert api.call("POST", f"/v1/disruptions/{disruption_id}/end", json={"district": "11440"}).status_code == 202
    ended = api.writer.envelopes(topics.COMMANDS)[-1].read_payload()
    assert isinstance(ended, EndDisruption)
    assert ended.disruption_id == disruption_id


def test_a_pause_enters_the_log_for_the_whole_district_or_one_area(api: Api) -> None:
    for area_id in ("", "MP-A"):
        assert api.call("POST", "/v1/mode-pauses", json=PAUSE | {"area_id": area_id}).status_code == 202
    found = [envelope.read_payload() for envelope in api.writer.envelopes(topics.COMMANDS)]
    assert [(x.mode, x.area_id) for x in found if isinstance(x, PauseMode)] == [("motorbike", ""), ("motorbike", "MP-A")]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/v1/provider-failures", FAILURE | {"span": "year"}, "wrong_field"),
        ("/v1/provider-failures", FAILURE | {"reason": "Mr Kim's gas"}, "wrong_field"),
        ("/v1/provider-failures", FAILURE | {"district": "99999"}, "unknown_district"),
        ("/v1/mode-pauses", PAUSE | {"until_at": "tomorrow"}, "wrong_field"),
        ("/v1/mode-pauses", {"district": "11440"}, "wrong_field"),
        ("/v1/disruptions/x%20y/end", {"district": "11440"}, "unknown_disruption"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_the_door(api: Api, path: str, body: dict[str, Any], code: str) -> None:
    assert problem_code(api.call("POST", path, json=body)) == code
    assert api.writer.records == []


def test_an_organisation_says_itself_that_it_cannot_supply(coop: Api) -> None:  # noqa: F811
    data = {"report_id": "f-1", "kind": "failed", "span": "day", "occurred_at": "2026-11-03T02:00:00Z", "district": "11440"}
    body = json.dumps({"type": "provider", "data": data}).encode()
    assert coop.webhook("coop-a", "m-1", body).status_code == 202
    (envelope,) = coop.writer.envelopes(topics.REPORTS)
    payload = envelope.read_payload()
    assert isinstance(payload, ProviderReported)
    assert (payload.kind, payload.span, envelope.organisation) == ("failed", "day", "coop-a")


def send_position(api: Api, webhook_id: str) -> int:
    position = {"worker_id": "rider-1", "x": 126.909, "y": 37.555, "at": "2026-11-03T02:00:00Z"}
    body = json.dumps({"type": "positions", "data": {"positions": [position]}}).encode()
    return int(api.webhook("coop-a", webhook_id, body).json()["recorded"])


def test_only_the_position_of_a_worker_who_is_asked_after_enters_the_log(coop: Api, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    board: dict[str, bytes] = {}

    async def field(district: str, name: str) -> bytes | None:
        return board.get(f"{district}/{name}")

    monkeypatch.setattr(coop.doors.board, "field", field)
    assert send_position(coop, "p-1") == 1
    assert coop.writer.envelopes(topics.REPORTS) == []
    board[f"11440/{keys.COUNTERS}"] = b'{"visits": 3, "asked_workers": ["rider-1", "rider-2"]}'
    assert send_position(coop, "p-2") == 1
    (envelope,) = coop.writer.envelopes(topics.REPORTS)
    payload = envelope.read_payload()
    assert isinstance(payload, PositionHeard)
    assert (payload.worker_id, envelope.organisation) == ("rider-1", "coop-a")


def test_without_the_board_a_position_is_taken_and_nobody_is_known_to_be_asked(coop: Api) -> None:  # noqa: F811
    assert send_position(coop, "p-1") == 1
    assert coop.writer.envelopes(topics.REPORTS) == []
