"""Whatever route shows personal data writes down first who read whose: over every route of the API's description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.api.roles import Role
from streams.adapters.masks import mask_name, mask_phone
from streams.adapters.persons import Kin, Person, WorkerPerson
from streams.adapters.registry import Registry
from tests.unit.api.scoped_world import MAPO, OWN_DONG, ScopedWorld, scoped_world
from tests.unit.api.test_role_matrix import BODIES, MAY, ask

PERSON = Person(
    recipient_id="R-own", name="선우은숙", phone="010-9876-5432", address="월드컵북로 396", door_code="7788#",
    note="왼쪽 귀가 어두우심", kin=(Kin(name="독고영재", phone="010-2345-6789"),),
)  # fmt: skip
WORKER = WorkerPerson(worker_id="w-own", name="제갈공명", phone="010-3456-7890")
LOGIN, NAME = "hwangbo@mapo.example", "황보인자"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScopedWorld]:
    with scoped_world(tmp_path_factory.mktemp("reads")) as made:
        doors = made.api.doors
        doors.registry.put_recipients([PERSON], {"R-own": (MAPO, OWN_DONG)})
        doors.registry.put_workers([WORKER])
        doors.accounts.create(LOGIN, NAME, "operator", "{}", "test")
        yield made


def personal(person: dict[str, str]) -> set[str]:
    """What of a person may stand in an answer, in the clear or masked."""
    clear = set(person.values()) - {""}
    return clear | {mask_name(person["name"])} | ({mask_phone(person["phone"])} if person.get("phone") else set())


OF_WHOM = {
    "R-own": personal({"name": PERSON.name, "phone": PERSON.phone, "a": PERSON.address, "d": PERSON.door_code, "n": PERSON.note})
    | personal({"name": PERSON.kin[0].name, "phone": PERSON.kin[0].phone}),
    "w-own": personal({"name": WORKER.name, "phone": WORKER.phone}),
    "account": {LOGIN, NAME},
}
PUT_BY_THE_CALLER = {"POST /v1/recipients:batch", "POST /v1/workers:batch", "POST /v1/accounts"}
"""What they tell is what was just sent; batches would replace the people that this test looks for."""


def test_every_route_that_shows_a_person_has_written_it_down(world: ScopedWorld) -> None:
    registry, shows = world.api.doors.registry, {}
    for operation in sorted(set(MAY) - PUT_BY_THE_CALLER - {"DELETE /v1/all-access", "DELETE /v1/keys/{key_id}"}):
        row = max((one.row for one in registry.list_reads(None)), default=0)
        answer = ask(world, Role.OPERATOR, operation, "own")
        shown = {whose for whose, texts in OF_WHOM.items() if any(said(answer, one) for one in texts)}
        logged = {one.subject.rpartition(":")[0] or one.subject for one in registry.list_reads(None, row)}
        logged |= {one.subject.rpartition(":")[2] for one in registry.list_reads(None, row)}
        assert shown <= logged, operation
        if shown:
            shows[operation] = shown
    # Were there none, the test would look past everything.
    assert {"POST /v1/people/names", "GET /v1/accounts"} <= set(shows)
    assert shows["POST /v1/people/names"] == {"R-own", "w-own"}
    assert "R-own" in shows["GET /v1/visits/{visit_id}/contact"]
    assert shows["GET /v1/workers/{worker_id}/contact"] == {"w-own"}


def test_whom_to_telephone_is_told_in_the_clear_and_no_door_code(world: ScopedWorld) -> None:
    rows = world.call(Role.OPERATOR, "GET", "/v1/visits").json()["items"]
    visit = next(one["visit_id"] for one in rows if one["recipient_id"] == "R-own")
    answer = world.call(Role.CARE_MANAGER, "GET", f"/v1/visits/{visit}/contact")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["recipient"] == {
        "name": PERSON.name, "phone": PERSON.phone, "address": PERSON.address,
        "kin": [{"name": PERSON.kin[0].name, "phone": PERSON.kin[0].phone}],
    }  # fmt: skip
    assert PERSON.door_code not in answer.text
    assert PERSON.note not in answer.text
    last = world.api.doors.registry.list_reads("R-own", 0, 1000)[-1]
    assert (last.actor.partition(":")[0], last.fields) == ("care_manager", "name,phone,address,kin")
    assert world.call(Role.AUDITOR, "GET", f"/v1/visits/{visit}/contact").status_code == 404


def said(answer: Any, text: str) -> bool:
    return text in answer.text or json.dumps(text)[1:-1] in answer.text


def test_bodies_of_the_matrix_are_there_for_every_route_with_one() -> None:
    assert set(BODIES) <= set(MAY)


def test_one_persons_own_log_is_handed_out(world: ScopedWorld) -> None:
    world.call(Role.CARE_MANAGER, "POST", "/v1/people/names", json={"recipient_ids": ["R-own"]})
    items = world.call(Role.AUDITOR, "GET", "/v1/access-log?recipient=R-own").json()["items"]
    last = items[-1]
    assert last["actor"].startswith("care_manager:")
    assert (last["fields"], last["why"]) == (["name"], "live board")
    assert all(one["subject"].rpartition(":")[2] == "R-own" for one in items)


# The log itself, on both databases


@pytest.mark.parametrize("table", ["access_log", "account_events"])
def test_nobody_rewrites_what_was_read_or_done(registry: Registry, table: str) -> None:
    registry.log_read("operator:1", "recipient:R-1", "name", "test")
    with registry.engine.begin() as connection:
        connection.execute(text("INSERT INTO account_events (at, actor, subject, event) VALUES (:at, 'a', 'b', 'c')"), {"at": 4e9})
    for change in (f"UPDATE {table} SET actor = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError), registry.engine.begin() as connection:
            connection.execute(text(change))
    if registry.engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError), registry.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {table}"))
    with registry.engine.connect() as connection:
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 1
