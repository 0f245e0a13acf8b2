"""The stack's ports: chosen, checked before anything starts, and named with their owner when taken."""

from __future__ import annotations

import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from deploy.local.texts import words


@dataclass(frozen=True)
class Ports:
    """Defaults are outside the range from which Linux takes ports for outgoing connections (32768 and up): a port in
    that range could be lost to some client in the moment in which its server restarts."""

    broker: int = 19092
    controller: int = 19093
    redis: int = 16379
    api: int = 8080
    world: int = 18090


SAYING_KEYS = ("PORT_BASE", *(f"{f.name.upper()}_PORT" for f in fields(Ports)))


class PortTaken(Exception):
    """The message is a sentence for people."""


def ports_from(environ: Mapping[str, str]) -> Ports:
    """`PORT_BASE` puts all five in a row from it; `BROKER_PORT`, `API_PORT`, ... say one. Empty counts as not said."""
    ports = Ports()
    if environ.get("PORT_BASE"):
        base = _number(environ, "PORT_BASE")
        ports = Ports(*range(base, base + len(fields(Ports))))
    said = {f.name: _number(environ, key) for f in fields(Ports) if environ.get(key := f"{f.name.upper()}_PORT")}
    ports = replace(ports, **said)
    numbers = [getattr(ports, f.name) for f in fields(Ports)]
    if len(set(numbers)) < len(numbers):
        raise PortTaken(words("ports_same", numbers=numbers))
    return ports


def _number(environ: Mapping[str, str], key: str) -> int:
    text = environ[key]
    if not text.isdigit() or not 1024 <= int(text) <= 65_000:
        raise PortTaken(words("port_wrong", name=key, text=text))
    return int(text)


def free_ports() -> Ports:
    """Five free ports, random so that two stacks started together do not meet."""
    chooser = random.SystemRandom()
    while True:
        base = chooser.randrange(20_000, 32_000)
        ports = Ports(*range(base, base + len(fields(Ports))))
        if not any(is_taken(getattr(ports, f.name)) for f in fields(Ports)):
            return ports


def is_taken(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
            trial.listen(1)
        except OSError:
            return True
    return False


def owner_of(port: int) -> str | None:
    """Who listens on the port, as far as this user may see: "redis-server (process 123)"."""
    import psutil

    try:
        connections = psutil.net_connections("tcp")
    except (psutil.Error, OSError):
        return None
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            try:
                return words("port_owner", name=psutil.Process(connection.pid).name(), pid=connection.pid)
            except psutil.Error:
                return words("port_owner_unnamed", pid=connection.pid)
    return None


def check_ports(ports: Ports, skip: frozenset[str] = frozenset()) -> None:
    """Raises PortTaken that names every taken port, its owner if known, and the way to choose another."""
    said = []
    for f in fields(Ports):
        port = getattr(ports, f.name)
        if f.name not in skip and is_taken(port):
            owner = owner_of(port) or words("port_owner_unknown")
            said.append(words("port_taken", port=port, name=f.name, owner=owner, variable=f"{f.name.upper()}_PORT"))
    if said:
        raise PortTaken("\n".join([*said, words("ports_move")]))
