"""Reading a decisions record of any version that was ever written."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec

from streams.contracts import codec
from streams.contracts.envelope import DecisionsRecord
from streams.contracts.upcasters import DECISION_STEPS, Upcasters, read_tag, tag_of

T = TypeVar("T", bound=msgspec.Struct)


def read_decisions(raw: bytes) -> DecisionsRecord:
    """The record in today's form. Raises `Malformed`: not_json, wrong_field, and unknown_version for a decision that a newer
    version of this system wrote."""
    return read_as(raw, DecisionsRecord, DECISION_STEPS)


def read_as(raw: bytes, record_type: type[T], steps: Upcasters) -> T:
    """`read_decisions` for any record with a field `decisions`. A record of today costs nothing more: only one that does not
    fit is looked at for decisions of another version."""
    try:
        return codec.decode(raw, record_type)
    except codec.Malformed as malformed:
        if malformed.code != "wrong_field":
            raise
        return codec.decode(codec.encode(_lifted(raw, _tags(record_type), steps)), record_type)


def _lifted(raw: bytes, tags: frozenset[str], steps: Upcasters) -> dict[str, Any]:
    record = codec.decode(raw, dict[str, Any])
    decisions = record.get("decisions")
    if not isinstance(decisions, list) or not all(isinstance(one, dict) for one in decisions):
        raise codec.Malformed("wrong_field", "no list of decisions")
    return record | {"decisions": [_lift(one, tags, steps) for one in decisions]}


def _lift(decision: dict[str, Any], tags: frozenset[str], steps: Upcasters) -> dict[str, Any]:
    tag = decision.get("type")
    if tag in tags:
        return decision
    type_, version = read_tag(tag)
    reached, fields = steps.lift(type_, version, {name: value for name, value in decision.items() if name != "type"})
    lifted = tag_of(type_, reached)
    if lifted not in tags:
        known = any(read_tag(one)[0] == type_ for one in tags)
        code, detail = ("unknown_version", f"version {version}") if known else ("wrong_field", "not a decision's type")
        raise codec.Malformed(code, detail)
    return fields | {"type": lifted}


@cache
def _tags(record_type: type[msgspec.Struct]) -> frozenset[str]:
    """The tags that the record's decisions may have today."""
    described: Any = msgspec.inspect.type_info(record_type)
    items = next(one for one in described.fields if one.name == "decisions").type.item_type
    return frozenset(str(one.tag) for one in getattr(items, "types", (items,)))
