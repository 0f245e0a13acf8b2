"""Golden bytes: what was written once is read for ever, and means the same. A change here is a new version, not an edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from streams.contracts import codec
from streams.contracts.decisions import Decision
from streams.contracts.envelope import DecisionsRecord, Envelope, JournalRecord
from streams.contracts.inputs import INPUTS

HERE = Path(__file__).parent


def read_lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


FIRST = read_lines("golden_v1.jsonl")
"""As the first release wrote them. Never edited: fields came to be since, each with a default that means "as before"."""
LINES = read_lines("golden_v1_now.jsonl")
"""As version 1 is written today."""


def ids(lines: list[dict[str, str]]) -> list[str]:
    return [f"{line['kind']}-{line['type']}" for line in lines]


def kept_in(old: Any, new: Any) -> bool:
    """Everything that `old` says stands in `new` unchanged."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(name in new and kept_in(value, new[name]) for name, value in old.items())
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(kept_in, old, new))
    return bool(old == new)


def rewritten(line: dict[str, str]) -> bytes:
    raw = line["bytes"].encode()
    if line["kind"] == "input":
        return codec.encode(codec.decode(raw, JournalRecord).envelope.read_payload())
    return codec.encode(codec.decode(raw, Decision if line["kind"] == "decision" else DecisionsRecord))


@pytest.mark.parametrize("line", FIRST, ids=ids(FIRST))
def test_the_first_bytes_are_read_for_ever_and_mean_what_they_said(line: dict[str, str]) -> None:
    old = json.loads(line["bytes"])
    assert kept_in(old["envelope"]["payload"] if line["kind"] == "input" else old, json.loads(rewritten(line)))


@pytest.mark.parametrize("line", LINES, ids=ids(LINES))
def test_golden_bytes_are_read_and_written_back_the_same(line: dict[str, str]) -> None:
    raw = line["bytes"].encode()
    match line["kind"]:
        case "input":
            record = codec.decode(raw, JournalRecord)
            payload = record.envelope.read_payload()
            assert type(payload).__name__ == line["type"]
            assert codec.encode(payload) == bytes(record.envelope.payload)
            assert codec.encode(record) == raw
        case "decision":
            decision = codec.decode(raw, Decision)
            assert type(decision).__name__ == line["type"]
            assert codec.encode(decision) == raw
        case "decisions_record":
            assert codec.encode(codec.decode(raw, DecisionsRecord)) == raw


def test_every_input_and_decision_has_golden_bytes() -> None:
    kept = {(line["kind"], line["type"]) for line in LINES}
    assert {("input", name) for name, _ in INPUTS} <= kept
    assert {("decision", cls.__name__) for cls in get_args(Decision)} <= kept


def test_an_unknown_version_and_an_unknown_type_are_told_apart() -> None:
    line = next(line for line in LINES if line["type"] == "CancelVisit")
    envelope = codec.decode(line["bytes"].encode(), JournalRecord).envelope
    for change, code in (({"version": 9}, "unknown_version"), ({"type": "Teleported"}, "unknown_event")):
        with pytest.raises(codec.Malformed) as refused:
            msgspec.structs.replace(envelope, **change).read_payload()
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("raw", "code"),
    [(b"not json", "not_json"), (b'{"id":1}', "wrong_field"), (b"[" * 100_000, "wrong_field"), (b"\xff\xfe", "not_json")],
)
def test_bad_bytes_are_named_without_quoting_them(raw: bytes, code: str) -> None:
    with pytest.raises(codec.Malformed) as refused:
        codec.decode(raw, Envelope)
    assert refused.value.code == code


def test_a_name_in_a_wrong_field_is_not_quoted_in_the_error() -> None:
    line = next(line for line in LINES if line["type"] == "RequestVisit")
    raw = line["bytes"].replace('"service":"meal_support"', '"service":"김영자"').encode()
    with pytest.raises(codec.Malformed) as refused:
        codec.decode(raw, JournalRecord).envelope.read_payload()
    assert "김영자" not in str(refused.value)
