"""Endpoints and secrets over the API: who may be sent to, rotation without a gap, and revocation at once."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from streams import topics
from streams.adapters.deliveries import Attempt, DeliveryStore
from streams.adapters.endpoint_tables import organisation_secrets
from streams.adapters.endpoints import EARLIER_KEPT
from streams.adapters.positions import Position
from streams.adapters.registry import Registry
from streams.adapters.webhook_bodies import Outgoing
from streams.contracts.inputs import EndpointReported
from tests.unit.api.fake_doors import Api, problem_code

BASE = "/v1/organisations/coop"
URL = "http://127.0.0.1:9000/hooks?key=abc"


def body(number: int) -> bytes:
    report = {
        "report_id": f"r-{number}", "kind": "shift_on", "worker_id": "W1", "occurred_at": "2026-03-02T00:00:00Z",
        "district": "11440",
    }  # fmt: skip
    return json.dumps({"type": "reports", "data": {"reports": [report]}}).encode()


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/hooks", "https://169.254.169.254/latest/meta-data", "https://[::1]/", "http://8.8.8.8/hooks"]
)
def test_private_and_plain_addresses_are_refused(api: Api, url: str) -> None:
    answer = api.call("PUT", f"{BASE}/endpoint", json={"url": url})
    assert (answer.status_code, problem_code(answer)) == (422, "endpoint_not_allowed")
    assert api.call("GET", f"{BASE}/endpoints").json()["items"] == []


def test_an_organisation_has_several_addresses_each_with_its_types_and_secret(api: Api) -> None:
    main = api.call("PUT", f"{BASE}/endpoint", json={"url": URL}).json()
    archive = api.call("PUT", f"{BASE}/endpoints/archive", json={"url": URL, "types": ["offer.made"]}).json()
    assert main["secret_out"] != archive["secret_out"]
    assert main["secret_in"] == archive["secret_in"]
    listed = api.call("GET", f"{BASE}/endpoints")
    assert [(one["name"], one["types"], one["disabled"]) for one in listed.json()["items"]] == [
        ("archive", ["offer.made"], False), ("main", [], False),
    ]  # fmt: skip
    assert "whsec_" not in listed.text
    assert "abc" not in listed.text
    assert api.call("DELETE", f"{BASE}/endpoints/archive", headers={"If-Match": "*"}).status_code == 204
    assert problem_code(api.call("DELETE", f"{BASE}/endpoints/archive")) == "unknown_endpoint"


def test_while_the_incoming_secret_is_rotated_either_is_accepted(api: Api) -> None:
    before = api.call("PUT", f"{BASE}/endpoint", json={"url": URL}).json()["secret_in"]
    after = api.call("POST", f"{BASE}/secret/rotate", json={}).json()["secret_in"]
    assert before != after
    assert [api.webhook("coop", f"m{n}", body(n), secret=one).status_code for n, one in enumerate((before, after))] == [202, 202]
    last = api.call("POST", f"{BASE}/secret/rotate", json={"overlap_s": 0}).json()["secret_in"]
    statuses = [api.webhook("coop", f"n{n}", body(n), secret=one).status_code for n, one in enumerate((before, after, last))]
    assert statuses == [401, 401, 202]


def test_an_outgoing_secret_is_rotated(api: Api) -> None:
    before = api.call("PUT", f"{BASE}/endpoint", json={"url": URL}).json()["secret_out"]
    after = api.call("POST", f"{BASE}/endpoints/main/rotate", json={"overlap_s": 60}).json()["secret_out"]
    assert before != after
    assert api.doors.registry.get_endpoint("coop").secrets_out == (after, before)
    assert problem_code(api.call("POST", f"{BASE}/endpoints/other/rotate", json={})) == "unknown_endpoint"


def test_a_second_rotation_does_not_cut_the_first_ones_time_short(registry: Registry) -> None:
    """The answer was lost and it was asked for again, or two people did it: the organisation still signs with the first."""
    endpoints = registry.endpoints
    first = endpoints.put("coop", URL)
    for _ in range(2):
        endpoints.rotate("coop", "main")
        endpoints.rotate_in("coop")
    assert first.secret_in in endpoints.secrets_in("coop")
    assert first.secret_out in endpoints.get("coop").secrets_out
    assert (len(set(endpoints.secrets_in("coop"))), len(set(endpoints.get("coop").secrets_out))) == (3, 3)
    for _ in range(9):
        endpoints.rotate("coop", "main")
    assert len(endpoints.get("coop").secrets_out) == 1 + EARLIER_KEPT
    assert endpoints.rotate("coop", "main", overlap_s=0).secrets_out_before == ()  # one that leaked takes all before it along
    assert endpoints.get("coop").secrets_out == (endpoints.get("coop").secret_out,)


def test_each_secret_goes_on_until_its_own_time(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoints = registry.endpoints
    first = endpoints.put("coop", URL)
    second = endpoints.rotate_in("coop", overlap_s=60)[0]
    third = endpoints.rotate_in("coop", overlap_s=3600)[0]
    now = time.time()
    for later_s, hold in ((0, (third, second, first.secret_in)), (61, (third, second)), (3601, (third,))):
        monkeypatch.setattr(time, "time", lambda later_s=later_s: now + later_s)
        assert endpoints.secrets_in("coop") == hold


def test_whoever_sends_hears_of_every_change_and_reads_only_what_changed(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoints = registry.endpoints
    for name in ("main", "archive"):
        endpoints.put("coop", URL, name)
    first = endpoints.read_all({})
    assert {key: one.endpoint for key, one in first.items()} == {
        ("coop", name): endpoints.get("coop", name) for name in ("main", "archive")
    }
    endpoints.rotate("coop", "archive", overlap_s=60)
    second = endpoints.read_all(first)
    assert second["coop", "main"] is first["coop", "main"]
    assert second["coop", "archive"].endpoint == endpoints.get("coop", "archive")
    assert len(second["coop", "archive"].endpoint.secrets_out) == 2
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert len(endpoints.read_all(second)["coop", "archive"].endpoint.secrets_out) == 1
    endpoints.rotate_in("coop", overlap_s=0)
    endpoints.disable("coop", "main")
    third = endpoints.read_all(second)
    assert {key: one.endpoint for key, one in third.items()} == {
        ("coop", name): endpoints.get("coop", name) for name in ("main", "archive")
    }
    endpoints.remove("coop", "archive")
    assert list(endpoints.read_all(third)) == [("coop", "main")]


def test_of_rotations_at_the_same_time_each_secret_that_was_handed_out_holds(registry: Registry) -> None:
    registry.endpoints.put("coop", URL)
    with ThreadPoolExecutor(3) as pool:
        handed_out = list(pool.map(lambda _: registry.endpoints.rotate_in("coop")[0], range(3)))
    assert set(handed_out) <= set(registry.endpoints.secrets_in("coop"))


def test_a_secret_that_an_older_version_kept_still_holds(registry: Registry) -> None:
    endpoints = registry.endpoints
    before = endpoints.put("coop", URL).secret_in
    endpoints.rotate_in("coop")
    with registry.engine.begin() as connection:
        sealed = endpoints._seal(connection, "coop", before)
        connection.execute(update(organisation_secrets).values(secret_before=sealed))
    assert endpoints.secrets_in("coop")[1:] == (before,)


def test_setting_a_disabled_address_again_tells_the_districts(api: Api) -> None:
    registry = api.doors.registry
    registry.put_roster("11440", ["coop"], {}, {})
    api.call("PUT", f"{BASE}/endpoint", json={"url": URL})
    registry.endpoints.disable("coop", reason="gone")
    assert api.call("PUT", f"{BASE}/endpoint", json={"url": URL}).status_code == 200
    (said,) = [one.read_payload() for one in api.writer.envelopes(topics.COMMANDS)]
    assert isinstance(said, EndpointReported)
    assert (said.organisation, said.endpoint, said.status) == ("coop", "main", "up")
    assert not registry.get_endpoint("coop").disabled


def test_what_was_sent_is_seen_and_sent_again(api: Api) -> None:
    registry = api.doors.registry
    store = DeliveryStore(registry.engine, registry.endpoints.seal_answer)
    made = Outgoing(
        effect_id="11440-5-0", journal_offset=5, index=0, district="11440", organisation="coop", type="offer.made", body=b"{}",
        keys=("o1",),
    )  # fmt: skip
    api.call("PUT", f"{BASE}/endpoint", json={"url": URL})
    (delivery,) = store.store(0, None, Position(6, "a"), [made], [], {})
    delivery.status, delivery.attempts, delivery.answer = "given_up", 1, "503"
    store.record_attempts([(delivery, Attempt(attempt=1, at=1.0, answer="503", latency_ms=3, response=b"busy"))])
    (row,) = api.call("GET", f"{BASE}/deliveries?status=given_up").json()["items"]
    assert (row["effect_id"], row["type"], row["answer"]) == ("11440-5-0", "offer.made", "503")
    (attempt,) = api.call("GET", f"{BASE}/deliveries/11440-5-0").json()["attempts"]
    assert (attempt["answer"], attempt["latency_ms"], attempt["response"]) == ("503", 3, "busy")
    assert problem_code(api.call("GET", f"{BASE}/deliveries/11440-9-9")) == "unknown_delivery"
    assert problem_code(api.call("POST", f"{BASE}/deliveries/11440-9-9/resend", json={})) == "unknown_delivery"
    assert api.call("POST", f"{BASE}/deliveries/11440-5-0/resend", json={}).json() == {"marked": 1}
    assert len(store.take_again(0)) == 1
    recovered = api.call("POST", f"{BASE}/deliveries:recover", json={"since": "2026-01-01T00:00:00Z"})
    assert (recovered.status_code, recovered.json()) == (202, {"marked": 1})
