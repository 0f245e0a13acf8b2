"""The registry's database engine: SQLite in WAL mode for one machine, PostgreSQL by URL for more; one behaviour."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

BUSY_TIMEOUT_MS = 5_000  # a writer holds the file for a few ms; 5 s is beyond any queue of ours
CONNECT_TIMEOUT_S = 5
LOCK_TIMEOUT_MS = 5_000  # as on SQLite: whoever waits longer is told that the registry is away
ROWS_AT_ONCE = 500  # SQLite takes 32,766 values in a statement
POOL = 10  # a process calls from a few threads; PostgreSQL has 100 connections for all processes together


def make_engine(url: str, state_dir: Path) -> Engine:
    """`url` empty: a SQLite file in `state_dir`. `postgresql://…` is spoken by psycopg 3."""
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.partition("://")[2]
    if url.startswith("postgresql"):
        engine = create_engine(
            url, pool_size=POOL, max_overflow=POOL, pool_pre_ping=True,  # a server that restarted costs nobody an error
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_S, "application_name": "dolbom",
                "options": _options(url, f"-c lock_timeout={LOCK_TIMEOUT_MS}"),
            },
        )  # fmt: skip
        return engine
    url = url or f"sqlite:///{state_dir / 'registry.db'}"
    _keep_to_oneself(url)
    engine = create_engine(url)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _keep_to_oneself(url: str) -> None:
    """The database file is its owner's alone from its first byte on; SQLite gives its log files the same mode."""
    file = make_url(url).database
    if file and file != ":memory:" and not file.startswith("file:"):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        with contextlib.suppress(PermissionError):  # somebody else's: SQLite will say what it may not
            os.chmod(file, 0o600)


def upsert(
    connection: Connection, table: Table, key: Sequence[str], rows: list[dict[str, Any]], keep: bool = False
) -> int:
    """Insert rows; where the key is there, replace (or keep, with `keep`). Returns the rows written."""
    if not rows:
        return 0
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    last = list({tuple(row[name] for name in key): row for row in rows}.values())  # PostgreSQL refuses a key twice
    written = 0
    for start in range(0, len(last), ROWS_AT_ONCE):
        statement = dialect.insert(table).values(last[start : start + ROWS_AT_ONCE])
        if keep:
            statement = statement.on_conflict_do_nothing(index_elements=key)
        else:
            changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
            statement = statement.on_conflict_do_update(index_elements=key, set_=changed)
        written += connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
    return written


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert the rows whose key is not there. One statement for any number of rows, drawn up once: for what comes by the
    hundred in a second."""
    if rows:
        dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)


def _options(url: str, ours: str) -> str:
    """Ours beside what the URL says: psycopg takes the argument instead of the URL's."""
    said = make_url(url).query.get("options", "")
    return f"{said if isinstance(said, str) else ' '.join(said)} {ours}".strip()


def _set_up_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON",
    ):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once (not after the busy timeout) if another process
    # wrote in between; taking the write lock at the start makes it wait its turn instead.
    reads = connection.get_execution_options().get("dolbom_read", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
