"""Webhook signatures: the right one passes, and nothing that was changed in any way."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings, strategies as st
from standardwebhooks import Webhook

from services.api.problems import Problem
from services.api.signatures import sign, verify
from streams.contracts.refusals import Refusal

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(32)).decode()
NOW = 1_800_000_000
BODY = '{"type":"reports","data":{"reports":[{"how":"문앞"}]}}'.encode()


def headers(webhook_id: str = "msg_1", at: int = NOW, signature: str | None = None) -> dict[str, str]:
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(at),
        "webhook-signature": sign(SECRET, webhook_id, at, BODY) if signature is None else signature,
    }


def code_of(given: dict[str, str], body: bytes = BODY, secret: str = SECRET, wall: float = NOW) -> str:
    try:
        verify(secret, given, body, wall)
    except Problem as problem:
        return problem.code
    return "accepted"


def test_the_right_signature_passes() -> None:
    assert verify(SECRET, headers(), BODY, NOW) == "msg_1"


def test_we_sign_as_the_library_does() -> None:
    at = datetime.now(UTC)
    ours = sign(SECRET, "msg_1", int(at.timestamp()), BODY)
    assert ours == Webhook(SECRET).sign("msg_1", at, BODY.decode())
    signed = {**headers(at=int(at.timestamp())), "webhook-signature": ours}
    Webhook(SECRET).verify(BODY, signed)


def test_one_of_several_signatures_is_enough() -> None:
    both = f"{sign(OTHER, 'msg_1', NOW, BODY)} {sign(SECRET, 'msg_1', NOW, BODY)}"
    assert code_of(headers(signature=both)) == "accepted"


@pytest.mark.parametrize("off_s", [-301, 301, -86_400, 86_400])
def test_more_than_five_minutes_off_is_old(off_s: int) -> None:
    assert code_of(headers(), wall=NOW + off_s) == Refusal.SIGNATURE_OLD


@pytest.mark.parametrize("off_s", [-300, 0, 300])
def test_five_minutes_are_tolerated(off_s: int) -> None:
    assert code_of(headers(), wall=NOW + off_s) == "accepted"


_RIGHT = sign(SECRET, "msg_1", NOW, BODY)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,!!!"},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": _RIGHT.replace("v1,", "v2,")},
        {"webhook-signature": _RIGHT.removeprefix("v1,")},
        {"webhook-signature": _RIGHT + "="},
        {"webhook-signature": _RIGHT.rstrip("=")},
        {"webhook-signature": "v1,!" + _RIGHT.removeprefix("v1,")},
        {"webhook-signature": " ".join(["v1,AAAA"] * 1000 + [_RIGHT])},
        {"webhook-signature": sign(OTHER, "msg_1", NOW, BODY)},
        {"webhook-timestamp": f"{NOW}.0"},
        {"webhook-timestamp": f"0{NOW}"},
        {"webhook-timestamp": f"+{NOW}"},
        {"webhook-timestamp": "1.8e9"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": str(NOW + 1)},
        {"webhook-timestamp": ""},
        {"webhook-id": ""},
        {"webhook-id": "msg_2"},
        {"webhook-id": "msg_1\n"},
    ],
)
def test_malformed_or_changed_headers_are_wrong(changed: dict[str, str]) -> None:
    assert code_of({**headers(), **changed}) == Refusal.SIGNATURE_WRONG


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_wrong(missing: str) -> None:
    assert code_of({name: value for name, value in headers().items() if name != missing}) == Refusal.SIGNATURE_WRONG


@settings(max_examples=1500, deadline=None)
@given(position=st.integers(0, len(_RIGHT) - 1), character=st.characters(min_codepoint=32, max_codepoint=126))
def test_a_signature_changed_in_one_place_is_never_accepted(position: int, character: str) -> None:
    changed = _RIGHT[:position] + character + _RIGHT[position + 1 :]
    assert (code_of(headers(signature=changed)) == "accepted") == (changed == _RIGHT)


@settings(max_examples=1000, deadline=None)
@given(position=st.integers(0, len(_RIGHT)), added=st.text(st.characters(max_codepoint=255), min_size=1, max_size=4))
def test_a_signature_with_something_put_in_is_never_accepted(position: int, added: str) -> None:
    changed = _RIGHT[:position] + added + _RIGHT[position:]
    whole = _RIGHT in changed.split(" ")  # a space beside it leaves the right one whole
    assert (code_of(headers(signature=changed)) == "accepted") == whole


@settings(max_examples=1000, deadline=None)
@given(data=st.data())
def test_a_body_changed_in_one_bit_is_never_accepted(data: st.DataObject) -> None:
    position, bit = data.draw(st.integers(0, len(BODY) - 1)), data.draw(st.integers(0, 7))
    changed = bytearray(BODY)
    changed[position] ^= 1 << bit
    assert code_of(headers(), bytes(changed)) == Refusal.SIGNATURE_WRONG


@settings(max_examples=1000, deadline=None)
@given(given_signature=st.text(max_size=120), webhook_id=st.text(max_size=20), at=st.text(max_size=14))
def test_whatever_the_headers_hold_the_answer_is_a_refusal(given_signature: str, webhook_id: str, at: str) -> None:
    anything = {"webhook-id": webhook_id, "webhook-timestamp": at, "webhook-signature": given_signature}
    assert code_of(anything) == Refusal.SIGNATURE_WRONG
