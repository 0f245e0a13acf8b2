"""The id of a new cluster is never taken for an option of the storage tool."""

import uuid
from collections.abc import Iterator

import pytest

from deploy.local import broker


def test_an_id_that_begins_with_a_hyphen_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: Iterator[uuid.UUID] = iter([uuid.UUID(bytes=b"\xf8" + bytes(15)), uuid.UUID(bytes=bytes(16))])
    monkeypatch.setattr(uuid, "uuid4", lambda: next(drawn))
    assert broker.new_cluster_id() == "A" * 22
