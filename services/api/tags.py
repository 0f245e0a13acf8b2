"""Edits of what the registry keeps (accounts, endpoints, wishes, rules): `ETag` names what was read, `If-Match` says that the
edit is of just that. An edit without it could overwrite what somebody else has just changed, so it is not taken (428).

A tag is a keyed digest of all that the edit replaces; it is compared in the transaction that writes.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from fastapi import Request

from services.api.problems import Problem
from services.api.versions import PRECONDITION_FAILED
from streams.adapters.endpoints import Endpoint
from streams.adapters.person_batches import KeptRecipient
from streams.adapters.persons import Person, WorkerPerson
from streams.adapters.registry import Registry
from streams.adapters.registry_accounts import Account
from streams.contracts.refusals import Refusal

TAG_PATTERN = r'"[0-9a-f]{32}"'


def check_match(request: Request, tag: str) -> None:
    """Raises if_match_missing (428) without `If-Match`, version_conflict (412) when none of its tags is `tag`. `*` asks only that
    it is there."""
    given = request.headers.get("if-match", "").strip()
    if not given:
        raise Problem(Refusal.IF_MATCH_MISSING)
    if given != "*" and tag not in re.findall(TAG_PATTERN, given):
        raise Problem(Refusal.VERSION_CONFLICT, status=PRECONDITION_FAILED)


def account_tag(registry: Registry, account: Account) -> str:
    return _tag(registry, "account", account.account_id, account.name, account.role, account.scope, account.revoked_at)


def endpoint_tag(registry: Registry, endpoint: Endpoint) -> str:
    return _tag(registry, "endpoint", endpoint.organisation, endpoint.name, endpoint.url, endpoint.types)


def rules_tag(registry: Registry, totp_roles: list[str]) -> str:
    return _tag(registry, "sign-in rules", sorted(totp_roles))


def wishes_tag(registry: Registry, person: Person) -> str:
    """Of whom is told, how and when, and of the kin that it is about."""
    kin = [(one.name, one.phone, one.notify, one.channels, one.language) for one in person.kin]
    return _tag(
        registry, "wishes", person.recipient_id, person.notice_channels, person.language, person.quiet_from, person.quiet_until, kin
    )


def recipient_tag(registry: Registry, kept: KeptRecipient) -> str:
    """Of all that a batch replaces."""
    person = kept.person
    kin = [(one.name, one.phone, one.notify) for one in person.kin]
    return _tag(
        registry, "recipient", person.recipient_id, person.name, person.phone, person.address, person.door_code, person.note, kin,
        kept.home,
    )  # fmt: skip


def worker_tag(registry: Registry, person: WorkerPerson) -> str:
    return _tag(registry, "worker", person.worker_id, person.name, person.phone)


def _tag(registry: Registry, kind: str, *parts: Any) -> str:
    return f'"{registry.vault.digest(f"tag of {kind}", msgspec.json.encode(parts).decode())[:32]}"'
