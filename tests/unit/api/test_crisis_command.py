"""`dolbom crisis`: an operator opens a programme for dates, ends it, and is told in words what was refused."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from services.cli import crisis
from services.cli.main import build_parser
from services.cli.speech import CommandFailed

ON = ["crisis", "on", "flu", "--district", "11440", "--from", "2026-03-03", "--until", "2026-04-02", "--budget", "3000000",
      "--stock", "mask=200", "--stock", "suit=20"]  # fmt: skip


def client(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(base_url="http://api", transport=httpx.MockTransport(answer))


def test_opening_sends_dates_budget_and_stock(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, dict[str, object]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append((request.url.path, json.loads(request.content)))
        return httpx.Response(200, json={"command_id": "c", "outcome": "accepted"})

    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert crisis.switch_on(client(answer), build_parser("crisis").parse_args(ON)) == 0
    off = build_parser("crisis").parse_args(["crisis", "off", "flu", "--district", "11440"])
    assert crisis.switch_off(client(answer), off) == 0
    body = {
        "district": "11440", "from_date": "2026-03-03", "until_date": "2026-04-02", "budget_krw": 3000000,
        "stock": {"mask": 200, "suit": 20},
    }  # fmt: skip
    assert sent == [
        ("/v1/programmes/flu/switch-on", body), ("/v1/programmes/flu/switch-off", {"district": "11440", "reason": ""}),
    ]  # fmt: skip
    assert "3,000,000" in capsys.readouterr().out


@pytest.mark.parametrize("status", [200, 409])
def test_a_refusal_says_what_to_do(status: int) -> None:
    refused = {"outcome": "refused", "code": "unknown_programme", "remedy": {"ko": "번호를 고치세요.", "en": "Correct the id."}}
    with pytest.raises(CommandFailed, match="unknown_programme: "):
        crisis.switch_on(client(lambda _: httpx.Response(status, json=refused)), build_parser("crisis").parse_args(ON))
