"""Who calls: the installation's token or an API key as Bearer, or the cookie of a session. And whether it may use this route.

The token's holder is the operator and names in `X-Dolbom-Actor` for whom it acts (default: operator).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import time
from pathlib import Path
from typing import Annotated

import msgspec
from fastapi import Depends, Request

from services.api.callers import CALLER, Caller
from services.api.csrf import HEADER as CSRF_HEADER, SAFE_METHODS, csrf_token, is_csrf_token, is_from_our_page
from services.api.identifiers import is_phone
from services.api.problems import Problem
from services.api.query_names import check_query
from services.api.reach import check_reach
from services.api.roles import Role, Scope, may_here
from streams.adapters.registry_accounts import AccountStore
from streams.adapters.vault import make_secret_file
from streams.contracts.refusals import Refusal

SESSION_S = 12 * 3600  # one working day
IDLE_S = 4 * 3600  # a page left open asks for names and rows; one nobody uses ends
ACTOR_HEADER = "x-dolbom-actor"
DEFAULT_ACTOR = "operator"
KEY_PREFIX = "dk_"
TOKEN_SESSION = "token session "  # with when it was opened: the proof of a session that the installation's token opened
EVERYTHING = Scope()
WITHOUT_FACTOR = ("/v1/me", "/v1/me/password", "/v1/me/totp", "/v1/me/totp:confirm", "/v1/session", "/v1/sessions")
"""What an account may use whose role needs a second factor, until it has one."""
_ACTOR = re.compile(r"[a-z][a-z_]{0,39}(:[A-Za-z0-9_.\-]{1,64})?")  # a role, perhaps with an id; no names
_BEARER = {"WWW-Authenticate": "Bearer"}


def load_token(state_dir: Path) -> str:
    """The installation's token, made at first start (file mode 0600)."""
    return make_secret_file(state_dir / "token", secrets.token_urlsafe(32))


class Keyring:
    """Checks the token and the sessions opened with it. Those need no store: they are signed, and outlive a restart. `csrf_key`
    is the same in every process that shares a registry, as accounts' sessions are."""

    def __init__(self, token: str, port: int, csrf_key: bytes = b"") -> None:
        self._token = token.encode()
        self._session_key = hashlib.sha256(b"dolbom session " + self._token).digest()
        self._csrf_key = csrf_key or self._session_key
        # Cookies do not know ports: two installations on one machine must not overwrite each other's.
        self.cookie = f"dolbom_session_{port}"
        self.device_cookie = f"dolbom_device_{port}"
        self.sso_cookie = f"dolbom_sso_{port}"

    def is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token)

    def new_session(self, now: float | None = None) -> str:
        """Says when it was opened (microseconds: no two are alike), signed."""
        opened = str(int((time.time() if now is None else now) * 1_000_000))
        return f"{opened}.{self._sign(opened)}"

    def opened_at(self, given: str, now: float | None = None) -> float | None:
        """When a session was opened with the token; None when it is none of ours, or over."""
        opened, _, signature = given.partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(opened).encode()) or not opened.isdigit():
            return None
        at = int(opened) / 1_000_000
        return at if at + SESSION_S > (time.time() if now is None else now) else None

    def csrf_of(self, session: str) -> str:
        return csrf_token(self._csrf_key, session)

    def is_csrf(self, session: str, given: str) -> bool:
        return is_csrf_token(self._csrf_key, session, given)

    def _sign(self, opened: str) -> str:
        return hmac.new(self._session_key, opened.encode(), hashlib.sha256).hexdigest()


async def read_caller(request: Request) -> Caller:
    """The caller, known, permitted on this route and with everything the request names in scope. Raises the problem
    otherwise: who is not known 401, everything else as if it were not there."""
    caller = await _authenticate(request)
    CALLER.set(caller)
    method, path = request.method.lower(), request.scope["route"].path
    if not may_here(caller.role, caller.scope, method, path):
        raise Problem(Refusal.NOT_FOUND)
    if caller.lacks_factor and path not in WITHOUT_FACTOR:
        raise Problem(Refusal.SECOND_FACTOR_NEEDED)
    check_query(request)
    if caller.is_limited:
        await check_reach(request, caller)
    return caller


async def read_actor(caller: Annotated[Caller, Depends(read_caller)]) -> str:
    """The caller as it stands in the log."""
    return caller.actor


CallerOf = Annotated[Caller, Depends(read_caller)]
Actor = Annotated[str, Depends(read_actor)]


async def _authenticate(request: Request) -> Caller:
    keyring: Keyring = request.app.state.doors.keyring
    store: AccountStore = request.app.state.doors.accounts
    header = request.headers.get("authorization", "")
    if header:
        scheme, _, given = header.partition(" ")
        given = given.strip()
        if scheme.lower() != "bearer":
            raise Problem(Refusal.TOKEN_WRONG, headers=_BEARER)
        if given.startswith(KEY_PREFIX):
            return _acting(request, await _by_key(store, given))
        if not keyring.is_token(given):
            raise Problem(Refusal.TOKEN_WRONG, headers=_BEARER)
        return _acting(request, None)
    session = request.cookies.get(keyring.cookie, "")
    if not session or (request.method not in SAFE_METHODS and not is_from_our_page(request)):
        raise Problem(Refusal.TOKEN_MISSING, headers=_BEARER)
    if request.method not in SAFE_METHODS and not keyring.is_csrf(session, request.headers.get(CSRF_HEADER, "")):
        raise Problem(Refusal.CSRF_WRONG)
    if (opened_at := keyring.opened_at(session)) is not None:
        if await asyncio.to_thread(store.revoked_everything_at) >= opened_at:
            raise Problem(Refusal.TOKEN_WRONG, "the session is over", headers=_BEARER)
        return _acting(request, None, f"{TOKEN_SESSION}{opened_at}")
    return _acting(request, await _by_session(store, session))


async def _by_key(store: AccountStore, secret: str) -> Caller:
    key = await asyncio.to_thread(store.find_key, secret)
    if key is None:
        raise Problem(Refusal.TOKEN_WRONG, headers=_BEARER)
    return Caller(f"key:{key.key_id}", Role(key.role), read_scope(key.scope), f"{key.role}:{key.key_id}", key.key_id)


async def _by_session(store: AccountStore, secret: str) -> Caller:
    session = await asyncio.to_thread(store.find_session, secret, IDLE_S)
    if session is None:
        raise Problem(Refusal.TOKEN_WRONG, "the session is over", headers=_BEARER)
    account = session.account
    return Caller(
        f"account:{account.account_id}", Role(account.role), read_scope(account.scope),
        f"{account.role}:{account.account_id}", session.digest, session.lacks_factor,
    )  # fmt: skip


def _acting(request: Request, caller: Caller | None, proof: str = "") -> Caller:
    """Only the token acts for others; everybody else is who they are. `proof`: of a session that the token opened."""
    actor = request.headers.get(ACTOR_HEADER, caller.actor if caller is not None else DEFAULT_ACTOR)
    if _ACTOR.fullmatch(actor) is None or is_phone(actor.partition(":")[2]):
        raise Problem(Refusal.WRONG_FIELD, "X-Dolbom-Actor: is not a role, or a role and an id (role:id)")
    if caller is None:
        return Caller("token", Role.OPERATOR, EVERYTHING, actor, proof)
    if actor != caller.actor:
        raise Problem(Refusal.WRONG_FIELD, "X-Dolbom-Actor: only the installation's token acts for others; leave it out")
    return caller


def valid_proofs(store: AccountStore, proofs: set[str]) -> set[str]:
    """Which callers still count, by their `proof`; for lines that stay open. Blocks."""
    by_token = {one for one in proofs if one.startswith(TOKEN_SESSION)}
    others = sorted(proofs - by_token)
    found = store.valid(others, others, IDLE_S)
    revoked_at = store.revoked_everything_at() if by_token else 0.0
    return found | {one for one in by_token if _counts(float(one.removeprefix(TOKEN_SESSION)), revoked_at)}


def _counts(opened_at: float, revoked_at: float) -> bool:
    return revoked_at < opened_at and time.time() < opened_at + SESSION_S


def read_scope(text: str) -> Scope:
    return msgspec.json.decode(text, type=Scope)
