"""Brings the registry's tables to the version that this code knows: new ones at once, older ones by migrations (Alembic).

A change of a table: change its declaration, add a file in `migrations/versions`, set `HEAD`. A test compares the two.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from streams.adapters import delivery_tables, endpoint_tables, factor_tables, registry_tables as tables

HEAD = "0010"
BEFORE_VERSIONS = "0001"  # registries made before versions were kept have its tables
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 4_715_110_440  # any number, the same in every process


class RegistryTooNew(Exception):
    """A later version of this system made the registry. The message is a sentence for people."""


def declared() -> list[MetaData]:
    """Everything that lies in the registry."""
    return [tables.metadata, delivery_tables.metadata, endpoint_tables.metadata, factor_tables.metadata]


def bring_up(engine: Engine, state_dir: Path) -> None:
    """Make or migrate the tables; of several processes that start together one does it. Raises RegistryTooNew."""
    with _alone(engine, state_dir), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        version = find_version(connection)
        if version == HEAD:
            return
        if version is None and not inspect(connection).has_table(tables.recipients.name):
            for metadata in declared():
                metadata.create_all(connection)
            _stamp(connection, HEAD)
            return
        if version is None:
            delivery_tables.metadata.create_all(connection)  # the API alone never made the outbox's tables
            _stamp(connection, BEFORE_VERSIONS)
        migrate(connection)


def find_version(connection: Connection) -> str | None:
    """None: a new database, or one from before versions were kept."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def migrate(connection: Connection, to: str = "head") -> None:
    """Step by step, all in the caller's transaction: a migration that fails leaves everything as it was."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError as error:
        if "locate revision" in str(error):
            raise RegistryTooNew("the registry was made by a later version of this system; upgrade this one") from None
        raise


def _stamp(connection: Connection, version: str) -> None:
    connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:version)"), {"version": version})


@contextmanager
def _alone(engine: Engine, state_dir: Path) -> Iterator[None]:
    """SQLite's processes are on one machine: a lock file. PostgreSQL locks by itself (in the transaction)."""
    if engine.dialect.name != "sqlite":
        yield
        return
    with (state_dir / ".registry.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
