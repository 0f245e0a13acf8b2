"""What the figures say of notices: how many stand how, and nothing about anybody."""

from __future__ import annotations

import sqlalchemy as sa

from streams.adapters.delivery_tables import notices
from tests.unit.api.test_doors import Api

ENDED = (("sent", "kakao"), ("sent", "kakao"), ("sent", "sms"), ("failed", "nobody_reached"), ("pending", ""), ("unwanted", ""))


def figures(api: Api) -> list[str]:
    said = api.call("GET", "/metrics").text
    return sorted(line for line in said.splitlines() if line.startswith("dolbom_notices{"))


def test_notices_are_counted_by_channel_and_by_why_they_failed(api: Api) -> None:
    rows = [
        {"effect_id": f"11440-{n}-0", "district": "11440", "visit_id": "v-7", "kind": "late", "due_at": "", "status": status,
         "partition": 0, "notice": b"", "answer": answer}
        for n, (status, answer) in enumerate(ENDED)
    ]  # fmt: skip
    with api.doors.registry.engine.begin() as connection:
        connection.execute(sa.insert(notices), rows)
    assert figures(api) == [
        'dolbom_notices{channel="",reason="",status="pending"} 1.0',
        'dolbom_notices{channel="",reason="",status="unwanted"} 1.0',
        'dolbom_notices{channel="",reason="nobody_reached",status="failed"} 1.0',
        'dolbom_notices{channel="kakao",reason="",status="sent"} 2.0',
        'dolbom_notices{channel="sms",reason="",status="sent"} 1.0',
    ]
    with api.doors.registry.engine.begin() as connection:
        connection.execute(sa.delete(notices).where(notices.c.status == "pending"))
    assert not [line for line in figures(api) if "pending" in line], "what is over is not counted on"
