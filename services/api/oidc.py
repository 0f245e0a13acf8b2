"""Single sign-on of a city (OpenID Connect, authorization code with PKCE), by Authlib.

Who may come in is decided here, not there: an account has to exist. At the first sign-on it is found by the verified
e-mail address that is its login, and bound to that person (issuer and subject) for good.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
import msgspec
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from joserfc.errors import JoseError

from services.api.auth import SESSION_S
from services.api.doors import Doors, DoorsOf
from services.api.problems import Problem
from services.api.sessions import set_session
from streams.adapters.registry_accounts import Account, AccountStore
from streams.adapters.vault import Vault, VaultError
from streams.contracts.refusals import Refusal
from streams.settings import Settings

log = logging.getLogger(__name__)

BEGUN_S = 600
CALLBACK = "/sign-in/sso/callback"
FAILED = "/sign-in#sso=failed"

router = APIRouter(include_in_schema=False)


class _Begun(msgspec.Struct):
    """What the browser brings back, sealed: nobody finishes a sign-on that another browser began."""

    state: str
    nonce: str
    code_verifier: str


class SingleSignOn:
    """`is_on`: an issuer is configured."""

    def __init__(self, settings: Settings, store: AccountStore, vault: Vault) -> None:
        self._settings = settings
        self._store = store
        self._vault = vault
        self.is_on = bool(settings.oidc_issuer and settings.oidc_client_id)
        if self.is_on:
            self._app: Any = OAuth().register(
                "sso", client_id=settings.oidc_client_id, client_secret=settings.oidc_client_secret or None,
                server_metadata_url=settings.oidc_issuer + "/.well-known/openid-configuration",
                client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "timeout": 10.0},
            )  # fmt: skip

    async def begin(self, redirect_uri: str) -> tuple[str, str]:
        """(where to send the browser, what it keeps meanwhile)."""
        made = await self._app.create_authorization_url(redirect_uri)
        begun = _Begun(made["state"], made["nonce"], made["code_verifier"])
        return str(made["url"]), self._vault.lock("sso", msgspec.json.encode(begun)).hex()

    async def finish(self, redirect_uri: str, state: str, code: str, kept: str) -> Account:
        """The account of who signed on. Raises sign_in_wrong."""
        try:
            begun = msgspec.json.decode(self._vault.unlock("sso", bytes.fromhex(kept)), type=_Begun)
            if not state or state != begun.state:
                raise Problem(Refusal.SIGN_IN_WRONG)
            token = await self._app.fetch_access_token(
                redirect_uri=redirect_uri, code=code, code_verifier=begun.code_verifier, grant_type="authorization_code"
            )
            claims = await self._app.parse_id_token(token, nonce=begun.nonce)
        except (ValueError, VaultError, msgspec.DecodeError, OAuthError, JoseError, httpx.HTTPError) as error:
            log.warning("a single sign-on failed: %s", type(error).__name__)
            raise Problem(Refusal.SIGN_IN_WRONG) from None
        if not claims or not claims.get("sub"):
            raise Problem(Refusal.SIGN_IN_WRONG)
        return await asyncio.to_thread(self._account_of, claims)

    def _account_of(self, claims: dict[str, Any]) -> Account:
        issuer, subject = str(claims.get("iss") or self._settings.oidc_issuer), str(claims["sub"])
        account = self._store.find_sso(issuer, subject)
        if account is None and claims.get("email") and claims.get("email_verified") is True:
            account = self._store.find_login(str(claims["email"]))
            if account is not None and not self._store.bind_sso(account.account_id, issuer, subject):
                account = None  # it is somebody else's already
        if account is None or account.revoked_at is not None:
            raise Problem(Refusal.SIGN_IN_WRONG)
        return account


@router.get("/sign-in/sso")
async def begin_sso(request: Request, doors: DoorsOf) -> Response:
    if not doors.sso.is_on:
        raise Problem(Refusal.NOT_FOUND)
    try:
        url, kept = await doors.sso.begin(_redirect_uri(doors, request))
    except (httpx.HTTPError, OAuthError, ValueError) as error:
        log.warning("the single sign-on cannot be reached: %s", type(error).__name__)
        return RedirectResponse(FAILED, 303)
    response = RedirectResponse(url, 302)
    # Lax: the provider's page sends the browser back here, and Strict cookies would stay at home.
    response.set_cookie(
        doors.keyring.sso_cookie, kept, max_age=BEGUN_S, httponly=True, samesite="lax", path="/sign-in",
        secure=doors.is_secure(request),
    )  # fmt: skip
    return response


@router.get(CALLBACK)
async def finish_sso(request: Request, doors: DoorsOf) -> Response:
    if not doors.sso.is_on:
        raise Problem(Refusal.NOT_FOUND)
    said, kept = request.query_params, request.cookies.get(doors.keyring.sso_cookie, "")
    try:
        account = await doors.sso.finish(_redirect_uri(doors, request), said.get("state", ""), said.get("code", ""), kept)
    except Problem:
        response = RedirectResponse(FAILED, 303)
    else:
        secret = await asyncio.to_thread(doors.accounts.open_session, account.account_id, SESSION_S)
        response = RedirectResponse("/", 303)
        set_session(doors, request, response, account, secret)
    response.delete_cookie(doors.keyring.sso_cookie, path="/sign-in")
    return response


def _redirect_uri(doors: Doors, request: Request) -> str:
    """As registered with the provider: the public address, else the one that was called."""
    base = doors.settings.public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
    return base + CALLBACK
