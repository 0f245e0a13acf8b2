"""One's own account: who is signed in, the password, the second factor."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from services.api.auth import CallerOf
from services.api.callers import Caller
from services.api.commands import json_answer
from services.api.doors import Doors, DoorsOf
from services.api.models import Body, read_body
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
from services.api.roles import Role, Scope, operations_of
from services.api.sessions import open_session
from streams.adapters.registry_accounts import Account
from streams.contracts.refusals import Refusal

NO_STORE = {"Cache-Control": "no-store"}

router = APIRouter(prefix="/v1", tags=["accounts"])

Password = Annotated[str, Field(max_length=PASSWORD_MAX, examples=["correct horse battery"])]


class PasswordBody(Body):
    """`old` is left out by who came in by a link and has no password yet."""

    old: Password = ""
    new: Annotated[str, Field(min_length=PASSWORD_MIN, max_length=PASSWORD_MAX, examples=["correct horse battery"])]


class CodeBody(Body):
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["123456"])]


class SecretBody(Body):
    """`password` is left out by who has none (single sign-on)."""

    password: Password = ""


class FactorBody(Body):
    """`code`: of the second factor, or a recovery code."""

    password: Password = ""
    code: Annotated[str, Field(min_length=6, max_length=20, examples=["123456"])]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in. `may`: operations as in the description, "POST /v1/visits/{visit_id}/cancel". `totp_needed`: until a
    second factor is set up nothing else is answered. `csrf`: for the header X-Dolbom-CSRF."""

    actor: str
    role: Role
    scope: Scope
    login: str
    name: str
    has_password: bool
    totp: bool
    totp_needed: bool
    recovery_codes_left: int
    csrf: str
    may: list[str]


class TotpBegun(msgspec.Struct, frozen=True, kw_only=True):
    """A secret, as text, as the address that authenticators read, and as a picture (QR code, SVG) of that; shown once."""

    secret: str
    uri: str
    svg: str


class RecoveryCodes(msgspec.Struct, frozen=True, kw_only=True):
    """Each opens once in place of a code; shown once."""

    recovery_codes: list[str]


@router.get("/me")
async def get_me(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Who is signed in, in which role, for what; and the operations that this role may use there (`may`). `csrf` is for the
    header X-Dolbom-CSRF, with which a page changes something; "" for keys and the token, which need none."""
    account = await _find_own(doors, caller)
    session = request.cookies.get(doors.keyring.cookie, "") if caller.proof and not caller.id.startswith("key:") else ""
    left = await asyncio.to_thread(doors.accounts.factors.codes_left, account.account_id) if account and account.totp_on else 0
    routers = request.app.state.routers
    return json_answer(
        Me(
            actor=caller.actor, role=caller.role, scope=caller.scope, may=operations_of(caller.role, caller.scope, routers),
            login=account.login if account else "", name=account.name if account else "",
            has_password=bool(account and account.password_hash), totp=bool(account and account.totp_on),
            totp_needed=caller.lacks_factor, recovery_codes_left=left,
            csrf=doors.keyring.csrf_of(session) if session else "",
        ),
        headers=NO_STORE,
    )  # fmt: skip


@router.post("/me/password", status_code=204)
async def set_password(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Choose a password, twelve characters or more. All sessions of the account end but a new one, which is opened here."""
    body = await read_body(request, PasswordBody)
    account = await _get_own(doors, caller)
    await doors.sign_in.confirm(account, body.old, caller.proof)
    if is_too_easy(body.new, account.login):
        raise Problem(Refusal.WRONG_FIELD, "new: is among the first that would be tried")
    hashed = await asyncio.to_thread(hash_password, body.new)
    await asyncio.to_thread(doors.accounts.set_password, account.account_id, hashed, caller.actor)
    return await open_session(doors, request, account)


@router.post("/me/totp")
async def begin_totp(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """A second factor: its secret, and the same as a QR code. It is asked for once a code of it was confirmed. Who has one
    already removes that first."""
    account = await _get_own(doors, caller)
    body = await read_body(request, SecretBody)
    await doors.sign_in.confirm(account, body.password, caller.proof)
    if account.totp_on:
        raise Problem(Refusal.WRONG_FIELD, "a second factor is set up; remove it first")
    secret = new_totp()
    await asyncio.to_thread(doors.accounts.put_totp, account.account_id, secret)
    uri = totp_uri(secret, account.login)
    return json_answer(TotpBegun(secret=secret, uri=uri, svg=totp_picture(uri)), headers=NO_STORE)


@router.post("/me/totp:confirm")
async def confirm_totp(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Show that the authenticator works; from now on every sign-in asks for a code. Answers ten recovery codes, shown once: each
    opens once in place of a code."""
    account = await _get_own(doors, caller)
    body = await read_body(request, CodeBody)
    secret = await asyncio.to_thread(doors.accounts.find_totp, account.account_id)
    step = totp_step(secret, body.code) if secret and not account.totp_on else None
    if step is None or not await asyncio.to_thread(doors.accounts.use_totp_step, account.account_id, step):
        raise Problem(Refusal.SIGN_IN_WRONG)
    codes = await asyncio.to_thread(doors.accounts.factors.new_codes, account.account_id)
    await asyncio.to_thread(doors.accounts.switch_totp, account.account_id, True)
    return json_answer(RecoveryCodes(recovery_codes=codes), headers=NO_STORE)


@router.post("/me/recovery-codes")
async def renew_recovery_codes(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Ten new recovery codes, shown once; those of before open nothing any more. Takes the password and a code (or a recovery
    code)."""
    account = await _get_own(doors, caller)
    body = await read_body(request, FactorBody)
    await doors.sign_in.confirm(account, body.password, caller.proof)
    if not account.totp_on:
        raise Problem(Refusal.WRONG_FIELD, "no second factor is set up")
    await doors.sign_in.confirm_code(account, body.code, caller.proof)
    codes = await asyncio.to_thread(doors.accounts.factors.new_codes, account.account_id)
    return json_answer(RecoveryCodes(recovery_codes=codes), headers=NO_STORE)


@router.post("/me/totp:remove", status_code=204)
async def remove_totp(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Do without the second factor again: password and a code (or a recovery code)."""
    account = await _get_own(doors, caller)
    body = await read_body(request, FactorBody)
    await doors.sign_in.confirm(account, body.password, caller.proof)
    if account.totp_on:
        await doors.sign_in.confirm_code(account, body.code, caller.proof)
    await asyncio.to_thread(doors.accounts.switch_totp, account.account_id, False)
    return Response(status_code=204)


async def _find_own(doors: Doors, caller: Caller) -> Account | None:
    return await asyncio.to_thread(doors.accounts.find, caller.account_id) if caller.account_id else None


async def _get_own(doors: Doors, caller: Caller) -> Account:
    """Raises not_found for keys and the token: they have no password."""
    account = await _find_own(doors, caller)
    if account is None:
        raise Problem(Refusal.NOT_FOUND)
    return account
