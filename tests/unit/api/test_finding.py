"""Whom somebody means: found by the end of a number or the whole name, the caller's own only, and every look is written down."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.api.roles import Role
from streams.adapters.persons import Kin, Person
from streams.contracts import codec
from tests.unit.api.scoped_world import EUNPYEONG, FAR_DONG, MAPO, NUMBERS, OTHER_DONG, OWN_DONG, ScopedWorld, scoped_world, visit

PHONE = [Role.CARE_MANAGER, Role.COORDINATOR, Role.OPERATOR]
ENDING = NUMBERS["own"][-4:]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ScopedWorld]:
    with scoped_world(tmp_path) as made:
        yield made


def look(world: ScopedWorld, role: Role, **said: Any) -> Any:
    return world.call(role, "POST", "/v1/people/search", json=said)


def found(world: ScopedWorld, role: Role, **said: Any) -> list[tuple[str, str]]:
    return [(one["recipient_id"], one["whose"]) for one in look(world, role, **said).json()["recipients"]]


@pytest.mark.parametrize("role", PHONE)
def test_the_end_of_a_number_finds_whose_it_is_masked_with_todays_visits(world: ScopedWorld, role: Role) -> None:
    answer = look(world, role, ending=ENDING)
    assert answer.json() == {"recipients": [
        {"recipient_id": "R-own", "name": "김***용", "whose": "own", "district": MAPO, "dong": OWN_DONG, "visit_ids": ["v-own"]},
    ]}  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"
    read = world.api.doors.registry.list_reads("R-own")[-1]
    assert (read.actor.partition(":")[0], read.fields, read.why) == (role.value, "phone,name", "search")


def test_kin_and_the_name_however_it_is_spaced_find_them_too(world: ScopedWorld) -> None:
    people = [Person(recipient_id="R-2", name="Kim Bokyong", phone="", kin=(Kin("김나라", "010-7777-4321"),))]
    world.api.doors.registry.put_recipients(people, {"R-2": (MAPO, OWN_DONG)})
    assert found(world, Role.CARE_MANAGER, ending="4321") == [("R-2", "kin")]
    assert found(world, Role.CARE_MANAGER, name="kim  bok yong") == [("R-2", "own")]
    assert found(world, Role.CARE_MANAGER, name="kim bok") == []
    assert look(world, Role.CARE_MANAGER, name="kimbokyong").json()["recipients"][0]["visit_ids"] == []
    assert world.api.doors.registry.list_reads("R-2")[-1].fields == "name"


@pytest.mark.parametrize(
    ("role", "side"), [(Role.CARE_MANAGER, "other"), (Role.CARE_MANAGER, "far"), (Role.COORDINATOR, "far")]
)
def test_somebody_elses_is_answered_as_nobodys_and_is_not_said_to_have_been_read(
    world: ScopedWorld, role: Role, side: str
) -> None:
    theirs, nobody = look(world, role, ending=NUMBERS[side][-4:]), look(world, role, ending="9876")
    assert (theirs.status_code, theirs.content) == (nobody.status_code, nobody.content) == (200, b'{"recipients":[]}')
    registry = world.api.doors.registry
    assert registry.list_reads(f"R-{side}") == []
    assert [(one.subject, one.why) for one in registry.list_reads(None)][-2:] == [("nobody", "search")] * 2


def test_of_many_with_one_ending_each_sees_their_own(world: ScopedWorld) -> None:
    homes = {"R-own": (MAPO, OWN_DONG), "R-other": (MAPO, OTHER_DONG), "R-far": (EUNPYEONG, FAR_DONG)}
    people = [Person(recipient_id=id_, name="김복용", phone=f"010-{n}000-5555") for n, id_ in enumerate(homes, 1)]
    world.api.doors.registry.put_recipients(people, homes)
    for said in ({"ending": "5555"}, {"name": "김복용"}):
        assert found(world, Role.CARE_MANAGER, **said) == [("R-own", "own")]
        assert {id_ for id_, _ in found(world, Role.COORDINATOR, **said)} == {"R-own", "R-other"}
        assert {id_ for id_, _ in found(world, Role.OPERATOR, **said)} == set(homes)


def test_of_whom_it_was_not_said_whose_they_are_todays_visit_is_the_reason(world: ScopedWorld) -> None:
    world.redis.hashes["dolbom:board:11440"][b"v:v-2"] = codec.encode(visit("own", visit_id="v-2", recipient_id="R-2"))
    for id_ in ("R-2", "R-3"):
        world.api.doors.registry.put_recipients([Person(recipient_id=id_, name="김복용", phone="010-7777-4321")])
    (one,) = look(world, Role.CARE_MANAGER, ending="4321").json()["recipients"]
    assert (one["recipient_id"], one["district"], one["dong"], one["visit_ids"]) == ("R-2", MAPO, OWN_DONG, ["v-2"])
    assert {id_ for id_, _ in found(world, Role.OPERATOR, ending="4321")} == {"R-2", "R-3"}
    assert world.api.doors.registry.list_reads("R-3")[-1].actor.startswith("operator")


@pytest.mark.parametrize("body", [{}, {"ending": "567"}, {"ending": "56789"}, {"ending": "56-8"}, {"name": "김"},
                                  {"ending": "5678", "name": "김복용"}, {"ending": 5678}])  # fmt: skip
def test_what_is_no_question_is_refused_and_quotes_nothing(world: ScopedWorld, body: dict[str, Any]) -> None:
    refused = look(world, Role.COORDINATOR, **body)
    assert (refused.status_code, refused.json()["code"]) == (422, "wrong_field")
    assert not any(str(said) in refused.text for said in body.values())


def test_digits_and_names_stand_in_no_log_and_in_no_address(world: ScopedWorld, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        look(world, Role.COORDINATOR, ending="7391")
        look(world, Role.COORDINATOR, name="선우은숙")
    assert "7391" not in caplog.text
    assert "선우은숙" not in caplog.text
    assert world.call(Role.COORDINATOR, "GET", "/v1/people/search?ending=7391").status_code in (404, 405)
