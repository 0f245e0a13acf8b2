"""Events as the first version wrote them: fields that came later are left out where they say what was true before."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, get_args

import msgspec

from streams.contracts import codec
from streams.contracts.decisions import Decision

GOLDEN = Path(__file__).parents[1] / "contract" / "golden_v1.jsonl"


SAYS_NOTHING = (msgspec.NODEFAULT, msgspec.UNSET)
"""A default that is never written."""


@cache
def _later() -> dict[str, dict[str, bytes]]:
    """Decision type -> fields that the first version did not have, with their default as JSON."""
    first = {
        line["type"]: set(json.loads(line["bytes"]))
        for line in map(json.loads, GOLDEN.read_text(encoding="utf-8").splitlines()) if line["kind"] == "decision"
    }  # fmt: skip
    return {
        type_.__name__: {
            field.encode_name: codec.encode(field.default)
            for field in msgspec.structs.fields(type_)
            if field.encode_name not in first[type_.__name__] and field.default not in SAYS_NOTHING
        }
        for type_ in get_args(Decision) if type_.__name__ in first
    }  # fmt: skip


def as_first_written(raw: bytes) -> bytes:
    """A decisions record in the oldest shape that can say the same."""
    record: dict[str, Any] = msgspec.json.decode(raw)
    for decision in record["decisions"]:
        for name, default in _later().get(decision["type"], {}).items():
            if name in decision and codec.encode(decision[name]) == default:
                del decision[name]
    return codec.encode(record)
