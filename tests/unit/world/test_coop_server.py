"""The co-operatives' app server: verifies what it receives on the raw body, answers at once, takes everything once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook

from services.sample_day.coop_server import CoopServer, Mailbox, read_webhook_id
from services.sample_day.diary import Diary
from tests.unit.world.ports import free_port

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = (
    '{"type":"visit.assigned","data":{"visit_id":"v","worker_id":"w","person":{"name":"김*용","address":"비밀길 1"}},'
    '"timestamp":"2026-03-04T00:00:00Z"}'
)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[CoopServer, httpx.Client, Path]]:
    path = tmp_path / "diary.jsonl"
    diary = Diary(path)
    server = CoopServer(free_port(), Mailbox(diary))
    server.trust({"coop": SECRET})
    server.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        yield server, client, path
    server.stop()
    diary.close()


def signed(webhook_id: str, body: str = BODY, secret: str = SECRET, age_s: int = 0) -> dict[str, str]:
    when = datetime.now(UTC) - timedelta(seconds=age_s)
    signature = Webhook(secret).sign(webhook_id, when, body)
    return {"webhook-id": webhook_id, "webhook-timestamp": str(int(when.timestamp())), "webhook-signature": signature}


def test_a_signed_webhook_is_taken_once_and_in_the_order_of_effects(served) -> None:
    server, client, _ = served
    for webhook_id in ("11440-12-0", "11440-3-1", "11440-3-0", "11440-12-0"):
        assert client.post("/hooks/coop", content=BODY.encode(), headers=signed(webhook_id)).status_code == 204
    assert [received.webhook_id for received in server.mailbox.drain()] == ["11440-3-0", "11440-3-1", "11440-12-0"]
    assert server.mailbox.repeats == 1
    assert server.mailbox.drain() == []


@pytest.mark.parametrize(
    "headers",
    [
        signed("11440-1-0", secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        signed("11440-1-0", age_s=400),
        signed("11440-1-0") | {"webhook-signature": "v1,not base64"},
        signed("11440-1-0") | {"webhook-signature": "nonsense"},
        {},
    ],
    ids=["wrong secret", "old", "not base64", "no version", "unsigned"],
)
def test_what_is_not_freshly_signed_is_not_taken(served, headers: dict[str, str]) -> None:
    server, client, _ = served
    assert client.post("/hooks/coop", content=BODY.encode(), headers=headers).status_code == 401
    assert server.mailbox.drain() == []


def test_a_changed_body_is_not_taken(served) -> None:
    server, client, _ = served
    headers = signed("11440-1-0")
    assert client.post("/hooks/coop", content=BODY.replace('"v"', '"x"').encode(), headers=headers).status_code == 401
    assert server.mailbox.drain() == []


def test_an_organisation_without_a_secret_yet_is_asked_again_later(served) -> None:
    _, client, _ = served
    assert client.post("/hooks/other", content=BODY.encode(), headers=signed("11440-1-0")).status_code == 503


def test_signed_nonsense_is_refused_and_serving_goes_on(served) -> None:
    _, client, _ = served
    for body in ("[]", "{}", "not json", '{"type":"x"}'):
        headers = signed("11440-1-0", body)
        assert client.post("/hooks/coop", content=body.encode(), headers=headers).status_code == 400
    assert client.post("/hooks/coop", content=BODY.encode(), headers=signed("11440-2-0")).status_code == 204


def test_nobodys_name_or_address_is_kept(served) -> None:
    server, client, path = served
    client.post("/hooks/coop", content=BODY.encode(), headers=signed("11440-1-0"))
    (received,) = server.mailbox.drain()
    assert received.data == {"visit_id": "v", "worker_id": "w"}
    assert "비밀길" not in path.read_text(encoding="utf-8")


def test_what_was_answered_2xx_is_there_after_a_kill(served) -> None:
    """A new process reads the diary; a half-written last line is cut off."""
    _, client, path = served
    client.post("/hooks/coop", content=BODY.encode(), headers=signed("11440-1-0"))
    with path.open("ab") as file:
        file.write(b'{"org":"coop","id":"11440-2-')
    again = Mailbox(Diary(path))
    assert [received.webhook_id for received in again.drain()] == ["11440-1-0"]
    assert path.read_bytes().endswith(b"}\n")


def test_ids_of_unknown_form_come_last() -> None:
    assert read_webhook_id("11440-7-2") == (7, 2)
    assert read_webhook_id("whatever") > read_webhook_id("11440-999999-0")


def test_a_taken_port_is_said() -> None:
    first = CoopServer(free_port(), Mailbox())
    first.start()
    try:
        with pytest.raises(OSError, match=str(first.port)):
            CoopServer(first.port, Mailbox()).start()
    finally:
        first.stop()
