"""Sessions: a token, a password or a link for a cookie that no script reads."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.api.auth import SESSION_S, CallerOf
from services.api.csrf import is_from_another_page
from services.api.doors import Doors, DoorsOf
from services.api.models import Body, read_body
from services.api.problems import Problem
from services.api.sign_in import DEVICE_S
from streams.adapters.registry_accounts import LINK_PREFIX, Account
from streams.contracts.refusals import Refusal

router = APIRouter(prefix="/v1", tags=["session"])
closed = APIRouter(prefix="/v1", tags=["session"])

Text = Annotated[str, Field(max_length=200)]


class SessionBody(Body):
    """The installation's token, or login and password (with the `code` of a second factor), or a sign-in link's secret."""

    token: Text | None = None
    login: Text | None = None
    password: Text = ""
    code: Annotated[str, Field(max_length=20)] = ""
    link: Text | None = None

    @model_validator(mode="after")
    def _check_one(self) -> SessionBody:
        if sum(one is not None for one in (self.token, self.login, self.link)) != 1:
            raise PydanticCustomError(Refusal.WRONG_FIELD, "needs one of token, login and link")
        return self


@router.post("/session", status_code=204)
async def begin_session(request: Request, doors: DoorsOf) -> Response:
    """Sign in: for the token, login and password, or a link, a cookie that the page's script cannot read."""
    if is_from_another_page(request):
        raise Problem(Refusal.TOKEN_MISSING)
    body = await read_body(request, SessionBody)
    if body.token is not None and body.token.strip().startswith(LINK_PREFIX):
        return await open_session(doors, request, await doors.sign_in.by_link(body.token.strip()))  # the address `make run` prints
    if body.token is not None:
        if not doors.keyring.is_token(body.token.strip()):
            raise Problem(Refusal.TOKEN_WRONG)
        response = Response(status_code=204)
        _set_cookie(doors, request, response, doors.keyring.cookie, doors.keyring.new_session())
        return response
    if body.link is not None:
        return await open_session(doors, request, await doors.sign_in.by_link(body.link.strip()))
    address = request.client.host if request.client else ""
    known = request.cookies.get(doors.keyring.device_cookie, "")
    account = await doors.sign_in.by_password(str(body.login), body.password, body.code.strip(), address, known)
    return await open_session(doors, request, account)


@closed.delete("/session", status_code=204)
async def end_session(request: Request, caller: CallerOf, doors: DoorsOf) -> Response:
    """Sign out here."""
    if caller.account_id:
        await asyncio.to_thread(doors.accounts.close_session, caller.proof)
    response = Response(status_code=204)
    response.delete_cookie(doors.keyring.cookie, path="/")
    return response


@closed.delete("/sessions", status_code=204)
async def end_sessions(caller: CallerOf, doors: DoorsOf) -> Response:
    """Sign out everywhere."""
    if not caller.account_id:
        raise Problem(Refusal.NOT_FOUND)
    await asyncio.to_thread(doors.accounts.close_all, caller.account_id)
    return Response(status_code=204)


@closed.delete("/sessions/others", status_code=204)
async def end_other_sessions(caller: CallerOf, doors: DoorsOf) -> Response:
    """Sign out everywhere but here: a lost phone, another desk."""
    if not caller.account_id:
        raise Problem(Refusal.NOT_FOUND)
    await asyncio.to_thread(doors.accounts.close_all, caller.account_id, caller.proof)
    return Response(status_code=204)


async def open_session(doors: Doors, request: Request, account: Account) -> Response:
    """204 with the cookies of a new session."""
    secret = await asyncio.to_thread(doors.accounts.open_session, account.account_id, SESSION_S)
    response = Response(status_code=204)
    set_session(doors, request, response, account, secret)
    return response


def set_session(doors: Doors, request: Request, response: Response, account: Account, secret: str) -> None:
    keyring = doors.keyring
    device = doors.sign_in.device_cookie(account.account_id, request.cookies.get(keyring.device_cookie, ""))
    _set_cookie(doors, request, response, keyring.cookie, secret)
    _set_cookie(doors, request, response, keyring.device_cookie, device, DEVICE_S)


def _set_cookie(
    doors: Doors, request: Request, response: Response, name: str, value: str, lasts_s: int | None = None
) -> None:
    secure = doors.is_secure(request)
    response.set_cookie(name, value, max_age=lasts_s, httponly=True, samesite="strict", secure=secure, path="/")
