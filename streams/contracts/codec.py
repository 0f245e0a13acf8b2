"""Bytes on the wire: JSON by msgspec, canonical (sorted keys), so that equal values have equal bytes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

MESSAGE_LIMIT_BYTES = 1_000_000  # below the broker's default of 1,048,588, with room for headers

_encoder = msgspec.json.Encoder(order="sorted")


class Malformed(ValueError):
    """Bytes that are no event of ours. `code` is from the closed list of `contracts.refusals`; no content is quoted."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def encode(value: object) -> bytes:
    """Canonical JSON bytes of a contract value."""
    return _encoder.encode(value)


def decode(raw: bytes | msgspec.Raw, as_type: type[T]) -> T:
    """Decode strictly. Raises `Malformed` without quoting what was in the bytes (it may hold a name)."""
    try:
        return msgspec.json.decode(raw, type=as_type)
    except msgspec.ValidationError as error:
        raise Malformed("wrong_field", _without_content(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("not_json", "the bytes are not JSON") from None


def _without_content(message: str) -> str:
    # msgspec names the path and the expected type; an invalid enum value is quoted, so it is cut off.
    path = message.rsplit(" - at ", 1)[1] if " - at " in message else "`$`"
    what = "missing required field" if "missing required field" in message else "wrong type or value"
    return f"{what} at {path}"


def digest(raw: bytes) -> str:
    """First 32 hex digits of SHA-256."""
    return hashlib.sha256(raw).hexdigest()[:32]


def as_utc(at: datetime) -> datetime:
    """The same instant in UTC. Raises `Malformed` on a naive datetime."""
    if at.tzinfo is None:
        raise Malformed("wrong_field", "an instant without a time zone")
    return at.astimezone(UTC)


def to_builtins(value: object) -> Any:
    """Plain dicts, lists and strings, as they would stand in JSON."""
    return msgspec.json.decode(encode(value))
