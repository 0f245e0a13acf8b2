"""`Idempotency-Key` on every POST of the description: done once, its first answer repeated; another body under it refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from services.api.repeats import READS, REPLAYED
from services.api.roles import Role
from tests.unit.api.fake_doors import problem_code
from tests.unit.api.scoped_world import ScopedWorld, scoped_world
from tests.unit.api.test_delivery_retention import made
from tests.unit.api.test_role_matrix import BODIES, MAY, PERSONS_OWN, ask, names_of

POSTS = sorted(
    operation for operation in MAY
    if operation.startswith("POST ") and operation.removeprefix("POST ") not in PERSONS_OWN  # with a session: test_second_factors
)  # fmt: skip
PREVIEWS = {operation for operation in POSTS if operation.endswith(":preview")}
NEEDS_A_SYSTEM = {*PREVIEWS, "POST /v1/calls", "POST /v1/clock", "POST /v1/lockstep/step"}
"""Nothing behind this API answers what is asked of the core, or keeps a clock."""

AS_SHOWN = {"POST /v1/accounts", "POST /v1/visits/{visit_id}/call"}
"""Members that go together, or not at all."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScopedWorld]:
    with scoped_world(tmp_path_factory.mktemp("once")) as found:
        made(found.api.doors.registry, ["given_up"])
        organisation = names_of(found, Role.OPERATOR, "own")["organisation"]
        found.api.doors.registry.set_endpoint(organisation, "http://127.0.0.1:9/hooks")
        yield found


def example(world: ScopedWorld, operation: str) -> dict[str, Any]:
    """A body as the description shows it, about what is there."""
    method, path = operation.split(" ")
    described = world.call(Role.OPERATOR, "GET", "/openapi.json").json()["paths"][path][method.lower()]
    shown: dict[str, Any] = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example", {})
    shown = shown | {"dry_run": False} if "dry_run" in shown else shown
    if operation in AS_SHOWN:
        return shown
    return shown | (BODIES[operation](names_of(world, Role.OPERATOR, "own")) if operation in BODIES else {})


@pytest.mark.parametrize("operation", POSTS)
def test_a_key_stands_for_one_body(world: ScopedWorld, operation: str) -> None:
    headers = {"Idempotency-Key": f"key-{POSTS.index(operation)}"}
    body = example(world, operation)

    def post(body: dict[str, Any]) -> Any:
        if operation.startswith("POST /v1/organisations/{organisation}/deliveries/"):
            path = "/v1/organisations/coop-a/deliveries/11440-0-0/resend"
            return world.call(Role.OPERATOR, "POST", path, json=body, headers=headers)
        return ask(world, Role.OPERATOR, operation, "own", body, **headers)

    first, appended = post(body), len(world.api.writer.records)
    again = post(dict(reversed(body.items())))
    other = post(body | {"another": 1})
    if operation in NEEDS_A_SYSTEM:
        assert first.status_code in (405, 503)
        return
    assert first.status_code < 300, first.text
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (REPLAYED in again.headers) == (operation.removeprefix("POST ") not in READS)
    assert (other.status_code, problem_code(other)) == (409, "key_reused")
    assert len(world.api.writer.records) == appended
