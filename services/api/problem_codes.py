"""Which problems each operation may answer: what its parameters, its body and its kind bring with them, what the core may
refuse its command with, and what is its own."""

from __future__ import annotations

from typing import Any

from services.api.rates import UNLIMITED
from services.api.roles import PREVIEWS
from streams.contracts.refusals import Refusal
from streams.contracts.refused_by import REFUSED_BY

R = Refusal
Operation = tuple[str, str]

COMMANDS: dict[Operation, str] = {
    ("post", "/v1/visits"): "RequestVisit",
    ("post", "/v1/visits:batch"): "RequestVisits",
    ("post", "/v1/visits/{visit_id}/call"): "RecordCall",
    ("post", "/v1/visits/{visit_id}/cancel"): "CancelVisit",
    ("post", "/v1/visits/{visit_id}/correct"): "CorrectVisit",
    ("post", "/v1/visits/{visit_id}/assign"): "AssignVisit",
    ("post", "/v1/visits/{visit_id}/forbid"): "ForbidWorker",
    ("post", "/v1/visits/{visit_id}/lock"): "LockStop",
    ("post", "/v1/visits/{visit_id}/swap"): "SwapVisits",
    ("post", "/v1/visits/{visit_id}/let-plan-decide"): "LetPlanDecide",
    ("post", "/v1/commands/{command_id}/undo"): "UndoCommand",
    ("post", "/v1/exceptions/{exception_id}/settle"): "SettleException",
    ("post", "/v1/exceptions/{exception_id}/acknowledge"): "AcknowledgeException",
    ("post", "/v1/visits/{visit_id}/claims"): "ClaimNeed",
    ("post", "/v1/claims/{claim_id}/settle"): "SettleClaim",
    ("post", "/v1/concerns"): "ReportConcern",
    ("post", "/v1/emergency-calls"): "RecordEmergencyCall",
    ("post", "/v1/workers/{worker_id}/credentials"): "RecordCredential",
    ("post", "/v1/workers/{worker_id}/credentials/{code}/withdraw"): "WithdrawCredential",
    ("post", "/v1/recipients/{recipient_id}/intake"): "RecordIntake",
    ("post", "/v1/recipients/{recipient_id}/first-visit"): "RecordFirstVisit",
    ("post", "/v1/recipients/{recipient_id}/authorise"): "AuthoriseCare",
    ("post", "/v1/exclusions"): "ExcludePair",
    ("post", "/v1/exclusions:lift"): "LiftExclusion",
    ("post", "/v1/day/close"): "CloseDay",
    ("put", "/v1/districts/{district}"): "ConfigureDistrict",
    ("post", "/v1/programmes/{programme_id}/switch-on"): "SwitchOnProgramme",
    ("post", "/v1/programmes/{programme_id}/switch-off"): "SwitchOffProgramme",
    ("post", "/v1/programmes/{programme_id}/equipment"): "IssueEquipment",
    ("post", "/v1/postings"): "RequestPosting",
    ("post", "/v1/postings/{posting_id}/assign"): "AssignPosting",
    ("post", "/v1/postings/{posting_id}/end"): "EndPosting",
    ("post", "/v1/disruptions/{disruption_id}/end"): "EndDisruption",
    ("post", "/v1/mode-pauses"): "PauseMode",
    ("post", "/v1/provider-failures"): "ReportProviderFailure",
    ("post", "/v1/offers/{offer_id}/answer"): "AnswerOffer",
    ("post", "/v1/visits/{visit_id}/raise-fee"): "RaiseFee",
}
"""Operations that append a command, and its type: with `Prefer: wait` they answer what the core refuses it with."""

OF_A_VISIT = (R.TIME_INVERTED, R.MEAL_WITHOUT_KITCHEN, R.ERRAND_WITHOUT_SHOP, R.IMPOSSIBLE_GAP)
"""What a visit's body may be refused for as it is read."""

OUT_OF_SCOPE = (R.UNKNOWN_DISTRICT, R.UNKNOWN_DONG, R.UNKNOWN_VISIT, R.UNKNOWN_WORKER, R.UNKNOWN_RECIPIENT)
"""What whoever has a scope is answered about what a body names and that is not in it."""

OWN: dict[Operation, tuple[Refusal, ...]] = {
    ("post", "/v1/session"): (R.TOKEN_MISSING, R.TOKEN_WRONG, R.SIGN_IN_WRONG, R.TOO_MANY_TRIES, R.REGISTRY_UNAVAILABLE),
    ("post", "/v1/me/password"): (R.SIGN_IN_WRONG, R.TOO_MANY_TRIES),
    ("post", "/v1/me/totp"): (R.SIGN_IN_WRONG, R.TOO_MANY_TRIES),
    ("post", "/v1/me/totp:confirm"): (R.SIGN_IN_WRONG, R.TOO_MANY_TRIES),
    ("post", "/v1/me/totp:remove"): (R.SIGN_IN_WRONG, R.TOO_MANY_TRIES),
    ("post", "/v1/me/recovery-codes"): (R.SIGN_IN_WRONG, R.TOO_MANY_TRIES),
    ("get", "/v1/access-log"): (R.UNKNOWN_RECIPIENT,),
    ("post", "/v1/recipients:batch"): (R.UNKNOWN_RECIPIENT, R.UNKNOWN_DISTRICT, R.UNKNOWN_DONG, R.BATCH_REFUSED),
    ("post", "/v1/workers:batch"): (R.UNKNOWN_WORKER, R.BATCH_REFUSED),
    ("post", "/v1/visits"): OF_A_VISIT,
    **dict.fromkeys(
        (
            ("post", f"/v1/visits/{{visit_id}}/{what}")
            for what in ("call", "cancel", "correct", "assign", "forbid", "lock", "swap", "let-plan-decide")
        ),
        (R.UNDONE_SINCE,),
    ),
    ("post", "/v1/visits:batch"): (R.BOARD_UNAVAILABLE, R.BAD_REQUEST),
    ("post", "/v1/calls"): (R.LOG_UNAVAILABLE, R.BOARD_UNAVAILABLE, R.NOT_CONFIGURED, R.BAD_REQUEST),
    ("post", "/v1/people/search"): (R.BOARD_UNAVAILABLE,),
    ("post", "/v1/visits:preview"): (
        *OF_A_VISIT, *OUT_OF_SCOPE, R.LOG_UNAVAILABLE, R.BOARD_UNAVAILABLE, R.NOT_CONFIGURED, R.BAD_REQUEST,
    ),
    **dict.fromkeys(
        PREVIEWS, (*OUT_OF_SCOPE, R.VERSION_CONFLICT, R.LOG_UNAVAILABLE, R.BOARD_UNAVAILABLE, R.NOT_CONFIGURED, R.BAD_REQUEST)
    ),
    ("get", "/v1/visits/{visit_id}/why"): (R.LOG_UNAVAILABLE, R.NOT_CONFIGURED, R.BAD_REQUEST),
    ("put", "/v1/districts/{district}"): (R.TOO_LARGE, R.IF_MATCH_MISSING),
    **dict.fromkeys(
        (
            ("post", "/v1/programmes/{programme_id}/switch-on"), ("post", "/v1/workers/{worker_id}/credentials"),
            ("post", "/v1/recipients/{recipient_id}/authorise"),
        ),
        (R.IF_MATCH_MISSING, R.BOARD_UNAVAILABLE),
    ),
    ("post", "/v1/clock"): (R.NOT_ALLOWED, R.BOARD_UNAVAILABLE),
    ("post", "/v1/lockstep/step"): (R.NOT_ALLOWED, R.LOG_UNAVAILABLE),
    ("put", "/v1/organisations/{organisation}/endpoint"): (R.ENDPOINT_NOT_ALLOWED, R.LOG_UNAVAILABLE),
    ("put", "/v1/organisations/{organisation}/endpoints/{name}"): (R.ENDPOINT_NOT_ALLOWED, R.LOG_UNAVAILABLE),
    ("post", "/v1/organisations/{organisation}/secret/rotate"): (R.UNKNOWN_ENDPOINT,),
    ("post", "/v1/webhooks/{organisation}"): (
        R.SIGNATURE_WRONG, R.SIGNATURE_OLD, R.SIGNATURE_REPEATED, R.UNKNOWN_DISTRICT, R.UNKNOWN_WORKER, R.NOT_YOUR_WORKER,
        R.LOG_UNAVAILABLE, R.BOARD_UNAVAILABLE, R.REGISTRY_UNAVAILABLE,
    ),
}  # fmt: skip
"""Beyond what follows from the rules of `codes_of`."""

BY_PARAMETER: dict[str, tuple[Refusal, ...]] = {
    "name": (R.UNKNOWN_ENDPOINT,),
    "effect_id": (R.UNKNOWN_DELIVERY,),
    "visit_id": (R.UNKNOWN_VISIT, R.BOARD_UNAVAILABLE),
    "command_id": (R.UNKNOWN_COMMAND, R.BOARD_UNAVAILABLE),
    "exception_id": (R.UNKNOWN_EXCEPTION, R.BOARD_UNAVAILABLE),
    "offer_id": (R.UNKNOWN_OFFER, R.BOARD_UNAVAILABLE),
    "worker_id": (R.UNKNOWN_WORKER, R.BOARD_UNAVAILABLE),
    "code": (R.UNKNOWN_CREDENTIAL,),
    "district": (R.UNKNOWN_DISTRICT,),
    "programme_id": (R.UNKNOWN_PROGRAMME,),
    "disruption_id": (R.UNKNOWN_DISRUPTION,),
    "posting_id": (R.UNKNOWN_POSTING,),
    "recipient_id": (R.UNKNOWN_RECIPIENT,),
    "cursor": (R.BOARD_UNAVAILABLE, R.NOT_CONFIGURED),
}
# wrong_field: X-Dolbom-Actor; the last two: who calls, and what is in their scope, cannot be looked up
WITH_TOKEN = (
    R.TOKEN_MISSING, R.TOKEN_WRONG, R.SECOND_FACTOR_NEEDED, R.WRONG_FIELD, R.NOT_FOUND, R.REGISTRY_UNAVAILABLE,
    R.BOARD_UNAVAILABLE,
)  # fmt: skip
WITH_BODY = (R.NOT_JSON, R.WRONG_FIELD, R.TOO_LARGE, R.TOO_SLOW)
REPEATABLE = (R.KEY_REUSED, R.REGISTRY_UNAVAILABLE)
EDITS = (R.VERSION_CONFLICT,)
READS_OF_THE_BOARD = ("/v1/district", "/v1/counters", "/v1/ledger", "/v1/programmes", "/v1/postings", "/v1/fairness")


def codes_of(method: str, path: str, operation: dict[str, Any], has_token: bool) -> list[Refusal]:
    """All codes of an operation, in the order of the closed list. `operation` is as FastAPI describes it."""
    found = {R.INTERNAL_ERROR, *OWN.get((method, path), ())}
    parameters = {one["name"] for one in operation.get("parameters", ())}
    if path not in UNLIMITED:
        found.add(R.RATE_LIMITED)
    for name in parameters:
        found |= set(BY_PARAMETER.get(name, ()))
    if any(one["in"] == "query" for one in operation.get("parameters", ())):
        found.add(R.WRONG_FIELD)
    if has_token:
        found |= set(WITH_TOKEN)
    if "requestBody" in operation:
        found |= set(WITH_BODY)
    if method != "get" and has_token:
        found.add(R.CSRF_WRONG)
    if method == "post" and has_token:
        found |= set(REPEATABLE)
    if path in READS_OF_THE_BOARD:
        found |= {R.BOARD_UNAVAILABLE, R.NOT_CONFIGURED}
    if (method, path) in KEPT_EDITS and (method, path) not in MATCH_NEED_NOT_BE:
        found.add(R.IF_MATCH_MISSING)
    command = COMMANDS.get((method, path))
    if command is not None:
        found |= {R.LOG_UNAVAILABLE, *OUT_OF_SCOPE, *(Refusal(code) for code in REFUSED_BY.get(command, ()))}
    return [code for code in Refusal if code in found]


KEPT_EDITS = (
    ("put", "/v1/accounts/{account_id}"), ("put", "/v1/sign-in-rules"), ("put", "/v1/recipients/{recipient_id}/notices"),
    ("put", "/v1/organisations/{organisation}/endpoint"), ("put", "/v1/organisations/{organisation}/endpoints/{name}"),
    ("delete", "/v1/organisations/{organisation}/endpoints/{name}"), ("delete", "/v1/accounts/{account_id}"),
)  # fmt: skip
"""Edits of what the registry keeps: `If-Match` is a digest, and needed."""
MATCH_NEED_NOT_BE = (("delete", "/v1/accounts/{account_id}"),)
"""But for these: nothing stands in their way, and an `If-Match` that is sent has to be the right one."""

MATCHED_BY_ITEM = (("post", "/v1/recipients:batch"), ("post", "/v1/workers:batch"))
"""Each item has a tag of its own, and `If-Match: *` is about all of them."""


def is_edit(method: str, path: str) -> bool:
    """Takes `If-Match` (as does the preview of an edit): the core (or the registry) judges the version that it was made on."""
    if (method, path) in KEPT_EDITS or (method, path) in PREVIEWS:
        return True
    return R.VERSION_CONFLICT.value in REFUSED_BY.get(COMMANDS.get((method, path), ""), ())
