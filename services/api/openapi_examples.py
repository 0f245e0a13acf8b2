"""Examples for the API's description, made from the schemas: by a member's name where it says something to people, else by
its type. They follow every change of a contract by themselves; a test holds them against the models."""

from __future__ import annotations

import re
from typing import Any

VISIT_ID, COMMAND_ID = "b8eaba4e-ce97-59c5-9f04-9512ff521b31", "c9db2a6d-01e2-59c9-b51d-6f488fbc3782"
AT = "2026-11-03T03:00:00Z"

BY_NAME: dict[str, Any] = {
    "district": "11440", "dong": "1144066000", "visit_id": VISIT_ID, "other_visit_id": "0d9f4f0e-3f0b-5f8e-9a51-7f1c0f1f9d11",
    "command_id": COMMAND_ID, "status_url": f"/v1/commands/{COMMAND_ID}", "reference": "SOS-2026-11-03-0017",
    "recipient_id": "R-0153", "worker_id": "W-012", "organisation": "coop-mapo", "kitchen_id": "K-1", "area_id": "MP-A",
    "exception_id": "11440-x12", "offer_id": "11440-o7", "need_id": "11440-n3", "report_id": "r-2026-000123",
    "service": "emergency_care", "service_date": "2026-11-03", "reason": "recipient_asked", "observation": "no_sign_of_life",
    "code": "", "version": 7, "state": "planned", "ledger_class": "open", "priority": 1, "token": "the token of this system",
    "url": "https://coop.example/hooks", "name": "김태용", "phone": "010-1234-5678", "speed": 60.0, "lon": 126.909, "lat": 37.556,
    "x": 126.909, "y": 37.556, "outcome": "accepted", "rules": [], "remedy": None, "problem": None,
    "window_end_at": "2026-11-03T04:00:00Z", "valid_until_at": "2027-11-03T03:00:00Z", "due_at": "2026-11-03T04:00:00Z",
    "ready_at": "2026-11-03T02:30:00Z", "name_ko": "마포구", "name_en": "Mapo-gu", "next_cursor": None, "waive": [],
}  # fmt: skip
"""What a member of this name usually says."""

_SCOPE = {"districts": ["11440"], "areas": [], "dongs": [], "organisation": ""}
ACCOUNT: dict[str, Any] = {
    "account_id": "9f2c4e7a1b30", "login": "hong@mapo.example", "name": "홍길동", "role": "coordinator", "scope": _SCOPE,
    "has_password": True, "totp": False, "created_at": 1_793_674_800.0, "revoked_at": None,
    "etag": "\"3f9a0c51d27e48b6a1c4e8f7025bd963\"",
}  # fmt: skip
KEY: dict[str, Any] = {
    "key_id": "5b8d1f3c6a92", "label": "welfare-system", "role": "service_key", "scope": _SCOPE, "created_by": "9f2c4e7a1b30",
    "created_at": 1_793_674_800.0, "expires_at": None, "used_at": None, "revoked_at": None,
}  # fmt: skip

BY_MODEL: dict[str, dict[str, Any]] = {
    "SessionBody": {"login": "hong@mapo.example", "password": "correct horse battery", "code": "123456"},
    "AccountBody": {
        "login": "hong@mapo.example", "name": "홍길동", "role": "coordinator", "scope": {"districts": ["11440"]},
    },
    "KeyBody": {"label": "welfare-system", "role": "service_key", "scope": {"districts": ["11440"]}},
    "PasswordBody": {"new": "correct horse battery"},
    "SecretBody": {"password": "correct horse battery"},
    "CodeBody": {"code": "123456"},
    "FactorBody": {"password": "correct horse battery", "code": "123456"},
    "AccountChangeBody": {"name": "홍길동", "role": "coordinator", "scope": {"districts": ["11440"]}},
    "SignInRulesBody": {"totp_roles": ["operator"]},
    "VisitsBody": {
        "visits": [
            {
                "district": "11440", "reference": "SOS-2026-11-03-0018", "recipient_id": "R-0154", "service": "check_in",
                "dong": "1144066000", "place": {"lon": 126.909, "lat": 37.556}, "window_start_at": AT,
                "window_end_at": "2026-11-03T04:00:00Z",
            },
        ],
        "dry_run": True,
    },
    "RecoverBody": {"since": AT},
    "ResendBody": {},
    "CancelBody": {"reason": "recipient_asked"},
    "SettleBody": {"outcome": "found_well"},
    "CorrectBody": {"outcome": "failed", "reason": "mis_tap"},
    "ForbidBody": {"worker_id": "W-012", "reason": "recipient_asked"},
    "CredentialBody": {"code": "dementia_training", "issued_at": AT, "valid_until_at": "2027-11-03T03:00:00Z"},
    "ClockBody": {"speed": 60.0},
    "NamesBody": {"recipient_ids": ["R-0153"], "worker_ids": ["W-012"]},
    "WebhookBody": {
        "type": "reports",
        "data": {
            "reports": [
                {"report_id": "r-1", "kind": "arrived", "occurred_at": AT, "worker_id": "W-012", "visit_ids": [VISIT_ID]},
            ]
        },
    },
    "Settled": {
        "command_id": COMMAND_ID, "outcome": "accepted", "visit_id": VISIT_ID, "code": "", "rules": [],
        "rows": [], "filed_before": [], "remedy": None, "problem": None,
    },
    "Account": ACCOUNT,
    "AccountMade": ACCOUNT | {"link_secret": "dl_… (shown once)"},
    "AccountReset": {"account_id": "9f2c4e7a1b30", "link_secret": "dl_… (shown once)"},
    "Key": KEY,
    "KeyMade": KEY | {"key": "dk_… (shown once)"},
    "Read": {
        "at": AT, "actor": "care_manager:9f2c4e7a1b30", "subject": "recipient:R-0153", "fields": ["name"],
        "why": "names on the board",
    },
    "Names": {"recipients": {"R-0153": "김*용"}, "workers": {"W-012": "박*수"}},
    "WishBody": {"wish": "later", "later_at": AT},
    "SearchBody": {"ending": "5678"},
    "FoundRecipients": {
        "recipients": [
            {
                "recipient_id": "R-0153", "name": "김*용", "whose": "own", "district": "11440", "dong": "1144066000",
                "visit_ids": [VISIT_ID],
            },
        ],
    },
    "CallBody": {"number": "010-1234-5678"},
    "Callers": {
        "recipients": [
            {
                "recipient_id": "R-0153", "name": "김*용", "whose": "own",
                "promises": [
                    {
                        "district": "11440", "visit_id": VISIT_ID, "recipient_id": "R-0153", "service": "meal_support",
                        "meal_kind": "hot_lunch", "state": "accepted", "dong": "1144066000", "window_start_at": AT,
                        "window_end_at": "2026-11-03T04:00:00Z", "due_at": "2026-11-03T04:00:00Z", "expected_at": AT,
                        "done_at": None, "worker_ids": ["W-012"], "version": 7,
                        "options": [
                            {"wish": "not_today", "code": "", "follows": ["meal_is_cooked", "worker_told"], "latest_at": None},
                        ],
                    },
                ],
            },
        ],
    },
    "NoticesBody": {"channels": ["sms", "voice"], "language": "ko", "quiet_from": "20:00", "quiet_until": "09:00"},
    "NoticeWishes": {
        "recipient_id": "R-0153", "channels": ["sms", "voice"], "language": "ko", "quiet_from": "20:00", "quiet_until": "09:00",
        "kin": [{"name": "김*나", "phone": "010-1234-****", "notify": True, "channels": ["kakao", "sms", "voice"]}],
        "etag": "\"3f9a0c51d27e48b6a1c4e8f7025bd963\"",
    },
    "Recipient": {
        "recipient_id": "R-0153", "district": "11440", "dong": "1144066000", "name": "김태용", "phone": "010-1234-5678",
        "address": "서울 마포구 월드컵로 1", "has_door_code": True, "note": "",
        "kin": [{"name": "김하나", "phone": "010-2345-6789", "notify": True}], "etag": "\"3f9a0c51d27e48b6a1c4e8f7025bd963\"",
    },
    "Worker": {
        "worker_id": "W-012", "name": "박하은", "phone": "010-3456-7890", "etag": "\"3f9a0c51d27e48b6a1c4e8f7025bd963\"",
    },
    "StoredRecipients": {
        "stored": 1,
        "items": [{"recipient_id": "R-0153", "outcome": "replaced", "etag": "\"3f9a0c51d27e48b6a1c4e8f7025bd963\""}],
    },
    "EndpointSet": {
        "organisation": "coop-mapo", "name": "main", "url": "https://coop.example/hooks", "types": [],
        "secret_out": "whsec_… (ours)", "secret_in": "whsec_… (theirs)", "etag": "\"3f9a0c51d27e48b6a1c4e8f7025bd963\"",
    },
}  # fmt: skip
"""Whole ones, where the members would not make sense together."""

LIKELY = ("ID-1", "a_code", "2026-11-03", "11440", "1144066000", "https://example.org/", "+821012345678")
"""Tried on a pattern."""

_DEEPEST = 6


def example_of(name: str, schemas: dict[str, Any], required_only: bool) -> Any:
    """An example of a schema by name: one written down there, one of ours, or one made from its members."""
    schema = schemas[name]
    if name in BY_MODEL:
        return BY_MODEL[name]
    if schema.get("examples"):
        return schema["examples"][0]
    return _made(schema, schemas, required_only, 0)


def _made(schema: dict[str, Any], schemas: dict[str, Any], required_only: bool, depth: int) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return BY_MODEL[name] if name in BY_MODEL else _made(schemas[name], schemas, required_only, depth)
    for known in ("const", "default"):
        if known in schema:
            return schema[known]
    for known in ("examples", "enum"):
        if schema.get(known):
            return schema[known][0]
    if "allOf" in schema:
        return {name: value for part in schema["allOf"] for name, value in _made(part, schemas, required_only, depth).items()}
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return _made(schema[choice][0], schemas, required_only, depth)
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, schemas, required_only, depth)
    if kind == "array":
        if "prefixItems" in schema:
            return [_made(one, schemas, required_only, depth + 1) for one in schema["prefixItems"]]
        items = schema.get("items")
        one = isinstance(items, dict) and depth < 1 and not required_only
        return [_made(items, schemas, required_only, depth + 1)] if one else []
    return _plain(kind, schema)


def _object(schema: dict[str, Any], schemas: dict[str, Any], required_only: bool, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    wanted = schema.get("required", ())
    for name, member in schema.get("properties", {}).items():
        if (required_only and name not in wanted) or depth > _DEEPEST:
            continue
        if name in BY_NAME and _fits(BY_NAME[name], member):
            found[name] = BY_NAME[name]
        else:
            found[name] = _made(member, schemas, required_only, depth + 1)
    return found


def _fits(value: Any, member: dict[str, Any]) -> bool:
    """Whether an example by name is of the member's kind, roughly: the same name may mean another thing elsewhere."""
    if "enum" in member:
        return value in member["enum"]
    if "$ref" in member or "const" in member:
        return False
    kinds = {one.get("type") for one in member.get("anyOf", [member])}
    of = {str: "string", int: "integer", float: "number", list: "array", dict: "object", type(None): "null", bool: "boolean"}
    return of[type(value)] in kinds


def _plain(kind: Any, schema: dict[str, Any]) -> Any:
    if kind == "string":
        if schema.get("format") == "date-time":
            return AT
        pattern = schema.get("pattern", "")
        return next((one for one in LIKELY if re.search(pattern, one)), "") if pattern else ""
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    return {"boolean": False, "null": None}.get(kind)
