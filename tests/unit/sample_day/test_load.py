"""A day goes in through the public API: people in batches, endpoints, the district last; again on 503; codes only in errors."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from msgspec import structs

from services.sample_day import load
from services.sample_day.day import Day
from services.sample_day.generate import generate_day
from services.sample_day.load import LoadFailed, file_visits, load_day
from services.sample_day.read_day import read_day
from streams.contracts import codec
from streams.contracts.district import DistrictConfig


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return read_day(generate_day("mapo", 1, tmp_path))


class FakeApi:
    """Answers like the API, and remembers what came."""

    def __init__(self, fail: list[httpx.Response | Exception] | None = None) -> None:
        self.calls: list[tuple[str, str, dict[str, object]]] = []
        self.fail = fail or []
        self.slept: list[float] = []
        self.in_force: DistrictConfig | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.fail:
            failure = self.fail.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure
        assert request.headers["authorization"] == "Bearer secret"
        if request.method == "GET":
            return httpx.Response(200, content=codec.encode(self.in_force))
        self.calls.append((request.method, request.url.path, json.loads(request.content)))
        if request.url.path.startswith("/v1/districts/"):
            return self.configure(request)
        if request.url.path.endswith("/endpoint"):
            assert request.headers["if-match"] == "*"  # another port than last time is no conflict
            return httpx.Response(200, json={"secret_out": "whsec_out", "secret_in": "whsec_in"})
        return httpx.Response(202, json={"command_id": "c"})

    def configure(self, request: httpx.Request) -> httpx.Response:
        config = codec.decode(request.content, DistrictConfig)
        version = self.in_force.version if self.in_force else 0
        if self.in_force not in (None, config):
            if "if-match" not in request.headers:
                return httpx.Response(428, json={"code": "if_match_missing"})
            assert request.headers["if-match"] == f'"{version}"'
            if config.version <= version:
                return httpx.Response(409, json={"code": "version_not_newer"})
        self.in_force = config
        return httpx.Response(200, json={"command_id": "c", "outcome": "accepted"})

    def load(self, day: Day) -> dict[str, dict[str, str]]:
        return load_day(day, "http://api", "secret", "http://world:8090/", transport=httpx.MockTransport(self),
                        sleep=self.slept.append)  # fmt: skip


def test_people_endpoints_and_the_district_last(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "BATCH", 20)
    api = FakeApi()
    secrets = api.load(day)
    assert set(secrets) == {provider.provider_id for provider in day.config.providers}
    assert secrets["RC1"] == {"secret_out": "whsec_out", "secret_in": "whsec_in"}
    batches = [body["recipients"] for _, path, body in api.calls if path == "/v1/recipients:batch"]
    assert [len(batch) for batch in batches] == [20] * (len(day.recipients) // 20) + [len(day.recipients) % 20]  # type: ignore[arg-type]
    dong_of = {visit.body["recipient_id"]: visit.body["dong"] for visit in reversed(day.visits)}
    homes = {one["recipient_id"]: (one["district"], one["dong"]) for batch in batches for one in batch}  # type: ignore[attr-defined]
    assert homes == {id_: (day.config.district, dong) for id_, dong in dong_of.items()}
    hooks = [body["url"] for method, path, body in api.calls if path == "/v1/organisations/RC1/endpoint" and method == "PUT"]
    assert hooks == ["http://world:8090/hooks/RC1"]
    method, path, body = api.calls[-1]
    assert (method, path) == ("PUT", "/v1/districts/11440")
    assert body["service_date"] == "2026-03-03"


def test_another_day_comes_after_the_one_that_was_loaded(day: Day) -> None:
    api = FakeApi()
    tomorrow = replace(day, config=structs.replace(day.config, service_date="2026-03-04"))
    for one in (day, day, tomorrow, tomorrow, day):
        api.load(one)
    dates = [(body["version"], body["service_date"]) for _, path, body in api.calls if path == "/v1/districts/11440"]
    assert list(dict.fromkeys(dates)) == [(1, "2026-03-03"), (1, "2026-03-04"), (2, "2026-03-04"), (3, "2026-03-03")]
    assert api.in_force == structs.replace(day.config, version=3)


def test_a_configuration_that_the_core_refuses_is_told_at_once(day: Day) -> None:
    api = FakeApi()
    api.configure = lambda _: httpx.Response(422, json={"code": "bad_configuration"})  # type: ignore[method-assign]
    with pytest.raises(LoadFailed, match="PUT /v1/districts/11440: 422 bad_configuration"):
        api.load(day)


def test_it_tries_again_while_the_api_is_away(day: Day) -> None:
    api = FakeApi([httpx.ConnectError("refused"), httpx.Response(503, json={"code": "log_unavailable"})])
    assert api.load(day)
    assert api.slept == [0.1, 0.2]


def test_a_refusal_is_said_by_code_only(day: Day) -> None:
    name = day.recipients[0]["name"]
    api = FakeApi([httpx.Response(422, json={"code": "wrong_field", "detail": name})])
    with pytest.raises(LoadFailed, match="POST /v1/recipients:batch: 422 wrong_field") as failed:
        api.load(day)
    assert name not in str(failed.value)
    assert api.slept == []


def test_it_gives_up_in_the_end(day: Day) -> None:
    api = FakeApi([httpx.Response(503)] * 100)
    with pytest.raises(LoadFailed, match="503"):
        api.load(day)
    assert 30 < sum(api.slept) < 60


def test_without_a_world_nobody_is_given_an_endpoint(day: Day) -> None:
    api = FakeApi()
    transport = httpx.MockTransport(api)
    assert load_day(day, "http://api", "secret", None, transport=transport) == {}
    assert not [path for _, path, _ in api.calls if path.endswith("/endpoint")]
    assert api.calls[-1][1] == "/v1/districts/11440"


def test_the_folders_visits_can_be_filed_at_once(day: Day) -> None:
    api = FakeApi()
    assert file_visits(day, "http://api", "secret", transport=httpx.MockTransport(api)) == len(day.visits)
    assert [body["reference"] for _, path, body in api.calls if path == "/v1/visits"] == [v.body["reference"] for v in day.visits]
