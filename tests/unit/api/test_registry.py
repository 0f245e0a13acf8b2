"""The registry keeps people's data sealed, forgets whom it must, and is shared by several processes."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import DatabaseError

from streams.adapters.persons import Kin, Person, WorkerPerson
from streams.adapters.registry import Home, Registry, open_registry
from streams.adapters.vault import Vault, VaultError, make_secret_file, open_vault

KIM = Person(
    recipient_id="R-1", name="김태용", phone="010-1234-5678", address="서울특별시 마포구 서교동 123-4",
    door_code="1357*", note="귀가 어두우심", kin=(Kin("김철수", "010-9876-5432"),),
)  # fmt: skip


def every_byte(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def every_row(registry: Registry) -> bytes:
    """All that the database holds, as bytes."""
    held = b""
    with registry.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                held += b"".join(one if isinstance(one, bytes) else str(one).encode() for one in row)
    return held


def test_a_person_comes_back_whole(registry: Registry) -> None:
    registry.put_recipients([KIM])
    assert registry.find_person("R-1") == KIM
    assert registry.find_person("R-2") is None


def test_nothing_of_a_person_is_in_the_clear(registry: Registry, tmp_path: Path) -> None:
    registry.put_recipients([KIM])
    registry.put_workers([WorkerPerson(worker_id="W-1", name="박라이더", phone="010-5555-4444")])
    registry.set_endpoint("coop-a", "http://127.0.0.1:9/hook")
    registry.store_dead_letter("d-1", "안녕 김태용".encode())
    held = every_byte(tmp_path) + every_row(registry)
    for text in ("김태용", "1234-5678", "서교동", "1357*", "귀가", "김철수", "박라이더", "5555-4444", "whsec_"):
        assert text.encode() not in held


def test_names_are_masked_and_reads_are_logged(registry: Registry) -> None:
    registry.put_recipients([KIM])
    registry.put_workers([WorkerPerson(worker_id="W-1", name="박 라이더")])
    assert registry.masked_names(["R-1", "nobody"]) == {"R-1": "김*용"}
    assert registry.masked_names(["W-1"], "worker") == {"W-1": "박***더"}
    registry.log_read("care_manager:1144066000", ["R-1"], ("name",), "board")
    with registry.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT actor, subject, fields, why FROM access_log").one()
    assert tuple(row) == ("care_manager:1144066000", "R-1", "name", "board")


@pytest.mark.parametrize(
    "statement", ["UPDATE access_log SET actor = 'x'", "DELETE FROM access_log", "TRUNCATE access_log"]
)
def test_the_access_log_is_append_only(registry: Registry, statement: str) -> None:
    registry.log_read("operator", "R-1", "name", "board")
    with pytest.raises(DatabaseError), registry.engine.begin() as connection:  # SQLite knows no TRUNCATE: refused too
        connection.exec_driver_sql(statement)
    with registry.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT actor FROM access_log").scalars().all() == ["operator"]


def test_erasing_destroys_the_key(registry: Registry) -> None:
    registry.put_recipients([KIM])
    with registry.engine.connect() as connection:
        (wrapped,) = connection.exec_driver_sql("SELECT wrapped FROM vault_keys").scalars()
    assert bytes(wrapped) in every_row(registry)
    assert registry.erase_recipient("R-1")
    assert not registry.erase_recipient("R-9")
    assert bytes(wrapped) not in every_row(registry)
    person = registry.find_person("R-1")
    assert person is not None
    assert person.erased
    assert person.name == "erased"
    assert registry.masked_names(["R-1"]) == {"R-1": "erased"}
    registry.put_recipients([KIM])  # she came back and consented again: a new key
    assert registry.find_person("R-1") == KIM


def test_an_erased_key_is_in_no_file_either(tmp_path: Path) -> None:
    registry = open_registry("", tmp_path, environ={})
    registry.put_recipients([KIM])
    with sqlite3.connect(tmp_path / "registry.db") as plain:
        (wrapped,) = plain.execute("SELECT wrapped FROM vault_keys").fetchone()
    assert wrapped in every_byte(tmp_path)
    registry.erase_recipient("R-1")
    assert wrapped not in every_byte(tmp_path)
    registry.close()


def test_an_endpoint_keeps_its_secrets_when_its_address_changes(registry: Registry) -> None:
    first = registry.set_endpoint("coop-a", "http://127.0.0.1:1/hook")
    registry.endpoints.disable("coop-a")
    assert registry.get_endpoint("coop-a").disabled
    second = registry.set_endpoint("coop-a", "http://127.0.0.1:2/hook")
    assert (second.secret_in, second.secret_out) == (first.secret_in, first.secret_out)
    assert second.secret_in != second.secret_out
    assert not second.disabled
    assert registry.find_endpoint("coop-b") is None


def test_a_webhook_is_remembered_with_its_first_hash(registry: Registry) -> None:
    assert registry.find_webhook("coop-a", "msg_1") is None
    assert registry.remember_webhook("coop-a", "msg_1", "aa")
    assert not registry.remember_webhook("coop-a", "msg_1", "bb")
    assert registry.remember_webhook("coop-b", "msg_1", "cc")
    assert registry.find_webhook("coop-a", "msg_1") == "aa"


def test_dead_letters_come_back(registry: Registry) -> None:
    registry.store_dead_letter("d-1", b"\xff\x00")
    registry.store_dead_letter("d-1", b"another")
    assert registry.load_dead_letter("d-1") == b"\xff\x00"
    with pytest.raises(KeyError):
        registry.load_dead_letter("d-2")


def test_the_roster_knows_where_reports_go(registry: Registry) -> None:
    registry.put_roster("11440", ["coop-a", "kitchen-a"], {"W-1": "coop-a"}, {"K-1": "kitchen-a"})
    registry.put_roster("11410", ["coop-a"], {}, {})
    homes = registry.list_roster()
    assert homes["worker", "W-1"] == [Home("11440", "coop-a")]
    assert homes["organisation", "coop-a"] == [Home("11410", "coop-a"), Home("11440", "coop-a")]
    registry.put_roster("11440", ["coop-b"], {}, {})
    assert ("worker", "W-1") not in registry.list_roster()


def _write_some(registry_url: str, folder: str, first: int) -> None:
    registry = open_registry(registry_url, Path(folder), environ={})
    for number in range(first, first + 40):
        registry.put_recipients([Person(recipient_id=f"R-{number}", name="이몽룡")])
        registry.put_workers([WorkerPerson(worker_id=f"W-{number - first}", name="성춘향")])  # all want the same
        registry.remember_webhook("coop-a", f"msg_{number}", "aa")
    registry.close()


def test_several_processes_start_and_write_at_once(registry_url: str, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write_some, args=(registry_url, str(tmp_path), first)) for first in (0, 1000, 2000)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    registry = open_registry(registry_url, tmp_path, environ={})
    ids = [f"R-{first + n}" for first in (0, 1000, 2000) for n in range(40)]
    assert len(registry.masked_names(ids)) == 120
    assert set(registry.masked_names([f"W-{n}" for n in range(40)], "worker").values()) == {"성*향"}
    registry.close()


def test_secrets_are_files_that_only_the_owner_reads(tmp_path: Path) -> None:
    open_vault(tmp_path, environ={})
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
    assert make_secret_file(tmp_path / "token", "one") == "one"
    assert make_secret_file(tmp_path / "token", "two") == "one"
    assert {path.name for path in tmp_path.iterdir()} == {"master.key", "token"}


def test_a_master_key_from_the_environment_wins(tmp_path: Path) -> None:
    vault = open_vault(tmp_path, environ={"DOLBOM_MASTER_KEY": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="})
    assert not list(tmp_path.iterdir())
    key = vault.new_key("recipient:R-1")
    sealed = vault.seal(key, "recipient:R-1", b"x")
    assert Vault(b"A" * 32).unseal(key, "recipient:R-1", sealed) == b"x"
    for bad in ("short", "!!!"):
        with pytest.raises(VaultError):
            open_vault(tmp_path, environ={"DOLBOM_MASTER_KEY": bad})


def test_sealed_bytes_open_only_in_their_own_row(tmp_path: Path) -> None:
    vault = open_vault(tmp_path, environ={})
    key = vault.new_key("recipient:R-1")
    sealed = vault.seal(key, "recipient:R-1", b"x")
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for attempt in (("recipient:R-2", sealed), ("recipient:R-1", altered), ("recipient:R-1", b"")):
        with pytest.raises(VaultError):
            vault.unseal(key, *attempt)
