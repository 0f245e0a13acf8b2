"""Passwords by argon2id, and one-time codes by TOTP (RFC 6238), each from a well-kept library."""

from __future__ import annotations

import io
import time

import pyotp
import segno
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

PASSWORD_MIN, PASSWORD_MAX = 12, 200  # NIST SP 800-63B asks for length, not for kinds of letters
STEP_S = 30
LATE_STEPS = 1  # a phone's clock may be half a minute off

_hasher = PasswordHasher(type=Type.ID)  # RFC 9106's second choice: 3 passes over 64 MiB, 4 lanes
_NOBODY = _hasher.hash("nobody has this password")  # an unknown login takes as long as a known one


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def fits(password_hash: str, password: str) -> bool:
    """False for an account without a password too, after the same time."""
    try:
        return _hasher.verify(password_hash or _NOBODY, password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def is_too_easy(password: str, login: str) -> bool:
    """Of one letter, of digits in a row, or with the login in it: the first ones that are tried."""
    folded = password.casefold()
    return len(set(folded)) < 5 or (len(login) > 3 and login.casefold() in folded) or folded in "01234567890123456789"


def new_totp() -> str:
    return pyotp.random_base32()


def totp_uri(secret: str, login: str) -> str:
    """What an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Dolbom Dispatch")


def totp_picture(uri: str) -> str:
    """The same as a QR code (SVG)."""
    out = io.BytesIO()
    segno.make(uri, error="m").save(out, kind="svg", scale=5, xmldecl=False)
    return out.getvalue().decode()


def totp_step(secret: str, code: str, now: float | None = None) -> int | None:
    """The step that the code belongs to, a step early or late at most; None when it is no code of the secret."""
    this = int(time.time() if now is None else now) // STEP_S
    totp = pyotp.TOTP(secret)
    for step in range(this - LATE_STEPS, this + LATE_STEPS + 1):
        if pyotp.utils.strings_equal(totp.at(step * STEP_S), code):
            return step
    return None
