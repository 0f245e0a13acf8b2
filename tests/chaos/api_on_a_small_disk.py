"""`python -m tests.chaos.api_on_a_small_disk`: the API, whose registry has no room left while the file `disk-full` is in its state
folder: SQLite then answers every write that needs a page "database or disk is full"."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from services.api.__main__ import main

FLAG = "disk-full"
NO_LIMIT = 1_073_741_823


def limit(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        full = (Path(os.environ["DOLBOM_STATE_DIR"]) / FLAG).exists()
        connection.exec_driver_sql(f"PRAGMA max_page_count={1 if full else NO_LIMIT}")  # 1: no more than there are


if __name__ == "__main__":
    event.listen(Engine, "begin", limit)
    main()
