"""How people wish to be told, as the office sets it: kept through a new import, masked on the way out, every read logged."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.api.fake_doors import Api, problem_code

MOTHER = {
    "recipient_id": "R-1", "name": "김태용", "phone": "010-1234-5678",
    "kin": [{"name": "김하나", "phone": "010-9999-0000"}, {"name": "김두리", "phone": "010-8888-0000"}],
}  # fmt: skip
URL = "/v1/recipients/R-1/notices"


@pytest.fixture(autouse=True)
def stored(api: Api) -> None:
    assert api.call("POST", "/v1/recipients:batch", json={"recipients": [MOTHER]}).status_code == 200


def put(api: Api, **body: Any) -> Any:
    return api.call("PUT", URL, json=body, headers={"If-Match": "*"})


def test_until_somebody_says_otherwise_it_is_kakao_then_sms_then_voice_and_no_kin(api: Api) -> None:
    found = api.call("GET", URL).json()
    assert (found["channels"], found["language"], found["quiet_from"]) == (["kakao", "sms", "voice"], "ko", "")
    assert [kin["notify"] for kin in found["kin"]] == [False, False]


def test_what_was_set_stays_when_the_person_is_imported_again(api: Api) -> None:
    wished = {
        "channels": ["sms", "voice"], "language": "en", "quiet_from": "20:00", "quiet_until": "09:30",
        "kin": [{"notify": True, "channels": ["sms"], "language": "ko"}, {"notify": False}],
    }  # fmt: skip
    assert put(api, **wished).status_code == 200
    kin = [{"name": "김막내", "phone": "010-7777-0000"}, *MOTHER["kin"]]  # type: ignore[misc]
    again = {**MOTHER, "etag": "*", "phone": "010-1111-2222", "kin": kin}
    assert api.call("POST", "/v1/recipients:batch", json={"recipients": [again]}).status_code == 200
    found = api.call("GET", URL).json()
    assert (found["channels"], found["language"], found["quiet_until"]) == (["sms", "voice"], "en", "09:30")
    assert [(kin["notify"], kin["channels"]) for kin in found["kin"]] == [
        (False, ["kakao", "sms", "voice"]), (True, ["sms"]), (False, ["kakao", "sms", "voice"]),
    ]  # fmt: skip
    assert [kin["language"] for kin in found["kin"]] == ["", "ko", ""], "not said, the recipient's"
    person = api.doors.registry.find_person("R-1")
    assert person is not None
    assert person.phone == "010-1111-2222"


def test_another_language_of_kin_is_another_version(api: Api) -> None:
    before = api.call("GET", URL).headers["etag"]
    put(api, kin=[{"notify": False, "language": "en"}, {"notify": False}])
    assert api.call("GET", URL).headers["etag"] != before


def test_names_and_numbers_come_out_masked_and_every_look_is_logged(api: Api) -> None:
    answer = api.call("GET", URL)
    assert "김하나" not in answer.text
    assert "9999-0000" not in answer.text
    assert answer.json()["kin"][0]["phone"] == "010-9999-****"
    assert answer.headers["cache-control"] == "no-store"
    assert [read.why for read in api.doors.registry.list_reads("R-1")] == ["notices wished"]


@pytest.mark.parametrize(
    "body",
    [
        {"channels": ["pigeon"]}, {"channels": ["sms", "sms"]}, {"language": "fr"}, {"quiet_from": "20:00"},
        {"quiet_from": "25:00", "quiet_until": "08:00"}, {"kin": [{"notify": True}]}, {"phone": "010-1234-5678"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_changes_nothing(api: Api, body: dict[str, Any]) -> None:
    before = api.call("GET", URL).json()
    refused = put(api, **body)
    assert refused.status_code == 422
    assert "010-1234-5678" not in refused.text
    assert api.call("GET", URL).json() == before


def test_nobody_and_the_erased_are_answered_alike(api: Api) -> None:
    api.doors.registry.erase_recipient("R-1")
    for url in (URL, "/v1/recipients/R-404/notices"):
        assert problem_code(api.call("GET", url)) == "unknown_recipient"
        assert problem_code(api.call("PUT", url, json={})) == "unknown_recipient"
