"""Events whose shape has changed since: what was written in an old version is read in today's, in the journal and in the
decisions, and folds to the same; a version that is newer than ours is refused by that name."""

from __future__ import annotations

import collections
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from streams.contracts import codec
from streams.contracts.decisions import Decision, VisitChanged
from streams.contracts.envelope import JournalRecord, seal
from streams.contracts.inputs import INPUTS, CancelVisit
from streams.contracts.read_decisions import read_as, read_decisions
from streams.contracts.upcasters import DECISION_STEPS, INPUT_STEPS, Fields, Upcasters, read_tag
from streams.core.chain import PartitionState, apply_record
from streams.core.state import state_hash
from streams.replay.verify import report, verify
from tests.core_world import DISTRICT, at
from tests.two_logs import a_day, logs

# --- the journal: as if CancelVisit were at its third version ---


@pytest.fixture
def third_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason was called `why` once, and then stood in words."""

    def named_reason(fields: Fields) -> Fields:
        return {"reason" if name == "why" else name: value for name, value in fields.items()}

    def a_code(fields: Fields) -> Fields:
        return fields | {"reason": {"by the recipient": "recipient_asked"}[fields["reason"]]}

    monkeypatch.setitem(INPUT_STEPS.steps, ("CancelVisit", 1), named_reason)
    monkeypatch.setitem(INPUT_STEPS.steps, ("CancelVisit", 2), a_code)
    monkeypatch.delitem(INPUTS, ("CancelVisit", 1))
    monkeypatch.setitem(INPUTS, ("CancelVisit", 3), CancelVisit)


def in_version(version: int, raw: bytes) -> bytes:
    """A journal record as a CancelVisit of that version was written."""
    record: dict[str, Any] = json.loads(raw)
    if record["envelope"]["type"] == "CancelVisit":
        record["envelope"]["version"] = version
        payload = record["envelope"]["payload"]
        payload["reason"] = {"recipient_asked": "by the recipient"}[payload["reason"]]
        if version == 1:
            payload["why"] = payload.pop("reason")
    return codec.encode(record)


@pytest.mark.usefixtures("third_version")
@pytest.mark.parametrize("version", [1, 2])
def test_an_old_input_is_decided_as_its_form_of_today(version: int) -> None:
    journal, decisions = logs(a_day())
    old = [(offset, in_version(version, raw)) for offset, raw in journal]
    changed = [json.loads(raw)["envelope"]["type"] for (_, raw), (_, was) in zip(old, journal, strict=True) if raw != was]
    assert changed == ["CancelVisit"]
    found = report([verify(0, old, decisions)])
    assert found["ok"], found["divergence"]


@pytest.mark.usefixtures("third_version")
def test_a_new_input_is_sealed_in_the_version_of_today_and_a_newer_one_is_refused() -> None:
    today = seal(
        CancelVisit(command_id="c", visit_id="v", reason="office"), id="e", district=DISTRICT, actor="operator", at=at("10:00")
    )
    assert today.version == 3
    with pytest.raises(codec.Malformed) as refused:
        msgspec.structs.replace(today, version=4).read_payload()
    assert refused.value.code == "unknown_version"


@pytest.mark.usefixtures("third_version")
def test_an_old_input_without_what_its_version_had_is_malformed_and_nothing_of_it_is_quoted() -> None:
    journal, _ = logs(a_day())
    raw = next(raw for _, raw in journal if b'"type":"CancelVisit"' in raw)
    envelope = codec.decode(in_version(2, raw).replace(b"by the recipient", "김말순".encode()), JournalRecord).envelope
    with pytest.raises(codec.Malformed) as refused:
        envelope.read_payload()
    assert refused.value.code == "wrong_field"
    assert "김말순" not in str(refused.value)


# --- the decisions: as if VisitChanged had been written otherwise before its first version ---


def with_old_decisions(decisions: list[bytes], version: str, write_old: Callable[[Fields], Fields]) -> list[bytes]:
    """The log as an earlier version of the core wrote it: every VisitChanged in its old shape, the chain of digests whole."""
    written: list[bytes] = []
    for raw in decisions:
        record: dict[str, Any] = json.loads(raw)
        record["core_version"] = "0"
        record["builds_on"] = codec.digest(written[-1]) if written else ""
        record["decisions"] = [
            write_old(one) | {"type": version} if one["type"] == "VisitChanged" else one for one in record["decisions"]
        ]
        written.append(codec.encode(record))
    return written


def renamed(fields: Fields, old: str, new: str) -> Fields:
    return {new if name == old else name: value for name, value in fields.items()}


def test_old_decisions_fold_to_the_same_as_their_form_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_day()
    journal, decisions = logs(world)
    monkeypatch.setitem(DECISION_STEPS.steps, ("VisitChanged", 0), lambda fields: renamed(fields, "what", "event"))
    old = with_old_decisions(decisions, "VisitChanged@0", lambda fields: renamed(fields, "event", "what"))
    assert sum(raw.count(b"VisitChanged@0") for raw in old) > 5
    ps = PartitionState()
    for raw in old:
        assert apply_record(ps, raw) is not None
    assert state_hash(ps.districts[DISTRICT]) == state_hash(world.state)
    found = report([verify(0, journal, old)])
    assert (found["ok"], found["of_other_versions"]) == (True, len(old)), found["divergence"]


def test_decisions_of_a_newer_version_are_refused_by_that_name_and_not_passed_over() -> None:
    _, decisions = logs(a_day())
    newer = with_old_decisions(decisions, "VisitChanged@2", lambda fields: fields)
    ps = PartitionState()
    with pytest.raises(codec.Malformed) as refused:
        collections.deque(apply_record(ps, raw) for raw in newer)
    assert refused.value.code == "unknown_version"
    unknown = with_old_decisions(decisions, "Teleported", lambda fields: fields)
    with pytest.raises(codec.Malformed) as refused:
        collections.deque(map(read_decisions, unknown))
    assert refused.value.code == "wrong_field"


class Moved(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="Moved@3"):
    """A decision at its third version: `to` was `place` and had no reason."""

    to: str
    reason: str


class Stayed(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="Stayed"):
    at: str


class Record(msgspec.Struct, frozen=True, kw_only=True):
    decisions: tuple[Moved | Stayed, ...]


STEPS = Upcasters()


@STEPS.step("Moved", 1)
def _moved_to(fields: Fields) -> Fields:
    return renamed(fields, "place", "to")


@STEPS.step("Moved", 2)
def _moved_with_reason(fields: Fields) -> Fields:
    return fields | {"reason": "unknown"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"type": "Moved", "place": "here"}, Moved(to="here", reason="unknown")),
        ({"type": "Moved@2", "to": "here"}, Moved(to="here", reason="unknown")),
        ({"type": "Moved@3", "to": "here", "reason": "wind"}, Moved(to="here", reason="wind")),
        ({"type": "Stayed", "at": "home"}, Stayed(at="home")),
    ],
)
def test_a_decision_climbs_from_whichever_version_it_was_written_in(written: Fields, read: object) -> None:
    raw = codec.encode({"decisions": [{"type": "Stayed", "at": "home"}, written]})
    assert read_as(raw, Record, STEPS).decisions == (Stayed(at="home"), read)


@pytest.mark.parametrize(
    ("decisions", "code"),
    [
        ([{"type": "Moved@4", "to": "here", "reason": "wind"}], "unknown_version"),
        ([{"type": "Moved@2"}], "wrong_field"),
        ([{"type": "Moved@two", "to": "here"}], "wrong_field"),
        ([{"type": 2}], "wrong_field"),
        ([{"at": "home"}], "wrong_field"),
        (["Stayed"], "wrong_field"),
        ("Stayed", "wrong_field"),
    ],
)
def test_what_no_version_ever_wrote_is_malformed(decisions: object, code: str) -> None:
    with pytest.raises(codec.Malformed) as refused:
        read_as(codec.encode({"decisions": decisions}), Record, STEPS)
    assert refused.value.code == code


# --- the steps that there are ---


def test_a_step_is_written_once() -> None:
    with pytest.raises(ValueError, match="has a step from version 1"):
        STEPS.step("Moved", 1)(_moved_to)


def test_every_step_leads_on_to_the_version_that_is_written_today() -> None:
    for steps in (INPUT_STEPS, DECISION_STEPS):
        assert [key for key in steps.steps if not 1 <= key[1] < steps.current(key[0])] == []
    for name, version in INPUTS:
        assert INPUT_STEPS.current(name) == version
    for decision in Decision.__args__:
        name, version = read_tag(decision.__struct_config__.tag)
        assert (name, version) == (decision.__name__, DECISION_STEPS.current(name))
    assert read_tag(VisitChanged.__struct_config__.tag) == ("VisitChanged", 1)
