"""Schemathesis over the whole API, with all its checks: no 5xx, no answer that is not described, nobody without the token,
nothing taken that the description does not allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.config import SchemathesisConfig

from services.api.doors import Doors
from streams.contracts.refused_by import REFUSED_BY
from tests.integration.api.served_here import served_here

ENDLESS = "/v1/live"  # a stream; the live line has tests of its own
REFUSED_BY_MEANING = ["2xx", "401", "403", "404", "405", "409", "412", "422", "428", "429"]
"""What a body of the right shape may be answered: the wrong district, a window that is over, a state that forbids it."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Doors]]:
    with served_here(tmp_path_factory.mktemp("every-answer")) as running:
        yield running


def try_everything(served: tuple[str, Doors], examples: int, derandomize: bool) -> int:
    """Calls every operation with data that fits its description and data that does not; how many calls it made. Raises when one
    of the description was not called."""
    url, doors = served
    config = SchemathesisConfig.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": REFUSED_BY_MEANING}}})
    description = schemathesis.openapi.from_dict(httpx.get(f"{url}/openapi.json").json(), config=config)
    headers = {"Authorization": f"Bearer {doors.keyring._token.decode()}"}
    calls = 0
    called: set[tuple[str, str]] = set()
    for found in description.get_all_operations():
        operation = found.ok()
        if operation.path == ENDLESS:
            continue

        @given(case=operation.as_strategy())
        @settings(
            max_examples=examples, deadline=None, database=None, derandomize=derandomize, suppress_health_check=list(HealthCheck)
        )
        def call(case: Any) -> None:
            nonlocal calls
            calls += 1
            called.add((case.operation.method, case.operation.path))
            case.call_and_validate(base_url=url, headers=headers)

        call()
    paths = httpx.get(f"{url}/openapi.json").json()["paths"]
    assert called == {(method, path) for path, methods in paths.items() for method in methods if path != ENDLESS}
    return calls


def test_every_answer_is_one_that_is_described(served: tuple[str, Doors]) -> None:
    assert try_everything(served, examples=10, derandomize=True) > 300


@pytest.mark.nightly
@pytest.mark.timeout(1500)
def test_every_answer_is_one_that_is_described_however_long_one_tries(served: tuple[str, Doors]) -> None:
    assert try_everything(served, examples=250, derandomize=False) > 5000


def test_a_command_that_is_waited_for_tells_every_outcome(served: tuple[str, Doors]) -> None:
    """Each code that the core may refuse a cancellation with comes back as itself: status, both languages, a remedy."""
    url, doors = served
    headers = {"Authorization": f"Bearer {doors.keyring._token.decode()}", "Prefer": "wait=5"}
    seen = set()
    for number in range(12):
        body = {"reason": "office", "district": "11440", "expected_version": 100 + number}
        answer = httpx.post(f"{url}/v1/visits/v-0001/cancel", json=body, headers=headers)
        shown = answer.json()
        seen.add(shown.get("code") or shown["outcome"])
        if answer.status_code >= 400:
            assert {"ko", "en"} == set(shown["remedy"])
            assert shown["command_id"]
    assert seen == {"accepted", "duplicate", *REFUSED_BY["CancelVisit"]}
