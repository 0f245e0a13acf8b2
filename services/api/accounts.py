"""Accounts and API keys: made, changed and revoked here, by operators; every change is noted in the registry."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from services.api.auth import CallerOf, read_scope
from services.api.commands import json_answer
from services.api.doors import Doors, DoorsOf
from services.api.models import Body, DistrictCode, DongCode, Id, Instant, PersonText, read_body
from services.api.problems import Problem
from services.api.roles import ALLOWED, NEEDED, Role, Scope, wrong_scope
from streams.adapters.registry_accounts import Account, ApiKey, LoginTaken
from streams.contracts.refusals import Refusal

LINK_S = 72 * 3600  # over a weekend
NO_STORE = {"Cache-Control": "no-store"}

router = APIRouter(prefix="/v1", tags=["accounts"])


class ScopeBody(Body):
    """Where the role counts; empty lists are no limit of their kind."""

    districts: Annotated[tuple[DistrictCode, ...], Field(strict=False, max_length=50)] = ()
    areas: Annotated[tuple[Id, ...], Field(strict=False, max_length=50)] = ()
    dongs: Annotated[tuple[DongCode, ...], Field(strict=False, max_length=100)] = ()
    organisation: Id | Literal[""] = ""

    def scope(self) -> Scope:
        return Scope(districts=self.districts, areas=self.areas, dongs=self.dongs, organisation=self.organisation)


class AccountBody(Body):
    """A person who signs in. The answer has a link, shown once, by which they choose their password."""

    login: Annotated[str, Field(min_length=2, max_length=100, pattern=r"^\S+$", examples=["hong@mapo.example"])]
    name: PersonText = ""
    role: Annotated[Role, Field(strict=False)]
    scope: ScopeBody = ScopeBody()


class AccountChangeBody(Body):
    """What the account is from now on. Sessions, links and keys of another role or scope end."""

    name: PersonText = ""
    role: Annotated[Role, Field(strict=False)]
    scope: ScopeBody = ScopeBody()


class SignInRulesBody(Body):
    """`totp_roles`: roles in which nobody does anything before a second factor is set up."""

    totp_roles: Annotated[tuple[Annotated[Role, Field(strict=False)], ...], Field(strict=False, max_length=20)]


class KeyBody(Body):
    """Another system's key; shown once. `label` is an id of yours."""

    label: Id
    role: Annotated[Role, Field(strict=False)] = Role.SERVICE_KEY
    scope: ScopeBody = ScopeBody()
    expires_at: Instant | None = None


class RoleRule(msgspec.Struct, frozen=True, kw_only=True):
    """Which parts of a scope a role cannot do without, and which it may have."""

    role: Role
    needs: tuple[str, ...]
    may_have: tuple[str, ...]


class SignInRules(msgspec.Struct, frozen=True, kw_only=True):
    totp_roles: list[Role]
    roles: list[RoleRule]


def scope_json(role: Role, scope: Scope) -> str:
    """As the registry keeps it. Raises wrong_field when it does not go with the role."""
    if wrong := wrong_scope(role, scope):
        raise Problem(Refusal.WRONG_FIELD, wrong)
    return msgspec.json.encode(scope).decode()


# Everybody's: the operator's ------------------------------------------------------------------------------------------


@router.get("/accounts")
async def list_accounts(caller: CallerOf, doors: DoorsOf) -> Response:
    """Accounts, oldest first; a logged read."""
    found = await asyncio.to_thread(doors.accounts.list_accounts)
    subjects = [f"account:{one.account_id}" for one in found]
    await asyncio.to_thread(doors.registry.log_read, caller.actor, subjects, "login,name", "list of accounts")
    return json_answer({"items": [_shown(one) for one in found], "next_cursor": None}, headers=NO_STORE)


@router.post("/accounts", status_code=201)
async def create_account(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Make an account. The answer's `link_secret` is shown once: `/sign-in#link=…` opens the door for three days."""
    body = await read_body(request, AccountBody)
    scope = scope_json(body.role, body.scope.scope())
    try:
        account = await asyncio.to_thread(doors.accounts.create, body.login, body.name, body.role, scope, caller.actor)
    except LoginTaken:
        raise Problem(Refusal.KEY_REUSED, "login: another account has it") from None
    secret = await asyncio.to_thread(doors.accounts.make_link, account.account_id, LINK_S, caller.actor)
    return json_answer({**_shown(account), "link_secret": secret}, 201, NO_STORE)


@router.put("/accounts/{account_id}")
async def change_account(account_id: str, request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Another name, role or scope. With another role or scope its sessions, links and the keys it made end at once."""
    body = await read_body(request, AccountChangeBody)
    scope = scope_json(body.role, body.scope.scope())
    account = await asyncio.to_thread(doors.accounts.change, account_id, body.role, scope, body.name, caller.actor)
    if account is None:
        raise Problem(Refusal.NOT_FOUND)
    await asyncio.to_thread(doors.registry.log_read, caller.actor, f"account:{account_id}", "login,name", "account changed")
    return json_answer(_shown(account), headers=NO_STORE)


@router.delete("/accounts/{account_id}/sessions", status_code=204)
async def sign_account_out(account_id: str, caller: CallerOf, doors: DoorsOf) -> Response:
    """A lost phone, a page left open: its sessions and links end, and the keys it made. It may sign in again."""
    if not await asyncio.to_thread(doors.accounts.sign_out, account_id, caller.actor):
        raise Problem(Refusal.NOT_FOUND)
    return Response(status_code=204)


@router.delete("/accounts/{account_id}", status_code=204)
async def revoke_account(account_id: str, caller: CallerOf, doors: DoorsOf) -> Response:
    """At once: its sessions end, its links and keys count no more, open live lines close within seconds."""
    if not await asyncio.to_thread(doors.accounts.revoke, account_id, caller.actor):
        raise Problem(Refusal.NOT_FOUND)
    return Response(status_code=204)


@router.post("/accounts/{account_id}/reset")
async def reset_account(account_id: str, caller: CallerOf, doors: DoorsOf) -> Response:
    """Password and second factor are forgotten, a revoked account counts again; the answer has a new link."""
    if not await asyncio.to_thread(doors.accounts.reset, account_id, caller.actor):
        raise Problem(Refusal.NOT_FOUND)
    secret = await asyncio.to_thread(doors.accounts.make_link, account_id, LINK_S, caller.actor)
    return json_answer({"account_id": account_id, "link_secret": secret}, headers=NO_STORE)


@router.get("/sign-in-rules")
async def get_sign_in_rules(caller: CallerOf, doors: DoorsOf) -> Response:
    """In which roles a second factor is needed; and of every role what its scope must and may say."""
    return json_answer(await _sign_in_rules(doors), headers=NO_STORE)


@router.put("/sign-in-rules")
async def set_sign_in_rules(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Need a second factor in these roles, and in no others. Who has none yet does nothing else before it is set up; their open
    lines close within seconds."""
    body = await read_body(request, SignInRulesBody)
    await asyncio.to_thread(doors.accounts.factors.set_roles, body.totp_roles, caller.actor)
    return json_answer(await _sign_in_rules(doors), headers=NO_STORE)


@router.get("/keys")
async def list_keys(caller: CallerOf, doors: DoorsOf) -> Response:
    """API keys, without their secrets."""
    found = await asyncio.to_thread(doors.accounts.list_keys)
    return json_answer({"items": [_shown_key(one) for one in found], "next_cursor": None}, headers=NO_STORE)


@router.post("/keys", status_code=201)
async def create_key(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Make an API key. `key` is shown once and kept as a digest."""
    body = await read_body(request, KeyBody)
    scope = scope_json(body.role, body.scope.scope())
    expires_at = body.expires_at.timestamp() if body.expires_at else None
    by = caller.id if caller.account_id else caller.actor
    key, secret = await asyncio.to_thread(doors.accounts.make_key, body.label, body.role, scope, by, expires_at)
    return json_answer({**_shown_key(key), "key": secret}, 201, NO_STORE)


@router.delete("/keys/{key_id}", status_code=204)
async def revoke_key(key_id: str, caller: CallerOf, doors: DoorsOf) -> Response:
    """At once."""
    if not await asyncio.to_thread(doors.accounts.revoke_key, key_id, caller.actor):
        raise Problem(Refusal.NOT_FOUND)
    return Response(status_code=204)


@router.delete("/all-access", status_code=204)
async def revoke_everything(caller: CallerOf, doors: DoorsOf) -> Response:
    """After a theft: every session, sign-in link and API key of everybody. People sign in again; keys are made anew."""
    await asyncio.to_thread(doors.accounts.revoke_everything, caller.actor)
    return Response(status_code=204)


# Inside ---------------------------------------------------------------------------------------------------------------


async def _sign_in_rules(doors: Doors) -> SignInRules:
    return SignInRules(
        totp_roles=[Role(one) for one in await asyncio.to_thread(doors.accounts.factors.roles)],
        roles=[RoleRule(role=role, needs=NEEDED[role], may_have=ALLOWED[role]) for role in Role],
    )


def _shown(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id, "login": account.login, "name": account.name, "role": account.role,
        "scope": read_scope(account.scope), "has_password": bool(account.password_hash), "totp": account.totp_on,
        "created_at": account.created_at, "revoked_at": account.revoked_at,
    }  # fmt: skip


def _shown_key(key: ApiKey) -> dict[str, Any]:
    return msgspec.structs.asdict(key) | {"scope": read_scope(key.scope)}
