"""Ports: chosen by one number or one by one, and named with their owner when taken."""

from __future__ import annotations

import os
import socket

import pytest

from deploy.local.ports import Ports, PortTaken, check_ports, free_ports, owner_of, ports_from
from deploy.local.run import choose_ports


def test_the_defaults_keep_away_from_other_peoples_kafka_and_redis() -> None:
    assert ports_from({"API_PORT": ""}) == Ports(19092, 19093, 16379, 8080, 18090)


def test_a_base_moves_all_and_one_port_can_be_said() -> None:
    assert ports_from({"PORT_BASE": "21000", "API_PORT": "8081"}) == Ports(21000, 21001, 21002, 8081, 21004)


@pytest.mark.parametrize("environ", [{"API_PORT": "web"}, {"PORT_BASE": "80"}, {"API_PORT": "19092"}])
def test_a_port_that_cannot_be_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(PortTaken):
        ports_from(environ)


def test_a_taken_port_is_named_with_its_owner_and_the_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        free = free_ports()
        ports = Ports(free.broker, free.controller, free.redis, port, free.world)
        assert f"process {os.getpid()}" in (owner_of(port) or "")
        with pytest.raises(PortTaken) as refused:
            check_ports(ports)
    said = str(refused.value)
    assert f"port {port} (api) is taken by" in said
    assert f"process {os.getpid()}" in said
    assert "API_PORT=" in said
    assert "PORT_BASE=20000" in said


def test_headless_takes_free_ports_unless_told_others() -> None:
    assert choose_ports(True, {"PORT_BASE": "21000"}) == Ports(21000, 21001, 21002, 21003, 21004)
    assert choose_ports(False, {}) == Ports()
    assert choose_ports(True, {}) != Ports()
