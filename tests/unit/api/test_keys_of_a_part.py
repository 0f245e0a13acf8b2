"""A key for another system may have any scope: of an organisation, of dongs, of living areas. What it reaches is what people of
that scope reach, over every route that it may use at all."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from services.api.roles import Role, Scope
from tests.unit.api import scoped_world as worlds
from tests.unit.api.fake_doors import problem_code
from tests.unit.api.scoped_world import FAR_DONG, MAPO, OTHER_DONG, OWN_DONG, PLACES, ScopedWorld, scoped_world
from tests.unit.api.test_role_matrix import BY_DISTRICT, EMPTY, MAY, PERSONS_OWN, UNSCOPED, ask, seen

KEY = Role.SERVICE_KEY
PARTS = {
    "organisation": Scope(districts=(MAPO,), organisation="coop-a"), "dongs": Scope(districts=(MAPO,), dongs=(OWN_DONG,)),
    "areas": Scope(districts=(MAPO,), areas=("A",)),
}  # fmt: skip


@pytest.fixture(params=list(PARTS))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScopedWorld]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(worlds.SCOPES, KEY, PARTS[request.param])
        with scoped_world(tmp_path_factory.mktemp("keys")) as made:
            yield made


def may(world: ScopedWorld) -> list[str]:
    """The operations of the table that such a key is not answered as an address where there is nothing."""
    nothing = seen(world.call(KEY, "GET", "/v1/nothing-here"))
    candidates = [one for one, roles in MAY.items() if KEY in roles.split() and one.split(" ")[1] not in PERSONS_OWN]
    return [one for one in candidates if seen(ask(world, KEY, one, "own")) != nothing]


def test_what_is_not_its_own_is_as_if_it_were_not_there(world: ScopedWorld) -> None:
    operations = [one for one in may(world) if one not in UNSCOPED]
    before, wrong = len(world.api.writer.records), []
    for operation in operations:
        other, absent = ask(world, KEY, operation, "other"), ask(world, KEY, operation, "absent")
        if operation in BY_DISTRICT:
            if any(f"{kind}-other" in other.text for kind in "vwxonR"):
                wrong.append((operation, "shows what is not its own"))
        elif seen(other) != seen(absent) or (operation not in EMPTY and other.status_code < 400):
            wrong.append((operation, other.text[:150], absent.text[:150]))
    assert wrong == []
    assert len(world.api.writer.records) == before
    assert {"GET /v1/visits", "GET /v1/workers", "POST /v1/people/names"} <= set(operations)  # else it looked past everything


@pytest.mark.parametrize("world", ["organisation"], indirect=True)
def test_a_key_of_an_organisation_may_do_what_its_people_may(world: ScopedWorld) -> None:
    assert set(may(world)) == {
        one for one, roles in MAY.items()
        if KEY in roles.split() and Role.PROVIDER_STAFF in roles.split() and one.split(" ")[1] not in PERSONS_OWN
    }  # fmt: skip
    for path in ("/v1/recipients/R-own", "/v1/recipients/R-other", "/v1/recipients/R-own/notices"):
        assert problem_code(world.call(KEY, "GET", path)) == "not_found"
    assert not any(operation.startswith("POST /v1/recipients") for operation in world.call(KEY, "GET", "/v1/me").json()["may"])


@pytest.mark.parametrize("world", ["areas"], indirect=True)
def test_a_key_of_living_areas_stores_people_of_their_dongs_alone(world: ScopedWorld) -> None:
    def store(dong: str) -> int:
        person = {"recipient_id": f"R-{dong}", "name": "이몽룡", "district": MAPO, "dong": dong}
        return int(world.call(KEY, "POST", "/v1/recipients:batch", json={"recipients": [person]}).status_code)

    assert [store(dong) for dong in (OWN_DONG, OTHER_DONG, FAR_DONG, "1144099999")] == [200, 422, 422, 422]
    unsaid = {"recipient_id": "R-unsaid", "name": "이몽룡", "district": MAPO}
    assert problem_code(world.call(KEY, "POST", "/v1/recipients:batch", json={"recipients": [unsaid]})) == "wrong_field"


def test_all_parts_of_a_scope_are_tried() -> None:
    everything = Scope(districts=(MAPO,), areas=("A",), dongs=(OWN_DONG,), organisation=PLACES["own"][3])
    assert {"districts", *PARTS} == set(msgspec.structs.asdict(everything))
