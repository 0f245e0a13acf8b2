"""What any role is answered, about its own, somebody else's or nobody's, is an answer that the description of the operation has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from services.api.roles import Role
from tests.unit.api.scoped_world import ScopedWorld, scoped_world, side_of_others
from tests.unit.api.test_role_matrix import MAY, ask


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScopedWorld]:
    with scoped_world(tmp_path_factory.mktemp("described")) as made:
        yield made


@pytest.mark.parametrize("role", list(Role))
def test_every_code_is_described(world: ScopedWorld, role: Role) -> None:
    paths: dict[str, Any] = world.call(Role.OPERATOR, "GET", "/openapi.json").json()["paths"]
    not_described = []
    for operation in MAY:
        if operation in ("DELETE /v1/all-access", "GET /v1/live"):
            continue
        method, path = operation.split(" ")
        told = paths[path][method.lower()]["responses"]
        for side in ("own", side_of_others(role), "absent"):
            answer = ask(world, role, operation, side)
            found = told.get(str(answer.status_code))
            code = answer.json()["code"] if answer.status_code >= 400 and path != "/readyz" else ""
            codes = found["content"]["application/problem+json"]["examples"] if found and code else {"": None}
            if found is None or code not in codes:
                not_described.append((operation, side, answer.status_code, code))
    assert not_described == []
