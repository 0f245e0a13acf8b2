"""The log as an AsyncAPI 3 document: every topic with what is in it, made from the contracts. docs/asyncapi.json is this."""

from __future__ import annotations

from typing import Any

import msgspec

from streams import topics
from streams.contracts.envelope import DecisionsRecord, Envelope, JournalRecord
from streams.contracts.inputs import INPUTS
from streams.contracts.queries import Query

VERSION = "0.1.0"
_REF = "#/components/schemas/{name}"
_MEAL, _CARE, _DAILY = topics.REQUESTS_MEAL, topics.REQUESTS_EMERGENCY, topics.REQUESTS_DAILY

CARRIED: dict[str, tuple[str, ...]] = {
    _MEAL: ("RequestVisit",), _CARE: ("RequestVisit",), _DAILY: ("RequestVisit",),
    topics.PLANS: ("PlanProposed", "SolveFailed"),
    topics.DISTRICT_MESSAGES: ("DistrictMessage",),
    topics.TICKS: ("ClockTicked",),
}  # fmt: skip
"""Payloads by inbox; reports and commands carry the others."""
PURPOSE: dict[str, str] = {
    topics.JOURNAL: "what came in: one total order for each partition",
    topics.DECISIONS: "what was decided: one record for each of the journal",
    topics.QUERIES: "questions to the dispatcher that owns a district; never journalled",
    topics.SNAPSHOTS: "the state at an offset, in chunks of our own form; compacted",
    topics.DEAD_LETTERS: "references to what could not be read; the bytes are sealed in the registry",
    topics.POSITIONS: "places of workers, lists for each district; they change nothing that is decided",
}
RECORDS: dict[str, str] = {topics.JOURNAL: "JournalRecord", topics.DECISIONS: "DecisionsRecord", topics.QUERIES: "Query"}


def document() -> dict[str, Any]:
    """The whole document, as plain values."""
    payloads = {name: payload for (name, _), payload in INPUTS.items()}
    _, schemas = msgspec.json.schema_components(
        (*payloads.values(), Envelope, JournalRecord, DecisionsRecord, Query), ref_template=_REF
    )
    messages = {name: _message(name, payloads[name].__doc__ or "", _enveloped(name)) for name in payloads}
    messages |= {name: _message(name, PURPOSE[topic], {"$ref": _REF.format(name=name)}) for topic, name in RECORDS.items()}
    channels = {topic.name: _channel(topic, payloads) for topic in topics.TOPICS}
    operations = {
        f"{'append' if name in topics.INBOXES else 'read'}.{name}": {
            "action": "send" if name in topics.INBOXES else "receive", "channel": {"$ref": f"#/channels/{name}"},
        }
        for name in channels
    }  # fmt: skip
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Dolbom Dispatch: the log", "version": VERSION,
            "description": "Kafka topics. Keys are district codes; partitions come from an explicit table. JSON, UTF-8.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"schemas": schemas, "messages": messages},
    }  # fmt: skip


def payloads_of(topic: str, known: dict[str, Any]) -> list[str]:
    """Types of the payloads that an inbox carries."""
    if topic in CARRIED:
        return list(CARRIED[topic])
    reports = [name for name in known if name.endswith("Reported")]
    if topic == topics.REPORTS:
        return reports
    own = {name for carried in CARRIED.values() for name in carried} | set(reports) | {"MalformedReceived"}
    return [name for name in known if name not in own] if topic == topics.COMMANDS else []


def _channel(topic: topics.Topic, known: dict[str, Any]) -> dict[str, Any]:
    carried = payloads_of(topic.name, known) if topic.name in topics.INBOXES else [RECORDS.get(topic.name, "")]
    kept = "for ever" if topic.retention_ms < 0 else f"{topic.retention_ms // 3_600_000} h"
    return {
        "address": topic.name,
        "description": f"{PURPOSE.get(topic.name, 'an inbox: the desk copies it to the journal')} (kept {kept})",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in carried if name},
        "bindings": {"kafka": {"topic": topic.name, "bindingVersion": "0.5.0"}},
    }  # fmt: skip


def _message(name: str, summary: str, payload: dict[str, Any]) -> dict[str, Any]:
    key = {"type": "string", "description": "district code", "examples": ["11440"]}
    return {
        "name": name, "summary": " ".join(summary.split()), "payload": payload,
        "bindings": {"kafka": {"key": key, "bindingVersion": "0.5.0"}},
    }  # fmt: skip


def _enveloped(name: str) -> dict[str, Any]:
    """An envelope whose payload is of this type."""
    inside = {"type": {"const": name}, "payload": {"$ref": _REF.format(name=name)}}
    return {"allOf": [{"$ref": _REF.format(name="Envelope")}, {"properties": inside}]}
