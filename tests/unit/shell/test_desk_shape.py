"""What the desk takes for an event, and what it parks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.adapters.kafka_log import Record
from streams.agents.desk import read_envelope
from streams.contracts import codec
from streams.contracts.envelope import seal
from streams.contracts.inputs import INPUTS, CancelVisit, KitchenReported
from streams.contracts.upcasters import INPUT_STEPS
from streams.settings import Settings

NOON = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SETTINGS = Settings(state_dir=Path("unused"), districts={"11440": 0, "11410": 1})


def good() -> dict[str, object]:
    payload = CancelVisit(command_id="c", visit_id="v", reason="office")
    sealed = seal(payload, id="e", district="11440", actor="operator", at=NOON)
    value: dict[str, object] = json.loads(codec.encode(sealed))
    return value


def read(value: object, partition: int = 0) -> object:
    raw = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
    return read_envelope(Record("commands", partition, 7, raw), SETTINGS)


def test_a_good_one_passes() -> None:
    assert json.loads(codec.encode(read(good()))) == good()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\xff\xfe garbage", "not_json"),
        (b"", "not_json"),
        (None, "not_json"),
        (b'{"id": ' + b"[" * 100_000, "wrong_field"),
        (b"[]", "wrong_field"),
        (b"{}", "wrong_field"),
    ],
)
def test_bytes_that_are_no_event(raw: bytes | None, code: str) -> None:
    with pytest.raises(codec.Malformed) as refused:
        read(raw)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "VisitPainted"}, "unknown_event"),
        ({"version": 9}, "unknown_version"),
        ({"district": "11410"}, "unknown_district"),
        ({"district": "99999"}, "unknown_district"),
        ({"actor": 5}, "wrong_field"),
        ({"extra": 1}, "wrong_field"),
        ({"occurred_at": "yesterday"}, "wrong_field"),
        ({"occurred_at": "2026-03-02T12:00:00"}, "wrong_field"),
        ({"payload": {"command_id": "c", "visit_id": "v"}}, "wrong_field"),
        ({"payload": {"command_id": "c", "visit_id": "v", "reason": "office", "name": "김말순"}}, "wrong_field"),
    ],
)
def test_wrong_fields(change: dict[str, object], code: str) -> None:
    with pytest.raises(codec.Malformed) as refused:
        read(good() | change)
    assert refused.value.code == code
    assert "김말순" not in str(refused.value)


def test_an_instant_without_a_zone_inside_the_payload() -> None:
    payload = KitchenReported(report_id="r", kitchen_id="k", ready_at=datetime(2026, 3, 2, 12, 0))
    with pytest.raises(codec.Malformed):
        read(codec.encode(seal(payload, id="e", district="11440", actor="a", at=NOON)))


def test_the_payload_is_written_anew_so_nothing_the_decoder_passed_over_gets_into_the_journal() -> None:
    raw = json.dumps(good()).encode().replace(b'"reason": "office"', b'"reason": "\xea\xb9\x80", "reason": "office"')
    envelope = read(raw)
    assert "김" not in codec.encode(envelope).decode()


def test_an_old_version_goes_into_the_journal_in_the_form_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        INPUT_STEPS.steps, ("CancelVisit", 1), lambda old: {"reason" if k == "why" else k: v for k, v in old.items()}
    )
    monkeypatch.delitem(INPUTS, ("CancelVisit", 1))
    monkeypatch.setitem(INPUTS, ("CancelVisit", 2), CancelVisit)
    old = good() | {"version": 1, "payload": {"command_id": "c", "visit_id": "v", "why": "office"}}
    assert json.loads(codec.encode(read(old))) == good() | {"version": 2}
    with pytest.raises(codec.Malformed) as refused:
        read(good() | {"version": 3})
    assert refused.value.code == "unknown_version"
