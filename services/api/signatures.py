"""Standard Webhooks 1.0, the receiving side: over the raw bytes, in constant time, five minutes of tolerance.

Our own few lines instead of the library's `verify`: that one lets base64 pass that is not what was sent (it ignores
stray characters and unused bits), accepts timestamps like "1e9", and raises ValueError or binascii.Error on malformed
headers. What we accept, the library accepts too; a test holds the two against each other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

from services.api.problems import Problem
from streams.contracts.refusals import Refusal

TOLERANCE_S = 300
SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")
SIGNATURES_LIMIT = 8  # a sender that rotates its secret sends two
_ID = re.compile(r"[A-Za-z0-9_.:\-]{1,128}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def sign(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """The value of one signature, "v1,..."."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    signed = b"%b.%d.%b" % (webhook_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def verify(secrets: str | Sequence[str], headers: Mapping[str, str], body: bytes, wall: float) -> str:
    """The webhook-id, if `headers` sign `body` with one of `secrets` (two while they are rotated) at about `wall`. Raises a
    problem: signature_wrong, or signature_old when all is right but the time."""
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split(" ")
    if _ID.fullmatch(webhook_id) is None or _TIMESTAMP.fullmatch(timestamp) is None or len(given) > SIGNATURES_LIMIT:
        raise Problem(Refusal.SIGNATURE_WRONG, "webhook-id, webhook-timestamp or webhook-signature is not well-formed")
    if timestamp != str(int(timestamp)):
        raise Problem(Refusal.SIGNATURE_WRONG, "webhook-timestamp is not in its plain form")
    try:
        held = (secrets,) if isinstance(secrets, str) else secrets
        expected = [sign(secret, webhook_id, int(timestamp), body).encode() for secret in held]
    except binascii.Error:
        raise Problem(Refusal.SIGNATURE_WRONG) from None
    # All are compared, whichever fits, and as text: only the one spelling of the right signature is right.
    fits = [hmac.compare_digest(right, one.encode()) for right in expected for one in given]
    if not any(fits):
        raise Problem(Refusal.SIGNATURE_WRONG)
    if abs(wall - int(timestamp)) > TOLERANCE_S:
        raise Problem(Refusal.SIGNATURE_OLD)
    return webhook_id
