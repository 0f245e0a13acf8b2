"""The API's paths are a promise: a change here is a change for every client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from services.api.app import make_app
from services.api.models import VisitBody
from services.api.openapi import BODIES
from services.api.problem_codes import COMMANDS
from streams.contracts import codec
from streams.contracts.refusals import REMEDIES, Refusal
from streams.contracts.refused_by import REFUSED_BY
from streams.settings import read_settings

PATHS = {
    "/healthz": "get",
    "/metrics": "get",
    "/readyz": "get",
    "/v1/calls": "post",
    "/v1/claims/{claim_id}/settle": "post",
    "/v1/clock": "get post",
    "/v1/commands/{command_id}": "get",
    "/v1/commands/{command_id}/undo": "post",
    "/v1/concerns": "post",
    "/v1/emergency-calls": "post",
    "/v1/counters": "get",
    "/v1/day/close": "post",
    "/v1/district": "get",
    "/v1/districts": "get",
    "/v1/districts/{district}": "put",
    "/v1/disruptions/{disruption_id}/end": "post",
    "/v1/exceptions": "get",
    "/v1/exceptions/{exception_id}/acknowledge": "post",
    "/v1/exceptions/{exception_id}/settle": "post",
    "/v1/exclusions": "post",
    "/v1/exclusions:lift": "post",
    "/v1/fairness": "get",
    "/v1/ledger": "get",
    "/v1/live": "get",
    "/v1/lockstep/step": "post",
    "/v1/mode-pauses": "post",
    "/v1/offers": "get",
    "/v1/offers/{offer_id}/answer": "post",
    "/v1/organisations/{organisation}/deliveries": "get",
    "/v1/organisations/{organisation}/deliveries/{effect_id}": "get",
    "/v1/organisations/{organisation}/deliveries/{effect_id}/resend": "post",
    "/v1/organisations/{organisation}/deliveries:recover": "post",
    "/v1/organisations/{organisation}/endpoint": "put",
    "/v1/organisations/{organisation}/endpoints": "get",
    "/v1/organisations/{organisation}/endpoints/{name}": "delete put",
    "/v1/organisations/{organisation}/endpoints/{name}/rotate": "post",
    "/v1/organisations/{organisation}/secret/rotate": "post",
    "/v1/people/names": "post",
    "/v1/people/search": "post",
    "/v1/postings": "get post",
    "/v1/postings/{posting_id}/assign": "post",
    "/v1/postings/{posting_id}/end": "post",
    "/v1/programmes": "get",
    "/v1/programmes/{programme_id}/equipment": "get post",
    "/v1/programmes/{programme_id}/switch-off": "post",
    "/v1/programmes/{programme_id}/switch-on": "post",
    "/v1/provider-failures": "post",
    "/v1/recipients:batch": "post",
    "/v1/recipients/{recipient_id}": "get",
    "/v1/recipients/{recipient_id}/authorise": "post",
    "/v1/recipients/{recipient_id}/authorised": "get",
    "/v1/recipients/{recipient_id}/exclusions": "get",
    "/v1/recipients/{recipient_id}/first-visit": "post",
    "/v1/recipients/{recipient_id}/intake": "post",
    "/v1/recipients/{recipient_id}/notices": "get put",
    "/v1/session": "delete post",
    "/v1/sessions": "delete",
    "/v1/sessions/others": "delete",
    "/v1/access-log": "get",
    "/v1/accounts": "get post",
    "/v1/accounts/{account_id}": "delete put",
    "/v1/accounts/{account_id}/reset": "post",
    "/v1/accounts/{account_id}/sessions": "delete",
    "/v1/sign-in-rules": "get put",
    "/v1/all-access": "delete",
    "/v1/keys": "get post",
    "/v1/keys/{key_id}": "delete",
    "/v1/me": "get",
    "/v1/me/password": "post",
    "/v1/me/totp": "post",
    "/v1/me/totp:confirm": "post",
    "/v1/me/totp:remove": "post",
    "/v1/me/recovery-codes": "post",
    "/v1/unmet-needs": "get",
    "/v1/visits": "get post",
    "/v1/visits/{visit_id}": "get",
    "/v1/visits/{visit_id}/why": "get",
    "/v1/visits/{visit_id}/contact": "get",
    "/v1/workers/{worker_id}": "get",
    "/v1/workers/{worker_id}/contact": "get",
    "/v1/visits:batch": "post",
    "/v1/visits:preview": "post",
    "/v1/visits/{visit_id}/call": "post",
    "/v1/visits/{visit_id}/cancel": "post",
    "/v1/visits/{visit_id}/cancel:preview": "post",
    "/v1/visits/{visit_id}/claims": "post",
    "/v1/visits/{visit_id}/assign": "post",
    "/v1/visits/{visit_id}/assign:preview": "post",
    "/v1/visits/{visit_id}/correct": "post",
    "/v1/visits/{visit_id}/forbid": "post",
    "/v1/visits/{visit_id}/forbid:preview": "post",
    "/v1/visits/{visit_id}/let-plan-decide": "post",
    "/v1/visits/{visit_id}/let-plan-decide:preview": "post",
    "/v1/visits/{visit_id}/raise-fee": "post",
    "/v1/visits/{visit_id}/lock": "post",
    "/v1/visits/{visit_id}/lock:preview": "post",
    "/v1/visits/{visit_id}/swap": "post",
    "/v1/visits/{visit_id}/swap:preview": "post",
    "/v1/webhooks/{organisation}": "post",
    "/v1/workers": "get",
    "/v1/workers/{worker_id}/credentials": "get post",
    "/v1/workers/{worker_id}/credentials/{code}/withdraw": "post",
    "/v1/workers/{worker_id}/exclusions": "get",
    "/v1/workers:batch": "post",
}
WITHOUT_BODY = ("/v1/accounts/{account_id}/reset",)


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("api")
    return make_app(read_settings({"DOLBOM_STATE_DIR": str(folder)})).openapi()


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_paths_are_those_promised(description: dict[str, Any]) -> None:
    assert {path: " ".join(sorted(methods)) for path, methods in description["paths"].items()} == PATHS


def test_every_operation_tells_its_problems_with_examples_and_what_it_is_for(description: dict[str, Any]) -> None:
    for path, method, operation in operations(description):
        assert "default" not in operation["responses"], path
        problems = {status: one for status, one in operation["responses"].items() if status >= "400"}
        assert problems, path
        for status, one in problems.items():
            if (path, status) == ("/readyz", "503"):
                continue
            content = one["content"]["application/problem+json"]
            codes = content["schema"]["allOf"][1]["properties"]["code"]["enum"]
            assert set(content["examples"]) == set(codes), path
            statuses = {"412"} if status == "412" else {str(REMEDIES[Refusal(code)].status) for code in codes}
            assert statuses == {status}, (method, path)
        assert operation["description"], path


def test_a_command_tells_every_code_that_the_core_refuses_it_with(description: dict[str, Any]) -> None:
    for (method, path), command in COMMANDS.items():
        told = repr(description["paths"][path][method]["responses"])
        assert all(f"'{code}'" in told for code in REFUSED_BY[command]), path


def test_every_command_has_a_route_that_tells_its_codes() -> None:
    """A new command: name its route in services/api/problem_codes.py."""
    assert set(COMMANDS.values()) == set(REFUSED_BY)


def test_examples_are_what_the_api_takes_and_answers(description: dict[str, Any]) -> None:
    """Requests through the models that read them, answers through the schema that describes them."""
    resolver = {"components": description["components"]}
    for path, method, operation in operations(description):
        if (body := BODIES.get((method, path))) is not None:
            raw = json.dumps(operation["requestBody"]["content"]["application/json"]["example"])
            read = body.model_validate_json(raw) if hasattr(body, "model_fields") else codec.decode(raw.encode(), body)
            assert read is not None
        for status, answer in operation["responses"].items():
            for content in answer.get("content", {}).values() if status < "300" else ():
                if "example" in content:
                    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **content["schema"], **resolver}
                    assert jsonschema_rs.is_valid(schema, content["example"]), (method, path)


def test_every_answer_with_a_body_is_described_and_has_an_example(description: dict[str, Any]) -> None:
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                assert status == "204" or answer.get("content"), (method, path, status)
                for kind, content in answer.get("content", {}).items():
                    assert content.get("schema"), (method, path, status, kind)
                    assert content.get("example") not in ("", None) or content.get("examples"), (method, path, status, kind)


def test_every_body_is_described_and_every_reference_resolves(description: dict[str, Any]) -> None:
    schemas = set(description["components"]["schemas"])
    text = repr(description)
    used = {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}
    assert used <= schemas
    for path, method, operation in operations(description):
        assert ("requestBody" in operation) == (method in ("post", "put") and path not in WITHOUT_BODY), path


def test_an_example_of_a_visit_is_one(description: dict[str, Any]) -> None:
    (example,) = description["components"]["schemas"]["VisitBody"]["examples"]
    assert VisitBody.model_validate_json(json.dumps(example)).reference == example["reference"]


def test_every_refusal_is_in_the_description(description: dict[str, Any]) -> None:
    assert set(description["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == set(Refusal)
    assert set(REMEDIES) == set(Refusal)


def test_the_state_folder_keeps_its_secrets(tmp_path: Path) -> None:
    make_app(read_settings({"DOLBOM_STATE_DIR": str(tmp_path)}))
    modes = {name: (tmp_path / name).stat().st_mode & 0o777 for name in ("token", "master.key")}
    assert modes == {"token": 0o600, "master.key": 0o600}
