"""docs/asyncapi.json is what the contracts say, and real records of the log are as it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from streams import topics
from streams.asyncapi import document
from streams.contracts.inputs import INPUTS

DOCUMENT = Path(__file__).parents[2] / "docs" / "asyncapi.json"
GOLDEN = Path(__file__).parent / "golden_v1_now.jsonl"


def as_file() -> str:
    return json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return json.loads(DOCUMENT.read_text(encoding="utf-8"))


def validator(described: dict[str, Any], message: str) -> Any:
    schema = described["components"]["messages"][message]["payload"]
    return jsonschema_rs.validator_for({**schema, "components": described["components"]})


def test_the_document_is_what_the_contracts_say() -> None:
    """To renew it: python -m tests.contract.test_asyncapi"""
    assert DOCUMENT.read_text(encoding="utf-8") == as_file()


def test_every_topic_is_a_channel_and_every_input_has_its_inbox(described: dict[str, Any]) -> None:
    assert set(described["channels"]) == {topic.name for topic in topics.TOPICS}
    carried = {name for topic in topics.INBOXES for name in described["channels"][topic]["messages"]}
    assert carried == {name for name, _ in INPUTS} - {"MalformedReceived"}


def test_records_of_the_log_are_as_described(described: dict[str, Any]) -> None:
    journal, decisions = validator(described, "JournalRecord"), validator(described, "DecisionsRecord")
    seen = set()
    for line in map(json.loads, GOLDEN.read_text(encoding="utf-8").splitlines()):
        record = json.loads(line["bytes"])
        if line["kind"] == "input":
            assert journal.is_valid(record), line["type"]
            assert validator(described, line["type"]).is_valid(record["envelope"]), line["type"]
            seen.add(line["type"])
        elif line["kind"] == "decisions_record":
            assert decisions.is_valid(record)
    assert seen == {name for name, _ in INPUTS}


def test_what_is_no_record_is_not_as_described(described: dict[str, Any]) -> None:
    cancel = validator(described, "CancelVisit")
    line = next(one for one in map(json.loads, GOLDEN.read_text(encoding="utf-8").splitlines()) if one["type"] == "CancelVisit")
    envelope = json.loads(line["bytes"])["envelope"]
    assert not cancel.is_valid({**envelope, "payload": {**envelope["payload"], "reason": 7}})
    assert not cancel.is_valid({**envelope, "type": "RequestVisit"})


if __name__ == "__main__":  # write the document anew
    DOCUMENT.write_text(as_file(), encoding="utf-8")
