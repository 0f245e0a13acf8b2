"""Accounts and API keys: made, changed and revoked here, by operators; every change is noted in the registry."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from services.api.auth import CallerOf, read_scope
from services.api.commands import json_answer
from services.api.doors import Doors, DoorsOf
from services.api.models import Body, DistrictCode, DongCode, Id, Instant, PersonText, read_body
from services.api.pages import PAGE_LIMIT, Limit, part_of, sortable
from services.api.problems import Problem
from services.api.roles import ALLOWED, NEEDED, Role, Scope, wrong_scope
from services.api.tags import account_tag, check_match, rules_tag
from streams.adapters.registry_accounts import Account, ApiKey, LoginTaken
from streams.contracts.refusals import Refusal

Listed = TypeVar("Listed", Account, ApiKey)
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
    """`etag`: for `If-Match` of a change."""

    totp_roles: list[Role]
    roles: list[RoleRule]
    etag: str


def scope_json(role: Role, scope: Scope) -> str:
    """As the registry keeps it. Raises wrong_field when it does not go with the role."""
    if wrong := wrong_scope(role, scope):
        raise Problem(Refusal.WRONG_FIELD, wrong)
    return msgspec.json.encode(scope).decode()


# Everybody's: the operator's ------------------------------------------------------------------------------------------


@router.get("/accounts")
async def list_accounts(
    caller: CallerOf, doors: DoorsOf, limit: Limit = PAGE_LIMIT, cursor: str | None = None, role: Role | None = None,
    revoked: bool | None = None,
) -> Response:  # fmt: skip
    """Accounts, oldest first; a logged read of those that are shown."""
    found = await asyncio.to_thread(doors.accounts.list_accounts)
    shown, following = part_of(_of(found, role, revoked), _key_of_account, cursor, limit)
    subjects = [f"account:{one.account_id}" for one in shown]
    await asyncio.to_thread(doors.registry.log_read, caller.actor, subjects, "login,name", "list of accounts")
    return json_answer({"items": [_shown(doors, one) for one in shown], "next_cursor": following}, headers=NO_STORE)


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
    return json_answer({**_shown(doors, account), "link_secret": secret}, 201, NO_STORE)


@router.put("/accounts/{account_id}")
async def change_account(account_id: str, request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Another name, role or scope, with `If-Match` (the account's `etag` of the list). With another role or scope its sessions,
    links and the keys it made end at once."""
    body = await read_body(request, AccountChangeBody)
    scope = scope_json(body.role, body.scope.scope())

    def check(before: Account) -> None:
        check_match(request, account_tag(doors.registry, before))

    account = await asyncio.to_thread(doors.accounts.change, account_id, body.role, scope, body.name, caller.actor, check)
    if account is None:
        raise Problem(Refusal.NOT_FOUND)
    await asyncio.to_thread(doors.registry.log_read, caller.actor, f"account:{account_id}", "login,name", "account changed")
    shown = _shown(doors, account)
    return json_answer(shown, headers=NO_STORE | {"ETag": shown["etag"]})


@router.delete("/accounts/{account_id}/sessions", status_code=204)
async def sign_account_out(account_id: str, caller: CallerOf, doors: DoorsOf) -> Response:
    """A lost phone, a page left open: its sessions and links end, and the keys it made. It may sign in again."""
    if not await asyncio.to_thread(doors.accounts.sign_out, account_id, caller.actor):
        raise Problem(Refusal.NOT_FOUND)
    return Response(status_code=204)


@router.delete("/accounts/{account_id}", status_code=204)
async def revoke_account(account_id: str, request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """At once: its sessions end, its links and keys count no more, open live lines close within seconds. Nothing stands in the
    way of it, but an `If-Match` that is sent has to be the account's `etag`."""

    def check(before: Account) -> None:
        if "if-match" in request.headers:
            check_match(request, account_tag(doors.registry, before))

    if not await asyncio.to_thread(doors.accounts.revoke, account_id, caller.actor, check):
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
    return await _sign_in_rules(doors)


@router.put("/sign-in-rules")
async def set_sign_in_rules(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Need a second factor in these roles, and in no others (with `If-Match`). Who has none yet does nothing else before it is
    set up; their open lines close within seconds."""
    body = await read_body(request, SignInRulesBody)

    def check(before: list[str]) -> None:
        check_match(request, rules_tag(doors.registry, before))

    await asyncio.to_thread(doors.accounts.factors.set_roles, body.totp_roles, caller.actor, check)
    return await _sign_in_rules(doors)


@router.get("/keys")
async def list_keys(
    caller: CallerOf, doors: DoorsOf, limit: Limit = PAGE_LIMIT, cursor: str | None = None, role: Role | None = None,
    revoked: bool | None = None,
) -> Response:  # fmt: skip
    """API keys, oldest first, without their secrets."""
    found = await asyncio.to_thread(doors.accounts.list_keys)
    shown, following = part_of(_of(found, role, revoked), _key_of_key, cursor, limit)
    return json_answer({"items": [_shown_key(one) for one in shown], "next_cursor": following}, headers=NO_STORE)


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


def _of(found: list[Listed], role: Role | None, revoked: bool | None) -> list[Listed]:
    return [
        one for one in found
        if (role is None or one.role == role.value) and (revoked is None or (one.revoked_at is not None) == revoked)
    ]  # fmt: skip


def _key_of_account(account: Account) -> tuple[str, str]:
    return sortable(account.created_at), account.account_id


def _key_of_key(key: ApiKey) -> tuple[str, str]:
    return sortable(key.created_at), key.key_id


async def _sign_in_rules(doors: Doors) -> Response:
    found = await asyncio.to_thread(doors.accounts.factors.roles)
    tag = rules_tag(doors.registry, found)
    rules = SignInRules(
        totp_roles=[Role(one) for one in found], etag=tag,
        roles=[RoleRule(role=role, needs=NEEDED[role], may_have=ALLOWED[role]) for role in Role],
    )  # fmt: skip
    return json_answer(rules, headers=NO_STORE | {"ETag": tag})


def _shown(doors: Doors, account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id, "login": account.login, "name": account.name, "role": account.role,
        "scope": read_scope(account.scope), "has_password": bool(account.password_hash), "totp": account.totp_on,
        "created_at": account.created_at, "revoked_at": account.revoked_at, "etag": account_tag(doors.registry, account),
    }  # fmt: skip


def _shown_key(key: ApiKey) -> dict[str, Any]:
    return msgspec.structs.asdict(key) | {"scope": read_scope(key.scope)}
