"""Who calls: the token of this installation as Bearer, or the session cookie that the page got for it.

Roles come later; the token's holder names in `X-Dolbom-Actor` for whom it acts (default: operator).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from services.api.identifiers import is_phone
from services.api.problems import Problem
from streams.adapters.vault import make_secret_file
from streams.contracts.refusals import Refusal

SESSION_S = 12 * 3600  # one working day
ACTOR_HEADER = "x-dolbom-actor"
DEFAULT_ACTOR = "operator"
_ACTOR = re.compile(r"[a-z][a-z_]{0,39}(:[A-Za-z0-9_.\-]{1,64})?")  # a role, perhaps with an id; no names
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def load_token(state_dir: Path) -> str:
    """The installation's token, made at first start (file mode 0600)."""
    return make_secret_file(state_dir / "token", secrets.token_urlsafe(32))


class Keyring:
    """Checks tokens and sessions. Sessions need no store: they are signed, and outlive a restart of the process."""

    def __init__(self, token: str, port: int) -> None:
        self._token = token.encode()
        self._session_key = hashlib.sha256(b"dolbom session " + self._token).digest()
        # Cookies do not know ports: two installations on one machine must not overwrite each other's.
        self.cookie = f"dolbom_session_{port}"

    def is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token)

    def new_session(self, now: float | None = None) -> str:
        until = str(int((time.time() if now is None else now) + SESSION_S))
        return f"{until}.{self._sign(until)}"

    def is_session(self, given: str, now: float | None = None) -> bool:
        until, _, signature = given.partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(until).encode()):
            return False
        return until.isdigit() and int(until) > (time.time() if now is None else now)

    def _sign(self, until: str) -> str:
        return hmac.new(self._session_key, until.encode(), hashlib.sha256).hexdigest()


async def read_actor(request: Request) -> str:
    """The caller, once it is known to hold the token or a session. Raises the problem otherwise."""
    keyring: Keyring = request.app.state.doors.keyring
    header = request.headers.get("authorization", "")
    if header:
        scheme, _, given = header.partition(" ")
        if scheme.lower() != "bearer" or not keyring.is_token(given.strip()):
            raise Problem(Refusal.TOKEN_WRONG, headers={"WWW-Authenticate": "Bearer"})
    else:
        session = request.cookies.get(keyring.cookie, "")
        if not session or not _from_our_page(request):
            raise Problem(Refusal.TOKEN_MISSING, headers={"WWW-Authenticate": "Bearer"})
        if not keyring.is_session(session):
            raise Problem(Refusal.TOKEN_WRONG, "the session is over", headers={"WWW-Authenticate": "Bearer"})
    actor = request.headers.get(ACTOR_HEADER, DEFAULT_ACTOR)
    if _ACTOR.fullmatch(actor) is None or is_phone(actor.partition(":")[2]):
        raise Problem(Refusal.WRONG_FIELD, "X-Dolbom-Actor: is not a role, or a role and an id (role:id)")
    return actor


Actor = Annotated[str, Depends(read_actor)]


def _from_our_page(request: Request) -> bool:
    """SameSite=Strict lets every port of this machine through; a cookie changes things only from our own page."""
    if request.method in _SAFE_METHODS:
        return True
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host", "")
