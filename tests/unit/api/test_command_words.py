"""`dolbom`: what is wrong around it is one sentence, in the user's language; a look makes nothing; times are Seoul's."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from services.cli.main import main
from streams.adapters.registry import open_registry
from streams.adapters.registry_accounts import AccountStore


@pytest.fixture(autouse=True)
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "DOLBOM_REGISTRY_URL", "DOLBOM_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "LANG": "C.UTF-8", "DOLBOM_STATE_DIR": str(tmp_path), "DOLBOM_BOOTSTRAP": "127.0.0.1:1", "DOLBOM_API_PORT": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    "arguments", [["crisis", "list", "--district", "11440"], ["crisis", "off", "flu", "--district", "11440"],
                  ["crisis", "list", "--district", "11440", "--url", "no address"]],
)  # fmt: skip
def test_an_api_that_is_away_is_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (1, "")
    assert err == "The system does not answer. Is it running (make run), and is --url right?\n"


@pytest.mark.parametrize("arguments", [["replay", "verify"], ["replay", "visit", "v"], ["dead-letters", "list"]])
def test_a_broker_that_is_away_is_one_sentence(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capfd, *arguments)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "Is the system running" in err


@pytest.mark.parametrize(
    ("name", "value"), [("DOLBOM_API_PORT", "abc"), ("DOLBOM_DISTRICTS", "11440"), ("DOLBOM_SOLVER_PROCESSES", "-1")]
)
def test_a_setting_that_cannot_be_read_is_named(
    name: str, value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    code, _, err = said(capsys, "accounts", "list")
    assert (code, err.count("\n")) == (1, 1)
    assert name in err
    assert value in err
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert "쓸 수 없습니다" in said(capsys, "accounts", "list")[2]


@pytest.mark.parametrize(
    "arguments", [["accounts", "list"], ["accounts", "reads", "R-1"], ["webhooks", "log"], ["webhooks", "resend", "a", "b"]]
)
def test_a_look_makes_no_registry(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, *arguments)
    assert (code, out, list(tmp_path.iterdir())) == (1, "", [])
    assert f"There is no registry at {tmp_path / 'registry.db'}." in err


def test_a_registry_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "registry.db").write_bytes(b"this is no database" * 10)
    code, _, err = said(capsys, "accounts", "list")
    assert (code, err.count("\n")) == (1, 1)
    assert str(tmp_path / "registry.db") in err
    monkeypatch.setenv("DOLBOM_REGISTRY_URL", "postgresql://somebody:hidden@127.0.0.1:1/x")
    code, _, err = said(capsys, "accounts", "list")
    assert (code, err.count("\n")) == (1, 1)
    assert "Is the database running" in err
    assert "hidden" not in err
    monkeypatch.setenv("DOLBOM_REGISTRY_URL", "nonsense")
    assert "postgresql://user:password@host/name" in said(capsys, "accounts", "list")[2]


def test_the_wrong_master_key_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    open_registry("", tmp_path).close()
    monkeypatch.setenv("DOLBOM_MASTER_KEY", "no key")
    code, _, err = said(capsys, "webhooks", "log")
    assert (code, err.count("\n")) == (1, 1)
    assert "DOLBOM_MASTER_KEY" in err


def test_nothing_to_show_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_registry("", tmp_path).close()
    assert said(capsys, "webhooks", "log") == (0, "", "Nothing was sent.\n")
    assert said(capsys, "accounts", "list-keys")[2].startswith("No keys yet")
    assert "Check the id." in said(capsys, "accounts", "reads", "R-1")[2]
    code, _, err = said(capsys, "webhooks", "log", "coop-a", "11440-1-0")
    assert (code, "no webhook with that id" in err) == (1, True)
    assert said(capsys, "webhooks", "log", "--limit", "-1")[0] == 2


def test_times_are_seouls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    registry = open_registry("", tmp_path)
    registry.log_read("care_manager:abc", "recipient:R-1", "name", "call")
    AccountStore(registry).make_key("city", "service_key", "{}", "test")
    registry.close()
    assert "+09:00" in said(capsys, "accounts", "reads", "R-1")[1]


def test_a_wrong_seed_is_refused_before_anything_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, "day", "generate", "mapo", "--seed", "-3", "--out", str(tmp_path / "day"))
    assert (code, "0 to 10000000" in err, (tmp_path / "day").exists()) == (2, True, False)


def test_an_unknown_heading_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "visits.csv"
    file.write_text("reference,stairs\n1,2\n", encoding="utf-8")
    code, _, err = said(capsys, "visits", "import", str(file))
    assert code == 1
    assert "visits.csv:1 [2: stairs] The column is unknown." in err


def test_a_refusal_names_the_field_and_what_never_left_was_not_filed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "visits.csv"
    file.write_text(
        "reference,recipient_id,service,dong,lon,lat,window_start_at,window_end_at\n"
        "1,R-1,check_in,1144066000,126.909,37.556,2026-11-03 11:00,2026-11-03 12:00\n", encoding="utf-8",
    )  # fmt: skip
    told = said(capsys, "visits", "import", str(file), "--district", "11440", "--url", "http://127.0.0.1:1")
    assert told == (1, "", "The system does not answer. Is it running (make run), and is --url right?\n")
    refused = {
        "code": "wrong_field",
        "detail": "X-Dolbom-Actor: is not an actor",
        "remedy": {"ko": "고치세요.", "en": "Correct it."},
    }
    answers = httpx.MockTransport(lambda request: httpx.Response(400, json=refused))
    client = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **options: client(**options, transport=answers))
    for arguments in (["visits", "import", str(file), "--district", "11440"], ["crisis", "list", "--district", "11440"]):
        assert said(capsys, *arguments) == (1, "", "wrong_field: Correct it. (X-Dolbom-Actor: is not an actor)\n")
