"""Accounts, API keys and one's own settings: made and revoked here, by operators; every change is noted in the registry."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from services.api.auth import CallerOf
from services.api.callers import Caller
from services.api.commands import json_answer
from services.api.doors import Doors, DoorsOf
from services.api.models import Body, DistrictCode, DongCode, Id, Instant, PersonText, read_body
from services.api.passwords import (
    PASSWORD_MAX,
    PASSWORD_MIN,
    hash_password,
    is_too_easy,
    new_totp,
    totp_picture,
    totp_step,
    totp_uri,
)  # fmt: skip
from services.api.problems import Problem
from services.api.roles import Role, Scope, operations_of, wrong_scope
from services.api.sessions import open_session
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


class KeyBody(Body):
    """Another system's key; shown once. `label` is an id of yours."""

    label: Id
    role: Annotated[Role, Field(strict=False)] = Role.SERVICE_KEY
    scope: ScopeBody = ScopeBody()
    expires_at: Instant | None = None


Password = Annotated[str, Field(max_length=PASSWORD_MAX, examples=["correct horse battery"])]


class PasswordBody(Body):
    """`old` is left out by who came in by a link and has no password yet."""

    old: Password = ""
    new: Annotated[str, Field(min_length=PASSWORD_MIN, max_length=PASSWORD_MAX, examples=["correct horse battery"])]


class CodeBody(Body):
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["123456"])]


class SecretBody(Body):
    password: Password


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in. `may`: operations as in the description, "POST /v1/visits/{visit_id}/cancel"."""

    actor: str
    role: Role
    scope: Scope
    login: str
    name: str
    has_password: bool
    totp: bool
    csrf: str
    may: list[str]


def scope_json(role: Role, scope: Scope) -> str:
    """As the registry keeps it. Raises wrong_field when it does not go with the role."""
    if wrong := wrong_scope(role, scope):
        raise Problem(Refusal.WRONG_FIELD, wrong)
    return msgspec.json.encode(scope).decode()


# One's own ------------------------------------------------------------------------------------------------------------


@router.get("/me")
async def get_me(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Who is signed in, in which role, for what; and the operations that this role may use there (`may`). `csrf` is for the
    header X-Dolbom-CSRF, with which a page changes something; "" for keys and the token, which need none."""
    account = await _find_own(doors, caller)
    session = request.cookies.get(doors.keyring.cookie, "") if caller.proof and not caller.id.startswith("key:") else ""
    routers = request.app.state.routers
    return json_answer(
        Me(
            actor=caller.actor, role=caller.role, scope=caller.scope, may=operations_of(caller.role, caller.scope, routers),
            login=account.login if account else "", name=account.name if account else "",
            has_password=bool(account and account.password_hash), totp=bool(account and account.totp_on),
            csrf=doors.keyring.csrf_of(session) if session else "",
        ),
        headers=NO_STORE,
    )  # fmt: skip


@router.post("/me/password", status_code=204)
async def set_password(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Choose a password, twelve characters or more. All sessions of the account end but a new one, which is opened here."""
    body = await read_body(request, PasswordBody)
    account = await _get_own(doors, caller)
    if account.password_hash and not await doors.sign_in.fits(account.password_hash, body.old):
        raise Problem(Refusal.SIGN_IN_WRONG)
    if is_too_easy(body.new, account.login):
        raise Problem(Refusal.WRONG_FIELD, "new: is among the first that would be tried")
    hashed = await asyncio.to_thread(hash_password, body.new)
    await asyncio.to_thread(doors.accounts.set_password, account.account_id, hashed, caller.actor)
    return await open_session(doors, request, account)


@router.post("/me/totp")
async def begin_totp(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """A new second factor: its secret, and the same as a QR code. It is asked for once a code of it was confirmed."""
    account = await _get_own(doors, caller)
    body = await read_body(request, SecretBody)
    await _check_password(doors, account, body.password)
    secret = new_totp()
    await asyncio.to_thread(doors.accounts.put_totp, account.account_id, secret)
    uri = totp_uri(secret, account.login)
    return json_answer({"secret": secret, "uri": uri, "svg": totp_picture(uri)}, headers=NO_STORE)


@router.post("/me/totp:confirm", status_code=204)
async def confirm_totp(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Show that the authenticator works; from now on every sign-in asks for a code."""
    account = await _get_own(doors, caller)
    body = await read_body(request, CodeBody)
    secret = await asyncio.to_thread(doors.accounts.find_totp, account.account_id)
    step = totp_step(secret, body.code) if secret else None
    if step is None or not await asyncio.to_thread(doors.accounts.use_totp_step, account.account_id, step):
        raise Problem(Refusal.SIGN_IN_WRONG)
    await asyncio.to_thread(doors.accounts.switch_totp, account.account_id, True)
    return Response(status_code=204)


@router.post("/me/totp:remove", status_code=204)
async def remove_totp(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Do without the second factor again."""
    account = await _get_own(doors, caller)
    body = await read_body(request, SecretBody)
    await _check_password(doors, account, body.password)
    await asyncio.to_thread(doors.accounts.switch_totp, account.account_id, False)
    return Response(status_code=204)


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


def _shown(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id, "login": account.login, "name": account.name, "role": account.role,
        "scope": msgspec.json.decode(account.scope), "has_password": bool(account.password_hash), "totp": account.totp_on,
        "created_at": account.created_at, "revoked_at": account.revoked_at,
    }  # fmt: skip


def _shown_key(key: ApiKey) -> dict[str, Any]:
    return msgspec.structs.asdict(key) | {"scope": msgspec.json.decode(key.scope)}


async def _find_own(doors: Doors, caller: Caller) -> Account | None:
    return await asyncio.to_thread(doors.accounts.find, caller.account_id) if caller.account_id else None


async def _get_own(doors: Doors, caller: Caller) -> Account:
    """Raises not_found for keys and the token: they have no password."""
    account = await _find_own(doors, caller)
    if account is None:
        raise Problem(Refusal.NOT_FOUND)
    return account


async def _check_password(doors: Doors, account: Account, password: str) -> None:
    """A page left open must not be enough to take an account over. An account that single sign-on opens has none."""
    if account.password_hash and not await doors.sign_in.fits(account.password_hash, password):
        raise Problem(Refusal.SIGN_IN_WRONG)
