"""One Redis for one machine. It keeps nothing on disk: everything in it is rebuilt from Kafka."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from deploy.local import needs
from deploy.local.texts import words

CONFIGURATION = """\
bind 127.0.0.1
port {port}
dir "{folder}"
daemonize no
save ""
appendonly no
databases 1
loglevel warning
# a client that reads slowly is cut off before it takes the machine's memory
client-output-buffer-limit pubsub 32mb 8mb 60
"""


class RedisFailed(Exception):
    """The message is a sentence for people."""


def prepare(state_dir: Path, port: int) -> tuple[list[str], str]:
    """Write the configuration under `state_dir/redis`; returns the command and the binary to execute (Debian's
    redis-tools carries the server under another name, and it looks at the command's first word)."""
    binary = needs.find_redis()
    if binary is None:
        raise RedisFailed(words("no_redis"))
    folder = state_dir.resolve() / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "redis.conf"
    configuration.write_text(CONFIGURATION.format(port=port, folder=folder), encoding="utf-8")
    return ["redis-server", str(configuration)], binary


def is_ready(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def wait_ready(port: int, timeout_s: float = 20.0) -> None:
    """Raises RedisFailed when Redis does not answer in time."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if is_ready(port):
            return
        time.sleep(0.02)
    raise RedisFailed(words("no_redis_answer", port=port, s=timeout_s))
