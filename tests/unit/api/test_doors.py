"""What the doors append: ids, envelopes, defaults; who may call; what a webhook may do."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.api.auth import Keyring
from streams import topics
from streams.contracts.codec import to_builtins
from streams.contracts.district import (
    Area,
    DistrictConfig,
    Kitchen,
    ModeConfig,
    Place,
    Provider,
    ProviderKind,
    TravelConfig,
    WorkerKind,
    WorkerProfile,
)  # fmt: skip
from streams.contracts.inputs import (
    AcknowledgeException,
    CancelVisit,
    ConfigureDistrict,
    CorrectVisit,
    KitchenReported,
    ReportConcern,
    RequestVisit,
    WorkerReported,
)  # fmt: skip
from tests.unit.api.fake_doors import Api, from_our_page, problem_code
from tests.unit.api.test_bad_input import MEAL, VISIT

CHECKOUT = Path(__file__).parents[3]
T0 = datetime(2026, 11, 3, tzinfo=UTC)


def a_config(district: str = "11440", suffix: str = "") -> DistrictConfig:
    """A district with one co-operative (one rider), one kitchen; ids end with `suffix`."""
    here = Place(126.909, 37.556)
    rider = WorkerProfile(
        worker_id=f"rider-1{suffix}", kind=WorkerKind.RIDER, organisation="coop-a", area_id="A", mode="bicycle",
        shift_start_at=T0, shift_end_at=T0, start=here,
    )  # fmt: skip
    return DistrictConfig(
        version=1, district=district, name_ko="마포구", name_en="Mapo-gu", service_date="2026-11-03", dongs=(),
        areas=(Area(area_id="A", name_ko="가", name_en="A", dong_codes=(), responsible_enterprise="firm-a"),),
        providers=(Provider(provider_id="coop-a", name_ko="가", name_en="A", kind=ProviderKind.RIDER_COOP),),
        kitchens=(Kitchen(kitchen_id=f"K-1{suffix}", provider_id="coop-a", name_ko="가", name_en="A", place=here),),
        workers=(rider,), travel=TravelConfig(modes={"bicycle": ModeConfig(detour=1.35, speed_m_per_s=4.2)}),
    )  # fmt: skip


def report(report_id: str, **more: Any) -> dict[str, Any]:
    return {
        "report_id": report_id, "kind": "arrived", "occurred_at": "2026-11-03T02:10:00Z", "worker_id": "rider-1", **more,
    }  # fmt: skip


def reports(*items: Any) -> bytes:
    return json.dumps({"type": "reports", "timestamp": "x", "data": {"reports": list(items)}}).encode()


@pytest.fixture
def coop(api: Api) -> Api:
    """Mapo is configured, and coop-a has its secrets."""
    assert api.call("PUT", "/v1/districts/11440", json=to_builtins(a_config())).status_code == 202
    assert api.call("PUT", "/v1/organisations/coop-a/endpoint", json={"url": "http://127.0.0.1:9/h"}).status_code == 200
    return api


# Requests


def test_a_visit_is_one_envelope_with_defaults(api: Api) -> None:
    answer = api.call("POST", "/v1/visits", json={**VISIT, "place": {"lon": 126.90949, "lat": 37.5554}}).json()
    (envelope,) = api.writer.envelopes(topics.REQUESTS_DAILY)
    payload = envelope.read_payload()
    assert isinstance(payload, RequestVisit)
    assert (payload.visit_id, payload.command_id) == (answer["visit_id"], answer["command_id"])
    assert (envelope.id, envelope.district, envelope.dong) == (payload.command_id, "11440", "1144066000")
    assert (envelope.actor, envelope.organisation) == ("operator", "")
    assert payload.place == Place(126.909, 37.555)
    assert payload.due_at == payload.window_end_at
    assert (payload.service_duration_s, payload.priority) == (600, 2)


def test_services_go_to_their_inboxes(api: Api) -> None:
    api.call("POST", "/v1/visits", json={**VISIT, **MEAL})
    api.call("POST", "/v1/visits", json={**VISIT, "service": "emergency_care"})
    assert len(api.writer.envelopes(topics.REQUESTS_MEAL)) == 1
    (emergency,) = api.writer.envelopes(topics.REQUESTS_EMERGENCY)
    assert emergency.read_payload().priority == 1  # type: ignore[attr-defined]


def test_the_same_key_and_body_are_the_same_command(api: Api) -> None:
    first, again = (api.call("POST", "/v1/visits", json=VISIT).json() for _ in range(2))
    spelled = api.call("POST", "/v1/visits", json={**VISIT, "window_start_at": "2026-11-03T11:00:00+09:00"}).json()
    assert again == spelled == {**first, "repeated": True}


def test_another_body_under_the_same_key_is_another_command_on_the_same_visit(api: Api) -> None:
    one = api.call("POST", "/v1/visits", json=VISIT).json()
    other = api.call("POST", "/v1/visits", json={**VISIT, "boxes": 2}).json()
    assert one["visit_id"] == other["visit_id"]
    assert one["command_id"] != other["command_id"]
    hashes = {e.read_payload().body_hash for e in api.writer.envelopes(topics.REQUESTS_DAILY)}  # type: ignore[attr-defined]
    assert len(hashes) == 2


def test_keys_are_the_senders_own(api: Api) -> None:
    def file(actor: str, key: str = "") -> str:
        headers = {"X-Dolbom-Actor": actor, **({"Idempotency-Key": key} if key else {})}
        return str(api.call("POST", "/v1/visits", json=VISIT, headers=headers).json()["visit_id"])

    ids = {file("operator"), file("care_manager:1144066000"), file("operator", "key-2")}
    assert len(ids) == 3
    assert file("operator", "SOS-1") == file("operator")


def test_a_visit_can_be_cancelled_before_any_board_shows_it(api: Api) -> None:
    visit_id = api.call("POST", "/v1/visits", json=VISIT).json()["visit_id"]
    response = api.call("POST", f"/v1/visits/{visit_id}/cancel", json={"reason": "recipient_asked"})
    assert response.status_code == 202
    (envelope,) = api.writer.envelopes(topics.COMMANDS)
    assert isinstance(envelope.read_payload(), CancelVisit)
    assert response.json()["command_id"] == envelope.id


def test_a_correction_carries_the_version_it_was_made_on(api: Api) -> None:
    body = {"outcome": "failed", "reason": "told_by_recipient", "expected_version": 7, "district": "11440"}
    assert api.call("POST", "/v1/visits/v-1/correct", json=body).status_code == 202
    (envelope,) = api.writer.envelopes(topics.COMMANDS)
    payload = envelope.read_payload()
    assert isinstance(payload, CorrectVisit)
    assert (payload.outcome, payload.reason, envelope.expected_version) == ("failed", "told_by_recipient", 7)
    assert problem_code(api.call("POST", "/v1/visits/v-1/correct", json={**body, "outcome": "gone"})) == "wrong_field"


def test_a_concern_and_an_acknowledgement_are_commands_and_a_repeat_is_the_same_one(api: Api) -> None:
    concern = {"district": "11440", "recipient_id": "R-1", "dong": "1144066000", "observation": "post_piling_up", "source": "kin"}
    first, again = (api.call("POST", "/v1/concerns", json=concern).json()["command_id"] for _ in range(2))
    assert first == again
    api.call("POST", "/v1/exceptions/x-1/acknowledge", json={"district": "11440"})
    kinds = [type(envelope.read_payload()) for envelope in api.writer.envelopes(topics.COMMANDS)]
    assert kinds == [ReportConcern, ReportConcern, AcknowledgeException]
    assert problem_code(api.call("POST", "/v1/concerns", json={**concern, "source": "김영자"})) == "wrong_field"


def test_a_free_text_reason_is_refused(api: Api) -> None:
    response = api.call("POST", "/v1/visits/v-1/cancel", json={"reason": "김태용 님이 원하심", "district": "11440"})
    assert problem_code(response) == "wrong_field"
    assert "김태용" not in response.text


def test_a_configuration_is_a_command(api: Api) -> None:
    config = a_config()
    response = api.call("PUT", "/v1/districts/11440", json=to_builtins(config))
    (envelope,) = api.writer.envelopes(topics.COMMANDS)
    assert envelope.read_payload() == ConfigureDistrict(command_id=response.json()["command_id"], config=config)
    wrong = api.call("PUT", "/v1/districts/11410", json=to_builtins(config))
    assert problem_code(wrong) == "unknown_district"


# Who calls


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "token_missing"),
        ({"Authorization": "Bearer wrong"}, "token_wrong"),
        ({"Authorization": "Basic {token}"}, "token_wrong"),
        ({"Authorization": "Bearer {token}", "X-Dolbom-Actor": "김태용"}, "wrong_field"),
        ({"Cookie": "{cookie}=1.2", "Origin": "http://testserver"}, "csrf_wrong"),
        ({"Cookie": "{cookie}=1.2", "Origin": "http://testserver", "X-Dolbom-CSRF": "{csrf}"}, "token_wrong"),
    ],
)
def test_without_the_token_nobody_comes_in(api: Api, headers: dict[str, str], code: str) -> None:
    known = {"token": api.token, "cookie": api.doors.keyring.cookie, "csrf": api.doors.keyring.csrf_of("1.2")}
    raw = {name: value.format(**known).encode() for name, value in headers.items()}
    response = api.client.post("/v1/visits", json=VISIT, headers=raw)
    assert problem_code(response) == code
    assert api.writer.records == []


def test_every_route_needs_the_token_but_the_named_ones(api: Api) -> None:
    paths = api.client.get("/openapi.json").json()["paths"]
    unguarded = set()
    for path, operations in paths.items():
        for method in operations:
            response = api.client.request(method, path.replace("{", "").replace("}", ""))
            assert str(response.status_code) in operations[method]["responses"], (method, path)
            if response.status_code != 401:
                unguarded.add((method, path))
    assert unguarded == {("get", "/healthz"), ("get", "/readyz"), ("post", "/v1/session")}


def test_a_session_serves_the_page_and_no_other_origin(api: Api) -> None:
    assert problem_code(api.client.post("/v1/session", json={"token": "wrong"})) == "token_wrong"
    opened = api.client.post("/v1/session", json={"token": api.token})
    cookie = opened.headers["set-cookie"]
    assert opened.status_code == 204
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert api.token not in cookie
    assert api.client.get("/v1/clock").status_code == 200
    assert problem_code(api.client.post("/v1/visits", json=VISIT)) == "token_missing"  # no browser: nobody says from where
    own = from_our_page(api.client)
    assert api.client.post("/v1/visits", json=VISIT, headers=own).status_code == 202
    foreign = {**own, "Origin": "http://127.0.0.1:3000"}
    assert problem_code(api.client.post("/v1/visits", json=VISIT, headers=foreign)) == "token_missing"


def test_a_session_ends(api: Api) -> None:
    keyring = Keyring("token", 8080)
    session = keyring.new_session(now=1000)
    assert keyring.opened_at(session, now=1000) == 1000
    assert keyring.opened_at(session, now=1000 + 13 * 3600) is None
    assert Keyring("another", 8080).opened_at(session, now=1000) is None
    opened, _, signature = session.partition(".")
    assert keyring.opened_at(f"{int(opened) + 1}.{signature}", now=1000) is None


# Webhooks


def test_reports_are_envelopes_of_their_organisation(coop: Api) -> None:
    response = coop.webhook("coop-a", "msg_1", reports(report("r-1", place={"x": 126.9094, "y": 37.5561}), report("r-2")))
    assert response.status_code == 202
    assert (response.json()["recorded"], response.json()["repeated"]) == (2, False)
    first, second = coop.writer.envelopes(topics.REPORTS)
    payload = first.read_payload()
    assert isinstance(payload, WorkerReported)
    assert (payload.report_id, payload.place) == ("r-1", Place(126.909, 37.556))
    assert (first.organisation, first.actor, first.district) == ("coop-a", "organisation:coop-a", "11440")
    assert first.id != second.id


def test_the_same_webhook_again_appends_nothing(coop: Api) -> None:
    body = reports(report("r-1"))
    coop.webhook("coop-a", "msg_1", body)
    again = coop.webhook("coop-a", "msg_1", body)
    assert (again.status_code, again.json()["repeated"]) == (202, True)
    assert len(coop.writer.envelopes(topics.REPORTS)) == 1


def test_the_same_webhook_id_with_another_body_is_refused(coop: Api) -> None:
    coop.webhook("coop-a", "msg_1", reports(report("r-1")))
    response = coop.webhook("coop-a", "msg_1", reports(report("r-2")))
    assert (response.status_code, problem_code(response)) == (409, "signature_repeated")
    assert len(coop.writer.envelopes(topics.REPORTS)) == 1


def test_what_the_broker_did_not_take_may_come_again(coop: Api) -> None:
    coop.writer.away = True
    assert problem_code(coop.webhook("coop-a", "msg_1", reports(report("r-1")))) == "log_unavailable"
    coop.writer.away = False
    again = coop.webhook("coop-a", "msg_1", reports(report("r-1")))
    assert again.json()["recorded"] == 1


def test_every_item_is_answered_for_itself(coop: Api) -> None:
    items = [report("r-1"), report("r-2", kind="sang"), {"report_id": "r-3"}, 7, report("r-5", reason="김태용 아픔")]
    response = coop.webhook("coop-a", "msg_1", reports(*items))
    answers = response.json()["items"]
    assert response.status_code == 202
    assert [answer["recorded"] for answer in answers] == [True, False, False, False, False]
    assert {answer["code"] for answer in answers[1:]} == {"wrong_field"}
    assert "김태용" not in response.text
    assert len(coop.writer.envelopes(topics.REPORTS)) == 1


def test_a_webhook_with_nothing_sound_in_it_is_refused_whole(coop: Api) -> None:
    response = coop.webhook("coop-a", "msg_1", reports(report("r-2", kind="sang")))
    assert (response.status_code, problem_code(response)) == (422, "wrong_field")
    assert coop.doors.registry.find_webhook("coop-a", "msg_1") is None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "not_json"),
        (b"\xff", 400, "not_json"),
        (b"[]", 422, "wrong_field"),
        (b'{"type":"songs","data":{}}', 422, "wrong_field"),
        (b'{"type":"reports","data":{}}', 422, "wrong_field"),
        (b'{"type":"reports","data":{"reports":[]}}', 422, "wrong_field"),
        (b'{"type":"kitchen","data":{}}', 422, "wrong_field"),
        (b'{"type":"positions","data":{"positions":[{"worker_id":"rider-1","x":NaN,"y":1,"at":"x"}]}}', 422, "wrong_field"),
        (
            b'{"type":"positions","data":{"positions":[{"worker_id":"rider-9","x":1,"y":1,"at":"2026-11-03T02:00:00Z"}]}}',
            404, "unknown_worker",
        ),
        (b" " * 10_000_000, 413, "too_large"),
    ],
)  # fmt: skip
def test_a_signed_but_bad_webhook_is_refused_by_type(coop: Api, body: bytes, status: int, code: str) -> None:
    before = len(coop.writer.records)
    response = coop.webhook("coop-a", "msg_1", body)
    assert (response.status_code, problem_code(response)) == (status, code)
    assert len(coop.writer.records) == before


def test_wrong_and_old_signatures_are_refused(coop: Api) -> None:
    body = reports(report("r-1"))
    other = "whsec_" + "B" * 43 + "="
    assert problem_code(coop.webhook("coop-a", "msg_1", body, secret=other)) == "signature_wrong"
    assert problem_code(coop.webhook("coop-a", "msg_1", body, at=1_600_000_000)) == "signature_old"
    assert problem_code(coop.webhook("coop-b", "msg_1", body, secret=other)) == "signature_wrong"
    assert problem_code(coop.client.post("/v1/webhooks/coop-a", content=body)) == "signature_wrong"
    malformed = {"webhook-signature": "v1,%%%"}
    assert problem_code(coop.webhook("coop-a", "msg_1", body, **malformed)) == "signature_wrong"
    assert coop.writer.envelopes(topics.REPORTS) == []


def test_a_kitchen_reports_for_itself(coop: Api) -> None:
    data = {
        "report_id": "k-1", "kitchen_id": "K-1", "ready_at": "2026-11-03T02:30:00Z", "occurred_at": "2026-11-03T02:00:00Z",
    }  # fmt: skip
    response = coop.webhook("coop-a", "msg_1", json.dumps({"type": "kitchen", "data": data}).encode())
    assert response.status_code == 202
    (envelope,) = coop.writer.envelopes(topics.REPORTS)
    assert isinstance(envelope.read_payload(), KitchenReported)


def test_positions_go_to_their_own_topic_rounded(coop: Api) -> None:
    positions = [
        {"worker_id": "rider-1", "x": 126.90949, "y": 37.55552, "at": "2026-11-03T02:00:00Z"},
        {"worker_id": "nobody", "x": 126.90949, "y": 37.55552, "at": "2026-11-03T02:00:00Z"},
    ]
    response = coop.webhook("coop-a", "p-1", json.dumps({"type": "positions", "data": {"positions": positions}}).encode())
    assert (response.status_code, response.json()["recorded"]) == (202, 1)
    ((_, _, raw),) = [record for record in coop.writer.records if record[0] == topics.POSITIONS]
    assert json.loads(raw) == [
        {"worker_id": "rider-1", "organisation": "coop-a", "x": 126.909, "y": 37.556, "at": "2026-11-03T02:00:00Z"}
    ]


def test_reports_find_their_district(api: Api) -> None:
    """An organisation in two districts: by its worker, or as the report says; else it is asked."""
    for district, suffix in (("11440", ""), ("11410", "-s")):
        api.call("PUT", f"/v1/districts/{district}", json=to_builtins(a_config(district, suffix)))
    api.call("PUT", "/v1/organisations/coop-a/endpoint", json={"url": "http://127.0.0.1:9/h"})
    body = reports(report("r-1", worker_id="rider-1-s"), report("r-2"), report("r-3", worker_id="", district="11410"))
    assert api.webhook("coop-a", "msg_1", body).json()["recorded"] == 3
    assert [e.district for e in api.writer.envelopes(topics.REPORTS)] == ["11410", "11440", "11410"]
    unclear = api.webhook("coop-a", "msg_2", reports(report("r-4", worker_id="")))
    assert problem_code(unclear) == "unknown_district"


# People


def test_names_come_masked_and_every_read_is_logged(api: Api) -> None:
    people = [{"recipient_id": "R-1", "name": "김태용", "kin": [{"name": "김철수", "phone": "010-1111-2222"}]}]
    assert api.call("POST", "/v1/recipients:batch", json={"recipients": people}).json()["stored"] == 1
    assert api.call("POST", "/v1/workers:batch", json={"workers": [{"worker_id": "W-1", "name": "박하"}]}).status_code == 200
    headers = {"X-Dolbom-Actor": "care_manager:1144066000"}
    wanted = {"recipient_ids": ["R-1", "R-2"], "worker_ids": ["W-1"]}
    names = api.call("POST", "/v1/people/names", json=wanted, headers=headers)
    assert names.json() == {"recipients": {"R-1": "김*용"}, "workers": {"W-1": "박*"}}
    with api.doors.registry.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT actor, subject FROM access_log ORDER BY subject").all()
    assert [tuple(row) for row in rows] == [
        ("care_manager:1144066000", subject) for subject in ("recipient:R-1", "recipient:R-2", "worker:W-1")
    ]
    assert api.writer.records == []


# The process


def test_the_api_process_loads_neither_faust_nor_a_solver() -> None:
    code = (
        "import sys, services.api.__main__\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('faust', 'ortools', 'routing', 'numba', 'aiokafka')"
        " or m.startswith(('streams.core', 'streams.agents'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_health_needs_nothing_and_readiness_names_what_is_away(api: Api) -> None:
    assert api.client.get("/healthz").json() == {"status": "ok"}
    ready = api.client.get("/readyz")
    assert ready.status_code == 503
    assert (ready.json()["redis"], ready.json()["registry"]) == ("away", "ok")


def test_the_page_comes_with_its_policy(api: Api) -> None:
    page = api.client.get("/")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert api.client.get("/static/board/index.html").status_code == 200
