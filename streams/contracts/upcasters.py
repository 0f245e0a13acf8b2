"""Old versions are read by upcasters: one pure function for each step. History is never edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""(type, version) -> function to version + 1. Empty while every event is at its first version."""


def upcast(type_: str, version: int, raw: msgspec.Raw) -> tuple[int, bytes | msgspec.Raw]:
    """Lift a payload to the newest version known. Returns the version reached and its bytes."""
    if (type_, version) not in UPCASTERS:
        return version, raw
    value = msgspec.json.decode(raw)
    while (step := UPCASTERS.get((type_, version))) is not None:
        value = step(value)
        version += 1
    return version, msgspec.json.encode(value, order="sorted")
