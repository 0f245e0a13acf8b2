"""Fixtures of all tests: `stores` is the real broker and Redis of the session, emptied for each test that asks; what a test
tells (offsets at a kill, steps run) is printed at the end, also when all goes well and from whichever lane it comes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import PostgresServer
from tests.stack import Stores

# English whoever's terminal this is; a test of another language sets DOLBOM_LANG, or these, itself.
os.environ.pop("DOLBOM_LANG", None)
os.environ["LC_ALL"] = "C.UTF-8"


@pytest.fixture(scope="session")
def session_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    from deploy.local.stack import Stack

    with Stack(tmp_path_factory.mktemp("stores"), processes=[]) as stack:
        yield Stores(stack)


@pytest.fixture
def stores(session_stores: Stores) -> Iterator[Stores]:
    """Empty logs, empty Redis; the workers a test starts end with it."""
    session_stores.fresh()
    yield session_stores
    session_stores.end_workers()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A state folder of the test's own."""
    path = tmp_path / "state"
    path.mkdir()
    return path


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Says a line that is to be read also when the test passes."""
    return lambda line: record_property("told", line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reports in list(terminalreporter.stats.values()):
        for report in reports:
            lines = [str(value) for name, value in getattr(report, "user_properties", ()) if name == "told"]
            if lines and getattr(report, "when", "") == "call":
                terminalreporter.write_line(f"{report.nodeid}:")
                for line in lines:
                    terminalreporter.write_line(f"  {line}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL for the session; each test takes an empty database of it (`new_url`)."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()
