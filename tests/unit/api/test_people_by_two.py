"""Two offices keep the same people: neither overwrites what it has not seen, and a first load needs nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from services.api.models import RecipientBody
from services.api.people_batches import judge
from services.api.problems import Problem
from services.api.roles import Role
from services.api.tags import recipient_tag
from streams.adapters.person_batches import KeptRecipient, put_recipients_as_judged
from streams.adapters.person_edits import change_person
from streams.adapters.persons import Person
from streams.adapters.registry import Registry
from tests.unit.api.fake_doors import Api, problem_code
from tests.unit.api.scoped_world import ScopedWorld, scoped_world

KIM = {
    "recipient_id": "R-1", "name": "김태용", "phone": "010-1234-5678", "address": "서울 마포구 1", "door_code": "*1234#",
    "kin": [{"name": "김하나", "phone": "010-9999-0000"}],
}  # fmt: skip
LEE = {"recipient_id": "R-2", "name": "이몽룡"}


def put(api: Api, *people: dict[str, Any], **headers: str) -> Any:
    return api.call("POST", "/v1/recipients:batch", json={"recipients": list(people)}, headers=headers)


def read(api: Api) -> Any:
    return api.call("GET", "/v1/recipients/R-1")


def moved(api: Api, address: str) -> None:
    """Somebody tells another address on the phone."""

    def change(person: Person) -> Person:
        return Person(recipient_id=person.recipient_id, name=person.name, phone=person.phone, address=address, kin=person.kin)

    assert change_person(api.doors.registry, "R-1", change) is not None


def address(api: Api) -> str:
    return str(read(api).json()["address"])


def row_codes(response: Any) -> list[tuple[int, str]]:
    assert (response.status_code, problem_code(response)) == (422, "batch_refused")
    for row in response.json()["rows"]:
        assert row["field"] in ("etag", "recipient_id", "worker_id")
        for words in (row["problem"], row["remedy"]):
            assert words["ko"]
            assert words["en"]
    return [(row["row"], row["code"]) for row in response.json()["rows"]]


def test_a_first_load_and_the_same_again_need_no_tag_and_every_item_is_answered(api: Api) -> None:
    first = put(api, KIM, LEE).json()
    assert first["stored"] == 2
    assert [(one["recipient_id"], one["outcome"]) for one in first["items"]] == [("R-1", "stored"), ("R-2", "stored")]
    again = put(api, KIM, LEE, {"recipient_id": "R-3", "name": "성춘향"}).json()
    assert [one["outcome"] for one in again["items"]] == ["unchanged", "unchanged", "stored"]
    assert [one["etag"] for one in again["items"]][:2] == [one["etag"] for one in first["items"]]


def test_whoever_is_there_is_replaced_only_as_they_were_read(api: Api) -> None:
    put(api, KIM, LEE)
    seen = read(api)
    assert seen.headers["etag"] == seen.json()["etag"]
    moved(api, "서울 마포구 2")
    for item, code in (({}, "if_match_missing"), ({"etag": seen.json()["etag"]}, "version_conflict")):
        late = put(api, {"recipient_id": "R-9", "name": "새사람"}, {**KIM, "phone": "010-5555-5555", **item})
        assert row_codes(late) == [(1, code)]
        assert address(api) == "서울 마포구 2"
        assert api.call("GET", "/v1/recipients/R-9").status_code == 404, "all or none"
    now = read(api).json()
    edited = {**{name: now[name] for name in ("recipient_id", "name", "address", "kin", "etag")}, "phone": "010-5555-5555"}
    done = put(api, edited)
    assert done.json()["items"][0]["outcome"] == "replaced"
    assert read(api).json()["phone"] == "010-5555-5555"
    assert read(api).headers["etag"] == done.json()["items"][0]["etag"]
    assert put(api, edited).json()["items"][0]["outcome"] == "unchanged", "the answer was lost, and it is sent again"


def test_whoever_means_it_replaces_whatever_is_there(api: Api) -> None:
    put(api, KIM)
    moved(api, "서울 마포구 2")
    assert put(api, {**KIM, "etag": "*"}).status_code == 200
    assert address(api) == "서울 마포구 1"
    moved(api, "서울 마포구 3")
    assert put(api, KIM, **{"If-Match": "*"}).status_code == 200
    assert address(api) == "서울 마포구 1"
    old = {**KIM, "phone": "", "etag": f'"{32 * "0"}"'}
    assert row_codes(put(api, old, **{"If-Match": "*"})) == [(0, "version_conflict")], "what an item says counts"
    assert problem_code(put(api, KIM, **{"If-Match": '"7"'})) == "wrong_field"


def test_who_was_erased_or_never_there_is_no_version_of_anything(api: Api) -> None:
    tag = put(api, KIM).json()["items"][0]["etag"]
    api.doors.registry.erase_recipient("R-1")
    assert read(api).status_code == 404
    assert row_codes(put(api, {**KIM, "etag": tag}, {**LEE, "etag": tag})) == [(0, "version_conflict"), (1, "version_conflict")]
    assert put(api, KIM).json()["items"][0]["outcome"] == "stored"  # she came back and consented again


def test_nobody_stands_twice_in_a_batch(api: Api) -> None:
    assert row_codes(put(api, KIM, LEE, {**KIM, "phone": ""})) == [(2, "wrong_field")]
    assert read(api).status_code == 404


def test_a_door_code_is_never_read_back_and_is_kept_when_it_is_not_said(api: Api) -> None:
    put(api, KIM)
    seen = read(api)
    assert KIM["door_code"] not in seen.text
    assert seen.json()["has_door_code"] is True
    edited = {"recipient_id": "R-1", "name": "김태용", "address": "서울 마포구 2", "etag": seen.json()["etag"]}
    assert put(api, edited).status_code == 200
    person = api.doors.registry.find_person("R-1")
    assert person is not None
    assert (person.door_code, person.address) == ("*1234#", "서울 마포구 2")
    assert put(api, {**edited, "etag": "*", "door_code": ""}).status_code == 200
    assert read(api).json()["has_door_code"] is False


def test_a_record_is_read_by_whose_it_is_and_each_look_is_written_down(tmp_path: Any) -> None:
    with scoped_world(tmp_path) as world:
        assert world.call(Role.CARE_MANAGER, "GET", "/v1/recipients/R-own").json()["dong"] == "1144066000"
        assert codes_of_reads(world) == [("R-own", "name,phone,address,note,kin")]
        for role, whose in ((Role.CARE_MANAGER, "R-other"), (Role.COOP_DISPATCHER, "R-own"), (Role.AUDITOR, "R-own")):
            assert world.call(role, "GET", f"/v1/recipients/{whose}").status_code == 404
        assert len(codes_of_reads(world)) == 1


def codes_of_reads(world: ScopedWorld) -> list[tuple[str, str]]:
    return [(one.subject.rpartition(":")[2], one.fields) for one in world.api.doors.registry.list_reads(None)]


def test_an_organisation_reads_its_own_workers_with_their_tag_and_nobody_elses(tmp_path: Any) -> None:
    with scoped_world(tmp_path) as world:
        own = world.call(Role.PROVIDER_STAFF, "GET", "/v1/workers/w-own")
        assert (own.json()["name"], own.headers["etag"]) == ("박own더", own.json()["etag"])
        item = {"worker_id": "w-own", "name": "박하나", "etag": own.json()["etag"]}
        assert world.call(Role.PROVIDER_STAFF, "POST", "/v1/workers:batch", json={"workers": [item]}).status_code == 200
        last = world.api.doors.registry.list_reads(None)[-1]
        assert (last.actor.partition(":")[0], last.subject, last.fields) == ("provider_staff", "worker:w-own", "name,phone")
        for whose in ("w-other", "w-far", "w-nobody"):
            assert problem_code(world.call(Role.PROVIDER_STAFF, "GET", f"/v1/workers/{whose}")) == "unknown_worker"
        assert world.call(Role.CARE_MANAGER, "GET", "/v1/workers/w-own").status_code == 404


def test_workers_likewise(api: Api) -> None:
    def store(**item: str) -> Any:
        return api.call("POST", "/v1/workers:batch", json={"workers": [{"worker_id": "W-1", "name": "박하", **item}]})

    assert store(phone="010-1111-2222").json()["items"][0]["outcome"] == "stored"
    seen = api.call("GET", "/v1/workers/W-1/contact").headers["etag"]
    assert row_codes(store(phone="010-3333-4444")) == [(0, "if_match_missing")]
    assert store(phone="010-3333-4444", etag=seen).json()["items"][0]["outcome"] == "replaced"
    assert row_codes(store(phone="010-5555-6666", etag=seen)) == [(0, "version_conflict")]
    assert api.call("GET", "/v1/workers/W-1/contact").json()["phone"] == "010-3333-4444"


@pytest.mark.parametrize("is_there", [False, True])
def test_of_eight_at_the_same_time_one_is_stored_and_seven_are_told(registry: Registry, is_there: bool) -> None:
    tag: str | None = None
    if is_there:
        registry.put_recipients([Person(recipient_id="R-1", name="김태용")])
        tag = recipient_tag(registry, KeptRecipient(Person(recipient_id="R-1", name="김태용"), ("", "")))
    together = Barrier(8)

    def store(number: int) -> bool:
        item = RecipientBody(recipient_id="R-1", name="김태용", note=f"by {number}", etag=tag)
        mine = KeptRecipient(Person(recipient_id="R-1", name="김태용", note=item.note), ("", ""))
        together.wait()
        try:
            put_recipients_as_judged(
                registry, ["R-1"],
                lambda known: judge([item], [known.get("R-1")], [mine], lambda one: recipient_tag(registry, one), False),
            )  # fmt: skip
        except Problem:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(store, range(8)))
    assert sum(made) == 1
    found = registry.find_person("R-1")
    assert found is not None
    assert found.note == f"by {made.index(True)}"
