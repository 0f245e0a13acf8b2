"""`dolbom accounts` on the machine itself, and the first operator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.cli.accounts import first_link
from services.cli.main import main
from streams.adapters.persons import Person
from streams.adapters.registry import open_registry
from streams.adapters.registry_accounts import AccountStore


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    for name, value in {
        "DOLBOM_STATE_DIR": str(tmp_path), "DOLBOM_BOOTSTRAP": "127.0.0.1:1", "LC_ALL": "en_US.UTF-8",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)

    def go(*arguments: str) -> tuple[int, list[str]]:
        code = main(["accounts", *arguments])
        said = capsys.readouterr()
        return code, (said.out + said.err).splitlines()

    return go


def store(tmp_path: Path) -> AccountStore:
    return AccountStore(open_registry("", tmp_path))


def test_an_account_from_beginning_to_end(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, said = run("create", "kim@mapo", "--role", "care_manager", "--district", "11440", "--dong", "1144066000")
    assert code == 0
    link = said[-1].partition("#link=")[2]
    account = store(tmp_path).use_link(link)
    assert account is not None
    assert (account.role, json.loads(account.scope)["dongs"]) == ("care_manager", ["1144066000"])
    assert run("create", "kim@mapo") == (1, ["Another account has this login."])
    code, (line,) = run("list")
    assert "kim@mapo  care_manager  11440,1144066000  -  active" in line
    assert run("revoke", "kim@mapo")[0] == 0
    assert "revoked" in run("list")[1][0]
    link = run("reset", "kim@mapo")[1][-1].partition("#link=")[2]
    assert store(tmp_path).use_link(link) is not None
    assert run("revoke", "nobody") == (1, ["There is no such account."])


def test_a_scope_that_does_not_fit_is_said_by_its_option(run) -> None:  # type: ignore[no-untyped-def]
    code, (said,) = run("create", "kim", "--role", "care_manager", "--district", "11440")
    assert code == 1
    assert "--dong" in said


def test_a_key_is_shown_once(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    key_id, secret = run("create-key", "city", "--district", "11440")[1][-1].split()
    assert store(tmp_path).find_key(secret) is not None
    assert secret not in "".join(run("list-keys")[1])
    assert run("revoke-key", key_id)[0] == 0
    assert store(tmp_path).find_key(secret) is None
    assert run("revoke-everything")[0] == 0


def test_a_recipients_own_log_is_written_out(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    registry = open_registry("", tmp_path)
    registry.put_recipients([Person(recipient_id="R-1", name="김태용")])
    registry.log_read("care_manager:abc", "recipient:R-1", "name,phone", "call")
    registry.log_read("organisation:coop-a", ["R-1", "R-2"], "address", "webhook")
    registry.close()
    lines = [json.loads(line) for line in run("reads", "R-1")[1]]
    assert [(one["actor"], one["fields"], one["why"]) for one in lines] == [
        ("care_manager:abc", ["name", "phone"], "call"), ("organisation:coop-a", ["address"], "webhook"),
    ]  # fmt: skip


def test_the_first_operator_is_made_at_the_first_start_only(tmp_path: Path) -> None:
    environ = {"DOLBOM_STATE_DIR": str(tmp_path)}
    first, again = first_link(environ), first_link(environ)
    assert first is not None
    assert again not in (None, first)
    accounts = store(tmp_path)
    assert [one.login for one in accounts.list_accounts()] == ["operator"]
    assert accounts.use_link(first) is not None
    assert accounts.use_link(first) is not None  # opened in a second browser
    accounts.revoke(accounts.list_accounts()[0].account_id, "test")
    assert first_link(environ) is None


def test_what_a_newcomer_runs_into_is_said(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    open_registry("", tmp_path).close()
    assert run("list") == (0, ["No accounts yet: dolbom accounts create LOGIN"])
    assert run("create", "김 태용") == (1, ["A login has 2 to 100 characters and no spaces."])
    assert run("create", "kim", "--role", "care_manager") == (1, ["The role care_manager needs --district."])
    assert run("create", "kim", "--district", "11440") == (1, ["The role operator takes no --district."])
    code, (what, link) = run("create", "kim")
    assert (code, "sign-in link" in what, "#link=" in link) == (0, True, True)
    monkeypatch.delenv("DOLBOM_STATE_DIR")
    monkeypatch.chdir(tmp_path)
    assert any("Nothing runs here" in line for line in run("create", "kim")[1])


def test_nobody_else_on_the_machine_reads_the_registry(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "registry.db").touch(mode=0o644)  # of an older version
    run("create", "kim")
    kept = [path for path in tmp_path.iterdir() if path.name.startswith(("registry.db", "master"))]
    modes = {path.name: path.stat().st_mode & 0o077 for path in kept}
    assert "registry.db" in modes
    assert set(modes.values()) == {0}
