"""Two operators configure a district through the API, with the real core behind it: nobody overwrites what he has not seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from streams.adapters import board_keys as keys
from streams.adapters.board_batch import draw_on_record
from streams.contracts import codec
from streams.contracts.board import CommandOutcome
from streams.contracts.codec import to_builtins
from streams.contracts.decisions import CommandSettled
from streams.contracts.district import DistrictConfig
from streams.contracts.envelope import Envelope
from streams.core.board import counters, visit_row
from streams.core.dispatch import decide, new_state
from tests.unit.api.fake_doors import Api, problem_code
from tests.unit.api.scoped_world import FakeRedis
from tests.unit.api.test_doors import a_config

PATH = "/v1/districts/11440"
WITHIN_S = 10.0


class Core:
    """Decides what is appended, and draws what the board shows of it: configuration, figures, visits. `lags`: it draws nothing."""

    def __init__(self, api: Api) -> None:
        self.redis, self.lags = FakeRedis(), False
        self.states: dict[str, Any] = {}
        for part in (api.doors.board, api.doors.outcomes):
            part._redis = self.redis
        appended = api.doors.writer._append

        async def append(topic: str, records: list[tuple[int, bytes, bytes]]) -> list[tuple[int, int]]:
            for _, _, value in records:
                self.take(codec.decode(value, Envelope))
            return await appended(topic, records)

        api.doors.writer._append = append  # type: ignore[method-assign]

    def take(self, envelope: Envelope) -> None:
        state = self.states.setdefault(envelope.district, new_state(envelope.district))
        decisions = decide(state, envelope, envelope.received_at)
        for one in decisions:
            if isinstance(one, CommandSettled):
                settled = CommandOutcome(
                    command_id=one.command_id, outcome=one.outcome, visit_id=one.visit_id, code=one.code, rules=one.rules, by=one.by
                )
                self.redis.strings[keys.command_key(one.command_id)] = codec.encode(settled)
        if not self.lags and state.config is not None:
            board = self.redis.hashes.setdefault(keys.board_key(envelope.district), {})
            board[keys.POSITION.encode()] = b"{}"
            board[keys.DISTRICT.encode()] = codec.encode(state.config)
            board[keys.COUNTERS.encode()] = codec.encode(counters(state))
            board |= {name.encode(): codec.encode(row) for name, row in draw_on_record(state, decisions).items()}
            for visit_id in state.visits:
                board[keys.visit_field(visit_id).encode()] = codec.encode(visit_row(state, visit_id))


@pytest.fixture
def core(api: Api) -> Core:
    return Core(api)


def put(api: Api, config: DistrictConfig, **headers: str) -> Any:
    return api.call("PUT", f"/v1/districts/{config.district}", json=to_builtins(config), headers={"Prefer": "wait=5"} | headers)


def in_force(api: Api, district: str = "11440") -> tuple[str, str]:
    """What the board's configuration says, and its ETag."""
    answer = api.call("GET", f"/v1/district?district={district}")
    return answer.json()["name_en"], answer.headers["etag"]


def edited(name: str, version: int = 2, **changes: Any) -> DistrictConfig:
    return replace(a_config(), version=version, name_en=name, **changes)


def test_the_lost_update(api: Api, core: Core) -> None:
    """Both read version 1. The second to write is told, and nothing of the first is lost."""
    assert put(api, a_config()).json()["outcome"] == "accepted"
    _, read = in_force(api)
    first = put(api, edited("First"), **{"If-Match": read})
    assert (first.status_code, first.json()["outcome"], first.headers["etag"]) == (200, "accepted", '"2"')
    late = put(api, edited("Second"), **{"If-Match": read})
    assert (late.status_code, problem_code(late)) == (412, "version_conflict")
    assert in_force(api) == ("First", '"2"')
    assert put(api, edited("Second", 3), **{"If-Match": '"2"'}).json()["outcome"] == "accepted"
    assert in_force(api) == ("Second", '"3"')


def test_the_log_judges_while_the_board_lags(api: Api, core: Core) -> None:
    put(api, a_config())
    core.lags = True
    assert put(api, edited("First"), **{"If-Match": '"1"'}).status_code == 200
    late = put(api, edited("Second"), **{"If-Match": '"1"'})
    assert (late.status_code, problem_code(late)) == (412, "version_conflict")
    assert core.states["11440"].config.name_en == "First"


def test_a_change_without_what_it_was_made_on_is_not_taken(api: Api, core: Core) -> None:
    put(api, a_config())
    missing = put(api, edited("Blind"))
    assert (missing.status_code, problem_code(missing)) == (428, "if_match_missing")
    assert len(api.writer.records) == 1  # nothing was recorded
    core.redis.hashes.clear()  # and with an emptied Redis the log says so
    blind = put(api, edited("Blind"))
    assert (blind.status_code, problem_code(blind)) == (409, "version_conflict")
    assert core.states["11440"].config.name_en == a_config().name_en


def test_a_change_needs_a_higher_version(api: Api, core: Core) -> None:
    put(api, a_config())
    same = put(api, edited("Other", 1), **{"If-Match": '"1"'})
    assert (same.status_code, problem_code(same)) == (409, "version_not_newer")
    assert "version" in same.json()["remedy"]["ko"]
    assert put(api, edited("Other"), **{"If-Match": "*"}).json()["outcome"] == "accepted"  # whatever stands there
    back = put(api, a_config(), **{"If-Match": '"2"'})  # not back by the old number: it was accepted once, it is not again
    assert (back.status_code, problem_code(back)) == (409, "version_not_newer")


def test_repeats_are_repeats(api: Api, core: Core) -> None:
    first = put(api, a_config()).json()
    assert put(api, a_config()).json() == {**first, "repeated": True}
    done = put(api, edited("First"), **{"If-Match": '"1"'}).json()
    again = put(api, edited("First"), **{"If-Match": '"1"'}).json()
    assert again == {**done, "repeated": True}  # its answer was lost: no conflict with itself
    assert put(api, edited("First")).json()["outcome"] == "duplicate"
    assert in_force(api) == ("First", '"2"')


def test_nothing_stands_there_to_be_changed(api: Api, core: Core) -> None:
    for given in ("*", '"1"'):
        absent = put(api, a_config(), **{"If-Match": given})
        assert (absent.status_code, problem_code(absent)) == (412, "version_conflict")
    assert put(api, a_config(), **{"If-Match": "W/7"}).status_code == 422


def test_each_district_is_edited_for_itself(api: Api, core: Core) -> None:
    other = a_config("11410", "-s")
    put(api, a_config())
    put(api, other)
    assert put(api, edited("Mapo"), **{"If-Match": '"1"'}).json()["outcome"] == "accepted"
    assert put(api, replace(other, version=2, name_en="Eunpyeong"), **{"If-Match": '"1"'}).json()["outcome"] == "accepted"
    assert in_force(api) == ("Mapo", '"2"')
    assert in_force(api, "11410") == ("Eunpyeong", '"2"')


def homes(api: Api) -> dict[tuple[str, str], str]:
    return {key: found[0].organisation for key, found in api.doors.registry.list_roster().items()}


def comes_to_be(what: Callable[[], bool]) -> bool:
    give_up_at = time.monotonic() + WITHIN_S
    while not what() and time.monotonic() < give_up_at:
        time.sleep(0.005)
    return what()


def test_who_is_who_follows_what_is_in_force_and_not_what_was_refused(api: Api, core: Core) -> None:
    config = a_config()
    put(api, config)
    before = homes(api)
    worker = config.workers[0]
    moved = (replace(worker, organisation="coop-z"), *config.workers[1:])
    for refused in (edited("Refused", 1, workers=()), edited("Refused", 1, workers=moved)):
        assert problem_code(put(api, refused, **{"If-Match": '"1"'})) == "version_not_newer"
        assert homes(api) == before
    put(api, edited("Taken", workers=moved), **{"If-Match": '"1"'})
    assert comes_to_be(lambda: homes(api)["worker", worker.worker_id] == "coop-z")
    put(api, edited("Gone", 3, workers=()), **{"If-Match": '"2"'})
    assert comes_to_be(lambda: ("worker", worker.worker_id) not in homes(api))
