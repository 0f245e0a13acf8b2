"""The real broker and Redis under the supervisor: killed, back on the same data, and nothing left at the end."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from deploy.local import broker, redis
from deploy.local.ports import check_ports
from deploy.local.setup import KAFKA_CLASSES, KAFKA_LIBS
from deploy.local.stack import Stack
from streams.topics import JOURNAL

pytestmark = pytest.mark.broker


def loaded_from_archive(archive: Path) -> bool:
    """Whether Java takes a class of Kafka's from there; it says so itself."""
    java, *shared = broker.java_command(archive)
    command = [java, *shared, "-Xlog:class+load", *broker.CLASSES, "kafka.tools.StorageTool", "random-uuid"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    (line,) = [one for one in said.splitlines() if "org.apache.kafka.common.Uuid source:" in one]
    return "shared objects file" in line


@pytest.mark.skipif(KAFKA_LIBS.parent.is_symlink(), reason="this checkout borrows another's jars: their classes are kept for there")
def test_the_broker_starts_with_the_classes_that_set_up_kept() -> None:
    assert loaded_from_archive(KAFKA_CLASSES)


@pytest.mark.parametrize("spoilt", ["not there", "empty", "of another Java"])
def test_java_goes_on_without_kept_classes_that_it_cannot_use(spoilt: str, tmp_path: Path) -> None:
    archive = tmp_path / "classes.jsa"
    if spoilt != "not there":
        archive.write_bytes(b"" if spoilt == "empty" else b"\xf0\x0b" + bytes(100_000))
    assert not loaded_from_archive(archive)


def test_a_killed_broker_comes_back_with_its_records_and_the_end_leaves_nothing(tmp_path: Path) -> None:
    from kafka import KafkaConsumer, KafkaProducer
    from kafka.structs import TopicPartition

    stack = Stack(tmp_path / "state", processes=[])
    with stack:
        producer = KafkaProducer(bootstrap_servers=stack.bootstrap)
        producer.send(JOURNAL, b"before", partition=0).get(timeout=20)
        producer.close()

        old = stack.kill("broker")
        stack.wait_restarted("broker", old)
        broker.wait_ready(stack.ports.broker)
        consumer = KafkaConsumer(bootstrap_servers=stack.bootstrap, auto_offset_reset="earliest")
        consumer.assign([TopicPartition(JOURNAL, 0)])
        consumer.seek(TopicPartition(JOURNAL, 0), 0)
        records = consumer.poll(timeout_ms=20_000)
        consumer.close()
        assert [record.value for batch in records.values() for record in batch] == [b"before"]

        old = stack.kill("redis")
        stack.wait_restarted("redis", old)
        redis.wait_ready(stack.ports.redis)
        pids = list(stack.pids.values())
    assert len(pids) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    check_ports(stack.ports)  # raises when one is still taken
