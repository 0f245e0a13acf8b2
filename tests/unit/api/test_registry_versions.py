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
from streams.adapters.deliveries import DeliveryStore
from streams.adapters.positions import Position, PositionMoved
from streams.adapters.registry import Person, open_registry
from streams.adapters.registry_engine import make_engine


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
