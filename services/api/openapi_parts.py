"""Parts of the API's description that are the same for many operations: headers, problems, small answers."""

from __future__ import annotations

from typing import Any

from services.api.identifiers import ID_PATTERN
from services.api.problem_codes import COMMANDS, KEPT_EDITS, MATCHED_BY_ITEM, is_edit
from services.api.problems import MEDIA_TYPE, document
from services.api.roles import Role
from services.api.tags import TAG_PATTERN
from services.api.versions import PRECONDITION_FAILED
from streams.contracts.refusals import REMEDIES, Refusal

TEXT: dict[str, Any] = {"type": "string"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
INSTANT: dict[str, Any] = {"type": "string", "format": "date-time"}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _stored_items(name: str) -> dict[str, Any]:
    """Of each item of a batch: what became of it, and the tag that the next edit of it names."""
    outcome = {"type": "string", "enum": ["stored", "replaced", "unchanged"]}
    return {"type": "array", "items": _object(f"{name} outcome etag", **{name: TEXT}, outcome=outcome, etag=TEXT)}


_WORDS = _object("ko en", ko=TEXT, en=TEXT)
_ROWS: dict[str, Any] = {
    "type": "array", "description": "rows of a batch that are wrong, from 0",
    "items": _object("row field code problem remedy", row=COUNT, field=TEXT, code=TEXT, problem=_WORDS, remedy=_WORDS),
}  # fmt: skip
_REPEATED = {"const": True, "description": "the same command was recorded before, and does nothing again; else not there"}
_BOARD = _object("position behind", position=_or_null(COUNT), behind=_or_null({"type": "integer"}))
_CHANNEL = {"type": "string", "enum": ["kakao", "sms", "voice"]}
_NAMES = {"type": "object", "additionalProperties": TEXT}

_SECONDS: dict[str, Any] = {"type": "number", "description": "epoch seconds of the wall clock"}
_CODES: dict[str, Any] = {"type": "array", "items": TEXT}
_SCOPE = _object("districts areas dongs organisation", districts=_CODES, areas=_CODES, dongs=_CODES, organisation=TEXT)
_ROLE: dict[str, Any] = {"type": "string", "enum": [role.value for role in Role]}
_ACCOUNT: dict[str, Any] = {
    "account_id": TEXT, "login": TEXT, "name": TEXT, "role": _ROLE, "scope": _SCOPE, "has_password": {"type": "boolean"},
    "totp": {"type": "boolean"}, "created_at": _SECONDS, "revoked_at": _or_null(_SECONDS), "etag": TEXT,
}  # fmt: skip
_KEY: dict[str, Any] = {
    "key_id": TEXT, "label": TEXT, "role": _ROLE, "scope": _SCOPE, "created_by": TEXT, "created_at": _SECONDS,
    "expires_at": _or_null(_SECONDS), "used_at": _or_null(_SECONDS), "revoked_at": _or_null(_SECONDS),
}  # fmt: skip

SCHEMAS: dict[str, Any] = {
    "Problem": _object(
        "type title status detail code remedy",
        type=TEXT, title=TEXT, status={"type": "integer"}, detail=TEXT,
        code={"type": "string", "enum": [code.value for code in Refusal]},
        remedy=_object("ko en", ko=TEXT, en=TEXT),
        errors={"type": "array", "items": _object("field code problem", field=TEXT, code=TEXT, problem=TEXT)},
        rules={"type": "array", "items": TEXT, "description": "rules in the way, or what is wrong in a configuration"},
        rows=_ROWS, command_id=TEXT, visit_id=TEXT, status_url=TEXT, repeated=_REPEATED,
    ),
    "DryRun": _object(
        "dry_run visit_ids filed_before", dry_run={"const": True}, visit_ids={"type": "array", "items": TEXT},
        filed_before={"type": "array", "items": COUNT},
    ),
    "Recorded": _object(
        "command_id status_url", command_id=TEXT, visit_id=TEXT, visit_ids={"type": "array", "items": TEXT}, status_url=TEXT,
        repeated=_REPEATED,
    ),
    "Settled": _object(
        "command_id outcome visit_id code rules remedy problem",
        command_id=TEXT, outcome={"type": "string", "enum": ["pending", "accepted", "refused", "duplicate", "undone"]},
        repeated=_REPEATED,
        visit_id=TEXT, code=TEXT, rules={"type": "array", "items": TEXT}, rows=_ROWS,
        filed_before={"type": "array", "items": COUNT}, visit_ids={"type": "array", "items": TEXT},
        remedy=_or_null(_object("ko en", ko=TEXT, en=TEXT)),
        problem=_or_null(_ref("Problem")), status_url=TEXT,
    ),
    "VisitDetail": {
        "allOf": [
            _ref("VisitRow"),
            _object("district story", district=TEXT, story={"type": "array", "items": _ref("StoryLine")}),
        ]
    },
    "StoredRecipients": _object("stored items", stored=COUNT, items=_stored_items("recipient_id")),
    "StoredWorkers": _object("stored items", stored=COUNT, items=_stored_items("worker_id")),
    "Recipient": _object(
        "recipient_id district dong name phone address has_door_code note kin etag", recipient_id=TEXT, district=TEXT, dong=TEXT,
        name=TEXT, phone=TEXT, address=TEXT, has_door_code={"type": "boolean"}, note=TEXT, etag=TEXT,
        kin={"type": "array", "items": _object("name phone notify", name=TEXT, phone=TEXT, notify={"type": "boolean"})},
    ),
    "Worker": _object("worker_id name phone etag", worker_id=TEXT, name=TEXT, phone=TEXT, etag=TEXT),
    "DistrictName": _object("district name_ko name_en", district=TEXT, name_ko=TEXT, name_en=TEXT),
    "FoundRecipients": _object("recipients", recipients={"type": "array", "items": _ref("FoundRecipient")}),
    "Callers": _object("recipients", recipients={"type": "array", "items": _object(
        "recipient_id name whose promises", recipient_id=TEXT, name=TEXT, whose={"enum": ["own", "kin"]},
        promises={"type": "array", "items": {
            "allOf": [_ref("CallPromise"), {"type": "object", "properties": {"district": TEXT}}],
            "description": "each option that cannot be has a `remedy` in both languages",
        }},
    )}),
    "NoticeWishes": _object(
        "recipient_id channels language quiet_from quiet_until kin etag", recipient_id=TEXT, etag=TEXT,
        channels={"type": "array", "items": _CHANNEL}, language={"enum": ["ko", "en"]}, quiet_from=TEXT, quiet_until=TEXT,
        kin={"type": "array", "items": _object(
            "name phone notify channels", name=TEXT, phone=TEXT, notify={"type": "boolean"},
            channels={"type": "array", "items": _CHANNEL},
        )},
    ),
    "Account": {"type": "object", "required": list(_ACCOUNT), "properties": _ACCOUNT},
    "AccountMade": {
        "type": "object", "required": [*_ACCOUNT, "link_secret"],
        "properties": _ACCOUNT | {"link_secret": {"type": "string", "description": "shown once: `/sign-in#link=…`"}},
    },
    "AccountReset": _object("account_id link_secret", account_id=TEXT, link_secret=TEXT),
    "Key": {"type": "object", "required": list(_KEY), "properties": _KEY},
    "KeyMade": {
        "type": "object", "required": [*_KEY, "key"], "properties": _KEY | {"key": {"type": "string", "description": "shown once"}},
    },
    "Read": _object(
        "at actor subject fields why", at=INSTANT, actor=TEXT, subject=TEXT, fields={"type": "array", "items": TEXT}, why=TEXT
    ),
    "Names": _object("recipients workers", recipients=_NAMES, workers=_NAMES),
    "EndpointSet": _object(
        "organisation name url types secret_out secret_in etag", etag=TEXT, organisation=TEXT, name=TEXT, url=TEXT,
        types={"type": "array", "items": TEXT}, secret_out=TEXT, secret_in=TEXT,
    ),
    "SecretSet": _object("organisation", organisation=TEXT, name=TEXT, secret_out=TEXT, secret_in=TEXT),
    "Marked": _object("marked", marked=COUNT),
    "Intake": _object(
        "recorded repeated", recorded=COUNT, repeated={"type": "boolean"},
        items={"type": "array", "items": {"type": "object", "required": ["index", "recorded"]}},
    ),
    "Stepped": _object(
        "now_at next_deadline_at journal_offset", now_at=INSTANT, next_deadline_at=_or_null(INSTANT), journal_offset=COUNT
    ),
    "Health": _object("status", status={"const": "ok"}),
    "Readiness": _object(
        "ready broker redis registry boards", ready={"type": "boolean"}, broker=TEXT, redis=TEXT, registry=TEXT,
        boards={"type": "object", "additionalProperties": _BOARD},
    ),
}  # fmt: skip


def problem_examples() -> dict[str, Any]:
    """One example for each code of the closed list."""
    return {code.value: {"summary": REMEDIES[code].en, "value": document(code)} for code in Refusal}


def problem_responses(codes: list[Refusal], edit: bool) -> dict[str, Any]:
    """Answers by status, each with the codes it may have and an example of every one."""
    by_status: dict[int, list[Refusal]] = {}
    for code in codes:
        by_status.setdefault(REMEDIES[code].status, []).append(code)
    if edit:
        by_status[PRECONDITION_FAILED] = [Refusal.VERSION_CONFLICT]
    return {str(status): _problem_response(found) for status, found in sorted(by_status.items())}


def _problem_response(codes: list[Refusal]) -> dict[str, Any]:
    names = [code.value for code in codes]
    schema = {"allOf": [_ref("Problem"), {"properties": {"code": {"enum": names}}}]}
    examples = {name: {"$ref": f"#/components/examples/{name}"} for name in names}
    return {"description": ", ".join(names), "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}}}


def headers_of(method: str, path: str, has_token: bool) -> list[dict[str, Any]]:
    """The headers that mean something to an operation."""
    found = []
    if has_token:
        found.append(_header(
            "X-Dolbom-Actor", "for whom: a role, or a role and an id", "care_manager:1144066000",
            pattern=r"^[a-z][a-z_]{0,39}(:[A-Za-z0-9_.\-]{1,64})?$",
        ))
    if has_token and method == "post":
        found.append(_header("Idempotency-Key", "the same key and body: the first answer again", "filing-0017", pattern=ID_PATTERN))
    if (method, path) in KEPT_EDITS:
        found.append(_header("If-Match", "the ETag that the edit was made on", f'"{32 * "a"}"', pattern=rf"^(\*|{TAG_PATTERN})$"))
    elif (method, path) in MATCHED_BY_ITEM:
        found.append(_header(
            "If-Match", "* replaces whatever is there; otherwise each item that is there names its `etag`", "*", pattern=r"^\*$"
        ))
    elif is_edit(method, path):
        found.append(_header(
            "If-Match", "the ETag that the edit was made on", '"7"', pattern=r'^(\*|"[0-9]{1,9}")$'
        ))
    if (method, path) in COMMANDS:
        found.append(_header("Prefer", "wait for the outcome, at most ten seconds", "wait=2"))
    return found  # fmt: skip


def _header(name: str, description: str, example: str, **schema: str) -> dict[str, Any]:
    return {
        "name": name, "in": "header", "required": False, "description": description, "example": example,
        "schema": {"type": "string", **schema},
    }  # fmt: skip
