"""Two operators set a crisis programme through the API, with the real core behind it: neither overwrites what he has not seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.cli import crisis
from services.cli.main import build_parser
from services.cli.speech import CommandFailed
from streams.adapters import board_keys as keys
from tests.core_world import at
from tests.unit.api.fake_doors import Api, problem_code
from tests.unit.api.test_configured_by_two import Core, put
from tests.unit.core.test_crisis import crisis_district

ON: dict[str, Any] = {
    "district": "11440", "from_date": "2026-03-02", "until_date": "2026-03-20", "budget_krw": 1_000_000, "stock": {"mask": 20},
}  # fmt: skip
PATH = "/v1/programmes/crisis/switch-"


@pytest.fixture
def core(api: Api, monkeypatch: pytest.MonkeyPatch) -> Core:
    core = Core(api)
    monkeypatch.setattr(api.doors.clock, "now", lambda: at("09:00"))
    put(api, crisis_district())
    return core


def switch(api: Api, way: str = "on", match: str = "", **changes: Any) -> Any:
    body = ON | changes if way == "on" else {"district": "11440"}
    headers = {"Prefer": "wait=5"} | ({"If-Match": match} if match else {})
    return api.call("POST", PATH + way, json=body, headers=headers)


def shown(api: Api) -> tuple[bool, int, int]:
    (row,) = api.call("GET", "/v1/programmes?district=11440").json()["items"]
    return row["is_on"], row["budget_krw"], row["version"]


def refused(response: Any, status: int, code: str) -> None:
    assert (response.status_code, problem_code(response)) == (status, code)
    assert response.json()["remedy"]["ko"]


def test_the_lost_update(api: Api, core: Core) -> None:
    assert switch(api).json()["outcome"] == "accepted"
    assert shown(api) == (True, 1_000_000, 1)
    refused(switch(api, budget_krw=5), 428, "if_match_missing")
    assert switch(api, match='"1"', budget_krw=2_000_000).json()["outcome"] == "accepted"  # the first operator
    refused(switch(api, match='"1"', budget_krw=3_000_000), 412, "version_conflict")  # the second, who read version 1 too
    assert shown(api) == (True, 2_000_000, 2)
    assert switch(api, match='"2"', budget_krw=3_000_000).json()["outcome"] == "accepted"
    assert switch(api, match="*", budget_krw=4_000_000).json()["outcome"] == "accepted"  # whatever is there
    assert shown(api) == (True, 4_000_000, 4)


def test_one_that_was_switched_off_is_not_opened_again_unseen(api: Api, core: Core) -> None:
    switch(api)
    assert switch(api, "off").json()["outcome"] == "accepted"
    refused(switch(api), 428, "if_match_missing")
    assert shown(api)[0] is False
    assert switch(api, match='"2"').json()["outcome"] == "accepted"
    assert shown(api) == (True, 1_000_000, 3)
    refused(switch(api, "off", match='"2"'), 412, "version_conflict")
    assert shown(api)[0] is True


def test_the_same_again_needs_no_version_and_changes_nothing(api: Api, core: Core) -> None:
    switch(api)
    again = switch(api)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    keyed = api.call("POST", PATH + "on", json=ON, headers={"Prefer": "wait=5", "Idempotency-Key": "k-1"})
    assert keyed.json()["outcome"] == "duplicate"
    assert shown(api) == (True, 1_000_000, 1)


def test_a_retry_after_a_lost_answer_is_the_same_command(api: Api, core: Core) -> None:
    switch(api)
    for _ in range(2):
        assert switch(api, match='"1"', budget_krw=2_000_000).json()["outcome"] == "accepted"
    assert shown(api) == (True, 2_000_000, 2)


def test_the_log_judges_what_the_board_does_not_show_yet(api: Api, core: Core) -> None:
    core.lags = True
    assert switch(api).json()["outcome"] == "accepted"
    refused(switch(api, budget_krw=5), 409, "version_conflict")  # the door took it for the first
    assert core.states["11440"].programmes["crisis"].budget_krw == 1_000_000


def test_bookings_are_no_change_of_the_settings(api: Api, core: Core) -> None:
    switch(api)
    given = {
        "district": "11440", "worker_id": "carer-1", "items": {"mask": 2}, "valid_until_at": "2026-03-09T00:00:00Z",
    }  # fmt: skip
    issued = api.call("POST", "/v1/programmes/crisis/equipment", json=given, headers={"Prefer": "wait=5"})
    assert issued.json()["outcome"] == "accepted"
    assert switch(api, match='"1"', budget_krw=2_000_000).json()["outcome"] == "accepted"


ARGS = ["crisis", "on", "crisis", "--district", "11440", "--from", "2026-03-02", "--until", "2026-03-20", "--stock", "mask=20"]


def command(api: Api, *more: str) -> int:
    def answer(request: httpx.Request) -> httpx.Response:
        kept = {name: value for name, value in request.headers.items() if name in ("if-match", "prefer")}
        told = api.call(request.method, request.url.raw_path.decode(), content=request.content or None, headers=kept)
        return httpx.Response(told.status_code, json=told.json())

    args = build_parser("crisis").parse_args([*ARGS, *more])
    run: Callable[[Any, Any], int] = crisis.switch_on
    with httpx.Client(base_url="http://api", transport=httpx.MockTransport(answer)) as client:
        return run(client, args)


def test_the_command_line_names_the_version_that_its_list_shows(api: Api, core: Core) -> None:
    assert command(api, "--budget", "1000000") == 0
    with pytest.raises(CommandFailed, match="if_match_missing"):
        command(api, "--budget", "2000000")
    assert command(api, "--budget", "2000000", "--version", "1") == 0
    with pytest.raises(CommandFailed, match="version_conflict"):
        command(api, "--budget", "3000000", "--version", "1")
    assert command(api, "--budget", "3000000", "--anyway") == 0
    assert shown(api) == (True, 3_000_000, 3)
    assert keys.COUNTERS.encode() in core.redis.hashes[keys.board_key("11440")]
