"""Signed webhooks that were changed on the way: each differs from the one that was signed in its body, its signed headers, its
signature or whose it is said to be. Seeded: the same number is the same mutant."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from services.api.signatures import TOLERANCE_S, sign

Headers = list[tuple[bytes, bytes]]
ID, AT, SIGNATURE = b"webhook-id", b"webhook-timestamp", b"webhook-signature"
_B64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ODD = ["\x00", "\t", " ", "\n", "é", "１", "٣", "\u200b", "%00", ",", ";", "=", '"', "\x7f", "ﬀ"]


@dataclass(frozen=True)
class Secrets:
    """What may be known to whom: the right one, and those that open other doors."""

    right: str
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Sent:
    """One request to the signed door."""

    organisation: str
    headers: Headers
    body: bytes
    how: str = "as signed"

    def header(self, name: bytes) -> bytes:
        return next((value for given, value in self.headers if given == name), b"")

    def with_header(self, name: bytes, *values: bytes) -> Sent:
        return replace(self, headers=[one for one in self.headers if one[0] != name] + [(name, value) for value in values])


def signed(organisation: str, secret: str, webhook_id: str, at: int, body: bytes) -> Sent:
    headers = [(ID, webhook_id.encode()), (AT, str(at).encode()), (SIGNATURE, sign(secret, webhook_id, at, body).encode())]
    return Sent(organisation, headers, body)


def a_body(dice: random.Random, number: int) -> bytes:
    kinds = ("arrived", "done", "picked_up", "no_answer", "shift_on", "observed", "failed")
    reports = [
        {
            "report_id": f"r-{number}-{index}", "kind": dice.choice(kinds), "occurred_at": "2026-11-03T02:00:00Z",
            "worker_id": "rider-1", "visit_ids": [f"v-{dice.randrange(1000):04}"], "district": "11440",
        }
        for index in range(dice.randint(1, 3))
    ]  # fmt: skip
    return json.dumps({"type": "reports", "data": {"reports": reports}}).encode()


# --- mutations --------------------------------------------------------------------------------------------------------


def body_bytes(dice: random.Random, sent: Sent, secrets: Secrets) -> Sent:
    """A bit, a byte or a stretch of the body."""
    body, at = bytearray(sent.body), dice.randrange(len(sent.body))
    change = dice.randrange(7)
    if change == 0:
        body[at] ^= 1 << dice.randrange(8)
    elif change == 1:
        del body[at : at + dice.randint(1, 40)]
    elif change == 2:
        body[at:at] = dice.randbytes(dice.randint(1, 20))
    elif change == 3:
        body += dice.choice([b" ", b"\n", b"\x00", b"\xef\xbb\xbf", bytes(body)])
    elif change == 4:
        body[:0] = dice.choice([b" ", b"\xef\xbb\xbf", b"\x00", b"{}"])
    elif change == 5:
        body = bytearray(dice.randbytes(dice.randint(0, 400)))
    else:
        body.reverse()
    return replace(sent, body=bytes(body))


def body_values(dice: random.Random, sent: Sent, secrets: Secrets) -> Sent:
    """The body says something else, or the same in other bytes."""
    read = json.loads(sent.body)
    report = dice.choice(read["data"]["reports"])
    change = dice.randrange(6)
    if change == 0:
        report["report_id"] += dice.choice("0123456789x")
    elif change == 1:
        report["worker_id"] = dice.choice(["rider-2", "", "rider-1 ", "R" * 300])
    elif change == 2:
        report["visit_ids"].append(f"v-{dice.randrange(9999)}")
    elif change == 3:
        read["data"]["reports"] = read["data"]["reports"] * 2
    elif change == 4:
        read["timestamp"] = dice.random()
    else:
        return replace(sent, body=json.dumps(read, separators=(",", ":"), sort_keys=True).encode())
    return replace(sent, body=json.dumps(read).encode())


def other_id(dice: random.Random, sent: Sent, secrets: Secrets) -> Sent:
    given = sent.header(ID)
    text = given.decode()
    changed = [
        text + dice.choice("0aZ.:-_"), text[:-1], text.upper(), "", "x" * dice.randint(129, 5000), dice.choice(_ODD) + text,
        text + dice.choice(_ODD), text[::-1], f"{text}.{sent.header(AT).decode()}", "../" + text,
    ]  # fmt: skip
    return sent.with_header(ID, dice.choice([one for one in changed if one != text]).encode())


def other_time(dice: random.Random, sent: Sent, secrets: Secrets) -> Sent:
    at = int(sent.header(AT))
    changed = [
        str(at + dice.choice([-1, 1, 60, -299, 299, 10_000_000])), f"0{at}", f"+{at}", f"-{at}", f"{at}.0", f" {at}", f"{at} ",
        f"{at}e0", hex(at), f"{at:_}", "9" * dice.randint(12, 5000), "", "nan", "now", str(at).replace("1", "１"), f"{at}\x00",
    ]  # fmt: skip
    return sent.with_header(AT, dice.choice([one for one in changed if one != str(at)]).encode())


def other_signature(dice: random.Random, sent: Sent, secrets: Secrets) -> Sent:
    right = sent.header(SIGNATURE).decode()
    code = right.removeprefix("v1,")
    at = dice.randrange(len(code) - 1)
    raw = bytearray(base64.b64decode(code))
    raw[dice.randrange(32)] ^= 1 << dice.randrange(8)
    changed = [
        "v1," + base64.b64encode(raw).decode(),
        "v1," + code[:at] + dice.choice(_B64.replace(code[at], "")) + code[at + 1 :],
        "v1," + code[:-2] + _B64[_B64.index(code[-2]) ^ dice.randint(1, 3)] + "=",  # the unused bits of the last character
        "v1," + code.rstrip("="), right + "=", "v1," + code[:at], right * 2, code, "v2," + code, "V1," + code, "v1;" + code,
        "v1," + base64.b64decode(code).hex(), "v1, " + code, "v1," + code.swapcase(), "v1,", "v1", "", ",", " ",
        "v1," + code[:at] + dice.choice(_ODD) + code[at:], "v1," + base64.b64encode(dice.randbytes(32)).decode(),
        " ".join(["v1," + base64.b64encode(dice.randbytes(32)).decode()] * 8 + [right]), "v1," + "A" * dice.randint(100, 9000),
    ]  # fmt: skip
    if set(code) & set("+/"):
        changed.append("v1," + code.replace("+", "-").replace("/", "_"))
    return sent.with_header(SIGNATURE, dice.choice([one for one in changed if one != right]).encode())


def other_key(dice: random.Random, sent: Sent, secrets: Secrets) -> Sent:
    """Signed, and with a key that is not this organisation's for what it sends; or over something else."""
    webhook_id, at = sent.header(ID).decode(), int(sent.header(AT))
    key = base64.b64decode(secrets.right.removeprefix("whsec_"))
    over = f"{webhook_id}.{at}.".encode()
    change = dice.randrange(6)
    if change == 0:
        return sent.with_header(SIGNATURE, sign(dice.choice(secrets.wrong), webhook_id, at, sent.body).encode())
    digest = (
        hmac.new(key, sent.body, hashlib.sha256),
        hmac.new(key, over + sent.body, hashlib.sha512),
        hmac.new(secrets.right.encode(), over + sent.body, hashlib.sha256),
        hmac.new(b"", over + sent.body, hashlib.sha256),
        hmac.new(key, f"{webhook_id}{at}".encode() + sent.body, hashlib.sha256),
    )[change - 1]
    return sent.with_header(SIGNATURE, b"v1," + base64.b64encode(digest.digest()))


def other_organisation(dice: random.Random, sent: Sent, secrets: Secrets) -> Sent:
    names = ["coop-b", "nobody", "COOP-A", "coop-a%00", "coop-a ", "..", "x" * 300, "협동조합", "coop-a.", "a" * 128]
    return replace(sent, organisation=dice.choice(names))


def old(dice: random.Random, sent: Sent, secrets: Secrets) -> Sent:
    """All is right but the time: a recording of yesterday, or a clock that is ahead."""
    at = int(sent.header(AT)) + dice.choice([-1, 1]) * (TOLERANCE_S + dice.randint(60, 400_000))
    return signed(sent.organisation, secrets.right, sent.header(ID).decode(), at, sent.body)


def no_header(dice: random.Random, sent: Sent, secrets: Secrets) -> Sent:
    return sent.with_header(dice.choice([ID, AT, SIGNATURE]))


def header_twice(dice: random.Random, sent: Sent, secrets: Secrets) -> Sent:
    """Two of one header: who reads the first and who reads the last would disagree."""
    name = dice.choice([ID, AT, SIGNATURE])
    other = {ID: b"msg-other", AT: str(int(sent.header(AT)) + 1).encode(), SIGNATURE: b"v1,AAAA"}[name]
    return sent.with_header(name, *dice.sample([sent.header(name), other], 2))


Mutation = Callable[[random.Random, Sent, Secrets], Sent]
MUTATIONS: tuple[Mutation, ...] = (
    body_bytes, body_values, other_id, other_time, other_signature, other_key, other_organisation, old, no_header, header_twice
)  # fmt: skip


def mutant(number: int, organisation: str, secrets: Secrets, at: int, draw: int = 0) -> Sent:
    """Mutant `number`; sometimes changed twice, and never back again."""
    dice = random.Random(f"mutant {number} {draw}")
    original = sent = signed(organisation, secrets.right, f"msg-{number}", at, a_body(dice, number))
    names = []
    for mutation in [MUTATIONS[number % len(MUTATIONS)], *dice.sample(MUTATIONS[4:8], dice.choice([0, 0, 0, 1]))]:
        if not sent.header(ID) or not sent.header(AT).isascii() or not sent.header(AT).isdigit() or len(sent.header(AT)) > 12:
            break  # nothing is left to be signed again
        if re.fullmatch(rb"v1,[A-Za-z0-9+/]{43}=", sent.header(SIGNATURE)) is None:
            break
        if sent.organisation != organisation:
            break  # the other one's key would be the right one now
        names.append(mutation.__name__)
        sent = mutation(dice, sent, secrets)
    same = (sent.organisation, sorted(sent.headers), sent.body) == (organisation, sorted(original.headers), original.body)
    return mutant(number, organisation, secrets, at, draw + 1) if same else replace(sent, how="+".join(names))
