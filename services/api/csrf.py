"""Whether a request with a cookie comes from our own page. Browsers send cookies by themselves; keys and the installation's
token are sent on purpose, so they need none of this.

Two lines of defence, and a request has to pass both: the browser says where the request comes from (no page can make it say
otherwise; `SameSite=Strict` alone lets every port of this machine through), and our page repeats in a header the token that
only a page of ours could read (`GET /v1/me`). The token belongs to one session: a new sign-in has a new one.
"""

from __future__ import annotations

import hashlib
import hmac

from fastapi import Request

HEADER = "x-dolbom-csrf"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def csrf_token(key: bytes, session: str) -> str:
    """The token that goes with a session's cookie. Nobody without `key` can make it, not even whoever set the cookie."""
    return hmac.new(key, b"csrf " + session.encode(), hashlib.sha256).hexdigest()


def is_csrf_token(key: bytes, session: str, given: str) -> bool:
    return hmac.compare_digest(given.encode(), csrf_token(key, session).encode())


def is_from_our_page(request: Request) -> bool:
    """Said by the browser. False where it says nothing: a browser of today always does when it changes something."""
    origin = request.headers.get("origin")
    if origin is not None:
        return origin.partition("://")[2] == request.headers.get("host", "")
    return request.headers.get("sec-fetch-site") == "same-origin"


def is_from_another_page(request: Request) -> bool:
    """For signing in, which has no session yet and is done by programs too: only who says to come from elsewhere is refused.
    (Else another page could sign somebody in as itself, and read what they then do in its name.)"""
    said = request.headers.get("origin") is not None or request.headers.get("sec-fetch-site") is not None
    return said and not is_from_our_page(request)
