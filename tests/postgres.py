"""A PostgreSQL server of the tests' own, from the system's package: a free port, a folder that goes with it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from deploy.local import needs

READY_WITHIN_S = 60.0
SETTINGS = {
    "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "synchronous_commit": "off",
    "full_page_writes": "off", "shared_buffers": "16MB", "max_connections": "60", "log_min_messages": "warning",
}  # fmt: skip


class PostgresServer:
    """`start()`, `stop()`; `new_url()` is an empty database for one test. As root it runs as another user, as it must."""

    def __init__(self) -> None:
        found = needs.find_postgres()
        assert found is not None, "no PostgreSQL is there; run: make setup-dev"
        self._bin = Path(found).parent
        self._folder = Path(tempfile.mkdtemp(prefix="dolbom-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self.port = 0
        self._user: pwd.struct_passwd | None = None
        if os.geteuid() == 0:
            names = {one.pw_name: one for one in pwd.getpwall()}
            self._user = names.get("postgres") or names["nobody"]
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)

    def start(self) -> None:
        if not (self._folder / "data").exists():
            initdb = [
                str(self._bin / "initdb"), "-D", str(self._folder / "data"), "-U", "dolbom", "--auth=trust", "--no-sync",
                "--encoding=UTF8", "--locale=C",
            ]  # fmt: skip
            subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **self._as_user())  # type: ignore[call-overload]
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        command = [str(self._bin / "postgres"), "-D", str(self._folder / "data"), "-p", str(self.port)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **self._as_user())  # type: ignore[call-overload]
        self._wait_ready()

    def stop(self, number: int = signal.SIGQUIT) -> None:
        """SIGQUIT: at once, as in a crash; what was committed is there at the next start."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_url(self) -> str:
        """An empty database: a schema of its own, which is as good and comes at once."""
        import psycopg

        self._databases += 1
        name = f"test_{self._databases}"
        with psycopg.connect(f"{self._base}", autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")  # type: ignore[call-overload]
        return f"{self._base}?options=-csearch_path%3D{name}"

    @property
    def _base(self) -> str:
        return f"postgresql://dolbom@127.0.0.1:{self.port}/postgres"

    def _as_user(self) -> dict[str, object]:
        if self._user is None:
            return {"cwd": self._folder}
        return {"cwd": self._folder, "user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _wait_ready(self) -> None:
        import psycopg

        end = time.monotonic() + READY_WITHIN_S
        while True:
            try:
                psycopg.connect(self._base, connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                assert self._process is not None
                assert self._process.poll() is None, (self._folder / "log").read_text(errors="replace")[-2000:]
                assert time.monotonic() < end, "PostgreSQL does not answer"
                time.sleep(0.05)
