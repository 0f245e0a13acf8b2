"""An older registry comes up to today's tables with everything in it, on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from streams.adapters import registry_schema as schema
from streams.adapters.deliveries import Attempt, DeliveryStore
from streams.adapters.delivery_log import DeliveryLog
from streams.adapters.persons import Person
from streams.adapters.positions import Position, PositionMoved
from streams.adapters.registry import open_registry
from streams.adapters.registry_engine import make_engine
from streams.adapters.vault import open_vault
from streams.adapters.webhook_bodies import Outgoing


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres").new_url())


def differences(engine: Engine) -> list[object]:
    """What the database has otherwise than the declarations say."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        # alembic takes one MetaData or several
        return compare_metadata(context, schema.declared())  # type: ignore[arg-type]


def test_head_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


def test_the_migrations_lead_to_what_is_declared(url: str, tmp_path: Path) -> None:
    engine = make_engine(url, tmp_path)
    with engine.begin() as connection:
        schema.migrate(connection)
    assert differences(engine) == [], "declare, write a migration, set HEAD (registry_schema.py)"
    engine.dispose()


def test_a_new_registry_is_what_is_declared(url: str, tmp_path: Path) -> None:
    registry = open_registry(url, tmp_path, environ={})
    assert differences(registry.engine) == []
    with registry.engine.connect() as connection:
        assert schema.find_version(connection) == schema.HEAD
    registry.close()


def test_a_registry_from_before_versions_keeps_what_it_has(url: str, tmp_path: Path) -> None:
    engine = make_engine(url, tmp_path)
    with engine.begin() as connection:
        schema.migrate(connection, schema.BEFORE_VERSIONS)
        connection.execute(text("DROP TABLE alembic_version"))
        connection.execute(text("INSERT INTO access_log (at, actor, subject, fields, why) VALUES (1, 'a', 'R-1', 'name', 'w')"))
        connection.execute(text("INSERT INTO recipients (recipient_id, erased) VALUES ('R-0', :yes)"), {"yes": True})
    engine.dispose()
    registry = open_registry(url, tmp_path, environ={})
    assert differences(registry.engine) == []
    registry.put_recipients([Person(recipient_id="R-1", name="김태용")])
    erased = registry.find_person("R-0")
    assert erased is not None
    assert erased.erased
    with registry.engine.connect() as connection:
        assert connection.execute(text("SELECT subject FROM access_log")).scalars().all() == ["R-1"]
    registry.close()


def test_a_later_registry_is_refused_with_a_sentence(url: str, tmp_path: Path) -> None:
    registry = open_registry(url, tmp_path, environ={})
    with registry.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    registry.close()
    with pytest.raises(schema.RegistryTooNew, match="later version"):
        open_registry(url, tmp_path, environ={})


def test_a_position_moves_for_one_of_two_writers(url: str, tmp_path: Path) -> None:
    registry = open_registry(url, tmp_path, environ={})
    one, other = DeliveryStore(registry.engine), DeliveryStore(registry.engine)
    first, second = Position(1, "a"), Position(2, "b")
    one.keep_position("outbox", 0, None, first)
    with pytest.raises(PositionMoved):
        other.keep_position("outbox", 0, None, first)
    other.keep_position("outbox", 0, first, second)
    with pytest.raises(PositionMoved):
        one.keep_position("outbox", 0, first, second)
    assert one.find_position("outbox", 0) == second
    registry.close()


def test_an_endpoint_and_what_waits_for_it_come_along(url: str, tmp_path: Path) -> None:
    vault = open_vault(tmp_path, environ={})
    subject = "organisation:coop"
    key = vault.new_key(subject)
    engine = make_engine(url, tmp_path)
    with engine.begin() as connection:
        schema.migrate(connection, "0003")
        connection.execute(text("INSERT INTO vault_keys (subject, wrapped) VALUES (:s, :k)"), {"s": subject, "k": key})
        connection.execute(
            text("INSERT INTO endpoints (organisation, url, secret_out, secret_in, disabled) VALUES ('coop', 'u', :o, :i, :no)"),
            {"o": vault.seal(key, subject, b"whsec_b3V0"), "i": vault.seal(key, subject, b"whsec_aW4="), "no": False},
        )
        connection.execute(
            text(
                "INSERT INTO deliveries (effect_id, organisation, partition, journal_offset, effect_index, district, type, body, "
                "order_keys, recipient_id, status, attempts, due_at, answer) VALUES ('11440-5-0', 'coop', 0, 5, 0, '11440', "
                "'offer.made', :body, :keys, '', 'pending', 1, 7, '503')"
            ),
            {"body": b"{}", "keys": b'["o1"]'},
        )
    engine.dispose()
    registry = open_registry(url, tmp_path, environ={})
    endpoint = registry.get_endpoint("coop")
    assert (endpoint.url, endpoint.secret_out, endpoint.secret_in, endpoint.disabled) == ("u", "whsec_b3V0", "whsec_aW4=", False)
    (waiting,) = DeliveryStore(registry.engine).load_pending(0)
    assert (waiting.outgoing.effect_id, waiting.endpoint, waiting.attempts) == ("11440-5-0", "main", 1)
    assert differences(registry.engine) == []
    registry.close()


def test_what_is_asked_for_again_is_taken_up_once(url: str, tmp_path: Path) -> None:
    registry = open_registry(url, tmp_path, environ={})
    store, log = DeliveryStore(registry.engine), DeliveryLog(registry)
    made = Outgoing(
        effect_id="11440-5-0", journal_offset=5, index=0, district="11440", organisation="coop", type="offer.made", body=b"{}",
        keys=("o1",),
    )  # fmt: skip
    (delivery,) = store.store(0, None, Position(6, "a"), [made], [], {})
    delivery.status, delivery.attempts, delivery.answer = "given_up", 7, "503"
    store.record_attempts([(delivery, Attempt(attempt=7, at=1.0, answer="503", latency_ms=3))])
    assert store.take_again(0) == []
    assert log.resend("coop", "11440-5-0") == 1
    assert [one.attempts for one in store.take_again(0)] == [0]
    assert store.take_again(0) == []
    (logged,) = log.list("coop", status="pending")
    assert (logged.effect_id, logged.endpoint) == ("11440-5-0", "main")
    assert [(one.attempt, one.answer, one.latency_ms) for one in log.attempts("coop", "11440-5-0")] == [(7, "503", 3)]
    registry.close()
