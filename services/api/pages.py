"""Pages of lists: in the order of a key that nothing else has, from the key of the last row that was shown."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Query

from services.api.problems import Problem
from streams.contracts.refusals import Refusal

PAGE_LIMIT, PAGE_MAX = 200, 1000
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]
Shown = TypeVar("Shown")
Key = TypeVar("Key", bound=tuple[Any, ...])


def part_of(
    rows: Iterable[Shown], key_of: Callable[[Shown], tuple[str, str]], cursor: str | None, limit: int
) -> tuple[list[Shown], str | None]:
    """A page of rows in the order of their keys, and the cursor of the next one. The cursor holds the key of the last row
    shown, so rows that come and go between pages neither repeat nor hide others."""
    after = read_cursor(cursor, tuple[str, str]) if cursor else None
    rest = sorted((row for row in rows if after is None or key_of(row) > after), key=key_of)
    shown = rest[:limit]
    return shown, write_cursor(key_of(shown[-1])) if len(rest) > limit else None


def sortable(at: float) -> str:
    """Epoch seconds as text that sorts as they do."""
    return f"{at:020.6f}"


def page_of(keyed: list[tuple[tuple[str, str], bytes]], cursor: str | None, limit: int) -> bytes:
    """A page of rows in the order of their keys, as JSON: {"items": [...], "next_cursor": ...}."""
    shown, following = part_of(keyed, lambda item: item[0], cursor, limit)
    return b'{"items":[' + b",".join(raw for _, raw in shown) + b'],"next_cursor":' + msgspec.json.encode(following) + b"}"


def write_cursor(key: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def read_cursor(cursor: str, kind: type[Key]) -> Key:
    """Raises wrong_field on one that `write_cursor` did not write."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=kind)
    except (binascii.Error, msgspec.DecodeError, ValueError):
        raise Problem(Refusal.WRONG_FIELD, "cursor: is not a cursor that this system gave") from None
